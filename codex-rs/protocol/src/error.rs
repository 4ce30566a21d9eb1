//! What can go wrong in a turn, in words for people and as the protocol's `codexErrorInfo` (wire-facts §4).

mod usage_limit;

use codex_fallback::{KeyFailure, WhyNot};
use serde::{Deserialize, Serialize};

pub use usage_limit::{UsageLimitReachedError, reset_words};

/// Why a turn failed. The text is for people: what happened and what to do next; never a secret.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodexErr {
    /// The plan's limit is reached.
    #[error("{0}")]
    UsageLimitReached(Box<UsageLimitReachedError>),
    /// The plan does not include Codex.
    #[error("Your ChatGPT plan does not include Codex; see chatgpt.com/explore/plus for plans that do.")]
    UsageNotIncluded,
    /// The account or key that pays has no quota left.
    #[error(
        "The quota of this account is used up; check its plan and billing details at platform.openai.com."
    )]
    QuotaExceeded,
    /// An error, and why the fallback key did not take over.
    #[error("{error} {why}")]
    NotTakenOver {
        /// The original error.
        error: Box<CodexErr>,
        /// Why the key did not take over.
        why: WhyNot,
    },
    /// The plan ran out, the key took over and failed: both causes, the limit first.
    #[error("{}{}", .limit.as_ref().map(|limit| format!("{limit} ")).unwrap_or_default(), key_failure(*.failure, .key_last4))]
    KeyFailed {
        /// The limit that led to the switch, where it is remembered.
        limit: Option<Box<CodexErr>>,
        /// How the key failed.
        failure: KeyFailure,
        /// The key's last four characters.
        key_last4: String,
    },
    /// The thread's model is not offered to the key.
    #[error(
        "The model `{model}` is not available to the fallback API key ({message}); set `model` under [fallback] in \
         config.toml to one that is."
    )]
    ModelNotOnKey {
        /// The thread's model.
        model: String,
        /// What the platform said.
        message: String,
    },
    /// The request is larger than the key's tokens-per-minute limit.
    #[error(
        "This conversation is too large for the API key's tokens-per-minute limit ({message}); start a new thread, \
         or raise the key's limit at platform.openai.com."
    )]
    TooLargeForKey {
        /// What the platform said.
        message: String,
    },
    /// The history holds a compacted part that only its own credential can read.
    #[error(
        "This thread's history was compacted under another account or key and cannot be read under the one that \
         pays now; start a new thread, or go back to the one it was compacted under."
    )]
    ForeignCompaction,
    /// The history does not fit the model's context window.
    #[error("This conversation no longer fits the model's context window; start a new thread.")]
    ContextWindowExceeded,
    /// The model does not exist for this credential.
    #[error("{message}")]
    ModelNotFound {
        /// What the service said.
        message: String,
    },
    /// The service asks to slow down, also after our retries.
    #[error("The service asks to slow down: {message}")]
    RateLimited {
        /// What the service said.
        message: String,
    },
    /// Retries ran out.
    #[error("Gave up after {attempts} attempts; the last answer was {status}: {message}")]
    RetryLimit {
        /// Requests sent.
        attempts: u32,
        /// The last HTTP status.
        status: u16,
        /// What the service said.
        message: String,
    },
    /// 5xx, also after our retries.
    #[error("The service is in trouble ({status}: {message}); try again in a moment.")]
    InternalServerError {
        /// The last HTTP status.
        status: u16,
        /// What the service said.
        message: String,
    },
    /// The model is at capacity.
    #[error("The model is at capacity; try again in a moment or choose another model.")]
    ServerOverloaded,
    /// The service refused the request itself.
    #[error("{message}")]
    BadRequest {
        /// What the service said, or its raw body.
        message: String,
    },
    /// The service's safety policy refused the request.
    #[error("{message}")]
    CyberPolicy {
        /// What the service said.
        message: String,
    },
    /// Any other status.
    #[error("The service answered {status}: {message}{}", .request_id.as_ref().map(|id| format!(" (request id {id})")).unwrap_or_default())]
    UnexpectedStatus {
        /// HTTP status.
        status: u16,
        /// What the service said.
        message: String,
        /// `x-request-id`.
        request_id: Option<String>,
    },
    /// Nobody is signed in, or the sign-in is no longer accepted.
    #[error("{message}")]
    Unauthorized {
        /// What to do.
        message: String,
    },
    /// The service cannot be reached.
    #[error("Cannot reach {host}: {cause}; check the network and try again.")]
    ConnectionFailed {
        /// Host and port.
        host: String,
        /// Why.
        cause: String,
    },
    /// An answer broke off, also after our retries.
    #[error("The answer broke off: {cause}")]
    StreamDisconnected {
        /// Why.
        cause: String,
    },
    /// The answer hit its own length limit.
    #[error("The answer was cut off by the service ({reason}).")]
    Incomplete {
        /// `incomplete_details.reason`.
        reason: String,
    },
    /// The person interrupted the turn.
    #[error("The turn was interrupted.")]
    Interrupted,
    /// Something of ours broke.
    #[error("{0}")]
    Internal(String),
}

