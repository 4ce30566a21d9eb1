//! Owns the sockets: two listeners on loopback, plain and TLS, and one task per connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::backend::FakeBackendError;
use crate::connection::{ConnectionLog, TimedIo};
use crate::emit::Emission;
use crate::world::{BODY_CAP, Incoming, Outgoing, World};

/// The names the certificate is good for, so that clients mapped to loopback by a hosts file accept it as well.
const NAMES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "chatgpt.com",
    "*.chatgpt.com",
    "auth.openai.com",
    "api.openai.com",
    "*.openai.com",
];

/// What the threads of a backend share.
pub(crate) struct Shared {
    pub(crate) world: Mutex<World>,
    pub(crate) recorded: watch::Sender<usize>,
    connections: AtomicU64,
}

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self { world: Mutex::new(world), recorded: watch::Sender::new(0), connections: AtomicU64::new(0) }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A certificate authority of this backend alone and a server certificate signed by it.
pub(crate) struct Identity {
    pub(crate) ca_pem: String,
    pub(crate) acceptor: TlsAcceptor,
}

impl Identity {
    pub(crate) fn new() -> Result<Self, FakeBackendError> {
        let mut ca = CertificateParams::new(Vec::new())?;
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        ca.distinguished_name.push(rcgen::DnType::CommonName, "codex fake backend CA");
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
        let names: Vec<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();
        let server_key = KeyPair::generate()?;
        let server = CertificateParams::new(names)?.signed_by(&server_key, &ca)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![server.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { ca_pem: ca.pem(), acceptor: TlsAcceptor::from(Arc::new(config)) })
    }
}

/// Serves both listeners until told to stop; everything it spawned ends with it.
pub(crate) async fn run(
    shared: Arc<Shared>,
    plain: TcpListener,
    tls: TcpListener,
    acceptor: TlsAcceptor,
    stop: oneshot::Receiver<()>,
) {
    let mut tasks = JoinSet::new();
    let mut stop = stop;
    loop {
        let (accepted, over_tls) = tokio::select! {
            _ = &mut stop => return,
            accepted = plain.accept() => (accepted, false),
            accepted = tls.accept() => (accepted, true),
            Some(_) = tasks.join_next(), if !tasks.is_empty() => continue,
        };
        // An accept that fails (the peer left already) is nobody's request.
        let Ok((stream, _)) = accepted else { continue };
        let acceptor = over_tls.then(|| acceptor.clone());
        tasks.spawn(connection(Arc::clone(&shared), stream, acceptor));
    }
}

async fn connection(shared: Arc<Shared>, stream: TcpStream, acceptor: Option<TlsAcceptor>) {
    // Without it small events wait for the peer's acknowledgement; a socket that refuses still works.
    let _ = stream.set_nodelay(true);
    match acceptor {
        None => serve(shared, stream, false).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(shared, stream, true).await;
            }
        }
    }
}

async fn serve<T: AsyncRead + AsyncWrite + Unpin>(shared: Arc<Shared>, stream: T, tls: bool) {
    let number = shared.connections.fetch_add(1, Ordering::Relaxed);
    let log = Arc::new(ConnectionLog::default());
    let io = TokioIo::new(TimedIo::new(stream, Arc::clone(&log)));
    let service = service_fn(|request| exchange(Arc::clone(&shared), Arc::clone(&log), number, tls, request));
    // A connection that ends in an error ends because the peer left or the script broke it.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(io, service).await;
}

async fn exchange(
    shared: Arc<Shared>,
    log: Arc<ConnectionLog>,
    connection: u64,
    tls: bool,
    request: Request<HyperBody>,
) -> Result<Response<Emission>, Infallible> {
    let place = log.current();
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_CAP).collect().await.ok().map(http_body_util::Collected::to_bytes);
    let headers = parts.headers.iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let incoming = Incoming {
        connection,
        tls,
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), ToString::to_string),
        headers: headers.collect(),
        body,
        log: Arc::clone(&log),
        place,
    };
    let answered = shared.world().answer(incoming);
    shared.recorded.send_modify(|count| *count += 1);
    Ok(match answered.body {
        Outgoing::Body(emission) => response(answered.status, &answered.headers, emission),
        Outgoing::Raw(bytes) => {
            log.replace_answer(bytes);
            let close = [("connection".to_owned(), "close".to_owned())];
            response(200, &close, Emission::whole(Bytes::new(), crate::reply::Pace::default()))
        }
        Outgoing::Hang => std::future::pending().await,
    })
}

fn response(status: u16, headers: &[(String, String)], emission: Emission) -> Response<Emission> {
    let mut response = Response::new(emission);
    if let Ok(status) = hyper::StatusCode::from_u16(status) {
        *response.status_mut() = status;
    }
    for (name, value) in headers {
        let name = hyper::header::HeaderName::from_bytes(name.as_bytes());
        let value = hyper::header::HeaderValue::from_bytes(value.as_bytes());
        if let (Ok(name), Ok(value)) = (name, value) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// Binds a listener on loopback without blocking it for tokio.
pub(crate) fn bind(address: SocketAddr) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}
