//! What can go wrong with a file, always with its path and never with its content.

use std::fmt;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

/// Why a file could not be read, written, removed or locked.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// The operating system refused; `source` says why.
    #[error("could not {action} {path}: {source}", path = path.display())]
    Io {
        /// What was tried.
        action: Action,
        /// The file or folder concerned.
        path: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// The file is longer than its reader accepts.
    #[error("{path} is larger than {limit} bytes; move it away or make it smaller", path = path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes accepted.
        limit: u64,
    },
    /// A folder, pipe or device stands where a file should be.
    #[error("{path} is not a regular file; move it away", path = path.display())]
    NotAFile {
        /// What is in the way.
        path: PathBuf,
    },
    /// Writing through this symbolic link would give the content to somebody else.
    #[error("refusing to write through the symbolic link {path}: {danger}", path = path.display())]
    UnsafeLink {
        /// The path as it was given.
        path: PathBuf,
        /// Why it is unsafe.
        danger: LinkDanger,
    },
    /// A line to be appended contains a line break.
    #[error("a line for {path} contains a line break", path = path.display())]
    LineBreak {
        /// The file that was to be appended to.
        path: PathBuf,
    },
    /// Another process kept the lock for the whole time that we were ready to wait.
    #[error("{path} is still locked{by} after {seconds} seconds; end that process or try again",
        path = path.display(), by = Holder(*holder), seconds = waited.as_secs())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// Process id that the holder left in the lock file.
        holder: Option<u32>,
        /// How long we waited.
        waited: Duration,
    },
    /// The file system (some network ones) has no locks.
    #[error("the file system of {path} does not support locks", path = path.display())]
    LocksUnsupported {
        /// The lock file.
        path: PathBuf,
    },
}

impl FsError {
    pub(crate) fn io(action: Action, path: &Path) -> impl FnOnce(io::Error) -> FsError + '_ {
        move |source| FsError::Io { action, path: path.to_path_buf(), source }
    }
}

/// What was tried when the operating system refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Reading a file.
    Read,
    /// Writing or replacing a file.
    Write,
    /// Appending a line.
    Append,
    /// Removing a file.
    Remove,
    /// Taking a lock.
    Lock,
    /// Creating a folder.
    CreateFolder,
    /// Listing a folder.
    List,
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Action::Read => "read",
            Action::Write => "write",
            Action::Append => "append to",
            Action::Remove => "remove",
            Action::Lock => "lock",
            Action::CreateFolder => "create the folder",
            Action::List => "list the folder",
        })
    }
}

/// Why a symbolic link is not written through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkDanger {
    /// The link or its target belongs to another user.
    OtherUser,
    /// Everybody may replace files in the folder that the link points into.
    OpenFolder,
}

impl fmt::Display for LinkDanger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            LinkDanger::OtherUser => "it leads to a file or folder of another user",
            LinkDanger::OpenFolder => "it leads into a folder that everybody may write to",
        })
    }
}

struct Holder(Option<u32>);

impl fmt::Display for Holder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(pid) => write!(formatter, " by process {pid}"),
            None => Ok(()),
        }
    }
}
