//! A connection in two halves, for a front end that goes on reading while its calls wait.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server::Inbox;
use codex_app_server_protocol::{
    Call, ClientMessage, ClientRequest, ClientResponse, RequestId, RpcError, ServerMessage,
};
use serde::Serialize;
use tokio::sync::{mpsc, oneshot};

use crate::{Incoming, ended, typed};

type Result<T> = std::result::Result<T, RpcError>;

/// The asking half. Its answers arrive while [`Events::next`] is polled; they, and not it, say when the connection has
/// ended. Cheap to clone. Dropping it ends nothing.
#[derive(Debug, Clone)]
pub struct Requests(Arc<Line>);

/// The reading half. Dropping it closes the connection: running turns are interrupted.
#[derive(Debug)]
pub struct Events {
    messages: Inbox,
    unread: VecDeque<Incoming>,
    line: Arc<Line>,
}

/// What both halves hold.
#[derive(Debug)]
struct Line(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Holds `codex_app_server::INGRESS_CAPACITY` messages; `None` when the connection has ended.
    queue: Option<mpsc::Sender<ClientMessage>>,
    next_id: i64,
    /// The calls that wait for their answers.
    calls: HashMap<RequestId, oneshot::Sender<Result<ClientResponse>>>,
}

pub(crate) fn halves(
    queue: mpsc::Sender<ClientMessage>,
    messages: Inbox,
    unread: VecDeque<Incoming>,
    next_id: i64,
) -> (Requests, Events) {
    let state = State { queue: Some(queue), next_id, calls: HashMap::new() };
    let line = Arc::new(Line(Mutex::new(state)));
    (Requests(line.clone()), Events { messages, unread, line })
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
        let mut state = self.0.state();
        let id = RequestId::Number(state.next_id);
        state.next_id += 1;
        state.send(ClientMessage::Request { id: id.clone(), request })?;
        let (sender, receiver) = oneshot::channel();
        state.calls.insert(id, sender);
        Ok(receiver)
    }

    fn send(&self, message: ClientMessage) -> Result<()> {
        self.0.state().send(message)
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
            match self.messages.recv().await {
                Some(ServerMessage::Notification(notification)) => {
                    return Some(Incoming::Notification(notification));
                }
                Some(ServerMessage::Request { id, request }) => {
                    return Some(Incoming::Request { id, request });
                }
                Some(ServerMessage::Answer { id, result }) => self.line.answered(&id, result),
                None => {
                    self.line.end();
                    return None;
                }
            }
        }
    }

    /// Closes the connection and waits until everything it started has ended. What it still says is dropped, but for
    /// the answers to calls.
    pub async fn close(mut self) {
        // The server sees that nobody asks any more, whoever still holds the other half.
        self.line.state().queue = None;
        while self.next().await.is_some() {}
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.line.end();
    }
}

impl Line {
    fn answered(&self, id: &RequestId, result: Result<ClientResponse>) {
        let call = self.state().calls.remove(id);
        if let Some(call) = call {
            // Nobody waits any more for a call that was dropped.
            let _ = call.send(result);
        }
    }

    /// Nothing can be asked any more, and what was asked is not answered any more.
    fn end(&self) {
        let mut state = self.state();
        state.queue = None;
        state.calls.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn send(&self, message: ClientMessage) -> Result<()> {
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        queue.try_send(message).map_err(|error| match error {
            mpsc::error::TrySendError::Closed(_) => ended(),
            mpsc::error::TrySendError::Full(_) => RpcError {
                code: RpcError::OVERLOADED,
                message: "The engine has too much to do; try again in a moment.".to_owned(),
                data: None,
            },
        })
    }
}
