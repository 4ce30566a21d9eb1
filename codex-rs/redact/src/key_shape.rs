//! Recognises OpenAI API keys in text: `sk-`, `sk-proj-`, `sk-svcacct-` and whatever follows `sk-` next.

use std::ops::Range;

use crate::scan;

/// Letters, digits, `_` and `-` that have to follow `sk-` at the least.
pub const SHORTEST_BODY: usize = 20;

/// The byte ranges of everything in `text` that looks like an OpenAI API key, in order.
///
/// The key has to start a word, so `task-…` and `disk-…` do not count.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match key_end(bytes, at) {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// Whether anything in `text` looks like an OpenAI API key.
pub fn contains_key_shape(text: &str) -> bool {
    let bytes = text.as_bytes();
    (0..bytes.len()).any(|at| key_end(bytes, at).is_some())
}

/// The end of the key that starts exactly at `at`. A miss costs at most `SHORTEST_BODY` steps.
pub(crate) fn key_end(bytes: &[u8], at: usize) -> Option<usize> {
    let body = bytes.get(at..)?.strip_prefix(b"sk-")?;
    if !scan::starts_word(bytes, at) {
        return None;
    }
    let length = scan::run_length(body, scan::is_base64url);
    (length >= SHORTEST_BODY).then_some(at + 3 + length)
}
