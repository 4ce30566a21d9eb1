//! A connection in two halves, for a front end that goes on reading while its calls wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server::Inbox;
use codex_app_server_protocol::{
    Call, ClientMessage, ClientRequest, ClientResponse, RequestId, RpcError, ServerMessage,
};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::{Incoming, ended, typed};

type Result<T> = std::result::Result<T, RpcError>;

/// The asking half. Its answers arrive while [`Events::next`] is polled. Dropping all clones ends nothing; dropping the
/// [`Events`] ends the connection.
#[derive(Debug, Clone)]
pub struct Requests {
    queue: mpsc::Sender<ClientMessage>,
    waiting: Arc<Waiting>,
}

/// The reading half. Dropping it closes the connection: running turns are interrupted.
#[derive(Debug)]
pub struct Events {
    pub(crate) messages: Inbox,
    pub(crate) unread: std::collections::VecDeque<Incoming>,
    waiting: Arc<Waiting>,
}

/// The calls that wait for their answers.
#[derive(Debug)]
struct Waiting {
    next_id: AtomicI64,
    calls: Mutex<HashMap<RequestId, oneshot::Sender<Result<ClientResponse>>>>,
}

pub(crate) fn halves(
    queue: mpsc::Sender<ClientMessage>,
    messages: Inbox,
    unread: std::collections::VecDeque<Incoming>,
    next_id: i64,
) -> (Requests, Events) {
    let waiting = Arc::new(Waiting { next_id: AtomicI64::new(next_id), calls: Mutex::default() });
    (Requests { queue, waiting: waiting.clone() }, Events { messages, unread, waiting })
}

impl Requests {
    /// Queues the request at once, so that requests keep the order of their calls; the future waits for the answer.
    ///
    /// # Errors
    /// When the server refuses, too many requests wait already, or the connection has ended.
    pub fn call<P: Call>(
        &self,
        params: P,
    ) -> impl Future<Output = Result<P::Response>> + Send + use<P> + 'static {
        let answer = self.queue(params.into_request());
        async move { typed::<P>(answer?.await.map_err(|_| ended())??) }
    }

    /// Answers a request of the server's.
    ///
    /// # Errors
    /// When too many messages wait already, or the connection has ended.
    pub fn answer(&self, id: RequestId, answer: &impl Serialize) -> Result<()> {
        let result = serde_json::to_value(answer).map_err(|_| RpcError::internal("the answer is no JSON"));
        self.send(ClientMessage::Answer { id, result })
    }

    /// Refuses a request of the server's.
    ///
    /// # Errors
    /// As [`Requests::answer`].
    pub fn refuse(&self, id: RequestId, why: RpcError) -> Result<()> {
        self.send(ClientMessage::Answer { id, result: Err(why) })
    }

    fn queue(&self, request: ClientRequest) -> Result<oneshot::Receiver<Result<ClientResponse>>> {
        let id = RequestId::Number(self.waiting.next_id.fetch_add(1, Ordering::Relaxed));
        let (sender, receiver) = oneshot::channel();
        self.waiting.calls().insert(id.clone(), sender);
        self.send(ClientMessage::Request { id: id.clone(), request }).inspect_err(|_| {
            self.waiting.calls().remove(&id);
        })?;
        Ok(receiver)
    }

    fn send(&self, message: ClientMessage) -> Result<()> {
        self.queue.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Closed(_) => ended(),
            mpsc::error::TrySendError::Full(_) => RpcError {
                code: RpcError::OVERLOADED,
                message: "The engine has too much to do; try again in a moment.".to_owned(),
                data: None,
            },
        })
    }
}

impl Events {
    /// The next notification or request of the server's; `None` when the connection has ended. May be dropped and
    /// called again without losing anything.
    pub async fn next(&mut self) -> Option<Incoming> {
        loop {
            if let Some(incoming) = self.unread.pop_front() {
                return Some(incoming);
            }
            match self.messages.recv().await? {
                ServerMessage::Notification(notification) => {
                    return Some(Incoming::Notification(notification));
                }
                ServerMessage::Request { id, request } => return Some(Incoming::Request { id, request }),
                ServerMessage::Answer { id, result } => {
                    if let Some(call) = self.waiting.calls().remove(&id) {
                        // Nobody waits any more for a call that was dropped.
                        let _ = call.send(result);
                    }
                }
            }
        }
    }

    /// Closes the connection and waits until everything it started has ended. What it still says is dropped. All clones
    /// of the other half must be gone, or must go meanwhile.
    pub async fn close(mut self) {
        while self.messages.recv().await.is_some() {}
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.waiting.calls().clear();
    }
}

impl Waiting {
    fn calls(&self) -> MutexGuard<'_, HashMap<RequestId, oneshot::Sender<Result<ClientResponse>>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
