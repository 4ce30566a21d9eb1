//! Adding and removing the fallback key: its shape, the platform's word on it, the store.

use std::time::Duration;

use codex_fallback::KeyState;
use codex_fallback::WhyNot;
use codex_redact::Secret;

use super::Stored;
use super::account_of;
use super::last4_of;
use super::settings::Settings;
use crate::AuthManager;
use crate::fallback_mirror;

/// How long the platform may take to list its models when a key is added.
const CHECK_LIMIT: Duration = Duration::from_secs(5);
const PLATFORM: &str = "https://api.openai.com/v1";

impl AuthManager {
    /// Checks a key and stores it for the account that is signed in. An error is a sentence for people; the answer
    /// says what the platform said.
    pub async fn add_fallback_key(
        &self,
        key: Secret,
        forced_login: bool,
    ) -> Result<String, String> {
        let settings = Settings::read(self.fallback_home());
        if let Some(problem) = settings.problem {
            return Err(problem.to_owned());
        }
        if let Some(block) = self.forbidden(forced_login, &settings) {
            return Err(WhyNot::Blocked(block).to_string());
        }
        let account = self.account_to_add_for()?;
        let key = shaped(&key, settings.base_url.is_some())?;
        let said = ask_platform(&key, settings.base_url.as_deref().unwrap_or(PLATFORM)).await?;
        let store_failed = |error: std::io::Error| format!("the key could not be stored: {error}");
        let mut stored = self
            .load_for_fallback()
            .map_err(store_failed)?
            .filter(|stored| account_of(stored.tokens.as_ref()) == Some(&account))
            .ok_or("the sign-in changed meanwhile, and the key was not stored; add it again")?;
        stored.fallback_openai_api_key = Some(key.clone());
        self.save_for_fallback(&stored).map_err(store_failed)?;
        self.mirror(&account, Some(&key));
        let stored = Stored {
            key: Some(key),
            account: Some(account),
        };
        let state = match said {
            Platform::Works => KeyState::Ready,
            Platform::Silent(_) => KeyState::Unchecked,
        };
        let last4 = last4_of(&stored);
        self.key_changed(stored, state, forced_login);
        Ok(match said {
            Platform::Works => {
                format!(
                    "Fallback API key …{last4} is stored; it pays when your plan's limit is reached."
                )
            }
            Platform::Silent(why) => format!(
                "Fallback API key …{last4} is stored, but unchecked ({why}); it pays when your plan's limit \
                 is reached."
            ),
        })
    }

    /// Takes the key out of the store; `None` where none was stored.
    pub fn remove_fallback_key(&self) -> Result<Option<String>, String> {
        let store_failed = |error: std::io::Error| format!("the key could not be removed: {error}");
        let Some(mut stored) = self.load_for_fallback().map_err(store_failed)? else {
            return Ok(None);
        };
        let account = account_of(stored.tokens.as_ref()).cloned();
        let mirrored = account
            .as_deref()
            .filter(|_| self.fallback_is_mirrored())
            .and_then(|account| fallback_mirror::read(self.fallback_home(), account));
        let field = stored.fallback_openai_api_key.take();
        if field.is_some() {
            self.save_for_fallback(&stored).map_err(store_failed)?;
        }
        if let Some(account) = &account {
            self.mirror(account, None);
        }
        let Some(key) = field.or(mirrored) else {
            return Ok(None);
        };
        self.key_changed(Stored { key: None, account }, KeyState::None, false);
        Ok(Some(format!(
            "Fallback API key …{} is removed.",
            key.last4()
        )))
    }

    fn account_to_add_for(&self) -> Result<String, String> {
        let sentence = match self.auth_cached() {
            None => {
                "a fallback key takes over when a ChatGPT plan runs out, and nobody is signed in; sign in with \
                 ChatGPT first"
            }
            Some(auth) if auth.is_api_key_auth() => {
                "you are signed in with an API key, which pays for everything already; sign in with ChatGPT to \
                 use a fallback key"
            }
            Some(auth) if !auth.is_chatgpt_auth() => {
                "a fallback key needs a sign-in with ChatGPT; this one is of another kind"
            }
            Some(auth) => match auth.get_account_id() {
                Some(account) => return Ok(account),
                None => "this sign-in names no ChatGPT account; sign in again, then add the key",
            },
        };
        Err(sentence.to_owned())
    }
}

fn shaped(key: &Secret, custom_host: bool) -> Result<Secret, String> {
    let text = key.expose().trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "the key must be one word of printable characters; check what was pasted".to_owned(),
        );
    }
    if !custom_host && !text.starts_with("sk-") {
        return Err("an OpenAI API key starts with `sk-`; check what was pasted".to_owned());
    }
    Ok(Secret::new(text))
}

enum Platform {
    Works,
    Silent(String),
}

/// Only 401 speaks against a key: restricted ones may not list models.
async fn ask_platform(key: &Secret, base_url: &str) -> Result<Platform, String> {
    let asked = crate::default_client::create_client()
        .get(format!("{base_url}/models"))
        .bearer_auth(key.expose())
        .timeout(CHECK_LIMIT)
        .send()
        .await;
    match asked.map(|answer| answer.status().as_u16()) {
        Ok(200) => Ok(Platform::Works),
        Ok(401) => Err(format!(
            "the key was refused by {base_url} and was not stored"
        )),
        Ok(403) => Ok(Platform::Silent(
            "it may not list models, as is usual for restricted keys".to_owned(),
        )),
        Ok(status) => Ok(Platform::Silent(format!("the API answered {status}"))),
        Err(_) => Ok(Platform::Silent("the API could not be reached".to_owned())),
    }
}
