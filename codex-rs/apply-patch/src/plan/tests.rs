//! Patches laid over files in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::*;
use crate::parse;

type Disk = BTreeMap<PathBuf, Vec<u8>>;

fn disk(files: &[(&str, &str)]) -> Disk {
    files.iter().map(|(path, text)| (Path::new("/w").join(path), text.as_bytes().to_vec())).collect()
}

fn planned(files: &[(&str, &str)], body: &str) -> Result<Plan, PlanError> {
    let patch = parse(&format!("*** Begin Patch\n{body}\n*** End Patch\n")).unwrap();
    let disk = disk(files);
    plan(&patch, Path::new("/w"), |path| match path.to_str() {
        Some("/w/folder") => Err("it is a folder"),
        _ => Ok(disk.get(path).cloned()),
    })
}

/// Lays hunks over the one file `a`.
#[track_caller]
fn check(before: &str, hunks: &str, after: &str) {
    let plan = planned(&[("a", before)], &format!("*** Update File: a\n{hunks}"))
        .unwrap_or_else(|error| panic!("{error}"));
    let bytes = plan.changes[0].after.clone().unwrap();
    assert_eq!(str::from_utf8(&bytes).unwrap(), after, "{before:?}\n{hunks}");
}

#[test]
fn lines_are_kept_removed_and_added() {
    check("a\nb\nc\n", " a\n-b\n+B\n c", "a\nB\nc\n");
    check("a\nb\nc\n", "-a\n@@\n-c", "b\n");
    check("a\nb\n", " a\n+x\n+y", "a\nx\ny\nb\n");
    check("a\n", "-a", "");
    check("", "+a", "a\n");
    check("a\n", "+z", "a\nz\n");
    check("a\nb\n", "+z\n*** End of File", "a\nb\nz\n");
    check("x\nfoo\nx\nfoo\n", "@@\n-foo\n+1\n@@\n-foo\n+2", "x\n1\nx\n2\n");
}

#[test]
fn an_anchor_narrows_the_search() {
    let file = "class A\n  def f\n    1\nclass B\n  def f\n    1\n";
    check(file, "@@ class B\n-    1\n+    2", "class A\n  def f\n    1\nclass B\n  def f\n    2\n");
    check(
        file,
        "@@ class B\n@@   def f\n-    1\n+    2",
        "class A\n  def f\n    1\nclass B\n  def f\n    2\n",
    );
    check(file, "@@ class B\n+  x", "class A\n  def f\n    1\nclass B\n  x\n  def f\n    1\n");
    // Spaces around an anchor do not matter where no line is exactly it.
    check(file, "@@ def f\n-    1\n+    2", "class A\n  def f\n    2\nclass B\n  def f\n    1\n");
    check("a\nb\na\nb\n", "-b\n+B\n*** End of File", "a\nb\na\nB\n");
}

#[test]
fn the_strictest_reading_wins_and_kept_text_is_the_files_own() {
    check("x  \nx\n", "-x\n+y", "x  \ny\n");
    check("  x\nx  \nz\n", "-x\n+y", "  x\ny\nz\n");
    check("\tfn a()  \n\tb\n", " fn a()\n-b\n+\tB", "\tfn a()  \n\tB\n");
    check(
        "say(\u{201c}it\u{2019}s\u{201d})\u{a0}\u{2014} ok\na\n",
        " say(\"it's\") - ok\n-a\n+b",
        "say(\u{201c}it\u{2019}s\u{201d})\u{a0}\u{2014} ok\nb\n",
    );
    // The first place behind the one before, never an earlier one.
    check("x\na\nx \nx \n", " a\n-x\n+y", "x\na\ny\nx \n");
}

