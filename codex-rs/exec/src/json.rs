//! Notifications → the lines of `--json`.

use std::collections::HashMap;
use std::io::{self, Write};

use codex_app_server_protocol::{CommandStatus, ServerNotification, ThreadItem, TurnStatus};

use crate::event::{CommandState, ExecEvent, ExecItem, ItemBody, Message, Usage};
use codex_app_server_client::{Notices, Tell};

/// Writes one line per event.
pub struct JsonPrinter<W> {
    out: W,
    /// Our numbers of the items that started and have not ended.
    open: HashMap<String, String>,
    items: usize,
    usage: Usage,
    notices: Notices,
}

impl<W: Write> JsonPrinter<W> {
    /// Writes to `out`, and flushes after each line.
    pub fn new(out: W) -> Self {
        JsonPrinter {
            out,
            open: HashMap::new(),
            items: 0,
            usage: Usage::default(),
            notices: Notices::default(),
        }
    }

    /// Writes what a notification means, if anything.
    ///
    /// # Errors
    /// When the output is closed or full.
    pub fn print(&mut self, notification: &ServerNotification) -> io::Result<()> {
        let (warning, tell) = self.notices.sift(notification);
        if let Some(message) = warning {
            let event = self.warning(&message);
            self.line(&event)?;
        }
        match self.event(notification) {
            Some(event) if tell == Tell::Now => self.line(&event),
            Some(_) | None => Ok(()),
        }
    }

    fn line(&mut self, event: &ExecEvent) -> io::Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        self.out.write_all(&line)?;
        self.out.flush()
    }

    fn event(&mut self, notification: &ServerNotification) -> Option<ExecEvent> {
        Some(match notification {
            ServerNotification::ThreadStarted(started) => {
                ExecEvent::ThreadStarted { thread_id: started.thread.id.to_string() }
            }
            ServerNotification::TurnStarted(_) => ExecEvent::TurnStarted {},
            ServerNotification::ItemStarted(started) => {
                // Only commands are told when they start; texts are told whole.
                let body = command(&started.item)?;
                ExecEvent::ItemStarted { item: ExecItem { id: self.opened(started.item.id()), body } }
            }
            ServerNotification::ItemCompleted(completed) => {
                let body = finished(&completed.item)?;
                ExecEvent::ItemCompleted { item: ExecItem { id: self.closed(completed.item.id()), body } }
            }
            ServerNotification::TurnCompleted(completed) => match completed.turn.status {
                TurnStatus::Completed => ExecEvent::TurnCompleted { usage: self.usage },
                TurnStatus::Failed => {
                    let error = completed.turn.error.as_ref();
                    let message =
                        error.map_or_else(|| "The turn failed.".to_owned(), |error| error.message.clone());
                    ExecEvent::TurnFailed { error: Message { message } }
                }
                // The official program tells nothing after an interrupt either (wire-facts §6.2).
                TurnStatus::Interrupted | TurnStatus::InProgress => return None,
            },
            ServerNotification::Error(error) => ExecEvent::Error { message: error.error.words() },
            // Told by way of `notices`.
            ServerNotification::Warning(_) => return None,
            ServerNotification::ConfigWarning(warning) => self.warning(&warning.summary),
            // Without a sentence it is bookkeeping: a reset time learnt, a key that proved itself.
            ServerNotification::FallbackUpdated(updated) => {
                let message = updated.message.clone()?;
                ExecEvent::FallbackUpdated { fallback: updated.fallback.clone(), message }
            }
            ServerNotification::ThreadTokenUsageUpdated(updated) => {
                self.usage = updated.token_usage.total.into();
                return None;
            }
            ServerNotification::ThreadStatusChanged(_)
            | ServerNotification::AgentMessageDelta(_)
            | ServerNotification::ReasoningSummaryPartAdded(_)
            | ServerNotification::ReasoningSummaryDelta(_)
            | ServerNotification::ReasoningTextDelta(_)
            | ServerNotification::CommandOutputDelta(_)
            | ServerNotification::AccountRateLimitsUpdated(_)
            | ServerNotification::LoginCompleted(_)
            | ServerNotification::AccountUpdated(_)
            | ServerNotification::ServerRequestResolved(_) => return None,
        })
    }

    fn warning(&mut self, message: &str) -> ExecEvent {
        let body = ItemBody::Error { message: message.to_owned() };
        ExecEvent::ItemCompleted { item: ExecItem { id: self.number(), body } }
    }

    fn number(&mut self) -> String {
        let number = self.items;
        self.items += 1;
        format!("item_{number}")
    }

    fn opened(&mut self, id: &str) -> String {
        let number = self.number();
        self.open.insert(id.to_owned(), number.clone());
        number
    }

    fn closed(&mut self, id: &str) -> String {
        self.open.remove(id).unwrap_or_else(|| self.number())
    }
}

/// The readable part of a reasoning item; nothing where the model shows none.
pub(crate) fn reasoning_words(summary: &[String], content: &[String]) -> Option<String> {
    let parts = if summary.is_empty() { content } else { summary };
    let text = parts.join("\n\n");
    (!text.trim().is_empty()).then_some(text)
}

fn finished(item: &ThreadItem) -> Option<ItemBody> {
    match item {
        ThreadItem::UserMessage { .. } => None,
        ThreadItem::AgentMessage { text, .. } => Some(ItemBody::AgentMessage { text: text.clone() }),
        ThreadItem::Reasoning { summary, content, .. } => {
            reasoning_words(summary, content).map(|text| ItemBody::Reasoning { text })
        }
        ThreadItem::CommandExecution { .. } => command(item),
    }
}

fn command(item: &ThreadItem) -> Option<ItemBody> {
    let ThreadItem::CommandExecution { command, status, aggregated_output, exit_code, .. } = item else {
        return None;
    };
    let status = match status {
        CommandStatus::InProgress => CommandState::InProgress,
        CommandStatus::Completed => CommandState::Completed,
        CommandStatus::Failed => CommandState::Failed,
        CommandStatus::Declined => CommandState::Declined,
    };
    Some(ItemBody::CommandExecution {
        command: command.clone(),
        aggregated_output: aggregated_output.clone().unwrap_or_default(),
        exit_code: *exit_code,
        status,
    })
}
