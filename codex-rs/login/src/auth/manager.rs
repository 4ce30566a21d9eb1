//! `AuthManager`: the one door to the sign-in and to who pays, shared by everything that sends requests.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};

use codex_config::{CredentialsStore, LoginMethod};
use codex_fallback::{
    Block, Decision, Event, Force, Host, KeyState, Mode, Payer, ReturnPolicy, Signal, Ticket, WhyNot,
};
use codex_protocol::{Clock, CodexErr, RateLimitSnapshot, TokenUsage, TurnId};
use codex_redact::Secret;

use super::change::PayerChange;
use super::credential::{Credential, CredentialKind};
use super::payer::PayerDesk;
use super::refresh::Issuer;
use super::session::{Session, Snapshot, held};
use super::sign_in::{ChatGptAuth, CodexAuth, account_of, signed_in_with_chatgpt};
use super::storage::AuthDotJson;
use super::stores::Stores;
use crate::endpoints::Endpoints;
use crate::error::LoginError;
use crate::http::HttpClient;
use crate::policy::PolicySettings;

/// What the program's edge hands down.
#[derive(Debug, Clone)]
pub struct AuthOptions {
    /// `CODEX_HOME`.
    pub codex_home: PathBuf,
    /// `cli_auth_credentials_store`.
    pub store_mode: CredentialsStore,
    /// `CODEX_API_KEY`, where the command honours it: it beats every stored sign-in (wire-facts §1.5).
    pub api_key_override: Option<Secret>,
    /// The time.
    pub clock: Clock,
    /// The HTTP client.
    pub http: HttpClient,
    /// Where requests go.
    pub endpoints: Endpoints,
    /// The settings about who pays.
    pub policy: PolicySettings,
    /// What kind of process holds the engine.
    pub host: Host,
    /// Header `originator` of token refreshes.
    pub originator: String,
    /// Header `User-Agent` of token refreshes.
    pub user_agent: String,
}

/// The sign-in and the payer of this process. All methods but the `async` ones return at once; the store is two
/// small files.
#[derive(Debug)]
pub struct AuthManager {
    session: Arc<Session>,
    desk: Mutex<PayerDesk>,
    http: HttpClient,
    endpoints: Endpoints,
    clock: Clock,
    /// A stored sign-in of a kind that is not built: it can be signed out, not used.
    unsupported: Option<&'static str>,
}

/// What carries a request, or why none may be sent.
#[derive(Debug)]
pub struct Issued {
    /// The credential.
    pub credential: Result<Credential, WhyNot>,
    /// A change of payer that was found out on the way.
    pub change: Option<PayerChange>,
}

/// What an event led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// What to do.
    pub decision: Decision,
    /// The change of payer it made.
    pub change: Option<PayerChange>,
    /// A sentence for the person that is no change of payer.
    pub notice: Option<&'static str>,
}

/// Everything that is shown about the fallback.
#[derive(Debug, Clone, PartialEq)]
pub struct FallbackState {
    /// The mode in force.
    pub mode: Mode,
    /// The return policy in force.
    pub return_policy: ReturnPolicy,
    /// Who pays for the next request.
    pub payer: Payer,
    /// Since when, unix seconds.
    pub payer_since: i64,
    /// Grows at every change of payer.
    pub epoch: u64,
    /// What the person forced.
    pub forced: Force,
    /// What is known about the key.
    pub key_state: KeyState,
    /// Its last four characters.
    pub key_last4: Option<String>,
    /// What forbids paid requests now.
    pub blocked: Option<Block>,
    /// When the plan's limit resets, unix seconds.
    pub resets_at: Option<i64>,
    /// The plan's windows, as the last answers told them.
    pub limits: RateLimitSnapshot,
    /// Input and output tokens the key paid for in this process.
    pub tokens: u64,
    /// Their price in US dollars, where every model used has one.
    pub usd: Option<f64>,
    /// As `tokens`, since the last switch to the key.
    pub tokens_since_switch: u64,
    /// As `usd`, since the last switch to the key.
    pub usd_since_switch: Option<f64>,
}

