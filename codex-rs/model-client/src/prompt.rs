//! Owns what one sampling asks for, whoever pays.

use std::sync::Arc;

use codex_protocol::HistoryItem;
use serde_json::Value;

/// One sampling's question to the model. Cheap to make: items and tools are shared, not copied.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// The thread's model.
    pub model: String,
    /// The base instructions; they travel as the first `developer` message of `input` (wire-facts §3.3).
    pub instructions: Arc<str>,
    /// Everything said and done so far, oldest first.
    pub history: Vec<HistoryItem>,
    /// The tools' JSON descriptions, as the service wants them.
    pub tools: Arc<[Value]>,
    /// `reasoning.effort`; `None` leaves it to the service.
    pub effort: Option<String>,
    /// `reasoning.summary`; `None` asks for none.
    pub summary: Option<String>,
    /// `text.verbosity`; `None` leaves it to the service.
    pub verbosity: Option<String>,
    /// `service_tier` on the plan; the key's is a setting of its own.
    pub service_tier: Option<String>,
    /// A JSON schema that the answer has to follow.
    pub output_schema: Option<Arc<Value>>,
    /// About how many tokens the context holds; only shown to the person who is asked for consent.
    pub context_tokens_estimate: Option<u64>,
}
