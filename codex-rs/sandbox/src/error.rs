//! Why a command could not be started or watched.

use std::path::PathBuf;

/// Why a command could not be started or watched.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// No mechanism works here.
    #[error(
        "No sandbox works on this machine, so nothing was run ({tried}). {remedy} Without one only \
         `--sandbox danger-full-access` runs commands."
    )]
    NoWalls {
        /// What was tried and how it failed.
        tried: String,
        /// What the person can do.
        remedy: &'static str,
    },
    /// The walls for this policy cannot be built.
    #[error("The sandbox for this command cannot be built: {0}")]
    Walls(String),
    /// The working folder cannot be seen from inside.
    #[error(
        "The working folder {} is hidden in the sandbox, because credentials are kept around it; work in another folder.",
        .0.display()
    )]
    HiddenFolder(PathBuf),
    /// There is nothing to run.
    #[error("The command is empty; name a program.")]
    Empty,
    /// The program cannot be started.
    #[error("The program `{program}` cannot be started: {cause}.")]
    Start {
        /// The program.
        program: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The system's pipe or process table fails.
    #[error("The command can no longer be watched: {0}.")]
    Watch(std::io::Error),
}
