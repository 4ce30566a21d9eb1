//! What the settings say about one server.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use codex_redact::Secret;

/// One server of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// How it is reached.
    pub transport: Transport,
    /// Whether it is started at all.
    pub enabled: bool,
    /// Whether a thread cannot start without it.
    pub required: bool,
    /// How long it may take to be ready.
    pub startup_limit: Duration,
    /// How long one call may take.
    pub tool_limit: Duration,
    /// Only these tools, by the server's own names; `None` for all.
    pub enabled_tools: Option<Vec<String>>,
    /// Never these tools.
    pub disabled_tools: Vec<String>,
}

/// How a server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// A program that is spoken to over its standard input and output.
    Stdio {
        /// The program.
        command: String,
        /// Its arguments.
        arguments: Vec<String>,
        /// Variables set for it.
        environment: BTreeMap<String, Secret>,
        /// Names of variables it gets from the person's environment.
        variables: Vec<String>,
        /// Where it runs; the thread's folder without it.
        folder: Option<PathBuf>,
    },
    /// An address that speaks streamable HTTP.
    Http {
        /// `https`, or `http` on this machine.
        url: String,
        /// Variable that holds the bearer token.
        bearer_variable: Option<String>,
        /// Headers of every request.
        headers: BTreeMap<String, Secret>,
        /// Headers of every request whose values are in these variables.
        headers_from_variables: BTreeMap<String, String>,
    },
}
