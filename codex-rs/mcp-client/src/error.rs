//! Why a server or one of its tools gave nothing.

use std::time::Duration;

/// Why a call has no result. The texts are for the model and the person alike.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// There is no such server in the settings.
    #[error("there is no MCP server named `{server}`")]
    UnknownServer {
        /// The name asked for.
        server: String,
    },
    /// The server does not offer it, or the settings turn it off.
    #[error("the MCP server `{server}` offers no tool named `{tool}`")]
    UnknownTool {
        /// The server.
        server: String,
        /// The name asked for.
        tool: String,
    },
    /// The server is not running.
    #[error(transparent)]
    NotReady(#[from] NotReady),
    /// The arguments are no JSON object.
    #[error("the arguments of an MCP tool must be a JSON object")]
    BadArguments,
    /// It took too long; the server was told to stop.
    #[error("`{tool}` of the MCP server `{server}` gave no result within {}", seconds(*limit))]
    TimedOut {
        /// The server.
        server: String,
        /// The tool.
        tool: String,
        /// The limit of the settings.
        limit: Duration,
    },
    /// The server answered with an error of the protocol.
    #[error("the MCP server `{server}` refused the call: {message}")]
    Refused {
        /// The server.
        server: String,
        /// What it said.
        message: String,
    },
    /// The connection ended in the middle of the call.
    #[error("the MCP server `{server}` ended while `{tool}` ran: {why}")]
    Ended {
        /// The server.
        server: String,
        /// The tool.
        tool: String,
        /// What is known about the end.
        why: String,
    },
    /// The answer makes no sense.
    #[error("the MCP server `{server}` answered with something that is no result of a tool")]
    BadAnswer {
        /// The server.
        server: String,
    },
}

/// A server that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the MCP server `{server}` cannot be used: {why}")]
pub struct NotReady {
    /// The server.
    pub server: String,
    /// Why not.
    pub why: String,
}

/// A span of time in words: `10 s`, `0.5 s`.
pub(crate) fn seconds(span: Duration) -> String {
    format!("{} s", span.as_secs_f64())
}
