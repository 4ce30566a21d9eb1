//! Threads (wire-facts §5.5).

use codex_protocol::ThreadId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Turn;

/// `thread/start`. What is absent comes from the configuration.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ThreadStartParams {
    /// Model slug.
    pub model: Option<String>,
    /// Only `openai` is built.
    pub model_provider: Option<String>,
    /// Service tier of the plan's requests.
    pub service_tier: Option<String>,
    /// Working directory.
    pub cwd: Option<String>,
    /// When to ask the person.
    pub approval_policy: Option<ApprovalPolicy>,
    /// What commands may touch.
    pub sandbox: Option<SandboxMode>,
    /// Settings as dotted keys or tables; those that decide who pays or where requests go are ignored with a warning.
    pub config: Option<Map<String, Value>>,
    /// Replaces our base instructions.
    pub base_instructions: Option<String>,
    /// Added after them.
    pub developer_instructions: Option<String>,
    /// Keep nothing on disk.
    pub ephemeral: Option<bool>,
}

/// The answer to `thread/start`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadStartResponse {
    /// The thread.
    pub thread: Thread,
    /// Model slug.
    pub model: String,
    /// Provider id.
    pub model_provider: String,
    /// Service tier.
    pub service_tier: Option<String>,
    /// Always empty: no plugins here.
    pub disabled_plugin_ids: Vec<String>,
    /// Absolute.
    pub cwd: String,
    /// The AGENTS.md files in use.
    pub instruction_sources: Vec<String>,
    /// In force.
    pub approval_policy: ApprovalPolicy,
    /// Who reviews approvals; always `user`.
    pub approvals_reviewer: String,
    /// In force.
    pub sandbox: SandboxPolicy,
    /// Reasoning effort.
    pub reasoning_effort: Option<String>,
}

/// A conversation. Members that nothing here fills are `null`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(
    missing_docs,
    reason = "the members are the protocol's own; wire-facts §5.5 explains those that matter"
)]
pub struct Thread {
    pub id: ThreadId,
    pub session_id: ThreadId,
    pub forked_from_id: Option<ThreadId>,
    pub parent_thread_id: Option<ThreadId>,
    pub preview: String,
    pub ephemeral: bool,
    pub section: Option<Value>,
    pub section_entered_at: Option<i64>,
    pub project_id: Option<String>,
    pub history_mode: String,
    pub model_provider: String,
    pub model: Option<String>,
    pub reasoning_effort: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub recency_at: Option<i64>,
    pub status: ThreadStatus,
    pub path: Option<String>,
    pub cwd: String,
    pub cli_version: String,
    pub originator: Option<String>,
    pub source: String,
    pub thread_source: Option<String>,
    pub agent_nickname: Option<String>,
    pub agent_role: Option<String>,
    pub git_info: Option<Value>,
    pub name: Option<String>,
    pub turns: Vec<Turn>,
}

/// What a thread is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ThreadStatus {
    /// Nothing.
    Idle,
    /// A turn runs.
    Active {
        /// `waitingOnApproval` while the person is asked.
        active_flags: Vec<ThreadActiveFlag>,
    },
}

/// What an active thread waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ThreadActiveFlag {
    /// The person's answer.
    WaitingOnApproval,
}

/// When to ask the person before a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalPolicy {
    /// Before anything that is not known to be harmless.
    Untrusted,
    /// When the model asks for it.
    OnRequest,
    /// Never: what is not allowed is declined.
    Never,
    /// By kind.
    Granular(GranularApproval),
}

/// Which kinds of questions are put to the person; what is not put counts as declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GranularApproval {
    /// To run a command, or to change files, outside of the walls.
    pub sandbox_approval: bool,
    /// To run a command that the rules for commands want asked about.
    pub rules: bool,
    /// Not built; read and kept.
    #[serde(default)]
    pub skill_approval: bool,
    /// For more permissions.
    #[serde(default)]
    pub request_permissions: bool,
    /// Of MCP servers, and to call their tools.
    pub mcp_elicitations: bool,
}

/// What commands may touch, as a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SandboxMode {
    /// Read only, no network.
    ReadOnly,
    /// Write in the workspace, no network unless allowed.
    WorkspaceWrite,
    /// Everything.
    DangerFullAccess,
}

/// What commands may touch, in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SandboxPolicy {
    /// Everything.
    DangerFullAccess,
    /// Read only.
    ReadOnly {
        /// Whether the network is open.
        #[serde(default)]
        network_access: bool,
    },
    /// Write in the workspace.
    WorkspaceWrite {
        /// Further folders, absolute.
        #[serde(default)]
        writable_roots: Vec<String>,
        /// Whether the network is open.
        #[serde(default)]
        network_access: bool,
        /// Leave `$TMPDIR` out.
        #[serde(default)]
        exclude_tmpdir_env_var: bool,
        /// Leave `/tmp` out.
        #[serde(default)]
        exclude_slash_tmp: bool,
    },
}

/// `thread/started`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThreadStarted {
    /// The thread.
    pub thread: Thread,
}

/// `thread/status/changed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadStatusChanged {
    /// The thread.
    pub thread_id: ThreadId,
    /// What it does now.
    pub status: ThreadStatus,
}

/// `warning`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warning {
    /// The thread it is about, if one.
    pub thread_id: Option<ThreadId>,
    /// For people.
    pub message: String,
}

/// `configWarning`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigWarning {
    /// For people.
    pub summary: String,
    /// More of it.
    pub details: Option<String>,
    /// The file it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
}

impl From<SandboxMode> for SandboxPolicy {
    fn from(mode: SandboxMode) -> Self {
        match mode {
            SandboxMode::ReadOnly => SandboxPolicy::ReadOnly { network_access: false },
            SandboxMode::WorkspaceWrite => SandboxPolicy::WorkspaceWrite {
                writable_roots: Vec::new(),
                network_access: false,
                exclude_tmpdir_env_var: false,
                exclude_slash_tmp: false,
            },
            SandboxMode::DangerFullAccess => SandboxPolicy::DangerFullAccess,
        }
    }
}
