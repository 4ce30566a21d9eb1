//! Owns the public handle: building a backend, asking its record, changing it while it runs.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::account::{Account, KeyState, PlatformKey};
use crate::record::{Finding, Payer, Recorded};
use crate::script::{Door, Limit, Script};
use crate::server::{Identity, Shared, bind, run};
use crate::tokens::{RefreshRefusal, TokenBook, TokenSet};
use crate::verdict::Verdict;
use crate::world::World;

/// The backend's time when nobody gives it one: 1 June 2026, 00:00 UTC.
const DEFAULT_NOW: i64 = 1_780_272_000;

/// Why a fake backend could not start or answer.
#[derive(Debug, thiserror::Error)]
pub enum FakeBackendError {
    /// No socket or no runtime.
    #[error(
        "The fake backend could not open its sockets on loopback: {0}. Check that loopback networking works."
    )]
    Socket(#[from] std::io::Error),
    /// The certificate could not be made.
    #[error("The fake backend could not make its certificate: {0}.")]
    Certificate(#[from] rcgen::Error),
    /// TLS did not accept the certificate.
    #[error("The fake backend could not set up TLS: {0}.")]
    Tls(#[from] rustls::Error),
    /// An account that was never added.
    #[error("The fake backend has no account {0}; add it with the builder first.")]
    UnknownAccount(String),
    /// Fewer requests than waited for.
    #[error("The fake backend waited for {wanted} requests and has {found}.")]
    TimedOut {
        /// How many were waited for.
        wanted: usize,
        /// How many came.
        found: usize,
    },
}

/// What `GET /wham/accounts/check` says about where requests go (wire-facts §3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Routing {
    /// To this server, under the scheme the question came by.
    ThisServer,
    /// To another origin.
    Origin(String),
    /// An answer without any account.
    NoAccounts,
    /// 404.
    NotFound,
}

/// What a backend starts with.
#[derive(Debug)]
pub struct Builder {
    accounts: Vec<Account>,
    keys: Vec<PlatformKey>,
    script: Script,
    limits: Vec<Limit>,
    now: i64,
    routing: Routing,
    service_tier_allowed: bool,
    ports: (u16, u16),
}

impl Builder {
    /// Adds a ChatGPT account and signs it in.
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// Adds a platform key.
    pub fn key(mut self, key: PlatformKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Sets the programme of answers.
    pub fn script(mut self, script: Script) -> Self {
        self.script = script;
        self
    }

    /// Adds a limit rule; the first one that strikes answers.
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit);
        self
    }

    /// Sets the backend's clock, in unix seconds; it stands still until `FakeBackend::set_now`. Resets and token
    /// expiry are told by it, so give it the time the client believes in.
    pub fn now(mut self, unix_seconds: i64) -> Self {
        self.now = unix_seconds;
        self
    }

    /// Sets what the routing question is answered with.
    pub fn routing(mut self, routing: Routing) -> Self {
        self.routing = routing;
        self
    }

    /// `service_tier` at the platform is no finding.
    pub fn service_tier_allowed(mut self) -> Self {
        self.service_tier_allowed = true;
        self
    }

    /// Fixed ports on loopback, plain and TLS; 0 for any free one.
    pub fn ports(mut self, plain: u16, tls: u16) -> Self {
        self.ports = (plain, tls);
        self
    }

    /// Starts it on a thread of its own. It serves when this returns.
    ///
    /// # Errors
    /// When loopback sockets, the thread or the certificate cannot be had.
    pub fn start(self) -> Result<FakeBackend, FakeBackendError> {
        let identity = Identity::new()?;
        let plain = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.0)))?;
        let tls = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports.1)))?;
        let url = format!("http://127.0.0.1:{}", plain.local_addr()?.port());
        let tls_url = format!("https://localhost:{}", tls.local_addr()?.port());
        let mut tokens = TokenBook::default();
        for account in &self.accounts {
            tokens.sign_in(account, self.now);
        }
        let shared = Arc::new(Shared::new(World {
            accounts: self.accounts,
            keys: self.keys,
            tokens,
            script: self.script,
            limits: self.limits,
            served: Default::default(),
            used: Default::default(),
            minted: Default::default(),
            turn_states: Default::default(),
            record: Vec::new(),
            now: self.now,
            answers: 0,
            routing: self.routing,
            service_tier_allowed: self.service_tier_allowed,
            url: url.clone(),
            tls_url: tls_url.clone(),
        }));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let listeners = {
            let _entered = runtime.enter();
            (tokio::net::TcpListener::from_std(plain)?, tokio::net::TcpListener::from_std(tls)?)
        };
        let serving = run(Arc::clone(&shared), listeners.0, listeners.1, identity.acceptor, stopped);
        let thread = std::thread::Builder::new()
            .name("fake-backend".to_owned())
            .spawn(move || runtime.block_on(serving))?;
        Ok(FakeBackend {
            shared,
            url,
            tls_url,
            ca_pem: identity.ca_pem,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

/// A running backend; it ends when this is dropped.
pub struct FakeBackend {
    shared: Arc<Shared>,
    url: String,
    tls_url: String,
    ca_pem: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeBackend {
    /// Nobody can sign in, no answers are scripted.
    pub fn builder() -> Builder {
        Builder {
            accounts: Vec::new(),
            keys: Vec::new(),
            script: Script::new(),
            limits: Vec::new(),
            now: DEFAULT_NOW,
            routing: Routing::ThisServer,
            service_tier_allowed: false,
            ports: (0, 0),
        }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `https://localhost:PORT`, certified by `ca_pem`.
    pub fn tls_url(&self) -> &str {
        &self.tls_url
    }

    /// The certificate authority, PEM.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What `chatgpt_base_url` must be: `{url}/backend-api/`.
    pub fn chatgpt_base_url(&self) -> String {
        format!("{}/backend-api/", self.url)
    }

    /// What `fallback.base_url` must be: `{url}/v1`.
    pub fn platform_base_url(&self) -> String {
        format!("{}/v1", self.url)
    }

    /// What `CODEX_REFRESH_TOKEN_URL_OVERRIDE` must be: `{url}/oauth/token`.
    pub fn token_url(&self) -> String {
        format!("{}/oauth/token", self.url)
    }

    /// A signed-in `auth.json` of the account in the official form (wire-facts §1.1), with its current tokens.
    ///
    /// # Errors
    /// When the account was never added.
    pub fn auth_json(&self, account: &str) -> Result<Value, FakeBackendError> {
        let world = self.shared.world();
        let set = world.tokens.current(account);
        let set = set.ok_or_else(|| FakeBackendError::UnknownAccount(account.to_owned()))?;
        Ok(auth_file(account, set, world.now))
    }

    /// As `auth_json`, with a new sign-in whose access token expires `seconds` after the backend's now; negative
    /// for one that has expired.
    ///
    /// # Errors
    /// When the account was never added.
    pub fn auth_json_expiring(&self, account: &str, seconds: i64) -> Result<Value, FakeBackendError> {
        let mut world = self.shared.world();
        let known = world.account(account).cloned();
        let known = known.ok_or_else(|| FakeBackendError::UnknownAccount(account.to_owned()))?;
        let now = world.now;
        let set = world.tokens.sign_in_for(&known, now, seconds);
        Ok(auth_file(account, &set, now))
    }

    /// The account's newest tokens, if it exists.
    pub fn current_tokens(&self, account: &str) -> Option<TokenSet> {
        self.shared.world().tokens.current(account).cloned()
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.world().record.clone()
    }

    /// Every model request so far, served or refused.
    pub fn model_requests(&self) -> Vec<Recorded> {
        self.requests().into_iter().filter(Recorded::is_model_request).collect()
    }

    /// Every request to this door so far.
    pub fn requests_at(&self, door: Door) -> Vec<Recorded> {
        self.requests().into_iter().filter(|request| request.door == door).collect()
    }

    /// Leaks and misplaced state in all requests so far, with the number of the request.
    pub fn findings(&self) -> Vec<(usize, Finding)> {
        let numbered =
            |request: Recorded| request.findings.into_iter().map(move |finding| (request.number, finding));
        self.requests().into_iter().flat_map(numbered).collect()
    }

    /// Waits until `count` requests were recorded, of whatever kind.
    ///
    /// # Errors
    /// After 30 seconds without them.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<Recorded>, FakeBackendError> {
        let mut recorded = self.shared.recorded.subscribe();
        let arrived = recorded.wait_for(|found| *found >= count);
        match tokio::time::timeout(Duration::from_secs(30), arrived).await {
            Ok(Ok(_)) => Ok(self.requests()),
            Ok(Err(_)) | Err(_) => {
                Err(FakeBackendError::TimedOut { wanted: count, found: self.shared.world().record.len() })
            }
        }
    }

    /// How long each switch took: from the last byte of the plan's answer to the first byte of the key's request
    /// that followed it, as seen here.
    pub fn switch_times(&self) -> Vec<Duration> {
        let requests = self.model_requests();
        let pairs = requests.windows(2).filter_map(|pair| {
            let [refused, paid] = pair else { return None };
            let switched = matches!((&refused.payer, &paid.payer), (Payer::Plan(_), Payer::Key(_)));
            let left = refused.last_byte_written().filter(|_| switched)?;
            Some(paid.at.saturating_duration_since(left))
        });
        pairs.collect()
    }

    /// What the record says about the whole run.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(&self.requests())
    }

    /// Sets the backend's clock. Limits whose reset has passed are gone.
    pub fn set_now(&self, unix_seconds: i64) {
        self.shared.world().now = unix_seconds;
    }

    /// The backend's clock.
    pub fn now(&self) -> i64 {
        self.shared.world().now
    }

    /// Removes all limit rules and starts the counts anew.
    pub fn lift_limits(&self) {
        let mut world = self.shared.world();
        world.limits.clear();
        world.served.clear();
    }

    /// Adds a limit rule; counts run since the start or the last `lift_limits`.
    pub fn add_limit(&self, limit: Limit) {
        self.shared.world().limits.push(limit);
    }

    /// Replaces the programme of answers.
    pub fn set_script(&self, script: Script) {
        self.shared.world().script = script;
    }

    /// Changes what the platform thinks of a key, by its secret.
    pub fn set_key_state(&self, secret: &str, state: KeyState) {
        for key in self.shared.world().keys.iter_mut().filter(|key| key.secret == secret) {
            key.state = state;
        }
    }

    /// Makes every access token minted so far for the account answer 401.
    pub fn invalidate_access_tokens(&self, account: &str) {
        self.shared.world().tokens.kill_access(account);
    }

    /// Makes the account's unused refresh tokens be refused for this reason.
    pub fn refuse_refresh(&self, account: &str, refusal: RefreshRefusal) {
        self.shared.world().tokens.refuse_refresh(account, refusal);
    }
}

impl Drop for FakeBackend {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread has ended already when nobody listens.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn auth_file(account: &str, set: &TokenSet, now: i64) -> Value {
    json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": set.id_token, "access_token": set.access_token, "refresh_token": set.refresh_token,
            "account_id": account,
        },
        "last_refresh": rfc3339(now),
    })
}

/// Unix seconds as `2026-06-01T00:00:00Z` (days to civil date by era arithmetic).
fn rfc3339(seconds: i64) -> String {
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", clock / 3_600, clock / 60 % 60, clock % 60)
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn unix_seconds_become_a_date() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (1_709_210_096, "2024-02-29T12:34:56Z"),
            (super::DEFAULT_NOW, "2026-06-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}
