//! The fallback API key: what is stored, who pays for model requests, and what people are told about it.
//!
//! Every decision comes from `codex_fallback::step`. The state lies in memory, apart from the cached sign-in, so
//! that no reload, token refresh or recovery can touch it; the key lies in the credential store, beside the tokens.

mod adding;
mod history;
mod settings;
mod words;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use codex_fallback::Answer;
use codex_fallback::Block;
use codex_fallback::Decision;
use codex_fallback::Event;
use codex_fallback::Host;
use codex_fallback::KeyState;
use codex_fallback::Mode;
use codex_fallback::Notice;
use codex_fallback::Payer;
use codex_fallback::Policy;
use codex_fallback::Signal;
use codex_fallback::State;
use codex_fallback::Substitute;
use codex_fallback::Ticket;
use codex_fallback::Tried;
use codex_fallback::WhyNot;
use codex_fallback::classify;
use codex_fallback::step;
use codex_protocol::auth::PlanType;
use codex_protocol::error::UsageLimitReachedError;
use codex_redact::Secret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::AuthManager;
use crate::TokenData;
use crate::fallback_mirror;
use history::Minted;
use history::ciphertexts;
use history::hash;
use settings::Settings;
use words::words;

/// Consent for single turns does not exist in this patch set, so all turns are one to the state machine.
const ANY_TURN: &str = "";

/// Whether a key could take over in this process, as of the last turn's start.
static ARMED: AtomicBool = AtomicBool::new(false);

/// Whether a key could take over: then whatever is kept of a thread has to be readable for either payer.
pub fn is_armed() -> bool {
    ARMED.load(Ordering::Relaxed)
}

/// Who carried a request; a connection remembers it, because it can serve nobody else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Carrier {
    by_key: bool,
    epoch: u64,
}

/// What a limit's answer said about its cause, as far as this version of Codex reads it.
#[derive(Debug, Clone, Copy)]
pub enum Reached<'a> {
    /// The name in the answer's header, if it had one.
    Told(Option<&'a str>),
    /// The header is not read: a workspace's cap cannot be told from its plan's own limit.
    NotRead,
}

/// What a key needs to pay for a request.
pub struct Paid {
    /// The key.
    pub key: Secret,
    /// Where its requests go, when the settings name a place.
    pub base_url: Option<String>,
}

/// The facts that clients show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallbackState {
    /// `auto`, `ask` or `off`.
    pub mode: &'static str,
    /// `plan` or `key`.
    pub payer: &'static str,
    /// Unix seconds.
    pub payer_since: i64,
    /// The last four characters of the stored key.
    pub key_last4: Option<String>,
    /// `none`, `ready`, `unchecked`, `refused` or `outOfCredit`.
    pub key_state: &'static str,
    /// Unix seconds, where a limit is reached and its end is known.
    pub resets_at: Option<i64>,
}

/// The state of one process. It is made when it is first needed.
#[derive(Default)]
pub struct Desk {
    held: Mutex<Option<Held>>,
    minted: Mutex<Minted>,
}

struct Held {
    state: State,
    stored: Stored,
    /// The caller's configuration forces a sign-in with ChatGPT.
    forced_login: bool,
    notices: Vec<String>,
}

/// The key in the store and the account that it is stored for.
#[derive(Default, PartialEq, Eq)]
struct Stored {
    key: Option<Secret>,
    account: Option<String>,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk(..)")
    }
}

impl AuthManager {
    /// Who carries the next model request. `custom_base` says that the provider's address is not OpenAI's own.
    pub fn fallback_carrier(&self, custom_base: bool) -> Carrier {
        self.settled(custom_base, |held, _| held.carrier())
            .unwrap_or_default()
    }

    /// The key, while it pays.
    pub fn fallback_paid(&self, custom_base: bool) -> Option<Paid> {
        self.settled(custom_base, |held, settings| {
            let key = held
                .stored
                .key
                .clone()
                .filter(|_| held.state.payer() == Payer::Key)?;
            Some(Paid {
                key,
                base_url: settings.base_url.clone(),
            })
        })?
    }

    /// A turn begins: the moment at which the payer may go back to the plan.
    pub fn fallback_turn_started(&self, custom_base: bool) {
        let mut held = self.held();
        let held = held.get_or_insert_with(|| Held::new(self.stored_for_fallback()));
        let settings = Settings::read(self.fallback_home());
        let policy = self.fallback_policy(held, &settings, custom_base);
        held.report(Event::TurnStarted, &policy);
        let may_pay =
            held.stored.key.is_some() && policy.block.is_none() && policy.mode != Mode::Off;
        ARMED.store(may_pay, Ordering::Relaxed);
    }

