//! The commands: one file each.

mod app_server;
mod demo;
mod exec;
mod fallback;
mod login;
mod logout;
pub(crate) mod mcp;
pub(crate) mod sandbox;
mod tui;

use std::io::Write;
use std::process::ExitCode;

use codex_fallback::Host;
use tokio::runtime::Runtime;

use crate::arguments::{Arguments, Command};
use crate::engine::FrontEnd;
use crate::environment::Environment;
use crate::error::CommandError;

/// Runs what the person asked for.
pub(crate) fn run(arguments: Arguments, environment: &Environment) -> Result<ExitCode, CommandError> {
    let Arguments { globals, tui, command } = arguments;
    match command {
        None => tui::run(tui, &globals, environment),
        Some(Command::Exec(arguments)) => exec::run(arguments, &globals, environment),
        Some(Command::Login(arguments)) => login::run(&arguments, &globals, environment),
        Some(Command::Logout(arguments)) => logout::run(&arguments, &globals, environment),
        Some(Command::Fallback(arguments)) => fallback::run(&arguments, &globals, environment),
        Some(Command::Mcp(arguments)) => mcp::run(arguments, &globals, environment),
        Some(Command::Sandbox(arguments)) => sandbox::run(arguments, &globals, environment),
        Some(Command::AppServer(arguments)) => app_server::run(&arguments, &globals, environment),
        Some(Command::Demo(arguments)) => demo::run(&arguments, environment),
    }
}

/// One thread: the work is waiting, not computing, and a second thread costs time and memory at every start.
fn runtime() -> Result<Runtime, CommandError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::failed(format!("the program could not start its event loop: {error}")))
}

/// The account commands, in the words of the services.
fn account_front_end(environment: &Environment) -> FrontEnd {
    FrontEnd { host: Host::Session, originator: environment.originator("codex_cli_rs"), api_key: None }
}

/// A line for people on standard output; a reader that has left is no error.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line for people on standard error.
fn tell(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
