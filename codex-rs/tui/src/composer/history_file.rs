//! `history.jsonl`: the messages of this and other Codex programs (wire-facts §7.4). Never a text with a key.

use std::path::PathBuf;
use std::time::Duration;

use codex_durable_fs::{Durability, FsError, Lock};
use codex_redact::key_shape;
use serde::{Deserialize, Serialize};

/// The largest file that is read.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Messages that are kept for recall.
const MOST_MESSAGES: usize = 2_000;
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Where and whether messages are kept.
#[derive(Debug, Clone)]
pub struct HistoryFile {
    /// `history.jsonl`, absolute.
    pub path: PathBuf,
    /// `history.persistence`.
    pub persistence: Persistence,
}

/// Whether messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Persistence {
    /// All are.
    SaveAll,
    /// None is.
    None,
}

#[derive(Serialize)]
struct NewLine<'a> {
    session_id: &'a str,
    ts: i64,
    text: &'a str,
}

#[derive(Deserialize)]
struct OldLine {
    text: String,
}

impl HistoryFile {
    /// The newest messages, oldest first. Lines that cannot be read are left out.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn load(&self) -> Result<Vec<String>, FsError> {
        let Some(file) = codex_durable_fs::read_private(&self.path, MOST_BYTES)? else {
            return Ok(Vec::new());
        };
        let lines = file.bytes.rsplit(|byte| *byte == b'\n');
        let texts =
            lines.filter_map(|line| serde_json::from_slice::<OldLine>(line).ok()).map(|line| line.text);
        // Another program may have written a key; it is not brought to this screen.
        let mut newest: Vec<String> =
            texts.filter(|text| !key_shape::contains_key_shape(text)).take(MOST_MESSAGES).collect();
        newest.reverse();
        Ok(newest)
    }

    /// Appends a message.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn append(&self, session_id: &str, unix: i64, text: &str) -> Result<(), FsError> {
        // The last line of defence: whoever calls has looked already.
        if self.persistence == Persistence::None || key_shape::contains_key_shape(text) {
            return Ok(());
        }
        let Ok(line) = serde_json::to_vec(&NewLine { session_id, ts: unix, text }) else { return Ok(()) };
        let _lock = Lock::acquire(&self.path.with_extension("jsonl.lock"), LOCK_WAIT)?;
        codex_durable_fs::append_line(&self.path, &line, Durability::Buffered)
    }
}
