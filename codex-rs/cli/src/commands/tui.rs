//! `codex` alone: the terminal UI in front of an engine in this process.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use codex_app_server::AppServer;
use codex_app_server_client::Client;
use codex_config::{HistoryConfig, HistoryPersistence, TuiConfig};
use codex_exec::Reader;
use codex_exec::style::Colour;
use codex_fallback::Host;
use codex_redact::key_shape;
use codex_render::{Form, Look};
use codex_tui::clipboard::Route;
use codex_tui::{Attention, Editor, HistoryFile, Keeping, Options, Reflow, Setup, Thoughts, Trusted, Way};

use super::runtime;
use crate::arguments::{Approval, Globals, TuiArguments};
use crate::engine::{self, FrontEnd, VERSION};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};
use crate::signals::Signals;

pub(super) fn run(
    arguments: TuiArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    if arguments.prompt.as_deref().is_some_and(key_shape::contains_key_shape) {
        return Err(CommandError::key_among_arguments());
    }
    needs_a_terminal(environment)?;
    let folder = folder(arguments.folder.as_deref(), environment)?;
    let request = Request {
        overrides: overrides(&arguments),
        writable_roots: arguments.reach.writable_roots(&environment.folder)?,
        ..Request::plain(Project::Around(&folder))
    };
    let settings = Settings::load(globals, environment, request)?;
    let front_end =
        FrontEnd { host: Host::Session, originator: environment.originator("codex-tui"), api_key: None };
    let config = settings.config.clone();
    let server = engine::server(environment, settings, &front_end, &folder)?;
    let setup = Setup {
        model: arguments.model,
        prompt: arguments.prompt,
        trust: match codex_config::trust(&folder, &config) {
            Some(_) => Trusted::Already,
            None => Trusted::Ask,
        },
        thoughts: if config.hide_agent_reasoning { Thoughts::Hidden } else { Thoughts::Shown },
        attention: attention(environment, config.tui),
        ..setup(environment, &folder)
    };
    let form = if arguments.plain || config.tui.plain { Form::Words } else { Form::Drawn };
    open(environment, &server, options(environment, setup, form, config.history))?;
    Ok(ExitCode::SUCCESS)
}

fn overrides(arguments: &TuiArguments) -> Vec<String> {
    let mut overrides = arguments.reach.overrides();
    overrides.extend(arguments.ask_for_approval.map(|policy| {
        let word = match policy {
            Approval::Untrusted => "untrusted",
            Approval::OnRequest => "on-request",
            Approval::Never => "never",
        };
        format!("approval_policy=\"{word}\"")
    }));
    if arguments.search {
        overrides.push("web_search=\"live\"".to_owned());
    }
    overrides
}

/// What every terminal UI starts with.
pub(super) fn setup(environment: &Environment, folder: &Path) -> Setup {
    Setup {
        version: VERSION.to_owned(),
        folder: folder.display().to_string(),
        codex_home: environment.codex_home.display().to_string(),
        home: environment.variable("HOME").map(str::to_owned),
        ..Setup::default()
    }
}

/// The terminal as the variables describe it.
pub(super) fn options(
    environment: &Environment,
    setup: Setup,
    form: Form,
    history: HistoryConfig,
) -> Options {
    let colour = match environment.stdout {
        Colour::Ansi => codex_render::Colour::Ansi,
        Colour::Plain => codex_render::Colour::None,
    };
    let route = route(environment);
    // xterm and the Linux console cut rows that become too long; inside tmux it is tmux that decides.
    let cuts = environment.variable("XTERM_VERSION").is_some()
        || environment.variable("TERM").is_some_and(|term| term == "linux" || term.starts_with("screen"));
    let editor = environment.variable("VISUAL").or_else(|| environment.variable("EDITOR"));
    Options {
        setup,
        look: Look { colour, form },
        reflow: if cuts && route == Route::Direct { Reflow::Cuts } else { Reflow::Wraps },
        editor: Editor { command: editor.map(str::to_owned), folder: environment.codex_home.join("tmp") },
        clipboard: route,
        clock: environment.clock.clone(),
        zone: jiff::tz::TimeZone::system(),
        history: HistoryFile {
            path: environment.codex_home.join("history.jsonl"),
            keeping: match history.persistence {
                HistoryPersistence::SaveAll => Keeping::All,
                HistoryPersistence::None => Keeping::Nothing,
            },
            max_bytes: history.max_bytes,
        },
        originator: environment.originator("codex-tui"),
    }
}

fn attention(environment: &Environment, settings: TuiConfig) -> Attention {
    let way = Way::of(
        settings.notification_method,
        environment.variable("TERM_PROGRAM"),
        environment.variable("TERM"),
        route(environment),
    );
    Attention { to: settings.notifications, when: settings.notification_condition, way }
}

fn route(environment: &Environment) -> Route {
    if environment.variable("TMUX").is_some() { Route::Tmux } else { Route::Direct }
}

/// Runs the terminal UI until it ends, then everything that it started.
pub(super) fn open(
    environment: &Environment,
    server: &Arc<AppServer>,
    options: Options,
) -> Result<(), CommandError> {
    needs_a_terminal(environment)?;
    runtime()?.block_on(async {
        let ended = codex_tui::run(options, Client::connect(server)).await;
        // A request that waits for its time-out must not keep who presses Ctrl+C.
        let mut signals = Signals::listen()?;
        tokio::select! {
            () = server.shutdown() => {}
            () = signals.next() => {}
        }
        ended.map_err(|error| CommandError::failed(error.to_string()))
    })
}

/// Refuses where nothing can be drawn or nobody types.
pub(super) fn needs_a_terminal(environment: &Environment) -> Result<(), CommandError> {
    let has_terminal = environment.stdin_is_terminal && environment.reader == Reader::Terminal;
    if has_terminal && !environment.terminal_is_dumb() {
        return Ok(());
    }
    let refused = if has_terminal {
        CommandError::usage(
            "the terminal UI needs a terminal that can move its cursor; TERM=dumb says it cannot",
        )
        .hint("TERM=xterm-256color codex               (if it can after all)")
    } else {
        CommandError::usage("the terminal UI needs a terminal, and standard input or output is none")
    };
    Err(refused
        .hint("codex exec \"explain this project\"     (one turn, without a terminal UI)")
        .hint("codex --help"))
}

fn folder(named: Option<&Path>, environment: &Environment) -> Result<PathBuf, CommandError> {
    let Some(named) = named else { return Ok(environment.folder.clone()) };
    let path = environment.folder.join(named);
    let refused = |problem: String| {
        CommandError::failed(format!("the folder {} cannot be used: {problem}", named.display()))
    };
    let path = path.canonicalize().map_err(|error| refused(error.to_string()))?;
    if path.is_dir() { Ok(path) } else { Err(refused("it is not a folder".to_owned())) }
}
