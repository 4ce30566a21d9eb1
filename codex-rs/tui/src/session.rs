//! The thread that is shown: its model, its folder, its running turn, and the messages on their way to it.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use codex_app_server_protocol::{
    ApprovalPolicy, CodexErrorInfo, PermissionGrantScope, Permissions, PermissionsRequestApprovalResponse,
    SandboxPolicy, ServerNotification, ThreadId, ThreadItem, ThreadStartResponse, ThreadTokenUsage, TurnId,
    TurnInterruptParams, TurnStartParams, UserInput,
};

use crate::app_event::Message;
use crate::now::Now;
use crate::permissions::Preset;

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
    /// What commands may touch; none until the thread has started.
    pub(crate) sandbox: Option<SandboxPolicy>,
    /// For how long the person has granted more than that.
    pub(crate) granted: Option<PermissionGrantScope>,
    /// When the person is asked; none until the thread has started.
    pub(crate) approval: Option<ApprovalPolicy>,
    /// What `/permissions` chose for this process; every turn says so.
    pub(crate) chosen: Option<Preset>,
    /// The turn that runs.
    pub(crate) turn: Option<RunningTurn>,
    /// Sent, and not yet part of the conversation.
    pub(crate) sent: Vec<Sent>,
    /// For after the running turn, or for when the thread exists.
    pub(crate) queue: VecDeque<Message>,
    /// Tokens of the thread; none before its first answer.
    pub(crate) usage: Option<ThreadTokenUsage>,
    /// Items of commands that outlive their turns.
    pub(crate) background: Vec<String>,
    /// Items of commands that run.
    running: Vec<String>,
    /// Gives messages their ids.
    next_message: u64,
    /// The turn that ended last.
    ended: Option<TurnId>,
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    /// `clientUserMessageId`.
    pub(crate) id: String,
    /// What it says.
    pub(crate) message: Message,
}

/// A turn that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunningTurn {
    /// None until the engine has told it.
    pub(crate) id: Option<TurnId>,
    /// When it began.
    pub(crate) since: Duration,
    /// Whether the person has asked it to stop.
    pub(crate) stopping: Stopping,
    /// That a request is sent again, and why; until the turn goes on.
    pub(crate) retry: Option<String>,
}

impl RunningTurn {
    fn new(id: Option<TurnId>, now: Now) -> Self {
        RunningTurn { id, since: now.since_start, stopping: Stopping::NotAsked, retry: None }
    }

    fn notified(&mut self, notification: &ServerNotification) {
        match notification {
            // Who pays now is told by a notice of its own, and that is why it is sent again.
            ServerNotification::Error(error)
                if error.error.codex_error_info == Some(CodexErrorInfo::UsageLimitExceeded) => {}
            ServerNotification::Error(error) if error.will_retry => {
                self.retry = Some(error.error.words());
            }
            ServerNotification::ItemStarted(_)
            | ServerNotification::ItemCompleted(_)
            | ServerNotification::AgentMessageDelta(_) => self.retry = None,
            _ => {}
        }
    }
}

