//! Items of the Responses API, and what our history remembers beside each (wire-facts §3.3, §3.5).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Members of an item that we do not know; they go back to the service as they came.
pub type Extra = Map<String, Value>;

/// One item of a model request's `input` or of an answer's output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ResponseItem {
    /// Words of the person, the developer or the assistant.
    Message {
        /// `msg_…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// `user`, `developer` or `assistant`.
        role: String,
        /// The parts.
        content: Vec<ContentItem>,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// The model's reasoning: readable summaries and ciphertext bound to the organisation that minted it.
    Reasoning {
        /// `rs_…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Readable summaries.
        #[serde(default)]
        summary: Vec<SummaryPart>,
        /// Opaque; refused by every other organisation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// A call of one of our tools.
    FunctionCall {
        /// `fc_…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Ties the output to the call.
        call_id: String,
        /// The tool.
        name: String,
        /// JSON text.
        arguments: String,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// The result of a function call.
    FunctionCallOutput {
        /// The call it answers.
        call_id: String,
        /// Text, or a list of parts.
        output: Value,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// A call of a tool whose input is free text.
    CustomToolCall {
        /// `ctc_…`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Ties the output to the call.
        call_id: String,
        /// The tool.
        name: String,
        /// Free text.
        input: String,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// The result of a custom tool call.
    CustomToolCallOutput {
        /// The call it answers.
        call_id: String,
        /// Text, or a list of parts.
        output: Value,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// A compacted history: ciphertext only.
    #[serde(alias = "compaction_summary", alias = "context_compaction")]
    Compaction {
        /// The item's id.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<String>,
        /// Opaque; refused by every other organisation.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        encrypted_content: Option<String>,
        #[serde(flatten)]
        /// Unknown members.
        extra: Extra,
    },
    /// Any other type, kept whole.
    #[serde(untagged)]
    Other(Value),
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ContentItem {
    /// Text we send.
    InputText {
        /// The text.
        text: String,
    },
    /// An image we send.
    InputImage {
        /// A URL; local files travel as `data:` URLs.
        image_url: String,
    },
    /// Text the model wrote.
    OutputText {
        /// The text.
        text: String,
    },
    /// Any other part, kept whole.
    #[serde(untagged)]
    Other(Value),
}

/// A readable piece of a reasoning summary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SummaryPart {
    /// A paragraph.
    SummaryText {
        /// The text.
        text: String,
    },
    /// Any other part, kept whole.
    #[serde(untagged)]
    Other(Value),
}

/// Who minted an item's ciphertext: a short hash of a ChatGPT account id or of a key, never either itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minter(Arc<str>);

/// One item of a thread's history, with what decides whether it may be sent to a given payer.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryItem {
    /// The item as sent or received.
    pub item: Arc<ResponseItem>,
    /// Who minted it; `None` for items of ours and of unknown origin.
    pub minter: Option<Minter>,
    /// For a compaction item: what it says, in words any model can read.
    pub readable_summary: Option<Arc<str>>,
}

impl ResponseItem {
    /// A message of one text part. `role` is `user`, `developer` or `assistant`.
    pub fn message(role: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let part = match role {
            "assistant" => ContentItem::OutputText { text },
            _ => ContentItem::InputText { text },
        };
        ResponseItem::Message { id: None, role: role.to_owned(), content: vec![part], extra: Extra::new() }
    }

    /// The text result of a function call.
    pub fn function_output(call_id: impl Into<String>, output: impl Into<String>) -> Self {
        ResponseItem::FunctionCallOutput {
            call_id: call_id.into(),
            output: Value::String(output.into()),
            extra: Extra::new(),
        }
    }

    /// The words of a message, its parts joined; empty for other items.
    pub fn text(&self) -> String {
        let ResponseItem::Message { content, .. } = self else { return String::new() };
        let texts = content.iter().filter_map(|part| match part {
            ContentItem::InputText { text } | ContentItem::OutputText { text } => Some(text.as_str()),
            ContentItem::InputImage { .. } | ContentItem::Other(_) => None,
        });
        texts.collect()
    }

    /// The same item without the id the service gave it.
    pub fn without_id(mut self) -> Self {
        match &mut self {
            ResponseItem::Message { id, .. }
            | ResponseItem::Reasoning { id, .. }
            | ResponseItem::FunctionCall { id, .. }
            | ResponseItem::CustomToolCall { id, .. }
            | ResponseItem::Compaction { id, .. } => *id = None,
            ResponseItem::FunctionCallOutput { extra, .. }
            | ResponseItem::CustomToolCallOutput { extra, .. } => {
                extra.remove("id");
            }
            ResponseItem::Other(value) => {
                if let Some(members) = value.as_object_mut() {
                    members.remove("id");
                }
            }
        }
        self
    }
}

impl Minter {
    /// From a short hash.
    pub fn new(short_hash: &str) -> Self {
        Minter(short_hash.into())
    }

    /// The short hash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl HistoryItem {
    /// An item of ours: words of the person, tool results, context.
    pub fn ours(item: ResponseItem) -> Self {
        HistoryItem { item: Arc::new(item), minter: None, readable_summary: None }
    }

    /// An item that an answer brought.
    pub fn minted(item: ResponseItem, minter: Minter) -> Self {
        HistoryItem { item: Arc::new(item), minter: Some(minter), readable_summary: None }
    }
}
