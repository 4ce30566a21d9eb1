//! How much of the plan is used: `GET {chatgpt_base_url}/wham/usage` (wire-facts §4.4). Always asked with the plan's own
//! credential, whoever pays for model requests.

use std::time::Duration;

use codex_protocol::{CreditsSnapshot, PlanType, RateLimitSnapshot, RateLimitWindow};
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;

use crate::auth::{AuthManager, CodexAuth};
use crate::error::LoginError;
use crate::fallback_key;
use crate::http::{body_up_to, failure_words};

/// How long the service may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest answer, in bytes.
const LONGEST_ANSWER: usize = 256 * 1024;
/// The account-wide limit's id.
const ACCOUNT_WIDE: &str = "codex";

/// What the service says.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanUsage {
    /// The account that was asked about.
    pub account_id: Option<String>,
    /// The account-wide limit.
    pub limits: RateLimitSnapshot,
    /// Whether ordinary use is allowed.
    pub allowed: Option<bool>,
}

/// Why nothing is known.
#[derive(Debug, thiserror::Error)]
pub enum UsageError {
    /// Only a plan has limits.
    #[error("Rate limits belong to a ChatGPT plan, and nobody is signed in with ChatGPT.")]
    NoPlan,
    /// The session could not be used.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// The service did not say.
    #[error("The plan's usage could not be read: {0}.")]
    Failed(String),
}

#[derive(Deserialize)]
struct Answer {
    plan_type: Option<PlanType>,
    rate_limit: Option<Limit>,
    credits: Option<Credits>,
}

#[derive(Deserialize)]
struct Limit {
    allowed: Option<bool>,
    primary_window: Option<Window>,
    secondary_window: Option<Window>,
}

#[derive(Deserialize)]
struct Window {
    used_percent: f64,
    limit_window_seconds: Option<i64>,
    reset_at: Option<i64>,
}

#[derive(Deserialize)]
struct Credits {
    #[serde(default)]
    has_credits: bool,
    #[serde(default)]
    unlimited: bool,
    balance: Option<String>,
}

/// Asks the service.
///
/// # Errors
/// When nobody is signed in with ChatGPT, or the service does not say.
pub async fn read(auth: &AuthManager) -> Result<PlanUsage, UsageError> {
    let Some(CodexAuth::ChatGpt(chatgpt)) = auth.auth() else { return Err(UsageError::NoPlan) };
    // A failure shows in the answer to the request.
    let _ = auth.refresh_if_due().await;
    let token = auth.plan_token().ok_or(UsageError::NoPlan)?;
    let bearer = fallback_key::bearer(&token)
        .ok_or_else(|| UsageError::Failed("the session cannot be put into a header".to_owned()))?;
    let url = format!("{}/wham/usage", auth.endpoints().chatgpt_base());
    let mut request = auth
        .http()
        .request(Method::GET, &url)
        .map_err(|error| UsageError::Failed(error.to_string()))?
        .header(AUTHORIZATION, bearer)
        .timeout(PATIENCE);
    if let Some(account) = &chatgpt.account_id {
        request = request.header("ChatGPT-Account-ID", account);
    }
    let failed = |error: reqwest::Error| UsageError::Failed(failure_words("the service", &error));
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(UsageError::Failed(format!("the service answered {status}")));
    }
    let nonsense = || UsageError::Failed("the service gave an answer that cannot be read".to_owned());
    let body = body_up_to(LONGEST_ANSWER, response).await.map_err(failed)?.ok_or_else(nonsense)?;
    let answer: Answer = serde_json::from_slice(&body).map_err(|_| nonsense())?;
    Ok(PlanUsage {
        account_id: chatgpt.account_id,
        allowed: answer.rate_limit.as_ref().and_then(|limit| limit.allowed),
        limits: snapshot(answer),
    })
}

fn snapshot(answer: Answer) -> RateLimitSnapshot {
    let (primary, secondary) =
        answer.rate_limit.map_or((None, None), |limit| (limit.primary_window, limit.secondary_window));
    RateLimitSnapshot {
        limit_id: Some(ACCOUNT_WIDE.to_owned()),
        limit_name: None,
        primary: primary.map(window),
        secondary: secondary.map(window),
        credits: answer.credits.map(|credits| CreditsSnapshot {
            has_credits: credits.has_credits,
            unlimited: credits.unlimited,
            balance: credits.balance,
        }),
        plan_type: answer.plan_type,
        rate_limit_reached_type: None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a percentage; fractions are cut off on purpose")]
fn window(window: Window) -> RateLimitWindow {
    RateLimitWindow {
        used_percent: window.used_percent as i32,
        window_duration_mins: window.limit_window_seconds.map(|seconds| seconds / 60),
        resets_at: window.reset_at,
    }
}
