//! The question of `mode = "ask"`: one open per process, put to the client whose turn waits (fallback-spec §5).
//!
//! The question belongs to all turns that wait for it: each watches it, any of them notices that its time is up,
//! and the last one that stops waiting withdraws it. No task is behind it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_app_server_protocol::{
    FallbackApproval, FallbackApprovalParams, FallbackApprovalResponse, RequestId, RpcError,
    ServerNotification, ServerRequest, ServerRequestResolved, ThreadActiveFlag, ThreadId, ThreadStatus,
    ThreadStatusChanged, Warning,
};
use codex_fallback::Consent;
use codex_model_client::{ConsentPrompt, Question};
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::subscriber::{ConnectionId, Subscriber};

/// How long the person has. No answer means no.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Asks whether the key may pay. Give it to the model client as its `ConsentPrompt` and to the server.
#[derive(Debug, Default)]
pub struct ConsentDesk(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    owners: HashMap<ThreadId, Arc<Subscriber>>,
    open: Option<Open>,
    asked_so_far: u64,
}

/// The open question.
#[derive(Debug)]
struct Open {
    number: u64,
    asked: Arc<Subscriber>,
    request: RequestId,
    /// The thread it was asked for.
    thread: ThreadId,
    deadline: Instant,
    waiting: usize,
    answer: watch::Sender<Option<Consent>>,
}

/// One turn's place at the open question.
struct Seat<'a> {
    desk: &'a ConsentDesk,
    /// The client that started the thread.
    owner: Arc<Subscriber>,
    number: u64,
    deadline: Instant,
    answer: watch::Receiver<Option<Consent>>,
    role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Its client has been asked.
    Asked,
    /// Another turn's client has.
    Joined,
}

impl ConsentDesk {
    /// A desk with nothing to ask.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// From now on questions of this thread go to this client.
    pub(crate) fn owns(&self, thread: ThreadId, subscriber: Arc<Subscriber>) {
        self.inner().owners.insert(thread, subscriber);
    }

    /// A client answered some request. Only the first answer of the client that was asked counts; what cannot be
    /// read as an answer means no, with a warning in the thread.
    pub(crate) async fn answered(&self, from: &Subscriber, id: RequestId, result: Result<Value, RpcError>) {
        let is_asked = |open: &Open| open.asked.id == from.id && open.request == id;
        let Some(open) = self.take_open(is_asked) else { return };
        let answer =
            result.ok().and_then(|result| serde_json::from_value::<FallbackApprovalResponse>(result).ok());
        from.notify(open.resolved()).await;
        if answer.is_none() {
            from.notify(ServerNotification::Warning(Warning {
                thread_id: Some(open.thread.clone()),
                message:
                    "The client's answer to whether the fallback key may pay could not be read, so it counts \
                    as no."
                        .to_owned(),
            }))
            .await;
        }
        open.answer.send_replace(Some(answer.map_or(Consent::No, |response| consent(response.answer))));
    }

    /// A client is gone: its threads cannot ask any more, and a question that it was asked is answered with no.
    pub(crate) fn left(&self, id: ConnectionId) {
        self.inner().owners.retain(|_, owner| owner.id != id);
        if let Some(open) = self.take_open(|open| open.asked.id == id) {
            open.answer.send_replace(Some(Consent::No));
        }
    }

