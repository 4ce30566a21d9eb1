//! The sign-in as this process last saw it, and its refresh. Knows nothing of who pays.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_protocol::Clock;
use codex_redact::Secret;

use super::refresh::{Issuer, NewTokens, RefreshReason, Refusal, due};
use super::sign_in::CodexAuth;
use super::storage::{AuthDotJson, TokenData};
use super::stores::{Contents, Locked, Stores};
use crate::error::{LoginError, SessionEnd};

/// One sign-in as it was read.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) auth: AuthDotJson,
    pub(crate) who: CodexAuth,
}

/// The sign-in of this process.
#[derive(Debug)]
pub(crate) struct Session {
    stores: Stores,
    issuer: Issuer,
    clock: Clock,
    current: Mutex<Option<Arc<Snapshot>>>,
    /// One refresh at a time; the next one finds the work done.
    refreshing: tokio::sync::Mutex<()>,
    /// The refresh token that the issuer refused for good, so that nobody asks again.
    over: Mutex<Option<(Secret, SessionEnd)>>,
    warnings: Mutex<Vec<String>>,
}

impl Snapshot {
    /// `None` where nothing usable is stored.
    pub(crate) fn of(auth: AuthDotJson, path: &Path) -> Result<Option<Self>, LoginError> {
        Ok(CodexAuth::of(&auth, path)?.map(|who| Self { auth, who }))
    }

    pub(crate) fn account(&self) -> Option<&str> {
        self.who.chatgpt()?.account_id.as_deref()
    }

    fn has_tokens_of(&self, other: &Snapshot) -> bool {
        let pair = |tokens: &TokenData| (tokens.access_token.clone(), tokens.refresh_token.clone());
        self.auth.tokens.as_ref().map(pair) == other.auth.tokens.as_ref().map(pair)
    }
}

impl Session {
    pub(crate) fn new(stores: Stores, issuer: Issuer, clock: Clock, current: Option<Snapshot>) -> Self {
        Self {
            stores,
            issuer,
            clock,
            current: Mutex::new(current.map(Arc::new)),
            refreshing: tokio::sync::Mutex::new(()),
            over: Mutex::new(None),
            warnings: Mutex::new(Vec::new()),
        }
    }

    pub(crate) fn current(&self) -> Option<Arc<Snapshot>> {
        held(&self.current).clone()
    }

    pub(crate) fn replace(&self, snapshot: Option<Snapshot>) {
        *held(&self.current) = snapshot.map(Arc::new);
    }

    /// Where nobody was signed in so far, takes what another process signed in; a failure to read changes nothing.
    pub(crate) fn look_for_sign_in(&self) {
        if self.current().is_some() {
            return;
        }
        let Ok(Contents { auth: Some(auth), .. }) = self.stores.read() else { return };
        if let Ok(Some(found)) = Snapshot::of(auth, self.stores.auth_path()) {
            self.replace(Some(found));
        }
    }

    pub(crate) fn stores(&self) -> &Stores {
        &self.stores
    }

    pub(crate) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(crate) fn warn(&self, warning: String) {
        held(&self.warnings).push(warning);
    }

