//! Adding, removing and checking the fallback key: one function each, for every way in (fallback-spec §1.5–1.7).

use std::time::Duration;

use codex_fallback::{Block, KeyState, WhyNot};
use codex_redact::Secret;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::auth::{AuthManager, CodexAuth, PayerChange, one_word};
use crate::endpoints::Endpoints;
use crate::error::LoginError;
use crate::http::{HttpClient, body_up_to, failure_words};

/// How long the platform may take to list its models, connecting included.
const CHECK_LIMIT: Duration = Duration::from_secs(5);
const LARGEST_LIST: usize = 4 * 1024 * 1024;

/// A key that is stored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Its last four characters.
    pub last4: String,
    /// What the platform said about it.
    pub check: Checked,
    /// Set when another key was paying: the plan pays again.
    pub change: Option<PayerChange>,
}

/// A key that is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    /// Its last four characters.
    pub last4: String,
    /// Set when it was paying: the plan pays again.
    pub change: Option<PayerChange>,
}

/// What the platform said about a key when it was asked for its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It listed them.
    Works {
        /// Whether the model asked about is among them; `None` where none was asked about.
        model_available: Option<bool>,
    },
    /// It neither listed them nor refused the key.
    Unchecked {
        /// Why, in a clause for people.
        reason: String,
    },
}

/// What the platform says about a stored key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tested {
    /// As when adding.
    Accepted(Checked),
    /// 401: the key does not work.
    Refused,
}

/// Why no key was stored.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// Not one word of printable ASCII.
    #[error("the key must be one word of printable characters; check what was pasted")]
    NotOneWord,
    /// Not the shape of an OpenAI key, and the key's host is OpenAI's.
    #[error(
        "an OpenAI API key starts with `sk-`; check what was pasted, or set `base_url` under [fallback] for another service"
    )]
    NotAnOpenAiKey,
    /// Nobody is signed in.
    #[error(
        "a fallback key takes over when a ChatGPT plan runs out, and nobody is signed in; run the official `codex login` first"
    )]
    NotSignedIn,
    /// Signed in with an API key.
    #[error(
        "you are signed in with an API key, which pays for everything already; sign in with ChatGPT (`codex logout`, then the official `codex login`) to use a fallback key"
    )]
    SignedInWithApiKey,
    /// An administrator's setting forbids it.
    #[error("{}", WhyNot::Blocked(*.0))]
    Forbidden(Block),
    /// The platform answered 401.
    #[error(
        "the key was refused by {host} and was not stored; create a new one at platform.openai.com or check what was pasted"
    )]
    Refused {
        /// Where it was checked.
        host: String,
    },
    /// The store could not be read or written.
    #[error(transparent)]
    Store(#[from] LoginError),
}

/// Checks the shape, asks the platform, and stores the key in the place of any other. `model` is the thread's.
pub async fn add(auth: &AuthManager, key: Secret, model: Option<&str>) -> Result<Added, AddError> {
    if let Some(block) = auth.administrators_block() {
        return Err(AddError::Forbidden(block));
    }
    let account = match auth.stored_sign_in()? {
        None => return Err(AddError::NotSignedIn),
        Some(CodexAuth::ApiKey) => return Err(AddError::SignedInWithApiKey),
        Some(CodexAuth::ChatGpt(chatgpt)) => chatgpt.account_id,
    };
    // The key is for the account this process works with, not for one that was signed in beside it.
    match auth.auth() {
        Some(CodexAuth::ApiKey) => return Err(AddError::SignedInWithApiKey),
        Some(CodexAuth::ChatGpt(chatgpt)) if chatgpt.account_id != account => {
            return Err(AddError::Store(LoginError::AccountChanged));
        }
        Some(CodexAuth::ChatGpt(_)) | None => {}
    }
    let key = shaped(&key, auth.endpoints())?;
    let check = match ask_platform(auth.http(), auth.endpoints(), &key, model).await {
        Tested::Refused => return Err(AddError::Refused { host: auth.endpoints().key_host().to_owned() }),
        Tested::Accepted(check) => check,
    };
    let state = match check {
        Checked::Works { .. } => KeyState::Ready,
        Checked::Unchecked { .. } => KeyState::Unchecked,
    };
    let last4 = key.last4();
    let reported = auth.store_key(key, state, account).await?;
    Ok(Added { last4, check, change: reported.change })
}

