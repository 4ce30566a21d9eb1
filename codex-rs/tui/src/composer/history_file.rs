//! `history.jsonl`: what was sent, one line each, in the official program's form (wire-facts §7.4), so that both share it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_durable_fs::{Durability, Lock};
use codex_redact::key_shape;
use serde::{Deserialize, Serialize};

/// What is read of a large file: its newest part.
const MOST_READ: u64 = 8 << 20;
/// How long another writer is waited for: what the official program waits.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Where messages are kept, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFile {
    /// `$CODEX_HOME/history.jsonl`, absolute.
    pub path: PathBuf,
    /// Whether anything is kept.
    pub keeping: Keeping,
    /// Above this many bytes the oldest lines go; without it the file only grows.
    pub max_bytes: Option<u64>,
}

/// Whether messages are kept (`history.persistence`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// All of them (`save-all`).
    All,
    /// None (`none`): the file is neither written nor read.
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    session_id: String,
    ts: i64,
    text: String,
}

/// The messages of the newest 8 MiB, the oldest first. Lines that are no entries are left out.
///
/// # Errors
/// A sentence for people.
pub(crate) fn read(file: &HistoryFile) -> Result<Vec<String>, String> {
    if file.keeping == Keeping::Nothing {
        return Ok(Vec::new());
    }
    let bytes = tail(&file.path, MOST_READ)
        .map_err(|error| format!("Earlier messages in {} cannot be read: {error}.", file.path.display()))?;
    let messages =
        bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Entry>(line).ok());
    Ok(messages.map(|entry| entry.text).filter(|text| may_be_kept(text)).collect())
}

/// Appends a message. One that holds a key shape is not written, whoever asks: the last line of defence.
///
/// # Errors
/// A sentence for people.
pub(crate) fn append(file: &HistoryFile, session: &str, unix: i64, text: &str) -> Result<(), String> {
    if file.keeping == Keeping::Nothing || !may_be_kept(text) {
        return Ok(());
    }
    let failed = |why: String| format!("The message could not be kept in {}: {why}", file.path.display());
    let entry = Entry { session_id: session.to_owned(), ts: unix, text: text.to_owned() };
    let line = serde_json::to_vec(&entry).map_err(|error| failed(error.to_string()))?;
    // Not the file itself: a lock of ours names its holder inside. Appends need none beside the official program, since
    // each is a single write; only a message that it appends during a trim of ours may be lost.
    let _lock = Lock::acquire(&beside(&file.path), LOCK_WAIT).map_err(|error| failed(error.to_string()))?;
    codex_durable_fs::append_line(&file.path, &line, Durability::Buffered)
        .map_err(|error| failed(error.to_string()))?;
    match file.max_bytes {
        Some(most) => trim(&file.path, most).map_err(failed),
        None => Ok(()),
    }
}

/// Whether a message may be remembered, here or in the recall of this session.
pub(super) fn may_be_kept(text: &str) -> bool {
    !text.trim().is_empty() && !key_shape::contains_key_shape(text)
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}

/// Cut down to four fifths, so that not every message rewrites the file. The newest line always stays.
fn trim(path: &Path, most: u64) -> Result<(), String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length <= most {
        return Ok(());
    }
    let bytes = tail(path, length).map_err(|error| error.to_string())?;
    let wanted = usize::try_from(most / 5 * 4).unwrap_or(usize::MAX);
    let earliest = bytes.len().saturating_sub(wanted);
    let newest =
        bytes[..bytes.len().saturating_sub(1)].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let starts_line = |at: &usize| *at == 0 || bytes[*at - 1] == b'\n';
    let first = (earliest..newest).find(starts_line).unwrap_or(newest);
    codex_durable_fs::write_private(path, &bytes[first..]).map_err(|error| error.to_string())
}

/// The last `most` bytes, from the beginning of a line; nothing where there is no file.
fn tail(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    // Asked for first: opening a pipe would wait for ever.
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(io::Error::other("it is no regular file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let mut file = File::open(path)?;
    let start = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    if start > 0 {
        let partial = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..partial);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
