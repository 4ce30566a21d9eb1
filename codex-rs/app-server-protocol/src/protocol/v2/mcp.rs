//! MCP servers (shapes of the official schema 0.169).

use std::collections::BTreeMap;

use codex_protocol::ThreadId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `mcpServerStatus/list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct McpServerStatusListParams {
    /// The thread whose servers are meant; without it all that the settings name.
    pub thread_id: Option<ThreadId>,
    /// Only this one.
    pub server_name: Option<String>,
}

/// The answer to `mcpServerStatus/list`. All of them: there is never a next page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpServerStatusListResponse {
    /// By name.
    pub data: Vec<McpServerStatus>,
    /// Always `null`.
    pub next_cursor: Option<String>,
}

/// An MCP server and what it offers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpServerStatus {
    /// Its name in the settings.
    pub name: String,
    /// How its connection stands; `null` where no thread has started it.
    pub runtime_status: Option<McpServerConnectionStatus>,
    /// Always `null`: no plugins here.
    pub plugin_id: Option<String>,
    /// Scheme, host and port of an HTTP server; never credentials.
    pub http_origin: Option<String>,
    /// What it says of itself.
    pub server_info: Option<Value>,
    /// What it can do.
    pub server_capabilities: Option<Value>,
    /// The server's own.
    pub tool_list_meta: Option<Value>,
    /// Its tools, by name.
    pub tools: BTreeMap<String, Value>,
    /// Why there are none.
    pub tools_error: Option<String>,
    /// Always empty: resources are not read.
    pub resources: Vec<Value>,
    /// Always empty: resources are not read.
    pub resource_templates: Vec<Value>,
    /// How we sign in there.
    pub auth_status: McpAuthStatus,
}

/// How a connection to an MCP server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum McpServerConnectionStatus {
    NotStarted,
    Starting,
    Connected,
    AuthenticationRequired,
    Failed,
    Cancelled,
    Disabled,
}

/// How we sign in to an MCP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum McpAuthStatus {
    /// Not known.
    Unknown,
    /// Not at all.
    Unsupported,
    /// It wants a sign-in that there is none for.
    NotLoggedIn,
    /// With a token from the environment.
    BearerToken,
    /// By OAuth. Not built.
    OAuth,
}

/// `mcpServer/startupStatus/updated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct McpServerStartupUpdated {
    /// The thread that starts it.
    pub thread_id: Option<ThreadId>,
    /// The server's name in the settings.
    pub name: String,
    /// How it stands.
    pub status: McpServerStartup,
    /// Why it failed, for people.
    pub error: Option<String>,
    /// Always `null`: nothing here signs in again.
    pub failure_reason: Option<String>,
}

/// How the start of an MCP server stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum McpServerStartup {
    Starting,
    Ready,
    Failed,
    Cancelled,
}

/// `config/mcpServer/reload`: reads the settings again and starts, keeps and ends servers accordingly.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct McpServerReloadParams {}

/// The answer to `config/mcpServer/reload`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpServerReloadResponse {}
