//! Turns (wire-facts §5.5).

use codex_protocol::{CodexErrorInfo, ThreadId, TokenUsage, TurnId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ApprovalPolicy, SandboxPolicy, ThreadItem};

/// `turn/start`. Overrides count for this turn and the later ones of the thread.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnStartParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// What the person says.
    pub input: Vec<UserInput>,
    /// The client's own id of the message; comes back in the `userMessage` item.
    #[serde(default)]
    pub client_user_message_id: Option<String>,
    /// Working directory.
    #[serde(default)]
    pub cwd: Option<String>,
    /// When to ask the person.
    #[serde(default)]
    pub approval_policy: Option<ApprovalPolicy>,
    /// What commands may touch.
    #[serde(default)]
    pub sandbox_policy: Option<SandboxPolicy>,
    /// Model slug.
    #[serde(default)]
    pub model: Option<String>,
    /// Reasoning effort.
    #[serde(default)]
    pub effort: Option<String>,
    /// Reasoning summary: `auto`, `concise`, `detailed`, `none`.
    #[serde(default)]
    pub summary: Option<String>,
    /// Service tier.
    #[serde(default)]
    pub service_tier: Option<String>,
    /// JSON Schema of the final answer, for this turn only.
    #[serde(default)]
    pub output_schema: Option<Value>,
}

impl TurnStartParams {
    /// A turn that says this and overrides nothing.
    pub fn text(thread_id: ThreadId, text: impl Into<String>) -> Self {
        TurnStartParams {
            thread_id,
            input: vec![UserInput::Text { text: text.into(), text_elements: Vec::new() }],
            client_user_message_id: None,
            cwd: None,
            approval_policy: None,
            sandbox_policy: None,
            model: None,
            effort: None,
            summary: None,
            service_tier: None,
            output_schema: None,
        }
    }
}

/// A part of what the person says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum UserInput {
    /// Words.
    Text {
        /// The words.
        text: String,
        /// Spans that a UI draws in its own way; kept as they came.
        #[serde(default, rename = "text_elements")]
        text_elements: Vec<Value>,
    },
    /// An image by URL.
    Image {
        /// The URL.
        url: String,
    },
    /// An image file.
    LocalImage {
        /// Its path.
        path: String,
    },
}

/// The answer to `turn/start`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnStartResponse {
    /// The turn, in progress.
    pub turn: Turn,
}

/// `turn/interrupt`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnInterruptParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn that must be the active one.
    pub turn_id: TurnId,
}

/// The answer to `turn/interrupt`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnInterruptResponse {}

/// `turn/steer`: more words for the turn that runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnSteerParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// What the person says.
    pub input: Vec<UserInput>,
    /// The turn that must be the active one.
    pub expected_turn_id: TurnId,
    /// The client's own id of the message; comes back in the `userMessage` item.
    #[serde(default)]
    pub client_user_message_id: Option<String>,
}

/// The answer to `turn/steer`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnSteerResponse {
    /// The turn that the words join.
    pub turn_id: TurnId,
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Turn {
    /// UUIDv7.
    pub id: TurnId,
    /// The turn this one's work began with; itself.
    pub root_turn_id: Option<TurnId>,
    /// As much of its items as `items_view` says.
    pub items: Vec<ThreadItem>,
    /// How much that is.
    pub items_view: TurnItemsView,
    /// How it stands.
    pub status: TurnStatus,
    /// Why it failed.
    pub error: Option<TurnError>,
    /// Unix seconds.
    pub started_at: Option<i64>,
    /// Unix seconds.
    pub completed_at: Option<i64>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
}

/// How many of a turn's items a message carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnItemsView {
    /// None.
    NotLoaded,
    /// The final agent message.
    Summary,
    /// All.
    Full,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TurnStatus {
    /// It ended with the agent's last word.
    Completed,
    /// The person ended it.
    Interrupted,
    /// An error ended it.
    Failed,
    /// It runs.
    InProgress,
}

/// Why a turn failed, or why a request is sent again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnError {
    /// For people.
    pub message: String,
    /// For programs.
    pub codex_error_info: Option<CodexErrorInfo>,
    /// The cause of a retry.
    pub additional_details: Option<String>,
    /// Always `null` here.
    pub misalignment: Option<Value>,
}

impl TurnError {
    /// What went wrong and, in brackets, why, unless the sentence says so itself.
    pub fn words(&self) -> String {
        let message = self.message.as_str();
        match &self.additional_details {
            Some(details) if !message.contains(details.as_str()) => {
                let end = if message.ends_with('.') { "." } else { "" };
                format!("{} ({}){end}", message.trim_end_matches('.'), details.trim_end_matches('.'))
            }
            Some(_) | None => message.to_owned(),
        }
    }
}

/// `turn/started` and `turn/completed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TurnChanged {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn: Turn,
}

/// `error`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorNotification {
    /// What went wrong.
    pub error: TurnError,
    /// Whether the request is sent again; then the turn goes on.
    pub will_retry: bool,
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
}

/// `thread/tokenUsage/updated`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadTokenUsageUpdated {
    /// The thread.
    pub thread_id: ThreadId,
    /// The turn.
    pub turn_id: TurnId,
    /// The counts.
    pub token_usage: ThreadTokenUsage,
}

/// Token counts of a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ThreadTokenUsage {
    /// Over the whole thread.
    pub total: TokenUsage,
    /// Of the last answer.
    pub last: TokenUsage,
    /// Tokens the model can hold, where known.
    pub model_context_window: Option<u64>,
}
