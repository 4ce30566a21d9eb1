//! The one HTTP client: TLS by rustls with ring, extra certificates, connect time-out, no redirects, HTTP/1.1.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

use crate::error::LoginError;

/// How long a connection may take to come about, TLS included.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);

/// What the program's edge hands down.
#[derive(Debug, Clone, Default)]
pub struct HttpOptions {
    /// PEM file of certificates to trust beside the platform's (`CODEX_CA_CERTIFICATE`, else `SSL_CERT_FILE`).
    pub extra_certificates: Option<PathBuf>,
}

/// A handle to the client; clones share its connections.
///
/// Plain HTTP (loopback only, see [`crate::Endpoints`]) and HTTPS are built apart and at first use, so that
/// commands which never leave the machine do not load root certificates.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

struct Inner {
    options: HttpOptions,
    plain: OnceLock<Client>,
    secure: OnceLock<Client>,
}

impl HttpClient {
    /// Builds nothing yet.
    pub fn new(options: HttpOptions) -> Self {
        Self(Arc::new(Inner { options, plain: OnceLock::new(), secure: OnceLock::new() }))
    }

    /// A request to this address; redirects are never followed, nothing is sent twice.
    pub fn request(&self, method: Method, url: &str) -> Result<RequestBuilder, LoginError> {
        Ok(self.client_for(url)?.request(method, url))
    }

    /// The client for this address itself, for a library that makes its requests with it.
    pub fn client(&self, url: &str) -> Result<Client, LoginError> {
        self.client_for(url).cloned()
    }

    fn client_for(&self, url: &str) -> Result<&Client, LoginError> {
        if is_plain(url) {
            return shared(&self.0.plain, || build(without_roots()?, Proxy::Never));
        }
        shared(&self.0.secure, || {
            build(with_roots(self.0.options.extra_certificates.as_deref())?, Proxy::FromSystem)
        })
    }
}

/// The whole body, up to `limit` bytes; `None` where it is longer.
pub(crate) async fn body_up_to(
    limit: usize,
    mut response: reqwest::Response,
) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Why a request to `service` brought no answer, in words that hold no address and no content.
pub(crate) fn failure_words(service: &str, error: &reqwest::Error) -> String {
    if error.is_timeout() {
        format!("{service} did not answer in time")
    } else if error.is_connect() {
        format!("{service} cannot be reached")
    } else {
        format!("the connection to {service} broke off")
    }
}

impl std::fmt::Debug for HttpClient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("HttpClient").field(&self.0.options).finish()
    }
}

enum Proxy {
    /// Plain HTTP goes to loopback only, where a proxy cannot reach.
    Never,
    FromSystem,
}

fn is_plain(url: &str) -> bool {
    url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"))
}

/// Two threads may build at once; the first to finish wins, and only a success is kept.
fn shared(
    slot: &OnceLock<Client>,
    make: impl FnOnce() -> Result<Client, LoginError>,
) -> Result<&Client, LoginError> {
    match slot.get() {
        Some(client) => Ok(client),
        None => {
            let client = make()?;
            Ok(slot.get_or_init(|| client))
        }
    }
}

fn build(tls: rustls::ClientConfig, proxy: Proxy) -> Result<Client, LoginError> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls)
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_LIMIT)
        .tcp_nodelay(true);
    let builder = match proxy {
        Proxy::Never => builder.no_proxy(),
        Proxy::FromSystem => builder,
    };
    builder.build().map_err(tls_error)
}

fn without_roots() -> Result<rustls::ClientConfig, LoginError> {
    Ok(configured()?.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn with_roots(extra: Option<&Path>) -> Result<rustls::ClientConfig, LoginError> {
    let extra = extra.map(certificates).transpose()?.unwrap_or_default();
    let verifier = Verifier::new_with_extra_roots(extra, provider()).map_err(tls_error)?;
    Ok(configured()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}

fn configured() -> Result<rustls::ConfigBuilder<rustls::ClientConfig, rustls::WantsVerifier>, LoginError> {
    rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(tls_error)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, LoginError> {
    let bad = |problem: String| LoginError::BadCertificates { path: path.to_path_buf(), problem };
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let found = read.map_err(|error| match error {
        rustls::pki_types::pem::Error::Io(cause) => bad(cause.to_string()),
        _ => bad("it is not PEM".to_owned()),
    })?;
    if found.is_empty() { Err(bad("it holds no certificate".to_owned())) } else { Ok(found) }
}

fn tls_error(cause: impl std::fmt::Display) -> LoginError {
    LoginError::Tls { cause: cause.to_string() }
}

#[cfg(test)]
mod tests;
