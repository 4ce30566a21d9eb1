//! Which programs are known to only read, and with which arguments.

mod git;
mod options;
mod rows;
mod special;

use self::options::Options;
use self::rows::ROWS;
use crate::judge::Repository;

/// Folders whose programs are what their names say. Nothing below a folder that commands may write to is trusted.
const TRUSTED_FOLDERS: &[&str] = &[
    "/usr/bin",
    "/bin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/run/current-system/sw/bin",
];
/// Commands that bash, zsh and dash have built in; what the folders hold under these names is not run.
const BUILT_IN: &[&str] =
    &[":", "[", "cd", "command", "echo", "false", "printf", "pwd", "test", "true", "type"];

/// A program known to only read.
struct Row {
    /// Its name.
    name: &'static str,
    /// The arguments with which it does.
    rule: Rule,
}

/// Which arguments keep a program from writing, running and changing anything.
enum Rule {
    /// All: it has no option that does more than read.
    Any,
    /// None at all.
    Bare,
    /// One of the ways to ask for the version.
    Version,
    /// Options from a list, with their values, and operands.
    Only(Options),
    /// What a few lines of code say.
    Special(fn(&[&str]) -> bool),
    /// As for `Special`, in a folder whose own configuration is trusted.
    Git,
}

/// Whether a program of this name, started with these arguments, only reads.
pub(crate) fn only_reads(name: &str, arguments: &[&str], repository: Repository) -> bool {
    let Some(row) = ROWS.iter().find(|row| row.name == name) else { return false };
    match &row.rule {
        Rule::Any => true,
        Rule::Bare => arguments.is_empty(),
        Rule::Version => special::version(name, arguments),
        Rule::Only(options) => options.allow(arguments),
        Rule::Special(allows) => allows(arguments),
        Rule::Git => git::only_reads(arguments, repository),
    }
}

/// Whether the program opens every file below the folders it is pointed at.
pub(crate) fn searches(name: &str) -> bool {
    // git reads what no repository holds, too: `git grep --no-index`, and `git diff` of two folders.
    matches!(name, "rg" | "grep" | "egrep" | "fgrep" | "diff" | "git")
}

/// Whether the program, pointed at a folder, opens what the links in it lead to. git shows where they lead, no more.
pub(crate) fn follows_links(name: &str) -> bool {
    name == "diff"
}

/// Whether a shell has the command built in.
pub(crate) fn is_built_in(name: &str) -> bool {
    BUILT_IN.contains(&name)
}

/// Whether programs in this folder are what their names say.
pub(crate) fn is_trusted_folder(folder: &str) -> bool {
    TRUSTED_FOLDERS.contains(&folder)
}

#[cfg(test)]
mod tests;
