//! Who is signed in: `account/read`, `account/login/start`, `account/logout`, `account/rateLimits/read`.

use std::collections::BTreeMap;
use std::sync::Arc;

use codex_app_server_protocol::{
    Account, AccountRateLimitsReadResponse, AccountReadResponse, AccountUpdated, AuthMode, ClientResponse,
    LoginAccountParams, LoginAccountResponse, LogoutAccountParams, LogoutAccountResponse, RpcError,
};
use codex_fallback::KeyState;
use codex_login::{AuthManager, CodexAuth, KeyAtLogout, PlanUsage, usage};

use crate::refusal;
use crate::subscriber::Subscriber;

/// Who is signed in, from memory; clients with the capability are also told whether a fallback key is stored.
pub(crate) fn read(auth: &AuthManager, subscriber: &Subscriber) -> AccountReadResponse {
    let (account, user_id) = match auth.auth() {
        None => (None, None),
        Some(CodexAuth::ApiKey) => (Some(Account::ApiKey {}), None),
        Some(CodexAuth::ChatGpt(chatgpt)) => {
            let account =
                Account::Chatgpt { email: chatgpt.email, plan_type: chatgpt.plan_type, workspace_name: None };
            (Some(account), chatgpt.user_id)
        }
    };
    AccountReadResponse {
        account,
        user_id,
        requires_openai_auth: true,
        fallback_key_stored: subscriber.knows_fallback().then(|| auth.status().key_state != KeyState::None),
    }
}

/// Who is signed in, as `account/updated` tells it.
pub(crate) fn updated(auth: &AuthManager) -> AccountUpdated {
    match auth.auth() {
        None => AccountUpdated { auth_mode: None, plan_type: None },
        Some(CodexAuth::ApiKey) => AccountUpdated { auth_mode: Some(AuthMode::Apikey), plan_type: None },
        Some(CodexAuth::ChatGpt(chatgpt)) => {
            AccountUpdated { auth_mode: Some(AuthMode::Chatgpt), plan_type: Some(chatgpt.plan_type) }
        }
    }
}

/// Signs in with an API key, as `codex login --with-api-key` does. An empty key is refused, unlike by the official
/// program (wire-facts §5.4).
pub(crate) async fn login(
    auth: Arc<AuthManager>,
    params: LoginAccountParams,
) -> Result<ClientResponse, RpcError> {
    match params {
        LoginAccountParams::ApiKey { api_key } => {
            auth.login_with_api_key(api_key).await.map_err(refusal::login)?;
            Ok(ClientResponse::LoginAccount(LoginAccountResponse::ApiKey {}))
        }
        LoginAccountParams::Chatgpt {}
        | LoginAccountParams::ChatgptDeviceCode {}
        | LoginAccountParams::ChatgptAuthTokens {} => Err(RpcError::invalid_request(
            "Signing in with ChatGPT is not built here yet: use the official `codex login`; the session is shared \
             through CODEX_HOME. An API key works: {\"type\": \"apiKey\"}.",
        )),
    }
}

/// Signs out, as `codex logout` does.
pub(crate) async fn logout(
    auth: Arc<AuthManager>,
    params: LogoutAccountParams,
) -> Result<ClientResponse, RpcError> {
    let key = if params.keep_fallback_key { KeyAtLogout::Keep } else { KeyAtLogout::Remove };
    auth.logout(key).await.map_err(refusal::login)?;
    Ok(ClientResponse::LogoutAccount(LogoutAccountResponse {}))
}

/// Asks the service how much of the plan is used. The plan's credential asks, whoever pays.
pub(crate) async fn rate_limits(auth: Arc<AuthManager>) -> Result<ClientResponse, RpcError> {
    let PlanUsage { account_id, limits, allowed } = usage::read(&auth).await.map_err(refusal::usage)?;
    let by_id = limits.limit_id.clone().map(|id| BTreeMap::from([(id, limits.clone())]));
    Ok(ClientResponse::AccountRateLimitsRead(AccountRateLimitsReadResponse {
        rate_limits: limits,
        rate_limits_by_limit_id: by_id,
        rate_limit_reset_credits: None,
        ordinary_usage_allowed: allowed,
        account_id,
        rate_limit_upsell: None,
    }))
}