    pub(crate) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut held(&self.warnings))
    }

    /// Refreshes when the tokens expire soon or are old.
    pub(crate) async fn refresh_if_due(self: &Arc<Self>) -> Result<(), LoginError> {
        let Some(current) = self.current() else { return Ok(()) };
        match due(&current.auth, self.clock.unix()) {
            Some(reason) => self.refresh(current, reason).await,
            None => Ok(()),
        }
    }

    /// After a 401 to `used`: newer tokens are taken from memory or the store, else bought.
    pub(crate) async fn refresh_after_401(self: &Arc<Self>, used: &Secret) -> Result<(), LoginError> {
        let current = self.current().ok_or(LoginError::NotSignedIn)?;
        match &current.auth.tokens {
            None => Err(LoginError::ApiKeyRefused),
            Some(tokens) if tokens.access_token != *used => Ok(()),
            Some(_) => self.refresh(current, RefreshReason::UnauthorizedRecovery).await,
        }
    }

    /// The refresh goes on when its caller is dropped: the token is used up, its answer must not be lost.
    async fn refresh(self: &Arc<Self>, used: Arc<Snapshot>, reason: RefreshReason) -> Result<(), LoginError> {
        let session = Arc::clone(self);
        let task = tokio::spawn(async move { session.refresh_once(used, reason).await });
        task.await.map_err(|_| LoginError::TaskEnded)?
    }

    /// Lock, re-read, buy, re-read, write: the order that lets several processes share one sign-in.
    async fn refresh_once(&self, used: Arc<Snapshot>, reason: RefreshReason) -> Result<(), LoginError> {
        let _one_at_a_time = self.refreshing.lock().await;
        match self.current() {
            Some(current) if current.has_tokens_of(&used) => {}
            Some(_) | None => return Ok(()),
        }
        let (locked, stored) = self.lock_and_read(&used).await?;
        if !stored.has_tokens_of(&used) && due(&stored.auth, self.clock.unix()).is_none() {
            self.replace(Some(stored));
            return Ok(());
        }
        self.check_not_over(&stored)?;
        let Some(token) = stored.auth.tokens.as_ref().map(|tokens| tokens.refresh_token.clone()) else {
            return Err(LoginError::SignedOutElsewhere);
        };
        match self.issuer.redeem(&token, reason).await {
            Ok(new) => self.keep(locked, stored, new).await,
            Err(Refusal::Later(cause)) => Err(LoginError::RefreshFailed { cause }),
            Err(Refusal::Over(why)) => self.adopt_or_end(&stored, token, why),
        }
    }

    async fn lock_and_read(&self, used: &Arc<Snapshot>) -> Result<(Locked, Snapshot), LoginError> {
        let (stores, used, now) = (self.stores.clone(), Arc::clone(used), self.clock.unix());
        blocking(move || {
            let locked = stores.lock(now)?;
            let stored = same_account(locked.read()?, &used, stores.auth_path())?;
            Ok((locked, stored))
        })
        .await
    }

    /// Stores bought tokens in whatever the file holds now, if it is still this account's.
    async fn keep(&self, locked: Locked, used: Snapshot, new: NewTokens) -> Result<(), LoginError> {
        let path = self.stores.auth_path().to_path_buf();
        let now = self.clock.millis();
        let mut in_memory = used.auth.clone();
        new.clone().put_into(&mut in_memory, now);
        let written = {
            let path = path.clone();
            blocking(move || {
                let contents = locked.read()?;
                let mut stored = same_account(contents, &used, &path)?;
                new.put_into(&mut stored.auth, now);
                locked.write(stored.auth)
            })
            .await
        };
        match written {
            Ok(auth) => self.replace(Snapshot::of(auth, &path)?),
            Err(error @ (LoginError::AccountChanged | LoginError::SignedOutElsewhere)) => return Err(error),
            Err(error) => {
                // The old tokens are used up: without the new ones in memory this process could not go on.
                self.warn(format!("The refreshed ChatGPT session could not be saved: {error}"));
                self.replace(Snapshot::of(in_memory, &path)?);
            }
        }
        Ok(())
    }

    /// Another process without our lock may have bought tokens first: its are as good.
    fn adopt_or_end(&self, used: &Snapshot, token: Secret, why: SessionEnd) -> Result<(), LoginError> {
        let stored = same_account(self.stores.read()?, used, self.stores.auth_path())?;
        if !stored.has_tokens_of(used) {
            self.replace(Some(stored));
            return Ok(());
        }
        *held(&self.over) = Some((token, why));
        Err(LoginError::SessionOver { why })
    }

    fn check_not_over(&self, snapshot: &Snapshot) -> Result<(), LoginError> {
        let token = snapshot.auth.tokens.as_ref().map(|tokens| &tokens.refresh_token);
        match &*held(&self.over) {
            Some((refused, why)) if Some(refused) == token => Err(LoginError::SessionOver { why: *why }),
            Some(_) | None => Ok(()),
        }
    }
}

/// Runs blocking file work beside the runtime.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, LoginError> + Send + 'static,
) -> Result<T, LoginError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| LoginError::TaskEnded)?
}

/// A value behind a lock stays whole even if a holder panicked: every change is one assignment.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The stored sign-in, if it is still the account of `used`.
fn same_account(contents: Contents, used: &Snapshot, path: &Path) -> Result<Snapshot, LoginError> {
    let auth = contents.auth.ok_or(LoginError::SignedOutElsewhere)?;
    let stored = Snapshot::of(auth, path)?.ok_or(LoginError::SignedOutElsewhere)?;
    match (&stored.who, stored.account() == used.account()) {
        (CodexAuth::ChatGpt(_), true) => Ok(stored),
        (CodexAuth::ChatGpt(_), false) | (CodexAuth::ApiKey, _) => Err(LoginError::AccountChanged),
    }
}
