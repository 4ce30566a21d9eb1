//! Items of a turn and the notifications that grow them (wire-facts §5.5).

use codex_protocol::{ThreadId, TurnId};
use serde::{Deserialize, Serialize};

use serde_json::Value;

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
    /// Files that the agent changes.
    FileChange {
        /// Unique in the thread.
        id: String,
        /// One for each file.
        changes: Vec<FileUpdateChange>,
        /// How it stands.
        status: FileChangeStatus,
    },
    /// A call of a tool of an MCP server.
    McpToolCall(McpToolCallItem),
    /// A search that the service did for the model.
    WebSearch {
        /// Unique in the thread.
        id: String,
        /// What was looked for; empty where it is not known.
        query: String,
        /// What was done.
        action: Option<WebSearchAction>,
        /// Always `null`: the service shows its results to the model only.
        results: Option<Vec<Value>>,
    },
    /// An image that the agent looked at.
    ImageView {
        /// Unique in the thread.
        id: String,
        /// The file, absolute.
        path: String,
    },
}

/// A call of a tool of an MCP server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpToolCallItem {
    /// Unique in the thread.
    pub id: String,
    /// The server's name in the settings.
    pub server: String,
    /// The tool's name on the server.
    pub tool: String,
    /// How it stands.
    pub status: McpToolCallStatus,
    /// As the model wrote them.
    pub arguments: Value,
    /// Always `null`: no apps here.
    pub app_context: Option<Value>,
    /// Always `null`: no apps here.
    pub mcp_app_ui: Option<Value>,
    /// Always `null`: no plugins here.
    pub plugin_id: Option<String>,
    /// What the server says of the tool.
    pub read_only_hint: Option<bool>,
    /// What came back.
    pub result: Option<McpToolCallResult>,
    /// Why nothing came back.
    pub error: Option<McpToolCallError>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
}

/// How a call of an MCP tool stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum McpToolCallStatus {
    /// It runs, or waits for the person.
    InProgress,
    /// It brought a result.
    Completed,
    /// It failed, or was not allowed.
    Failed,
}

/// What a call of an MCP tool brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpToolCallResult {
    /// Content blocks, as the server sent them.
    pub content: Vec<Value>,
    /// Structured content, where the server sent some.
    pub structured_content: Option<Value>,
    /// The server's own.
    #[serde(rename = "_meta")]
    pub meta: Option<Value>,
}

/// Why a call of an MCP tool brought nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpToolCallError {
    /// For people.
    pub message: String,
}

/// One file that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileUpdateChange {
    /// The file, absolute.
    pub path: String,
    /// What happens to it.
    pub kind: FileChangeKind,
    /// The whole content of a file that is added or deleted; else a unified diff.
    pub diff: String,
}

/// What happens to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum FileChangeKind {
    /// It is new.
    Add,
    /// It goes.
    Delete,
    /// Its content changes.
    Update {
        /// Where it moves, absolute.
        move_path: Option<String>,
    },
}

/// How a change of files stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileChangeStatus {
    /// It is being made, or waits for the person.
    InProgress,
    /// It is made.
    Completed,
    /// It could not be made; nothing changed.
    Failed,
    /// It was not allowed.
    Declined,
}

/// What a web search did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum WebSearchAction {
    /// It looked for words.
    Search {
        /// The words.
        query: Option<String>,
        /// Several at once.
        queries: Option<Vec<String>>,
    },
    /// It opened a page.
    OpenPage {
        /// Its address.
        url: Option<String>,
    },
    /// It looked for words in a page.
    FindInPage {
        /// Its address.
        url: Option<String>,
        /// The words.
        pattern: Option<String>,
    },
    /// Something else.
    #[serde(other)]
    Other,
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
    /// A file is read.
    Read {
        /// The command.
        command: String,
        /// The file's name.
        name: String,
        /// The file.
        path: String,
    },
    /// Files are listed.
    ListFiles {
        /// The command.
        command: String,
        /// The folder.
        path: Option<String>,
    },
    /// Something is looked for.
    Search {
        /// The command.
        command: String,
        /// What is looked for.
        query: Option<String>,
        /// Where.
        path: Option<String>,
    },
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

/// `item/commandExecution/terminalInteraction`: something was typed into a command that runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminalInteraction {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The command's item.
    pub item_id: String,
    /// The command's session.
    pub process_id: String,
    /// What was typed.
    pub stdin: String,
}

/// `turn/plan/updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnPlanUpdated {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// Why it changed.
    pub explanation: Option<String>,
    /// The whole plan.
    pub plan: Vec<TurnPlanStep>,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnPlanStep {
    /// What is to be done.
    pub step: String,
    /// How it stands.
    pub status: TurnPlanStepStatus,
}

/// How a step of a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnPlanStepStatus {
    /// Not begun.
    Pending,
    /// Under way.
    InProgress,
    /// Done.
    Completed,
}

/// `turn/diff/updated`: everything that the turn's file changes come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnDiffUpdated {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// A unified diff.
    pub diff: String,
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

impl CommandAction {
    /// The command, without the shell around it.
    pub fn command(&self) -> &str {
        match self {
            CommandAction::Read { command, .. }
            | CommandAction::ListFiles { command, .. }
            | CommandAction::Search { command, .. }
            | CommandAction::Unknown { command } => command,
        }
    }
}

impl ThreadItem {
    /// The item's id, unique in its thread.
    pub fn id(&self) -> &str {
        match self {
            ThreadItem::UserMessage { id, .. }
            | ThreadItem::AgentMessage { id, .. }
            | ThreadItem::Reasoning { id, .. }
            | ThreadItem::CommandExecution { id, .. }
            | ThreadItem::FileChange { id, .. }
            | ThreadItem::WebSearch { id, .. }
            | ThreadItem::ImageView { id, .. } => id,
            ThreadItem::McpToolCall(call) => &call.id,
        }
    }

    /// About how many bytes its texts are that may be long; what is always short counts as nothing.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            ThreadItem::AgentMessage { text, .. } => text.len(),
            ThreadItem::Reasoning { summary, content, .. } => {
                summary.iter().chain(content).map(String::len).sum()
            }
            ThreadItem::CommandExecution { aggregated_output, .. } => {
                aggregated_output.as_ref().map_or(0, String::len)
            }
            ThreadItem::FileChange { changes, .. } => changes.iter().map(|change| change.diff.len()).sum(),
            ThreadItem::McpToolCall(call) => call.result.as_ref().map_or(0, McpToolCallResult::text_bytes),
            ThreadItem::UserMessage { .. } | ThreadItem::WebSearch { .. } | ThreadItem::ImageView { .. } => 0,
        }
    }
}

impl McpToolCallResult {
    fn text_bytes(&self) -> usize {
        let strings = self.content.iter().filter_map(Value::as_object).flat_map(serde_json::Map::values);
        strings.filter_map(Value::as_str).map(str::len).sum()
    }
}
