//! Reads a private file whole, with a size limit, and tells whether others could read it too.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::error::Action;
use crate::error::FsError;

/// The content of a private file.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateFile {
    /// The whole content.
    pub bytes: Vec<u8>,
    /// Whether the mode keeps other users out.
    pub exposure: Exposure,
}

/// Who may read or write a file besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Nobody (0600 for a file, 0700 for a folder, or narrower).
    Private,
    /// Others; holds the permission bits.
    Wider(u32),
}

impl Exposure {
    fn of(mode: u32) -> Self {
        if mode & 0o077 == 0 { Exposure::Private } else { Exposure::Wider(mode & 0o777) }
    }
}

/// Reads `path` if it is there: `None` means that no such file exists.
///
/// Fails for what is larger than `max_bytes`, no regular file, or unreadable. Links are followed.
pub fn read_private(path: &Path, max_bytes: u64) -> Result<Option<PrivateFile>, FsError> {
    let Some(file) = open_if_there(path)? else { return Ok(None) };
    let metadata = file.metadata().map_err(FsError::io(Action::Read, path))?;
    if !metadata.is_file() {
        return Err(FsError::NotAFile { path: path.to_path_buf() });
    }
    let too_large = || FsError::TooLarge { path: path.to_path_buf(), limit: max_bytes };
    if metadata.len() > max_bytes {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
    // One byte more than allowed shows a file that grew after its length was asked for.
    let length = file.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes);
    if length.map_err(FsError::io(Action::Read, path))? as u64 > max_bytes {
        return Err(too_large());
    }
    Ok(Some(PrivateFile { bytes, exposure: Exposure::of(metadata.mode()) }))
}

/// Tells who may use the file or folder at `path`; `None` means that it does not exist.
pub fn exposure(path: &Path) -> Result<Option<Exposure>, FsError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(Exposure::of(metadata.mode()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FsError::io(Action::Read, path)(error)),
    }
}

/// Without `NONBLOCK`, opening a pipe that stands in place of the file would wait for ever.
fn open_if_there(path: &Path) -> Result<Option<File>, FsError> {
    let nonblocking = rustix::fs::OFlags::NONBLOCK.bits() as i32;
    match OpenOptions::new().read(true).custom_flags(nonblocking).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FsError::io(Action::Read, path)(error)),
    }
}
