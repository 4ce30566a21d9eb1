//! Notifications → the lines of `--json`.

use std::collections::HashMap;
use std::io::{self, Write};

use codex_app_server_protocol::{
    CommandStatus, FileChangeKind, FileChangeStatus, FileUpdateChange, McpToolCallItem, McpToolCallStatus,
    ServerNotification, ThreadItem, TurnPlanStep, TurnPlanStepStatus, TurnStatus,
};

use crate::event::{ExecEvent, ExecItem, FileChange, ItemBody, McpResult, Message, Todo, Usage, WorkState};
use codex_app_server_client::{Notices, Tell};

/// Writes one line per event.
pub struct JsonPrinter<W> {
    out: W,
    /// Our numbers of the items that started and have not ended.
    open: HashMap<String, String>,
    /// The plan of the turn that runs: our number of it, and its steps.
    plan: Option<(String, Vec<Todo>)>,
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
            plan: None,
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
        if let ServerNotification::TurnCompleted(_) = notification
            && let Some((id, items)) = self.plan.take()
        {
            let item = ExecItem { id, body: ItemBody::TodoList { items } };
            self.line(&ExecEvent::ItemCompleted { item })?;
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
                // Work is told when it starts; texts are told whole.
                let body = work(&started.item)?;
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
            ServerNotification::TurnPlanUpdated(updated) => self.planned(&updated.plan),
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
            | ServerNotification::TerminalInteraction(_)
            | ServerNotification::TurnDiffUpdated(_)
            | ServerNotification::McpServerStartupUpdated(_)
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

    /// The plan begins with its first update, and ends with its turn.
    fn planned(&mut self, steps: &[TurnPlanStep]) -> ExecEvent {
        let todo = |step: &TurnPlanStep| Todo {
            text: step.step.clone(),
            completed: step.status == TurnPlanStepStatus::Completed,
        };
        let items: Vec<Todo> = steps.iter().map(todo).collect();
        let body = ItemBody::TodoList { items: items.clone() };
        match &mut self.plan {
            Some((id, before)) => {
                *before = items;
                ExecEvent::ItemUpdated { item: ExecItem { id: id.clone(), body } }
            }
            None => {
                let id = self.number();
                self.plan = Some((id.clone(), items));
                ExecEvent::ItemStarted { item: ExecItem { id, body } }
            }
        }
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
        ThreadItem::WebSearch { query, action, .. } => {
            Some(ItemBody::WebSearch { query: query.clone(), action: action.clone() })
        }
        ThreadItem::CommandExecution { .. }
        | ThreadItem::FileChange { .. }
        | ThreadItem::McpToolCall(_)
        | ThreadItem::ImageView { .. } => work(item),
    }
}

/// What is told from its start.
fn work(item: &ThreadItem) -> Option<ItemBody> {
    match item {
        ThreadItem::CommandExecution { command, status, aggregated_output, exit_code, .. } => {
            Some(ItemBody::CommandExecution {
                command: command.clone(),
                aggregated_output: aggregated_output.clone().unwrap_or_default(),
                exit_code: *exit_code,
                status: match status {
                    CommandStatus::InProgress => WorkState::InProgress,
                    CommandStatus::Completed => WorkState::Completed,
                    CommandStatus::Failed => WorkState::Failed,
                    CommandStatus::Declined => WorkState::Declined,
                },
            })
        }
        ThreadItem::FileChange { changes, status, .. } => Some(ItemBody::FileChange {
            changes: changes.iter().map(change).collect(),
            status: match status {
                FileChangeStatus::InProgress => WorkState::InProgress,
                FileChangeStatus::Completed => WorkState::Completed,
                FileChangeStatus::Failed => WorkState::Failed,
                FileChangeStatus::Declined => WorkState::Declined,
            },
        }),
        ThreadItem::McpToolCall(call) => Some(mcp(call)),
        ThreadItem::UserMessage { .. }
        | ThreadItem::AgentMessage { .. }
        | ThreadItem::Reasoning { .. }
        | ThreadItem::WebSearch { .. }
        | ThreadItem::ImageView { .. } => None,
    }
}

fn change(change: &FileUpdateChange) -> FileChange {
    let kind = match &change.kind {
        FileChangeKind::Add => "add",
        FileChangeKind::Delete => "delete",
        FileChangeKind::Update { .. } => "update",
    };
    FileChange { path: change.path.clone(), kind }
}

fn mcp(call: &McpToolCallItem) -> ItemBody {
    ItemBody::McpToolCall {
        server: call.server.clone(),
        tool: call.tool.clone(),
        arguments: call.arguments.clone(),
        result: call.result.as_ref().map(|result| McpResult {
            content: result.content.clone(),
            structured_content: result.structured_content.clone(),
        }),
        error: call.error.as_ref().map(|error| Message { message: error.message.clone() }),
        status: match call.status {
            McpToolCallStatus::InProgress => WorkState::InProgress,
            McpToolCallStatus::Completed => WorkState::Completed,
            McpToolCallStatus::Failed => WorkState::Failed,
        },
    }
}
