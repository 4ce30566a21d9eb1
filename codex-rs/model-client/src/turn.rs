//! Owns what outlives one request: who a thread is, whom it last knew to pay, and a turn's state at its payer.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_protocol::{Minter, Payer, ThreadId, TurnId};
use http::HeaderValue;

use crate::retry::{Budget, Tries};

/// Who a thread is, in the words of the request's headers (wire-facts §3.2).
#[derive(Debug, Clone)]
pub struct ThreadIdentity {
    /// The thread.
    pub thread_id: ThreadId,
    /// The session it belongs to; its own id for a thread that nobody spawned.
    pub session_id: String,
    /// `x-codex-installation-id`.
    pub installation_id: String,
    /// `originator`: the front end that started the thread.
    pub originator: String,
    /// `user-agent`.
    pub user_agent: String,
}

/// A thread as this crate knows it: one per thread, shared by its turns.
#[derive(Debug)]
pub struct ThreadContext {
    pub(crate) identity: ThreadIdentity,
    memory: Mutex<Memory>,
}

/// One turn. Every sampling of the turn is given the same one.
#[derive(Debug)]
pub struct TurnContext {
    pub(crate) thread: Arc<ThreadContext>,
    pub(crate) turn_id: TurnId,
    /// `x-codex-turn-state`, for nobody but the one that issued it.
    pub(crate) state: Option<TurnState>,
    /// What is left to try until an answer completes.
    pub(crate) budget: Budget,
    /// Which special resends were had until then.
    pub(crate) tries: Tries,
    /// `max_output_tokens` of its requests; `None` leaves it to the service.
    pub(crate) longest_answer: Option<u32>,
}

/// A turn-state header and whom it may be echoed to: this credential at this address.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TurnState {
    pub(crate) minter: Minter,
    pub(crate) url: String,
    pub(crate) value: HeaderValue,
}

#[derive(Debug)]
struct Memory {
    /// The payer this thread's people were told of last.
    payer: Payer,
    /// Credentials that refused this history once: for them only proven items count as theirs.
    strict_for: HashSet<Minter>,
}

impl ThreadContext {
    /// A thread whose people know nothing but that the plan pays.
    pub fn new(identity: ThreadIdentity) -> Arc<Self> {
        let memory = Memory { payer: Payer::Plan, strict_for: HashSet::new() };
        Arc::new(ThreadContext { identity, memory: Mutex::new(memory) })
    }

    /// The thread's id.
    pub fn thread_id(&self) -> &ThreadId {
        &self.identity.thread_id
    }

    /// Notes who pays; whether that is news to this thread.
    pub(crate) fn learns_payer(&self, payer: Payer) -> bool {
        std::mem::replace(&mut self.memory().payer, payer) != payer
    }

    pub(crate) fn is_strict_for(&self, minter: &Minter) -> bool {
        self.memory().strict_for.contains(minter)
    }

    pub(crate) fn be_strict_for(&self, minter: &Minter) {
        self.memory().strict_for.insert(minter.clone());
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnContext {
    /// A new turn of this thread.
    pub fn new(thread: Arc<ThreadContext>, turn_id: TurnId) -> Self {
        TurnContext {
            thread,
            turn_id,
            state: None,
            budget: Budget::default(),
            tries: Tries::default(),
            longest_answer: None,
        }
    }

    /// The same, its answers cut off after this many output tokens.
    pub fn with_longest_answer(mut self, output_tokens: u32) -> Self {
        self.longest_answer = Some(output_tokens);
        self
    }

    /// The turn's id.
    pub fn turn_id(&self) -> &TurnId {
        &self.turn_id
    }
}
