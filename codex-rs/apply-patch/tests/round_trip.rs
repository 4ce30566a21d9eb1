//! Random edits of random files, written as patches and laid over the files again; and texts that are hardly patches.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use codex_apply_patch::{Kind, parse, plan};
use proptest::prelude::*;

/// Lines kept around each edit.
const AROUND: usize = 2;

fn cases() -> ProptestConfig {
    let cases = std::env::var("PATCH_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(1_000);
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

#[derive(Debug, Clone)]
struct FileLine {
    text: String,
    ending: &'static str,
}

#[derive(Debug, Clone)]
enum Edit {
    Keep,
    Remove,
    Replace(String),
    InsertBelow(Vec<String>),
}

/// How the patch misquotes what it keeps or removes.
#[derive(Debug, Clone, Copy)]
enum Slip {
    None,
    SpaceBehind,
    Indent,
    Quotes,
}

#[derive(Debug, Clone)]
struct Case {
    file: Vec<FileLine>,
    edits: Vec<Edit>,
    slip: Slip,
}

fn endings() -> impl Strategy<Value = Vec<&'static str>> {
    let of = |choices: &'static [&'static str]| prop::collection::vec(prop::sample::select(choices), 40);
    prop_oneof![of(&["\n"]), of(&["\r\n"]), of(&["\n", "\r\n"])]
}

fn case() -> impl Strategy<Value = Case> {
    let fresh = || {
        prop::sample::select(vec![
            "",
            "new",
            "  }",
            "\u{201c}q\u{201d}",
            "*** End Patch",
            "@@ x",
            "- y",
            "tail  ",
        ])
    };
    let edit = prop_oneof![
        6 => Just(Edit::Keep),
        1 => Just(Edit::Remove),
        2 => fresh().prop_map(|text| Edit::Replace(text.to_owned())),
        2 => prop::collection::vec(fresh().prop_map(str::to_owned), 1..4).prop_map(Edit::InsertBelow),
    ];
    let common =
        prop::sample::select(vec!["", "}", "    return \u{2018}x\u{2019}", "\t", "same", "@@", "*** x"]);
    let slip = prop::sample::select(vec![Slip::None, Slip::SpaceBehind, Slip::Indent, Slip::Quotes]);
    let lines = (prop::collection::vec((common, edit), 1..40), endings(), any::<bool>(), slip);
    lines.prop_map(|(lines, endings, final_newline, slip)| {
        let count = lines.len();
        let (mut file, mut edits) = (Vec::new(), Vec::new());
        for (index, (common, edit)) in lines.into_iter().enumerate() {
            // Every other line is like no other, so that a hunk of two says where it belongs.
            let text =
                if index % 2 == 0 { format!("  line \u{201c}{index}\u{201d}") } else { common.to_owned() };
            // Nothing without a newline is no line.
            let ending =
                if index + 1 == count && !final_newline && !text.is_empty() { "" } else { endings[index] };
            file.push(FileLine { text, ending });
            edits.push(edit);
        }
        Case { file, edits, slip }
    })
}

impl Case {
    fn before(&self) -> String {
        self.file.iter().flat_map(|line| [line.text.as_str(), line.ending]).collect()
    }

