//! Where a path really is, and the way there that no link can bend.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::Problem;
use super::guard::Guard;

/// A path without links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file itself: its folder without links, and its name, which may be a link.
    pub(super) entry: PathBuf,
    /// What is read and written: the same, or where the link leads.
    pub(super) target: PathBuf,
}

impl Place {
    /// As far as it exists; what is missing is taken by its words.
    pub(super) fn of(path: &Path) -> Result<Self, Problem> {
        if !path.is_absolute() {
            return Err(Problem::NotAbsolute);
        }
        let mut target = PathBuf::from("/");
        let mut entry = target.clone();
        for part in path.components() {
            match part {
                Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
                Component::ParentDir => {
                    target.pop();
                    entry.clone_from(&target);
                }
                Component::Normal(name) => {
                    entry = target.join(name);
                    target = follow(&entry)?;
                }
            }
        }
        Ok(Place { entry, target })
    }
}

fn follow(entry: &Path) -> Result<PathBuf, Problem> {
    match entry.symlink_metadata() {
        Ok(found) if found.is_symlink() => match entry.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Problem::DeadLink),
            real => Ok(real?),
        },
        Ok(_) => Ok(entry.to_path_buf()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(entry.to_path_buf()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Problem::BelowFile),
        Err(error) => Err(error.into()),
    }
}

/// The folder and the name in it.
pub(super) fn split(real: &Path) -> Result<(&Path, &OsStr), Problem> {
    real.parent().zip(real.file_name()).ok_or(Problem::NotAFile)
}

/// What to do about a folder that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    Make,
    Leave,
}

/// Folders, opened one by one from `/`, and those that were made on the way.
pub(super) struct Way<'a> {
    guard: &'a Guard<'a>,
    open: Vec<(PathBuf, Arc<OwnedFd>)>,
    pub(super) made: Vec<(Arc<OwnedFd>, OsString)>,
}

impl<'a> Way<'a> {
    pub(super) fn new(guard: &'a Guard<'a>) -> Self {
        Way { guard, open: Vec::new(), made: Vec::new() }
    }

    /// A folder, given without links; `None` where it is missing and left so.
    pub(super) fn folder(&mut self, path: &Path, missing: Missing) -> Result<Option<Arc<OwnedFd>>, Problem> {
        if let Some((_, folder)) = self.open.iter().find(|(open, _)| open == path) {
            return Ok(Some(folder.clone()));
        }
        let folder = match path.parent().zip(path.file_name()) {
            None => fs::open("/", FOLDER, Mode::empty()).map_err(refused)?,
            Some((parent, name)) => {
                let Some(parent) = self.folder(parent, missing)? else { return Ok(None) };
                match (fs::openat(&*parent, name, FOLDER, Mode::empty()), missing) {
                    (Err(Errno::NOENT), Missing::Leave) => return Ok(None),
                    (Err(Errno::NOENT), Missing::Make) => self.make(&parent, name)?,
                    (folder, _) => folder.map_err(refused)?,
                }
            }
        };
        let status = fs::fstat(&folder).map_err(refused)?;
        self.guard.passable(path, &status)?;
        let folder = Arc::new(folder);
        self.open.push((path.to_path_buf(), folder.clone()));
        Ok(Some(folder))
    }

    fn make(&mut self, parent: &Arc<OwnedFd>, name: &OsStr) -> Result<OwnedFd, Problem> {
        match fs::mkdirat(&**parent, name, Mode::from_raw_mode(0o777)) {
            Ok(()) => self.made.push((parent.clone(), name.to_owned())),
            Err(Errno::EXIST) => {}
            Err(error) => return Err(refused(error)),
        }
        fs::openat(&**parent, name, FOLDER, Mode::empty()).map_err(refused)
    }
}

/// Only to go on from, which does not need the right to list it.
#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A plain file for reading and what it is; `None` where there is none.
pub(super) fn open_file(folder: &OwnedFd, name: &OsStr) -> Result<Option<(File, Stat)>, Problem> {
    // Looked at first: opening a device can do something.
    let Some(found) = look(folder, name)? else { return Ok(None) };
    match FileType::from_raw_mode(found.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => return Err(Problem::Swapped),
        _ => return Err(Problem::NotAFile),
    }
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = match fs::openat(folder, name, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        file => file.map_err(refused)?,
    };
    let status = fs::fstat(&file).map_err(refused)?;
    if FileType::from_raw_mode(status.st_mode) != FileType::RegularFile {
        return Err(Problem::Swapped);
    }
    #[cfg(target_os = "linux")]
    if fs::fstatfs(&file).map_err(refused)?.f_type == fs::PROC_SUPER_MAGIC {
        // `/proc`, mounted elsewhere.
        return Err(Problem::System);
    }
    Ok(Some((File::from(file), status)))
}

/// What a name in a folder is, a link itself; `None` for nothing.
pub(super) fn look(folder: &OwnedFd, name: &OsStr) -> Result<Option<Stat>, Problem> {
    match fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => Ok(None),
        found => Ok(Some(found.map_err(refused)?)),
    }
}

/// On a way without links, a link or a file in a folder's place was put there meanwhile.
pub(super) fn refused(error: Errno) -> Problem {
    match error {
        Errno::LOOP | Errno::NOTDIR => Problem::Swapped,
        error => Problem::Io(error.into()),
    }
}