/// Whether a turn was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopping {
    /// It was; the order is on its way.
    Asked,
    /// It was, before its id was known.
    WhenKnown,
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
        self.sandbox = Some(response.sandbox.clone());
        self.approval = Some(response.approval_policy.clone());
        if let Some(preset) = self.chosen {
            self.permit(preset);
        }
        self.turn = None;
        self.sent.clear();
        self.running.clear();
        self.background.clear();
        self.granted = None;
        self.usage = None;
    }

    /// Takes over a choice of `/permissions`, which counts from the next turn on.
    pub(crate) fn permit(&mut self, preset: Preset) {
        self.chosen = Some(preset);
        self.sandbox = Some(preset.policy(self.sandbox.as_ref()));
        self.approval = Some(preset.approval());
    }

    /// The person's answer to a wish for more than the walls allow.
    pub(crate) fn grant(&mut self, answer: &PermissionsRequestApprovalResponse) {
        let is_something = answer.permissions != Permissions::default();
        if is_something && self.granted != Some(PermissionGrantScope::Session) {
            self.granted = Some(answer.scope);
        }
    }

    /// Whether a notification is about the thread that is shown. Those of a thread that was left are not.
    pub(crate) fn concerns(&self, notification: &ServerNotification) -> bool {
        let thread = match notification {
            ServerNotification::ThreadStarted(of) => Some(&of.thread.id),
            ServerNotification::ThreadStatusChanged(of) => Some(&of.thread_id),
            ServerNotification::ThreadTokenUsageUpdated(of) => Some(&of.thread_id),
            ServerNotification::TurnStarted(of) | ServerNotification::TurnCompleted(of) => {
                Some(&of.thread_id)
            }
            ServerNotification::ItemStarted(of) => Some(&of.thread_id),
            ServerNotification::ItemCompleted(of) => Some(&of.thread_id),
            ServerNotification::AgentMessageDelta(of) | ServerNotification::CommandOutputDelta(of) => {
                Some(&of.thread_id)
            }
            ServerNotification::ReasoningSummaryPartAdded(of) => Some(&of.thread_id),
            ServerNotification::ReasoningSummaryDelta(of) => Some(&of.thread_id),
            ServerNotification::ReasoningTextDelta(of) => Some(&of.thread_id),
            ServerNotification::TerminalInteraction(of) => Some(&of.thread_id),
            ServerNotification::TurnPlanUpdated(of) => Some(&of.thread_id),
            ServerNotification::TurnDiffUpdated(of) => Some(&of.thread_id),
            ServerNotification::McpServerStartupUpdated(of) => of.thread_id.as_ref(),
            ServerNotification::Error(of) => Some(&of.thread_id),
            ServerNotification::Warning(of) => of.thread_id.as_ref(),
            _ => None,
        };
        thread.is_none_or(|thread| self.thread.as_ref() == Some(thread))
    }

    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification, now: Now) {
        if let Some(turn) = &mut self.turn {
            turn.notified(notification);
        }
        match notification {
            ServerNotification::TurnStarted(started) => self.turn_runs(started.turn.id.clone(), now),
            ServerNotification::TurnCompleted(completed) => {
                let is_it = |turn: &RunningTurn| turn.id.as_ref().is_none_or(|id| *id == completed.turn.id);
                if self.turn.as_ref().is_some_and(is_it) {
                    self.turn = None;
                }
                self.background.append(&mut self.running);
                self.granted = self.granted.filter(|scope| *scope == PermissionGrantScope::Session);
                self.ended = Some(completed.turn.id.clone());
            }
            ServerNotification::ItemCompleted(completed) => {
                let id = completed.item.id();
                self.running.retain(|running| running != id);
                self.background.retain(|running| running != id);
            }
            ServerNotification::ItemStarted(started) => {
                if let ThreadItem::CommandExecution { id, .. } = &started.item {
                    self.running.push(id.clone());
                }
                if let ThreadItem::UserMessage { client_id: Some(id), .. } = &started.item {
                    self.sent.retain(|sent| sent.id != *id);
                }
            }
            ServerNotification::ThreadTokenUsageUpdated(updated) => {
                self.usage = Some(updated.token_usage.clone());
            }
            _ => {}
        }
    }

    /// A message was taken into this turn. A short turn can have ended before the answer is read.
    pub(crate) fn joined(&mut self, turn: TurnId, now: Now) {
        if self.ended.as_ref() != Some(&turn) {
            self.turn_runs(turn, now);
        }
    }

    /// A turn is known to run.
    pub(crate) fn turn_runs(&mut self, id: TurnId, now: Now) {
        match &mut self.turn {
            Some(turn) => turn.id = Some(id),
            None => {
                self.turn = Some(RunningTurn::new(Some(id), now));
            }
        }
    }

    /// The request that says this: it starts a turn, or joins the running one (wire-facts §5.5: a second `turn/start`
    /// steers). With its `clientUserMessageId`. None before the thread exists; the message then waits in the queue.
    pub(crate) fn say(&mut self, message: Message, now: Now) -> Option<(String, TurnStartParams)> {
        let Some(thread) = self.thread.clone() else {
            self.queue.push_back(message);
            return None;
        };
        let id = format!("message-{}", self.next_message);
        self.next_message += 1;
        let mut params = TurnStartParams::text(thread, message.text.as_str());
        params.input.extend(message.images.iter().map(|path| local_image(path)));
        params.client_user_message_id = Some(id.clone());
        params.model = Some(self.model.clone());
        params.effort.clone_from(&self.effort);
        if self.chosen.is_some() {
            params.sandbox_policy.clone_from(&self.sandbox);
            params.approval_policy.clone_from(&self.approval);
        }
        self.sent.push(Sent { id: id.clone(), message });
        if self.turn.is_none() {
            self.turn = Some(RunningTurn::new(None, now));
        }
        Some((id, params))
    }

    /// The message of a refused request, so that it is not lost.
    pub(crate) fn refused(&mut self, id: &str) -> Option<Message> {
        let place = self.sent.iter().position(|sent| sent.id == id)?;
        let message = self.sent.remove(place).message;
        let is_unknown = self.turn.as_ref().is_some_and(|turn| turn.id.is_none());
        if is_unknown && self.sent.is_empty() {
            self.turn = None;
        }
        Some(message)
    }

    /// The order to stop the running turn, once: as soon as its id is known.
    pub(crate) fn stop(&mut self) -> Option<TurnInterruptParams> {
        let turn = self.turn.as_mut()?;
        let (Some(turn_id), Some(thread_id)) = (turn.id.clone(), self.thread.clone()) else {
            turn.stopping = Stopping::WhenKnown;
            return None;
        };
        if turn.stopping == Stopping::Asked {
            return None;
        }
        turn.stopping = Stopping::Asked;
        Some(TurnInterruptParams { thread_id, turn_id })
    }

    /// Whether an order to stop waits for the turn's id.
    pub(crate) fn stop_waits(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.stopping == Stopping::WhenKnown && turn.id.is_some())
    }
}

fn local_image(path: &Path) -> UserInput {
    UserInput::LocalImage { path: path.display().to_string() }
}
