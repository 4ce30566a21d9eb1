//! Finds out which file a path really means, and refuses links that lead to somebody else.

use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::error::Action;
use crate::error::FsError;
use crate::error::LinkDanger;

/// Which symbolic links are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Links {
    /// Those that stay among this user's files: for everything private.
    OwnOnly,
    /// All: the person named the file, for output.
    Any,
}

/// The file behind a path, with its folder held open so that nobody can exchange the folder meanwhile.
pub(crate) struct Target {
    pub(crate) folder: File,
    pub(crate) name: OsString,
    pub(crate) path: PathBuf,
    pub(crate) existing: Option<Metadata>,
}

impl Target {
    /// Follows the links of `path` to the file to be replaced, which need not exist.
    pub(crate) fn resolve(path: &Path, links: Links, action: Action) -> Result<Self, FsError> {
        let mut current = path.to_path_buf();
        let mut followed = 0;
        let existing = loop {
            let metadata = match fs::symlink_metadata(&current) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => break None,
                Err(error) => return Err(FsError::io(action, path)(error)),
            };
            if followed > 0 || metadata.is_symlink() {
                check_owner(path, links, &metadata)?;
            }
            if !metadata.is_symlink() {
                break Some(metadata);
            }
            followed += 1;
            if followed > 40 {
                return Err(FsError::io(action, path)(rustix::io::Errno::LOOP.into()));
            }
            let next = fs::read_link(&current).map_err(FsError::io(action, path))?;
            current = parent(&current).join(next);
            let folder = fs::metadata(parent(&current)).map_err(FsError::io(action, path))?;
            check_folder(path, links, &folder)?;
        };
        let Some(name) = current.file_name().map(OsString::from) else {
            return Err(FsError::NotAFile { path: current });
        };
        let folder = File::open(parent(&current)).map_err(FsError::io(action, path))?;
        if followed > 0 {
            check_folder(path, links, &folder.metadata().map_err(FsError::io(action, path))?)?;
        }
        Ok(Self { folder, name, path: current, existing })
    }

    /// Refuses what is no regular file.
    pub(crate) fn only_regular(self) -> Result<Self, FsError> {
        match &self.existing {
            Some(metadata) if !metadata.is_file() => Err(FsError::NotAFile { path: self.path }),
            Some(_) | None => Ok(self),
        }
    }
}

/// Creates `path` and its missing parents, each with mode 0700. Folders that exist stay as they are.
pub fn create_private_directory(path: &Path) -> Result<(), FsError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    create_private_directory(parent(path))?;
    let create = || {
        match fs::DirBuilder::new().mode(0o700).create(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
            created => created?,
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        File::open(parent(path))?.sync_all()
    };
    create().map_err(FsError::io(Action::CreateFolder, path))
}

/// Creates the folder `path` for files that a person shares, with the mode that the umask gives.
pub fn create_directory(path: &Path) -> Result<(), FsError> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        created => created.map_err(FsError::io(Action::CreateFolder, path)),
    }
}

/// Removes the folder `path` if nothing is in it, and says whether it is gone.
pub fn remove_empty_directory(path: &Path) -> Result<bool, FsError> {
    match fs::remove_dir(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(FsError::io(Action::Remove, path)(error)),
    }
}

/// The folder of `path`; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) => Path::new("."),
        None => path,
    }
}

fn check_owner(path: &Path, links: Links, metadata: &Metadata) -> Result<(), FsError> {
    if links == Links::Any || metadata.uid() == rustix::process::geteuid().as_raw() {
        return Ok(());
    }
    Err(FsError::UnsafeLink { path: path.to_path_buf(), danger: LinkDanger::OtherUser })
}

fn check_folder(path: &Path, links: Links, folder: &Metadata) -> Result<(), FsError> {
    let us = rustix::process::geteuid().as_raw();
    let danger = if links == Links::Any {
        None
    } else if folder.mode() & 0o002 != 0 {
        Some(LinkDanger::OpenFolder)
    } else if folder.uid() != us && folder.uid() != 0 {
        Some(LinkDanger::OtherUser)
    } else {
        None
    };
    match danger {
        Some(danger) => Err(FsError::UnsafeLink { path: path.to_path_buf(), danger }),
        None => Ok(()),
    }
}
