//! The ChatGPT account or API key that is signed in (wire-facts §5.4).

use codex_protocol::{PlanType, RateLimitSnapshot};
use codex_redact::Secret;
use serde::{Deserialize, Serialize};

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
