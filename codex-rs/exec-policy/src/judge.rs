//! The judgement of one command.

use std::path::{Path, PathBuf};

use crate::allowances::Allowances;
use crate::dangerous::{self, Danger};
use crate::place::{Place, Private, is_below_any};
use crate::rough::base_name;
use crate::script::{self, Dialect, Join, Step};
use crate::{prefix, safe};

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
    /// What is at a path, links followed; none where nothing is.
    pub look_up: &'a dyn Fn(&Path) -> Option<Found>,
    /// Folders commands may write to: no program in them is trusted.
    pub writable: &'a [PathBuf],
    /// Folders with credentials: what names a path in them is not a safe read.
    pub hidden: &'a [PathBuf],
    /// Whether git's reads may run what the repository's configuration names. It is about the command's own `cwd`: say
    /// `Untrusted` where that is not the very folder the person trusts, for below it may lie somebody else's repository.
    pub repository: Repository,
    /// What the person allowed before.
    pub allowances: &'a Allowances,
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The same path without links.
    pub path: PathBuf,
    /// What it is.
    pub kind: FoundKind,
}

/// A folder or something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundKind {
    /// A folder.
    Folder,
    /// A file, a pipe, a device.
    Other,
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
    let danger = danger(command);
    if let Some(Danger::Never(why)) = danger {
        return Judgement::Forbidden { why };
    }
    if context.allowances.has_exactly(command) {
        return Judgement::Allowed;
    }
    if let Some(Danger::Ask(why)) = danger {
        return Judgement::Dangerous { why };
    }
    let Some(steps) = Reading::of(command, context) else { return Judgement::Unknown { prefix: None } };
    let mut others: Vec<&[String]> = Vec::new();
    let mut allowed = false;
    for step in &steps.steps {
        match steps.standing(step, context) {
            Standing::Reads => {}
            Standing::Allowed => allowed = true,
            Standing::Other => others.push(&step.argv),
        }
    }
    match others.as_slice() {
        [] if allowed => Judgement::Allowed,
        [] => Judgement::Safe,
        // Several different commands in one script would need several rules.
        [first, rest @ ..] => {
            let prefix =
                prefix::proposed(first).filter(|words| rest.iter().all(|argv| argv.starts_with(words)));
            Judgement::Unknown { prefix }
        }
    }
}

/// The model's own proposal of a prefix (`prefix_rule`), if it covers the command and may be allowed once and for all.
pub fn proposal(command: &Command<'_>, context: &Context<'_>, words: &[String]) -> Option<Vec<String>> {
    prefix::check(words).ok()?;
    let reading = Reading::of(command, context)?;
    let covered = |step: &Step| match reading.standing(step, context) {
        Standing::Reads | Standing::Allowed => true,
        Standing::Other => step.argv.starts_with(words) && !prefix::reaches_further(&step.argv),
    };
    let needed = reading.steps.iter().any(|step| step.argv.starts_with(words));
    (danger(command).is_none() && needed && reading.steps.iter().all(covered)).then(|| words.to_vec())
}

fn danger(command: &Command<'_>) -> Option<Danger> {
    match shell_script(command.argv) {
        Some((_, script)) => dangerous::in_script(script),
        None => dangerous::in_command(command.argv),
    }
}

/// The shell and the script of `bash -lc SCRIPT` and the like.
pub(crate) fn shell_script(argv: &[String]) -> Option<(Dialect, &str)> {
    let [shell, flag, script] = argv else { return None };
    let dialect = match base_name(shell) {
        "bash" => Dialect::Bash,
        "zsh" => Dialect::Zsh,
        "sh" | "dash" => Dialect::Posix,
        _ => return None,
    };
    matches!(flag.as_str(), "-c" | "-lc" | "-cl").then_some((dialect, script))
}

/// The commands that would be run, and where they might be.
struct Reading {
    steps: Vec<Step>,
    place: Place,
    runner: Runner,
}

/// Who starts the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Shell,
    Nobody,
}

/// How a step stands with the person.
enum Standing {
    /// It only reads.
    Reads,
    /// A prefix allows it.
    Allowed,
    /// Neither.
    Other,
}

impl Reading {
    /// Nothing where the script, or the shell that reads it, is not known well enough.
    fn of(command: &Command<'_>, context: &Context<'_>) -> Option<Self> {
        let Some((dialect, script)) = shell_script(command.argv) else {
            let argv = command.argv.to_vec();
            let span = 0..0;
            let steps = vec![Step { argv, inputs: Vec::new(), after: Join::Always, span }];
            return Some(Self { steps, place: Place::new(command.cwd), runner: Runner::Nobody });
        };
        trusted_name(command.argv.first()?, context)?;
        let steps = script::read(script, dialect).ok()?;
        let mut place = Place::new(command.cwd);
        for step in &steps {
            place.follow(&step.argv);
        }
        Some(Self { steps, place, runner: Runner::Shell })
    }

    fn standing(&self, step: &Step, context: &Context<'_>) -> Standing {
        if self.only_reads(step, context) {
            Standing::Reads
        } else if context.allowances.cover(&step.argv) && self.leads_outside_of_writable(step, context) {
            Standing::Allowed
        } else {
            Standing::Other
        }
    }

    fn only_reads(&self, step: &Step, context: &Context<'_>) -> bool {
        let Some((program, arguments)) = step.argv.split_first() else { return false };
        let name = if self.runner == Runner::Shell && safe::is_built_in(program) {
            Some(program.as_str())
        } else if program == "cd" {
            None
        } else {
            trusted_name(program, context)
        };
        let Some(name) = name else { return false };
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // What the person trusts is the folder itself, not one below it that may be another repository.
        let repository = if self.place.moves { Repository::Untrusted } else { context.repository };
        let paths = arguments.iter().chain(&step.inputs);
        safe::only_reads(name, &words, repository) && {
            let private = Private::new(name, context);
            paths.into_iter().all(|path| !self.place.is_private(path, &private))
                && !self.place.starts_in_private(&private)
        }
    }

    /// A program that the commands themselves could have put there is not the one the person allowed.
    fn leads_outside_of_writable(&self, step: &Step, context: &Context<'_>) -> bool {
        let Some(program) = step.argv.first().filter(|program| !program.contains('/')) else { return false };
        let found = (context.find_program)(program);
        found.is_some_and(|path| path.is_absolute() && !is_below_any(&path, context.writable))
    }
}

/// The name of a program that is what its name says: found in a trusted folder that no command can write to.
fn trusted_name<'a>(program: &'a str, context: &Context<'_>) -> Option<&'a str> {
    let path = if program.contains('/') { PathBuf::from(program) } else { (context.find_program)(program)? };
    let folder = path.parent()?.to_str()?;
    let trusted = safe::is_trusted_folder(folder) && !is_below_any(&path, context.writable);
    (trusted && path.file_name()?.to_str()? == base_name(program)).then(|| base_name(program))
}

#[cfg(test)]
mod tests;
