//! What is kept of a command's output: the beginning and the end, never more than a fixed number of bytes.

use std::collections::VecDeque;

/// Bytes kept of one command's output.
pub(crate) const KEPT: usize = 1024 * 1024;
/// Bytes kept of the beginning, and as many of the end.
const KEPT_EACH_END: usize = KEPT / 2;
/// Output that is longer than this is likely to become very long.
const LONG: usize = KEPT / 32;

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
        let (head, rest) = piece.split_at(to_head);
        if self.total > LONG {
            // All at once: growing step by step would leave a hole behind for each step.
            self.head.reserve_exact(KEPT_EACH_END - self.head.len());
        }
        self.head.extend_from_slice(head);
        let rest = &rest[rest.len().saturating_sub(KEPT_EACH_END)..];
        // Before it is added to: the ring then never grows beyond what it keeps.
        let surplus = (self.tail.len() + rest.len()).saturating_sub(KEPT_EACH_END);
        self.tail.drain(..surplus);
        if !rest.is_empty() {
            self.tail.reserve_exact(KEPT_EACH_END - self.tail.len());
        }
        self.tail.extend(rest);
    }

    /// All bytes there were.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// The output as text; where bytes are missing, a line says how many.
    pub(crate) fn text(&self) -> String {
        let (one, two) = self.tail.as_slices();
        let missing = self.total - self.head.len() - self.tail.len();
        let mut bytes = Vec::with_capacity(self.head.len() + self.tail.len() + 64);
        bytes.extend_from_slice(&self.head);
        if missing > 0 {
            let whole = whole_characters(&bytes);
            bytes.truncate(whole);
            bytes.extend_from_slice(format!("\n… {missing} bytes of output left out here …\n").as_bytes());
            bytes.extend_from_slice(from_whole_character(one));
        } else {
            bytes.extend_from_slice(one);
        }
        bytes.extend_from_slice(two);
        // Text that is valid is not copied.
        String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// At most about `tokens` tokens of what came after the first `from` bytes: its beginning and its end, and a line
    /// between that says what is missing.
    pub(crate) fn excerpt(&self, from: usize, tokens: usize) -> String {
        let budget = tokens.saturating_mul(BYTES_PER_TOKEN);
        let tail_starts = self.total - self.tail.len();
        let (one, two) = self.tail.as_slices();
        let read = from.saturating_sub(tail_starts);
        let head = &self.head[from.min(self.head.len())..];
        let one_left = &one[read.min(one.len())..];
        let two_left = &two[read.saturating_sub(one.len()).min(two.len())..];
        let total = self.total.saturating_sub(from);
        let gap = total - head.len() - one_left.len() - two_left.len();
        if gap == 0 && total <= budget {
            return String::from_utf8_lossy(&[head, one_left, two_left].concat()).into_owned();
        }
        let half = budget / 2;
        let mut start = match gap {
            0 => first([head, one_left, two_left], half),
            _ => first([head, &[], &[]], half),
        };
        start.truncate(whole_characters(&start));
        let end = match gap {
            0 => last([head, one_left, two_left], half),
            _ => last([&[], one_left, two_left], half),
        };
        let end = from_whole_character(&end);
        let missing = (total - start.len() - end.len()).div_ceil(BYTES_PER_TOKEN);
        let (start, end) = (String::from_utf8_lossy(&start), String::from_utf8_lossy(end));
        format!("{start}\n… about {missing} tokens of output left out here …\n{end}")
    }
}

impl Decoder {
    /// The text of everything so far that is certain; a character that is not complete yet waits.
    pub(crate) fn push(&mut self, piece: &[u8]) -> String {
        self.unfinished.extend_from_slice(piece);
        let rest = self.unfinished.split_off(whole_characters(&self.unfinished));
        let ready = std::mem::replace(&mut self.unfinished, rest);
        String::from_utf8(ready)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }

    /// What waited.
    pub(crate) fn finish(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.unfinished)).into_owned()
    }
}

/// The first bytes of the slices together.
fn first(slices: [&[u8]; 3], length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    for slice in slices {
        bytes.extend_from_slice(&slice[..slice.len().min(length - bytes.len())]);
    }
    bytes
}

/// The last bytes of the slices together.
fn last(slices: [&[u8]; 3], length: usize) -> Vec<u8> {
    let mut surplus = slices.iter().map(|slice| slice.len()).sum::<usize>().saturating_sub(length);
    let mut bytes = Vec::new();
    for slice in slices {
        let skipped = surplus.min(slice.len());
        surplus -= skipped;
        bytes.extend_from_slice(&slice[skipped..]);
    }
    bytes
}

/// `bytes` without the rest of a character that began before them.
fn from_whole_character(bytes: &[u8]) -> &[u8] {
    let rest = bytes.iter().take(3).take_while(|byte| matches!(byte, 0x80..=0xBF)).count();
    &bytes[rest..]
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
