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

/// Help and version, or what is wrong with the arguments. The parser repeats them, so a key among them is hidden.
fn not_understood(error: &ArgumentError) -> ExitCode {
    let text = error.to_string();
    let shown = codex_redact::redact(&text);
    if shown == text {
        error.exit();
    }
    CommandError::key_among_arguments().report()
}
