//! What is kept of a command's output: the beginning and the end, never more than a fixed number of bytes.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Bytes kept of the beginning, and as many of the end: 1 MiB together.
pub(crate) const KEPT_EACH_END: usize = 512 * 1024;

/// Bytes counted as one token, the usual estimate for text.
pub(crate) const BYTES_PER_TOKEN: usize = 4;

/// Output as far as it is kept.
#[derive(Debug, Default)]
pub(crate) struct KeptOutput {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    total: usize,
}

/// Turns pieces of bytes into text without breaking characters at the seams.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    unfinished: Vec<u8>,
}

impl KeptOutput {
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.total = self.total.saturating_add(piece.len());
        let to_head = piece.len().min(KEPT_EACH_END - self.head.len());
        let (head, tail) = piece.split_at(to_head);
        self.head.extend_from_slice(head);
        self.tail.extend(tail);
        let surplus = self.tail.len().saturating_sub(KEPT_EACH_END);
        self.tail.drain(..surplus);
    }

    /// All bytes there were.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// The output as text; where bytes are missing, a line says how many.
    pub(crate) fn text(&self) -> String {
        let (one, two) = self.tail.as_slices();
        let missing = self.total - self.head.len() - self.tail.len();
        let mut bytes = self.head.clone();
        if missing > 0 {
            let whole = whole_characters(&bytes);
            bytes.truncate(whole);
            bytes.extend_from_slice(format!("\n… {missing} bytes of output left out here …\n").as_bytes());
        }
        bytes.extend_from_slice(one);
        bytes.extend_from_slice(two);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Decoder {
    /// The text of everything so far that is certain; a character that is not complete yet waits.
    pub(crate) fn push(&mut self, piece: &[u8]) -> String {
        self.unfinished.extend_from_slice(piece);
        let rest = self.unfinished.split_off(whole_characters(&self.unfinished));
        let ready = std::mem::replace(&mut self.unfinished, rest);
        String::from_utf8_lossy(&ready).into_owned()
    }

    /// What waited.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.unfinished)).into_owned()
    }
}

/// At most about `tokens` tokens of `text`: its beginning and its end, and a line between that says what is missing.
pub(crate) fn shorten(text: &str, tokens: usize) -> Cow<'_, str> {
    let budget = tokens.saturating_mul(BYTES_PER_TOKEN);
    if text.len() <= budget {
        return Cow::Borrowed(text);
    }
    let head_end = text.floor_char_boundary(budget / 2);
    let tail_start = text.ceil_char_boundary(text.len() - budget / 2);
    let missing = (tail_start - head_end).div_ceil(BYTES_PER_TOKEN);
    let (head, tail) = (&text[..head_end], &text[tail_start..]);
    Cow::Owned(format!("{head}\n… about {missing} tokens of output left out here …\n{tail}"))
}

/// The length of `bytes` without a character at its end that has only begun.
fn whole_characters(bytes: &[u8]) -> usize {
    const LONGEST: usize = 4;
    for back in 1..=bytes.len().min(LONGEST - 1) {
        let start = bytes.len() - back;
        let wanted = match bytes[start] {
            0x00..=0x7F => return bytes.len(),
            0x80..=0xBF => continue,
            0xC0..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xFF => 4,
        };
        return if back < wanted { start } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests;
