//! `codex demo`: the whole story on this machine. A made-up account whose plan runs out, a made-up key that takes over,
//! a backend in this process that counts what was lost, repeated or leaked.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use codex_app_server::AppServer;
use codex_app_server_client::{Client, Incoming};
use codex_app_server_protocol::{
    AddFallbackApiKeyParams, ApprovalPolicy, Capabilities, ClientInfo, FallbackCapability, InitializeParams,
    RpcError, SandboxMode, ServerNotification, ThreadId, ThreadStartParams, TurnStartParams, TurnStatus,
};
use codex_config::Sources;
use codex_exec::style::Style;
use codex_exec::{HumanPrinter, Reader};
use codex_fake_backend::demo::{self, Pace};
use codex_fake_backend::{FakeBackend, PaidRequest, Payer, Verdict};
use codex_fallback::Host;
use codex_redact::Secret;
use codex_render::Form;
use codex_render::words::count;
use codex_tui::{Approvals, Setup, Trusted};
use tempfile::TempDir;

use super::{runtime, tui};
use crate::arguments::DemoArguments;
use crate::engine::{self, FrontEnd, VERSION};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::Settings;
use crate::signals::Signals;

/// In a terminal the person tells the story; headless the program does.
pub(super) fn run(arguments: &DemoArguments, environment: &Environment) -> Result<ExitCode, CommandError> {
    let can_draw = tui::needs_a_terminal(environment).is_ok();
    if can_draw && !arguments.headless { in_terminal(arguments, environment) } else { headless(environment) }
}

/// The terminal UI on the demo's stage; the verdict follows when it is closed.
fn in_terminal(arguments: &DemoArguments, environment: &Environment) -> Result<ExitCode, CommandError> {
    let backend = demo::builder(environment.clock.unix(), Pace::Human).start()?;
    let stage = Stage::build(&backend, environment)?;
    let front_end = FrontEnd { host: Host::Session, originator: "codex-tui".to_owned(), api_key: None };
    let settings = stage.settings(&backend)?;
    let history = settings.config.history;
    let server = engine::server(&stage.environment, settings, &front_end, &stage.folder)?;
    let setup = Setup {
        sandbox: Some(SandboxMode::DangerFullAccess),
        approvals: Approvals::Never,
        trust: Trusted::Already,
        hints: vec![
            "A demo: account, key and services are made up and live in this process. Its scripted commands run in a \
             temporary folder."
                .to_owned(),
            format!("1. Type  /add-api-key {}", demo::KEY),
            "2. Say   write a script that counts cups of coffee     (any words will do)".to_owned(),
            "3. Say   now add a test and run it".to_owned(),
            "The plan runs out in the middle of the second answer: watch the last line. /fallback shows who pays, /quit \
             ends."
                .to_owned(),
        ],
        ..tui::setup(&stage.environment, &stage.folder)
    };
    let form = if arguments.plain { Form::Words } else { Form::Drawn };
    tui::open(environment, &server, tui::options(&stage.environment, setup, form, history))?;
    let verdict = backend.verdict();
    findings(&verdict).iter().for_each(|finding| super::say(finding));
    if !verdict.lost.is_empty() {
        // The backend sees only that no later request holds what it sent.
        super::say("What you interrupted, or left by quitting in the middle of a turn, counts as lost.");
    }
    // Two lines: one is too long for most terminals.
    super::say(&verdict.to_string().replacen(": the plan", ":\nthe plan", 1));
    Ok(if verdict.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn headless(environment: &Environment) -> Result<ExitCode, CommandError> {
    let pace = match environment.reader {
        Reader::Terminal => Pace::Human,
        Reader::Program => Pace::Instant,
    };
    let backend = demo::builder(environment.clock.unix(), pace).start()?;
    let stage = Stage::build(&backend, environment)?;
    let front_end = FrontEnd { host: Host::Session, originator: "codex_exec".to_owned(), api_key: None };
    let server = engine::server(&stage.environment, stage.settings(&backend)?, &front_end, &stage.folder)?;
    let runtime = runtime()?;
    runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let told = tokio::select! {
            told = tell(&server, &backend, &stage) => told,
            () = signals.next() => Err(CommandError::failed("interrupted")),
        };
        server.shutdown().await;
        told
    })
}

/// Everything the story needs, in a temporary folder that goes with it.
struct Stage {
    environment: Environment,
    folder: PathBuf,
    /// Removed when this is dropped.
    _temporary: TempDir,
}

