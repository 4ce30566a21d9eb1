//! `codex app-server`: the protocol on standard input and output.

use std::process::ExitCode;

use codex_app_server::stdio;
use codex_fallback::Host;

use super::runtime;
use crate::arguments::{AppServerArguments, Globals};
use crate::engine::{self, FrontEnd};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};
use crate::signals::Signals;

pub(super) fn run(
    arguments: &AppServerArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    if arguments.listen != "stdio://" {
        return Err(CommandError::usage("only standard input and output are served yet")
            .hint("leave --listen out, or use --listen stdio://"));
    }
    let settings =
        Settings::load(globals, environment, Request::plain(Project::Around(&environment.folder)))?;
    let front_end =
        FrontEnd { host: Host::Server, originator: environment.originator("codex_cli_rs"), api_key: None };
    let server = engine::server(environment, settings, &front_end, &environment.folder)?;
    let runtime = runtime()?;
    let served = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let served = tokio::select! {
            served = stdio::serve(&server, tokio::io::stdin(), tokio::io::stdout()) => served,
            () = signals.next() => Ok(()),
        };
        server.shutdown().await;
        served.map_err(CommandError::from)
    });
    // A read of standard input that is still waiting must not hold the process.
    runtime.shutdown_background();
    served.map(|()| ExitCode::SUCCESS)
}
