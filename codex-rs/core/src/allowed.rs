//! What the person has allowed for the rest of a thread. Forgotten with it; never written down.

use std::collections::HashSet;
use std::path::PathBuf;

use codex_exec_policy::{Allowances, BadPrefix, Command};
use codex_tools::sessions::SessionId;

use crate::permissions::Walls;

/// The standing answers of one thread.
#[derive(Debug, Default)]
pub(crate) struct Allowed {
    /// Commands that may run inside the walls unasked.
    inside: Allowances,
    /// Commands that may run outside of them unasked; they may inside as well.
    outside: Allowances,
    /// Files that may be changed although the walls would not let it through; absolute.
    files: HashSet<PathBuf>,
    /// MCP tools: server and tool.
    tools: HashSet<(String, String)>,
    /// Commands that run and may be typed into.
    typing: HashSet<SessionId>,
}

impl Allowed {
    /// The commands that run unasked there.
    pub(crate) fn commands(&self, walls: Walls) -> &Allowances {
        match walls {
            Walls::Inside => &self.inside,
            Walls::Outside => &self.outside,
        }
    }

    /// Allows this command, word for word.
    pub(crate) fn allow_command(&mut self, command: &Command<'_>, walls: Walls) {
        self.inside.allow_exactly(command);
        match walls {
            Walls::Inside => {}
            Walls::Outside => self.outside.allow_exactly(command),
        }
    }

    /// Allows commands that begin with these words.
    ///
    /// # Errors
    /// When that would allow anything.
    pub(crate) fn allow_prefix(&mut self, words: Vec<String>, walls: Walls) -> Result<(), BadPrefix> {
        match walls {
            Walls::Inside => {}
            Walls::Outside => self.outside.allow_prefix(words.clone())?,
        }
        self.inside.allow_prefix(words)
    }

    /// Allows changes of these files.
    pub(crate) fn allow_files(&mut self, paths: &[PathBuf]) {
        self.files.extend(paths.iter().cloned());
    }

    /// Whether changes of all these files are allowed.
    pub(crate) fn has_files(&self, paths: &[PathBuf]) -> bool {
        paths.iter().all(|path| self.files.contains(path))
    }

    /// Allows to type into this command.
    pub(crate) fn allow_typing(&mut self, session: SessionId) {
        self.typing.insert(session);
    }

    /// Whether it may be typed into.
    pub(crate) fn has_typing(&self, session: SessionId) -> bool {
        self.typing.contains(&session)
    }

    /// Allows an MCP tool.
    pub(crate) fn allow_tool(&mut self, server: &str, tool: &str) {
        self.tools.insert((server.to_owned(), tool.to_owned()));
    }

    /// Whether an MCP tool is allowed.
    pub(crate) fn has_tool(&self, server: &str, tool: &str) -> bool {
        self.tools.contains(&(server.to_owned(), tool.to_owned()))
    }
}