impl Stage {
    fn build(backend: &FakeBackend, around: &Environment) -> Result<Self, CommandError> {
        let failed = |error: std::io::Error| {
            CommandError::failed(format!("the demo could not make its temporary folder: {error}"))
        };
        let temporary = tempfile::Builder::new().prefix("codex-demo-").tempdir().map_err(failed)?;
        let root = temporary.path().canonicalize().map_err(failed)?;
        let (home, folder) = (root.join("codex-home"), root.join("work"));
        let broken = |error: codex_durable_fs::FsError| CommandError::failed(error.to_string());
        codex_durable_fs::create_private_directory(&home).map_err(broken)?;
        codex_durable_fs::create_private_directory(&folder).map_err(broken)?;
        let auth = format!("{:#}", backend.auth_json(demo::ACCOUNT)?);
        codex_durable_fs::write_private(&home.join("auth.json"), auth.as_bytes()).map_err(broken)?;
        let mut variables = around.variables.clone();
        variables.insert("HOME".to_owned(), root.display().to_string());
        // The person's own overrides would lead out of the demo.
        variables.retain(|name, _| !name.starts_with("CODEX_") && !name.starts_with("OPENAI_"));
        let environment = Environment {
            codex_home: home,
            folder: folder.clone(),
            variables,
            clock: around.clock.clone(),
            stdin_is_terminal: around.stdin_is_terminal,
            reader: around.reader,
            stdout: around.stdout,
            stderr: around.stderr,
        };
        Ok(Stage { environment, folder, _temporary: temporary })
    }

    /// Nothing but the demo's own: no file of the person or the system is read.
    fn settings(&self, backend: &FakeBackend) -> Result<Settings, CommandError> {
        let sources = Sources {
            codex_home: self.environment.codex_home.clone(),
            overrides: vec![
                format!("model=\"{}\"", demo::MODEL),
                format!("chatgpt_base_url=\"{}\"", backend.chatgpt_base_url()),
                format!("fallback.base_url=\"{}\"", backend.platform_base_url()),
            ],
            ..Sources::default()
        };
        let (config, _) = codex_config::load(&sources)?;
        Ok(Settings { config, warnings: Vec::new(), sources })
    }
}

/// The story, as an ordinary client of the app-server sees it.
async fn tell(
    server: &Arc<AppServer>,
    backend: &FakeBackend,
    stage: &Stage,
) -> Result<ExitCode, CommandError> {
    let mut teller = Teller {
        printer: HumanPrinter::new(std::io::stdout(), stage.environment.stdout),
        backend,
        requests_told: 0,
    };
    teller.prologue(stage);
    let mut client = Client::connect(server);
    let thread_id = open(&mut client, &mut teller).await.map_err(refused)?;
    let mut completed = 0;
    for message in demo::USER_MESSAGES {
        teller.say_as_person(message);
        let turn =
            client.call(TurnStartParams::text(thread_id.clone(), *message)).await.map_err(refused)?.turn;
        loop {
            let incoming = client.next().await;
            let incoming =
                incoming.ok_or_else(|| CommandError::failed("the engine ended before the demo did"))?;
            let Incoming::Notification(notification) = incoming else { continue };
            teller.tell(&notification);
            if let ServerNotification::TurnCompleted(ended) = &notification
                && ended.turn.id == turn.id
            {
                completed += usize::from(ended.turn.status == TurnStatus::Completed);
                break;
            }
        }
    }
    Ok(teller.epilogue(completed == demo::USER_MESSAGES.len()))
}

/// Handshake, the key, the thread.
async fn open(client: &mut Client, teller: &mut Teller<'_>) -> Result<ThreadId, RpcError> {
    let handshake = InitializeParams {
        client_info: ClientInfo { name: "codex_exec".to_owned(), title: None, version: VERSION.to_owned() },
        capabilities: Some(Capabilities {
            fallback: Some(FallbackCapability { ask: false }),
            ..Capabilities::default()
        }),
    };
    client.initialize(handshake).await?;
    let key =
        AddFallbackApiKeyParams { api_key: Secret::new(demo::KEY), model: Some(demo::MODEL.to_owned()) };
    let added = client.call(key).await?;
    let last4 = added.fallback.key_last4.unwrap_or_default();
    teller.printer.say(
        Style::Faint,
        &format!("Stored a fallback API key (…{last4}); the API offers it {}.", demo::MODEL),
    );
    let thread = ThreadStartParams {
        approval_policy: Some(ApprovalPolicy::Never),
        sandbox: Some(SandboxMode::DangerFullAccess),
        ..ThreadStartParams::default()
    };
    Ok(client.call(thread).await?.thread.id)
}