/// Deletes field and mirror entry; `None` where no key was stored.
pub async fn remove(auth: &AuthManager) -> Result<Option<Removed>, LoginError> {
    let removed = auth.remove_key().await?;
    Ok(removed.map(|(key, reported)| Removed { last4: key.last4(), change: reported.change }))
}

/// Asks the platform about the stored key; free, and changes nothing.
pub async fn test(auth: &AuthManager, model: Option<&str>) -> Result<Tested, LoginError> {
    if let Some(block) = auth.administrators_block() {
        return Err(LoginError::KeyBlocked(block));
    }
    let key = auth.stored_key().ok_or(LoginError::NoFallbackKey)?;
    Ok(ask_platform(auth.http(), auth.endpoints(), &key, model).await)
}

fn shaped(key: &Secret, endpoints: &Endpoints) -> Result<Secret, AddError> {
    let key = one_word(key).ok_or(AddError::NotOneWord)?;
    if key.expose().starts_with("sk-") || endpoints.key_base_is_custom() {
        Ok(key)
    } else {
        Err(AddError::NotAnOpenAiKey)
    }
}

/// `GET {fallback.base_url}/models`. Only 401 speaks against a key: restricted ones may not list models.
async fn ask_platform(http: &HttpClient, endpoints: &Endpoints, key: &Secret, model: Option<&str>) -> Tested {
    let unchecked = |reason: String| Tested::Accepted(Checked::Unchecked { reason });
    let base = match endpoints.key_base() {
        Ok(base) => base,
        Err(_) => {
            return unchecked(
                "`openai_base_url` is custom and `base_url` under [fallback] names no host for the key"
                    .to_owned(),
            );
        }
    };
    match tokio::time::timeout(CHECK_LIMIT, list_models(http, base, key)).await {
        Err(_) => unchecked(format!("the API did not answer within {} seconds", CHECK_LIMIT.as_secs())),
        Ok(Err(NoList::Failed(words))) => unchecked(words),
        Ok(Err(NoList::Status(401))) => Tested::Refused,
        Ok(Err(NoList::Status(403))) => {
            unchecked("the key may not list models (403), as is usual for restricted keys".to_owned())
        }
        Ok(Err(NoList::Status(status))) => unchecked(format!("the API answered {status}")),
        Ok(Ok(models)) => {
            let model_available = model.map(|model| models.data.iter().any(|listed| listed.id == model));
            Tested::Accepted(Checked::Works { model_available })
        }
    }
}

#[derive(Deserialize)]
struct ModelList {
    data: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    id: String,
}

enum NoList {
    Status(u16),
    Failed(String),
}

async fn list_models(http: &HttpClient, base: &str, key: &Secret) -> Result<ModelList, NoList> {
    let failed = |error: reqwest::Error| NoList::Failed(failure_words("the API", &error));
    let not_a_header = || NoList::Failed("the key cannot be put into a header".to_owned());
    let request = http
        .request(Method::GET, &format!("{base}/models"))
        .map_err(|error| NoList::Failed(error.to_string()))?
        .header(AUTHORIZATION, bearer(key).ok_or_else(not_a_header)?);
    let response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(NoList::Status(status));
    }
    let nonsense = || NoList::Failed("the API gave an answer that cannot be read".to_owned());
    let body = body_up_to(LARGEST_LIST, response).await.map_err(failed)?.ok_or_else(nonsense)?;
    serde_json::from_slice(&body).map_err(|_| nonsense())
}

/// An Authorization header. Marked sensitive: the HTTP library does not print it.
pub(crate) fn bearer(key: &Secret) -> Option<reqwest::header::HeaderValue> {
    let text = Zeroizing::new(format!("Bearer {}", key.expose()));
    let mut value = reqwest::header::HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
