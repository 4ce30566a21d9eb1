//! Owns the settings of the client: how it introduces itself, how long it waits, how often it tries.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use codex_config::Config;
use futures_util::future::BoxFuture;

/// However many the settings ask for (wire-facts §3.4).
const MOST_RETRIES: u32 = 100;

/// How the client introduces itself and how patient it is.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// `version` header: the official release whose interfaces are spoken.
    pub version: String,
    /// `OpenAI-Organization`, from the environment; only on requests that carry an API key.
    pub openai_organization: Option<String>,
    /// `OpenAI-Project`, from the environment; only on requests that carry an API key.
    pub openai_project: Option<String>,
    /// `[fallback] service_tier`: the only tier that the key is ever asked to pay for.
    pub fallback_service_tier: Option<String>,
    /// Longest wait for the head of an answer.
    pub answer_timeout: Duration,
    /// Longest silence inside an answer.
    pub idle_timeout: Duration,
    /// Retries and their waits.
    pub retries: RetrySettings,
}

/// How often a request that failed is sent again, and after how long.
#[derive(Debug, Clone)]
pub struct RetrySettings {
    /// Retries of one answer at the most.
    pub most: u32,
    /// Retries on a key at the most once its answer had begun: each may be billed.
    pub most_billed: u32,
    /// The first wait where the service names none; doubles each time, ±10 % (wire-facts §3.4).
    pub first_wait: Duration,
    /// A service that asks for a longer wait ends the retries.
    pub longest_wait: Duration,
    /// How waiting is done.
    pub pause: Pause,
}

/// How waiting is done; tests wait in no time.
#[derive(Clone)]
pub struct Pause(Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>);

impl ClientSettings {
    /// The defaults of wire-facts §3.4; `version` is the official release whose interfaces are spoken.
    pub fn new(version: impl Into<String>) -> Self {
        ClientSettings {
            version: version.into(),
            openai_organization: None,
            openai_project: None,
            fallback_service_tier: None,
            answer_timeout: Duration::from_secs(300),
            idle_timeout: Duration::from_secs(300),
            retries: RetrySettings::default(),
        }
    }

    /// The same, with what `config.toml` says about waiting, retries and the key's service tier.
    pub fn of_config(version: impl Into<String>, config: &Config) -> Self {
        let mut settings = ClientSettings::new(version);
        settings.fallback_service_tier = config.fallback.service_tier.clone();
        settings.idle_timeout = Duration::from_millis(config.stream_idle_timeout_ms);
        settings.retries.most =
            u32::try_from(config.stream_max_retries).unwrap_or(MOST_RETRIES).min(MOST_RETRIES);
        settings
    }
}

impl Default for RetrySettings {
    fn default() -> Self {
        RetrySettings {
            most: 5,
            most_billed: 2,
            first_wait: Duration::from_millis(200),
            longest_wait: Duration::from_secs(60),
            pause: Pause::real(),
        }
    }
}

impl Pause {
    /// Waits as long as it is told.
    pub fn real() -> Self {
        Pause::with(|wait| Box::pin(tokio::time::sleep(wait)))
    }

    /// Waits not at all.
    pub fn none() -> Self {
        Pause::with(|_| Box::pin(std::future::ready(())))
    }

    /// Waits as this function does.
    pub fn with(wait: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static) -> Self {
        Pause(Arc::new(wait))
    }

    pub(crate) async fn wait(&self, wait: Duration) {
        (self.0)(wait).await;
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pause")
    }
}
