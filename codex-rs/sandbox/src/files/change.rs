//! Several files changed as one: all staged beside their places, then all renamed, or all put back.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, Access, AtFlags, FileType, Gid, Mode, OFlags, RenameFlags, Stat, Uid};
use rustix::io::Errno;

use super::guard::Guard;
use super::leftovers::{self, beside};
use super::place::{self, Missing, Place, Way, refused};
use super::{FileError, Problem};

/// What becomes of one path.
#[derive(Debug, Clone, Copy)]
pub struct FileChange<'a> {
    /// Where, absolute. A link that is written stays, and what it leads to changes; one that is removed goes itself.
    pub path: &'a Path,
    /// What was there when the change was made up; `None` for nothing. Anything else there now refuses the change.
    pub before: Option<&'a [u8]>,
    /// What will be there; `None` for nothing.
    pub after: Option<&'a [u8]>,
    /// The file, as it is now, whose mode and owner this one has; `None` for those of a new one.
    pub mode_of: Option<&'a Path>,
}

pub(super) fn apply(
    guard: &Guard<'_>,
    changes: &[FileChange<'_>],
    consent: &[PathBuf],
) -> Result<(), FileError> {
    let mut all = Transaction::new(guard);
    let done = all.judge(guard, changes, consent).and_then(|judged| {
        all.stage(&judged)?;
        all.rename(&judged)
    });
    match done {
        Ok(()) => {
            all.settle();
            Ok(())
        }
        Err(error) => Err(all.take_back().unwrap_or(error)),
    }
}

/// A change and the path without links that it is about.
struct Judged<'a> {
    change: &'a FileChange<'a>,
    real: PathBuf,
}

/// What was done so far. Dropped before it is settled, it is taken back.
struct Transaction<'a> {
    way: Way<'a>,
    steps: Vec<Step>,
}

/// One file.
struct Step {
    path: PathBuf,
    folder: Arc<OwnedFd>,
    name: OsString,
    /// The name of the file beside it.
    beside: OsString,
    /// What was there.
    old: Option<Stat>,
    state: State,
}

/// What is beside the file, and what at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing; the old.
    Open,
    /// The new; the old.
    Staged,
    /// The old, if there was one; the new, if there is one.
    Renamed,
}

impl<'a> Transaction<'a> {
    fn new(guard: &'a Guard<'a>) -> Self {
        Transaction { way: Way::new(guard), steps: Vec::new() }
    }

