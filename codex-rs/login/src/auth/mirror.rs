//! `fallback-keys.json`: the fallback key of each ChatGPT account, which only we write (fallback-spec §1.4).

use std::collections::BTreeMap;
use std::path::Path;

use codex_durable_fs::PrivateFile;
use codex_redact::{Secret, stored};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::storage::parse_json;
use crate::error::LoginError;

/// Account id → key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Mirror(BTreeMap<String, Kept>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Kept(#[serde(serialize_with = "stored::serialize")] Secret);

impl Mirror {
    pub(crate) fn parse(path: &Path, file: PrivateFile) -> Result<Self, LoginError> {
        parse_json(path, file)
    }

    pub(crate) fn key_of(&self, account: &str) -> Option<&Secret> {
        self.0.get(account).map(|kept| &kept.0)
    }

    /// The keys of all accounts.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &Secret> {
        self.0.values().map(|kept| &kept.0)
    }

    pub(crate) fn put(&mut self, account: &str, key: Secret) {
        self.0.insert(account.to_owned(), Kept(key));
    }

    /// The key that was there.
    pub(crate) fn remove(&mut self, account: &str) -> Option<Secret> {
        self.0.remove(account).map(|kept| kept.0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
        serde_json::to_vec_pretty(self).map(Zeroizing::new)
    }
}
