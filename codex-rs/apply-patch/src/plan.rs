//! Lays a patch over the files it names: every file's bytes before and after, or one sentence for the model why not.
//! All or nothing; later operations of a patch see what earlier ones did.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::patch::{Hunk, HunkEnd, HunkLine, Operation, Patch, absolute};
use crate::search::{Search, Where};
use crate::text::{Placed, Text};
use crate::unified;

/// What a patch would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// File by file, in the order in which the patch first names them. Each path is in at most one change as its old
    /// place and in at most one as its new.
    pub changes: Vec<Change>,
}

/// What becomes of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The file as it is now, or where the new one will be: absolute, without `.` and `..`.
    pub path: PathBuf,
    /// What happens to it.
    pub kind: Kind,
    /// Its bytes as they were read; `None` for a new file.
    pub before: Option<Bytes>,
    /// Its bytes as they will be, at the new place if it moves; `None` for one that goes.
    pub after: Option<Bytes>,
    /// For people: the text of a file that comes or goes, the hunks of a unified diff for one that changes.
    pub diff: String,
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// It comes.
    Add,
    /// It goes.
    Delete,
    /// It changes, and moves if a path is given.
    Update {
        /// Its new place.
        move_to: Option<PathBuf>,
    },
}

/// One path, as the whole plan leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File<'a> {
    /// Where.
    pub path: &'a Path,
    /// What is there afterwards; `None` for nothing.
    pub bytes: Option<&'a [u8]>,
    /// The file whose text this was, here or elsewhere: its mode goes with it. `None` for a new one.
    pub was: Option<&'a Path>,
}

impl Plan {
    /// What is to be written and removed: every path once, whatever moved where, so that the order does not matter.
    #[must_use]
    pub fn files(&self) -> Vec<File<'_>> {
        let places: HashSet<&Path> = self.changes.iter().filter_map(Change::place_after).collect();
        let mut files = Vec::new();
        for change in &self.changes {
            let was = change.before.as_ref().map(|_| change.path.as_path());
            if let Some(path) = change.place_after() {
                files.push(File { path, bytes: change.after.as_deref(), was });
            }
            if was.is_some_and(|was| !places.contains(was)) {
                files.push(File { path: &change.path, bytes: None, was });
            }
        }
        files
    }
}

impl Change {
    /// Where the file is afterwards; `None` for one that goes.
    #[must_use]
    pub fn place_after(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Add | Kind::Update { move_to: None } => Some(&self.path),
            Kind::Update { move_to: Some(to) } => Some(to),
            Kind::Delete => None,
        }
    }
}

/// Why a patch does not fit the files, in words for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// `Add File` where there is one.
    #[error("`{}` exists already: use `*** Update File:` to change it, or delete it first. Nothing was changed.", .path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// `Delete File` or `Update File` where there is none.
    #[error("There is no file `{}`. Nothing was changed.", .path.display())]
    Missing {
        /// Where.
        path: PathBuf,
    },
    /// `Move to` where there is one.
    #[error("`{}` cannot move to `{}`: that file exists already. Nothing was changed.", .path.display(), .to.display())]
    MoveOntoFile {
        /// The file.
        path: PathBuf,
        /// Where it was to go.
        to: PathBuf,
    },
    /// The file holds something else than UTF-8.
    #[error("`{}` is not UTF-8 text, so its lines cannot be edited. Nothing was changed.", .path.display())]
    NotText {
        /// Which.
        path: PathBuf,
    },
    /// The file could not be read.
    #[error("`{}` could not be read: {why}. Nothing was changed.", .path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the reader said.
        why: String,
    },
    /// No line is the anchor.
    #[error("`{}` has no line `{anchor}`{}. Nothing was changed.", .path.display(), Since(*.after))]
    NoAnchor {
        /// In which file.
        path: PathBuf,
        /// The anchor, without `@@`.
        anchor: String,
        /// How many lines of the file lie behind the edits and anchors before it.
        after: usize,
    },
    /// The lines are not there.
    #[error("`{}` does not have these lines{}{}:\n{lines}\n{hint}Nothing was changed.", .path.display(), AtEnd(*.end), Since(*.after))]
    NoLines {
        /// In which file.
        path: PathBuf,
        /// The lines that were to be kept or removed.
        lines: String,
        /// How many lines of the file lie behind the edits and anchors before them.
        after: usize,
        /// Whether they were to be the last ones.
        end: HunkEnd,
        /// What is known about them.
        hint: Hint,
    },
}