impl AuthManager {
    /// Reads the store. Nobody signed in is no error; a damaged file is, and stays untouched.
    pub fn open(options: AuthOptions) -> Result<Arc<Self>, LoginError> {
        let stores = Stores::open(&options.codex_home, options.store_mode)?;
        let stored = match options.api_key_override {
            Some(key) => {
                let mut auth = AuthDotJson::default();
                auth.sign_in_with_api_key(key);
                let signed_in = Snapshot::of(auth, stores.auth_path())?;
                Stored { signed_in, unsupported: None, key: None, warnings: Vec::new() }
            }
            None => Stored::read(&stores, &options.policy)?,
        };
        let issuer = Issuer {
            http: options.http.clone(),
            token_url: options.endpoints.token_url().to_owned(),
            revoke_url: options.endpoints.revoke_url().to_owned(),
            originator: options.originator,
            user_agent: options.user_agent,
        };
        let endpoints = options.endpoints;
        let now = options.clock.unix();
        let desk = PayerDesk::new(options.policy, options.host, endpoints.clone(), stored.key, now);
        let session = Session::new(stores, issuer, options.clock.clone(), stored.signed_in);
        for warning in stored.warnings {
            session.warn(warning);
        }
        Ok(Arc::new(Self {
            session: Arc::new(session),
            desk: Mutex::new(desk),
            http: options.http,
            endpoints,
            clock: options.clock,
            unsupported: stored.unsupported,
        }))
    }

    /// Who is signed in, if anybody usable.
    pub fn auth(&self) -> Option<CodexAuth> {
        self.session.current().map(|snapshot| snapshot.who.clone())
    }

    /// The access token of the ChatGPT session.
    pub(crate) fn plan_token(&self) -> Option<Secret> {
        let snapshot = self.session.current()?;
        snapshot.auth.tokens.as_ref().map(|tokens| tokens.access_token.clone())
    }

    /// Whether the settings allow this sign-in, and whether there is one. Each request asks this first.
    pub fn check_sign_in(&self) -> Result<CodexAuth, LoginError> {
        let Some(snapshot) = self.session.current() else {
            return Err(match self.unsupported {
                Some(mode) => LoginError::UnsupportedMode {
                    path: self.session.stores().auth_path().to_path_buf(),
                    mode,
                },
                None => LoginError::NotSignedIn,
            });
        };
        let desk = held(&self.desk);
        let workspaces = &desk.settings().forced_workspaces;
        match (&snapshot.who, desk.settings().forced_login) {
            (CodexAuth::ApiKey, Some(LoginMethod::ChatGpt)) => Err(LoginError::ChatGptSignInForced),
            (CodexAuth::ChatGpt(_), Some(LoginMethod::Api)) => Err(LoginError::ApiKeySignInForced),
            (CodexAuth::ChatGpt(chatgpt), _)
                if !workspaces.is_empty()
                    && !chatgpt.account_id.as_ref().is_some_and(|id| workspaces.contains(id)) =>
            {
                Err(LoginError::WrongWorkspace)
            }
            (CodexAuth::ChatGpt(_) | CodexAuth::ApiKey, _) => Ok(snapshot.who.clone()),
        }
    }

    /// Refreshes the session when it expires soon. A failure is worth a warning only: the old token may still do.
    pub async fn refresh_if_due(&self) -> Result<(), LoginError> {
        self.session.refresh_if_due().await
    }

    /// After a 401 to this access token: takes newer tokens from memory or the store, else buys some.
    /// A refusal for good is remembered and not asked for again. Who pays is not touched.
    pub async fn refresh_after_401(&self, used_token: &Secret) -> Result<(), LoginError> {
        self.session.refresh_after_401(used_token).await
    }

    /// What carries the next request of this turn. A paid one is issued only while the store holds this very key
    /// for this very account; otherwise the request goes to the plan.
    pub fn credential(&self, turn: &TurnId) -> Result<Issued, LoginError> {
        self.check_sign_in()?;
        let snapshot = self.session.current().ok_or(LoginError::NotSignedIn)?;
        match (&snapshot.who, &snapshot.auth.openai_api_key, &snapshot.auth.tokens) {
            (CodexAuth::ApiKey, Some(key), _) => {
                let kind = CredentialKind::ApiKey { key: key.clone() };
                Ok(Issued { credential: Ok(Credential::new(kind, None)), change: None })
            }
            (CodexAuth::ChatGpt(chatgpt), _, Some(tokens)) => {
                self.credential_beside_plan(chatgpt, &tokens.access_token, turn)
            }
            (CodexAuth::ApiKey | CodexAuth::ChatGpt(_), _, _) => Err(LoginError::NotSignedIn),
        }
    }

