//! A server on a fake backend, and a client on the other end of its pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub, reason = "test code")]
#![allow(dead_code, reason = "each test binary uses its part")]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use codex_app_server::stdio::{self, ServeError};
use codex_app_server::{AppServer, ConsentDesk, Program, ServerOptions};
use codex_app_server_protocol::ConfigWarning;
use codex_core::{Engine, EngineOptions};
use codex_fake_backend::{Account, Builder, FakeBackend, PlatformKey};
use codex_fallback::Host;
use codex_login::{
    AuthManager, AuthOptions, Endpoints, HttpClient, HttpOptions, IssuerOverrides, PolicySettings,
};
use codex_model_client::{ClientSettings, ModelClient, Pause};
use codex_protocol::Clock;
use codex_sandbox::{Choice, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines};
use tokio::task::JoinHandle;

pub const ACCOUNT: &str = "acct-test-0001";
pub const KEY: &str = "sk-proj-testkey-0123456789abcdefghijklmnopWXYZ";

/// A backend with the account and the key.
pub fn backend() -> Builder {
    FakeBackend::builder().account(Account::new(ACCOUNT)).key(PlatformKey::new(KEY))
}

/// Who is signed in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    Plan,
    ApiKey,
    Nobody,
}

pub struct World {
    pub backend: FakeBackend,
    pub home: TempDir,
    pub folder: TempDir,
    pub server: Arc<AppServer>,
    pub auth: Arc<AuthManager>,
    passed: Arc<AtomicI64>,
}

impl World {
    /// A server whose `config.toml` ends in `settings`, signed in on the plan.
    pub fn new(backend: Builder, settings: &str) -> Self {
        World::signed_in(backend, settings, SignedIn::Plan)
    }

