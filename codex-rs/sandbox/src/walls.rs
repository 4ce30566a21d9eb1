//! Walls: what a mechanism makes of a command and its policy.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::PathBuf;

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
    #[allow(dead_code, reason = "bubblewrap is built next")]
    /// A wrapper that ends with the command and takes everything with it when it ends first. SIGTERM is for the other
    /// members of its group, so that they get their time to leave; SIGKILL for all.
    Wrapper,
}

/// What has to outlive the command. Drop it when the whole group is gone.
#[derive(Debug, Default)]
pub(crate) struct Kept {}

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
