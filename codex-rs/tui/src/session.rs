//! The thread that is shown: its model, its folder, its running turn, what waits for it.

use std::collections::VecDeque;
use std::time::Duration;

use codex_app_server_protocol::{ThreadId, ThreadStartResponse, TokenUsage, TurnId};

use crate::app_event::Message;

/// The thread that is shown.
#[derive(Debug, Default)]
pub(crate) struct Session {
    /// None until the engine has started it.
    pub(crate) thread: Option<ThreadId>,
    /// Model slug; empty until it is known.
    pub(crate) model: String,
    /// Reasoning effort; none is the model's own.
    pub(crate) effort: Option<String>,
    /// Working folder, absolute.
    pub(crate) folder: String,
    /// The turn that runs.
    pub(crate) turn: Option<RunningTurn>,
    /// Messages for after the running turn, or for when the thread exists.
    pub(crate) queue: VecDeque<Message>,
    /// Tokens of the whole thread.
    pub(crate) total: TokenUsage,
    /// Tokens of the last answer: about what the next request sends.
    pub(crate) last: TokenUsage,
    /// Tokens that the model can hold, where known.
    pub(crate) context_window: Option<u64>,
}

/// A turn that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunningTurn {
    /// None until the engine has answered.
    pub(crate) id: Option<TurnId>,
    /// When it began.
    pub(crate) since: Duration,
    /// Whether the person has asked it to stop.
    pub(crate) stopping: Stopping,
}

/// Whether a turn was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopping {
    /// It was.
    Asked,
    /// It was not.
    NotAsked,
}

impl Session {
    /// Whether a turn runs.
    pub(crate) fn is_busy(&self) -> bool {
        self.turn.is_some()
    }

    /// Takes over what the engine says of a thread that has just started.
    pub(crate) fn started(&mut self, response: &ThreadStartResponse) {
        self.thread = Some(response.thread.id.clone());
        self.model.clone_from(&response.model);
        self.effort.clone_from(&response.reasoning_effort);
        self.folder.clone_from(&response.cwd);
        self.turn = None;
        self.total = TokenUsage::default();
        self.last = TokenUsage::default();
        self.context_window = None;
    }
}
