//! Who is signed in, read from what is stored.

use std::path::Path;

use codex_protocol::PlanType;

use super::storage::{AuthDotJson, AuthMode, TokenData};
use crate::error::LoginError;
use crate::jwt;

/// Who is signed in; holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodexAuth {
    /// A ChatGPT session: the plan pays, the fallback key may take over.
    ChatGpt(ChatGptAuth),
    /// An API key: it pays for everything, nothing falls back.
    ApiKey,
}

/// A ChatGPT session, from its tokens' claims (wire-facts §2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatGptAuth {
    /// The person's address.
    pub email: Option<String>,
    /// The plan; `unknown` where the token does not say.
    pub plan_type: PlanType,
    /// The account (workspace) that requests name.
    pub account_id: Option<String>,
    /// The person.
    pub user_id: Option<String>,
    /// Whether requests carry `X-OpenAI-Fedramp`.
    pub fedramp: bool,
}

impl CodexAuth {
    /// `None` where what is stored is no usable sign-in; an error where it is of a kind we do not support.
    pub(crate) fn of(auth: &AuthDotJson, path: &Path) -> Result<Option<Self>, LoginError> {
        match auth.mode() {
            AuthMode::ApiKey => Ok(auth.openai_api_key.as_ref().map(|_| CodexAuth::ApiKey)),
            AuthMode::ChatGpt => {
                auth.tokens.as_ref().map(|tokens| chatgpt(tokens, path).map(CodexAuth::ChatGpt)).transpose()
            }
            AuthMode::Unsupported(mode) => {
                Err(LoginError::UnsupportedMode { path: path.to_path_buf(), mode })
            }
            AuthMode::Unknown => Err(LoginError::UnknownMode { path: path.to_path_buf() }),
        }
    }

    /// The session, where it is one.
    pub fn chatgpt(&self) -> Option<&ChatGptAuth> {
        match self {
            CodexAuth::ChatGpt(chatgpt) => Some(chatgpt),
            CodexAuth::ApiKey => None,
        }
    }
}

/// The ChatGPT account of a stored session; `None` for other sign-ins and tokens that name none.
pub(crate) fn account_of(auth: &AuthDotJson) -> Option<String> {
    match auth.mode() {
        AuthMode::ChatGpt => {
            let tokens = auth.tokens.as_ref()?;
            tokens.account_id.clone().or_else(|| jwt::claims(&tokens.id_token)?.account_id)
        }
        AuthMode::ApiKey | AuthMode::Unsupported(_) | AuthMode::Unknown => None,
    }
}

/// Whether this is a ChatGPT session, whatever account it names.
pub(crate) fn signed_in_with_chatgpt(auth: &AuthDotJson) -> bool {
    auth.mode() == AuthMode::ChatGpt && auth.tokens.is_some()
}

fn chatgpt(tokens: &TokenData, path: &Path) -> Result<ChatGptAuth, LoginError> {
    let claims = jwt::claims(&tokens.id_token)
        .ok_or_else(|| LoginError::DamagedIdToken { path: path.to_path_buf() })?;
    Ok(ChatGptAuth {
        email: claims.email,
        plan_type: claims.plan_type.map_or_else(|| PlanType::from("unknown"), PlanType::from),
        account_id: tokens.account_id.clone().or(claims.account_id),
        user_id: claims.user_id,
        fedramp: claims.fedramp,
    })
}
