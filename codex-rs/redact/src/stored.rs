//! Serializes a secret in the clear, for `#[serde(serialize_with = …)]` on exactly the stored fields.
//!
//! Only fields that are written to a credential store, and the request parameter that carries a key to be
//! added, may name these functions. `cargo xtask tidy` counts the uses.

use serde::Serialize;
use serde::Serializer;

use crate::Secret;

/// Writes the value of a stored field.
pub fn serialize<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// Writes the value of an optional stored field; absent is the format's null.
pub fn serialize_option<S: Serializer>(secret: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::expose).serialize(serializer)
}
