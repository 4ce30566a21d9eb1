//! The credential store of one home: reads `auth.json` and the mirror together, rewrites both under one lock.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_config::CredentialsStore;
use codex_durable_fs::{
    Exposure, FsError, Lock, read_private, remove, sweep_stale, temporary_prefix, write_private,
};
use codex_redact::Secret;

use super::mirror::Mirror;
use super::sign_in::account_of;
use super::storage::AuthDotJson;
use crate::error::LoginError;

/// Credential files are a few kilobytes; anything near this is none.
const LARGEST: u64 = 1024 * 1024;
const LOCK_LIMIT: Duration = Duration::from_secs(10);
/// Temporary files of killed writers are removed when they are older.
const STALE_AFTER: Duration = Duration::from_secs(3600);

/// The files of one home.
#[derive(Debug, Clone)]
pub(crate) struct Stores {
    auth: PathBuf,
    mirror: PathBuf,
    lock: PathBuf,
}

/// What the files held when they were read.
#[derive(Debug)]
pub(crate) struct Contents {
    /// `None` where there is no `auth.json`.
    pub(crate) auth: Option<AuthDotJson>,
    /// A damaged mirror is no reason to refuse a sign-in; who needs it gets the error.
    mirror: Result<Mirror, LoginError>,
    auth_exposure: Exposure,
    mirror_exposure: Exposure,
}

/// The store while this process alone may rewrite it. It ends with the value; a killed holder leaves nothing.
#[derive(Debug)]
pub(crate) struct Locked {
    stores: Stores,
    /// `None` on file systems without locks: writes are still atomic, and a lost race is seen by re-reading.
    _lock: Option<Lock>,
}

impl Stores {
    pub(crate) fn open(home: &Path, mode: CredentialsStore) -> Result<Self, LoginError> {
        match mode {
            CredentialsStore::File => Ok(Self {
                auth: home.join("auth.json"),
                mirror: home.join("fallback-keys.json"),
                lock: home.join("auth.json.lock"),
            }),
            CredentialsStore::Keyring | CredentialsStore::Auto | CredentialsStore::Ephemeral => {
                Err(LoginError::StoreNotBuilt { mode: mode.as_str() })
            }
        }
    }

    pub(crate) fn auth_path(&self) -> &Path {
        &self.auth
    }

    /// Reads without the lock: every writer replaces whole files.
    pub(crate) fn read(&self) -> Result<Contents, LoginError> {
        let auth = read_private(&self.auth, LARGEST)?;
        let auth_exposure = auth.as_ref().map_or(Exposure::Private, |file| file.exposure);
        let auth = auth.map(|file| AuthDotJson::parse(&self.auth, file)).transpose()?;
        let (mirror, mirror_exposure) = match read_private(&self.mirror, LARGEST) {
            Ok(None) => (Ok(Mirror::default()), Exposure::Private),
            Ok(Some(file)) => {
                let exposure = file.exposure;
                (Mirror::parse(&self.mirror, file), exposure)
            }
            Err(error) => (Err(error.into()), Exposure::Private),
        };
        Ok(Contents { auth, mirror, auth_exposure, mirror_exposure })
    }