    /// Tells the payer what happened. A limit of the plan finds a key that was added elsewhere meanwhile.
    pub fn report(&self, event: Event<'_>) -> Reported {
        let needs_key = match event {
            Event::Answered { ticket, signal: Signal::Limit { .. }, .. } => ticket.payer == Payer::Plan,
            Event::Forced(Force::Key) => true,
            _ => false,
        };
        let found = if needs_key && held(&self.desk).key().is_none() { self.look_for_key() } else { None };
        let reported = held(&self.desk).report(event, self.clock.unix());
        Reported { change: reported.change.or(found), ..reported }
    }

    /// The start of a turn of any thread: when the plan may pay again, and when changes in the store are seen.
    pub fn turn_started(&self) -> Reported {
        self.session.look_for_sign_in();
        let found = self.look_for_key();
        let reported = held(&self.desk).report(Event::TurnStarted, self.clock.unix());
        Reported { change: reported.change.or(found), ..reported }
    }

    /// The end of a turn, however it ended: a consent given for it alone is over.
    pub fn turn_ended(&self, turn: &TurnId) {
        held(&self.desk).report(Event::TurnEnded { turn: turn.as_str() }, self.clock.unix());
    }

    /// Sets the mode for this process.
    pub fn set_mode(&self, mode: Mode) -> Reported {
        held(&self.desk).set_mode(mode, self.clock.unix())
    }

    /// The person forces a payer, or lets signals and settings decide again.
    pub fn force(&self, force: Force) -> Reported {
        self.report(Event::Forced(force))
    }

    /// Everything that is shown about the fallback.
    pub fn status(&self) -> FallbackState {
        held(&self.desk).status()
    }

    /// The last change of payer in this process.
    pub fn last_change(&self) -> Option<PayerChange> {
        held(&self.desk).last_change()
    }

    /// Books what one answer cost the key.
    pub fn book_usage(&self, usage: &TokenUsage, model: &str) {
        held(&self.desk).book(usage, model);
    }

    /// Takes over what an answer said about the plan's windows.
    pub fn set_limit(&self, limits: &RateLimitSnapshot) {
        held(&self.desk).merge_limits(limits);
    }

    /// Keeps the plan's limit error. To be called before the limit is reported.
    pub fn remember_limit(&self, error: CodexErr) {
        held(&self.desk).remember_limit(error);
    }

    /// The plan's limit error that led to the key, so that a key's failure can tell both causes.
    pub fn limit_remembered(&self) -> Option<CodexErr> {
        held(&self.desk).limit_remembered()
    }

    /// Every credential in hand or in the stores, so that none of them is handed on to a command. The stores are read
    /// each time: what pays in this process need not be what they hold, and other programs write them.
    pub fn stored_secrets(&self) -> Vec<Secret> {
        let mut secrets = self.session.stores().secrets();
        let snapshot = self.session.current();
        let signed_in = snapshot.iter().flat_map(|snapshot| snapshot.auth.secrets());
        let desk = held(&self.desk);
        for secret in signed_in.chain(desk.key()) {
            if !secrets.contains(secret) {
                secrets.push(secret.clone());
            }
        }
        secrets
    }

    /// Sentences for the person that came up since the last call, at the start above all.
    pub fn take_warnings(&self) -> Vec<String> {
        self.session.take_warnings()
    }

