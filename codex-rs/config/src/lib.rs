//! The settings: `config.toml` in layers, their defaults, the table that describes them, lossless edits.
//!
//! Reads files and nothing else: no network, no environment, no home folder of its own (`Sources` names all).

mod base_url;
mod choices;
mod config;
mod edit;
mod error;
mod in_force;
mod layer;
mod load;
mod project;
pub mod settings;
mod value;

pub use base_url::{BaseUrl, BaseUrlError};
pub use choices::{
    ApprovalPolicy, CredentialsStore, HistoryPersistence, LoginMethod, ReasoningSummary, SandboxMode,
    TrustLevel, Verbosity,
};
pub use config::{Config, FallbackConfig, HistoryConfig, Price, TuiConfig};
pub use edit::{Expected, PersistedValue, names, quoted, set_persistent, write};
pub use error::{ConfigError, Origin, Warning};
pub use in_force::{InForce, Set, version_of};
pub use layer::apply_untrusted;
pub use load::{Sources, in_force, load};
pub use project::trust;

#[cfg(test)]
mod tests;
