//! Addresses that credentials are sent to: checked once, here, before anything else sees them.

use std::net::{Ipv4Addr, Ipv6Addr};

/// An `http` or `https` address without credentials, query or fragment; plain `http` only on this machine.
///
/// Only plain characters are accepted, so that no two URL parsers can disagree about the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl {
    text: String,
    host: String,
}

/// Why an address is refused. The address itself is not repeated: it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Another scheme, or none.
    #[error("an address that starts with https:// (or http:// for this machine)")]
    Scheme,
    /// User name or password in front of the host.
    #[error("an address without user name and password")]
    Credentials,
    /// `?` or `#`.
    #[error("an address without query and fragment (no `?`, no `#`)")]
    Query,
    /// No host, or characters and ports that no host has.
    #[error("an address with a plain host name, an optional port and a path of plain characters")]
    Malformed,
    /// `http://` to another machine.
    #[error(
        "an https:// address: plain http is accepted only for this machine (localhost, 127.0.0.1, [::1])"
    )]
    PlainHttp,
}

impl BaseUrl {
    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(BaseUrlError::Scheme)?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return Err(BaseUrlError::Scheme);
        }
        if rest.contains('@') {
            return Err(BaseUrlError::Credentials);
        }
        if rest.contains(['?', '#']) {
            return Err(BaseUrlError::Query);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = host_of(authority).ok_or(BaseUrlError::Malformed)?.to_ascii_lowercase();
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%:+=,".contains(&byte)) {
            return Err(BaseUrlError::Malformed);
        }
        if !is_https && !is_loopback_host(&host) {
            return Err(BaseUrlError::PlainHttp);
        }
        Ok(Self { text: text.to_owned(), host })
    }

    /// The address as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address of `path` (without a slash in front) below this one.
    pub fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.text.trim_end_matches('/'))
    }

    /// The host in lower case, an IPv6 address with its brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it leads to this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(&self.host)
    }

    pub(crate) fn chatgpt() -> Self {
        Self { text: "https://chatgpt.com/backend-api/".to_owned(), host: "chatgpt.com".to_owned() }
    }
}

fn host_of(authority: &str) -> Option<&str> {
    let host = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, _) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            &authority[..address.len() + 2]
        }
        None => authority.split_once(':').map_or(authority, |(host, _)| host),
    };
    let port = &authority[host.len()..];
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let port_is_good = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    let name_is_good = host.starts_with('[')
        || !host.is_empty()
            && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
            && host.split('.').all(|label| !label.is_empty())
            && (!ends_in_a_number(host) || host.parse::<Ipv4Addr>().is_ok());
    (port_is_good && name_is_good).then_some(host)
}

/// Some parsers read `127.1` or `0x7f.1` as an address; only the full form is accepted.
fn ends_in_a_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X")
}

fn is_loopback_host(host: &str) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost"
        || host.parse().is_ok_and(|address: Ipv4Addr| address.is_loopback())
        || bracketed.and_then(|host| host.parse().ok()).is_some_and(|address: Ipv6Addr| address.is_loopback())
}
