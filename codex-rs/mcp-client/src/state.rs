//! What is known about a server.

use std::sync::Arc;

use serde_json::Value;

use crate::Tool;

/// Where a server is in its life.
#[derive(Debug, Clone, PartialEq)]
pub enum State {
    /// The settings turn it off.
    Disabled,
    /// On its way.
    Starting,
    /// It answers.
    Ready(Ready),
    /// It did not come up, or ended; it is tried again at the next reload only.
    Failed {
        /// One sentence without an end mark.
        why: String,
    },
    /// Its start was called off.
    Cancelled,
}

/// What a running server says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Ready {
    /// Its tools after the filters of the settings, by name.
    pub tools: Arc<[Tool]>,
    /// `serverInfo` of the protocol, where the server gave it.
    pub server_info: Option<Value>,
    /// `capabilities` of the protocol.
    pub capabilities: Value,
    /// Sentences about what was left out, such as a tool that cannot be offered.
    pub notes: Vec<String>,
}

/// A server with its state, for lists.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerStatus {
    /// Its name in the settings.
    pub name: String,
    /// Where it is in its life.
    pub state: State,
    /// How we sign in to it.
    pub sign_in: SignIn,
    /// Scheme, host and port of an HTTP server.
    pub http_origin: Option<String>,
}

/// How we sign in to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// A program of this machine, or an address without a token.
    Unsupported,
    /// A bearer token or headers of the settings.
    BearerToken,
    /// It wants to know who we are, and what the settings give it does not do.
    Wanted,
}
