//! Walls: what a mechanism makes of a command and its policy.

#[cfg(target_os = "linux")]
pub(crate) mod bubblewrap;
pub(crate) mod cover;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
pub(crate) mod landlock;
#[cfg(target_os = "linux")]
pub(crate) mod mount_points;
pub(crate) mod seatbelt;

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use crate::{CommandSpec, SandboxError};

/// What builds the walls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// Namespaces and mounts by `bwrap`, with a system call filter. Linux.
    Bubblewrap,
    /// Landlock, with a system call filter. Linux.
    Landlock,
    /// `sandbox-exec` with a profile of ours. macOS.
    Seatbelt,
}

impl Mechanism {
    /// What a model has to know of it to understand why an innocent command may fail.
    pub fn remark(self) -> Option<&'static str> {
        match self {
            Mechanism::Landlock => Some(
                "The sandbox of this machine (Landlock) is stricter than usual: directly in the top folder of a \
                 workspace nothing can be made, removed or renamed, though files that exist there can be changed and \
                 everything can be done in its subfolders; modes, owners and times of files cannot be changed \
                 anywhere. Files can be made there by the tool apply_patch.",
            ),
            Mechanism::Bubblewrap | Mechanism::Seatbelt => None,
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Mechanism::Bubblewrap => "bubblewrap",
            Mechanism::Landlock => "Landlock",
            Mechanism::Seatbelt => "Seatbelt",
        })
    }
}

/// Runs in the child between fork and exec, as the last thing before exec: it may only make system calls.
pub(crate) type InChild = Box<dyn FnMut() -> io::Result<()> + Send + Sync>;

/// How a command is really started.
pub(crate) struct Launch {
    /// The program that is started: the command's own, or a wrapper.
    pub(crate) program: OsString,
    pub(crate) arguments: Vec<OsString>,
    pub(crate) cwd: PathBuf,
    /// The whole environment.
    pub(crate) environment: Vec<(String, String)>,
    /// To be called in the child, after everything else.
    pub(crate) in_child: Option<InChild>,
    /// What the group's leader is.
    pub(crate) leader: Leader,
    /// To be kept as long as the command runs.
    pub(crate) kept: Kept,
}

/// What the started process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leader {
    /// The command itself.
    Command,
    /// A wrapper that ends with the command and takes everything with it when it ends first. SIGTERM is for the other
    /// members of its group, so that they get their time to leave; SIGKILL for all.
    Wrapper,
}

/// What has to outlive the command. Drop it when the command has ended or was killed.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    #[cfg(target_os = "linux")]
    points: Option<mount_points::InUse>,
}

impl Kept {
    #[cfg(target_os = "linux")]
    fn of(points: mount_points::InUse) -> Self {
        Kept { points: Some(points) }
    }

    /// The command has started, and is the leader of this group.
    pub(crate) fn started(&mut self, group: Pid) {
        #[cfg(target_os = "linux")]
        if let Some(points) = &mut self.points {
            points.by(group);
        }
        #[cfg(not(target_os = "linux"))]
        let _ = group;
    }
}

impl Launch {
    /// Without walls.
    pub(crate) fn plain(spec: &CommandSpec) -> Result<Self, SandboxError> {
        let (program, arguments) = spec.argv.split_first().ok_or(SandboxError::Empty)?;
        Ok(Launch {
            program: program.into(),
            arguments: arguments.iter().map(OsString::from).collect(),
            cwd: spec.cwd.clone(),
            environment: spec.environment.clone(),
            in_child: None,
            leader: Leader::Command,
            kept: Kept::default(),
        })
    }
}

/// For a command that is waited for at once, and so needs no session of its own.
pub(crate) fn confine(command: &mut std::process::Command, in_child: Option<InChild>) {
    let Some(in_child) = in_child else { return };
    #[expect(unsafe_code, reason = "the standard library offers no safe way to do something in the child")]
    // SAFETY: what the walls do between fork and exec is system calls only.
    unsafe {
        std::os::unix::process::CommandExt::pre_exec(command, in_child);
    }
}

/// The folder without links, where it exists.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// Opens an absolute path of which no part may be a link: what is opened is what the path said when it was resolved.
#[cfg(target_os = "linux")]
fn open_without_links(path: &Path, flags: rustix::fs::OFlags) -> io::Result<std::os::fd::OwnedFd> {
    use rustix::fs::{FileType, Mode, OFlags};
    let on_the_way = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let names: Vec<_> = path.components().skip(1).collect();
    let first = if names.is_empty() { flags | OFlags::CLOEXEC } else { on_the_way };
    let mut opened = rustix::fs::open("/", first, Mode::empty())?;
    for (index, name) in names.iter().enumerate() {
        let last = index + 1 == names.len();
        let flags = if last { flags | OFlags::NOFOLLOW | OFlags::CLOEXEC } else { on_the_way };
        opened = rustix::fs::openat(&opened, name.as_os_str(), flags, Mode::empty())?;
    }
    match FileType::from_raw_mode(rustix::fs::fstat(&opened)?.st_mode) {
        FileType::Symlink => Err(rustix::io::Errno::LOOP.into()),
        FileType::Directory
        | FileType::RegularFile
        | FileType::Fifo
        | FileType::Socket
        | FileType::CharacterDevice
        | FileType::BlockDevice
        | FileType::Unknown => Ok(opened),
    }
}
