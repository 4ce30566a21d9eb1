//! The redactor: one pass over text, linear in its length, that takes out keys, bearer tokens and JWTs.

use std::borrow::Cow;

use crate::key_shape;

/// What stands in a redacted text where a secret was.
pub const REDACTED: &str = "[redacted]";

/// `text` without its secrets: OpenAI key shapes, the token after `Bearer`, and JWTs (three or more
/// base64url parts, the first starting with `eyJ`) each become [`REDACTED`].
///
/// Redacting twice changes nothing more.
pub fn redact(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut scanner = Scanner { bytes, no_jwt_before: 0 };
    let mut clean = String::new();
    let mut copied = 0;
    let mut at = 0;
    while at < bytes.len() {
        match scanner.secret_at(at) {
            Some((start, end)) => {
                clean.push_str(&text[copied..start]);
                clean.push_str(REDACTED);
                copied = end;
                at = end;
            }
            None => at += 1,
        }
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[copied..]);
    Cow::Owned(clean)
}

struct Scanner<'a> {
    bytes: &'a [u8],
    /// A run without the dots of a JWT is looked through once, not again from each `eyJ` inside it:
    /// this keeps the whole scan linear.
    no_jwt_before: usize,
}

impl Scanner<'_> {
    /// The byte range to cut out if a secret, or the word `Bearer` before one, starts at `at`.
    /// Both ends lie beside ASCII, so they are character boundaries.
    fn secret_at(&mut self, at: usize) -> Option<(usize, usize)> {
        match self.bytes[at] {
            b's' => key_shape::key_end(self.bytes, at).map(|end| (at, end)),
            b'e' => self.jwt_end(at).map(|end| (at, end)),
            b'b' | b'B' => self.bearer_token(at),
            _ => None,
        }
    }

    fn jwt_end(&mut self, at: usize) -> Option<usize> {
        if at < self.no_jwt_before || !self.bytes[at..].starts_with(b"eyJ") || !starts_word(self.bytes, at) {
            return None;
        }
        let first = run_length(&self.bytes[at..], is_base64url);
        let end = at + first;
        self.no_jwt_before = end;
        let second = self.part_after_dot(end)?;
        let end = end + 1 + second;
        if first < 8 || second < 4 {
            return None;
        }
        // The third part is empty in an unsigned token; an encrypted one has five parts.
        let mut end = end + 1 + self.part_after_dot(end)?;
        while let Some(next) = self.part_after_dot(end).filter(|length| *length > 0) {
            end += 1 + next;
        }
        Some(end)
    }

    /// The length of the base64url part behind the dot at `at`; none without the dot.
    fn part_after_dot(&self, at: usize) -> Option<usize> {
        let part = self.bytes.get(at..)?.strip_prefix(b".")?;
        Some(run_length(part, is_base64url))
    }

    fn bearer_token(&self, at: usize) -> Option<(usize, usize)> {
        const WORD: usize = "bearer".len();
        if !self.bytes.get(at..at + WORD)?.eq_ignore_ascii_case(b"bearer") {
            return None;
        }
        let rest = &self.bytes[at + WORD..];
        let space = run_length(rest, |byte| byte.is_ascii_whitespace());
        let token = &rest[space..];
        let token = &token[..run_length(token, is_bearer_character)];
        let start = at + WORD + space;
        (space > 0 && looks_random(token)).then_some((start, start + token.len()))
    }
}

/// Tells a token from the words of a sentence such as "bearer authentication".
fn looks_random(token: &[u8]) -> bool {
    token.len() >= 24 || token.len() >= 8 && !token.iter().all(|byte| byte.is_ascii_lowercase())
}

fn is_bearer_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

pub(crate) fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

pub(crate) fn run_length(bytes: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|byte| !belongs(*byte)).unwrap_or(bytes.len())
}

/// Whether a secret may start at `at`: at the start of the text, behind anything but a letter or digit, or
/// behind an escape whose last character is one (`\n`, `\u0022`, `%3D`, `ESC[31m`), as logs have them.
pub(crate) fn starts_word(bytes: &[u8], at: usize) -> bool {
    let before = &bytes[..at];
    match before.last() {
        None => true,
        Some(last) if !last.is_ascii_alphanumeric() => true,
        Some(last) => {
            let hex_behind = |lead: &[u8], digits: usize| {
                before.len().checked_sub(digits).is_some_and(|start| {
                    before[..start].ends_with(lead) && before[start..].iter().all(u8::is_ascii_hexdigit)
                })
            };
            let simple_escape = b"nrtbf0".contains(last) && before[..at - 1].ends_with(b"\\");
            simple_escape
                || hex_behind(b"%", 2)
                || hex_behind(b"\\x", 2)
                || hex_behind(b"\\u", 4)
                || ends_with_colour(before)
        }
    }
}

/// Whether `before` ends with a terminal colour sequence; the longest usual one is `ESC[38;2;255;255;255m`.
fn ends_with_colour(before: &[u8]) -> bool {
    let Some(parameters) = before.strip_suffix(b"m") else { return false };
    let window = &parameters[parameters.len().saturating_sub(24)..];
    match window.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b';') {
        Some(bracket) => window[..=bracket].ends_with(b"\x1b["),
        None => false,
    }
}
