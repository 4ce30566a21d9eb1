//! What the person is asked before the agent acts, and the answers (wire-facts §5.6; shapes of the official schema 0.169).

use codex_protocol::{ThreadId, TurnId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::CommandAction;

/// `item/commandExecution/requestApproval`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandExecutionRequestApprovalParams {
    /// What is asked about.
    pub kind: CommandApprovalKind,
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn that waits.
    pub turn_id: TurnId,
    /// The command's item.
    pub item_id: String,
    /// Unix milliseconds.
    pub started_at_ms: i64,
    /// Always `null`: commands run on this machine.
    pub environment_id: Option<String>,
    /// Why it is asked, for people.
    #[serde(default)]
    pub reason: Option<String>,
    /// As one line of shell.
    #[serde(default)]
    pub command: Option<String>,
    /// Absolute.
    #[serde(default)]
    pub cwd: Option<String>,
    /// A best-effort reading of the command.
    #[serde(default)]
    pub command_actions: Option<Vec<CommandAction>>,
    /// The first words of commands that `acceptWithExecpolicyAmendment` would allow for this thread.
    #[serde(default)]
    pub proposed_execpolicy_amendment: Option<Vec<String>>,
    /// The answers that make sense, in the order to show them. `decline` is always taken.
    #[serde(default)]
    pub available_decisions: Option<Vec<CommandApprovalDecision>>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CommandApprovalKind {
    /// Running a command.
    Command,
    /// Running a command of the person's.
    HumanCommand,
    /// Typing into a command that runs.
    WriteStdin,
}

/// What the person says to a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CommandApprovalDecision {
    /// It may run.
    Accept,
    /// It may run, and the same command again in this thread.
    AcceptForSession,
    /// It may run, and later commands that begin with these words.
    AcceptWithExecpolicyAmendment {
        /// The words.
        #[serde(rename = "execpolicy_amendment")]
        execpolicy_amendment: Vec<String>,
    },
    /// It may not run; the agent is told and goes on.
    Decline,
    /// It may not run, and the turn ends.
    Cancel,
}

/// The answer to `item/commandExecution/requestApproval`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandExecutionRequestApprovalResponse {
    /// What the person says.
    pub decision: CommandApprovalDecision,
}

/// `item/fileChange/requestApproval`. The changes are those of the item.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FileChangeRequestApprovalParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn that waits.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// Unix milliseconds.
    pub started_at_ms: i64,
    /// Why it is asked, for people.
    #[serde(default)]
    pub reason: Option<String>,
    /// Always `null`: an answer never widens what later changes may touch, but for the files that are named.
    #[serde(default)]
    pub grant_root: Option<String>,
}

/// What the person says to a change of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FileChangeApprovalDecision {
    /// It may be made.
    Accept,
    /// It may be made, and later ones of the same files in this thread.
    AcceptForSession,
    /// It may not be made; the agent is told and goes on.
    Decline,
    /// It may not be made, and the turn ends.
    Cancel,
}

/// The answer to `item/fileChange/requestApproval`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChangeRequestApprovalResponse {
    /// What the person says.
    pub decision: FileChangeApprovalDecision,
}

/// `item/permissions/requestApproval`: the agent asks for more than its walls allow, for the turn or the session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionsRequestApprovalParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn that waits.
    pub turn_id: TurnId,
    /// The item.
    pub item_id: String,
    /// Always `null`: commands run on this machine.
    pub environment_id: Option<String>,
    /// Unix milliseconds.
    pub started_at_ms: i64,
    /// Absolute.
    pub cwd: String,
    /// Why, in the model's words.
    pub reason: Option<String>,
    /// What is asked for.
    pub permissions: Permissions,
}

/// More than the walls allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// The network.
    #[serde(default)]
    pub network: Option<NetworkPermissions>,
    /// Folders and files.
    #[serde(default)]
    pub file_system: Option<FileSystemPermissions>,
}

/// Permission to use the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkPermissions {
    /// Whether it is open.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// Permission to use folders and files, absolute paths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSystemPermissions {
    /// To read.
    #[serde(default)]
    pub read: Option<Vec<String>>,
    /// To write.
    #[serde(default)]
    pub write: Option<Vec<String>>,
}

/// The answer to `item/permissions/requestApproval`: what is granted, which may be less than was asked or nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionsRequestApprovalResponse {
    /// What is granted.
    pub permissions: Permissions,
    /// For how long.
    #[serde(default)]
    pub scope: PermissionGrantScope,
}

/// How long a grant counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PermissionGrantScope {
    /// To the end of the turn.
    #[default]
    Turn,
    /// As long as the thread lives in this process.
    Session,
}

/// `mcpServer/elicitation/request`: an MCP server asks the person, or the agent wants to call one of its tools; then
/// `_meta.codex_approval_kind` is `mcp_tool_call`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpServerElicitationRequestParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn that waits, where one does.
    pub turn_id: Option<TurnId>,
    /// The server's name in the settings.
    pub server_name: String,
    /// What is asked.
    #[serde(flatten)]
    pub request: McpElicitation,
}

/// What an MCP server asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum McpElicitation {
    /// To fill in a form.
    Form {
        /// The server's own, or ours.
        #[serde(rename = "_meta")]
        meta: Option<Value>,
        /// For people.
        message: String,
        /// JSON Schema of an object with plain members.
        requested_schema: Value,
    },
    /// To open an address.
    Url {
        /// The server's own.
        #[serde(rename = "_meta")]
        meta: Option<Value>,
        /// For people.
        message: String,
        /// The address.
        url: String,
        /// The server's id of it.
        elicitation_id: String,
    },
}

/// The answer to `mcpServer/elicitation/request`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct McpServerElicitationRequestResponse {
    /// What the person says.
    pub action: McpElicitationAction,
    /// What was filled in.
    #[serde(default)]
    pub content: Option<Value>,
    /// The client's own; `{"persist": "session"}` with `accept` allows the same tool for the rest of the thread.
    #[serde(default, rename = "_meta")]
    pub meta: Option<Value>,
}

/// What the person says to an MCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum McpElicitationAction {
    /// Yes.
    Accept,
    /// No.
    Decline,
    /// Neither: the question was left.
    Cancel,
}
