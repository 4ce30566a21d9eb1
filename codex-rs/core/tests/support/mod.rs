//! An engine against the fake backend, a sink that records, and the story of a turn in short lines.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code; each test binary uses its own part"
)]

use std::collections::VecDeque;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_app_server_protocol::{
    ApprovalPolicy, SandboxMode, ServerNotification, ServerRequest, ThreadItem, ThreadStartParams,
    ThreadStatus, Turn, TurnStartParams, TurnStatus, UserInput,
};
use codex_config::{BaseUrl, Config, CredentialsStore};
use codex_core::{Engine, EngineOptions, EventSink, Originator, SinkFuture, StartedThread, ThreadHandle};
use codex_fake_backend::{Account, Builder, FakeBackend, PlatformKey, Reply, Script};
use codex_fallback::Host;
use codex_login::{
    AuthManager, AuthOptions, Endpoints, HttpClient, HttpOptions, IssuerOverrides, PayerChange,
    PolicySettings,
};
use codex_model_client::{ClientSettings, ModelClient, Pause};
use codex_protocol::{Clock, ThreadId, TurnId};
use codex_sandbox::{Choice, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tokio::sync::watch;

pub(crate) const ACCOUNT: &str = "acct-1";
pub(crate) const KEY: &str = "sk-test-0123456789abcdefghij";
pub(crate) const NOW: i64 = 1_775_000_000;
/// A PNG of one dot, and as it travels.
pub(crate) const DOT: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00\x3a\x7e\x9bU\x00\x00\x00\x0aIDAT\
    x\x9cc\xa8\x07\x00\x00\x81\x00\x80\xd3\x94SJ\x00\x00\x00\x00IEND\xaeB\x60\x82";
pub(crate) const DOT_URL: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6\
    fptVAAAACklEQVR4nGOoBwAAgQCA05RTSgAAAABJRU5ErkJggg==";
/// A turn of these tests takes far less; a hang is told as one.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn backend(replies: impl IntoIterator<Item = Reply>) -> Builder {
    FakeBackend::builder()
        .account(Account::new(ACCOUNT))
        .key(PlatformKey::new(KEY))
        .now(NOW)
        .script(Script::conversation(replies))
}

/// A signed-in engine with a fallback key, a home and a project folder of its own.
pub(crate) struct Lab {
    pub(crate) backend: FakeBackend,
    pub(crate) engine: Engine,
    pub(crate) auth: Arc<AuthManager>,
    pub(crate) sink: Arc<Recorder>,
    pub(crate) home: PathBuf,
    pub(crate) project: PathBuf,
    _folder: tempfile::TempDir,
}

impl Lab {
    pub(crate) fn new(backend: Builder) -> Self {
        Self::with_file_mode(backend, 0o600)
    }

    /// With an `auth.json` of this mode.
    pub(crate) fn with_file_mode(backend: Builder, mode: u32) -> Self {
        let backend = backend.start().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (home, project) = (folder.path().join("home"), folder.path().join("project"));
        std::fs::create_dir_all(&home).unwrap();
        std::fs::create_dir_all(project.join(".git")).unwrap();
        let mut auth_json = backend.auth_json(ACCOUNT).unwrap();
        auth_json["fallback_openai_api_key"] = json!(KEY);
        std::fs::write(home.join("auth.json"), auth_json.to_string()).unwrap();
        std::fs::set_permissions(home.join("auth.json"), std::fs::Permissions::from_mode(mode)).unwrap();
        let mut config = Config {
            chatgpt_base_url: BaseUrl::parse(&backend.chatgpt_base_url()).unwrap(),
            ..Config::default()
        };
        config.fallback.base_url = Some(BaseUrl::parse(&backend.platform_base_url()).unwrap());
        let overrides = IssuerOverrides { token_url: Some(backend.token_url()), revoke_url: None };
        let endpoints = Endpoints::new(&config, &overrides).unwrap();
        let http = HttpClient::new(HttpOptions::default());
        let clock = Clock::fixed(NOW);
        let auth = AuthManager::open(AuthOptions {
            codex_home: home.clone(),
            store_mode: CredentialsStore::File,
            api_key_override: None,
            clock: clock.clone(),
            http: http.clone(),
            endpoints: endpoints.clone(),
            policy: PolicySettings::from(&config),
            host: Host::Session,
            originator: "test".to_owned(),
            user_agent: "test/0".to_owned(),
        })
        .unwrap();
        let mut settings = ClientSettings::of_config("0.0.0", &config);
        settings.retries.pause = Pause::none();
        let model_client =
            ModelClient::new(Arc::clone(&auth), http, endpoints, settings, clock.clone(), None);
        let engine = Engine::new(EngineOptions {
            config,
            auth: Arc::clone(&auth),
            model_client,
            clock,
            codex_home: home.clone(),
            working_directory: project.clone(),
            environment: environment(&home, &auth),
            shell: PathBuf::from("/bin/sh"),
            sandbox: Sandbox::new(SandboxOptions {
                search_path: ["/usr/bin", "/bin", "/usr/local/bin"].map(PathBuf::from).to_vec(),
                temporary: "/tmp".into(),
                mechanism: Choice::Automatic,
            }),
            hidden: vec![home.clone()],
            version: "0.0.0".to_owned(),
            installation_id: "installation-1".to_owned(),
        });
        Lab { backend, engine, auth, sink: Arc::new(Recorder::new()), home, project, _folder: folder }
    }