    /// Joins the open question or opens it. `None` where the thread's client cannot be asked.
    ///
    /// The client is asked before the lock is given back: a turn that is interrupted right here must not leave
    /// behind a question that others join and nobody was asked. Queueing in reserved places does not wait.
    fn take_seat(&self, question: Question) -> Option<Seat<'_>> {
        let mut inner = self.inner();
        let owner = inner.owners.get(&question.thread_id).filter(|owner| owner.can_be_asked())?.clone();
        let mut role = Role::Joined;
        if inner.open.is_none() {
            role = Role::Asked;
            let (thread, request) = (question.thread_id.clone(), owner.next_request_id());
            owner.notify_now(waiting(thread.clone()));
            let asked = ServerRequest::FallbackApproval(params(question));
            owner.request_now(request.clone(), asked).ok()?;
            inner.asked_so_far += 1;
            inner.open = Some(Open {
                number: inner.asked_so_far,
                asked: owner.clone(),
                request,
                thread,
                deadline: Instant::now() + ANSWER_LIMIT,
                waiting: 0,
                answer: watch::Sender::new(None),
            });
        }
        let open = inner.open.as_mut()?;
        open.waiting += 1;
        let (number, deadline, answer) = (open.number, open.deadline, open.answer.subscribe());
        Some(Seat { desk: self, owner, number, deadline, answer, role })
    }

    /// Closes the open question if it is the one that is meant; whoever gets it is the one to tell.
    fn take_open(&self, is_meant: impl FnOnce(&Open) -> bool) -> Option<Open> {
        let mut inner = self.inner();
        if inner.open.as_ref().is_some_and(is_meant) { inner.open.take() } else { None }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ConsentPrompt for ConsentDesk {
    fn ask(&self, question: Question) -> BoxFuture<'_, Option<Consent>> {
        Box::pin(async move {
            let thread = question.thread_id.clone();
            let mut seat = self.take_seat(question)?;
            let consent = match timeout_at(seat.deadline, seat.wait(&thread)).await {
                Ok(consent) => consent,
                Err(_) => seat.time_is_up(),
            };
            seat.owner.notify(status(thread, Vec::new())).await;
            Some(consent)
        })
    }
}

impl Seat<'_> {
    async fn wait(&mut self, thread: &ThreadId) -> Consent {
        match self.role {
            Role::Asked => {}
            Role::Joined => self.owner.notify(waiting(thread.clone())).await,
        }
        match self.answer.wait_for(Option::is_some).await {
            Ok(answer) => answer.unwrap_or(Consent::No),
            Err(_) => Consent::No,
        }
    }

    /// Nobody answered in time. Another turn may have noticed first.
    fn time_is_up(&self) -> Consent {
        if let Some(open) = self.desk.take_open(|open| open.number == self.number) {
            open.asked.notify_now(open.resolved());
            open.answer.send_replace(Some(Consent::No));
        }
        self.answer.borrow().unwrap_or(Consent::No)
    }
}

impl Drop for Seat<'_> {
    /// A turn that is interrupted stops waiting; a question that nobody waits for is withdrawn.
    fn drop(&mut self) {
        let number = self.number;
        let withdrawn = self.desk.take_open(|open| open.number == number && open.waiting == 1);
        match withdrawn {
            Some(open) => open.asked.notify_now(open.resolved()),
            None => {
                if let Some(open) = self.desk.inner().open.as_mut().filter(|open| open.number == number) {
                    open.waiting -= 1;
                }
            }
        }
    }
}

impl Open {
    fn resolved(&self) -> ServerNotification {
        let (thread_id, request_id) = (self.thread.clone(), self.request.clone());
        ServerNotification::ServerRequestResolved(ServerRequestResolved { thread_id, request_id })
    }
}

fn params(question: Question) -> FallbackApprovalParams {
    let Question { thread_id, turn_id, reason, resets_at, model, key_last4, context_tokens } = question;
    FallbackApprovalParams { thread_id, turn_id, reason, resets_at, model, key_last4, context_tokens }
}

fn consent(answer: FallbackApproval) -> Consent {
    match answer {
        FallbackApproval::Turn => Consent::Turn,
        FallbackApproval::UntilReset => Consent::UntilReset,
        FallbackApproval::Process => Consent::Process,
        FallbackApproval::No => Consent::No,
    }
}

fn waiting(thread_id: ThreadId) -> ServerNotification {
    status(thread_id, vec![ThreadActiveFlag::WaitingOnApproval])
}

fn status(thread_id: ThreadId, active_flags: Vec<ThreadActiveFlag>) -> ServerNotification {
    let status = ThreadStatus::Active { active_flags };
    ServerNotification::ThreadStatusChanged(ThreadStatusChanged { thread_id, status })
}

#[cfg(test)]
mod tests;
