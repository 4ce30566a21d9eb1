//! Owns the fake ciphertext: opaque strings bound to the organisation that minted them, checkable without state.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

/// What the backend finds when it opens a ciphertext sent back to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// Minted by the organisation that pays for this request.
    Own,
    /// Minted by another organisation (fallback-facts §3.1).
    Foreign,
    /// Not a ciphertext of this backend, or damaged.
    Garbage,
}

const HEAD: [u8; 9] = [0x80, 0, 0, 0, 0, 0x68, 0x2f, 0x10, 0x5c];
const LENGTH: usize = 97;

/// A ciphertext as `organisation` would mint it: `gAAAA…==`, the same for the same organisation and serial.
pub fn mint_ciphertext(organisation: &str, serial: u64) -> String {
    let mut bytes = Vec::with_capacity(LENGTH);
    bytes.extend_from_slice(&HEAD);
    bytes.extend_from_slice(&fingerprint(organisation.as_bytes()).to_be_bytes());
    bytes.extend_from_slice(&serial.to_be_bytes());
    let mut state = fingerprint(&bytes) | 1;
    while bytes.len() < LENGTH - 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_be_bytes());
    }
    bytes.truncate(LENGTH - 8);
    bytes.extend_from_slice(&fingerprint(&bytes).to_be_bytes());
    URL_SAFE.encode(bytes)
}

/// Opens a ciphertext on behalf of `organisation`.
pub fn open_ciphertext(organisation: &str, ciphertext: &str) -> Opened {
    let Ok(bytes) = URL_SAFE.decode(ciphertext) else { return Opened::Garbage };
    if bytes.len() != LENGTH || !bytes.starts_with(&HEAD) {
        return Opened::Garbage;
    }
    let (body, checksum) = bytes.split_at(LENGTH - 8);
    if checksum != fingerprint(body).to_be_bytes() {
        return Opened::Garbage;
    }
    if body[HEAD.len()..].starts_with(&fingerprint(organisation.as_bytes()).to_be_bytes()) {
        Opened::Own
    } else {
        Opened::Foreign
    }
}

/// FNV-1a, 64 bits: stable over runs and platforms, which `DefaultHasher` does not promise.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ciphertext_opens_only_for_its_organisation() {
        let text = mint_ciphertext("org-plan", 7);
        assert!(text.starts_with("gAAAA") && text.ends_with("=="), "{text}");
        assert_eq!(text, mint_ciphertext("org-plan", 7));
        assert_ne!(text, mint_ciphertext("org-plan", 8));
        assert_eq!(open_ciphertext("org-plan", &text), Opened::Own);
        assert_eq!(open_ciphertext("org-key", &text), Opened::Foreign);
        assert_eq!(open_ciphertext("org-plan", &text.replace("gAAAA", "gAAAB")), Opened::Garbage);
        assert_eq!(open_ciphertext("org-plan", "gAAAgarbage"), Opened::Garbage);
    }
}
