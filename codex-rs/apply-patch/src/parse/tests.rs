//! What is a patch, what is not, and the words for what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

fn update(path: &str, hunks: Vec<Hunk>) -> Operation {
    Operation::Update { path: path.into(), move_to: None, hunks }
}

fn hunk(anchors: &[&str], lines: &str, end: HunkEnd) -> Hunk {
    let lines = lines.lines().map(|line| match line.split_at(1) {
        ("+", text) => HunkLine::Add(text.into()),
        ("-", text) => HunkLine::Remove(text.into()),
        (_, text) => HunkLine::Keep(text.into()),
    });
    Hunk { anchors: anchors.iter().map(|anchor| (*anchor).into()).collect(), lines: lines.collect(), end }
}

fn framed_in(body: &str) -> String {
    format!("*** Begin Patch\n{body}*** End Patch\n")
}

#[track_caller]
fn check(body: &str, expect: &[Operation]) {
    assert_eq!(parse(&framed_in(body)).map(|patch| patch.operations), Ok(expect.to_vec()), "{body}");
}

#[test]
fn every_kind_of_section() {
    check(
        "*** Add File: a/b.txt\n+one\n+\n++two\n",
        &[Operation::Add { path: "a/b.txt".into(), content: "one\n\n+two\n".into() }],
    );
    check("*** Add File: empty\n", &[Operation::Add { path: "empty".into(), content: String::new() }]);
    check("*** Delete File: old name.txt \n", &[Operation::Delete { path: "old name.txt".into() }]);
    check(
        "*** Update File: a\n*** Move to: b\n",
        &[Operation::Update { path: "a".into(), move_to: Some("b".into()), hunks: Vec::new() }],
    );
    check(
        "*** Update File: a\n*** Move to: b\n@@ fn x\n-y\n+z\n",
        &[Operation::Update {
            path: "a".into(),
            move_to: Some("b".into()),
            hunks: vec![hunk(&["fn x"], "-y\n+z", HunkEnd::Anywhere)],
        }],
    );
    check(
        "*** Delete File: a\n*** Update File: b\n-x\n*** Delete File: c\n",
        &[
            Operation::Delete { path: "a".into() },
            update("b", vec![hunk(&[], "-x", HunkEnd::Anywhere)]),
            Operation::Delete { path: "c".into() },
        ],
    );
}

#[test]
fn hunks_anchors_and_the_end_of_the_file() {
    let check =
        |body: &str, hunks: Vec<Hunk>| check(&format!("*** Update File: a\n{body}"), &[update("a", hunks)]);
    check(" a\n-b\n+c\n", vec![hunk(&[], " a\n-b\n+c", HunkEnd::Anywhere)]);
    check("@@\n-b\n@@\n-c\n", vec![hunk(&[], "-b", HunkEnd::Anywhere), hunk(&[], "-c", HunkEnd::Anywhere)]);
    check("@@ class A\n@@   def b():\n-c\n", vec![hunk(&["class A", "  def b():"], "-c", HunkEnd::Anywhere)]);
    check("+x\n*** End of File\n", vec![hunk(&[], "+x", HunkEnd::EndOfFile)]);
    check(
        "-x\n*** End of File\n@@ y\n+z\n",
        vec![hunk(&[], "-x", HunkEnd::EndOfFile), hunk(&["y"], "+z", HunkEnd::Anywhere)],
    );
    // The line numbers of a unified diff name no line.
    check("@@ -1,3 +1,4 @@\n-b\n", vec![hunk(&[], "-b", HunkEnd::Anywhere)]);
    // Text that looks like the format, behind its sign.
    check(
        " *** End Patch\n+*** Begin Patch\n-@@\n",
        vec![hunk(&[], " *** End Patch\n+*** Begin Patch\n-@@", HunkEnd::Anywhere)],
    );
}

