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

use crate::arguments::Arguments;
use crate::environment::Environment;

fn main() -> ExitCode {
    // Help, version and usage errors end here, before anything of the system is looked at.
    let arguments = Arguments::parse();
    let outcome = Environment::read().and_then(|environment| commands::run(arguments, &environment));
    match outcome {
        Ok(code) => code,
        Err(error) => error.report(),
    }
}
