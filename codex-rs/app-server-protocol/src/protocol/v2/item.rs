//! Items of a turn and the notifications that grow them (wire-facts §5.5).

use codex_protocol::{ThreadId, TurnId};
use serde::{Deserialize, Serialize};

use super::UserInput;

/// One item of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ThreadItem {
    /// What the person said.
    UserMessage {
        /// Unique in the thread.
        id: String,
        /// The client's own id of it.
        client_id: Option<String>,
        /// The parts.
        content: Vec<UserInput>,
    },
    /// What the agent said.
    AgentMessage {
        /// Unique in the thread.
        id: String,
        /// Markdown.
        text: String,
        /// `commentary` or `final_answer`, where the model says so.
        phase: Option<String>,
    },
    /// What the agent thought.
    Reasoning {
        /// Unique in the thread.
        id: String,
        /// Readable summaries.
        summary: Vec<String>,
        /// Raw reasoning, where a model shows it.
        content: Vec<String>,
    },
    /// A command.
    CommandExecution {
        /// Unique in the thread.
        id: String,
        /// As one line of shell.
        command: String,
        /// Absolute.
        cwd: String,
        /// The session id of a command that still runs.
        process_id: Option<String>,
        /// Who started it.
        source: CommandSource,
        /// How it stands.
        status: CommandStatus,
        /// A best-effort reading of the command.
        command_actions: Vec<CommandAction>,
        /// Both outputs, as far as kept.
        aggregated_output: Option<String>,
        /// Its exit code.
        exit_code: Option<i32>,
        /// Milliseconds.
        duration_ms: Option<i64>,
    },
}

/// Who started a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CommandSource {
    /// The model.
    Agent,
    /// The person.
    UserShell,
}

/// How a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CommandStatus {
    /// It runs.
    InProgress,
    /// It ended with 0.
    Completed,
    /// It ended otherwise, or could not start.
    Failed,
    /// It was not allowed to run.
    Declined,
}

/// A best-effort reading of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum CommandAction {
    /// Not read further.
    Unknown {
        /// The command.
        command: String,
    },
}

/// `item/started`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemStarted {
    /// The item as it begins.
    pub item: ThreadItem,
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// Unix milliseconds.
    pub started_at_ms: i64,
}

/// `item/completed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemCompleted {
    /// The item as it ended.
    pub item: ThreadItem,
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// Unix milliseconds.
    pub completed_at_ms: i64,
}

/// `item/agentMessage/delta` and `item/commandExecution/outputDelta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemDelta {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// What is added.
    pub delta: String,
}

/// `item/reasoning/summaryPartAdded`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasoningSummaryPartAdded {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// The part's index.
    pub summary_index: i64,
}

/// `item/reasoning/summaryTextDelta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasoningSummaryDelta {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// What is added.
    pub delta: String,
    /// The part's index.
    pub summary_index: i64,
}

/// `item/reasoning/textDelta`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasoningTextDelta {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// What is added.
    pub delta: String,
    /// The part's index.
    pub content_index: i64,
}

/// `serverRequest/resolved`: a request of the server's is answered or no longer needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerRequestResolved {
    /// The thread.
    pub thread_id: ThreadId,
    /// The server's request.
    pub request_id: crate::RequestId,
}

impl ThreadItem {
    /// The item's id, unique in its thread.
    pub fn id(&self) -> &str {
        match self {
            ThreadItem::UserMessage { id, .. }
            | ThreadItem::AgentMessage { id, .. }
            | ThreadItem::Reasoning { id, .. }
            | ThreadItem::CommandExecution { id, .. } => id,
        }
    }
}
