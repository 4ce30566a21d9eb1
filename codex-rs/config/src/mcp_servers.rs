//! One MCP server of the settings (`[mcp_servers.NAME]`): how it is reached, and whether what is set makes sense.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_redact::Secret;

use crate::base_url::{BaseUrl, BaseUrlError};

/// The table of one server, setting by setting; [`McpServer::transport`] says what it comes to.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct McpServer {
    pub command: Option<String>,
    pub args: Vec<String>,
    /// By variable. People put tokens here, so none is ever shown.
    pub env: BTreeMap<String, Secret>,
    pub env_vars: Vec<String>,
    /// Absolute.
    pub cwd: Option<PathBuf>,
    pub url: Option<ServerUrl>,
    pub bearer_token_env_var: Option<String>,
    /// By header.
    pub http_headers: BTreeMap<String, Secret>,
    /// By header: the variable that holds its value.
    pub env_http_headers: BTreeMap<String, String>,
    pub enabled: bool,
    pub required: bool,
    pub startup_timeout: Duration,
    pub tool_timeout: Duration,
    /// `None`: all.
    pub enabled_tools: Option<Vec<String>>,
    pub disabled_tools: Vec<String>,
}

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum McpTransport<'a> {
    /// A program of this machine, over its standard input and output.
    Stdio {
        /// The program: a path, or a name to look up.
        command: &'a str,
        /// Its arguments.
        args: &'a [String],
        /// Variables it gets with these values.
        env: &'a BTreeMap<String, Secret>,
        /// Variables it inherits.
        env_vars: &'a [String],
        /// Where it runs; without it in the thread's folder.
        cwd: Option<&'a Path>,
    },
    /// A service over streamable HTTP.
    Http {
        /// Its address.
        url: &'a ServerUrl,
        /// The variable with a bearer token.
        bearer_token_env_var: Option<&'a str>,
        /// Headers with their values.
        http_headers: &'a BTreeMap<String, Secret>,
        /// Headers with the variables that hold their values.
        env_http_headers: &'a BTreeMap<String, String>,
    },
}

/// Why a server cannot be used as it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum McpServerProblem {
    /// The name would not do as a part of a tool's name.
    #[error("a server's name consists of letters, digits, `-` and `_`")]
    Name,
    /// Nothing to start and nowhere to connect to.
    #[error("it needs a `command` or a `url`")]
    Neither,
    /// Two ways.
    #[error("it has a `command` and a `url`; leave one of them out")]
    Both,
    /// A setting of the other way.
    #[error("`{0}` goes with `command`, and it has a `url`")]
    OnlyWithCommand(&'static str),
    /// A setting of the other way.
    #[error("`{0}` goes with `url`, and it has a `command`")]
    OnlyWithUrl(&'static str),
}

impl McpServer {
    /// How it is reached.
    pub fn transport(&self) -> Result<McpTransport<'_>, McpServerProblem> {
        match (&self.command, &self.url) {
            (None, None) => Err(McpServerProblem::Neither),
            (Some(_), Some(_)) => Err(McpServerProblem::Both),
            (Some(command), None) => {
                let strangers = [
                    ("bearer_token_env_var", self.bearer_token_env_var.is_some()),
                    ("http_headers", !self.http_headers.is_empty()),
                    ("env_http_headers", !self.env_http_headers.is_empty()),
                ];
                refuse(&strangers, McpServerProblem::OnlyWithUrl)?;
                Ok(McpTransport::Stdio {
                    command,
                    args: &self.args,
                    env: &self.env,
                    env_vars: &self.env_vars,
                    cwd: self.cwd.as_deref(),
                })
            }
            (None, Some(url)) => {
                let strangers = [
                    ("args", !self.args.is_empty()),
                    ("env", !self.env.is_empty()),
                    ("env_vars", !self.env_vars.is_empty()),
                    ("cwd", self.cwd.is_some()),
                ];
                refuse(&strangers, McpServerProblem::OnlyWithCommand)?;
                Ok(McpTransport::Http {
                    url,
                    bearer_token_env_var: self.bearer_token_env_var.as_deref(),
                    http_headers: &self.http_headers,
                    env_http_headers: &self.env_http_headers,
                })
            }
        }
    }
}

impl Default for McpServer {
    fn default() -> Self {
        McpServer {
            command: None,
            args: Vec::new(),
            env: BTreeMap::new(),
            env_vars: Vec::new(),
            cwd: None,
            url: None,
            bearer_token_env_var: None,
            http_headers: BTreeMap::new(),
            env_http_headers: BTreeMap::new(),
            enabled: true,
            required: false,
            startup_timeout: Duration::from_secs(10),
            tool_timeout: Duration::from_secs(60),
            enabled_tools: None,
            disabled_tools: Vec::new(),
        }
    }
}

/// Whether the name of a server will do, and what is set for it.
pub(crate) fn check(name: &str, server: &McpServer) -> Result<(), McpServerProblem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(McpServerProblem::Name);
    }
    server.transport().map(drop)
}

/// The address of a server. Unlike a [`BaseUrl`] it may have a query, and what stands in the query may be a key:
/// it is a secret, and only the address without it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl {
    address: BaseUrl,
    whole: Secret,
}

impl ServerUrl {
    /// Checks `text`.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let address = BaseUrl::parse(address)?;
        if !query.bytes().all(|byte| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte)) {
            return Err(BaseUrlError::Malformed);
        }
        Ok(ServerUrl { address, whole: Secret::new(text) })
    }

    /// Scheme, host and path: what may be shown.
    pub fn address(&self) -> &BaseUrl {
        &self.address
    }

    /// With the query, to connect to.
    pub fn whole(&self) -> &Secret {
        &self.whole
    }
}

impl fmt::Debug for ServerUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.address.as_str())
    }
}

fn refuse(
    strangers: &[(&'static str, bool)],
    problem: fn(&'static str) -> McpServerProblem,
) -> Result<(), McpServerProblem> {
    match strangers.iter().find(|(_, is_set)| *is_set) {
        Some((key, _)) => Err(problem(key)),
        None => Ok(()),
    }
}
