//! The server: what all connections share, and how one is opened.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use codex_app_server_protocol::{ClientMessage, ConfigWarning};
use codex_config::Sources;
use codex_core::Engine;
use codex_login::AuthManager;
use codex_protocol::Clock;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::audience::Audience;
use crate::connection::ConnectionTask;
use crate::consent::ConsentDesk;
use crate::file_search::FileSearch;
use crate::outbox::{self, Inbox, Outbox};
use crate::subscriber::{ConnectionId, Subscriber};

/// Requests of one connection that may wait; over a pipe, more are answered with overload (wire-facts §5.3).
pub const INGRESS_CAPACITY: usize = 128;

/// What a server is made of.
pub struct ServerOptions {
    /// Where settings are read from, anew for each thread, so that what was written since counts. Who pays is decided by
    /// those of the program's start.
    pub settings: Sources,
    /// Runs the threads. Its model client asks `consent`.
    pub engine: Engine,
    /// The sign-in and the payer.
    pub auth: Arc<AuthManager>,
    /// Asks the person under `mode = "ask"`.
    pub consent: Arc<ConsentDesk>,
    /// The time, for `emittedAtMs`.
    pub clock: Clock,
    /// `CODEX_HOME`, absolute.
    pub codex_home: PathBuf,
    /// This program, for the user agent.
    pub program: Program,
    /// Told to every client after its handshake.
    pub config_warnings: Vec<ConfigWarning>,
}

/// This program as user agents name it (wire-facts §3.2).
#[derive(Debug, Clone)]
pub struct Program {
    /// Its version.
    pub version: String,
    /// `<OS> <version>; <architecture>`.
    pub system: String,
    /// The terminal, or `unknown`.
    pub terminal: String,
}

/// Answers the app-server protocol.
pub struct AppServer {
    pub(crate) options: ServerOptions,
    pub(crate) audience: Arc<Audience>,
    pub(crate) file_search: Arc<FileSearch>,
    /// Held by the one request that changes sign-in, key, mode or payer.
    pub(crate) fallback_changes: Arc<tokio::sync::Mutex<()>>,
    next_connection: AtomicU64,
    closing: watch::Sender<bool>,
    /// What has been told about the settings of threads' folders.
    told: Mutex<HashSet<String>>,
    connections: Mutex<JoinSet<()>>,
}

/// A client's end of a connection. Dropping `requests` or `messages` closes it.
#[derive(Debug)]
pub struct Connection {
    /// From the client. Senders wait while [`INGRESS_CAPACITY`] messages wait.
    pub requests: mpsc::Sender<ClientMessage>,
    /// To the client.
    pub messages: Inbox,
}

impl Connection {
    /// Says that nothing more is asked. The rest of the messages ends when everything the connection started has ended.
    pub fn close(self) -> Inbox {
        self.messages
    }
}

impl AppServer {
    /// A server without connections.
    pub fn new(options: ServerOptions) -> Arc<Self> {
        Arc::new(AppServer {
            audience: Arc::new(Audience::new(options.auth.clone())),
            file_search: Arc::default(),
            fallback_changes: Arc::default(),
            told: Mutex::new(options.config_warnings.iter().map(|warning| warning.summary.clone()).collect()),
            options,
            next_connection: AtomicU64::new(0),
            closing: watch::Sender::new(false),
            connections: Mutex::default(),
        })
    }

    /// Opens a connection in this process. Needs a tokio runtime.
    pub fn connect(self: &Arc<Self>) -> Connection {
        self.open().0
    }

    /// The same with the queue to the client, for a transport's refusals of what never becomes a request. While the
    /// queue is held, the client's messages do not end.
    pub(crate) fn open(self: &Arc<Self>) -> (Connection, Outbox) {
        let (outbox, messages) = outbox::outbox();
        let (requests, ingress) = mpsc::channel(INGRESS_CAPACITY);
        let id = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let subscriber = Arc::new(Subscriber::new(id, outbox.clone()));
        self.audience.join(subscriber.clone());
        let task = ConnectionTask::new(self.clone(), subscriber).run(ingress, self.closing.subscribe());
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        while connections.try_join_next().is_some() {}
        connections.spawn(task);
        (Connection { requests, messages }, outbox)
    }

    /// Closes every connection: running turns are interrupted, commands ended, tasks joined. Later connections end
    /// at once.
    pub async fn shutdown(&self) {
        self.closing.send_replace(true);
        let mut connections =
            std::mem::take(&mut *self.connections.lock().unwrap_or_else(PoisonError::into_inner));
        while connections.join_next().await.is_some() {}
        self.options.engine.shutdown().await;
    }

    /// What of this has not been told yet in this process. It is now.
    pub(crate) fn untold(&self, oddities: Vec<String>) -> Vec<String> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        oddities.into_iter().filter(|oddity| told.insert(oddity.clone())).collect()
    }

    pub(crate) fn consent(&self) -> &ConsentDesk {
        &self.options.consent
    }
}
