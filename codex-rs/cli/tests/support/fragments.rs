//! Finds secrets, and pieces of them, where none may be: in bytes, on screens, in files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::BTreeSet;

/// A piece of a secret that is long enough to be no accident.
const LENGTH: usize = 8;

/// Every piece of some secrets, as they are and in base64.
pub(crate) struct Fragments {
    pieces: BTreeSet<Vec<u8>>,
}

impl Fragments {
    /// Of these secrets. How they begin, which is how all keys begin, counts for nothing.
    pub(crate) fn of(secrets: &[&str]) -> Self {
        let mut pieces = BTreeSet::new();
        for secret in secrets {
            let body = secret.trim_start_matches("sk-").trim_start_matches("proj-");
            pieces.extend(body.as_bytes().windows(LENGTH).map(<[u8]>::to_vec));
            for shift in 0..3 {
                let encoded = base64(&body.as_bytes()[shift..]);
                pieces.extend(encoded.windows(LENGTH * 2).map(<[u8]>::to_vec));
            }
        }
        Fragments { pieces }
    }

    /// The pieces that these bytes hold.
    pub(crate) fn in_bytes(&self, bytes: &[u8]) -> Vec<String> {
        let found = [LENGTH, LENGTH * 2].into_iter().flat_map(|length| bytes.windows(length));
        let found: BTreeSet<&[u8]> = found.filter(|window| self.pieces.contains(*window)).collect();
        found.into_iter().map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
    }

    /// The pieces that stand in this text, rows run together.
    pub(crate) fn in_text(&self, text: &str) -> Vec<String> {
        let bytes: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        self.in_bytes(&bytes)
    }
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let whole = bytes.chunks_exact(3);
    whole
        .flat_map(|chunk| {
            let bits = u32::from(chunk[0]) << 16 | u32::from(chunk[1]) << 8 | u32::from(chunk[2]);
            [18, 12, 6, 0].map(|shift| LETTERS[(bits >> shift & 63) as usize])
        })
        .collect()
}