#[test]
fn line_ends_stay_as_they_are() {
    check("a\r\nb\r\n", " a\n-b\n+B\n+C", "a\r\nB\r\nC\r\n");
    check("a\r\nb\r\n", " a\r\n-b\r\n+B\r", "a\r\nB\r\n");
    check("a\nb\r\nc\n", "-a\n-b\n-c\n+A\n+B\n+C", "A\nB\r\nC\n");
    check("a\nb\n", " a\n+x\r", "a\nx\r\nb\n");
    check("a\r\nb\nc", " b\n-c\n+C\n+D", "a\r\nb\nC\nD");
    // No final newline stays none.
    check("a\nb", "-b\n+B", "a\nB");
    check("a\nb", " b\n+c", "a\nb\nc");
    check("a\nb", "-b", "a");
    check("a\r\nb", "+c", "a\r\nb\r\nc");
    check("a", "-a", "");
    check("\u{feff}a\nb\n", "-a\n+A", "\u{feff}A\nb\n");
    check("\u{feff}a\nb\n", "-b", "\u{feff}a\n");
}

#[test]
fn a_final_newline_that_was_taken_for_a_line() {
    check("a\nb\n", "-b\n+B\n \n*** End of File", "a\nB\n");
    check("a\nb\n", " a\n-b\n+B\n ", "a\nB\n");
    check("a\nb\n\n", "-b\n+B\n \n*** End of File", "a\nB\n\n");
}

/// One line for each change: what, where, bytes.
fn told(result: Result<Plan, PlanError>) -> String {
    let changes = match result {
        Ok(plan) => plan.changes,
        Err(error) => return error.to_string(),
    };
    let mut told = String::new();
    for change in changes {
        let text =
            |bytes: &Option<Bytes>| bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let _ = writeln!(
            told,
            "{} {:?} {:?} → {:?}",
            change.path.display(),
            change.kind,
            text(&change.before),
            text(&change.after)
        );
    }
    told
}

#[test]
fn a_byte_order_mark_is_a_part_of_the_first_line_in_a_diff() {
    for (hunk, after, diff) in [
        ("-a\n+b", "\u{feff}b\nc\n", "@@ -1,2 +1,2 @@\n-\u{feff}a\n+\u{feff}b\n c\n"),
        ("+n\n a", "\u{feff}n\na\nc\n", "@@ -1,2 +1,3 @@\n-\u{feff}a\n+\u{feff}n\n+a\n c\n"),
        ("-a", "\u{feff}c\n", "@@ -1,2 +1 @@\n-\u{feff}a\n-c\n+\u{feff}c\n"),
        ("-a\n-c", "", "@@ -1,2 +0,0 @@\n-\u{feff}a\n-c\n"),
    ] {
        let plan = planned(&[("a", "\u{feff}a\nc\n")], &format!("*** Update File: a\n{hunk}")).unwrap();
        let change = &plan.changes[0];
        assert_eq!((change.after.as_deref(), &*change.diff), (Some(after.as_bytes()), diff), "{hunk}");
    }
}

#[test]
fn a_byte_order_mark_that_comes_or_goes_is_in_the_diff() {
    for (old, new, diff) in [
        ("a\n", "\u{feff}a\n", "@@ -1 +1 @@\n-a\n+\u{feff}a\n"),
        ("\u{feff}a\n", "a\n", "@@ -1 +1 @@\n-\u{feff}a\n+a\n"),
    ] {
        let body = format!("*** Delete File: a\n*** Add File: a\n+{}", new.trim_end_matches('\n'));
        let plan = planned(&[("a", old)], &body).unwrap();
        assert_eq!(plan.changes[0].after.as_deref(), Some(new.as_bytes()));
        assert_eq!(plan.changes[0].diff, diff);
    }
}

