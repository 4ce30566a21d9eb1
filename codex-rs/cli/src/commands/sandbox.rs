//! `codex sandbox`: a command of the person's own, behind the walls that a thread's commands would have here.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use codex_sandbox::{Choice, CommandSpec, Event, Exit, Mechanism, Running, Stdio};
use codex_tools::environment::without_secrets;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{account_front_end, runtime};
use crate::arguments::{Globals, Reach, Sandbox};
use crate::engine;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};

const EXAMPLES: &str = "\
Examples:
  codex sandbox ls -l                                 reads, writes nothing
  codex sandbox -s workspace-write -- make test       writes here and in /tmp
  codex sandbox --mechanism landlock -- cat ~/.codex/auth.json     refused

Without -s the settings say what it may touch; without those it reads only.
The exit code is the command's; 128 and the number of a signal that ended it.";

/// Of `codex sandbox`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct SandboxArguments {
    /// What it may touch: read-only, workspace-write, or danger-full-access
    #[arg(short, long, value_name = "MODE", value_enum, hide_possible_values = true)]
    sandbox: Option<Sandbox>,
    /// Also let it write in DIR (with workspace-write)
    #[arg(long = "add-dir", value_name = "DIR")]
    add_dir: Vec<PathBuf>,
    /// Folder to run it in
    #[arg(short = 'C', long = "cd", value_name = "DIR")]
    folder: Option<PathBuf>,
    /// What the walls are made of; without it the first that works
    #[arg(long, value_name = "NAME", value_enum)]
    mechanism: Option<Named>,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Named {
    /// Bubblewrap: namespaces (Linux)
    Bwrap,
    /// Landlock: rules of the kernel (Linux 6.12)
    Landlock,
    /// Seatbelt (macOS)
    Seatbelt,
}

pub(super) fn run(
    arguments: SandboxArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let SandboxArguments { sandbox, add_dir, folder, mechanism, command } = arguments;
    let folder = match folder {
        Some(named) => environment.folder.join(&named).canonicalize().map_err(|error| {
            CommandError::failed(format!("the folder {} cannot be used: {error}", named.display()))
        })?,
        None => environment.folder.clone(),
    };
    let reach = Reach { sandbox, add_dir, ..Reach::default() };
    let request = Request {
        overrides: reach.overrides(),
        writable_roots: reach.writable_roots(&environment.folder)?,
        ..Request::plain(Project::Around(&folder))
    };
    let settings = Settings::load(globals, environment, request)?;
    settings.tell_warnings();
    let variables: Vec<(String, String)> = environment.variables.clone().into_iter().collect();
    let hidden = environment.credential_folders();
    let policy = codex_core::configured_policy(&settings.config, &folder, &variables, &hidden);
    let front_end = account_front_end(environment);
    let stored = engine::auth(environment, &settings.config, &front_end)?.stored_secrets();
    let spec = CommandSpec {
        argv: command,
        cwd: folder,
        environment: without_secrets(&variables, &stored),
        policy: Arc::new(policy),
        stdio: Stdio::Inherit,
    };
    let choice = mechanism.map_or(Choice::Automatic, |named| Choice::Only(named.into()));
    let exit = runtime()?.block_on(async {
        let signals = Signals::listen()?;
        let running = engine::sandbox(environment, choice).spawn(&spec)?;
        wait(running, signals).await
    })?;
    Ok(ExitCode::from(u8::try_from(exit.shell_code()).unwrap_or(u8::MAX)))
}

/// Waits for the end. What the terminal tells the command with us, as Ctrl+C, is the command's to answer.
async fn wait(mut running: Running, mut signals: Signals) -> Result<Exit, CommandError> {
    loop {
        tokio::select! {
            event = running.next() => match event? {
                Event::Ended(exit) => return Ok(exit),
                Event::Output(_) => {}
            },
            () = signals.end() => running.terminate(),
        }
    }
}

/// The signals that would end this program before the command.
struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    fn listen() -> Result<Self, CommandError> {
        let listen = |kind| {
            signal(kind).map_err(|error| CommandError::failed(format!("signals cannot be received: {error}")))
        };
        Ok(Signals {
            interrupt: listen(SignalKind::interrupt())?,
            quit: listen(SignalKind::quit())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// One that is meant for the command but told to us alone.
    async fn end(&mut self) {
        loop {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.quit.recv() => {}
                _ = self.terminate.recv() => return,
                _ = self.hangup.recv() => return,
            }
        }
    }
}

impl From<Named> for Mechanism {
    fn from(named: Named) -> Self {
        match named {
            Named::Bwrap => Mechanism::Bubblewrap,
            Named::Landlock => Mechanism::Landlock,
            Named::Seatbelt => Mechanism::Seatbelt,
        }
    }
}
