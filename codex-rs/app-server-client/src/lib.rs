//! A client's connection to the app-server in this process: requests as values, answers in their own types.

mod notices;
mod split;

use std::collections::VecDeque;
use std::sync::Arc;

use codex_app_server::{AppServer, Connection};
use codex_app_server_protocol::{
    Call, ClientMessage, ClientResponse, InitializeParams, InitializeResponse, RequestId, RpcError,
    ServerMessage, ServerNotification, ServerRequest,
};
use serde::Serialize;

pub use notices::{Notices, Tell};
pub use split::{Events, Requests};

/// A connection. Dropping it closes it: running turns are interrupted.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    /// What came while an answer was waited for.
    unread: VecDeque<Incoming>,
    next_id: i64,
}

/// What the server says of itself.
#[expect(clippy::large_enum_variant, reason = "messages are moved a few times and never kept in bulk")]
#[derive(Debug)]
pub enum Incoming {
    /// Something happened.
    Notification(ServerNotification),
    /// The server asks; answer with [`Client::answer`] or [`Client::refuse`].
    Request {
        /// Goes back with the answer.
        id: RequestId,
        /// What it asks.
        request: ServerRequest,
    },
}

impl Client {
    /// Opens a connection. Needs a tokio runtime.
    pub fn connect(server: &Arc<AppServer>) -> Self {
        Client { connection: server.connect(), unread: VecDeque::new(), next_id: 0 }
    }

    /// The handshake: `initialize`, then `initialized`.
    ///
    /// # Errors
    /// As [`Client::call`].
    pub async fn initialize(&mut self, params: InitializeParams) -> Result<InitializeResponse, RpcError> {
        let response = self.call(params).await?;
        self.send(ClientMessage::Initialized).await?;
        Ok(response)
    }

    /// Asks, and waits for the answer. What else arrives meanwhile is kept for [`Client::next`]. If the future is
    /// dropped, the request still counts and its answer is ignored.
    ///
    /// # Errors
    /// When the server refuses, or the connection has ended.
    pub async fn call<P: Call>(&mut self, params: P) -> Result<P::Response, RpcError> {
        let id = RequestId::Number(self.next_id);
        self.next_id += 1;
        self.send(ClientMessage::Request { id: id.clone(), request: params.into_request() }).await?;
        loop {
            match self.connection.messages.recv().await.ok_or_else(ended)? {
                ServerMessage::Answer { id: answered, result } if answered == id => {
                    return typed::<P>(result?);
                }
                message => self.keep(message),
            }
        }
    }

    /// The next notification or request of the server's; `None` when the connection has ended. May be dropped and
    /// called again without losing anything.
    pub async fn next(&mut self) -> Option<Incoming> {
        loop {
            if let Some(incoming) = self.unread.pop_front() {
                return Some(incoming);
            }
            let message = self.connection.messages.recv().await?;
            self.keep(message);
        }
    }

    /// Answers a request of the server's.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn answer(&mut self, id: RequestId, answer: &impl Serialize) -> Result<(), RpcError> {
        let result = serde_json::to_value(answer).map_err(|_| RpcError::internal("the answer is no JSON"));
        self.send(ClientMessage::Answer { id, result }).await
    }

    /// Refuses a request of the server's.
    ///
    /// # Errors
    /// When the connection has ended.
    pub async fn refuse(&mut self, id: RequestId, why: RpcError) -> Result<(), RpcError> {
        self.send(ClientMessage::Answer { id, result: Err(why) }).await
    }

    /// Closes the connection and waits until everything it started has ended. What it still says is dropped.
    pub async fn close(self) {
        let Client { connection, .. } = self;
        let mut messages = connection.close();
        while messages.recv().await.is_some() {}
    }

    /// Takes the connection apart, for a front end that goes on reading while its calls wait.
    pub fn split(self) -> (Requests, Events) {
        let Connection { requests, messages } = self.connection;
        split::halves(requests, messages, self.unread, self.next_id)
    }

    /// Sends without ever waiting for a server that itself waits for us to read.
    async fn send(&mut self, message: ClientMessage) -> Result<(), RpcError> {
        loop {
            tokio::select! {
                permit = self.connection.requests.reserve() => {
                    permit.map_err(|_| ended())?.send(message);
                    return Ok(());
                }
                message = self.connection.messages.recv() => {
                    let message = message.ok_or_else(ended)?;
                    keep(&mut self.unread, message);
                }
            }
        }
    }

    fn keep(&mut self, message: ServerMessage) {
        keep(&mut self.unread, message);
    }
}

fn keep(unread: &mut VecDeque<Incoming>, message: ServerMessage) {
    match message {
        ServerMessage::Notification(notification) => unread.push_back(Incoming::Notification(notification)),
        ServerMessage::Request { id, request } => unread.push_back(Incoming::Request { id, request }),
        // To a call that was dropped.
        ServerMessage::Answer { .. } => {}
    }
}

fn typed<P: Call>(response: ClientResponse) -> Result<P::Response, RpcError> {
    P::response(response).ok_or_else(|| RpcError::internal("the server answered another method"))
}

fn ended() -> RpcError {
    RpcError::internal("The connection to the engine has ended.")
}
