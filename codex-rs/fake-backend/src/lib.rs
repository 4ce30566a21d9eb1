//! The ChatGPT backend, the token issuer and the platform API on loopback, as strict as the real ones.
//!
//! ```
//! use codex_fake_backend::{Account, FakeBackend, Limit, LimitVariant, PlatformKey, Reply, Script};
//!
//! let backend = FakeBackend::builder()
//!     .account(Account::new("acct-1"))
//!     .key(PlatformKey::new("sk-test-0123456789"))
//!     .script(Script::conversation([Reply::text("Let me look.").exec_command("ls"), Reply::text("One file.")]))
//!     .limit(Limit::after_requests(1, LimitVariant::UsageLimitPremium))
//!     .start()?;
//! let auth_json = backend.auth_json("acct-1")?;
//! // … run a client against backend.chatgpt_base_url(), .platform_base_url(), .token_url() …
//! assert!(backend.verdict().is_clean());
//! # Ok::<(), codex_fake_backend::FakeBackendError>(())
//! ```
//!
//! Start one with [`FakeBackend::builder`]; it runs on a thread of its own until dropped. The plan lives under
//! `{url}/backend-api/`, the platform under `{url}/v1`, the issuer at `{url}/oauth/token`, all also over TLS.

mod account;
mod backend;
mod cipher;
mod connection;
pub mod demo;
mod doors;
mod emit;
mod findings;
mod record;
mod reply;
mod script;
mod server;
mod strict;
mod tokens;
mod variant;
mod verdict;
mod world;

pub use account::{Account, KeyState, PlatformKey};
pub use backend::{Builder, FakeBackend, FakeBackendError, Routing};
pub use cipher::{Opened, mint_ciphertext, open_ciphertext};
pub use connection::Exchange;
pub use record::{Finding, Payer, Recorded};
pub use reply::{At, Cut, Reply, Usage};
pub use script::{After, Door, Limit, Responder, Script};
pub use tokens::{RefreshRefusal, TokenSet, jwt};
pub use variant::{LimitVariant, Meaning, Shape, Side, Transport, plan_headers};
pub use verdict::{PaidRequest, Verdict};
