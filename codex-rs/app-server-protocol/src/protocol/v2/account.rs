//! The ChatGPT account or API key that is signed in (wire-facts §5.4).

use std::collections::BTreeMap;

use codex_protocol::{PlanType, RateLimitSnapshot};
use codex_redact::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::FallbackStatus;

/// `account/read`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccountReadParams {
    /// Refresh the session's token first.
    pub refresh_token: bool,
}

/// The answer to `account/read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountReadResponse {
    /// Who is signed in.
    pub account: Option<Account>,
    /// The ChatGPT user id, where known.
    pub user_id: Option<String>,
    /// Whether requests need a sign-in.
    pub requires_openai_auth: bool,
    /// Ours: whether a fallback key is stored. Only for clients with `capabilities.fallback`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fallback_key_stored: Option<bool>,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Account {
    /// A platform API key.
    ApiKey {},
    /// A ChatGPT session.
    Chatgpt {
        /// From the id token.
        email: Option<String>,
        /// From the id token.
        plan_type: PlanType,
        /// Not known here; always `null`.
        workspace_name: Option<String>,
    },
}

/// `account/rateLimits/updated`: sparse; `null` does not clear what is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRateLimitsUpdated {
    /// What the last answer said.
    pub rate_limits: RateLimitSnapshot,
}

/// `account/addFallbackApiKey`, ours. Not `Serialize`: in one process it travels as a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddFallbackApiKeyParams {
    /// The key.
    pub api_key: Secret,
    /// The thread's model; the answer says whether the key offers it.
    #[serde(default)]
    pub model: Option<String>,
}

/// The answer to `account/addFallbackApiKey`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AddFallbackApiKeyResponse {
    /// The state after it.
    pub fallback: FallbackStatus,
    /// Whether the key offers the model; `null` where the platform did not list models.
    pub model_available: Option<bool>,
    /// Why the key was stored unchecked, for people.
    pub unchecked_reason: Option<String>,
}

/// `account/removeFallbackApiKey`, ours.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RemoveFallbackApiKeyParams {}

/// `account/login/start`. Not `Serialize`: in one process it travels as a value.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum LoginAccountParams {
    /// Sign in with a platform API key, which then pays for everything.
    ApiKey {
        /// The key.
        api_key: Secret,
    },
    /// Sign in with ChatGPT in a browser. Not built.
    Chatgpt {},
    /// Sign in with ChatGPT by a code. Not built.
    ChatgptDeviceCode {},
    /// Tokens from the client. Not built.
    ChatgptAuthTokens {},
}

/// The answer to `account/login/start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum LoginAccountResponse {
    /// Signed in.
    ApiKey {},
}

/// `account/login/completed`: after the answer to `account/login/start`, before `account/updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginCompleted {
    /// None for a sign-in that needed no further step.
    pub login_id: Option<String>,
    /// Whether it worked.
    pub success: bool,
    /// Why not, for people.
    pub error: Option<String>,
    /// Always `null` here.
    pub onboarding_entrypoint: Option<String>,
}

/// `account/updated`: who is signed in has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountUpdated {
    /// `apikey` or `chatgpt`; none when nobody is signed in.
    pub auth_mode: Option<AuthMode>,
    /// Of a ChatGPT sign-in.
    pub plan_type: Option<PlanType>,
}

/// How somebody is signed in, as `account/updated` names it (wire-facts §5.4: lower case here).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// With an API key.
    Apikey,
    /// With ChatGPT.
    Chatgpt,
}

/// `account/logout`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogoutAccountParams {
    /// Ours: keep the fallback key for this account's next sign-in.
    pub keep_fallback_key: bool,
}

/// The answer to `account/logout`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutAccountResponse {}

/// `account/rateLimits/read`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AccountRateLimitsReadParams {}

/// The answer to `account/rateLimits/read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountRateLimitsReadResponse {
    /// The account-wide limit.
    pub rate_limits: RateLimitSnapshot,
    /// All that are known, by id.
    pub rate_limits_by_limit_id: Option<BTreeMap<String, RateLimitSnapshot>>,
    /// Not known here; always `null`.
    pub rate_limit_reset_credits: Option<Value>,
    /// Whether the service says that ordinary use is allowed.
    pub ordinary_usage_allowed: Option<bool>,
    /// The ChatGPT account.
    pub account_id: Option<String>,
    /// Not known here; always `null`.
    pub rate_limit_upsell: Option<Value>,
}