    /// Whether the configuration forces a sign-in with ChatGPT, as whoever holds it says.
    pub fn fallback_login_is_forced(&self, forced: bool) {
        let mut held = self.held();
        held.get_or_insert_with(|| Held::new(self.stored_for_fallback()))
            .forced_login = forced;
    }

    /// A request met a usage limit. `true`: send it again, somebody else pays now.
    pub fn fallback_limit_reached(
        &self,
        carrier: Carrier,
        error: &UsageLimitReachedError,
        reached: Reached<'_>,
        custom_base: bool,
    ) -> bool {
        if carrier.by_key {
            self.fallback_key_failed(carrier, 402, "", custom_base);
            return false;
        }
        let mut held = self.held();
        let held = held.get_or_insert_with(|| Held::new(self.stored_for_fallback()));
        let settings = Settings::read(self.fallback_home());
        let policy = self.fallback_policy(held, &settings, custom_base);
        held.sync(self.stored_for_fallback(), &policy);
        if held.stored.key.is_some()
            && matches!(reached, Reached::NotRead)
            && self.may_be_workspace(error)
        {
            held.tell(
                "The fallback API key was not used: on a workspace's plan this version of Codex cannot tell \
                 the plan's own limit from a cap that an administrator set.",
            );
            return false;
        }
        let signal = plan_signal(error, reached, now());
        if let Some(problem) = settings.problem {
            held.tell(problem);
        }
        let decision = held.report(
            Event::Answered {
                turn: ANY_TURN,
                ticket: carrier.ticket(),
                signal,
                tried: Tried::default(),
            },
            &policy,
        );
        match decision {
            Decision::Resend => true,
            Decision::Ask => {
                held.tell(words(WhyNot::CannotAsk));
                false
            }
            Decision::StopBecause(why) => {
                // Who has no key learns of it only where a key would have helped.
                if held.stored.key.is_some() || why == WhyNot::NoKey {
                    held.tell(words(why));
                }
                false
            }
            _ => false,
        }
    }

    /// A request that the key may have paid for failed. `true`: it is final, a notice says why.
    pub fn fallback_key_failed(
        &self,
        carrier: Carrier,
        status: u16,
        body: &str,
        custom_base: bool,
    ) -> bool {
        let mut held = self.held();
        let (true, Some(held)) = (carrier.by_key, held.as_mut()) else {
            return false;
        };
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let error = &body["error"];
        let answer = Answer {
            status: Some(status),
            error_type: error["type"].as_str(),
            error_code: error["code"].as_str(),
            param: error["param"].as_str(),
            message: error["message"].as_str(),
            ..Answer::default()
        };
        let signal = classify(Payer::Key, &answer, now());
        let advice = match signal {
            Signal::KeyRefused | Signal::KeyOutOfCredit => None,
            Signal::ModelUnavailable => {
                Some("does not offer this model; choose another with /model.")
            }
            Signal::SummariesUnavailable => Some(
                "may not ask for reasoning summaries; set `model_reasoning_summary = \"none\"`.",
            ),
            Signal::TooLarge => Some(
                "cannot carry a request of this size: it is above the key's tokens per minute.",
            ),
            Signal::Throttle => {
                Some("met a limit of its own: requests or tokens per minute. Wait, then go on.")
            }
            _ => return false,
        };
        if let Some(advice) = advice {
            held.tell(format!("{} {advice}", held.key_name()));
            return true;
        }
        let settings = Settings::read(self.fallback_home());
        let policy = self.fallback_policy(held, &settings, custom_base);
        let event = Event::Answered {
            turn: ANY_TURN,
            ticket: carrier.ticket(),
            signal,
            tried: Tried::default(),
        };
        !matches!(held.report(event, &policy), Decision::Resend)
    }

    /// The server refused a ciphertext. `true`: send once more; everything of unknown origin is left out.
    pub fn fallback_distrust(&self, carrier: Carrier, message: &str) -> bool {
        if !message.contains("invalid_encrypted_content") {
            return false;
        }
        let mut minted = self.minted();
        let first = minted.distrust_in != Some(carrier.epoch);
        minted.distrust_in = Some(carrier.epoch);
        first
    }

    /// Remembers whose ciphertext an item holds that just arrived.
    pub fn fallback_minted(&self, carrier: Carrier, item: &impl Serialize) {
        let mut minted = self.minted();
        for ciphertext in serde_json::to_value(item).iter().flat_map(ciphertexts) {
            minted.by.insert(hash(ciphertext), carrier.payer());
        }
    }

