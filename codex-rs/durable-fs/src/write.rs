//! Replaces and removes files so that a reader, or a crash at any moment, sees the old or the new one whole.

use std::ffi::OsString;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use rustix::fs::AtFlags;
use rustix::fs::Mode;
use rustix::fs::OFlags;

use crate::error::Action;
use crate::error::FsError;
use crate::probe;
use crate::probe::Step;
use crate::sweep;
use crate::target;
use crate::target::Links;
use crate::target::Target;

/// Replaces `path` by `bytes`, readable by its owner only (0600); missing folders are created (0700).
///
/// A symbolic link is kept and its target replaced, unless it leads to another user's file or into a
/// folder that everybody may write to. On failure the old file is intact and the temporary one removed.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    target::create_private_directory(target::parent(path))?;
    let target = Target::resolve(path, Links::OwnOnly, Action::Write)?.only_regular()?;
    replace(&target, FileMode::Exactly(0o600), bytes).map_err(FsError::io(Action::Write, path))
}

/// Writes output where a person wants it: new files get the mode that the umask gives, existing ones keep
/// theirs, links are followed, pipes and devices are written to.
///
/// A regular file is replaced as a whole. Only where its folder refuses new files it is written in place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let target = Target::resolve(path, Links::Any, Action::Write)?;
    let mode = match &target.existing {
        Some(metadata) if metadata.is_dir() => return Err(FsError::NotAFile { path: path.to_path_buf() }),
        Some(metadata) if !metadata.is_file() => {
            return write_in_place(path, bytes).map_err(FsError::io(Action::Write, path));
        }
        Some(metadata) => FileMode::Exactly(metadata.mode() & 0o777),
        None => FileMode::FromUmask,
    };
    match replace(&target, mode, bytes) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && target.existing.is_some() => {
            write_in_place(path, bytes)
        }
        outcome => outcome,
    }
    .map_err(FsError::io(Action::Write, path))
}

/// Removes the file at `path` for good and says whether there was one.
///
/// Of a symbolic link the target is removed, under the rules of [`write_private`], and the link kept:
/// afterwards nothing can be read at `path`.
pub fn remove(path: &Path) -> Result<bool, FsError> {
    let absent = |error: &FsError| matches!(error, FsError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound);
    let target = match Target::resolve(path, Links::OwnOnly, Action::Remove) {
        Err(error) if absent(&error) => return Ok(false),
        target => target?.only_regular()?,
    };
    match rustix::fs::unlinkat(&target.folder, &target.name, AtFlags::empty()) {
        Err(rustix::io::Errno::NOENT) => return Ok(false),
        removed => removed.map_err(io::Error::from).map_err(FsError::io(Action::Remove, path))?,
    }
    target.folder.sync_all().map_err(FsError::io(Action::Remove, path))?;
    Ok(true)
}

enum FileMode {
    Exactly(u32),
    FromUmask,
}

fn replace(target: &Target, mode: FileMode, bytes: &[u8]) -> io::Result<()> {
    let creation_mode = match mode {
        FileMode::Exactly(_) => Mode::RUSR | Mode::WUSR,
        FileMode::FromUmask => Mode::from_raw_mode(0o666),
    };
    let (mut temporary, mut file) = Temporary::create(target, creation_mode)?;
    if let FileMode::Exactly(bits) = mode {
        probe::pass(Step::SetMode)?;
        rustix::fs::fchmod(&file, Mode::from_raw_mode(bits))?;
    }
    probe::pass(Step::Write)?;
    file.write_all(bytes)?;
    probe::pass(Step::SyncFile)?;
    file.sync_all()?;
    probe::pass(Step::Rename)?;
    rustix::fs::renameat(&target.folder, &temporary.name, &target.folder, &target.name)?;
    temporary.is_in_place = true;
    probe::pass(Step::SyncFolder)?;
    target.folder.sync_all()
}

fn write_in_place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    OpenOptions::new().write(true).truncate(true).open(path)?.write_all(bytes)
}

/// A temporary file beside its target; removes itself unless it was renamed into place.
struct Temporary<'a> {
    folder: &'a File,
    name: OsString,
    is_in_place: bool,
}

impl<'a> Temporary<'a> {
    fn create(target: &'a Target, mode: Mode) -> io::Result<(Self, File)> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        probe::pass(Step::CreateTemporary)?;
        loop {
            let mut name = sweep::prefix_of(&target.name);
            name.push(format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
            match rustix::fs::openat(&target.folder, &name, flags, mode) {
                // Left over by a killed process that had our id.
                Err(rustix::io::Errno::EXIST) => continue,
                file => {
                    let temporary = Temporary { folder: &target.folder, name, is_in_place: false };
                    return Ok((temporary, File::from(file?)));
                }
            }
        }
    }
}

impl Drop for Temporary<'_> {
    fn drop(&mut self) {
        if !self.is_in_place {
            // The first error is the one to report; what stays behind is swept later.
            let _ = rustix::fs::unlinkat(self.folder, &self.name, AtFlags::empty());
        }
    }
}

#[cfg(test)]
mod tests;