fn refused(error: RpcError) -> CommandError {
    CommandError::failed(error.to_string())
}

/// Prints notifications, and beside them what the backend saw.
struct Teller<'a> {
    printer: HumanPrinter<std::io::Stdout>,
    backend: &'a FakeBackend,
    requests_told: usize,
}

impl Teller<'_> {
    fn prologue(&mut self, stage: &Stage) {
        self.printer
            .say(Style::Strong, &format!("codex {VERSION} demo · a turn that survives the usage limit"));
        self.printer.say(
            Style::Faint,
            &format!(
                "Account, key and services are made up and live in this process; nothing leaves this machine.\n\
                 The demo's own scripted commands run unasked, with full access, in {}.\n\
                 Signed in with ChatGPT Plus; the plan has {} requests left.",
                stage.folder.display(),
                demo::PLAN_REQUESTS_LEFT
            ),
        );
    }

    fn tell(&mut self, notification: &ServerNotification) {
        match notification {
            // What the service refused is the reason of the notice, so it is told first.
            ServerNotification::FallbackUpdated(_) => {
                self.tell_refused();
                self.printer.print(notification);
            }
            ServerNotification::ThreadTokenUsageUpdated(_) => {
                self.tell_refused();
                self.tell_next();
            }
            ServerNotification::TurnCompleted(ended) => {
                if let Some(error) = &ended.turn.error {
                    self.printer.say(Style::Bad, &error.message);
                }
            }
            _ => self.printer.print(notification),
        }
    }

    fn say_as_person(&mut self, message: &str) {
        self.printer.blank();
        self.printer.say(Style::Strong, &format!("› {message}"));
        self.printer.blank();
    }

    /// Requests that were refused, up to the next one that was served.
    fn tell_refused(&mut self) {
        while self.next_request().is_some_and(|request| !request.served) {
            self.tell_next();
        }
    }

    /// The next request and who paid for it. One at a time: the record may be ahead of the story.
    fn tell_next(&mut self) {
        if let Some(request) = self.next_request() {
            let (style, words) = request_words(&request);
            self.printer.say(style, &words);
            self.requests_told += 1;
        }
    }

    /// By the backend's own record.
    fn next_request(&self) -> Option<PaidRequest> {
        self.backend.verdict().requests.get(self.requests_told).cloned()
    }

    fn epilogue(&mut self, all_turns_completed: bool) -> ExitCode {
        let verdict = self.backend.verdict();
        let key_paid =
            verdict.requests.iter().any(|request| request.served && matches!(request.payer, Payer::Key(_)));
        let good = verdict.is_clean() && all_turns_completed && key_paid;
        self.printer.blank();
        for finding in findings(&verdict) {
            self.printer.say(Style::Bad, &finding);
        }
        if !all_turns_completed {
            self.printer.say(Style::Bad, "Not every turn was completed.");
        }
        if !key_paid {
            self.printer.say(Style::Bad, "The key paid for nothing.");
        }
        self.printer.say(if good { Style::Good } else { Style::Bad }, &verdict.to_string());
        if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What the verdict counts, one sentence each.
fn findings(verdict: &Verdict) -> Vec<String> {
    let kinds = [
        ("lost", &verdict.lost),
        ("repeated", &verdict.repeated),
        ("leaked", &verdict.leaked),
        ("refused", &verdict.refused),
    ];
    kinds.iter().flat_map(|(what, all)| all.iter().map(move |finding| format!("{what}: {finding}"))).collect()
}

fn request_words(request: &PaidRequest) -> (Style, String) {
    let PaidRequest { payer, status, served, input_tokens, output_tokens, .. } = request;
    let who = match payer {
        Payer::Plan(_) => "plan",
        Payer::Key(_) => "key",
        Payer::Nobody => "nobody",
    };
    if *served {
        let tokens = format!("{} tokens in, {} out", count(*input_tokens), count(*output_tokens));
        let style = if matches!(payer, Payer::Key(_)) { Style::Key } else { Style::Faint };
        (style, format!("  [{who} paid: {tokens}]"))
    } else {
        (Style::Bad, format!("  [{who}: the service answered {status}]"))
    }
}
