//! How much of the plan is used: `GET {chatgpt_base_url}/wham/usage` (wire-facts §4.4). Always asked with the plan's own
//! credential, whoever pays for model requests.

use std::time::Duration;

use codex_protocol::{CreditsSnapshot, PlanType, RateLimitSnapshot, RateLimitWindow};
use codex_redact::Secret;
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

/// What is known of the plan's use.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanUsage {
    /// The account that was asked about.
    pub account_id: Option<String>,
    /// The account-wide limit.
    pub limits: RateLimitSnapshot,
    /// Whether ordinary use is allowed, where the service said so just now.
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

/// Asks the service, and adds what it says to what is known. Where it does not answer, what answers to model requests
/// told is all there is.
///
/// # Errors
/// When nobody is signed in with ChatGPT, or nothing is known at all.
pub async fn read(auth: &AuthManager) -> Result<PlanUsage, UsageError> {
    let account = plan_account(auth)?;
    // A failure shows in the answer to the request.
    let _ = auth.refresh_if_due().await;
    let answer = match ask_after_refresh(auth, account.as_deref()).await {
        Ok(answer) => answer,
        Err(error @ (UsageError::NoPlan | UsageError::Login(_))) => return Err(error),
        Err(error @ UsageError::Failed(_)) => {
            let known = auth.status().limits;
            return if known.is_empty() {
                Err(error)
            } else {
                Ok(PlanUsage { account_id: account, limits: known, allowed: None })
            };
        }
    };
    // Somebody may have signed in meanwhile.
    if plan_account(auth)? != account {
        return Err(UsageError::Failed("another account was signed in meanwhile".to_owned()));
    }
    let allowed = answer.rate_limit.as_ref().and_then(|limit| limit.allowed);
    auth.set_limit(&snapshot(answer));
    Ok(PlanUsage { account_id: account, allowed, limits: auth.status().limits })
}

fn plan_account(auth: &AuthManager) -> Result<Option<String>, UsageError> {
    match auth.auth() {
        Some(CodexAuth::ChatGpt(chatgpt)) => Ok(chatgpt.account_id),
        Some(CodexAuth::ApiKey) | None => Err(UsageError::NoPlan),
    }
}

/// A session that the service refuses is refreshed once.
async fn ask_after_refresh(auth: &AuthManager, account: Option<&str>) -> Result<Answer, UsageError> {
    let token = auth.plan_token().ok_or(UsageError::NoPlan)?;
    match ask(auth, account, &token).await? {
        Asked::Answered(answer) => Ok(answer),
        Asked::Refused => {
            auth.refresh_after_401(&token).await?;
            let token = auth.plan_token().ok_or(UsageError::NoPlan)?;
            match ask(auth, account, &token).await? {
                Asked::Answered(answer) => Ok(answer),
                Asked::Refused => Err(UsageError::Failed("the service refused the session".to_owned())),
            }
        }
    }
}

enum Asked {
    Answered(Answer),
    /// 401.
    Refused,
}

async fn ask(auth: &AuthManager, account: Option<&str>, token: &Secret) -> Result<Asked, UsageError> {
    let bearer = fallback_key::bearer(token)
        .ok_or_else(|| UsageError::Failed("the session cannot be put into a header".to_owned()))?;
    let url = format!("{}/wham/usage", auth.endpoints().chatgpt_base());
    let mut request = auth
        .http()
        .request(Method::GET, &url)
        .map_err(|error| UsageError::Failed(error.to_string()))?
        .header(AUTHORIZATION, bearer)
        .timeout(PATIENCE);
    if let Some(account) = account {
        request = request.header("ChatGPT-Account-ID", account);
    }
    let failed = |error: reqwest::Error| UsageError::Failed(failure_words("the service", &error));
    let response = request.send().await.map_err(failed)?;
    match response.status().as_u16() {
        200 => {}
        401 => return Ok(Asked::Refused),
        status => return Err(UsageError::Failed(format!("the service answered {status}"))),
    }
    let nonsense = || UsageError::Failed("the service gave an answer that cannot be read".to_owned());
    let body = body_up_to(LONGEST_ANSWER, response).await.map_err(failed)?.ok_or_else(nonsense)?;
    serde_json::from_slice(&body).map(Asked::Answered).map_err(|_| nonsense())
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
