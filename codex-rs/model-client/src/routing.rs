//! Owns workspace routing: where an account's model requests go (wire-facts §3.1, fallback-spec §2).

use std::collections::HashMap;
use std::time::Duration;

use bytes::BytesMut;
use codex_config::BaseUrl;
use codex_login::{Credential, Endpoints, HttpClient};
use codex_protocol::{CodexErr, TurnId};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::client::Client;
use crate::request::identity_headers;
use crate::turn::TurnContext;

/// How long the routing answer may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest routing answer, in bytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// What is known of accounts' routes; each account is asked for once per process.
///
/// An account without a route, and one whose question got no answer, use the configured base address: a service
/// that cannot say where to go must not stop the turn. No answer is asked for again in the next turn. The lock is
/// held while asking, so that samplings that start together ask once.
#[derive(Debug, Default)]
pub(crate) struct Routes(Mutex<HashMap<Option<String>, Route>>);

#[derive(Debug, Clone, PartialEq)]
enum Route {
    /// The account's address, or the configured one where it has none.
    Known(String),
    /// The question got no answer in this turn.
    Silent(TurnId),
}

impl Routes {
    /// The base address for the plan's model requests; append `/responses`.
    pub(crate) async fn plan_base(
        &self,
        client: &Client,
        turn: &TurnContext,
        credential: &Credential,
        account: Option<&str>,
    ) -> Result<String, CodexErr> {
        let Client { http, endpoints, settings, .. } = client;
        if endpoints.openai_base_is_custom() {
            return Ok(endpoints.plan_base());
        }
        let mut routes = self.0.lock().await;
        match routes.get(&account.map(str::to_owned)) {
            Some(Route::Known(base)) => return Ok(base.clone()),
            Some(Route::Silent(in_turn)) if *in_turn == turn.turn_id => return Ok(endpoints.plan_base()),
            Some(Route::Silent(_)) | None => {}
        }
        let headers = identity_headers(settings, &turn.thread.identity, credential)?;
        let url = format!("{}/wham/accounts/check", endpoints.chatgpt_base());
        let route = match tokio::time::timeout(PATIENCE, ask(http, &url, headers)).await {
            Ok(Some(answer)) => Route::Known(base_of(&answer, endpoints, account)?),
            Ok(None) | Err(_) => Route::Silent(turn.turn_id.clone()),
        };
        let base = match &route {
            Route::Known(base) => base.clone(),
            Route::Silent(_) => endpoints.plan_base(),
        };
        routes.insert(account.map(str::to_owned), route);
        Ok(base)
    }
}

async fn ask(http: &HttpClient, url: &str, headers: http::HeaderMap) -> Option<Value> {
    let answer = http.request(http::Method::GET, url).ok()?.headers(headers).send().await.ok()?;
    if answer.status() != 200 {
        return None;
    }
    let mut text = BytesMut::new();
    let mut body = answer.bytes_stream();
    while let Some(chunk) = body.next().await {
        text.extend_from_slice(&chunk.ok()?);
        if text.len() > LONGEST_ANSWER {
            return None;
        }
    }
    serde_json::from_slice(&text).ok()
}

/// The account's `workspace_backend_origin`, checked: an origin that may not be given the session is an error.
fn base_of(answer: &Value, endpoints: &Endpoints, account: Option<&str>) -> Result<String, CodexErr> {
    let account = account.or_else(|| answer["default_account_id"].as_str());
    let entry = match &answer["accounts"] {
        Value::Array(accounts) => accounts.iter().find(|entry| entry["id"].as_str() == account),
        Value::Object(accounts) => account.and_then(|id| accounts.get(id)),
        _ => None,
    };
    let Some(origin) = entry.and_then(|entry| entry["workspace_backend_origin"].as_str()) else {
        return Ok(endpoints.plan_base());
    };
    // A backend on this machine may route on this machine only; what it says of the real one is not for it to say.
    let is_local = BaseUrl::parse(origin).is_ok_and(|origin| origin.is_loopback());
    if endpoints.chatgpt_is_loopback() && !is_local {
        return Ok(endpoints.plan_base());
    }
    endpoints.routed_plan_base(origin).map_err(|error| CodexErr::Internal(error.to_string()))
}

#[cfg(test)]
mod tests;
