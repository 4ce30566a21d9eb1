//! The client: one per process, shared by all threads, cheap to clone.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use codex_fallback::Tried;
use codex_login::{AuthManager, Credential, CredentialKind, Endpoints, HttpClient};
use codex_protocol::{Clock, Minter, RateLimitSnapshot};

use crate::consent::ConsentPrompt;
use crate::prompt::Prompt;
use crate::rate_limits::ACCOUNT_WIDE;
use crate::routing::Routes;
use crate::sampling::Sampling;
use crate::send::Sender;
use crate::settings::ClientSettings;
use crate::turn::TurnContext;

/// Sends model requests for whoever pays.
#[derive(Clone)]
pub struct ModelClient(Arc<Client>);

/// What every request needs.
pub(crate) struct Client {
    pub(crate) auth: Arc<AuthManager>,
    pub(crate) http: HttpClient,
    pub(crate) endpoints: Endpoints,
    pub(crate) settings: ClientSettings,
    pub(crate) clock: Clock,
    pub(crate) consent: Option<Arc<dyn ConsentPrompt>>,
    pub(crate) routes: Routes,
    pub(crate) lessons: Lessons,
}

/// What credentials turned out not to offer, so that no request is refused twice for the same reason.
#[derive(Debug, Default)]
pub(crate) struct Lessons(Mutex<HashMap<Minter, Lesson>>);

#[derive(Debug, Default)]
struct Lesson {
    without_summaries: bool,
    substituted: HashSet<String>,
}

impl ModelClient {
    /// A client that sends nothing yet. `consent`: who can be asked under `mode = "ask"`; `None`: nobody can.
    pub fn new(
        auth: Arc<AuthManager>,
        http: HttpClient,
        endpoints: Endpoints,
        settings: ClientSettings,
        clock: Clock,
        consent: Option<Arc<dyn ConsentPrompt>>,
    ) -> Self {
        let (routes, lessons) = (Routes::default(), Lessons::default());
        ModelClient(Arc::new(Client { auth, http, endpoints, settings, clock, consent, routes, lessons }))
    }

    /// One answer of the model to this prompt. Nothing happens until its events are pulled.
    pub fn sample<'a>(&self, turn: &'a mut TurnContext, prompt: Prompt) -> Sampling<'a> {
        let client = Arc::clone(&self.0);
        Sampling::new(|outbox| async move { Sender::new(&client, turn, &prompt, &outbox).send().await })
    }
}

impl Client {
    /// Keeps what an answer says about the plan's account-wide limit.
    pub(crate) fn note_limits(&self, credential: &Credential, limits: &RateLimitSnapshot) {
        let plan = matches!(credential.kind, CredentialKind::Plan { .. });
        if plan && limits.limit_id.as_deref() == Some(ACCOUNT_WIDE) {
            self.auth.set_limit(limits);
        }
    }
}

impl fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelClient").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Lessons {
    /// What a request for this model is better sent without, to this credential.
    pub(crate) fn about(&self, minter: &Minter, model: &str) -> Tried {
        let lessons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lesson = lessons.get(minter);
        Tried {
            without_summaries: lesson.is_some_and(|lesson| lesson.without_summaries),
            substitute: lesson.is_some_and(|lesson| lesson.substituted.contains(model)),
            ..Tried::default()
        }
    }

    /// A request for this model worked, sent like this.
    pub(crate) fn learn(&self, minter: &Minter, model: &str, tried: Tried) {
        if !tried.without_summaries && !tried.substitute {
            return;
        }
        let mut lessons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lesson = lessons.entry(minter.clone()).or_default();
        lesson.without_summaries |= tried.without_summaries;
        if tried.substitute {
            lesson.substituted.insert(model.to_owned());
        }
    }
}