    /// Where requests go.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The HTTP client.
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// `[fallback] model`.
    pub fn substitute_model(&self) -> Option<String> {
        held(&self.desk).settings().model.clone()
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(crate) fn desk(&self) -> MutexGuard<'_, PayerDesk> {
        held(&self.desk)
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    fn credential_beside_plan(
        &self,
        chatgpt: &ChatGptAuth,
        access_token: &Secret,
        turn: &TurnId,
    ) -> Result<Issued, LoginError> {
        let mut change = None;
        // A key that changed sends the second round to the plan; only a race with a force needs a third.
        for _ in 0..3 {
            let sending = Event::Sending { turn: turn.as_str() };
            let reported = held(&self.desk).report(sending, self.clock.unix());
            change = reported.change.or(change);
            let ticket = match send_or_why(reported.decision) {
                Ok(ticket) => ticket,
                Err(why) => return Ok(Issued { credential: Err(why), change }),
            };
            let kind = match ticket.payer {
                Payer::Plan => Some(CredentialKind::Plan {
                    access_token: access_token.clone(),
                    account_id: chatgpt.account_id.clone(),
                    fedramp: chatgpt.fedramp,
                }),
                Payer::Key => {
                    let (kind, found) = self.key_if_still_stored(chatgpt)?;
                    change = found.or(change);
                    kind
                }
            };
            if let Some(kind) = kind {
                return Ok(Issued { credential: Ok(Credential::new(kind, Some(ticket))), change });
            }
        }
        Ok(Issued { credential: Err(WhyNot::NoKey), change })
    }

    /// The key in hand, if the store holds it too; else whatever is stored now takes its place.
    fn key_if_still_stored(
        &self,
        chatgpt: &ChatGptAuth,
    ) -> Result<(Option<CredentialKind>, Option<PayerChange>), LoginError> {
        let stored = self.key_in_store(chatgpt)?;
        let mut desk = held(&self.desk);
        match (desk.key(), stored) {
            (Some(mine), Some(stored)) if *mine == stored => {
                let last4 = stored.last4();
                Ok((Some(CredentialKind::Key { key: stored, last4 }), None))
            }
            (_, stored) => Ok((None, desk.key_found(stored, self.clock.unix()).change)),
        }
    }

    /// The key that the store holds for this session's account. A field that vanished counts through its mirror.
    fn key_in_store(&self, chatgpt: &ChatGptAuth) -> Result<Option<Secret>, LoginError> {
        let contents = self.session.stores().read()?;
        match contents.auth.as_ref() {
            Some(auth) if signed_in_with_chatgpt(auth) && account_of(auth) == chatgpt.account_id => {
                contents.into_fallback_key()
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Sees a key that was added, replaced or removed elsewhere. A store that cannot be read changes nothing:
    /// every paid request asks it again.
    fn look_for_key(&self) -> Option<PayerChange> {
        let snapshot = self.session.current()?;
        let stored = self.key_in_store(snapshot.who.chatgpt()?).ok()?;
        let mut desk = held(&self.desk);
        if desk.key() == stored.as_ref() {
            return None;
        }
        desk.key_found(stored, self.clock.unix()).change
    }
}

/// What the store holds at the start.
struct Stored {
    signed_in: Option<Snapshot>,
    unsupported: Option<&'static str>,
    key: Option<Secret>,
    warnings: Vec<String>,
}

impl Stored {
    fn read(stores: &Stores, policy: &PolicySettings) -> Result<Self, LoginError> {
        let mut contents = stores.read()?;
        let mut warnings: Vec<String> = contents
            .exposed()
            .map(|file| {
                format!("{file} in the Codex home can be read by other users; run `chmod 600` on it.")
            })
            .collect();
        warnings.extend(contents.mirror_warning());
        let key = contents.fallback_key().cloned();
        let Some(auth) = contents.auth.take() else {
            return Ok(Self { signed_in: None, unsupported: None, key: None, warnings });
        };
        let (signed_in, unsupported) = match Snapshot::of(auth, stores.auth_path()) {
            Ok(signed_in) => (signed_in, None),
            Err(LoginError::UnsupportedMode { mode, .. }) => (None, Some(mode)),
            Err(error) => return Err(error),
        };
        let beside_plan = signed_in.as_ref().is_some_and(|snapshot| snapshot.who.chatgpt().is_some());
        let key = key.filter(|_| beside_plan);
        if let (Some(_), Some(block)) = (&key, policy.administrators_block()) {
            warnings.push(format!("The stored fallback key is ignored. {}", WhyNot::Blocked(block)));
        }
        Ok(Self { signed_in, unsupported, key, warnings })
    }
}

/// `step` answers [`Event::Sending`] with a ticket or a reason; anything else must not spend money.
fn send_or_why(decision: Decision) -> Result<Ticket, WhyNot> {
    match decision {
        Decision::Send(ticket) => Ok(ticket),
        Decision::StopBecause(why) => Err(why),
        Decision::None
        | Decision::Resend
        | Decision::Ask
        | Decision::Retry
        | Decision::RefreshSignIn
        | Decision::ResendWithSubstitute
        | Decision::ResendWithoutSummaries
        | Decision::ResendWithoutForeign
        | Decision::ResendOverHttp
        | Decision::Compact
        | Decision::Stop
        | Decision::StopNameSubstitute
        | Decision::StopKeyFailed(_) => Err(WhyNot::NoKey),
    }
}
