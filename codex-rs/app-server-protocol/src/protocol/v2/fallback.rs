//! The fallback key: all of it is an addition of ours (`docs/app-server.md`).

use codex_protocol::{ThreadId, TurnId};
use serde::{Deserialize, Serialize};

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PayerName {
    /// The ChatGPT plan.
    Plan,
    /// The fallback API key.
    Key,
}

/// What happens at the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FallbackMode {
    /// The key takes over.
    Auto,
    /// The person is asked.
    Ask,
    /// Nothing.
    Off,
}

/// What is known about the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FallbackKeyState {
    /// None is stored.
    None,
    /// It works.
    Ready,
    /// Stored without proof.
    Unchecked,
    /// The platform refused it.
    Refused,
    /// It has no credit.
    OutOfCredit,
}

/// The state of the fallback.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallbackStatus {
    /// The mode in force.
    pub mode: FallbackMode,
    /// Who pays for the next model request.
    pub payer: PayerName,
    /// Since when, unix seconds.
    pub payer_since: i64,
    /// The key's last four characters.
    pub key_last4: Option<String>,
    /// What is known about it.
    pub key_state: FallbackKeyState,
    /// When the plan's limit resets, unix seconds.
    pub resets_at: Option<i64>,
    /// Tokens the key has paid for in this process, input and output.
    pub tokens: u64,
    /// Their price, where prices are set.
    pub usd: Option<f64>,
    /// Tokens the key has paid for since it took over.
    pub tokens_since_switch: u64,
    /// Their price, where prices are set.
    pub usd_since_switch: Option<f64>,
}

/// `account/fallback/read`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FallbackReadParams {}

/// `account/fallback/setMode`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallbackSetModeParams {
    /// The new mode.
    pub mode: FallbackMode,
    /// Also write it to `config.toml`.
    #[serde(default)]
    pub persist: bool,
}

/// `account/fallback/setPayer`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallbackSetPayerParams {
    /// Who must pay.
    pub payer: ForcedPayer,
}

/// A payer forced by the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ForcedPayer {
    /// Only the plan.
    Plan,
    /// The key at once.
    Key,
    /// Signals and policy decide.
    Auto,
}

/// The answer to every fallback method but `account/addFallbackApiKey`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FallbackResponse {
    /// The state after it.
    pub fallback: FallbackStatus,
}

/// `account/fallback/updated`: to clients with `capabilities.fallback`, at every change of payer, key or mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallbackUpdated {
    /// The state now.
    pub fallback: FallbackStatus,
    /// What happened, for people; `null` where nothing needs saying.
    pub message: Option<String>,
}

/// `account/fallback/requestApproval`: to clients with `capabilities.fallback.ask`, under `mode = "ask"`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FallbackApprovalParams {
    /// The thread whose turn waits.
    pub thread_id: ThreadId,
    /// The turn that waits.
    pub turn_id: TurnId,
    /// What ran out, for people.
    pub reason: String,
    /// When the plan is free again, unix seconds.
    pub resets_at: Option<i64>,
    /// The model that would be used.
    pub model: String,
    /// The key's last four characters.
    pub key_last4: String,
    /// Roughly how many tokens the next request would send, where known.
    pub context_tokens: Option<u64>,
}

/// The answer to `account/fallback/requestApproval`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FallbackApprovalResponse {
    /// What the person chose.
    pub answer: FallbackApproval,
}

/// What the person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FallbackApproval {
    /// The key pays for the turns that waited.
    Turn,
    /// Until the plan's limit resets.
    UntilReset,
    /// As long as this process lives.
    Process,
    /// Not at all.
    No,
}
