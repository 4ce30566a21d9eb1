//! One connected client as the rest of the server sees it: where its messages go and what it asked for.

use std::collections::HashSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, Ordering};

use codex_app_server_protocol::{
    FallbackCapability, RequestId, RpcError, ServerMessage, ServerNotification, ServerRequest,
};

use crate::outbox::{Behind, Outbox};
use crate::questions::Questions;

/// Counts connections of one server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnectionId(pub(crate) u64);

/// One connected client.
#[derive(Debug)]
pub(crate) struct Subscriber {
    pub(crate) id: ConnectionId,
    pub(crate) outbox: Outbox,
    /// What its threads have asked it.
    pub(crate) questions: Questions,
    handshake: OnceLock<Handshake>,
    next_request: AtomicI64,
}

/// What `initialize` said.
#[derive(Debug)]
pub(crate) struct Handshake {
    /// `clientInfo.name`.
    pub(crate) originator: String,
    /// Header `user-agent` of this client's model requests.
    pub(crate) user_agent: String,
    /// `capabilities.fallback`.
    pub(crate) fallback: Option<FallbackCapability>,
    /// Notification methods the client does not want.
    pub(crate) opted_out: HashSet<String>,
}

impl Subscriber {
    pub(crate) fn new(id: ConnectionId, outbox: Outbox) -> Self {
        Subscriber {
            id,
            outbox,
            questions: Questions::default(),
            handshake: OnceLock::new(),
            next_request: AtomicI64::new(0),
        }
    }

    /// What `initialize` said, or the refusal of everything that comes before it.
    pub(crate) fn handshake(&self) -> Result<&Handshake, RpcError> {
        self.handshake.get().ok_or_else(|| RpcError::invalid_request("Not initialized"))
    }

    /// Notes the handshake; the second one is refused.
    pub(crate) fn shake_hands(&self, handshake: Handshake) -> Result<(), RpcError> {
        self.handshake.set(handshake).map_err(|_| RpcError::invalid_request("Already initialized"))
    }

    /// Whether the client knows `account/fallback/updated`.
    pub(crate) fn knows_fallback(&self) -> bool {
        self.handshake.get().is_some_and(|handshake| handshake.fallback.is_some())
    }

    /// Whether the client can answer `account/fallback/requestApproval`.
    pub(crate) fn can_be_asked(&self) -> bool {
        self.handshake.get().and_then(|handshake| handshake.fallback).is_some_and(|fallback| fallback.ask)
    }

    /// Sends a notification that the client has not opted out of, waiting for room.
    pub(crate) async fn notify(&self, notification: ServerNotification) {
        if self.wants(&notification) {
            self.outbox.send(ServerMessage::Notification(notification)).await;
        }
    }

    /// The same without waiting; see [`Outbox::send_now`].
    pub(crate) fn notify_now(&self, notification: ServerNotification) {
        if self.wants(&notification) {
            // A client this far behind can read the state when it has caught up.
            let _ = self.outbox.send_now(ServerMessage::Notification(notification));
        }
    }

    /// The id of a request that will be sent to this client. Counts up from 0 (wire-facts §5.6).
    pub(crate) fn next_request_id(&self) -> RequestId {
        RequestId::Number(self.next_request.fetch_add(1, Ordering::Relaxed))
    }

    /// Sends a request without waiting; an error means that the client is gone or far behind.
    pub(crate) fn request_now(&self, id: RequestId, request: ServerRequest) -> Result<(), Behind> {
        self.outbox.send_now(ServerMessage::Request { id, request })
    }

    fn wants(&self, notification: &ServerNotification) -> bool {
        self.handshake.get().is_some_and(|handshake| {
            handshake.opted_out.is_empty() || !handshake.opted_out.contains(notification.method())
        })
    }
}