    /// Takes what the payer cannot read out of a request's items. An error says why that is not possible.
    pub fn fallback_filter<T: Serialize + DeserializeOwned>(
        &self,
        carrier: Carrier,
        items: &mut Vec<T>,
    ) -> Result<(), String> {
        self.minted().filter(carrier, items)
    }

    /// What is to be told since the last call.
    pub fn take_fallback_notices(&self) -> Option<String> {
        let notices = std::mem::take(&mut self.held().as_mut()?.notices);
        (!notices.is_empty()).then(|| notices.join(" "))
    }

    /// The state as clients show it.
    pub fn fallback_state(&self) -> FallbackState {
        let mut held = self.held();
        let held = held.get_or_insert_with(|| Held::new(self.stored_for_fallback()));
        let settings = Settings::read(self.fallback_home());
        FallbackState {
            mode: settings.mode.as_str(),
            payer: held.state.payer().as_str(),
            payer_since: held.state.since(),
            key_last4: held.stored.key.as_ref().map(Secret::last4),
            key_state: match held.state.key() {
                KeyState::None => "none",
                KeyState::Ready => "ready",
                KeyState::Unchecked => "unchecked",
                KeyState::Refused => "refused",
                KeyState::OutOfCredit => "outOfCredit",
            },
            resets_at: held.state.resets_at(),
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Held>> {
        self.fallback
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn minted(&self) -> std::sync::MutexGuard<'_, Minted> {
        self.fallback
            .minted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the desk after making sure that a key that pays is still stored and still allowed.
    fn settled<T>(&self, custom_base: bool, look: impl FnOnce(&Held, &Settings) -> T) -> Option<T> {
        let mut held = self.held();
        let held = held.as_mut()?;
        if held.state.payer() == Payer::Plan {
            return Some(look(held, &Settings::default()));
        }
        let settings = Settings::read(self.fallback_home());
        let policy = self.fallback_policy(held, &settings, custom_base);
        held.sync(self.stored_for_fallback(), &policy);
        if let Decision::StopBecause(why) = held.report(Event::Sending { turn: ANY_TURN }, &policy)
        {
            held.tell(words(why));
        }
        Some(look(held, &settings))
    }

    fn key_changed(&self, stored: Stored, state: KeyState, forced_login: bool) {
        let mut held = self.held();
        let held = held.get_or_insert_with(|| Held::new(Stored::default()));
        held.forced_login = forced_login;
        let settings = Settings::read(self.fallback_home());
        let policy = self.fallback_policy(held, &settings, false);
        held.report(Event::KeyChanged(state), &policy);
        held.stored = stored;
    }

    fn fallback_policy(&self, held: &Held, settings: &Settings, custom_base: bool) -> Policy {
        let no_host = custom_base && settings.base_url.is_none();
        Policy {
            mode: settings.mode,
            return_policy: settings.return_policy,
            host: Host::Session,
            substitute: Substitute::None,
            block: self
                .forbidden(held.forced_login, settings)
                .or_else(|| no_host.then_some(Block::CustomBaseUrl))
                .or_else(|| settings.cap.map(Block::CapNotBuilt)),
        }
    }

    /// What an administrator's setting forbids.
    fn forbidden(&self, forced_login: bool, settings: &Settings) -> Option<Block> {
        if forced_login || settings.forced_login || self.fallback_forbidden() {
            Some(Block::ForcedLogin)
        } else if settings.forced_workspace || self.forced_chatgpt_workspace_id().is_some() {
            Some(Block::ForcedWorkspace)
        } else {
            None
        }
    }

    /// The key in the store, if it is there for the account that this process works with.
    fn stored_for_fallback(&self) -> Stored {
        let account = self
            .auth_cached()
            .filter(|auth| auth.is_chatgpt_auth())
            .and_then(|auth| auth.get_account_id());
        let Some(account) = account else {
            return Stored::default();
        };
        let key = match self.load_for_fallback() {
            Ok(Some(stored)) if account_of(stored.tokens.as_ref()) == Some(&account) => {
                match stored.fallback_openai_api_key {
                    Some(key) => {
                        self.mirror(&account, Some(&key));
                        Some(key)
                    }
                    // Another program rewrote the record without the field.
                    None if self.fallback_is_mirrored() => {
                        fallback_mirror::read(self.fallback_home(), &account)
                    }
                    None => None,
                }
            }
            _ => None,
        };
        Stored {
            key,
            account: Some(account),
        }
    }

    /// The field in the store counts, the mirror follows. A mirror that cannot be written costs only its protection.
    fn mirror(&self, account: &str, key: Option<&Secret>) {
        if self.fallback_is_mirrored()
            && let Err(error) = fallback_mirror::write(self.fallback_home(), account, key)
        {
            tracing::warn!("the fallback key was not mirrored: {error}");
        }
    }

    /// Whether the limit may be a workspace's; what is not known counts as one.
    fn may_be_workspace(&self, error: &UsageLimitReachedError) -> bool {
        match &error.plan_type {
            Some(PlanType::Known(plan)) => plan.is_workspace_account(),
            Some(PlanType::Unknown(_)) => true,
            None => self
                .auth_cached()
                .and_then(|auth| auth.get_token_data().ok())
                .is_none_or(|tokens| tokens.id_token.is_workspace_account()),
        }
    }
}

impl Held {
    fn new(stored: Stored) -> Self {
        Held {
            state: State::new(unproven(&stored), now()),
            stored,
            forced_login: false,
            notices: Vec::new(),
        }
    }

    fn carrier(&self) -> Carrier {
        Carrier {
            by_key: self.state.payer() == Payer::Key,
            epoch: self.state.epoch(),
        }
    }

    fn tell(&mut self, notice: impl Into<String>) {
        let notice = notice.into();
        if !self.notices.contains(&notice) {
            self.notices.push(notice);
        }
    }

    /// Another program, or a sign-in, may have changed the store.
    fn sync(&mut self, stored: Stored, policy: &Policy) {
        if self.stored != stored {
            self.report(Event::KeyChanged(unproven(&stored)), policy);
            self.stored = stored;
        }
    }

    fn report(&mut self, event: Event<'_>, policy: &Policy) -> Decision {
        let outcome = step(&mut self.state, event, policy, now());
        if let Some(change) = outcome.change {
            let sentence = self.sentence(change, policy.return_policy);
            self.tell(sentence);
        }
        if let Some(Notice::PlanIsFree) = outcome.notice {
            self.tell(
                "The limit of your ChatGPT plan has reset, but the fallback API key still pays until this \
                 session ends.",
            );
        }
        outcome.decision
    }
}

impl Carrier {
    /// Whether the key pays.
    pub fn is_key(self) -> bool {
        self.by_key
    }

    fn payer(self) -> Payer {
        if self.by_key { Payer::Key } else { Payer::Plan }
    }

    fn ticket(self) -> Ticket {
        Ticket {
            payer: self.payer(),
            epoch: self.epoch,
        }
    }
}

/// The limit's facts in the words of the state machine.
fn plan_signal(error: &UsageLimitReachedError, reached: Reached<'_>, now: i64) -> Signal {
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(limits) = &error.rate_limits
        && let Some(id) = &limits.limit_id
    {
        let family = id.to_ascii_lowercase().replace('_', "-");
        if let Some(name) = &limits.limit_name {
            headers.push((format!("x-{family}-limit-name"), name.clone()));
        }
        if let Some(window) = &limits.primary {
            headers.push((
                format!("x-{family}-primary-used-percent"),
                window.used_percent.to_string(),
            ));
        }
        headers.push(("x-codex-active-limit".to_owned(), family));
    }
    if let Reached::Told(Some(name)) = reached {
        headers.push((
            "x-codex-rate-limit-reached-type".to_owned(),
            name.to_owned(),
        ));
    }
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let answer = Answer {
        status: Some(429),
        error_type: Some("usage_limit_reached"),
        resets_at: error.resets_at.map(|at| at.timestamp()),
        headers: &headers,
        ..Answer::default()
    };
    classify(Payer::Plan, &answer, now)
}

/// What a new sign-in keeps of the record that it replaces: the key, if the account is the same.
pub(crate) fn carried_over(
    previous: std::io::Result<Option<crate::AuthDotJson>>,
    tokens: &TokenData,
) -> Option<Secret> {
    let previous = previous.ok()??;
    let same = tokens.account_id.is_some()
        && account_of(previous.tokens.as_ref()) == account_of(Some(tokens));
    previous.fallback_openai_api_key.filter(|_| same)
}

fn account_of(tokens: Option<&TokenData>) -> Option<&String> {
    tokens?.account_id.as_ref()
}

fn last4_of(stored: &Stored) -> String {
    stored.key.as_ref().map(Secret::last4).unwrap_or_default()
}

/// A key that was only read from the store has not proved anything in this process.
fn unproven(stored: &Stored) -> KeyState {
    match stored.key {
        Some(_) => KeyState::Unchecked,
        None => KeyState::None,
    }
}

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

#[cfg(test)]
mod tests;
