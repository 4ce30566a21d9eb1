//! A home signed in at a fake backend, and an `AuthManager` over it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    dead_code,
    unreachable_pub,
    reason = "test code"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, mpsc};

use codex_config::{BaseUrl, Config, CredentialsStore};
use codex_fake_backend::{Account, FakeBackend, PlatformKey, Script};
use codex_fallback::{Decision, Event, Host, Payer, Signal, Ticket, Tried};
use codex_login::{
    AuthManager, AuthOptions, Credential, CredentialKind, Endpoints, HttpClient, HttpOptions,
    IssuerOverrides, LoginError, PolicySettings, Reported,
};
use codex_protocol::{Clock, TurnId};
use codex_redact::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

pub const KEY: &str = "sk-canary0123456789abcdefghij";
pub const OTHER_KEY: &str = "sk-canary9876543210zyxwvutsrq";
pub const API_KEY: &str = "sk-canaryapikey0123456789abcdefgh";
pub const ACCOUNT: &str = "acct-1";

/// One home, one backend, one time.
pub struct Home {
    pub folder: TempDir,
    pub backend: FakeBackend,
    now: Arc<AtomicI64>,
    pub config: Config,
    pub host: Host,
    /// Another issuer than the backend's.
    pub token_url: Option<String>,
}

/// An issuer that holds its one answer back until it is told to go on.
pub struct HeldIssuer {
    pub url: String,
    arrived: mpsc::Receiver<()>,
    go: mpsc::Sender<()>,
}

impl HeldIssuer {
    pub fn start(status: u16, body: Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/oauth/token", listener.local_addr().unwrap());
        let (arrive, arrived) = mpsc::channel();
        let (go, wait) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"}") {
                let mut piece = [0; 4096];
                let length = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..length]);
            }
            arrive.send(()).unwrap();
            wait.recv().unwrap();
            let body = body.to_string();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        });
        Self { url, arrived, go }
    }

    /// Returns when the request is there.
    pub async fn asked(self) -> mpsc::Sender<()> {
        let Self { arrived, go, .. } = self;
        tokio::task::spawn_blocking(move || arrived.recv().unwrap()).await.unwrap();
        go
    }
}

impl Home {
    /// Nobody is signed in.
    pub fn empty(script: Script) -> Self {
        let backend = FakeBackend::builder()
            .account(Account::new(ACCOUNT))
            .account(Account::new("acct-2"))
            .key(PlatformKey::new(KEY))
            .key(PlatformKey::new(OTHER_KEY))
            .script(script)
            .start()
            .unwrap();
        let config = Config {
            chatgpt_base_url: BaseUrl::parse(&backend.chatgpt_base_url()).unwrap(),
            fallback: codex_config::FallbackConfig {
                base_url: Some(BaseUrl::parse(&backend.platform_base_url()).unwrap()),
                ..Default::default()
            },
            ..Config::default()
        };
        let now = Arc::new(AtomicI64::new(backend.now()));
        Self { folder: TempDir::new().unwrap(), backend, now, config, host: Host::Session, token_url: None }
    }

    /// Signed in to `acct-1`.
    pub fn signed_in() -> Self {
        Self::signed_in_with(Script::new())
    }

    pub fn signed_in_with(script: Script) -> Self {
        let home = Self::empty(script);
        home.write("auth.json", &home.backend.auth_json(ACCOUNT).unwrap());
        home
    }

    /// Signed in with the key stored in field and mirror.
    pub fn with_key() -> Self {
        let home = Self::signed_in();
        home.edit("auth.json", |auth| auth["fallback_openai_api_key"] = json!(KEY));
        home.write("fallback-keys.json", &json!({ACCOUNT: KEY}));
        home
    }

    pub fn options(&self) -> AuthOptions {
        let now = Arc::clone(&self.now);
        let token_url = Some(self.token_url.clone().unwrap_or_else(|| self.backend.token_url()));
        let overrides = IssuerOverrides { token_url, revoke_url: None };
        AuthOptions {
            codex_home: self.folder.path().to_path_buf(),
            store_mode: CredentialsStore::File,
            api_key_override: None,
            clock: Clock::new(move || now.load(Ordering::SeqCst) * 1000),
            http: HttpClient::new(HttpOptions::default()),
            endpoints: Endpoints::new(&self.config, &overrides).unwrap(),
            policy: PolicySettings::from(&self.config),
            host: self.host,
            originator: "codex_test".to_owned(),
            user_agent: "codex_test/1".to_owned(),
        }
    }

    pub fn open(&self) -> Arc<AuthManager> {
        self.try_open().unwrap()
    }

    pub fn try_open(&self) -> Result<Arc<AuthManager>, LoginError> {
        AuthManager::open(self.options())
    }

    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
        self.backend.set_now(self.now.load(Ordering::SeqCst));
    }

    pub fn now(&self) -> i64 {
        self.now.load(Ordering::SeqCst)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, value: &Value) {
        self.write_text(name, &serde_json::to_string_pretty(value).unwrap());
    }

    pub fn write_text(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt;
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    pub fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path(name)).ok()
    }

    pub fn json(&self, name: &str) -> Value {
        self.bytes(name).map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap())
    }

    pub fn edit(&self, name: &str, edit: impl FnOnce(&mut Value)) {
        let mut value = self.json(name);
        edit(&mut value);
        self.write(name, &value);
    }

    /// What another Codex program leaves behind: our field is gone (fallback-facts §3.7).
    pub fn rewrite_as_another_program(&self) {
        self.edit("auth.json", |auth| {
            auth.as_object_mut().unwrap().remove("fallback_openai_api_key");
        });
    }
}

pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}

pub fn turn(name: &str) -> TurnId {
    TurnId::from(name)
}

/// The credential of the next request of turn `t`.
pub fn issued(auth: &AuthManager) -> Credential {
    auth.credential(&turn("t")).unwrap().credential.unwrap()
}

pub fn payer(credential: &Credential) -> Option<Payer> {
    match credential.kind {
        CredentialKind::Plan { .. } => Some(Payer::Plan),
        CredentialKind::Key { .. } => Some(Payer::Key),
        CredentialKind::ApiKey { .. } => None,
    }
}

pub fn answered(auth: &AuthManager, ticket: Ticket, signal: Signal) -> Reported {
    auth.report(Event::Answered { turn: "t", ticket, signal, tried: Tried::default() })
}

/// Sends one request of turn `t` that hits the plan's limit; says what was decided.
pub fn hit_limit(auth: &AuthManager, resets_at: Option<i64>) -> Reported {
    let credential = issued(auth);
    answered(auth, credential.ticket.unwrap(), Signal::Limit { resets_at })
}

/// As `hit_limit`, and the key took over.
pub fn switch(auth: &AuthManager, home: &Home) -> Reported {
    let reported = hit_limit(auth, Some(home.now() + 3600));
    assert_eq!(reported.decision, Decision::Resend);
    assert_eq!(reported.change.as_ref().map(|change| change.payer), Some(Payer::Key));
    reported
}

/// The model request's bearer.
pub fn bearer(credential: &Credential) -> &Secret {
    match &credential.kind {
        CredentialKind::Plan { access_token, .. } => access_token,
        CredentialKind::Key { key, .. } | CredentialKind::ApiKey { key } => key,
    }
}