    /// What the file is after the edits: a line that comes ends like the one it replaces, else like the one above it.
    fn after(&self) -> String {
        let usual = if self.file[0].ending == "\r\n" { "\r\n" } else { "\n" };
        let whole = |ending: &'static str| if ending.is_empty() { None } else { Some(ending) };
        let mut lines: Vec<FileLine> = Vec::new();
        // Lines removed and not replaced yet: the first that comes takes the place of the first that went.
        let mut gone: VecDeque<&'static str> = VecDeque::new();
        for (index, (line, edit)) in self.file.iter().zip(&self.edits).enumerate() {
            let beside = |lines: &[FileLine], below: usize| {
                let above = lines.last().and_then(|line| whole(line.ending));
                above.or_else(|| self.file.get(below).and_then(|line| whole(line.ending))).unwrap_or(usual)
            };
            match edit {
                Edit::Keep => {
                    gone.clear();
                    lines.push(line.clone());
                }
                Edit::Remove => gone.push_back(line.ending),
                Edit::Replace(text) => {
                    gone.push_back(line.ending);
                    let replaced = gone.pop_front().and_then(whole);
                    let ending = replaced.unwrap_or_else(|| beside(&lines, index + 1));
                    lines.push(FileLine { text: text.clone(), ending });
                }
                Edit::InsertBelow(texts) => {
                    gone.clear();
                    lines.push(line.clone());
                    for text in texts {
                        let ending = if line.ending.is_empty() { usual } else { beside(&lines, index + 1) };
                        lines.push(FileLine { text: text.clone(), ending });
                    }
                }
            }
        }
        let last = lines.len().saturating_sub(1);
        let without = self.file.last().unwrap().ending.is_empty();
        for (index, line) in lines.iter_mut().enumerate() {
            if index == last && without {
                line.ending = "";
            } else if line.ending.is_empty() {
                line.ending = usual;
            }
        }
        lines.iter().flat_map(|line| [line.text.as_str(), line.ending]).collect()
    }

    /// The edits as a patch of the file `f`; none if nothing is edited.
    fn patch(&self) -> Option<String> {
        let edited: Vec<bool> = self.edits.iter().map(|edit| !matches!(edit, Edit::Keep)).collect();
        let near = |index: usize| {
            let (from, to) = (index.saturating_sub(AROUND), (index + AROUND + 1).min(edited.len()));
            edited[from..to].contains(&true)
        };
        let mut patch = String::from("*** Begin Patch\n*** Update File: f\n");
        let mut is_open = false;
        for (index, (line, edit)) in self.file.iter().zip(&self.edits).enumerate() {
            if !near(index) {
                is_open = false;
                continue;
            }
            if !is_open {
                patch.push_str("@@\n");
                is_open = true;
            }
            let quoted = self.misquoted(&line.text);
            match edit {
                Edit::Keep => patch.push_str(&format!(" {quoted}\n")),
                Edit::Remove => patch.push_str(&format!("-{quoted}\n")),
                Edit::Replace(text) => patch.push_str(&format!("-{quoted}\n+{text}\n")),
                Edit::InsertBelow(texts) => {
                    patch.push_str(&format!(" {quoted}\n"));
                    texts.iter().for_each(|text| patch.push_str(&format!("+{text}\n")));
                }
            }
        }
        patch.push_str("*** End Patch\n");
        edited.contains(&true).then_some(patch)
    }

    fn misquoted(&self, text: &str) -> String {
        match self.slip {
            Slip::None => text.to_owned(),
            Slip::SpaceBehind => format!("{text} \t"),
            Slip::Indent => format!("\t{}", text.trim()),
            Slip::Quotes => {
                text.replace(['\u{201c}', '\u{201d}'], "\"").replace(['\u{2018}', '\u{2019}'], "'")
            }
        }
    }
}

