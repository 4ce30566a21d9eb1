//! A thread: one owner task with a mailbox, and the handle that reaches it.

use codex_app_server_protocol::{Turn, TurnStartParams};
use codex_protocol::{ThreadId, TurnId};
use tokio::sync::oneshot;

use crate::CoreError;

/// Reaches a thread's task. Cheap to clone.
#[derive(Clone)]
pub struct ThreadHandle {
    id: ThreadId,
}

/// Holds back the notifications that follow a request until its answer is on its way: the wire order is answer first
/// (wire-facts §5.5). Dropping it lets the thread go on as well.
#[must_use = "the thread waits until this is dropped; send the answer, then drop it"]
#[derive(Debug)]
pub struct Announcement {
    _release: oneshot::Sender<()>,
}

impl ThreadHandle {
    /// The thread's id.
    pub fn id(&self) -> &ThreadId {
        &self.id
    }

    /// Starts a turn, or steers the running one: then the answer holds the running turn's id and the input joins
    /// before the next sampling. Overrides count for this and later turns.
    ///
    /// # Errors
    /// When the input or an override cannot be used, or the thread has ended.
    pub async fn start_turn(&self, params: TurnStartParams) -> Result<(Turn, Announcement), CoreError> {
        let _ = params;
        Err(CoreError::ThreadEnded)
    }

    /// Interrupts the running turn. Returns as soon as the order is taken; `turn/completed` follows.
    ///
    /// # Errors
    /// When no turn or another turn runs.
    pub async fn interrupt(&self, turn_id: TurnId) -> Result<Announcement, CoreError> {
        let _ = turn_id;
        Err(CoreError::NoActiveTurn)
    }

    /// Ends the thread: a running turn is interrupted, its commands ended, the task joined.
    pub async fn shutdown(&self) {}
}
