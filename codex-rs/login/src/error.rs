//! What can go wrong with a sign-in, in one sentence each: what is wrong and what to do next, never a secret.

use std::path::PathBuf;

use codex_config::BaseUrlError;
use codex_durable_fs::FsError;
use codex_fallback::Block;

/// Why a credential could not be read, kept, refreshed or used.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// A credential file cannot be read, written, locked or removed.
    #[error(transparent)]
    File(#[from] FsError),
    /// A credential file is empty.
    #[error("{path} is empty; move it away, then sign in or add the key again", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A credential file is no JSON of the expected form.
    #[error("{path} cannot be read as a credential file: {problem} at line {line}, column {column}; mend it, or move it away, then sign in or add the key again", path = path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What kind of mistake it is.
        problem: &'static str,
        /// 1-based line of the mistake.
        line: usize,
        /// Column of the mistake.
        column: usize,
    },
    /// `auth_mode` is a word that this version does not know.
    #[error("{path} names a sign-in mode that this version does not know; use a newer version, or move the file away and sign in again", path = path.display())]
    UnknownMode {
        /// The file.
        path: PathBuf,
    },
    /// A sign-in of a kind that is not built.
    #[error("the sign-in in {path} uses {mode}, which is not supported yet; sign in with ChatGPT or with `codex login --with-api-key`", path = path.display())]
    UnsupportedMode {
        /// The file.
        path: PathBuf,
        /// The mode, in words.
        mode: &'static str,
    },
    /// `id_token` is not a token at all.
    #[error("the ChatGPT sign-in in {path} is damaged: its id_token cannot be read; move the file away and sign in again", path = path.display())]
    DamagedIdToken {
        /// The file.
        path: PathBuf,
    },
    /// `cli_auth_credentials_store` names a store that is not built.
    #[error(
        "the credential store `{mode}` is not built yet; set `cli_auth_credentials_store = \"file\"` in config.toml"
    )]
    StoreNotBuilt {
        /// The store's name in the setting.
        mode: &'static str,
    },
    /// Nobody is signed in.
    #[error("not signed in; run the official `codex login`, or `codex login --with-api-key`")]
    NotSignedIn,
    /// The sign-in vanished from the store while this process used it.
    #[error("signed out in another process; run the official `codex login` to sign in again")]
    SignedOutElsewhere,
    /// The store now holds another account than the one this process started with.
    #[error("another ChatGPT account was signed in meanwhile; start again to use it")]
    AccountChanged,
    /// The issuer will not refresh this session any more.
    #[error("the ChatGPT session cannot be refreshed: {why}; sign in again with the official `codex login`")]
    SessionOver {
        /// Why.
        why: SessionEnd,
    },
    /// The session could not be refreshed now; another try may work.
    #[error("the ChatGPT session could not be refreshed just now ({cause}); try again in a moment")]
    RefreshFailed {
        /// Why, in words of ours.
        cause: String,
    },
    /// The API key somebody signed in with was answered 401.
    #[error("the API key you signed in with was refused; sign in again with `codex login --with-api-key`")]
    ApiKeyRefused,
    /// `forced_login_method = "chatgpt"` with an API key signed in or to be signed in.
    #[error(
        "`forced_login_method = \"chatgpt\"` is set, so signing in with an API key is not allowed; run `codex logout`, then the official `codex login`"
    )]
    ChatGptSignInForced,
    /// `forced_login_method = "api"` with a ChatGPT session.
    #[error(
        "`forced_login_method = \"api\"` is set, so the ChatGPT sign-in cannot be used; run `codex logout`, then `codex login --with-api-key`"
    )]
    ApiKeySignInForced,
    /// The account is none of `forced_chatgpt_workspace_id`.
    #[error(
        "this ChatGPT account is not in the workspace that `forced_chatgpt_workspace_id` asks for; run `codex logout`, then sign in to that workspace"
    )]
    WrongWorkspace,
    /// An API key to sign in with is empty or not one word.
    #[error("the API key must be one word of printable characters; check what was pasted")]
    ApiKeyShape,
    /// The settings forbid the fallback key.
    #[error("{}", codex_fallback::WhyNot::Blocked(*.0))]
    KeyBlocked(Block),
    /// No fallback key is stored.
    #[error(
        "no fallback API key is stored; add one: /add-api-key in the terminal UI, or \
         `codex login --with-fallback-api-key`"
    )]
    NoFallbackKey,
    /// A variable that moves the issuer elsewhere cannot be used.
    #[error("`{variable}` must be {cause}")]
    BadUrl {
        /// The environment variable.
        variable: &'static str,
        /// What it must be.
        cause: BaseUrlError,
    },
    /// The routing answer points somewhere the session may not be sent.
    #[error(
        "the ChatGPT backend named a workspace server that is not a chatgpt.com host; the request was not sent, try again later"
    )]
    BadRoute,
    /// The file with extra certificates cannot be used.
    #[error("the certificate file {path} (CODEX_CA_CERTIFICATE or SSL_CERT_FILE) cannot be used: {problem}", path = path.display())]
    BadCertificates {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The HTTP client cannot be built.
    #[error("secure connections cannot be set up: {cause}")]
    Tls {
        /// Why.
        cause: String,
    },
    /// A helper thread of ours ended before its work.
    #[error("a background task ended early; try again")]
    TaskEnded,
}

/// Why the issuer will not refresh a session (wire-facts §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// `refresh_token_expired`.
    Expired,
    /// `refresh_token_reused`: another copy of this sign-in used the token first.
    Reused,
    /// `refresh_token_invalidated`: signed out or revoked.
    Revoked,
    /// 401 or `invalid_grant` with another code.
    Refused,
}

impl std::fmt::Display for SessionEnd {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            SessionEnd::Expired => "it has expired",
            SessionEnd::Reused => "another copy of this sign-in was refreshed before",
            SessionEnd::Revoked => "it was revoked",
            SessionEnd::Refused => "the sign-in service refused it",
        })
    }
}

impl LoginError {
    /// Whether another try may work without a new sign-in.
    pub fn is_transient(&self) -> bool {
        match self {
            LoginError::RefreshFailed { .. } | LoginError::TaskEnded | LoginError::File(_) => true,
            LoginError::Empty { .. }
            | LoginError::Malformed { .. }
            | LoginError::UnknownMode { .. }
            | LoginError::UnsupportedMode { .. }
            | LoginError::DamagedIdToken { .. }
            | LoginError::StoreNotBuilt { .. }
            | LoginError::NotSignedIn
            | LoginError::SignedOutElsewhere
            | LoginError::AccountChanged
            | LoginError::SessionOver { .. }
            | LoginError::ApiKeyRefused
            | LoginError::ChatGptSignInForced
            | LoginError::ApiKeySignInForced
            | LoginError::WrongWorkspace
            | LoginError::ApiKeyShape
            | LoginError::KeyBlocked(_)
            | LoginError::NoFallbackKey
            | LoginError::BadUrl { .. }
            | LoginError::BadRoute
            | LoginError::BadCertificates { .. }
            | LoginError::Tls { .. } => false,
        }
    }
}