/// What helps to mend a hunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Nothing is known.
    Nothing,
    /// The lines stand further up than the hunk says. Counted from 1.
    Above {
        /// Their first line.
        line: usize,
    },
    /// They are there, but more lines follow. Counted from 1.
    NotLast {
        /// Their first line.
        line: usize,
    },
    /// The first line is found alone.
    FirstLine {
        /// Where.
        line: usize,
    },
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Above { line } => {
                writeln!(
                    f,
                    "They are at line {line}, above the place before them: order the edits from the top down."
                )
            }
            Self::NotLast { line } => {
                writeln!(f, "They are at line {line}, which is not the end: leave `*** End of File` out.")
            }
            Self::FirstLine { line } => {
                writeln!(f, "The first of them is line {line}, but what follows there is different.")
            }
        }
    }
}

struct Since(usize);

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            line => write!(f, " after line {line}, where the place before it ends"),
        }
    }
}

struct AtEnd(HunkEnd);

impl fmt::Display for AtEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            HunkEnd::Anywhere => Ok(()),
            HunkEnd::EndOfFile => f.write_str(" at its end"),
        }
    }
}

/// Lays a patch over files. `folder` is what its relative paths start from; `read` gives a file's bytes, `None` where
/// there is no file, and an error for a folder or whatever else cannot be read.
///
/// # Errors
/// With the first thing that does not fit.
pub fn plan<E: fmt::Display>(
    patch: &Patch,
    folder: &Path,
    mut read: impl FnMut(&Path) -> Result<Option<Vec<u8>>, E>,
) -> Result<Plan, PlanError> {
    let mut files = Files {
        read: |path: &Path| {
            read(path)
                .map_err(|error| PlanError::Unreadable { path: path.to_owned(), why: error.to_string() })
        },
        entries: Vec::new(),
        places: HashMap::new(),
    };
    for operation in &patch.operations {
        match operation {
            Operation::Add { path, content } => files.add(absolute(folder, path), content)?,
            Operation::Delete { path } => files.delete(absolute(folder, path))?,
            Operation::Update { path, move_to, hunks } => {
                let path = absolute(folder, path);
                files.edit(&path, hunks)?;
                if let Some(to) = move_to {
                    files.rename(path, absolute(folder, to))?;
                }
            }
        }
    }
    Ok(Plan { changes: files.entries.into_iter().filter_map(Entry::finish).collect() })
}

/// The files as the patch leaves them so far.
struct Files<R> {
    read: R,
    entries: Vec<Entry>,
    /// The entry of every path that was named: what is there now, or what was there.
    places: HashMap<PathBuf, usize>,
}

/// One file from where it was to where it is now.
struct Entry {
    origin: Option<PathBuf>,
    place: Option<PathBuf>,
    content: Content,
}

/// What is in a file, and what was when it was read: long files are held once.
enum Content {
    /// As it was read.
    AsRead(Vec<u8>),
    /// The file that was read, edited.
    Edited(Text),
    /// A text of the patch's own.
    Fresh { text: Text, before: Option<Vec<u8>> },
}

impl<R: FnMut(&Path) -> Result<Option<Vec<u8>>, PlanError>> Files<R> {
    fn add(&mut self, path: PathBuf, content: &str) -> Result<(), PlanError> {
        let text = Text::new(content.to_owned());
        match self.look(&path)? {
            Look::There(_) => return Err(PlanError::Exists { path }),
            // It was deleted by this patch, and comes back as another: one change of one file.
            Look::Gone(index) if self.entries[index].place.is_none() => {
                let entry = &mut self.entries[index];
                entry.place = Some(path);
                let before = entry.take_content().before();
                entry.content = Content::Fresh { text, before };
            }
            Look::Gone(_) | Look::Never => {
                self.places.insert(path.clone(), self.entries.len());
                let content = Content::Fresh { text, before: None };
                self.entries.push(Entry { origin: None, place: Some(path), content });
            }
        }
        Ok(())
    }

