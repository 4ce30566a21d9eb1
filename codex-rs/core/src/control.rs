//! What may reach a running turn from outside: an interrupt, and more input.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use codex_app_server_protocol::UserInput;
use codex_protocol::ResponseItem;
use tokio::sync::{Notify, oneshot};

use crate::settings::ThreadSettings;

/// Checked input of the person, waiting to join a turn.
#[derive(Debug)]
pub(crate) struct Said {
    /// As the client sent it; shown back.
    pub(crate) input: Vec<UserInput>,
    /// The client's own id of it.
    pub(crate) client_id: Option<String>,
    /// As the model gets it.
    pub(crate) item: ResponseItem,
    /// The thread's settings from here on.
    pub(crate) settings: ThreadSettings,
}

/// Shared between a turn and the mailbox of its thread.
#[derive(Debug, Default)]
pub(crate) struct Control {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct State {
    interrupted: bool,
    /// No more input joins: the turn is about to end.
    closed: bool,
    waiting: VecDeque<Said>,
    /// Answers to interrupts that go out before the turn says that it has ended.
    answers: Vec<oneshot::Receiver<()>>,
}

impl Control {
    /// Orders the turn to end. `answer` resolves once the client's answer is on its way.
    pub(crate) fn interrupt(&self, answer: Option<oneshot::Receiver<()>>) {
        {
            let mut state = self.state();
            state.interrupted = true;
            state.answers.extend(answer);
        }
        self.changed.notify_waiters();
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.state().interrupted
    }

    /// Returns once the turn is ordered to end.
    pub(crate) async fn interrupted(&self) {
        loop {
            let changed = self.changed.notified();
            if self.is_interrupted() {
                return;
            }
            changed.await;
        }
    }

    /// Queues input for the running turn; gives it back where the turn is about to end.
    pub(crate) fn steer(&self, said: Said) -> Result<(), Box<Said>> {
        let mut state = self.state();
        if state.closed {
            return Err(Box::new(said));
        }
        state.waiting.push_back(said);
        Ok(())
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// What was said since the last call.
    pub(crate) fn take_said(&self) -> VecDeque<Said> {
        std::mem::take(&mut self.state().waiting)
    }

    /// Ends the turn for new input, unless some waits.
    pub(crate) fn close_if_nothing_waits(&self) -> bool {
        let mut state = self.state();
        state.closed = state.waiting.is_empty();
        state.closed
    }

    /// Ends the turn for new input, and gives what still waited.
    pub(crate) fn close(&self) -> VecDeque<Said> {
        let mut state = self.state();
        state.closed = true;
        std::mem::take(&mut state.waiting)
    }

    /// Waits until the answers to the interrupts are on their way.
    pub(crate) async fn answers_sent(&self) {
        let answers = std::mem::take(&mut self.state().answers);
        for answer in answers {
            // Sent or dropped, it is no longer held back.
            let _ = answer.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
