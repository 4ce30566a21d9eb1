//! Diffs as they are drawn, wide and narrow, in signs and in words.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::Colour;
use crate::wrap::line_width;

const EDIT: &str = "\
@@ -9,7 +9,8 @@
 fn main() {
 \tlet clock = Clock::new();
-    let now = clock.now();
+    let now = clock.unix();
+    let soon = clock.unix() + i64::try_from(patience.as_secs()).unwrap_or(i64::MAX); // one line that is long
     run(now);
 }
\u{20}
@@ -98,2 +99,1 @@ fn end
 x
-y
\\ No newline at end of file
";

fn drawn(file: &FileDiff, width: u16, form: Form) -> String {
    let look = Look { colour: Colour::None, form };
    let mut lines = wrap::wrap(&file.header(look), width, &Indent::none());
    lines.extend(file.body(look, width, usize::MAX).lines);
    for line in &lines {
        assert!(line_width(line) <= usize::from(width), "{line}");
    }
    lines.iter().map(|line| line.to_string().trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn everywhere(file: &FileDiff) -> String {
    format!(
        "{}\n=== 40\n{}\n=== words\n{}",
        drawn(file, 80, Form::Drawn),
        drawn(file, 40, Form::Drawn),
        drawn(file, 80, Form::Words)
    )
}

#[test]
fn an_edit() {
    assert_snapshot!(everywhere(&FileDiff::new("src/main.rs", Change::Edited, EDIT)), @"
    Edited src/main.rs (+2 −2)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     let soon = clock.unix() + i64::try_from(patience.as_secs()).unwrap_or
           (i64::MAX); // one line that is long
      13       run(now);
      14   }
      15
       ⋮
      99   x
      99 - y
      (no newline at the end)
    === 40
    Edited src/main.rs (+2 −2)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     let soon = clock.unix() + i64
           ::try_from(patience.as_secs()).un
           wrap_or(i64::MAX); // one line th
           at is long
      13       run(now);
      14   }
      15
       ⋮
      99   x
      99 - y
      (no newline at the end)
    === words
    Edited src/main.rs: 2 lines added, 2 lines removed.
    Unchanged lines are left out.
    Line 9: fn main() {
    Line 10:     let clock = Clock::new();
    Line 11 removed:     let now = clock.now();
    Line 11 added:     let now = clock.unix();
    Line 12 added:     let soon = clock.unix() + i64::try_from(patience.as_secs()).u
    nwrap_or(i64::MAX); // one line that is long
    Line 13:     run(now);
    Line 14: }
    Line 15:
    Unchanged lines are left out.
    Line 99: x
    Line 99 removed: y
      (no newline at the end)
    ");
}

#[test]
fn a_file_that_comes_and_one_that_goes() {
    let added = FileDiff::new("notes.txt", Change::Added, "one\r\n\ttwo\u{1b}[31m\n");
    assert_snapshot!(drawn(&added, 40, Form::Drawn), @"
    Added notes.txt (+2 −0)
      1 + one
      2 +     two[31m
    ");
    let deleted = FileDiff::new("notes.txt", Change::Deleted, "one\n");
    assert_snapshot!(drawn(&deleted, 40, Form::Words), @"
    Deleted notes.txt: 0 lines added, 1 line
    removed.
    Line 1 removed: one
    ");
    let moved = FileDiff::new("a", Change::Moved { to: "b/a".to_owned() }, "");
    assert_snapshot!(drawn(&moved, 40, Form::Drawn), @"Moved a to b/a (+0 −0)");
}

#[test]
fn long_unchanged_stretches_are_left_out() {
    let kept: String = (0..20).map(|number| format!(" line {number}\n")).collect();
    let file = FileDiff::new("a", Change::Edited, &format!("@@ -1,21 +1,21 @@\n-x\n+y\n{kept}-u\n+v\n"));
    assert_snapshot!(drawn(&file, 40, Form::Drawn), @"
    Edited a (+2 −2)
       1 - x
       1 + y
       2   line 0
       3   line 1
       4   line 2
       ⋮ 14 unchanged lines
      19   line 17
      20   line 18
      21   line 19
      22 - u
      22 + v
    ");
}

#[test]
fn only_so_many_lines_are_laid_out() {
    let file = FileDiff::new("a", Change::Added, &"x\n".repeat(1_000));
    let body = file.body(Look::FULL, 80, 10);
    assert_eq!((body.lines.len(), body.left_out), (10, 990));
}

#[test]
fn what_git_prints() {
    let text = "\
diff --git a/src/a b.rs b/src/a b.rs
index 1..2 100644
--- a/src/a b.rs\t
+++ b/src/a b.rs\t
@@ -1 +1 @@
-diff --git a/x b/x
+--- b
diff --git a/new.txt b/new.txt
new file mode 100644
index 0..1
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+hello
\\ No newline at end of file
diff --git a/old.txt b/old.txt
deleted file mode 100644
--- a/old.txt
+++ /dev/null
@@ -1 +0,0 @@
-hello
diff --git a/here b/there
similarity index 100%
rename from here
rename to there
diff --git a/logo.png b/logo.png
index 1..2 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/run b/run
old mode 100644
new mode 100755
";
    let files = FileDiff::of_git(text);
    let all: Vec<String> = files.iter().map(|file| drawn(file, 60, Form::Drawn)).collect();
    assert_snapshot!(all.join("\n"), @"
    Edited src/a b.rs (+1 −1)
      1 - diff --git a/x b/x
      1 + --- b
    Added new.txt (+1 −0)
      1 + hello
      (no newline at the end)
    Deleted old.txt (+0 −1)
      1 - hello
    Moved here to there (+0 −0)
    Edited logo.png (+0 −0)
      Binary files a/logo.png and b/logo.png differ
    Edited run (+0 −0)
      old mode 100644
      new mode 100755
    ");
    assert_eq!(FileDiff::of_git(""), []);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_too_strange(text in "(@@ -[0-9,]{1,4} \\+[0-9]{0,3} @@|[-+ \\\\]|diff --git |\\PC{0,20}|\n){0,30}", width in 1_u16..60) {
        for file in FileDiff::of_git(&text).into_iter().chain([FileDiff::new("p", Change::Edited, &text)]) {
            drawn(&file, width, Form::Drawn);
            drawn(&file, width, Form::Words);
        }
    }
}
