//! Why a headless run ends without an answer, in one sentence each.

use std::io;
use std::path::PathBuf;

use codex_app_server_protocol::RpcError;

/// Why a headless run ends without an answer.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// Neither an argument nor standard input says anything.
    #[error("there is no prompt: give one as an argument, or pipe one in")]
    NoPrompt,
    /// The prompt is not UTF-8.
    #[error("standard input is not UTF-8 text; convert it first, for example with iconv")]
    PromptNotText,
    /// The prompt is larger than any turn takes.
    #[error("the prompt is larger than {limit} characters, which is more than one turn takes; shorten it")]
    PromptTooLarge {
        /// Characters that one turn takes.
        limit: usize,
    },
    /// Standard input broke.
    #[error("standard input could not be read: {0}")]
    Stdin(#[source] io::Error),
    /// Outside a git repository.
    #[error(
        "{} is not inside a git repository, so changes made there could not be undone; go to one, or run with \
         --skip-git-repo-check", .0.display()
    )]
    NotARepository(PathBuf),
    /// `-C` names no folder.
    #[error("the folder {} cannot be worked in: {problem}", .path.display())]
    Folder {
        /// As given.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// `--output-schema` cannot be used.
    #[error("the output schema {} {problem}", .path.display())]
    Schema {
        /// As given.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody is signed in.
    #[error("not signed in, so no request was sent")]
    NotSignedIn,
    /// The server refused a request.
    #[error("{0}")]
    Refused(#[from] RpcError),
    /// The server ended.
    #[error("the engine ended before the turn did; run it again")]
    ServerGone,
    /// Standard output is closed or full.
    #[error("standard output could not be written ({0}), so the run ended")]
    Stdout(#[source] io::Error),
    /// `-o` cannot be written.
    #[error("the final message could not be written: {0}")]
    LastMessage(#[from] codex_durable_fs::FsError),
    /// The folder of `-o` is not there.
    #[error("the final message cannot be written to {}: {problem}", .path.display())]
    LastMessageFolder {
        /// As given.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
}
