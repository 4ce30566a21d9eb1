//! `Secret`: text that is wiped from memory when dropped and cannot be printed or serialized by accident.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use zeroize::ZeroizeOnDrop;
use zeroize::Zeroizing;

use crate::REDACTED;

/// A key, token or other text that must not leak.
///
/// It has no `Display` and no `Serialize` on purpose: the value leaves through [`Secret::expose`] (every
/// use is counted by `cargo xtask tidy`) or through [`crate::stored`], on the stored fields only.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over as it is; trimming and checking are the caller's.
    pub fn new(value: impl Into<String>) -> Self {
        Self(Zeroizing::new(value.into()))
    }

    /// The value itself, for the one place that has to send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters, for people to recognise a key by; fewer for a short secret, of which
    /// never more than a quarter is shown.
    pub fn last4(&self) -> String {
        let length = self.0.chars().count();
        let shown = (length / 4).min(4);
        self.0.chars().skip(length - shown).collect()
    }

    /// Whether the text holds this very secret, whatever its shape.
    pub fn is_in(&self, text: &str) -> bool {
        !self.0.is_empty() && text.contains(self.0.as_str())
    }

    /// The text without this very secret: for words of a service that may echo what it was sent.
    pub fn cut_from(&self, text: String) -> String {
        if self.is_in(&text) { text.replace(self.0.as_str(), REDACTED) } else { text }
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl ZeroizeOnDrop for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(****)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Accepts text only. The error for anything else does not repeat the value, as serde's own would;
    /// for that reason the format has to be self-describing (JSON, TOML).
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SecretVisitor)
    }
}

struct SecretVisitor;

impl de::Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Secret, E> {
        Ok(Secret::new(value))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Secret, E> {
        Ok(Secret::new(value))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::invalid_type(de::Unexpected::Other("a boolean"), &self))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::invalid_type(de::Unexpected::Other("a number"), &self))
    }
}
