//! Signing in with an API key, signing out, and the rewriting of the stored fallback key.

use codex_config::LoginMethod;
use codex_fallback::{Block, KeyState};
use codex_redact::Secret;

use super::manager::{AuthManager, Reported};
use super::session::{Snapshot, blocking};
use super::sign_in::{CodexAuth, account_of};
use crate::error::LoginError;

/// What to do with the fallback key at a sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAtLogout {
    /// Remove it with the sign-in.
    Remove,
    /// Keep it for this account's next sign-in.
    Keep,
}

/// What became of the fallback key at a sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FallbackKeyFate {
    /// None was stored for this account.
    NoneStored,
    /// It is removed.
    Removed,
    /// It waits for this account's next sign-in.
    Kept,
}

/// What a sign-out did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoggedOut {
    /// Whether a sign-in was stored.
    pub was_signed_in: bool,
    /// What became of the fallback key.
    pub fallback_key: FallbackKeyFate,
}

impl AuthManager {
    /// Signs in with an API key, unverified as the official program does. The session and the fallback field go;
    /// the mirror keeps the key for the account's next sign-in, and unknown members stay.
    pub async fn login_with_api_key(&self, key: Secret) -> Result<(), LoginError> {
        if self.desk().settings().forced_login == Some(LoginMethod::ChatGpt) {
            return Err(LoginError::ChatGptSignInForced);
        }
        let key = one_word(&key).ok_or(LoginError::ApiKeyShape)?;
        let (stores, now) = (self.session().stores().clone(), self.clock().unix());
        let snapshot = blocking(move || {
            let locked = stores.lock(now)?;
            let mut auth = locked.read()?.auth.unwrap_or_default();
            auth.sign_in_with_api_key(key);
            Snapshot::of(locked.write(auth)?, stores.auth_path())
        })
        .await?;
        self.session().replace(snapshot);
        self.desk().sign_in_changed(now);
        Ok(())
    }

    /// Signs out: tells the issuer (best effort), removes `auth.json`, and the account's fallback key unless kept.
    pub async fn logout(&self, key: KeyAtLogout) -> Result<LoggedOut, LoginError> {
        let (stores, now) = (self.session().stores().clone(), self.clock().unix());
        let before = stores.read()?.mirror_checked()?;
        if let Some(tokens) = before.auth.and_then(|auth| auth.tokens) {
            self.session().issuer().revoke(&tokens.refresh_token).await;
        }
        let out = blocking(move || {
            let locked = stores.lock(now)?;
            let contents = locked.read()?;
            let stored = contents.fallback_key().is_some();
            let fallback_key = match key {
                KeyAtLogout::Keep if locked.keep_mirrored(&contents)?.is_some() => FallbackKeyFate::Kept,
                KeyAtLogout::Keep => FallbackKeyFate::NoneStored,
                KeyAtLogout::Remove => {
                    let mirrored = locked.forget_mirrored(&contents)?.is_some();
                    if stored || mirrored { FallbackKeyFate::Removed } else { FallbackKeyFate::NoneStored }
                }
            };
            Ok(LoggedOut { was_signed_in: locked.remove_auth()?, fallback_key })
        })
        .await?;
        self.session().replace(None);
        self.desk().sign_in_changed(now);
        Ok(out)
    }

    /// Stores a checked key for `account`, the one it was checked beside, and hands it to the payer.
    pub(crate) async fn store_key(
        &self,
        key: Secret,
        state: KeyState,
        account: Option<String>,
    ) -> Result<Reported, LoginError> {
        let (stores, now) = (self.session().stores().clone(), self.clock().unix());
        let written = key.clone();
        blocking(move || {
            let locked = stores.lock(now)?;
            let contents = locked.read()?;
            match contents.auth.as_ref() {
                None => Err(LoginError::SignedOutElsewhere),
                Some(auth) if account_of(auth) != account => Err(LoginError::AccountChanged),
                Some(_) => locked.put_key(contents, written).map(drop),
            }
        })
        .await?;
        Ok(self.desk().key_changed(Some(key), state, now))
    }

    /// Removes the key of the stored sign-in; `None` where there was none.
    pub(crate) async fn remove_key(&self) -> Result<Option<(Secret, Reported)>, LoginError> {
        let (stores, now) = (self.session().stores().clone(), self.clock().unix());
        let removed = blocking(move || {
            let locked = stores.lock(now)?;
            let contents = locked.read()?;
            locked.take_key(contents)
        })
        .await?;
        let reported = self.desk().key_changed(None, KeyState::None, now);
        Ok(removed.map(|key| (key, reported)))
    }

    /// The fallback key as it was last seen.
    pub(crate) fn stored_key(&self) -> Option<Secret> {
        self.desk().key().cloned()
    }

    /// What forbids even storing a key.
    pub(crate) fn administrators_block(&self) -> Option<Block> {
        self.desk().settings().administrators_block()
    }

    /// The stored ChatGPT session that a key may be stored beside: read anew, since another process may have
    /// signed in or out.
    pub(crate) fn stored_sign_in(&self) -> Result<Option<CodexAuth>, LoginError> {
        self.session().look_for_sign_in();
        let stores = self.session().stores();
        let contents = stores.read()?;
        contents.auth.map_or(Ok(None), |auth| CodexAuth::of(&auth, stores.auth_path()))
    }
}

/// A key without the white space around it; `None` where it is empty, several words or not printable ASCII.
pub(crate) fn one_word(key: &Secret) -> Option<Secret> {
    let trimmed = key.expose().trim();
    let printable = !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then(|| Secret::new(trimmed))
}