    /// A thread that runs commands.
    pub(crate) async fn thread(&self) -> ThreadHandle {
        self.start(unwalled()).await.handle
    }

    pub(crate) async fn start(&self, params: ThreadStartParams) -> StartedThread {
        let sink: Arc<dyn EventSink> = self.sink.clone();
        self.engine
            .start_thread(self.engine.options().config.clone(), params, originator(), sink)
            .await
            .unwrap()
    }

    /// Runs a turn to its end.
    pub(crate) async fn turn(&self, thread: &ThreadHandle, text: &str) -> Turn {
        let (turn, announcement) = thread.start_turn(says(thread, text)).await.unwrap();
        drop(announcement);
        self.sink.completed(&turn.id).await
    }
}

pub(crate) fn originator() -> Originator {
    Originator { name: "test".to_owned(), user_agent: "test/0".to_owned(), source: "exec".to_owned() }
}

pub(crate) fn unwalled() -> ThreadStartParams {
    ThreadStartParams {
        sandbox: Some(SandboxMode::DangerFullAccess),
        approval_policy: Some(ApprovalPolicy::Never),
        ..ThreadStartParams::default()
    }
}

pub(crate) fn says(thread: &ThreadHandle, text: &str) -> TurnStartParams {
    TurnStartParams::text(thread.id().clone(), text)
}

fn environment(home: &std::path::Path, auth: &AuthManager) -> Vec<(String, String)> {
    let session = auth.stored_secrets().into_iter().map(|secret| secret.expose().to_owned());
    let copies = session.enumerate().map(|(index, secret)| (format!("STORED_{index}"), secret));
    [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", home.to_str().unwrap()),
        ("GREETING", "hello"),
        ("CODEX_API_KEY", "plain-text-key"),
        ("OPENAI_API_KEY", "another"),
        ("ANY_NAME", KEY),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .chain(copies)
    .collect()
}

/// Keeps everything and lets tests wait for it.
pub(crate) struct Recorder {
    notifications: Mutex<Vec<ServerNotification>>,
    changes: Mutex<Vec<PayerChange>>,
    /// What the person was asked.
    pub(crate) asked: Mutex<Vec<ServerRequest>>,
    /// What the person answers, in order; no to all that follow.
    pub(crate) answers: Mutex<VecDeque<Value>>,
    count: watch::Sender<usize>,
}

impl Recorder {
    fn new() -> Self {
        Recorder {
            notifications: Mutex::default(),
            changes: Mutex::default(),
            asked: Mutex::default(),
            answers: Mutex::default(),
            count: watch::Sender::new(0),
        }
    }

    pub(crate) fn all(&self) -> Vec<ServerNotification> {
        self.notifications.lock().unwrap().clone()
    }

    pub(crate) fn changes(&self) -> Vec<PayerChange> {
        self.changes.lock().unwrap().clone()
    }

    /// Waits until one of the notifications so far answers.
    pub(crate) async fn until<T>(&self, find: impl Fn(&ServerNotification) -> Option<T>) -> T {
        let mut count = self.count.subscribe();
        let search = async {
            loop {
                count.borrow_and_update();
                if let Some(found) = self.all().iter().find_map(&find) {
                    return found;
                }
                count.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!("it never came; so far:\n{}", self.story()),
        }
    }

    pub(crate) async fn completed(&self, turn: &TurnId) -> Turn {
        self.until(|notification| match notification {
            ServerNotification::TurnCompleted(changed) if changed.turn.id == *turn => {
                Some(changed.turn.clone())
            }
            _ => None,
        })
        .await
    }

    /// What was told, one short line each; deltas that follow each other are joined.
    pub(crate) fn story(&self) -> String {
        let changes = self.changes();
        let mut lines: Vec<String> = Vec::new();
        for notification in self.all() {
            let line = short(&notification, &changes);
            match (lines.last_mut(), line.split_once("+ ")) {
                (Some(last), Some((kind, more))) if last.starts_with(&format!("{kind}+ ")) => {
                    last.push_str(more)
                }
                _ => lines.push(line),
            }
        }
        lines.join("\n")
    }

    pub(crate) fn clear(&self) {
        self.notifications.lock().unwrap().clear();
    }
}

impl EventSink for Recorder {
    fn emit(&self, notification: ServerNotification) -> SinkFuture<'_> {
        self.notifications.lock().unwrap().push(notification);
        self.count.send_modify(|count| *count += 1);
        Box::pin(async {})
    }

    fn ask(&self, _: ThreadId, request: ServerRequest) -> SinkFuture<'_, Option<Value>> {
        self.asked.lock().unwrap().push(request);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer })
    }

    fn payer_changed(&self, change: PayerChange) -> SinkFuture<'_> {
        self.changes.lock().unwrap().push(change);
        Box::pin(async {})
    }
}