    /// Which files it is really about, and that each may be changed.
    fn judge<'c>(
        &self,
        guard: &Guard<'_>,
        changes: &'c [FileChange<'c>],
        consent: &[PathBuf],
    ) -> Result<Vec<Judged<'c>>, FileError> {
        let mut judged: Vec<Judged<'c>> = Vec::with_capacity(changes.len());
        for change in changes {
            let at = error_at(change.path);
            let place = Place::of(change.path).map_err(&at)?;
            let real = if change.after.is_some() { place.target } else { place.entry };
            guard.readable(&real).map_err(&at)?;
            if let Err(why) = guard.writable(&real)
                && !consent.contains(&real)
            {
                return Err(at(Problem::Outside(why)));
            }
            if judged.iter().any(|other| other.real == real) {
                return Err(at(Problem::Twice));
            }
            judged.push(Judged { change, real });
        }
        Ok(judged)
    }

    /// Everything that can fail for a plain reason, with nothing changed yet.
    fn stage(&mut self, judged: &[Judged<'_>]) -> Result<(), FileError> {
        for Judged { change, real } in judged {
            self.prepare(change, real).map_err(error_at(change.path))?;
        }
        for (index, Judged { change, real: _ }) in judged.iter().enumerate() {
            self.write(index, change).map_err(error_at(change.path))?;
        }
        Ok(())
    }

    fn rename(&mut self, judged: &[Judged<'_>]) -> Result<(), FileError> {
        for (step, Judged { change, real: _ }) in self.steps.iter_mut().zip(judged) {
            step.rename(change).map_err(error_at(change.path))?;
        }
        Ok(())
    }

    /// Opens the folder and looks whether the file is as it was.
    fn prepare(&mut self, change: &FileChange<'_>, real: &Path) -> Result<(), Problem> {
        let (parent, name) = place::split(real)?;
        let missing = if change.after.is_some() { Missing::Make } else { Missing::Leave };
        let folder = self.way.folder(parent, missing)?.ok_or(Problem::Changed)?;
        let old = as_before(&folder, name, change)?;
        if old.is_some() && change.after.is_some() {
            // Renaming would not ask.
            match fs::accessat(&*folder, name, Access::WRITE_OK, AtFlags::EACCESS) {
                Err(Errno::ACCESS | Errno::PERM) => return Err(Problem::WriteProtected),
                asked => asked.map_err(refused)?,
            }
        }
        let (path, name) = (real.to_path_buf(), name.to_owned());
        self.steps.push(Step { path, folder, name, beside: beside(), old, state: State::Open });
        Ok(())
    }

    /// Writes the new file beside its place.
    fn write(&mut self, index: usize, change: &FileChange<'_>) -> Result<(), Problem> {
        let Some(bytes) = change.after else { return Ok(()) };
        let like = change.mode_of.map(|path| self.status_of(path)).transpose()?;
        let Some(step) = self.steps.get_mut(index) else { return Ok(()) };
        // A file that is private stays so while it is written; only a new one has what the umask gives.
        let mode = Mode::from_raw_mode(if like.is_some() { 0o600 } else { 0o666 });
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = loop {
            match fs::openat(&*step.folder, &step.beside, flags, mode) {
                // Left over by a killed process that had our id.
                Err(Errno::EXIST) => step.beside = beside(),
                file => break file.map_err(refused)?,
            }
        };
        step.state = State::Staged;
        let mut file = File::from(file);
        file.write_all(bytes)?;
        if let Some(like) = like {
            keep_owner(&file, &like);
            fs::fchmod(&file, Mode::from_raw_mode(like.st_mode & 0o777)).map_err(refused)?;
        }
        // Or a power failure after the renaming could leave an empty file in place of the old one.
        file.sync_data()?;
        Ok(())
    }

    /// The file that gives its mode, before anything was renamed.
    fn status_of(&mut self, path: &Path) -> Result<Stat, Problem> {
        let place = Place::of(path)?;
        let known = self.steps.iter().find(|step| step.path == place.target);
        if let Some(old) = known.and_then(|step| step.old) {
            return Ok(old);
        }
        let (parent, name) = place::split(&place.target)?;
        let folder = self.way.folder(parent, Missing::Leave)?.ok_or(Problem::Changed)?;
        place::look(&folder, name)?.ok_or(Problem::Changed)
    }

    /// Everything is in place: the old files go, with what others left.
    fn settle(mut self) {
        self.way.made.clear();
        for step in self.steps.drain(..) {
            if step.old.is_some() {
                // The change is done; what cannot be removed stays beside it.
                let _ = fs::unlinkat(&*step.folder, &step.beside, AtFlags::empty());
            }
            leftovers::remove_from(&step.folder);
        }
    }

    /// The last first. The first file that cannot be put back is told.
    fn take_back(&mut self) -> Option<FileError> {
        let mut failed = None;
        for step in self.steps.drain(..).rev() {
            if step.take_back().is_err() {
                let kept = step.path.with_file_name(step.keep());
                failed.get_or_insert(FileError { path: step.path, problem: Problem::NotPutBack { kept } });
            }
        }
        for (parent, name) in self.way.made.drain(..).rev() {
            // One that somebody else uses by now stays.
            let _ = fs::unlinkat(&*parent, &name, AtFlags::REMOVEDIR);
        }
        failed
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // Only a panic comes here with steps left; there is nobody to tell.
        let _ = self.take_back();
    }
}

impl Step {
    fn rename(&mut self, change: &FileChange<'_>) -> Result<(), Problem> {
        let (folder, name) = (&*self.folder, &self.name);
        match (change.after, &self.old) {
            (Some(_), Some(_)) => self.beside = swap(folder, &self.beside, name)?,
            (Some(_), None) => move_to_free(folder, &self.beside, name)?,
            (None, Some(_)) => move_to_free(folder, name, &self.beside)?,
            (None, None) => return Ok(()),
        }
        self.state = State::Renamed;
        // Renaming asks nobody: whether it was still the same file is seen only now.
        let moved = if self.old.is_some() { place::look(&self.folder, &self.beside)? } else { None };
        match (&self.old, &moved) {
            (Some(old), Some(moved)) if !is_same(old, moved) => Err(Problem::Changed),
            (Some(_), None) => Err(Problem::Changed),
            (Some(_), Some(_)) | (None, _) => Ok(()),
        }
    }

    /// The name of the old file from now on: one that is not taken for a leftover.
    fn keep(&self) -> OsString {
        let kept = leftovers::kept();
        match move_to_free(&self.folder, &self.beside, &kept) {
            Ok(()) => kept,
            Err(_) => self.beside.clone(),
        }
    }

    fn take_back(&self) -> Result<(), Errno> {
        let folder = &*self.folder;
        match (self.state, &self.old) {
            (State::Open, _) => Ok(()),
            (State::Staged, _) => {
                // It is only a file too many.
                let _ = fs::unlinkat(folder, &self.beside, AtFlags::empty());
                Ok(())
            }
            (State::Renamed, Some(_)) => put_back(folder, &self.beside, &self.name),
            (State::Renamed, None) => fs::unlinkat(folder, &self.name, AtFlags::empty()),
        }
    }
}

/// What is there, if it is what the change was made for.
fn as_before(folder: &OwnedFd, name: &OsStr, change: &FileChange<'_>) -> Result<Option<Stat>, Problem> {
    if change.after.is_none()
        && let Some(found) = place::look(folder, name)?
        && FileType::from_raw_mode(found.st_mode) == FileType::Symlink
    {
        // The link goes; what it leads to stays as it is.
        return Ok(Some(found));
    }
    match (place::open_file(folder, name)?, change.before) {
        (None, None) => Ok(None),
        (Some((file, status)), Some(before)) => {
            let same = u64::try_from(status.st_size).is_ok_and(|size| size == before.len() as u64)
                && holds(file, before)?;
            if same { Ok(Some(status)) } else { Err(Problem::Changed) }
        }
        (Some(_), None) | (None, Some(_)) => Err(Problem::Changed),
    }
}

fn holds(file: File, mut bytes: &[u8]) -> Result<bool, Problem> {
    // Piece by piece: long files are not held once more.
    let mut now = BufReader::with_capacity(64 * 1024, file);
    loop {
        let piece = match now.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            piece => piece?,
        };
        if piece.is_empty() {
            return Ok(bytes.is_empty());
        }
        let Some(rest) = bytes.strip_prefix(piece) else { return Ok(false) };
        bytes = rest;
        let read = piece.len();
        now.consume(read);
    }
}

