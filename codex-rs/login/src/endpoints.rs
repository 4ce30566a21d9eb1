//! Where requests go, and where a credential must never go (fallback-spec §2 "Where requests go", wire-facts §3.1).

use codex_config::{BaseUrl, Config};
use codex_fallback::Block;

use crate::error::LoginError;

const PLATFORM_BASE: &str = "https://api.openai.com/v1";
const TOKEN_URL: &str = "https://auth.openai.com/oauth/token";
const REVOKE_URL: &str = "https://auth.openai.com/oauth/revoke";
const TOKEN_VARIABLE: &str = "CODEX_REFRESH_TOKEN_URL_OVERRIDE";
const REVOKE_VARIABLE: &str = "CODEX_REVOKE_TOKEN_URL_OVERRIDE";

/// The variables that move the issuer elsewhere, as given (wire-facts §2.1).
#[derive(Debug, Clone, Default)]
pub struct IssuerOverrides {
    /// `CODEX_REFRESH_TOKEN_URL_OVERRIDE`: the whole token URL.
    pub token_url: Option<String>,
    /// `CODEX_REVOKE_TOKEN_URL_OVERRIDE`: the whole revoke URL; without it, the token URL's server.
    pub revoke_url: Option<String>,
}

/// Checked addresses. Base addresses have no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    chatgpt: BaseUrl,
    openai: Option<BaseUrl>,
    fallback: Option<BaseUrl>,
    token_url: String,
    revoke_url: String,
}

impl Endpoints {
    /// From the settings, whose addresses are checked already, and the variables, which are checked here:
    /// `https`, or `http` to this machine.
    pub fn new(config: &Config, overrides: &IssuerOverrides) -> Result<Self, LoginError> {
        let token = checked(TOKEN_VARIABLE, &overrides.token_url)?;
        let revoke = checked(REVOKE_VARIABLE, &overrides.revoke_url)?;
        let revoke_url = match (&revoke, &token) {
            (Some(revoke), _) => revoke.as_str().to_owned(),
            (None, Some(token)) => format!("{}/oauth/revoke", origin_of(token)),
            (None, None) => REVOKE_URL.to_owned(),
        };
        Ok(Self {
            chatgpt: config.chatgpt_base_url.clone(),
            openai: config.openai_base_url.clone(),
            fallback: config.fallback.base_url.clone(),
            token_url: token.map_or_else(|| TOKEN_URL.to_owned(), |token| token.as_str().to_owned()),
            revoke_url,
        })
    }

    /// The ChatGPT backend, for `/wham/…` and other account calls.
    pub fn chatgpt_base(&self) -> &str {
        trimmed(&self.chatgpt)
    }

    /// Whether the ChatGPT backend is on this machine.
    pub fn chatgpt_is_loopback(&self) -> bool {
        self.chatgpt.is_loopback()
    }

    /// Whether `openai_base_url` replaces the built-in addresses; then nothing is routed.
    pub fn openai_base_is_custom(&self) -> bool {
        self.openai.is_some()
    }

    /// Where the plan's model requests go when no routing answer says otherwise; append `/responses`.
    pub fn plan_base(&self) -> String {
        match &self.openai {
            Some(custom) => trimmed(custom).to_owned(),
            None => format!("{}/codex", self.chatgpt_base()),
        }
    }

    /// Where the plan's model requests go by the routing answer's `workspace_backend_origin`: used only if it
    /// is `https` and chatgpt.com or a subdomain, or loopback when the configured backend is.
    pub fn routed_plan_base(&self, origin: &str) -> Result<String, LoginError> {
        let url = BaseUrl::parse(origin).map_err(|_| LoginError::BadRoute)?;
        let origin = trimmed(&url);
        let host = url.host();
        let is_chatgpt = (host == "chatgpt.com" || host.ends_with(".chatgpt.com"))
            && origin.eq_ignore_ascii_case(&format!("https://{host}"));
        let is_local = self.chatgpt.is_loopback() && url.is_loopback() && origin == origin_of(&url);
        if is_chatgpt || is_local {
            Ok(format!("{origin}/backend-api/codex"))
        } else {
            Err(LoginError::BadRoute)
        }
    }

    /// Where model requests of somebody signed in with an API key go; append `/responses`.
    pub fn api_key_base(&self) -> &str {
        self.openai.as_ref().map_or(PLATFORM_BASE, trimmed)
    }

    /// Where the fallback key's requests go; append `/responses` or `/models`. With a custom `openai_base_url`
    /// the key has no host until the person names one for it.
    pub fn key_base(&self) -> Result<&str, Block> {
        match (&self.fallback, &self.openai) {
            (Some(named), _) => Ok(trimmed(named)),
            (None, None) => Ok(PLATFORM_BASE),
            (None, Some(_)) => Err(Block::CustomBaseUrl),
        }
    }

    /// The host of [`Endpoints::key_base`], to show.
    pub fn key_host(&self) -> &str {
        self.fallback.as_ref().map_or("api.openai.com", BaseUrl::host)
    }

    /// Whether the key's host is one the person named: then its keys need not start with `sk-`.
    pub fn key_base_is_custom(&self) -> bool {
        self.fallback.as_ref().is_some_and(|base| trimmed(base) != PLATFORM_BASE)
    }

    /// The issuer's token URL.
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// The issuer's revoke URL.
    pub fn revoke_url(&self) -> &str {
        &self.revoke_url
    }
}

fn checked(variable: &'static str, given: &Option<String>) -> Result<Option<BaseUrl>, LoginError> {
    let Some(given) = given.as_deref().map(str::trim).filter(|given| !given.is_empty()) else {
        return Ok(None);
    };
    BaseUrl::parse(given).map(Some).map_err(|cause| LoginError::BadUrl { variable, cause })
}

fn trimmed(url: &BaseUrl) -> &str {
    url.as_str().trim_end_matches('/')
}

/// Scheme, host and port.
fn origin_of(url: &BaseUrl) -> &str {
    let text = url.as_str();
    let authority = text.find("://").map_or(0, |at| at + 3);
    let end = text[authority..].find('/').map_or(text.len(), |at| authority + at);
    &text[..end]
}

#[cfg(test)]
mod tests;
