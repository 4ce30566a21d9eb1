//! Token refresh: when it is due, the request to the issuer, and what its refusals mean (wire-facts §2.3).

use std::time::Duration;

use codex_redact::Secret;
use jiff::Timestamp;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, USER_AGENT};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::storage::{AuthDotJson, TokenData};
use crate::error::SessionEnd;
use crate::http::{HttpClient, body_up_to, failure_words};
use crate::jwt;

const CLIENT_ID: &str = "app_EMoamEEZ73f0CkXaXp7hrann";
/// Seconds before its expiry at which an access token is refreshed.
const EXPIRES_SOON: i64 = 5 * 60;
/// Age in seconds at which tokens without a readable expiry are refreshed.
const OLD: i64 = 8 * 24 * 3600;
const REFRESH_LIMIT: Duration = Duration::from_secs(30);
const REVOKE_LIMIT: Duration = Duration::from_secs(10);
const LARGEST_REPLY: usize = 1024 * 1024;

/// Why a refresh is made, as the issuer is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefreshReason {
    ProactiveExpiry,
    Scheduled,
    UnauthorizedRecovery,
}

/// The issuer, and how we introduce ourselves to it.
#[derive(Debug, Clone)]
pub(crate) struct Issuer {
    pub(crate) http: HttpClient,
    pub(crate) token_url: String,
    pub(crate) revoke_url: String,
    pub(crate) originator: String,
    pub(crate) user_agent: String,
}

/// The issuer's answer; what it leaves out keeps its old value.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct NewTokens {
    #[serde(default)]
    id_token: Option<Secret>,
    #[serde(default)]
    access_token: Option<Secret>,
    #[serde(default)]
    refresh_token: Option<Secret>,
}

/// Why there are no new tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Only a new sign-in helps.
    Over(SessionEnd),
    /// Another try may work; the cause in words.
    Later(String),
}

#[derive(Serialize)]
struct RefreshBody<'a> {
    client_id: &'static str,
    grant_type: &'static str,
    refresh_reason: RefreshReason,
    refresh_token: &'a str,
}

#[derive(Serialize)]
struct RevokeBody<'a> {
    token: &'a str,
    token_type_hint: &'static str,
    client_id: &'static str,
}

/// Whether these tokens want refreshing at `now` (unix seconds), and why.
pub(crate) fn due(auth: &AuthDotJson, now: i64) -> Option<RefreshReason> {
    let tokens = auth.tokens.as_ref()?;
    if let Some(expires_at) = jwt::claims(&tokens.access_token).and_then(|claims| claims.expires_at) {
        return (expires_at <= now.saturating_add(EXPIRES_SOON)).then_some(RefreshReason::ProactiveExpiry);
    }
    let last = auth.last_refresh.as_deref().and_then(|text| text.parse::<Timestamp>().ok());
    let old = last.is_none_or(|last| last.as_second() < now.saturating_sub(OLD));
    old.then_some(RefreshReason::Scheduled)
}

impl Issuer {
    /// Buys new tokens with a single-use refresh token.
    pub(crate) async fn redeem(&self, token: &Secret, reason: RefreshReason) -> Result<NewTokens, Refusal> {
        let body = RefreshBody {
            client_id: CLIENT_ID,
            grant_type: "refresh_token",
            refresh_reason: reason,
            refresh_token: token.expose(),
        };
        let body =
            serde_json::to_vec(&body).map_err(|_| Refusal::Later("no request could be made".to_owned()))?;
        let request = self
            .http
            .request(Method::POST, &self.token_url)
            .map_err(|error| Refusal::Later(error.to_string()))?
            .header(CONTENT_TYPE, "application/json")
            .header("originator", &self.originator)
            .header(USER_AGENT, &self.user_agent)
            .timeout(REFRESH_LIMIT)
            .body(body);
        let words = |error: reqwest::Error| Refusal::Later(failure_words("the sign-in service", &error));
        let response = request.send().await.map_err(words)?;
        let status = response.status().as_u16();
        let body = body_up_to(LARGEST_REPLY, response).await.map_err(words)?.unwrap_or_default();
        if !(200..300).contains(&status) {
            return Err(refusal(status, &body));
        }
        new_tokens(&body).ok_or_else(|| {
            Refusal::Later("the sign-in service gave an answer that cannot be read".to_owned())
        })
    }

    /// Tells the issuer that a session is over; best effort, since a sign-out must work offline.
    pub(crate) async fn revoke(&self, token: &Secret) {
        let body =
            RevokeBody { token: token.expose(), token_type_hint: "refresh_token", client_id: CLIENT_ID };
        let Ok(body) = serde_json::to_vec(&body) else { return };
        let Ok(request) = self.http.request(Method::POST, &self.revoke_url) else { return };
        let request = request.header(CONTENT_TYPE, "application/json").timeout(REVOKE_LIMIT).body(body);
        // wire-facts §2.5: the answer is of no consequence.
        let _ = request.send().await;
    }
}

impl NewTokens {
    /// Puts what came into the session; an id token that cannot be read would make the file useless.
    pub(crate) fn put_into(self, auth: &mut AuthDotJson, now_millis: i64) {
        let Some(tokens) = auth.tokens.as_mut() else { return };
        let TokenData { id_token, access_token, refresh_token, .. } = tokens;
        if let Some(new) = self.id_token.filter(|new| jwt::claims(new).is_some()) {
            *id_token = new;
        }
        if let Some(new) = self.access_token {
            *access_token = new;
        }
        if let Some(new) = self.refresh_token {
            *refresh_token = new;
        }
        if let Ok(now) = Timestamp::from_millisecond(now_millis) {
            auth.last_refresh = Some(format!("{now:.9}"));
        }
    }
}

/// `None` where the answer is no object (serde would take a list for one) or brings no token at all.
fn new_tokens(body: &[u8]) -> Option<NewTokens> {
    let new: NewTokens = serde_json::from_slice(body.trim_ascii_start()).ok()?;
    let brings_any = new.id_token.is_some() || new.access_token.is_some() || new.refresh_token.is_some();
    (body.trim_ascii_start().starts_with(b"{") && brings_any).then_some(new)
}

/// What an answer other than success means. The code stands in `error.code`, in `error` itself or in `code`.
fn refusal(status: u16, body: &[u8]) -> Refusal {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [&body["error"]["code"], &body["error"], &body["code"]];
    let code = places.into_iter().find_map(Value::as_str).unwrap_or_default().to_ascii_lowercase();
    match (code.as_str(), status) {
        ("refresh_token_expired", _) => Refusal::Over(SessionEnd::Expired),
        ("refresh_token_reused", _) => Refusal::Over(SessionEnd::Reused),
        ("refresh_token_invalidated", _) => Refusal::Over(SessionEnd::Revoked),
        ("invalid_grant", 400) | (_, 401) => Refusal::Over(SessionEnd::Refused),
        _ => Refusal::Later(format!("the sign-in service answered {status}")),
    }
}

#[cfg(test)]
mod tests;
