//! A signed-in client against the fake backend, and the least turn loop that runs tools and samples again.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code; each test binary uses its own part"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_config::{BaseUrl, Config, CredentialsStore};
use codex_fake_backend::{Account, Builder, Door, FakeBackend, PlatformKey, Recorded};
use codex_fallback::{Consent, Host, Mode};
use codex_login::{
    AuthManager, AuthOptions, Endpoints, HttpClient, HttpOptions, IssuerOverrides, PayerChange,
    PolicySettings,
};
use codex_model_client::{
    ClientSettings, ConsentPrompt, ModelClient, PaidBy, Pause, Prompt, Question, SampleEvent, ThreadContext,
    ThreadIdentity, TurnContext,
};
use codex_protocol::{Clock, CodexErr, HistoryItem, ResponseItem, ThreadId, TurnId};
use futures_util::future::BoxFuture;
use serde_json::json;

pub(crate) const ACCOUNT: &str = "acct-1";
pub(crate) const KEY: &str = "sk-test-0123456789abcdefghij";
pub(crate) const NOW: i64 = 1_775_000_000;
pub(crate) const MODEL: &str = "gpt-5.5";

pub(crate) fn backend() -> Builder {
    FakeBackend::builder().account(Account::new(ACCOUNT)).key(PlatformKey::new(KEY)).now(NOW)
}

/// What a test may change about the client.
pub(crate) struct Setup {
    pub(crate) mode: Mode,
    /// Changes the settings, given the backend.
    pub(crate) config: fn(&mut Config, &FakeBackend),
    pub(crate) key: Option<&'static str>,
    pub(crate) api_key_sign_in: Option<&'static str>,
    pub(crate) consent: Option<Arc<dyn ConsentPrompt>>,
    pub(crate) patience: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            mode: Mode::Auto,
            config: |_, _| {},
            key: Some(KEY),
            api_key_sign_in: None,
            consent: None,
            patience: Duration::from_secs(20),
        }
    }
}

/// One process with its client; the waits it was told to make are kept, not made.
pub(crate) struct Desk {
    pub(crate) backend: FakeBackend,
    pub(crate) auth: Arc<AuthManager>,
    pub(crate) client: ModelClient,
    pub(crate) waits: Arc<Mutex<Vec<Duration>>>,
    _home: tempfile::TempDir,
}

impl Desk {
    pub(crate) fn new(backend: Builder) -> Self {
        Self::with(backend, Setup::default())
    }

    pub(crate) fn with(backend: Builder, setup: Setup) -> Self {
        let backend = backend.start().unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut auth_json = backend.auth_json(ACCOUNT).unwrap();
        if let Some(key) = setup.key {
            auth_json["fallback_openai_api_key"] = json!(key);
        }
        if let Some(key) = setup.api_key_sign_in {
            auth_json = json!({"auth_mode": "apikey", "OPENAI_API_KEY": key});
        }
        std::fs::write(home.path().join("auth.json"), auth_json.to_string()).unwrap();
        let mut config = Config {
            chatgpt_base_url: BaseUrl::parse(&backend.chatgpt_base_url()).unwrap(),
            ..Config::default()
        };
        config.fallback.mode = setup.mode;
        config.fallback.base_url = Some(BaseUrl::parse(&backend.platform_base_url()).unwrap());
        (setup.config)(&mut config, &backend);
        let overrides = IssuerOverrides { token_url: Some(backend.token_url()), revoke_url: None };
        let endpoints = Endpoints::new(&config, &overrides).unwrap();
        let http = HttpClient::new(HttpOptions::default());
        let auth = AuthManager::open(AuthOptions {
            codex_home: home.path().to_owned(),
            store_mode: CredentialsStore::File,
            api_key_override: None,
            clock: Clock::fixed(NOW),
            http: http.clone(),
            endpoints: endpoints.clone(),
            policy: PolicySettings::from(&config),
            host: Host::Session,
            originator: "test".to_owned(),
            user_agent: "test/0".to_owned(),
        })
        .unwrap();
        let mut settings = ClientSettings::of_config("0.0.0", &config);
        settings.idle_timeout = setup.patience;
        settings.answer_timeout = setup.patience;
        let waits = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&waits);
        settings.retries.pause = Pause::with(move |wait| {
            noted.lock().unwrap().push(wait);
            Box::pin(std::future::ready(()))
        });
        let client =
            ModelClient::new(Arc::clone(&auth), http, endpoints, settings, Clock::fixed(NOW), setup.consent);
        Desk { backend, auth, client, waits, _home: home }
    }

    /// One sampling of a fresh thread.
    pub(crate) async fn ask(&self, prompt: Prompt) -> Told {
        self.sample(&mut turn(&thread("thread-1"), "turn-1"), prompt).await
    }

    pub(crate) async fn sample(&self, turn: &mut TurnContext, prompt: Prompt) -> Told {
        let mut sampling = self.client.sample(turn, prompt);
        let mut events = Vec::new();
        loop {
            match sampling.next().await {
                Ok(Some(event)) => events.push(event),
                Ok(None) => return Told { events, error: None },
                Err(error) => return Told { events, error: Some(error) },
            }
        }
    }

    /// A turn: samples, answers each call with `ran <call id>`, samples again, until the model asks for nothing.
    pub(crate) async fn turn(&self, turn: &mut TurnContext, history: &mut Vec<HistoryItem>) -> Told {
        let mut all = Told::default();
        for _ in 0..20 {
            let told = self.sample(turn, prompt(history.clone())).await;
            let cut_off = told.events.last() == Some(&SampleEvent::CutOff);
            let items = told.items();
            let calls = items.iter().filter_map(|entry| match entry.item.as_ref() {
                ResponseItem::FunctionCall { call_id, .. } => Some(call_id.clone()),
                _ => None,
            });
            let outputs: Vec<_> = calls
                .map(|call| {
                    HistoryItem::ours(ResponseItem::function_output(call.as_str(), format!("ran {call}")))
                })
                .collect();
            let goes_on = (cut_off || !outputs.is_empty()) && told.error.is_none();
            history.extend(items);
            history.extend(outputs);
            all.events.extend(told.events);
            all.error = told.error;
            if !goes_on {
                return all;
            }
        }
        panic!("the turn does not end");
    }

    pub(crate) fn plan_requests(&self) -> Vec<Recorded> {
        self.backend.requests_at(Door::PlanResponses)
    }

    pub(crate) fn key_requests(&self) -> Vec<Recorded> {
        self.backend.requests_at(Door::KeyResponses)
    }

    /// How many model requests the plan and the key received.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.plan_requests().len(), self.key_requests().len())
    }

    /// Nothing of one credential reached the other, and no turn's state another.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.backend.findings(), []);
    }
}

