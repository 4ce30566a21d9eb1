//! What a patch says, before any file was looked at; and the grammar that is given to the model.

use std::path::{Component, Path, PathBuf};

/// The format as a Lark grammar, for models that are held to it (`wire-facts` §10.2, in our own rules).
pub const GRAMMAR: &str = r#"start: begin operation+ end
begin: "*** Begin Patch" NEWLINE
end: "*** End Patch" NEWLINE?

operation: add | delete | update
add: "*** Add File: " path NEWLINE added+
delete: "*** Delete File: " path NEWLINE
update: "*** Update File: " path NEWLINE move? hunk*
move: "*** Move to: " path NEWLINE

hunk: anchor+ line* end_of_file? | line+ end_of_file?
anchor: "@@" NEWLINE | "@@ " text NEWLINE
line: added | removed | kept
added: "+" text? NEWLINE
removed: "-" text? NEWLINE
kept: " " text? NEWLINE
end_of_file: "*** End of File" NEWLINE

path: /[^\n]+/
text: /[^\n]+/
NEWLINE: /\n/
"#;

/// A patch as it was written: at least one operation, in the order given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// What to do, file by file. One file may be named more than once; later operations see what earlier ones did.
    pub operations: Vec<Operation>,
}

/// One section of a patch. Paths are as written: relative to the tool's working folder, or absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A new file.
    Add {
        /// Where.
        path: PathBuf,
        /// Its whole text: every line ended by a newline. Empty for an empty file.
        content: String,
    },
    /// A file goes.
    Delete {
        /// Which.
        path: PathBuf,
    },
    /// A file is edited, or moved, or both.
    Update {
        /// Which.
        path: PathBuf,
        /// Its new place, where it moves.
        move_to: Option<PathBuf>,
        /// The edits, from the top of the file downwards. Empty only where the file moves.
        hunks: Vec<Hunk>,
    },
}

/// One place of a file that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// Lines that come before the place, the outer before the inner (`@@ class A`, `@@ def b`).
    pub anchors: Vec<String>,
    /// What is there and what becomes of it.
    pub lines: Vec<HunkLine>,
    /// Whether the place is the file's end.
    pub end: HunkEnd,
}

/// Where a hunk's lines stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HunkEnd {
    /// Somewhere in the file.
    Anywhere,
    /// With the file's last line (`*** End of File`).
    EndOfFile,
}

/// One line of a hunk, without its sign and its newline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HunkLine {
    /// Is there and stays.
    Keep(String),
    /// Is there and goes.
    Remove(String),
    /// Comes.
    Add(String),
}

impl Patch {
    /// Every path the patch would read or write, absolute and without `.` and `..`, each once, in the order given.
    #[must_use]
    pub fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = Vec::new();
        let mut note = |path: &Path| {
            let path = absolute(folder, path);
            if !paths.contains(&path) {
                paths.push(path);
            }
        };
        for operation in &self.operations {
            match operation {
                Operation::Add { path, content: _ } | Operation::Delete { path } => note(path),
                Operation::Update { path, move_to, hunks: _ } => {
                    note(path);
                    move_to.iter().for_each(|to| note(to));
                }
            }
        }
        paths
    }
}

/// A path of a patch as an absolute one, without `.` and `..`. By its words only: a link on the way is for whoever opens it.
pub(crate) fn absolute(folder: &Path, path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                whole.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => whole.push(part),
        }
    }
    whole
}