/// `codexErrorInfo` of the app-server protocol (wire-facts §4.1). Clients accept unknown values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are the protocol's own, listed in wire-facts §4.1")]
pub enum CodexErrorInfo {
    ContextWindowExceeded,
    UsageLimitExceeded,
    RateLimitExceeded,
    ServerOverloaded,
    ModelNotFound,
    CyberPolicy,
    #[serde(rename_all = "camelCase")]
    HttpConnectionFailed {
        http_status_code: Option<u16>,
    },
    #[serde(rename_all = "camelCase")]
    ResponseStreamDisconnected {
        http_status_code: Option<u16>,
    },
    #[serde(rename_all = "camelCase")]
    ResponseTooManyFailedAttempts {
        http_status_code: Option<u16>,
    },
    InternalServerError,
    Unauthorized,
    BadRequest,
    Other,
}

impl CodexErr {
    /// The protocol's class of this error.
    pub fn info(&self) -> CodexErrorInfo {
        match self {
            CodexErr::UsageLimitReached(_)
            | CodexErr::UsageNotIncluded
            | CodexErr::QuotaExceeded
            | CodexErr::KeyFailed { .. } => CodexErrorInfo::UsageLimitExceeded,
            CodexErr::NotTakenOver { error, .. } => error.info(),
            CodexErr::ModelNotOnKey { .. } | CodexErr::ModelNotFound { .. } => CodexErrorInfo::ModelNotFound,
            CodexErr::TooLargeForKey { .. } | CodexErr::RateLimited { .. } => {
                CodexErrorInfo::RateLimitExceeded
            }
            CodexErr::ForeignCompaction
            | CodexErr::Incomplete { .. }
            | CodexErr::Interrupted
            | CodexErr::Internal(_) => CodexErrorInfo::Other,
            CodexErr::ContextWindowExceeded => CodexErrorInfo::ContextWindowExceeded,
            CodexErr::RetryLimit { status, .. } => {
                CodexErrorInfo::ResponseTooManyFailedAttempts { http_status_code: Some(*status) }
            }
            CodexErr::InternalServerError { .. } => CodexErrorInfo::InternalServerError,
            CodexErr::ServerOverloaded => CodexErrorInfo::ServerOverloaded,
            CodexErr::BadRequest { .. } => CodexErrorInfo::BadRequest,
            CodexErr::CyberPolicy { .. } => CodexErrorInfo::CyberPolicy,
            CodexErr::UnexpectedStatus { status, .. } => {
                CodexErrorInfo::HttpConnectionFailed { http_status_code: Some(*status) }
            }
            CodexErr::Unauthorized { .. } => CodexErrorInfo::Unauthorized,
            CodexErr::ConnectionFailed { .. } => {
                CodexErrorInfo::HttpConnectionFailed { http_status_code: None }
            }
            CodexErr::StreamDisconnected { .. } => {
                CodexErrorInfo::ResponseStreamDisconnected { http_status_code: None }
            }
        }
    }
}

fn key_failure(failure: KeyFailure, last4: &str) -> String {
    match failure {
        KeyFailure::Refused => format!(
            "The fallback API key (…{last4}) was then refused by the API; add a working one: /add-api-key \
             in the terminal UI, or `codex login --with-fallback-api-key`."
        ),
        KeyFailure::OutOfCredit => format!(
            "The fallback API key (…{last4}) is out of credit; add credit at platform.openai.com, then add the key \
             again or force it once (/fallback in the terminal UI)."
        ),
    }
}