    fn delete(&mut self, path: PathBuf) -> Result<(), PlanError> {
        let index = self.there(path)?;
        let entry = &mut self.entries[index];
        entry.place = None;
        entry.content = Content::AsRead(entry.take_content().before().unwrap_or_default());
        Ok(())
    }

    fn edit(&mut self, path: &Path, hunks: &[Hunk]) -> Result<(), PlanError> {
        let index = self.there(path.to_owned())?;
        if hunks.is_empty() {
            return Ok(());
        }
        let entry = &mut self.entries[index];
        entry.content = match entry.take_content() {
            Content::AsRead(bytes) => {
                let text = String::from_utf8(bytes);
                Content::Edited(Text::new(text.map_err(|_| PlanError::NotText { path: path.to_owned() })?))
            }
            edited @ (Content::Edited(_) | Content::Fresh { .. }) => edited,
        };
        match &mut entry.content {
            Content::AsRead(_) => Ok(()),
            Content::Edited(text) | Content::Fresh { text, .. } => apply(text, path, hunks),
        }
    }

    fn rename(&mut self, path: PathBuf, to: PathBuf) -> Result<(), PlanError> {
        if path == to {
            return Ok(());
        }
        match self.look(&to)? {
            Look::There(_) => return Err(PlanError::MoveOntoFile { path, to }),
            Look::Gone(_) | Look::Never => {}
        }
        let index = self.there(path)?;
        self.entries[index].place = Some(to.clone());
        self.places.insert(to, index);
        Ok(())
    }

    fn there(&mut self, path: PathBuf) -> Result<usize, PlanError> {
        match self.look(&path)? {
            Look::There(index) => Ok(index),
            Look::Gone(_) | Look::Never => Err(PlanError::Missing { path }),
        }
    }

    fn look(&mut self, path: &Path) -> Result<Look, PlanError> {
        if let Some(&index) = self.places.get(path) {
            let there = self.entries[index].place.as_deref() == Some(path);
            return Ok(if there { Look::There(index) } else { Look::Gone(index) });
        }
        let Some(bytes) = (self.read)(path)? else { return Ok(Look::Never) };
        let index = self.entries.len();
        let content = Content::AsRead(bytes);
        self.entries.push(Entry { origin: Some(path.to_owned()), place: Some(path.to_owned()), content });
        self.places.insert(path.to_owned(), index);
        Ok(Look::There(index))
    }
}

enum Look {
    There(usize),
    /// It was there before this patch moved or deleted it.
    Gone(usize),
    Never,
}

impl Entry {
    fn take_content(&mut self) -> Content {
        std::mem::replace(&mut self.content, Content::AsRead(Vec::new()))
    }

    /// The change, unless the file came and went within the patch.
    fn finish(self) -> Option<Change> {
        let change = |path, kind, before: Option<Bytes>, after: Option<Bytes>, diff| {
            Some(Change { path, kind, before, after, diff })
        };
        let Some(origin) = self.origin else {
            let after = self.content.after();
            return change(self.place?, Kind::Add, None, Some(after.clone()), lossy(&after));
        };
        let Some(place) = self.place else {
            let before = self.content.before().map(Bytes::from);
            let diff = before.as_deref().map(lossy).unwrap_or_default();
            return change(origin, Kind::Delete, before, None, diff);
        };
        let (before, after, diff) = match self.content {
            Content::AsRead(bytes) => {
                let bytes = Bytes::from(bytes);
                (Some(bytes.clone()), bytes, String::new())
            }
            Content::Edited(text) => {
                let (after, diff) = (text.bytes(), unified::diff(&text));
                (Some(Bytes::from(text.into_source())), Bytes::from(after), diff)
            }
            Content::Fresh { text, before } => {
                let (before, after) = (before.map(Bytes::from), Bytes::from(text.bytes()));
                let old = before.as_deref().map(lossy).unwrap_or_default();
                let diff = unified::diff_of(&old, &lossy(&after));
                (before, after, diff)
            }
        };
        let kind = Kind::Update { move_to: (place != origin).then_some(place) };
        change(origin, kind, before, Some(after), diff)
    }
}

