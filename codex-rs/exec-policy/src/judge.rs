//! The judgement of one command.

use std::path::{Path, PathBuf};

use crate::allowances::Allowances;

/// A command as it would be started.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    /// The program and its arguments, such as `/bin/bash`, `-lc`, `git status && rg foo`.
    pub argv: &'a [String],
    /// The folder it starts in, absolute.
    pub cwd: &'a Path,
}

/// What the judgement depends on besides the command.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Where a bare program name leads to in the command's own `PATH`; the first that is there, as the shell looks.
    pub find_program: &'a dyn Fn(&str) -> Option<PathBuf>,
    /// Folders commands may write to: no program in them is trusted.
    pub writable: &'a [PathBuf],
    /// Folders with credentials: what names a path in them is not a safe read.
    pub hidden: &'a [PathBuf],
    /// Whether git's reads may run what the repository's configuration names.
    pub repository: Repository,
    /// What the person allowed before.
    pub allowances: &'a Allowances,
}

/// Whether the person trusts the folder's own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repository {
    /// The person said so.
    Trusted,
    /// Not asked, or not trusted.
    Untrusted,
}

/// What is to be thought of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// Known programs that only read.
    Safe,
    /// Everything in it is safe or was allowed by the person before, which also holds outside of the sandbox.
    Allowed,
    /// Neither known to be safe nor known to be bad.
    Unknown {
        /// The first words "don't ask again" would allow; none where that would allow too much.
        prefix: Option<Vec<String>>,
    },
    /// Destroys or escalates; asked about even where other commands run unasked.
    Dangerous {
        /// One sentence for the person.
        why: String,
    },
    /// Never run.
    Forbidden {
        /// One sentence for the model and the person.
        why: String,
    },
}

/// Judges a command.
pub fn judge(command: &Command<'_>, context: &Context<'_>) -> Judgement {
    if context.allowances.has_exactly(command) {
        return Judgement::Allowed;
    }
    Judgement::Unknown { prefix: None }
}

/// The model's own proposal of a prefix (`prefix_rule`), if it covers the command and may be allowed once and for all.
pub fn proposal(command: &Command<'_>, context: &Context<'_>, words: &[String]) -> Option<Vec<String>> {
    let _ = (command, context, words);
    None
}
