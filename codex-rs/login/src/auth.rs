//! The sign-in and the payer: stores, who is signed in, token refresh, and the one owner of who pays.

mod account;
mod change;
mod credential;
mod document;
mod manager;
mod mirror;
mod payer;
mod refresh;
mod session;
mod sign_in;
mod spending;
mod status;
mod storage;
mod stores;

pub use account::{FallbackKeyFate, KeyAtLogout, LoggedOut};
pub use change::PayerChange;
pub use credential::{Credential, CredentialKind};
pub use manager::{AuthManager, AuthOptions, FallbackState, Issued, Reported};
pub use sign_in::{ChatGptAuth, CodexAuth};
pub use status::{LoginStatus, SignIn, status};
pub use storage::{AuthDotJson, TokenData};

pub(crate) use account::one_word;