impl Content {
    /// The file as it was read.
    fn before(self) -> Option<Vec<u8>> {
        match self {
            Content::AsRead(bytes) => Some(bytes),
            Content::Edited(text) => Some(text.into_source()),
            Content::Fresh { text: _, before } => before,
        }
    }

    fn after(self) -> Bytes {
        match self {
            Content::AsRead(bytes) => bytes.into(),
            Content::Edited(text) | Content::Fresh { text, .. } => text.bytes().into(),
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Finds the place of every hunk, each behind the one before it, then edits the text.
fn apply(text: &mut Text, path: &Path, hunks: &[Hunk]) -> Result<(), PlanError> {
    let mut found = Vec::with_capacity(hunks.len());
    let search = Search::new(text.contents());
    let mut next = 0;
    for hunk in hunks {
        let placed = place(&search, path, hunk, next)?;
        next = placed.at + old_lines(placed.lines).len();
        found.push(placed);
    }
    drop(search);
    text.edit(&found);
    Ok(())
}

fn place<'a>(
    search: &Search<'_>,
    path: &Path,
    hunk: &'a Hunk,
    mut next: usize,
) -> Result<Placed<'a>, PlanError> {
    for anchor in &hunk.anchors {
        let missing =
            || PlanError::NoAnchor { path: path.to_owned(), anchor: anchor.trim().to_owned(), after: next };
        next = search.find(&[anchor], Where::From(next)).ok_or_else(missing)? + 1;
    }
    let old = old_lines(&hunk.lines);
    if old.is_empty() {
        // Without an old line, an anchor alone says where; without one, new lines go to the end.
        let end = hunk.end == HunkEnd::EndOfFile || hunk.anchors.is_empty();
        let at = if end { search.lines() } else { next };
        return Ok(Placed { at, lines: &hunk.lines });
    }
    let wanted = match hunk.end {
        HunkEnd::Anywhere => Where::From(next),
        HunkEnd::EndOfFile => Where::AtEnd(next),
    };
    if let Some(at) = search.find(&old, wanted) {
        return Ok(Placed { at, lines: &hunk.lines });
    }
    // A model that sees a final newline may take it for one more, empty line.
    if let ([lines @ .., HunkLine::Keep(last)], [shorter @ .., _]) = (&hunk.lines[..], &old[..])
        && last.trim().is_empty()
        && !shorter.is_empty()
        && let Some(at) = search.find(shorter, Where::AtEnd(next))
    {
        return Ok(Placed { at, lines });
    }
    Err(PlanError::NoLines {
        path: path.to_owned(),
        lines: shown(&old),
        after: next,
        end: hunk.end,
        hint: hint(search, &old, next),
    })
}

/// The lines of a hunk that are in the file now.
fn old_lines(lines: &[HunkLine]) -> Vec<&str> {
    let old = lines.iter().filter_map(|line| match line {
        HunkLine::Keep(text) | HunkLine::Remove(text) => Some(text.as_str()),
        HunkLine::Add(_) => None,
    });
    old.collect()
}

fn hint(search: &Search<'_>, old: &[&str], next: usize) -> Hint {
    if let Some(at) = search.find(old, Where::From(next)) {
        return Hint::NotLast { line: at + 1 };
    }
    if let Some(at) = search.find(old, Where::From(0)) {
        return Hint::Above { line: at + 1 };
    }
    match old {
        [first, _, ..] if !first.trim().is_empty() => search
            .find(&[first], Where::From(next))
            .map_or(Hint::Nothing, |at| Hint::FirstLine { line: at + 1 }),
        [..] => Hint::Nothing,
    }
}

/// As many of the lines as a model needs to know which are meant.
fn shown(lines: &[&str]) -> String {
    const MOST: usize = 8;
    let mut shown: Vec<String> = lines.iter().take(MOST).map(|line| (*line).to_owned()).collect();
    if lines.len() > MOST {
        shown.push(format!("… ({} more)", lines.len() - MOST));
    }
    shown.join("\n")
}

#[cfg(test)]
mod tests;
