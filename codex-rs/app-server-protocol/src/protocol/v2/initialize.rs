//! The handshake (wire-facts §5.2).

use serde::{Deserialize, Serialize};

/// `initialize`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeParams {
    /// Who connects.
    pub client_info: ClientInfo,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Option<Capabilities>,
}

/// Who connects.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Becomes the originator of model requests.
    pub name: String,
    /// A name for people.
    #[serde(default)]
    pub title: Option<String>,
    /// The client's version.
    pub version: String,
}

/// What a client can do.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// Experimental methods and fields.
    pub experimental_api: bool,
    /// Notification methods the client does not want.
    pub opt_out_notification_methods: Option<Vec<String>>,
    /// Ours: the client knows `account/fallback/updated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<FallbackCapability>,
}

/// `capabilities.fallback`, an addition of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallbackCapability {
    /// The client can answer `account/fallback/requestApproval`.
    #[serde(default)]
    pub ask: bool,
}

/// The answer to `initialize`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InitializeResponse {
    /// `<originator>/<version> (…)`.
    pub user_agent: String,
    /// Absolute path.
    pub codex_home: String,
    /// `unix` or `windows`.
    pub platform_family: String,
    /// `linux`, `macos` or `windows`.
    pub platform_os: String,
}
