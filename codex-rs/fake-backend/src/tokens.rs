//! Owns the token issuer: unsigned JWTs with the claims clients read, single-use refresh tokens, their refusals.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::account::Account;

/// How long a minted access token lives when a test does not say otherwise: far beyond any test.
const LIFETIME_SECONDS: i64 = 10 * 365 * 86_400;

/// Why the issuer refuses a refresh token; the error codes of wire-facts §2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshRefusal {
    /// `refresh_token_reused`: it was used before.
    Reused,
    /// `refresh_token_expired`.
    Expired,
    /// `refresh_token_invalidated`: revoked, or the family was.
    Invalidated,
    /// `invalid_grant`: never minted here.
    Unknown,
}

impl RefreshRefusal {
    /// HTTP status and body the issuer answers with.
    pub(crate) fn answer(self) -> (u16, Value) {
        let (status, code, message) = match self {
            Self::Reused => (
                401,
                "refresh_token_reused",
                "Your refresh token has already been used to generate a new access token. Please try signing in again.",
            ),
            Self::Expired => {
                (401, "refresh_token_expired", "Your refresh token has expired. Please try signing in again.")
            }
            Self::Invalidated => (
                401,
                "refresh_token_invalidated",
                "Your refresh token has been invalidated. Please try signing in again.",
            ),
            Self::Unknown => (400, "invalid_grant", "The refresh token is not known."),
        };
        (
            status,
            json!({"error": {"message": message, "type": "invalid_request_error", "param": null, "code": code}}),
        )
    }
}

/// The three tokens of one sign-in or refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSet {
    /// JWT with `email` and the account claims.
    pub id_token: String,
    /// JWT with `exp` and the account claims; the bearer of model requests.
    pub access_token: String,
    /// Single-use.
    pub refresh_token: String,
}

/// Everything the issuer ever minted.
#[derive(Debug, Default)]
pub(crate) struct TokenBook {
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    current: HashMap<String, TokenSet>,
    serials: HashMap<String, u64>,
}

#[derive(Debug)]
struct Access {
    account: String,
    expires_at: i64,
    live: bool,
}

#[derive(Debug)]
struct Refresh {
    account: String,
    state: RefreshState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RefreshState {
    Fresh,
    Used,
    Refused(RefreshRefusal),
}

impl TokenBook {
    /// Mints the next set of an account and makes it the current one.
    pub(crate) fn sign_in(&mut self, account: &Account, now: i64) -> TokenSet {
        self.mint(account, now, now + LIFETIME_SECONDS)
    }

    /// As `sign_in`, with an access token that expires `seconds` after `now`.
    pub(crate) fn sign_in_for(&mut self, account: &Account, now: i64, seconds: i64) -> TokenSet {
        self.mint(account, now, now + seconds)
    }

    pub(crate) fn current(&self, account: &str) -> Option<&TokenSet> {
        self.current.get(account)
    }

    /// The account whose live access token this is.
    pub(crate) fn bearer(&self, token: &str, now: i64) -> Result<&str, &'static str> {
        match self.access.get(token) {
            None => Err("unknown access token"),
            Some(access) if !access.live => Err("invalidated access token"),
            Some(access) if access.expires_at <= now => Err("expired access token"),
            Some(access) => Ok(&access.account),
        }
    }

    /// The account this access token was ever minted for, live or not.
    pub(crate) fn account_of(&self, token: &str) -> Option<&str> {
        self.access.get(token).map(|access| access.account.as_str())
    }

    /// Uses a refresh token up and names its account.
    pub(crate) fn redeem(&mut self, refresh_token: &str) -> Result<String, RefreshRefusal> {
        let Some(refresh) = self.refresh.get_mut(refresh_token) else { return Err(RefreshRefusal::Unknown) };
        match refresh.state {
            RefreshState::Fresh => {
                refresh.state = RefreshState::Used;
                Ok(refresh.account.clone())
            }
            RefreshState::Used => Err(RefreshRefusal::Reused),
            RefreshState::Refused(refusal) => Err(refusal),
        }
    }

    /// Makes every access token of the account useless, as a sign-out elsewhere does.
    pub(crate) fn kill_access(&mut self, account: &str) {
        for access in self.access.values_mut().filter(|access| access.account == account) {
            access.live = false;
        }
    }

    /// Makes every unused refresh token of the account be refused for this reason.
    pub(crate) fn refuse_refresh(&mut self, account: &str, refusal: RefreshRefusal) {
        for refresh in self.refresh.values_mut().filter(|refresh| refresh.account == account) {
            if refresh.state == RefreshState::Fresh {
                refresh.state = RefreshState::Refused(refusal);
            }
        }
    }

    /// Revokes one token, of whichever kind.
    pub(crate) fn revoke(&mut self, token: &str) {
        if let Some(refresh) = self.refresh.get_mut(token) {
            refresh.state = RefreshState::Refused(RefreshRefusal::Invalidated);
        }
        if let Some(access) = self.access.get_mut(token) {
            access.live = false;
        }
    }

    /// Every secret string the issuer handed out, with the account it belongs to.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = (&str, &str)> {
        let access = self.access.iter().map(|(token, access)| (token.as_str(), access.account.as_str()));
        access.chain(self.refresh.iter().map(|(token, refresh)| (token.as_str(), refresh.account.as_str())))
    }

    fn mint(&mut self, account: &Account, now: i64, expires_at: i64) -> TokenSet {
        let serial = self.serials.entry(account.id.clone()).or_default();
        *serial += 1;
        let set = TokenSet {
            id_token: jwt(&claims(account, now, expires_at, "id", *serial)),
            access_token: jwt(&claims(account, now, expires_at, "at", *serial)),
            refresh_token: format!("rt-{}-{serial}", account.id),
        };
        self.access
            .insert(set.access_token.clone(), Access { account: account.id.clone(), expires_at, live: true });
        self.refresh.insert(
            set.refresh_token.clone(),
            Refresh { account: account.id.clone(), state: RefreshState::Fresh },
        );
        self.current.insert(account.id.clone(), set.clone());
        set
    }
}

/// An unsigned JWT over these claims; every client accepts it locally (wire-facts §2.6).
pub fn jwt(claims: &Value) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    let body = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{head}.{body}.{}", URL_SAFE_NO_PAD.encode("not-signed"))
}

fn claims(account: &Account, now: i64, expires_at: i64, kind: &str, serial: u64) -> Value {
    json!({
        "aud": ["https://api.openai.com/v1"],
        "iss": "https://auth.openai.com",
        "jti": format!("{kind}-{}-{serial}", account.id),
        "iat": now,
        "exp": expires_at,
        "email": account.email,
        "https://api.openai.com/profile": {"email": account.email, "email_verified": true},
        "https://api.openai.com/auth": {
            "chatgpt_account_id": account.id,
            "chatgpt_user_id": account.user_id,
            "user_id": account.user_id,
            "chatgpt_plan_type": account.plan,
        },
    })
}