    pub fn signed_in(backend: Builder, settings: &str, who: SignedIn) -> Self {
        let backend = backend.start().unwrap();
        let (home, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let sign_in = match who {
            SignedIn::Plan => Some(backend.auth_json(ACCOUNT).unwrap()),
            SignedIn::ApiKey => Some(json!({"auth_mode": "apikey", "OPENAI_API_KEY": KEY})),
            SignedIn::Nobody => None,
        };
        if let Some(sign_in) = sign_in {
            let path = home.path().join("auth.json");
            std::fs::write(&path, sign_in.to_string()).unwrap();
            // One that others can read is worth a warning, which is not what these tests are about.
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        let config = format!(
            "# my settings\nchatgpt_base_url = \"{}\"\n{settings}\n[fallback] # money\nbase_url = \"{}\" # here\n",
            backend.chatgpt_base_url(),
            backend.platform_base_url()
        );
        std::fs::write(home.path().join("config.toml"), config).unwrap();
        let passed = Arc::new(AtomicI64::new(0));
        let (server, auth) = server(&backend, &home, &folder, &passed);
        World { backend, home, folder, server, auth, passed }
    }

    /// Lets so many seconds pass, for server and backend.
    pub fn pass(&self, seconds: i64) {
        self.passed.fetch_add(seconds, Ordering::SeqCst);
        self.backend.set_now(self.backend.now() + seconds);
    }

    /// A new client on pipes, before its handshake.
    pub fn pipe(&self) -> Pipe {
        Pipe::open(&self.server, 1 << 20)
    }

    /// A new client on pipes that knows the fallback and can be asked, or not.
    pub async fn client(&self, capabilities: Value) -> Pipe {
        let mut pipe = self.pipe();
        pipe.handshake(capabilities).await;
        pipe
    }

    pub fn config(&self) -> String {
        std::fs::read_to_string(self.home.path().join("config.toml")).unwrap()
    }

    /// `thread/start` in which commands may run.
    pub fn thread_start(&self) -> Value {
        json!({"cwd": self.folder.path(), "approvalPolicy": "never", "sandbox": "danger-full-access"})
    }
}

fn server(
    backend: &FakeBackend,
    home: &TempDir,
    folder: &TempDir,
    passed: &Arc<AtomicI64>,
) -> (Arc<AppServer>, Arc<AuthManager>) {
    let sources = codex_config::Sources {
        codex_home: home.path().to_path_buf(),
        cwd: Some(folder.path().to_path_buf()),
        ..codex_config::Sources::default()
    };
    let (config, _) = codex_config::load(&sources).unwrap();
    let overrides = IssuerOverrides { token_url: Some(backend.token_url()), revoke_url: None };
    let endpoints = Endpoints::new(&config, &overrides).unwrap();
    let http = HttpClient::new(HttpOptions::default());
    let (start, passed) = (backend.now(), Arc::clone(passed));
    let clock = Clock::new(move || (start + passed.load(Ordering::SeqCst)) * 1000);
    let auth = AuthManager::open(AuthOptions {
        codex_home: home.path().to_path_buf(),
        store_mode: config.cli_auth_credentials_store,
        api_key_override: None,
        clock: clock.clone(),
        http: http.clone(),
        endpoints: endpoints.clone(),
        policy: PolicySettings::from(&config),
        host: Host::Server,
        originator: "test".to_owned(),
        user_agent: "test/0".to_owned(),
    })
    .unwrap();
    let consent = ConsentDesk::new();
    let mut settings = ClientSettings::new("0.1.0");
    settings.retries.pause = Pause::none();
    let model_client =
        ModelClient::new(auth.clone(), http, endpoints, settings, clock.clone(), Some(consent.clone()));
    let engine = Engine::new(EngineOptions {
        config,
        auth: auth.clone(),
        model_client,
        clock: clock.clone(),
        codex_home: home.path().to_path_buf(),
        working_directory: folder.path().to_path_buf(),
        environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
        shell: "/bin/sh".into(),
        sandbox: Sandbox::new(SandboxOptions {
            search_path: ["/usr/bin", "/bin", "/usr/local/bin"].map(Into::into).to_vec(),
            temporary: "/tmp".into(),
            mechanism: Choice::Automatic,
        }),
        hidden: vec![home.path().to_path_buf()],
        version: "0.1.0".to_owned(),
        installation_id: "00000000-0000-4000-8000-000000000000".to_owned(),
    });
    let server = AppServer::new(ServerOptions {
        settings: sources,
        engine,
        auth: auth.clone(),
        consent,
        clock,
        codex_home: home.path().to_path_buf(),
        program: Program {
            version: "0.1.0".to_owned(),
            system: "Linux 6.1; x86_64".to_owned(),
            terminal: "unknown".to_owned(),
        },
        config_warnings: vec![ConfigWarning {
            summary: "`colour` is not a known setting and was ignored".to_owned(),
            details: None,
            path: None,
        }],
    });
    (server, auth)
}

/// The client's end of a connection over pipes.
pub struct Pipe {
    pub input: Option<DuplexStream>,
    lines: Lines<BufReader<DuplexStream>>,
    served: JoinHandle<Result<(), ServeError>>,
    next_id: i64,
    /// Everything that was written to us, as it came.
    pub transcript: Vec<String>,
}

impl Pipe {
    /// With pipes that hold this many bytes.
    pub fn open(server: &Arc<AppServer>, bytes: usize) -> Self {
        let (input, reader) = tokio::io::duplex(bytes);
        let (writer, output) = tokio::io::duplex(bytes);
        let server = server.clone();
        let served = tokio::spawn(async move { stdio::serve(&server, reader, writer).await });
        Pipe {
            input: Some(input),
            lines: BufReader::new(output).lines(),
            served,
            next_id: 0,
            transcript: Vec::new(),
        }
    }

    pub async fn handshake(&mut self, capabilities: Value) -> Value {
        let client = json!({"name": "test-client", "title": null, "version": "1.2.3"});
        let answer =
            self.call("initialize", json!({"clientInfo": client, "capabilities": capabilities})).await;
        self.send(&json!({"method": "initialized"})).await;
        assert_eq!(self.next().await["method"], "configWarning");
        answer
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_raw(format!("{message}\n").as_bytes()).await;
    }

    pub async fn send_raw(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).await.unwrap();
    }

    /// Sends a request and gives its id.
    pub async fn request(&mut self, method: &str, params: Value) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.send(&json!({"id": id, "method": method, "params": params})).await;
        id
    }

