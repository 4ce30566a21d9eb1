//! What a tool of a server gave.

use rmcp::model::CallToolResult;
use serde_json::{Value, json};

/// The result of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallOutput {
    /// The parts of the result, as the server sent them (MCP content blocks).
    pub content: Vec<Value>,
    /// The structured result, where there is one.
    pub structured: Option<Value>,
    /// Whether the server says that the tool failed.
    pub is_error: bool,
    /// `_meta` of the result.
    pub meta: Option<Value>,
}

/// A part of a result, as the model is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// What the server calls a picture. Nobody has looked at it yet.
    Image {
        /// In base64, says the server.
        data: String,
    },
}

impl CallOutput {
    pub(crate) fn from_sdk(result: &CallToolResult) -> Self {
        CallOutput {
            // They came as JSON, so none can fail to be JSON again.
            content: result.content.iter().filter_map(|part| serde_json::to_value(part).ok()).collect(),
            structured: result.structured_content.clone(),
            is_error: result.is_error == Some(true),
            meta: result.meta.as_ref().and_then(|meta| serde_json::to_value(meta).ok()),
        }
    }

    /// The result in words and pictures for the model: its parts, or the structured result where there are none.
    /// What the model has no eyes or ears for (sounds, files) is named and left out.
    pub fn parts(&self) -> Vec<Part> {
        if self.content.is_empty() {
            let structured = self.structured.as_ref().map(|value| Part::Text(value.to_string()));
            return structured.into_iter().collect();
        }
        self.content.iter().map(part).collect()
    }
}

fn part(content: &Value) -> Part {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let kind = content["type"].as_str().unwrap_or_default();
    let (mime, data) = (content["mimeType"].as_str(), content["data"].as_str());
    match (kind, mime, data) {
        ("text", _, _) => Part::Text(text(&content["text"]).unwrap_or_default()),
        ("image", _, Some(data)) => Part::Image { data: data.to_owned() },
        ("resource", _, _) if content["resource"]["text"].is_string() => {
            Part::Text(text(&content["resource"]["text"]).unwrap_or_default())
        }
        ("resource_link", _, _) => Part::Text(content.to_string()),
        _ => Part::Text(
            json!({"type": kind, "mimeType": mime, "left_out": "it is neither text nor a picture"})
                .to_string(),
        ),
    }
}
