//! Why a command could not be started or watched.

/// Why a command could not be started or watched.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The policy asks for walls that do not exist yet.
    #[error(
        "Commands cannot run under the {policy} sandbox yet, because this version cannot build its walls; only \
         danger-full-access runs commands."
    )]
    Refused {
        /// The policy's name.
        policy: &'static str,
    },
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
