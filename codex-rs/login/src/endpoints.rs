//! Where requests go, and where a credential must never go (fallback-spec §2 "Where requests go", wire-facts §3.1).

use codex_fallback::Block;
use reqwest::Url;

use crate::error::LoginError;

const CHATGPT_BASE: &str = "https://chatgpt.com/backend-api";
const PLATFORM_BASE: &str = "https://api.openai.com/v1";
const TOKEN_URL: &str = "https://auth.openai.com/oauth/token";

/// The settings and variables that move requests elsewhere, as given; absent ones take the defaults.
#[derive(Debug, Clone, Default)]
pub struct EndpointSettings {
    /// `chatgpt_base_url`.
    pub chatgpt_base_url: Option<String>,
    /// `openai_base_url`.
    pub openai_base_url: Option<String>,
    /// `[fallback] base_url`.
    pub fallback_base_url: Option<String>,
    /// `CODEX_REFRESH_TOKEN_URL_OVERRIDE`: the whole token URL.
    pub token_url: Option<String>,
    /// `CODEX_REVOKE_TOKEN_URL_OVERRIDE`: the whole revoke URL.
    pub revoke_url: Option<String>,
}

/// Checked addresses, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    chatgpt_base: String,
    chatgpt_is_loopback: bool,
    openai_base: Option<String>,
    fallback_base: Option<String>,
    token_url: String,
    revoke_url: String,
}

impl Endpoints {
    /// Checks every address: `https`, or `http` to loopback; no credentials, query or fragment in it.
    pub fn new(settings: &EndpointSettings) -> Result<Self, LoginError> {
        let check = |setting, given: &Option<String>| match given.as_deref().map(str::trim) {
            None | Some("") => Ok(None),
            Some(given) => base(setting, given).map(Some),
        };
        let chatgpt = check("chatgpt_base_url", &settings.chatgpt_base_url)?;
        let token = check("CODEX_REFRESH_TOKEN_URL_OVERRIDE", &settings.token_url)?;
        let revoke = check("CODEX_REVOKE_TOKEN_URL_OVERRIDE", &settings.revoke_url)?;
        let beside = |token: &Url| {
            let mut revoke = token.clone();
            revoke.set_path("/oauth/revoke");
            revoke
        };
        let revoke = revoke.or_else(|| token.as_ref().map(beside));
        let text = |url: Option<Url>, default: &str| url.map_or_else(|| default.to_owned(), without_slash);
        Ok(Self {
            chatgpt_is_loopback: chatgpt.as_ref().is_some_and(is_loopback),
            chatgpt_base: text(chatgpt, CHATGPT_BASE),
            openai_base: check("openai_base_url", &settings.openai_base_url)?.map(without_slash),
            fallback_base: check("fallback.base_url", &settings.fallback_base_url)?.map(without_slash),
            token_url: text(token, TOKEN_URL),
            revoke_url: text(revoke, "https://auth.openai.com/oauth/revoke"),
        })
    }

    /// The ChatGPT backend, for `/wham/…` and other account calls.
    pub fn chatgpt_base(&self) -> &str {
        &self.chatgpt_base
    }

    /// Whether the ChatGPT backend is on this machine.
    pub fn chatgpt_is_loopback(&self) -> bool {
        self.chatgpt_is_loopback
    }

    /// Whether `openai_base_url` replaces the built-in addresses; then nothing is routed.
    pub fn openai_base_is_custom(&self) -> bool {
        self.openai_base.is_some()
    }

    /// Where the plan's model requests go when no routing answer says otherwise; append `/responses`.
    pub fn plan_base(&self) -> String {
        self.openai_base.clone().unwrap_or_else(|| format!("{}/codex", self.chatgpt_base))
    }

    /// Where the plan's model requests go by the routing answer's `workspace_backend_origin`: used only if it
    /// is `https` and chatgpt.com or a subdomain, or loopback when the configured backend is.
    pub fn routed_plan_base(&self, origin: &str) -> Result<String, LoginError> {
        let url = Url::parse(origin).map_err(|_| LoginError::BadRoute)?;
        let bare = url.username().is_empty()
            && url.password().is_none()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        let host = url.host_str().unwrap_or_default();
        let ours = url.scheme() == "https"
            && url.port().is_none()
            && (host == "chatgpt.com" || host.ends_with(".chatgpt.com"));
        let local = self.chatgpt_is_loopback && matches!(url.scheme(), "http" | "https") && is_loopback(&url);
        if bare && (ours || local) {
            Ok(format!("{}/backend-api/codex", without_slash(url)))
        } else {
            Err(LoginError::BadRoute)
        }
    }

    /// Where model requests of somebody signed in with an API key go; append `/responses`.
    pub fn api_key_base(&self) -> &str {
        self.openai_base.as_deref().unwrap_or(PLATFORM_BASE)
    }

    /// Where the fallback key's requests go; append `/responses` or `/models`. With a custom `openai_base_url`
    /// the key has no host until the person names one for it.
    pub fn key_base(&self) -> Result<&str, Block> {
        match (&self.fallback_base, &self.openai_base) {
            (Some(base), _) => Ok(base),
            (None, None) => Ok(PLATFORM_BASE),
            (None, Some(_)) => Err(Block::CustomBaseUrl),
        }
    }

    /// Whether the key's host is one the person named: then its keys need not start with `sk-`.
    pub fn key_base_is_custom(&self) -> bool {
        self.fallback_base.as_deref().is_some_and(|base| base != PLATFORM_BASE)
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

fn base(setting: &'static str, given: &str) -> Result<Url, LoginError> {
    let bad = |problem| LoginError::BadUrl { setting, problem };
    let url = Url::parse(given).map_err(|_| bad("is not a URL; write it like https://host/path"))?;
    if url.host_str().is_none() {
        return Err(bad("names no host; write it like https://host/path"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must not contain a user name or password; remove them"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad("must not contain a query or fragment; remove it"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err(bad("uses plain http to another machine, which would show credentials on the way; use https"))
        }
        _ => Err(bad("must start with https://")),
    }
}

fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn without_slash(url: Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests;
