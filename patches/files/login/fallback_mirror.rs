//! `fallback-keys.json`: the fallback key of each ChatGPT account, beside `auth.json`.
//!
//! Other Codex programs that share the folder rewrite `auth.json` from a record without the key, so it vanishes there at
//! their next token refresh. This file is written only by programs that know it.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use codex_redact::Secret;
use serde_json::Value;

/// The key kept for an account.
pub(crate) fn read(home: &Path, account: &str) -> Option<Secret> {
    let keys = all(home)?;
    keys.get(account)?.as_str().map(Secret::new)
}

/// Keeps a key for an account, or forgets the one that is there.
pub(crate) fn write(home: &Path, account: &str, key: Option<&Secret>) -> std::io::Result<()> {
    let damaged = || std::io::Error::other("fallback-keys.json cannot be read; mend or remove it");
    let mut keys = match (all(home), file(home).exists()) {
        (Some(keys), _) => keys,
        (None, false) => BTreeMap::new(),
        (None, true) => return Err(damaged()),
    };
    let before = keys.get(account).and_then(Value::as_str).map(str::to_owned);
    if before.as_deref() == key.map(Secret::expose) {
        return Ok(());
    }
    match key {
        Some(key) => keys.insert(account.to_owned(), Value::from(key.expose())),
        None => keys.remove(account),
    };
    let text = serde_json::to_string_pretty(&keys)?;
    let beside = home.join(format!(".fallback-keys.{}.tmp", std::process::id()));
    let written = private(&beside).and_then(|mut new| {
        new.write_all(text.as_bytes())?;
        new.sync_all()
    });
    let placed = written.and_then(|()| std::fs::rename(&beside, file(home)));
    if placed.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    placed
}

/// Somebody signs out: the key of the account in `auth.json` goes as well.
pub(crate) fn forget_signed_in(home: &Path) {
    let stored = std::fs::read(home.join("auth.json")).unwrap_or_default();
    let stored: Value = serde_json::from_slice(&stored).unwrap_or_default();
    if let Some(account) = stored["tokens"]["account_id"].as_str()
        && let Err(error) = write(home, account, None)
    {
        tracing::warn!("the mirrored fallback key could not be removed: {error}");
    }
}

fn file(home: &Path) -> std::path::PathBuf {
    home.join("fallback-keys.json")
}

fn all(home: &Path) -> Option<BTreeMap<String, Value>> {
    serde_json::from_slice(&std::fs::read(file(home)).ok()?).ok()
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
