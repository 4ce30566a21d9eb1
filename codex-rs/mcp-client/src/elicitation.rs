//! A question that a server has for the person.

use serde_json::Value;

/// A form a server wants the person to fill in while one of its tools runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Elicitation {
    /// The server that asks.
    pub server: String,
    /// What it says; a text from outside.
    pub message: String,
    /// JSON Schema of the answer: an object of plain values.
    pub requested_schema: Value,
    /// `_meta` of the request.
    pub meta: Option<Value>,
}

/// What the person answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The form, filled in.
    Accept {
        /// An object that fits the schema; `null` where there is nothing to fill in.
        content: Value,
    },
    /// The server gets no answer and may go on without one.
    Decline,
    /// The server should give up what it was doing.
    Cancel,
}
