//! The names of files that stand beside a file while it is changed, and what becomes of those that a killed process left.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{self, AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

const PREFIX: &str = ".codex-change-";
/// A change takes milliseconds; after a day nobody is at it any more, on whatever machine.
const STALE: i64 = 24 * 3600;

/// A name that nobody has.
pub(super) fn beside() -> OsString {
    named(PREFIX)
}

/// The same, for an old text that a person is told about: it is never removed.
pub(super) fn kept() -> OsString {
    named(".codex-kept-")
}

/// Removes what killed processes left in a folder that was just changed; once in the life of this process. Nobody is told
/// of a failure: what stays is only a file too many.
pub(super) fn remove_from(folder: &OwnedFd) {
    static LOOKED_AT: Mutex<BTreeSet<(fs::Dev, u64)>> = Mutex::new(BTreeSet::new());
    let Ok(status) = fs::fstat(folder) else { return };
    let folder_id = (status.st_dev, status.st_ino);
    if LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner).insert(folder_id) {
        // The time of the change itself: the file system's own clock, which is also what wrote the files' times.
        let _ = remove_older(folder, status.st_ctime);
    }
}

fn remove_older(folder: &OwnedFd, now: i64) -> Result<(), Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let listed = fs::openat(folder, ".", flags, Mode::empty())?;
    for entry in fs::Dir::new(listed)? {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if !is_ours(name) {
            continue;
        }
        let Ok(found) = fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        // Renaming sets this time, writing as well, and nobody can set it back.
        let stale = found.st_ctime < now.saturating_sub(STALE);
        if stale && FileType::from_raw_mode(found.st_mode) == FileType::RegularFile {
            let _ = fs::unlinkat(folder, name, AtFlags::empty());
        }
    }
    Ok(())
}

fn is_ours(name: &OsStr) -> bool {
    let rest = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    rest.and_then(|rest| rest.split_once('-'))
        .is_some_and(|(process, index)| is_number(process) && is_number(index))
}

fn named(prefix: &str) -> OsString {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    format!("{prefix}{process}-{}", NEXT.fetch_add(1, Ordering::Relaxed)).into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
    #![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]

    use super::*;

    #[test]
    fn what_is_old_and_ours_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let ours = [".codex-change-1-0", ".codex-change-4194304-18"];
        let others = [
            "file",
            ".codex-change-",
            ".codex-change-1",
            ".codex-change-1-x",
            ".codex-change-1-2-3",
            "x.codex-change-1-2",
        ];
        for name in ours.iter().chain(&others).copied().chain([kept().to_str().unwrap()]) {
            std::fs::write(path(name), "old").unwrap();
        }
        std::fs::create_dir(path(".codex-change-2-0")).unwrap();
        std::os::unix::fs::symlink("file", path(".codex-change-3-0")).unwrap();
        let opened = fs::open(folder.path(), OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).unwrap();
        let all = || std::fs::read_dir(folder.path()).unwrap().count();
        let before = all();
        let now = fs::fstat(&opened).unwrap().st_ctime;
        // Another process may be at work.
        remove_older(&opened, now + STALE - 60).unwrap();
        assert_eq!(all(), before);
        remove_older(&opened, now + STALE + 60).unwrap();
        assert_eq!(all(), before - ours.len());
        assert!(ours.iter().all(|name| !path(name).exists()));
        assert!(is_ours(&beside()) && !is_ours(&kept()));
    }
}
