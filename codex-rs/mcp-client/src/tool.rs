//! One tool of a server, and its name for the model.

use serde_json::{Value, json};

/// A tool that a server offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// The server's name in the settings.
    pub server: String,
    /// The server's own name for it.
    pub name: String,
    /// Its name for the model: `mcp__SERVER__TOOL`, at most 64 of `[A-Za-z0-9_-]`, unique among all servers.
    pub model_name: String,
    /// A title for people.
    pub title: Option<String>,
    /// What it does, in the server's words.
    pub description: Option<String>,
    /// JSON Schema of its arguments, cleaned to what the Responses API takes.
    pub input_schema: Value,
    /// What the server says about its effects.
    pub annotations: Annotations,
    /// The tool as the server described it.
    pub raw: Value,
}

/// What a server says about the effects of a tool; absent where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy something.
    pub destructive: Option<bool>,
    /// It deals with the world outside of this machine.
    pub open_world: Option<bool>,
}

impl Tool {
    /// The tool as an entry of a model request.
    pub fn spec(&self) -> Value {
        json!({
            "type": "function",
            "name": self.model_name,
            "description": self.description.as_deref().unwrap_or_default(),
            "strict": false,
            "parameters": self.input_schema,
        })
    }

    /// Whether a call is asked about: always, unless the server says that the tool only reads, and not that it destroys.
    pub fn needs_approval(&self) -> bool {
        self.annotations.read_only != Some(true) || self.annotations.destructive == Some(true)
    }
}
