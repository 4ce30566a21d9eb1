//! Why the tool stops, each in one sentence.

use std::io;
use std::path::PathBuf;

use codex_durable_fs::FsError;

use crate::patch::PatchError;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder cannot be read.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The folder is something else.
    #[error("{path} is no Codex tree: {problem}", path = path.display())]
    NotATree {
        /// The folder.
        path: PathBuf,
        /// What it lacks.
        problem: String,
    },
    /// A patch of the series has an error.
    #[error(transparent)]
    Patch(#[from] PatchError),
    /// A file could not be written; what was written before is put back.
    #[error("{0}; the tree is as it was")]
    Write(FsError),
    /// A file could not be written, and another not be put back.
    #[error("{first}; then it could not be put back: {second}; try `codex-patch revert`")]
    Torn {
        /// What went wrong first.
        first: FsError,
        /// What went wrong then.
        second: FsError,
    },
    /// Some places are not there, or not clear.
    #[error(
        "this tree ({version}) does not have all places of the series, {count} are missing or ambiguous; `codex-patch check` lists them, nothing is written"
    )]
    Misses {
        /// How many.
        count: usize,
        /// The version, and whether somebody tried it.
        version: String,
    },
    /// Somebody changed files.
    #[error("these files have changes that are not committed: {0}; commit them, or say --force")]
    Dirty(String),
    /// Files are not as `apply` left them.
    #[error("these files changed after the patches were applied: {0}; put them back first, or undo with git")]
    Changed(String),
    /// The tree holds a part of the patches, and there is no record.
    #[error("the tree holds a part of the patches, without a record of them: {0}; undo them with git first")]
    Partly(String),
    /// There is nothing to take back.
    #[error("no patches are applied here")]
    NotApplied,
    /// The patches are there, but no record of what was before.
    #[error("the patches are here, but not by this copy of the tree; undo them with git")]
    NoRecord,
    /// The record cannot be understood.
    #[error("{path} cannot be used: {problem}; undo the patches with git and remove it", path = path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// What would be written is no Rust, or no manifest.
    #[error("with the patches {path}:{line} would not be read any more: {problem}; nothing is written")]
    Spoilt {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What the parser says.
        problem: String,
    },
}
