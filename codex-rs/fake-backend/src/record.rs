//! Owns the record: every request that reached the backend, what was found in it, how it was answered.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use crate::connection::{ConnectionLog, Exchange};
use crate::reply::Usage;
use crate::script::Door;

/// Whose credential a request carried.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Payer {
    /// This ChatGPT account, by id.
    Plan(String),
    /// This platform key, by name.
    Key(String),
    /// No credential this backend knows.
    Nobody,
}

/// Something that should never have been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Something of one credential reached the other's side; says what and where, never the secret.
    Leak(String),
    /// Connection state used where it does not belong, such as another turn's `x-codex-turn-state`.
    State(String),
}

/// One request, in full.
#[derive(Clone)]
pub struct Recorded {
    /// Counts from 0 over the life of the backend.
    pub number: usize,
    /// When its first byte was read.
    pub at: Instant,
    /// Counts connections from 0.
    pub connection: u64,
    /// Whether it came over TLS.
    pub tls: bool,
    /// Upper case.
    pub method: String,
    /// With the query.
    pub path: String,
    /// Where it knocked.
    pub door: Door,
    /// Names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The body after decompression as JSON; `Null` when it is none.
    pub body: Value,
    /// The body after decompression as text.
    pub text: String,
    /// Size of the body as sent.
    pub bytes: usize,
    /// Whose credential it carried.
    pub payer: Payer,
    /// The status it was answered with; 0 for raw bytes and hangs.
    pub status: u16,
    /// Why it was not served, in our words; `None` when it was. Scripted failures say `scripted: …`.
    pub refusal: Option<String>,
    /// Whether the refusal is the script's will, not the request's fault.
    pub scripted: bool,
    /// Leaks and misplaced state.
    pub findings: Vec<Finding>,
    /// The tokens of the answer, when it was served.
    pub usage: Option<Usage>,
    /// Function and custom tool calls in the part of the answer that was sent.
    pub calls: Vec<String>,
    /// Assistant texts in the part of the answer that was sent and finished.
    pub texts: Vec<String>,
    pub(crate) log: Arc<ConnectionLog>,
    pub(crate) place: usize,
}

impl Recorded {
    /// The first header of this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether it was a request to a model.
    pub fn is_model_request(&self) -> bool {
        matches!(self.door, Door::PlanResponses | Door::KeyResponses)
    }

    /// Whether it was answered as a model request should be, at least in part.
    pub fn was_served(&self) -> bool {
        self.is_model_request() && self.refusal.is_none()
    }

    /// The items of `input`.
    pub fn input(&self) -> &[Value] {
        self.body.get("input").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The `output` of the answer to this call in `input`, when it is text.
    pub fn output_of(&self, call_id: &str) -> Option<&str> {
        let outputs = self.input().iter().filter(|item| is_call_output(item));
        outputs.filter(|item| item["call_id"] == call_id).find_map(|item| item["output"].as_str())
    }

    /// The texts of the user messages in `input`, parts joined by a line feed.
    pub fn user_texts(&self) -> Vec<String> {
        message_texts(self.input(), "user")
    }

    /// The turn it belongs to, by its metadata.
    pub fn turn_id(&self) -> Option<String> {
        if let Some(turn) = self.body["client_metadata"]["turn_id"].as_str() {
            return Some(turn.to_owned());
        }
        let metadata: Value = serde_json::from_str(self.header("x-codex-turn-metadata")?).ok()?;
        metadata["turn_id"].as_str().map(str::to_owned)
    }

    /// The thread it belongs to: header `thread-id`, else `prompt_cache_key`.
    pub fn thread_id(&self) -> Option<&str> {
        self.header("thread-id").or_else(|| self.body["prompt_cache_key"].as_str())
    }

    /// Its instants on the connection, up to now.
    pub fn exchange(&self) -> Option<Exchange> {
        self.log.exchange(self.place)
    }

    /// When the last byte of its answer so far was written.
    pub fn last_byte_written(&self) -> Option<Instant> {
        self.exchange().and_then(|exchange| exchange.last_byte_written)
    }
}

impl std::fmt::Debug for Recorded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorded")
            .field("number", &self.number)
            .field("request", &format_args!("{} {}", self.method, self.path))
            .field("payer", &self.payer)
            .field("status", &self.status)
            .field("refusal", &self.refusal)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

pub(crate) fn is_call_output(item: &Value) -> bool {
    matches!(
        item["type"].as_str(),
        Some("function_call_output" | "custom_tool_call_output" | "local_shell_call_output")
    )
}

pub(crate) fn is_call(item: &Value) -> bool {
    matches!(item["type"].as_str(), Some("function_call" | "custom_tool_call" | "local_shell_call"))
}

pub(crate) fn message_texts(input: &[Value], role: &str) -> Vec<String> {
    let messages = input
        .iter()
        .filter(|item| item["role"] == role && matches!(item["type"].as_str(), None | Some("message")));
    messages
        .map(|message| match &message["content"] {
            Value::String(text) => text.clone(),
            Value::Array(parts) => {
                parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        })
        .collect()
}
