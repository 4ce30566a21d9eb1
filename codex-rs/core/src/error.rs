//! Why a request to the engine is refused. What goes wrong inside a turn is a `CodexErr` and ends up in the turn.

use std::path::PathBuf;

use codex_mcp_client::NotReady;
use codex_protocol::TurnId;

/// The longest input of one turn, in characters (wire-facts §5.3).
pub const INPUT_CHARACTER_LIMIT: usize = 1 << 20;

/// Why a request to the engine is refused.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The thread has ended, or the engine is shutting down.
    #[error("This thread has ended; start a new one.")]
    ThreadEnded,
    /// An interrupt, or more words for a turn, while none runs.
    #[error("No turn is running in this thread, so there is nothing to interrupt or to add to.")]
    NoActiveTurn,
    /// An interrupt of another turn than the running one.
    #[error("The turn {asked} is not the one that runs; the active turn is {active}.")]
    WrongTurn {
        /// The turn that was named.
        asked: TurnId,
        /// The turn that runs.
        active: TurnId,
    },
    /// A turn without anything said.
    #[error("The input is empty; say something to start a turn.")]
    EmptyInput,
    /// More text than one turn takes. The app-server answers `input_too_large`.
    #[error(
        "The input has {characters} characters, more than the {INPUT_CHARACTER_LIMIT} that one turn takes; shorten it."
    )]
    InputTooLarge {
        /// How long it is.
        characters: usize,
    },
    /// The working directory cannot be used.
    #[error("The working directory {} {problem}.", .path.display())]
    WorkingDirectory {
        /// As given.
        path: PathBuf,
        /// What is wrong with it.
        problem: DirectoryProblem,
    },
    /// An image file cannot be sent.
    #[error("The image {} {problem}.", .path.display())]
    Image {
        /// As given.
        path: PathBuf,
        /// What is wrong with it and what to do.
        problem: String,
    },
    /// Another model provider than the built-in one.
    #[error("The model provider `{0}` is not supported yet; use `openai`.")]
    UnknownProvider(String),
    /// A server that the thread cannot do without.
    #[error("The thread cannot start: {0}, and the settings say that it is `required`.")]
    McpServer(NotReady),
    /// A value that this version does not know.
    #[error("`{value}` is not a valid {setting}; use one of: {allowed}.")]
    UnknownValue {
        /// What was set.
        setting: &'static str,
        /// To what.
        value: String,
        /// What it could be.
        allowed: &'static str,
    },
}

/// What is wrong with a working directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryProblem {
    /// It is not absolute.
    #[error("is not an absolute path; give the full path")]
    Relative,
    /// Nothing is there.
    #[error("does not exist; create it or name another")]
    Missing,
    /// A file is there.
    #[error("is not a directory; name a directory")]
    NotADirectory,
    /// The system refuses to say.
    #[error("cannot be read ({0}); check its permissions or name another")]
    Unreadable(String),
}
