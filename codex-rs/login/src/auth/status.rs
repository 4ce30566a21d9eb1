//! `codex login status`: who is signed in and whether a fallback key is stored, from two small files.

use std::path::Path;

use codex_config::CredentialsStore;
use codex_redact::Secret;

use super::sign_in::{ChatGptAuth, CodexAuth};
use super::stores::Stores;
use crate::error::LoginError;

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginStatus {
    /// Who is signed in.
    pub sign_in: SignIn,
    /// The last four characters of the fallback key stored for this sign-in.
    pub fallback_key_last4: Option<String>,
}

/// Who is signed in, in the form that may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Nobody.
    Nobody,
    /// A ChatGPT session.
    ChatGpt(ChatGptAuth),
    /// An API key, masked: its first eight characters, `***`, its last five (wire-facts §1.6).
    ApiKey {
        /// The masked form.
        masked: String,
    },
}

/// Reads the store; no network, no lock, no writing.
pub fn status(codex_home: &Path, mode: CredentialsStore) -> Result<LoginStatus, LoginError> {
    let stores = Stores::open(codex_home, mode)?;
    let contents = stores.read()?;
    let Some(auth) = &contents.auth else {
        return Ok(LoginStatus { sign_in: SignIn::Nobody, fallback_key_last4: None });
    };
    let sign_in = match (CodexAuth::of(auth, stores.auth_path())?, &auth.openai_api_key) {
        (Some(CodexAuth::ChatGpt(chatgpt)), _) => SignIn::ChatGpt(chatgpt),
        (Some(CodexAuth::ApiKey), Some(key)) => SignIn::ApiKey { masked: masked(key) },
        (Some(CodexAuth::ApiKey) | None, _) => SignIn::Nobody,
    };
    let fallback_key_last4 = match &sign_in {
        SignIn::ChatGpt(_) => contents.fallback_key().map(Secret::last4),
        SignIn::ApiKey { .. } | SignIn::Nobody => None,
    };
    Ok(LoginStatus { sign_in, fallback_key_last4 })
}

/// Short keys show nothing: the two ends would be most of them.
fn masked(key: &Secret) -> String {
    let characters: Vec<char> = key.expose().chars().collect();
    if characters.len() < 26 {
        return "***".to_owned();
    }
    let first: String = characters.iter().take(8).collect();
    let last: String = characters.iter().skip(characters.len() - 5).collect();
    format!("{first}***{last}")
}

#[cfg(test)]
mod tests;
