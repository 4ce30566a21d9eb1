//! What a tool of a server gave.

use serde_json::Value;

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