fn short(notification: &ServerNotification, changes: &[PayerChange]) -> String {
    match notification {
        ServerNotification::ThreadStatusChanged(changed) => match changed.status {
            ThreadStatus::Idle => "status idle".to_owned(),
            ThreadStatus::Active { .. } => "status active".to_owned(),
        },
        ServerNotification::TurnStarted(_) => "turn started".to_owned(),
        ServerNotification::TurnCompleted(changed) => format!("turn {}", ending(&changed.turn)),
        ServerNotification::ItemStarted(started) => format!("started {}", item(&started.item)),
        ServerNotification::ItemCompleted(completed) => format!("completed {}", item(&completed.item)),
        ServerNotification::AgentMessageDelta(delta) => format!("text+ {}", delta.delta),
        ServerNotification::CommandOutputDelta(delta) => format!("output+ {}", delta.delta.escape_debug()),
        ServerNotification::ReasoningSummaryPartAdded(_) => "summary part".to_owned(),
        ServerNotification::ReasoningSummaryDelta(delta) => format!("summary+ {}", delta.delta),
        ServerNotification::ReasoningTextDelta(delta) => format!("reasoning+ {}", delta.delta),
        ServerNotification::ThreadTokenUsageUpdated(_) => "tokens".to_owned(),
        ServerNotification::AccountRateLimitsUpdated(_) => "limits".to_owned(),
        ServerNotification::Error(error) => {
            let kind = if error.will_retry { "retry" } else { "error" };
            let cause = error
                .error
                .additional_details
                .as_ref()
                .map_or(String::new(), |text| format!(" ({})", without_time(text)));
            format!("{kind}: {}{cause}", error.error.message)
        }
        ServerNotification::Warning(warning) => {
            // The sentence is the login crate's; told here is that this very one came, and for whom.
            match changes.iter().find(|change| change.sentence() == warning.message) {
                Some(change) => format!("notice: {:?} pays", change.payer),
                None => format!("warning: {}", warning.message),
            }
        }
        other => other.method().to_owned(),
    }
}

/// The reset's time is told in the machine's own time zone.
fn without_time(message: &str) -> String {
    if let (Some((before, _)), Some((_, after))) =
        (message.split_once(" try again at "), message.split_once("M."))
    {
        return format!("{before} try again at (a time)M.{after}");
    }
    message.to_owned()
}

fn ending(turn: &Turn) -> String {
    let status = match turn.status {
        TurnStatus::Completed => "completed",
        TurnStatus::Interrupted => "interrupted",
        TurnStatus::Failed => "failed",
        TurnStatus::InProgress => "in progress",
    };
    let items: Vec<String> = turn.items.iter().map(item).collect();
    let error = turn.error.as_ref().map(|error| error.message.clone());
    format!("{status} [{}]{}", items.join(", "), error.map_or(String::new(), |error| format!(": {error}")))
}

fn item(item: &ThreadItem) -> String {
    match item {
        ThreadItem::UserMessage { content, .. } => {
            let texts = content.iter().filter_map(|part| match part {
                UserInput::Text { text, .. } => Some(text.as_str()),
                UserInput::Image { .. } | UserInput::LocalImage { .. } => None,
            });
            format!("userMessage {:?}", texts.collect::<String>())
        }
        ThreadItem::AgentMessage { text, .. } => format!("agentMessage {text:?}"),
        ThreadItem::Reasoning { summary, .. } => format!("reasoning {summary:?}"),
        ThreadItem::CommandExecution { command, status, exit_code, aggregated_output, .. } => {
            let code = exit_code.map_or(String::new(), |code| format!(" {code}"));
            let output = aggregated_output.as_ref().map_or(String::new(), |output| format!(" {output:?}"));
            format!("commandExecution {command} {status:?}{code}{output}")
        }
        ThreadItem::FileChange { changes, status, .. } => {
            let paths: Vec<&str> = changes.iter().map(|change| change.path.as_str()).collect();
            format!("fileChange {} {status:?}", paths.join(" "))
        }
        ThreadItem::McpToolCall(call) => {
            format!("mcpToolCall {}.{} {:?}", call.server, call.tool, call.status)
        }
        ThreadItem::WebSearch { query, .. } => format!("webSearch {query:?}"),
        ThreadItem::ImageView { path, .. } => format!("imageView {path}"),
    }
}