#[test]
fn many_files_and_one_file_many_times() {
    let files = [("a", "1\n2\n"), ("b", "x\n")];
    let of = |body: &str| told(planned(&files, body));
    insta::assert_snapshot!(of("*** Add File: n/c\n+new\n*** Delete File: b\n*** Update File: a\n-1\n+one"), @r#"
    /w/n/c Add None → Some("new\n")
    /w/b Delete Some("x\n") → None
    /w/a Update { move_to: None } Some("1\n2\n") → Some("one\n2\n")
    "#);
    insta::assert_snapshot!(of("*** Update File: a\n-2\n+two\n*** Update File: a\n-1\n+one"), @r#"/w/a Update { move_to: None } Some("1\n2\n") → Some("one\ntwo\n")"#);
    insta::assert_snapshot!(of("*** Update File: a\n*** Move to: d\n-2\n*** Update File: d\n-1\n+one"), @r#"/w/a Update { move_to: Some("/w/d") } Some("1\n2\n") → Some("one\n")"#);
    insta::assert_snapshot!(of("*** Delete File: a\n*** Add File: a\n+other"), @r#"/w/a Update { move_to: None } Some("1\n2\n") → Some("other\n")"#);
    insta::assert_snapshot!(of("*** Add File: c\n+new\n*** Update File: c\n-new\n+newer\n*** Delete File: c"), @"");
    insta::assert_snapshot!(of("*** Update File: a\n*** Move to: d\n*** Add File: a\n+stays"), @r#"
    /w/a Update { move_to: Some("/w/d") } Some("1\n2\n") → Some("1\n2\n")
    /w/a Add None → Some("stays\n")
    "#);
    insta::assert_snapshot!(of("*** Update File: a\n*** Move to: t\n*** Update File: b\n*** Move to: a\n*** Update File: t\n*** Move to: b"), @r#"
    /w/a Update { move_to: Some("/w/b") } Some("1\n2\n") → Some("1\n2\n")
    /w/b Update { move_to: Some("/w/a") } Some("x\n") → Some("x\n")
    "#);
}

#[test]
fn every_path_is_written_or_removed_once() {
    let files = [("a", "1\n"), ("b", "2\n"), ("c", "3\n")];
    let of = |body: &str| {
        let plan = planned(&files, body).unwrap();
        let told = plan.files().into_iter().map(|file| {
            let bytes = file.bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            format!("{} {bytes:?} was {:?}", file.path.display(), file.was)
        });
        told.collect::<Vec<_>>().join("\n")
    };
    let swap = "*** Update File: a\n*** Move to: t\n*** Update File: b\n*** Move to: a\n*** Update File: t\n*** Move to: b";
    insta::assert_snapshot!(of(swap), @r#"
    /w/b Some("1\n") was Some("/w/a")
    /w/a Some("2\n") was Some("/w/b")
    "#);
    insta::assert_snapshot!(of("*** Update File: a\n*** Move to: d\n*** Add File: a\n+4\n*** Delete File: c"), @r#"
    /w/d Some("1\n") was Some("/w/a")
    /w/a Some("4\n") was None
    /w/c None was Some("/w/c")
    "#);
}

#[test]
fn what_does_not_fit_is_said() {
    let files = [("a", "1\n2\n"), ("b", "x\n")];
    let mut said = String::new();
    for body in [
        "*** Add File: a\n+x",
        "*** Delete File: c",
        "*** Update File: c\n-x",
        "*** Update File: a\n*** Move to: b",
        "*** Delete File: a\n*** Update File: a\n-1",
        "*** Update File: folder\n-1",
        "*** Update File: a\n@@ nowhere\n-1",
        "*** Update File: a\n-1\n@@ 1\n-2",
        "*** Update File: a\n 1\n-3",
        "*** Update File: a\n-7\n+8",
        "*** Update File: a\n-2\n@@\n-1",
        "*** Update File: a\n-1\n*** End of File",
        "*** Update File: a\n-1\n-2\n-3\n-4\n-5\n-6\n-7\n-8\n-9",
    ] {
        said.push_str(&told(planned(&files, body)));
        said.push('\n');
    }
    insta::assert_snapshot!(said, @"
    `/w/a` exists already: use `*** Update File:` to change it, or delete it first. Nothing was changed.
    There is no file `/w/c`. Nothing was changed.
    There is no file `/w/c`. Nothing was changed.
    `/w/a` cannot move to `/w/b`: that file exists already. Nothing was changed.
    There is no file `/w/a`. Nothing was changed.
    `/w/folder` could not be read: it is a folder. Nothing was changed.
    `/w/a` has no line `nowhere`. Nothing was changed.
    `/w/a` has no line `1` after line 1, where the place before it ends. Nothing was changed.
    `/w/a` does not have these lines:
    1
    3
    The first of them is line 1, but what follows there is different.
    Nothing was changed.
    `/w/a` does not have these lines:
    7
    Nothing was changed.
    `/w/a` does not have these lines after line 2, where the place before it ends:
    1
    They are at line 1, above the place before them: order the edits from the top down.
    Nothing was changed.
    `/w/a` does not have these lines at its end:
    1
    They are at line 1, which is not the end: leave `*** End of File` out.
    Nothing was changed.
    `/w/a` does not have these lines:
    1
    2
    3
    4
    5
    6
    7
    8
    … (1 more)
    The first of them is line 1, but what follows there is different.
    Nothing was changed.
    ");
}

#[test]
fn what_is_not_text_moves_and_goes_but_is_not_edited() {
    let bytes = vec![0xff, 0, b'\n'];
    let of = |body: &str| {
        let patch = parse(&format!("*** Begin Patch\n{body}\n*** End Patch")).unwrap();
        plan(&patch, Path::new("/w"), |path| {
            Ok::<_, String>((path == Path::new("/w/a")).then(|| bytes.clone()))
        })
    };
    assert_eq!(of("*** Update File: a\n-x").unwrap_err(), PlanError::NotText { path: "/w/a".into() });
    assert_eq!(
        of("*** Update File: a\n*** Move to: b").unwrap().changes[0].after.as_deref(),
        Some(&bytes[..])
    );
    assert_eq!(of("*** Delete File: a").unwrap().changes[0].before.as_deref(), Some(&bytes[..]));
}

#[test]
fn paths_are_absolute_and_without_detours() {
    for (path, expect) in [
        ("a", "/w/a"),
        ("./a/./b", "/w/a/b"),
        ("a/../b", "/w/b"),
        ("../../../etc/passwd", "/etc/passwd"),
        ("/etc/../etc/shadow", "/etc/shadow"),
        ("a//b/", "/w/a/b"),
        ("~/x", "/w/~/x"),
        ("..", "/"),
    ] {
        assert_eq!(absolute(Path::new("/w"), Path::new(path)), Path::new(expect));
    }
    let patch =
        parse("*** Begin Patch\n*** Delete File: x\n*** Update File: ./x\n*** Move to: ../y\n*** End Patch")
            .unwrap();
    assert_eq!(patch.paths(Path::new("/w")), [Path::new("/w/x"), Path::new("/y")]);
}

#[test]
fn the_diff_shows_what_changes_and_what_is_around_it() {
    let of = |before: &str, hunks: &str| {
        planned(&[("a", before)], &format!("*** Update File: a\n{hunks}")).unwrap().changes[0].diff.clone()
    };
    let numbered: String = (1..=30).map(|number| format!("{number}\n")).collect();
    insta::assert_snapshot!(of(&numbered, "-5\n+five\n@@\n-11\n@@ 28\n+new"), @"
    @@ -2,13 +2,12 @@
     2
     3
     4
    -5
    +five
     6
     7
     8
     9
     10
    -11
     12
     13
     14
    @@ -26,5 +25,6 @@
     26
     27
     28
    +new
     29
     30
    ");
    insta::assert_snapshot!(of("a\nb", "-b\n+c"), @r"
    @@ -1,2 +1,2 @@
     a
    -b
    \ No newline at end of file
    +c
    \ No newline at end of file
    ");
    insta::assert_snapshot!(of("a\nb", " b\n+c"), @r"
    @@ -1,2 +1,3 @@
     a
    -b
    \ No newline at end of file
    +b
    +c
    \ No newline at end of file
    ");
    insta::assert_snapshot!(of("a\n", "-a"), @"
    @@ -1 +0,0 @@
    -a
    ");
    insta::assert_snapshot!(of("", "+a"), @"
    @@ -0,0 +1 @@
    +a
    ");
    insta::assert_snapshot!(of("a\nb\nc\n", "-a\n-b\n-c\n+a\n+B\n+c"), @"
    @@ -1,3 +1,3 @@
     a
    -b
    +B
     c
    ");
    insta::assert_snapshot!(of("a\n", "-a\n+a"), @"");
}
