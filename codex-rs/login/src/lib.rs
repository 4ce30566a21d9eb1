//! Owns who is signed in and who pays: credential stores, the sign-in, token refresh, the payer, the fallback key.
//!
//! Entry points: [`AuthManager`] for everything that sends requests, [`auth::status`] for `codex login status`
//! (reads two files, nothing else), [`fallback_key`] for adding, removing and checking the key, [`HttpClient`] for
//! the one HTTP client. Model requests are not sent here.

pub mod auth;
pub mod endpoints;
pub mod error;
pub mod fallback_key;
pub mod http;
mod jwt;
pub mod policy;
pub mod usage;

pub use auth::{
    AuthManager, AuthOptions, ChatGptAuth, CodexAuth, Credential, CredentialKind, FallbackKeyFate,
    FallbackState, Issued, KeyAtLogout, LoggedOut, LoginStatus, PayerChange, Reported, SignIn,
};
pub use endpoints::{Endpoints, IssuerOverrides};
pub use error::{LoginError, SessionEnd};
pub use fallback_key::{AddError, Added, Checked, Removed, Tested};
pub use http::{HttpClient, HttpOptions};
pub use policy::PolicySettings;
pub use usage::{PlanUsage, UsageError};
