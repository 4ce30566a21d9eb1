//! Owns the secret type and the redactor: what may never be printed, and how it is taken out of text that may.
//!
//! Stands alone: no other crate of the workspace is used here, so that it can be copied whole elsewhere.
//! Nothing here prints, logs or does IO.

pub mod key_shape;
mod scan;
mod secret;
pub mod stored;

pub use scan::REDACTED;
pub use scan::redact;
pub use secret::Secret;
