//! A server at an address: streamable HTTP by the SDK, over our one HTTP client.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use codex_config::ServerUrl;
use codex_redact::Secret;
use http::{HeaderName, HeaderValue};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::common::client_side_sse::ExponentialBackoff;
use rmcp::transport::streamable_http_client::{StreamableHttpClientTransportConfig, StreamableHttpError};
use rmcp::transport::worker::WorkerQuitReason;

use crate::Launcher;
use crate::environment::{OUR_SECRETS, is_ours, variable};
use crate::stdio::MESSAGE_LIMIT;

/// How often the stream of what a server says unasked is opened again before it is given up; calls do not need it.
const RECONNECTS: usize = 5;

/// What is told of an answer that has no sense or no end; the limit is [`MESSAGE_LIMIT`].
pub(crate) const BROKEN: &str = "its answer broke off, is broken, or is longer than 64 MiB";

pub(crate) type HttpTransport = StreamableHttpClientTransport<reqwest::Client>;

/// How a server at an address is reached.
pub(crate) struct Address<'a> {
    pub(crate) url: &'a ServerUrl,
    pub(crate) bearer_variable: Option<&'a str>,
    pub(crate) headers: &'a BTreeMap<String, Secret>,
    pub(crate) headers_from_variables: &'a BTreeMap<String, String>,
}

/// The transport. Nothing is sent yet. Redirects are not followed: what signs in here must not be sent elsewhere.
///
/// # Errors
/// A sentence, when a credential is missing or is one that this server has no right to.
pub(crate) fn open(address: &Address<'_>, launcher: &Launcher) -> Result<HttpTransport, String> {
    let url = address.url.whole().expose();
    if is_ours(launcher, url) {
        return Err(not_ours("its `url`"));
    }
    let client = launcher.http.client(url).map_err(|error| format!("no connection can be made: {error}"))?;
    let mut config = StreamableHttpClientTransportConfig::with_uri(url)
        .custom_headers(headers(address, launcher)?)
        .max_sse_event_size(MESSAGE_LIMIT)
        .max_json_response_size(MESSAGE_LIMIT);
    let mut reconnects = ExponentialBackoff::default();
    reconnects.max_times = Some(RECONNECTS);
    config.retry_config = Arc::new(reconnects);
    if let Some(name) = address.bearer_variable {
        config = config.auth_header(from_variable(launcher, name, "bearer_token_env_var")?);
    }
    Ok(StreamableHttpClientTransport::with_client(client, config))
}

fn headers(address: &Address<'_>, launcher: &Launcher) -> Result<HashMap<HeaderName, HeaderValue>, String> {
    let set = address.headers.iter().map(|(name, value)| (name, Ok(value.expose().to_owned())));
    let inherited = address
        .headers_from_variables
        .iter()
        .map(|(name, from)| (name, from_variable(launcher, from, "env_http_headers")));
    let mut headers = HashMap::new();
    for (name, value) in set.chain(inherited) {
        let value = value?;
        if is_ours(launcher, &value) {
            return Err(not_ours(&format!("the header `{name}`")));
        }
        let bad = || format!("the header `{name}` has a name or a value that HTTP does not know");
        let mut value = HeaderValue::from_str(&value).map_err(|_| bad())?;
        value.set_sensitive(true);
        headers.insert(HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad())?, value);
    }
    Ok(headers)
}

fn from_variable(launcher: &Launcher, name: &str, setting: &str) -> Result<String, String> {
    let value = variable(launcher, name).filter(|value| !value.is_empty());
    let value = value.ok_or_else(|| format!("the variable {name}, which `{setting}` names, is not set"))?;
    if OUR_SECRETS.contains(&name) || is_ours(launcher, value) {
        return Err(not_ours(&format!("the variable {name}")));
    }
    Ok(value.to_owned())
}

fn not_ours(what: &str) -> String {
    format!("{what} holds a credential that Codex pays or signs in with, and no MCP server gets that")
}

/// Why there was no answer, in words that hold no address and no content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It wants to know who we are.
    SignIn,
    /// Anything else.
    Other(String),
}

/// What an error of the transport means; `None` where it is not one of HTTP.
pub(crate) fn trouble(error: &(dyn std::error::Error + 'static)) -> Option<Trouble> {
    type Own = StreamableHttpError<reqwest::Error>;
    if let Some(error) = error.downcast_ref::<Own>() {
        return Some(words(error));
    }
    match error.downcast_ref::<WorkerQuitReason<Own>>()? {
        WorkerQuitReason::Fatal { error, .. } => Some(words(error)),
        _ => Some(Trouble::Other("the connection was closed".to_owned())),
    }
}

fn words(error: &StreamableHttpError<reqwest::Error>) -> Trouble {
    let other = |words: &str| Trouble::Other(words.to_owned());
    match error {
        StreamableHttpError::AuthRequired(_) | StreamableHttpError::InsufficientScope(_) => Trouble::SignIn,
        StreamableHttpError::HttpStatus(error) => status(error.status),
        StreamableHttpError::Client(error) => match error.status() {
            Some(code) => status(code.as_u16()),
            None if error.is_timeout() => other("it did not answer in time"),
            None if error.is_connect() => other("it cannot be reached"),
            None => other("the connection broke off"),
        },
        StreamableHttpError::ResponseBodyTooLarge { .. } | StreamableHttpError::Sse(_) => other(BROKEN),
        StreamableHttpError::UnexpectedServerResponse(text) => match status_of(text) {
            Some(code) => status(code),
            None => other("its answer is no MCP message"),
        },
        StreamableHttpError::ControlRequestTimeout | StreamableHttpError::SessionRecoveryTimeout => {
            other("it did not answer in time")
        }
        StreamableHttpError::SessionExpired => other("it has forgotten our session"),
        StreamableHttpError::ReservedHeaderConflict(name) => {
            Trouble::Other(format!("the header `{name}` cannot be set, as the protocol needs it"))
        }
        _ => other("its answer is no MCP message"),
    }
}

fn status(code: u16) -> Trouble {
    match code {
        401 | 403 => Trouble::SignIn,
        300..=399 => Trouble::Other(format!(
            "it sends us elsewhere (HTTP {code}), which is not followed; set the address it means"
        )),
        _ => Trouble::Other(format!("it answered with HTTP {code}")),
    }
}

/// The SDK has no other place for the status of such an answer than the beginning of its text.
fn status_of(text: &str) -> Option<u16> {
    text.strip_prefix("HTTP ")?.get(..3)?.parse().ok()
}