#[test]
fn harmless_slips_are_taken() {
    let plain = parse(&framed_in("*** Update File: a\n b\n \n-c\n")).unwrap();
    for text in [
        "\n\n*** Begin Patch\n*** Update File: a\n b\n \n-c\n*** End Patch\n\n",
        "  *** Begin Patch  \n*** Update File: a\n b\n \n-c\n *** End Patch",
        "<<'EOF'\n*** Begin Patch\n*** Update File: a\n b\n \n-c\n*** End Patch\nEOF\n",
        "<<EOF\n*** Begin Patch\n*** Update File: a\n b\n \n-c\n*** End Patch\nEOF",
        "apply_patch <<\"PATCH\"\n*** Begin Patch\n*** Update File: a\n b\n \n-c\n*** End Patch\nPATCH\n",
        "*** Begin Patch\r\n*** Update File: a\r\n b\r\n \r\n-c\r\n*** End Patch\r\n",
        "*** Begin Patch\n*** Update File: a\r\n b\r\n\r\n-c\r\n*** End Patch\n",
        // An empty line that lost its space, and a gap before the end.
        "*** Begin Patch\n*** Update File: a\n b\n\n-c\n\n\n*** End Patch",
        "*** Begin Patch\n\n*** Update File:a\n b\n\n-c\n*** End Patch",
    ] {
        assert_eq!(parse(text).as_ref(), Ok(&plain), "{text:?}");
    }
}

#[test]
fn a_carriage_return_is_kept_only_where_it_says_something() {
    check("*** Add File: a\n+x\r\n+y\n", &[Operation::Add { path: "a".into(), content: "x\r\ny\n".into() }]);
    check(
        "*** Update File: a\n-x\r\n+y\r\n",
        &[update("a", vec![hunk(&[], "-x\n", HunkEnd::Anywhere)])].map(|operation| {
            let Operation::Update { path, move_to, mut hunks } = operation else { unreachable!() };
            hunks[0].lines.push(HunkLine::Add("y\r".into()));
            Operation::Update { path, move_to, hunks }
        }),
    );
}

#[test]
fn what_is_wrong_is_said_with_its_line() {
    let mut said = String::new();
    for text in [
        "",
        " \n\n",
        "--- a\n+++ b\n",
        "*** Begin Patch\n*** Delete File: a\n",
        "*** Begin Patch",
        "*** Begin Patch\n*** End Patch",
        "<<'EOF'\n*** Begin Patch\n*** Delete File: a\n*** End Patch\n",
        "*** Begin Patch\nhello\n*** End Patch",
        "*** Begin Patch\n*** Rename File: a\n*** End Patch",
        "*** Begin Patch\n*** Add File: \n+x\n*** End Patch",
        "*** Begin Patch\n*** Add File: a\n+x\ny\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n@@ here\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n b\nc\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n@@here\n*** End Patch",
        "*** Begin Patch\n*** Delete File: a\n-b\n*** End Patch",
        "*** Begin Patch\n*** Update File: a\n-b\n*** End Patch\n*** End Patch",
    ] {
        said.push_str(&parse(text).unwrap_err().to_string());
        said.push('\n');
    }
    insta::assert_snapshot!(said, @"
    The patch is empty. It starts with the line `*** Begin Patch`.
    The patch is empty. It starts with the line `*** Begin Patch`.
    Line 1 of the patch: expected `*** Begin Patch`, found `--- a`.
    The patch does not end with the line `*** End Patch`; its last line is `*** Delete File: a`.
    The patch does not end with the line `*** End Patch`; its last line is `*** Begin Patch`.
    The patch changes nothing: there is no file between `*** Begin Patch` and `*** End Patch`.
    Line 1 of the patch: expected `*** Begin Patch`, found `<<'EOF'`.
    Line 2 of the patch: expected `*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`, found `hello`.
    Line 2 of the patch: expected `*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`, found `*** Rename File: a`.
    Line 2 of the patch: `*** Add File:` needs the path of a file behind it.
    Line 4 of the patch: expected a line of the new file, which starts with `+`, or a line that starts with `*** `, found `y`.
    Line 2 of the patch: this update changes nothing. Give lines that start with `+` or `-`, or `*** Move to:`.
    Line 3 of the patch: `@@` is followed by no lines. Give the lines to keep (` `), remove (`-`) and add (`+`).
    Line 4 of the patch: expected a line that starts with a space (stays), `-` (goes), `+` (comes), `@@` or `*** `, found `c`.
    Line 3 of the patch: expected a line that starts with a space (stays), `-` (goes), `+` (comes), `@@` or `*** `, found `@@here`.
    Line 3 of the patch: expected `*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`, found `-b`.
    Line 4 of the patch: expected `*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`, found `*** End Patch`.
    ");
}
