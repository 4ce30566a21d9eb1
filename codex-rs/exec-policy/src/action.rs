//! What a command seems to do, in words for a screen. Best effort: nothing is decided by it.

use std::path::PathBuf;

use crate::judge::Command;

/// One step of a command, as `CommandAction` of the protocol tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Reads one file.
    Read {
        /// The step's own words.
        command: String,
        /// The file's name.
        name: String,
        /// The file, absolute where the working directory is.
        path: PathBuf,
    },
    /// Lists files.
    ListFiles {
        /// The step's own words.
        command: String,
        /// The folder, as it was written.
        path: Option<String>,
    },
    /// Searches for something.
    Search {
        /// The step's own words.
        command: String,
        /// What is searched for.
        query: Option<String>,
        /// Where, as it was written.
        path: Option<String>,
    },
    /// Anything else.
    Unknown {
        /// The step's own words.
        command: String,
    },
}

/// What the command does, step by step; never empty.
pub fn actions(command: &Command<'_>) -> Vec<Action> {
    vec![Action::Unknown { command: command.argv.last().cloned().unwrap_or_default() }]
}