    /// Sends a request and waits for its answer; what comes before it is left in the transcript only.
    pub async fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        self.answer_to(id).await
    }

    pub async fn answer_to(&mut self, id: i64) -> Value {
        loop {
            let message = self.next().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
        }
    }

    pub async fn try_next(&mut self) -> Option<Value> {
        let line = self.lines.next_line().await.unwrap()?;
        let message = serde_json::from_str(&line).unwrap();
        self.transcript.push(line);
        Some(message)
    }

    pub async fn next(&mut self) -> Value {
        self.try_next().await.expect("the server has ended")
    }

    /// Everything up to and with the first notification or request of this method.
    pub async fn until(&mut self, method: &str) -> Vec<Value> {
        let mut messages = Vec::new();
        loop {
            messages.push(self.next().await);
            if messages.last().unwrap()["method"] == method {
                return messages;
            }
        }
    }

    /// Closes the input, gives what still came, and checks that serving ended well.
    pub async fn close(mut self) -> Vec<Value> {
        self.input = None;
        let mut rest = Vec::new();
        while let Some(message) = self.try_next().await {
            rest.push(message);
        }
        self.served.await.unwrap().unwrap();
        rest
    }

    /// Goes away without a word: both pipes break.
    pub async fn vanish(self) {
        let Pipe { input, lines, served, .. } = self;
        drop((input, lines));
        served.await.unwrap().unwrap();
    }

    /// Starts a thread in which commands may run, past `thread/started`; its id.
    pub async fn thread(&mut self, world: &World) -> String {
        let answer = self.call("thread/start", world.thread_start()).await;
        self.until("thread/started").await;
        answer["result"]["thread"]["id"].as_str().unwrap().to_owned()
    }

    /// Starts a turn; its id.
    pub async fn turn(&mut self, thread: &str, text: &str) -> String {
        let answer = self.call("turn/start", turn_start(thread, text)).await;
        answer["result"]["turn"]["id"].as_str().unwrap_or_else(|| panic!("no turn: {answer}")).to_owned()
    }
}

pub fn turn_start(thread: &str, text: &str) -> Value {
    json!({"threadId": thread, "input": [{"type": "text", "text": text}]})
}

/// Only the methods of messages, answers by their ids.
pub fn methods(messages: &[Value]) -> Vec<String> {
    let name = |message: &Value| match message["method"].as_str() {
        Some(method) => method.to_owned(),
        None => format!("answer {}", message["id"]),
    };
    messages.iter().map(name).collect()
}

/// Replaces what differs from run to run: ids, folders, ports, lengths of time.
pub struct Normal {
    names: HashMap<String, String>,
    world: Vec<(String, &'static str)>,
}

impl Normal {
    pub fn new(world: &World) -> Self {
        let path = |folder: &TempDir| folder.path().display().to_string();
        Normal {
            names: HashMap::new(),
            world: vec![
                (path(&world.home), "<home>"),
                (path(&world.folder), "<folder>"),
                (world.backend.url().to_owned(), "<backend>"),
            ],
        }
    }

    pub fn line(&mut self, line: &str) -> String {
        let mut message: Value = serde_json::from_str(line).unwrap();
        if message.get("method").is_some() && message.get("id").is_none() {
            let at = message.as_object_mut().unwrap().remove("emittedAtMs");
            assert!(at.is_some_and(|at| at.is_i64()), "a notification without its time: {line}");
        }
        self.value(&mut message);
        message.to_string()
    }

    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    // The tokens of a request grow with our own instructions.
                    let varies = ["durationMs", "inputTokens", "totalTokens", "tokens"];
                    if varies.contains(&name.as_str()) && member.is_number() {
                        *member = json!(0);
                    }
                    // Sessions begin at a random number.
                    if name == "processId" && member.is_string() {
                        *member = json!("<session>");
                    }
                    self.value(member);
                }
            }
            Value::Array(members) => members.iter_mut().for_each(|member| self.value(member)),
            Value::String(text) => {
                for (long, short) in &self.world {
                    *text = text.replace(long, short);
                }
                // A time of day, in the zone of the machine.
                if let Some((before, (_, after))) = text
                    .split_once(" until ")
                    .map(|(before, rest)| (before, rest.split_once(". ").unwrap_or_default()))
                {
                    *text = format!("{before} until <time>. {after}");
                }
                if is_uuid(text) {
                    let next = format!("<uuid {}>", self.names.len() + 1);
                    *text = self.names.entry(text.clone()).or_insert(next).clone();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