fn is_same(old: &Stat, new: &Stat) -> bool {
    let told =
        |status: &Stat| (status.st_dev, status.st_ino, status.st_size, status.st_mtime, status.st_mtime_nsec);
    told(old) == told(new)
}

/// Puts `new` at the place of `old` and gives the name under which the old one is now.
fn swap(folder: &OwnedFd, new: &OsStr, old: &OsStr) -> Result<OsString, Problem> {
    match fs::renameat_with(folder, new, folder, old, RenameFlags::EXCHANGE) {
        Ok(()) => return Ok(new.to_owned()),
        Err(error) if is_unknown(error) => {}
        Err(error) => return Err(refused(error)),
    }
    // Network file systems cannot do it in one step: for a moment there is nothing.
    let kept = beside();
    fs::renameat(folder, old, folder, &kept).map_err(refused)?;
    match fs::renameat(folder, new, folder, old) {
        Ok(()) => Ok(kept),
        Err(error) => {
            fs::renameat(folder, &kept, folder, old).map_err(refused)?;
            Err(refused(error))
        }
    }
}

/// Puts the old file over the new one, or where none came.
fn put_back(folder: &OwnedFd, old: &OsStr, new: &OsStr) -> Result<(), Errno> {
    // A folder that was moved away in place of a file goes back over no file.
    fs::renameat(folder, old, folder, new).or_else(|_| {
        fs::renameat_with(folder, old, folder, new, RenameFlags::EXCHANGE)?;
        fs::unlinkat(folder, old, AtFlags::empty())
    })
}

/// Renames to where nothing is.
fn move_to_free(folder: &OwnedFd, from: &OsStr, to: &OsStr) -> Result<(), Problem> {
    match fs::renameat_with(folder, from, folder, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => Err(Problem::Changed),
        Err(error) if is_unknown(error) => match place::look(folder, to)? {
            Some(_) => Err(Problem::Changed),
            None => fs::renameat(folder, from, folder, to).map_err(refused),
        },
        Err(error) => Err(refused(error)),
    }
}

/// Whether the file system does not know this way of renaming.
fn is_unknown(error: Errno) -> bool {
    matches!(error, Errno::INVAL | Errno::NOSYS | Errno::NOTSUP)
}

/// Who is allowed to (root, in a container) keeps a file its person's. Else it becomes ours, as with any editor.
fn keep_owner(file: &File, like: &Stat) {
    let Ok(now) = fs::fstat(file) else { return };
    if (now.st_uid, now.st_gid) != (like.st_uid, like.st_gid) {
        let _ = fs::fchown(file, Some(Uid::from_raw(like.st_uid)), Some(Gid::from_raw(like.st_gid)));
    }
}

fn error_at(path: &Path) -> impl Fn(Problem) -> FileError + use<> {
    let path = path.to_path_buf();
    move |problem| FileError { path: path.clone(), problem }
}

#[cfg(test)]
mod tests;
