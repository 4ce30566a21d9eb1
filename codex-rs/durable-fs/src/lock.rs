//! A lock between processes: one file, held while its owner lives, never left behind by a killed one.

use std::fs::File;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use rustix::fs::Mode;
use rustix::fs::OFlags;

use crate::error::Action;
use crate::error::FsError;
use crate::target;

/// Holds an exclusive lock until dropped. The lock file itself stays, since removing it would let two
/// processes hold "the" lock.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock at `path` (created with mode 0600), waiting up to `timeout` for other holders, in this
    /// process too. It blocks the thread: in async code call it where that is allowed.
    ///
    /// The error after the time-out names the process that holds the lock.
    pub fn acquire(path: &Path, timeout: Duration) -> Result<Self, FsError> {
        target::create_private_directory(target::parent(path))?;
        let mut file = open(path).map_err(FsError::io(Action::Lock, path))?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if start.elapsed() < timeout => {
                    std::thread::sleep(Duration::from_millis(5).min(timeout));
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = holder(&mut file);
                    return Err(FsError::Locked { path: path.to_path_buf(), holder, waited: timeout });
                }
                Err(TryLockError::Error(error)) if is_unsupported(&error) => {
                    return Err(FsError::LocksUnsupported { path: path.to_path_buf() });
                }
                Err(TryLockError::Error(error)) => return Err(FsError::io(Action::Lock, path)(error)),
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .map_err(FsError::io(Action::Lock, path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file would release it as well, but not before a child that is being started has
        // replaced its copy of this process.
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let private = Mode::RUSR | Mode::WUSR;
    let file = File::from(rustix::fs::open(path, flags, private)?);
    rustix::fs::fchmod(&file, private)?;
    Ok(file)
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn is_unsupported(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
        || error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error())
}
