//! The questions of threads that wait for their client's answer (wire-facts §5.6). Each belongs to the future that waits
//! for it: who is dropped withdraws its question.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server_protocol::{
    RequestId, RpcError, ServerMessage, ServerNotification, ServerRequest, ServerRequestResolved, ThreadId,
};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::subscriber::Subscriber;

/// The open questions of one client.
#[derive(Debug, Default)]
pub(crate) struct Questions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    open: HashMap<RequestId, oneshot::Sender<Option<Value>>>,
    /// The client has left: it is asked nothing more.
    closed: bool,
}

impl Questions {
    /// Takes an answer, if it is one to a question here; else gives it back.
    pub(crate) fn answered(
        &self,
        id: &RequestId,
        result: Result<Value, RpcError>,
    ) -> Result<(), Result<Value, RpcError>> {
        match self.state().open.remove(id) {
            Some(waiting) => {
                // Nobody waits for a question that was withdrawn at this moment.
                let _ = waiting.send(result.ok());
                Ok(())
            }
            None => Err(result),
        }
    }

    /// The client is gone: what waits is answered with nothing.
    pub(crate) fn left(&self) {
        let mut state = self.state();
        state.closed = true;
        state.open.clear();
    }

    fn open(&self, id: RequestId) -> Option<oneshot::Receiver<Option<Value>>> {
        let mut state = self.state();
        if state.closed {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        state.open.insert(id, sender);
        Some(receiver)
    }

    fn withdraw(&self, id: &RequestId) -> bool {
        self.state().open.remove(id).is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks, and waits for the answer however long it takes. `None` when the client refuses or leaves.
pub(crate) async fn ask(
    subscriber: &Arc<Subscriber>,
    thread: ThreadId,
    request: ServerRequest,
) -> Option<Value> {
    let id = subscriber.next_request_id();
    let answer = subscriber.questions.open(id.clone())?;
    let question = Question { subscriber, thread, id: id.clone() };
    subscriber.outbox.send(ServerMessage::Request { id, request }).await;
    let answer = answer.await.ok().flatten();
    subscriber.notify(question.resolved()).await;
    answer
}

/// A question that was put.
struct Question<'a> {
    subscriber: &'a Arc<Subscriber>,
    thread: ThreadId,
    id: RequestId,
}

impl Question<'_> {
    fn resolved(&self) -> ServerNotification {
        let (thread_id, request_id) = (self.thread.clone(), self.id.clone());
        ServerNotification::ServerRequestResolved(ServerRequestResolved { thread_id, request_id })
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if self.subscriber.questions.withdraw(&self.id) {
            self.subscriber.notify_now(self.resolved());
        }
    }
}
