//! The settings: `config.toml` in layers, their defaults, the table that describes them, lossless edits.
//!
//! Reads files and nothing else: no network, no environment, no home folder of its own (`Sources` names all).

mod base_url;
mod choices;
mod config;
mod edit;
mod error;
mod layer;
mod load;
mod project;
pub mod settings;
mod value;

pub use base_url::{BaseUrl, BaseUrlError};
pub use choices::{
    ApprovalPolicy, CredentialsStore, LoginMethod, ReasoningSummary, SandboxMode, TrustLevel, Verbosity,
};
pub use config::{Config, FallbackConfig, Price};
pub use edit::{PersistedValue, set_persistent};
pub use error::{ConfigError, Origin, Warning};
pub use layer::apply_untrusted;
pub use load::{Sources, load};

#[cfg(test)]
mod tests;
