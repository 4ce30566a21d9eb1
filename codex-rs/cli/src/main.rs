//! The program `codex`: arguments in, exit code out. Environment, home and clock are read here and handed down.

mod arguments;
mod commands;
mod engine;
mod environment;
mod error;
mod key_input;
mod settings;
mod signals;

use std::process::ExitCode;

use clap::Parser;
use clap::error::Error as ArgumentError;

use crate::arguments::Arguments;
use crate::environment::Environment;
use crate::error::CommandError;

fn main() -> ExitCode {
    close_memory();
    // Help, version and usage errors end here, before anything of the system is looked at.
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    let outcome = Environment::read().and_then(|environment| commands::run(arguments, &environment));
    match outcome {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}

/// Closes memory and environment, where keys are, to other programs of the same person: to commands without walls above
/// all, and to core dumps. What is started from here is not affected: each new program begins open.
#[cfg(target_os = "linux")]
fn close_memory() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};
    // It fails for an unknown behaviour only; and a second wall is no reason to refuse to work.
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}

/// Elsewhere there is no such call, or none without `unsafe`.
#[cfg(not(target_os = "linux"))]
fn close_memory() {}

/// Help and version, or what is wrong with the arguments. The parser repeats them, so a key among them is hidden.
fn not_understood(error: &ArgumentError) -> ExitCode {
    let text = error.to_string();
    let shown = codex_redact::redact(&text);
    if shown == text {
        error.exit();
    }
    CommandError::key_among_arguments().report()
}