/// Lays a unified diff over a text by its line numbers alone.
fn patched(before: &str, diff: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let mut after = String::new();
    let mut at = 0;
    let mut lines = diff.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let next_is_bare = lines.peek().is_some_and(|next| next.starts_with('\\'));
        let text = if next_is_bare { line[1..].trim_end_matches('\n') } else { &line[1..] };
        match line.as_bytes()[0] {
            b'@' => {
                let range = line.split(' ').nth(1).unwrap().trim_start_matches('-');
                let (start, count) = range.split_once(',').unwrap_or((range, "1"));
                let start: usize = start.parse().unwrap();
                let start = if count == "0" { start } else { start - 1 };
                after.push_str(&old[at..start].concat());
                at = start;
            }
            b' ' => {
                assert_eq!(old[at], text);
                after.push_str(text);
                at += 1;
            }
            b'-' => {
                assert_eq!(old[at], text);
                at += 1;
            }
            b'+' => after.push_str(text),
            b'\\' => {}
            other => panic!("{other}"),
        }
    }
    after.push_str(&old[at..].concat());
    after
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn edits_come_back(case in case()) {
        let Some(text) = case.patch() else { return Ok(()) };
        let patch = parse(&text).unwrap();
        let before = case.before();
        let read = |path: &Path| {
            assert_eq!(path, Path::new("/w/f"));
            Ok::<_, String>(Some(before.clone().into_bytes()))
        };
        let plan = plan(&patch, Path::new("/w"), read).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        let change = &plan.changes[0];
        let after = String::from_utf8(change.after.clone().unwrap().to_vec()).unwrap();
        prop_assert_eq!(&after, &case.after(), "{}", text);
        prop_assert_eq!(patched(&before, &change.diff), after, "{}", change.diff);
    }

    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse(&format!("*** Begin Patch\n{text}\n*** End Patch"));
    }

    #[test]
    fn no_patch_is_too_strange(lines in prop::collection::vec(strange_line(), 0..24)) {
        let text = format!("*** Begin Patch\n{}*** End Patch", lines.concat());
        let Ok(patch) = parse(&text) else { return Ok(()) };
        let disk: BTreeMap<PathBuf, &[u8]> = [
            ("/w/a", &b"1\n2\r\n\n\n3"[..]),
            ("/w/b", b""),
            ("/etc/passwd", b"\xff\n1\n"),
            ("/w/c/d", "\u{feff}1\n2\n1\n2\n".as_bytes()),
        ].into_iter().map(|(path, bytes)| (path.into(), bytes)).collect();
        let mut looked_at = Vec::new();
        let result = plan(&patch, Path::new("/w"), |path| {
            looked_at.push(path.to_owned());
            if path == Path::new("/") { Err("a folder") } else { Ok(disk.get(path).map(|bytes| bytes.to_vec())) }
        });
        let named = patch.paths(Path::new("/w"));
        for path in &looked_at {
            prop_assert!(path.is_absolute() && !path.to_str().unwrap().contains("/."), "{:?}", path);
            prop_assert!(named.contains(path));
        }
        let Ok(plan) = result else { return Ok(()) };
        let moved: Vec<&PathBuf> =
            plan.changes.iter().filter(|change| change.kind != Kind::Add).map(|change| &change.path).collect();
        for change in &plan.changes {
            // What was there is told by the change that moved it away.
            let there = disk.get(&change.path).filter(|_| change.kind != Kind::Add || !moved.contains(&&change.path));
            prop_assert_eq!(change.before.as_deref(), there.copied());
            if let (Kind::Update { .. }, Some(before), Some(after)) = (&change.kind, &change.before, &change.after)
                && let (Ok(before), Ok(after)) = (std::str::from_utf8(before), std::str::from_utf8(after))
            {
                prop_assert_eq!(patched(before, &change.diff), after, "{}", change.diff);
            }
        }
    }
}

fn strange_line() -> impl Strategy<Value = String> {
    let path = prop::sample::select(vec![
        "a",
        "b",
        "c/d",
        "e",
        "../w/a",
        "../../etc/passwd",
        "/",
        ".",
        "c/../a",
        "/etc/./passwd",
        "",
    ]);
    let header = prop::sample::select(vec![
        "*** Add File: ",
        "*** Delete File: ",
        "*** Update File: ",
        "*** Update File: ",
        "*** Move to: ",
    ]);
    let line = prop::sample::select(vec![
        "+1",
        "-1",
        " 1",
        "+2",
        "-2",
        " 2",
        "+",
        "-",
        " ",
        "",
        "-3",
        "+x\r",
        " 2\r",
        "@@",
        "@@ 1",
        "@@ 2",
        "@@x",
        "*** End of File",
        "*** End Patch",
        "junk",
        "+\u{feff}",
        "@@ -1 +1 @@",
    ]);
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n"]);
    prop_oneof![
        1 => (header, path).prop_map(|(header, path)| format!("{header}{path}\n")),
        3 => (line, end).prop_map(|(line, end)| format!("{line}{end}")),
    ]
}