/// What one or more samplings told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) events: Vec<SampleEvent>,
    pub(crate) error: Option<CodexErr>,
}

impl Told {
    pub(crate) fn items(&self) -> Vec<HistoryItem> {
        let items = self.events.iter().filter_map(|event| match event {
            SampleEvent::ItemDone(item) => Some(item.clone()),
            _ => None,
        });
        items.collect()
    }

    /// The finished assistant texts.
    pub(crate) fn texts(&self) -> Vec<String> {
        let items = self.items();
        items.iter().map(|entry| entry.item.text()).filter(|text| !text.is_empty()).collect()
    }

    pub(crate) fn deltas(&self) -> String {
        let deltas = self.events.iter().filter_map(|event| match event {
            SampleEvent::TextDelta { text, .. } => Some(text.as_str()),
            _ => None,
        });
        deltas.collect()
    }

    pub(crate) fn changes(&self) -> Vec<&PayerChange> {
        let changes = self.events.iter().filter_map(|event| match event {
            SampleEvent::PayerChanged(change) => Some(change),
            _ => None,
        });
        changes.collect()
    }

    pub(crate) fn retries(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, SampleEvent::Retrying { .. })).count()
    }

    pub(crate) fn paid_by(&self) -> Option<PaidBy> {
        self.events.iter().rev().find_map(|event| match event {
            SampleEvent::Completed { payer, .. } => Some(*payer),
            _ => None,
        })
    }

    /// The order of events, deltas and rate limits left out.
    pub(crate) fn story(&self) -> String {
        let words = self.events.iter().filter_map(|event| match event {
            SampleEvent::Request { payer: PaidBy::Plan } => Some("plan"),
            SampleEvent::Request { payer: PaidBy::FallbackKey } => Some("key"),
            SampleEvent::Request { payer: PaidBy::ApiKeySignIn } => Some("api-key"),
            SampleEvent::PayerChanged(_) => Some("changed"),
            SampleEvent::Retrying { .. } => Some("retrying"),
            SampleEvent::Discarded { .. } => Some("discarded"),
            SampleEvent::ItemStarted(_) => Some("started"),
            SampleEvent::ItemDone(_) => Some("done"),
            SampleEvent::ServerModel(_) => Some("model"),
            SampleEvent::Completed { .. } => Some("completed"),
            SampleEvent::CutOff => Some("cut-off"),
            SampleEvent::TextDelta { .. }
            | SampleEvent::ReasoningSummaryPart { .. }
            | SampleEvent::ReasoningSummaryDelta { .. }
            | SampleEvent::ReasoningDelta { .. }
            | SampleEvent::RateLimits(_) => None,
        });
        let error = self.error.as_ref().map(|_| "error");
        words.chain(error).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    pub(crate) fn error_text(&self) -> String {
        self.error.as_ref().expect("an error").to_string()
    }
}

pub(crate) fn thread(id: &str) -> Arc<ThreadContext> {
    ThreadContext::new(ThreadIdentity {
        thread_id: ThreadId::from(id),
        session_id: id.to_owned(),
        installation_id: "installation-1".to_owned(),
        originator: "codex_exec".to_owned(),
        user_agent: "codex_exec/0.0.0 (test)".to_owned(),
    })
}

pub(crate) fn turn(thread: &Arc<ThreadContext>, id: &str) -> TurnContext {
    TurnContext::new(Arc::clone(thread), TurnId::from(id))
}

pub(crate) fn prompt(history: Vec<HistoryItem>) -> Prompt {
    Prompt {
        model: MODEL.to_owned(),
        instructions: "You are a test.".into(),
        history,
        tools: Arc::from([json!({"type": "function", "name": "exec_command", "parameters": {}})]),
        effort: Some("medium".to_owned()),
        summary: Some("auto".to_owned()),
        verbosity: None,
        service_tier: None,
        output_schema: None,
        context_tokens_estimate: Some(1234),
    }
}

pub(crate) fn hello() -> Vec<HistoryItem> {
    vec![HistoryItem::ours(ResponseItem::message("user", "Hello."))]
}

/// Answers every question alike and keeps them.
pub(crate) struct Answering {
    pub(crate) answer: Option<Consent>,
    pub(crate) asked: Mutex<Vec<Question>>,
}

impl Answering {
    pub(crate) fn with(answer: Option<Consent>) -> Arc<Self> {
        Arc::new(Answering { answer, asked: Mutex::new(Vec::new()) })
    }
}

impl ConsentPrompt for Answering {
    fn ask(&self, question: Question) -> BoxFuture<'_, Option<Consent>> {
        self.asked.lock().unwrap().push(question);
        Box::pin(std::future::ready(self.answer))
    }
}
