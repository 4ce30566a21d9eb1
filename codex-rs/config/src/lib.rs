//! The settings: `config.toml` in layers, their defaults, the table that describes them, lossless edits.
//!
//! Reads files and nothing else: no network, no environment, no home folder of its own (`Sources` names all).

mod approval;
mod base_url;
mod choices;
mod config;
mod edit;
mod error;
mod in_force;
mod layer;
mod load;
mod mcp_servers;
mod project;
pub mod settings;
mod value;

pub use approval::{ApprovalPolicy, Asked, Granular};
pub use base_url::{BaseUrl, BaseUrlError};
pub use choices::{
    CredentialsStore, HistoryPersistence, Inherit, LoginMethod, NotificationCondition, NotificationKind,
    NotificationMethod, ReasoningSummary, SandboxMode, TrustLevel, Verbosity, WebSearch,
};
pub use config::{
    Config, FallbackConfig, HistoryConfig, Notifications, Price, ShellEnvironmentPolicy, ToolsConfig,
    TuiConfig, WorkspaceWrite,
};
pub use edit::{
    Expected, PersistedValue, is_named_table, is_written, names, quoted, set_persistent, takes_table, write,
};
pub use error::{ConfigError, Origin, UnknownKey, Warning};
pub use in_force::{InForce, Set, version_of};
pub use layer::apply_untrusted;
pub use load::{Sources, Strictness, UserFile, in_force, load};
pub use mcp_servers::{McpServer, McpServerProblem, McpTransport, ServerUrl};
pub use project::trust;

#[cfg(test)]
mod tests;
