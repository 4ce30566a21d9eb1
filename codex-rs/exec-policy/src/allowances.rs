//! What the person allowed without being asked again: whole commands for a session, and first words.

use std::path::PathBuf;

use crate::judge::Command;
use crate::prefix;

/// The person's standing answers. One per thread; prefixes may also come from a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowances {
    exact: Vec<(Vec<String>, PathBuf)>,
    prefixes: Vec<Vec<String>>,
}

/// Why a prefix cannot be allowed once and for all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPrefix {
    /// No words.
    #[error("A rule for commands needs at least one word.")]
    Empty,
    /// The program runs whatever it is told to.
    #[error("`{0}` can run anything, so it is asked about each time.")]
    TooWide(String),
}

impl Allowances {
    /// Allows this command, word for word, in this folder ("accept for this session").
    pub fn allow_exactly(&mut self, command: &Command<'_>) {
        let entry = (command.argv.to_vec(), command.cwd.to_path_buf());
        if !self.exact.contains(&entry) {
            self.exact.push(entry);
        }
    }

    /// Allows every command that begins with these words ("don't ask again for commands that start with").
    pub fn allow_prefix(&mut self, words: Vec<String>) -> Result<(), BadPrefix> {
        prefix::check(&words)?;
        if !self.prefixes.contains(&words) {
            self.prefixes.push(words);
        }
        Ok(())
    }

    /// The prefixes allowed so far.
    pub fn prefixes(&self) -> &[Vec<String>] {
        &self.prefixes
    }

    pub(crate) fn has_exactly(&self, command: &Command<'_>) -> bool {
        self.exact.iter().any(|(argv, cwd)| argv == command.argv && cwd == command.cwd)
    }

    pub(crate) fn cover(&self, argv: &[String]) -> bool {
        !prefix::reaches_further(argv) && self.prefixes.iter().any(|prefix| argv.starts_with(prefix))
    }
}
