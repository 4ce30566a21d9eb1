//! The events of `codex exec --json`, one object per line (wire-facts §6.1; `fallback.updated` is ours).

use codex_app_server_protocol::{FallbackStatus, TokenUsage, WebSearchAction};
use serde::Serialize;
use serde_json::Value;

/// One line.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type")]
#[expect(missing_docs, reason = "the wire name stands above each; wire-facts §6.1 says what they mean")]
pub enum ExecEvent {
    #[serde(rename = "thread.started")]
    ThreadStarted { thread_id: String },
    #[serde(rename = "turn.started")]
    TurnStarted {},
    #[serde(rename = "item.started")]
    ItemStarted { item: ExecItem },
    #[serde(rename = "item.updated")]
    ItemUpdated { item: ExecItem },
    #[serde(rename = "item.completed")]
    ItemCompleted { item: ExecItem },
    #[serde(rename = "turn.completed")]
    TurnCompleted { usage: Usage },
    #[serde(rename = "turn.failed")]
    TurnFailed { error: Message },
    #[serde(rename = "error")]
    Error { message: String },
    /// Ours: the payer, the key or the mode changed.
    #[serde(rename = "fallback.updated")]
    FallbackUpdated {
        #[serde(flatten)]
        fallback: FallbackStatus,
        message: String,
    },
}

/// An item; its id counts per process.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExecItem {
    /// `item_0`, `item_1`, …
    pub id: String,
    /// What it is.
    #[serde(flatten)]
    pub body: ItemBody,
}

/// What an item is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(missing_docs, reason = "the members are the wire's own; wire-facts §6.1")]
pub enum ItemBody {
    AgentMessage {
        text: String,
    },
    Reasoning {
        text: String,
    },
    CommandExecution {
        command: String,
        aggregated_output: String,
        exit_code: Option<i32>,
        status: WorkState,
    },
    FileChange {
        changes: Vec<FileChange>,
        status: WorkState,
    },
    McpToolCall {
        server: String,
        tool: String,
        arguments: Value,
        result: Option<McpResult>,
        error: Option<Message>,
        status: WorkState,
    },
    WebSearch {
        query: String,
        action: Option<WebSearchAction>,
    },
    TodoList {
        items: Vec<Todo>,
    },
    Error {
        message: String,
    },
}

/// One file that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileChange {
    /// Absolute.
    pub path: String,
    /// `add`, `delete` or `update`.
    pub kind: &'static str,
}

/// What a call of an MCP tool brought.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct McpResult {
    /// Content blocks.
    pub content: Vec<Value>,
    /// Structured content, where there is some.
    pub structured_content: Option<Value>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Todo {
    /// What is to be done.
    pub text: String,
    /// Whether it is.
    pub completed: bool,
}

/// How a command, a change of files or a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum WorkState {
    InProgress,
    Completed,
    Failed,
    Declined,
}

/// Token counts over the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[expect(missing_docs, reason = "the members are the wire's own; wire-facts §6.1")]
pub struct Usage {
    pub input_tokens: u64,
    pub cached_input_tokens: u64,
    pub cache_write_input_tokens: u64,
    pub output_tokens: u64,
    pub reasoning_output_tokens: u64,
}

/// Words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The words.
    pub message: String,
}

impl From<TokenUsage> for Usage {
    fn from(usage: TokenUsage) -> Self {
        Usage {
            input_tokens: usage.input_tokens,
            cached_input_tokens: usage.cached_input_tokens,
            cache_write_input_tokens: usage.cache_write_input_tokens,
            output_tokens: usage.output_tokens,
            reasoning_output_tokens: usage.reasoning_output_tokens,
        }
    }
}
