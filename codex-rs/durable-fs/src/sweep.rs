//! Clears away temporary files that killed processes left behind.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use crate::error::Action;
use crate::error::FsError;

/// How the names of the temporary files start that writing `path` makes, beside it; for [`sweep_stale`].
pub fn temporary_prefix(path: &Path) -> OsString {
    prefix_of(path.file_name().unwrap_or_default())
}

pub(crate) fn prefix_of(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".tmp-");
    prefix
}

/// Removes the files of `folder` whose name starts with `prefix` and that were last written more than
/// `older_than` before `now` (Unix seconds); gives their number. Call it under the lock of the writers.
pub fn sweep_stale(folder: &Path, prefix: &OsStr, older_than: Duration, now: i64) -> Result<usize, FsError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(FsError::io(Action::List, folder)(error)),
    };
    let newest = now.saturating_sub_unsigned(older_than.as_secs());
    let mut removed = 0;
    for entry in entries {
        let entry = entry.map_err(FsError::io(Action::List, folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(prefix.as_encoded_bytes()) {
            continue;
        }
        // Another process may sweep, or rename its file into place, at the same moment.
        let Ok(metadata) = entry.path().symlink_metadata() else { continue };
        if metadata.is_file() && metadata.mtime() < newest {
            match fs::remove_file(entry.path()) {
                Ok(()) => removed += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(FsError::io(Action::Remove, &entry.path())(error)),
            }
        }
    }
    Ok(removed)
}
