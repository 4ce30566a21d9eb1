//! Everything that the file changes of a turn come to, as one diff (`turn/diff/updated`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use codex_apply_patch::{Change, Kind};
use similar::TextDiff;

/// The longest that one file is compared; after it the diff is right, but not the shortest.
const PATIENCE: Duration = Duration::from_millis(50);

/// The files that a turn has changed: as they were before it, and as they are.
#[derive(Debug, Default)]
pub(crate) struct TurnDiff {
    files: BTreeMap<PathBuf, Sides>,
}

/// A file before and after; `None` where there is none.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sides {
    before: Option<Bytes>,
    after: Option<Bytes>,
    /// What the patch says itself, as long as one alone has changed the file: comparing a large one anew takes long.
    hunks: Option<String>,
}

impl TurnDiff {
    /// Takes over changes that were made.
    pub(crate) fn add(&mut self, changes: &[Change]) {
        for change in changes {
            let before = change.before.clone();
            match &change.kind {
                Kind::Update { move_to: Some(to) } => {
                    self.note(&change.path, before, None, None);
                    self.note(to, None, change.after.clone(), None);
                }
                Kind::Add | Kind::Delete => {
                    self.note(&change.path, before, change.after.clone(), None);
                }
                Kind::Update { move_to: None } => {
                    self.note(&change.path, before, change.after.clone(), Some(&change.diff));
                }
            }
        }
    }

    fn note(&mut self, path: &Path, before: Option<Bytes>, after: Option<Bytes>, hunks: Option<&str>) {
        match self.files.get_mut(path) {
            Some(sides) => {
                sides.after = after;
                sides.hunks = None;
            }
            None => {
                let sides = Sides { before, after, hunks: hunks.map(str::to_owned) };
                self.files.insert(path.to_path_buf(), sides);
            }
        }
    }

    /// A unified diff with git's headers; paths relative to `folder` where they lie in it.
    pub(crate) fn text(&self, folder: &Path) -> String {
        let changed = self.files.iter().filter(|(_, sides)| sides.before != sides.after);
        changed.map(|(path, sides)| file(path.strip_prefix(folder).unwrap_or(path), sides)).collect()
    }
}

fn file(path: &Path, sides: &Sides) -> String {
    let path = path.display().to_string();
    let path = path.trim_start_matches('/');
    let (old, new) = (format!("a/{path}"), format!("b/{path}"));
    let mut text = format!("diff --git {old} {new}\n");
    let (old, new) = match (&sides.before, &sides.after) {
        (None, _) => {
            text.push_str("new file mode 100644\n");
            ("/dev/null".to_owned(), new)
        }
        (_, None) => {
            text.push_str("deleted file mode 100644\n");
            (old, "/dev/null".to_owned())
        }
        (Some(_), Some(_)) => (old, new),
    };
    if let Some(hunks) = &sides.hunks {
        text.push_str(&format!("--- {old}\n+++ {new}\n{hunks}"));
        return text;
    }
    let bytes = [&sides.before, &sides.after].map(|side| side.as_deref().unwrap_or_default());
    match (str::from_utf8(bytes[0]), str::from_utf8(bytes[1])) {
        (Ok(before), Ok(after)) => {
            let diff = TextDiff::configure().timeout(PATIENCE).diff_lines(before, after);
            text.push_str(&diff.unified_diff().header(&old, &new).to_string());
        }
        (Err(_), _) | (_, Err(_)) => text.push_str(&format!("Binary files {old} and {new} differ\n")),
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

    use super::*;

    fn change(path: &str, kind: Kind, before: Option<&str>, after: Option<&str>) -> Change {
        let bytes = |text: Option<&str>| text.map(|text| Bytes::from(text.to_owned()));
        Change { path: path.into(), kind, before: bytes(before), after: bytes(after), diff: String::new() }
    }

    #[test]
    fn later_changes_join_earlier_ones() {
        let mut diff = TurnDiff::default();
        diff.add(&[
            change("/w/new", Kind::Add, None, Some("one\n")),
            change("/w/old", Kind::Update { move_to: Some("/w/moved".into()) }, Some("a\nb"), Some("a\nc")),
        ]);
        diff.add(&[
            change("/w/new", Kind::Update { move_to: None }, Some("one\n"), Some("two\n")),
            change("/w/gone", Kind::Add, None, Some("x\n")),
        ]);
        diff.add(&[change("/w/gone", Kind::Delete, Some("x\n"), None)]);
        insta::assert_snapshot!(diff.text(Path::new("/w")), @r"
        diff --git a/moved b/moved
        new file mode 100644
        --- /dev/null
        +++ b/moved
        @@ -0,0 +1,2 @@
        +a
        +c
        \ No newline at end of file
        diff --git a/new b/new
        new file mode 100644
        --- /dev/null
        +++ b/new
        @@ -0,0 +1 @@
        +two
        diff --git a/old b/old
        deleted file mode 100644
        --- a/old
        +++ /dev/null
        @@ -1,2 +0,0 @@
        -a
        -b
        \ No newline at end of file
        ");
    }
}