    /// Every credential that the files hold now, of whichever account. What cannot be read is not known.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        let auth = read_private(&self.auth, LARGEST).ok().flatten();
        let auth = auth.and_then(|file| AuthDotJson::parse(&self.auth, file).ok());
        let mirror = read_private(&self.mirror, LARGEST).ok().flatten();
        let mirror = mirror.and_then(|file| Mirror::parse(&self.mirror, file).ok());
        let signed_in = auth.iter().flat_map(AuthDotJson::secrets);
        signed_in.chain(mirror.iter().flat_map(Mirror::keys)).cloned().collect()
    }

    /// Waits up to ten seconds for other writers, blocking the thread; `now` is unix seconds.
    pub(crate) fn lock(&self, now: i64) -> Result<Locked, LoginError> {
        let lock = match Lock::acquire(&self.lock, LOCK_LIMIT) {
            Ok(lock) => Some(lock),
            Err(FsError::LocksUnsupported { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        for file in [&self.auth, &self.mirror] {
            if let Some(folder) = file.parent() {
                // Leftovers are untidy, not harmful: a failure to sweep stops nobody.
                let _ = sweep_stale(folder, &temporary_prefix(file), STALE_AFTER, now);
            }
        }
        Ok(Locked { stores: self.clone(), _lock: lock })
    }
}

impl Locked {
    pub(crate) fn read(&self) -> Result<Contents, LoginError> {
        self.stores.read()
    }

    /// Writes a sign-in, with its fallback key put back or followed first (see [`reconcile`]).
    ///
    /// Here, under the lock, the mirror is the one just read: a key removed meanwhile stays removed.
    pub(crate) fn write(&self, auth: AuthDotJson) -> Result<AuthDotJson, LoginError> {
        let (auth, changed_mirror) = match self.mirror_again() {
            Ok(mirror) => reconcile(auth, &mirror),
            // A damaged mirror must not cost the session its new tokens; it stays as it is.
            Err(_) => (auth, None),
        };
        if let Some(mirror) = changed_mirror {
            self.write_mirror(&mirror)?;
        }
        self.write_auth(&auth)?;
        Ok(auth)
    }

    /// Stores the key of this sign-in in the mirror and in the field.
    pub(crate) fn put_key(&self, contents: Contents, key: Secret) -> Result<AuthDotJson, LoginError> {
        let Some(mut auth) = contents.auth else { return Err(LoginError::NotSignedIn) };
        let before = contents.mirror?;
        if let Some(account) = account_of(&auth) {
            let mut mirror = before.clone();
            mirror.put(&account, key.clone());
            self.write_mirror(&mirror)?;
        }
        auth.fallback_openai_api_key = Some(key);
        if let Err(error) = self.write_auth(&auth) {
            // A key that could not be stored whole must not count through its mirror; the first error is told.
            let _ = self.write_mirror(&before);
            return Err(error);
        }
        Ok(auth)
    }

    /// Removes the key of this sign-in from field and mirror; gives what was there.
    pub(crate) fn take_key(&self, contents: Contents) -> Result<Option<Secret>, LoginError> {
        let mut mirror = contents.mirror?;
        let Some(mut auth) = contents.auth else { return Ok(None) };
        let in_mirror = account_of(&auth).and_then(|account| mirror.remove(&account));
        if in_mirror.is_some() {
            self.write_mirror(&mirror)?;
        }
        let in_field = auth.fallback_openai_api_key.take();
        if in_field.is_some() {
            self.write_auth(&auth)?;
        }
        Ok(in_field.or(in_mirror))
    }

    /// Removes the mirror's entry of this sign-in only; gives what was there.
    pub(crate) fn forget_mirrored(&self, contents: &Contents) -> Result<Option<Secret>, LoginError> {
        let Some(account) = contents.auth.as_ref().and_then(account_of) else { return Ok(None) };
        let mut mirror = self.mirror_again()?;
        let removed = mirror.remove(&account);
        if removed.is_some() {
            self.write_mirror(&mirror)?;
        }
        Ok(removed)
    }

    /// Puts the field's key into the mirror, for a sign-out that keeps it.
    pub(crate) fn keep_mirrored(&self, contents: &Contents) -> Result<Option<Secret>, LoginError> {
        let Some(key) = contents.fallback_key().cloned() else { return Ok(None) };
        let Some(account) = contents.auth.as_ref().and_then(account_of) else { return Ok(None) };
        let mut mirror = self.mirror_again()?;
        if mirror.key_of(&account) != Some(&key) {
            mirror.put(&account, key.clone());
            self.write_mirror(&mirror)?;
        }
        Ok(Some(key))
    }

    /// Removes `auth.json`; says whether it was there.
    pub(crate) fn remove_auth(&self) -> Result<bool, LoginError> {
        Ok(remove(&self.stores.auth)?)
    }

    fn mirror_again(&self) -> Result<Mirror, LoginError> {
        let file = read_private(&self.stores.mirror, LARGEST)?;
        file.map_or(Ok(Mirror::default()), |file| Mirror::parse(&self.stores.mirror, file))
    }

    fn write_auth(&self, auth: &AuthDotJson) -> Result<(), LoginError> {
        let path = &self.stores.auth;
        let bytes = auth.to_bytes().map_err(|cause| unwritable(path, cause))?;
        Ok(write_private(path, &bytes)?)
    }

    fn write_mirror(&self, mirror: &Mirror) -> Result<(), LoginError> {
        let path = &self.stores.mirror;
        if mirror.is_empty() {
            remove(path)?;
            return Ok(());
        }
        let bytes = mirror.to_bytes().map_err(|cause| unwritable(path, cause))?;
        Ok(write_private(path, &bytes)?)
    }
}

impl Contents {
    /// The key that counts for this sign-in: the field, else the mirror's entry (fallback-spec §1.4).
    pub(crate) fn fallback_key(&self) -> Option<&Secret> {
        let auth = self.auth.as_ref()?;
        auth.fallback_openai_api_key.as_ref().or_else(|| {
            let mirror = self.mirror.as_ref().ok()?;
            mirror.key_of(&account_of(auth)?)
        })
    }

    /// As [`Contents::fallback_key`], where not knowing must not look like "none": a damaged mirror is an error.
    pub(crate) fn into_fallback_key(self) -> Result<Option<Secret>, LoginError> {
        let Some(auth) = self.auth else { return Ok(None) };
        match (auth.fallback_openai_api_key.as_ref(), account_of(&auth)) {
            (Some(field), _) => Ok(Some(field.clone())),
            (None, Some(account)) => Ok(self.mirror?.key_of(&account).cloned()),
            (None, None) => Ok(None),
        }
    }

    /// What is wrong with the mirror, for those who have to change it or to warn.
    pub(crate) fn mirror_checked(self) -> Result<Self, LoginError> {
        match self.mirror {
            Ok(mirror) => Ok(Self { mirror: Ok(mirror), ..self }),
            Err(error) => Err(error),
        }
    }

    /// The sentence of a damaged mirror.
    pub(crate) fn mirror_warning(&self) -> Option<String> {
        self.mirror.as_ref().err().map(LoginError::to_string)
    }

    /// Files that others may read, by name, for a warning at the start.
    pub(crate) fn exposed(&self) -> impl Iterator<Item = &'static str> {
        let exposures = [("auth.json", self.auth_exposure), ("fallback-keys.json", self.mirror_exposure)];
        exposures.into_iter().filter(|(_, exposure)| *exposure != Exposure::Private).map(|(name, _)| name)
    }
}

/// Brings field and mirror together before a write: a vanished field is put back, a differing one wins.
/// The mirror is given back where it has to change.
fn reconcile(mut auth: AuthDotJson, mirror: &Mirror) -> (AuthDotJson, Option<Mirror>) {
    let Some(account) = account_of(&auth) else { return (auth, None) };
    match (&auth.fallback_openai_api_key, mirror.key_of(&account)) {
        (None, None) => (auth, None),
        (Some(field), Some(kept)) if field == kept => (auth, None),
        (Some(field), Some(_) | None) => {
            let mut mirror = mirror.clone();
            mirror.put(&account, field.clone());
            (auth, Some(mirror))
        }
        (None, Some(kept)) => {
            auth.fallback_openai_api_key = Some(kept.clone());
            (auth, None)
        }
    }
}

/// Our own types always serialize; a failure means that memory ran out or a type was changed badly.
fn unwritable(path: &Path, _: serde_json::Error) -> LoginError {
    LoginError::File(FsError::Io {
        action: codex_durable_fs::Action::Write,
        path: path.to_path_buf(),
        source: std::io::Error::other("it could not be put into JSON"),
    })
}

#[cfg(test)]
mod tests;
