//! The servers of a thread: started together, asked one by one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use codex_login::HttpClient;
use codex_redact::Secret;
use serde_json::Value;

use crate::call::CallOutput;
use crate::config::ServerConfig;
use crate::elicitation::{Answer, Elicitation};
use crate::error::{CallError, NotReady};
use crate::state::{ServerStatus, SignIn, State};
use crate::tool::Tool;

/// What starting servers takes.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// Where programs run whose settings name no folder.
    pub folder: PathBuf,
    /// The person's environment.
    pub variables: Arc<Vec<(String, String)>>,
    /// Credentials of ours; nothing that holds one is handed to a server.
    pub stored: Vec<Secret>,
    /// The HTTP client.
    pub http: HttpClient,
    /// This program's version, told to servers.
    pub version: String,
}

/// Who hears about servers and answers them: the engine.
pub trait Host: Send + Sync + 'static {
    /// A server's state has changed. Called in order for each server, without any lock held.
    fn state_changed(&self, server: &str, state: &State);

    /// A server asks the person. Dropping the future withdraws the question.
    fn ask(&self, question: Elicitation) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
}

/// A handle to the servers of a thread; clones share them. They end when the last one is dropped.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    servers: Mutex<BTreeMap<String, ServerStatus>>,
}

impl Servers {
    /// Starts them all at once and returns without waiting. Needs a tokio runtime.
    pub fn start(configs: BTreeMap<String, ServerConfig>, launcher: Launcher, host: Arc<dyn Host>) -> Self {
        let _ = launcher;
        let servers = configs.into_iter().map(|(name, _)| {
            let state = State::Failed { why: "MCP servers are not built yet".to_owned() };
            host.state_changed(&name, &state);
            (name.clone(), ServerStatus { name, state, sign_in: SignIn::Unsupported, http_origin: None })
        });
        Servers(Arc::new(Inner { servers: Mutex::new(servers.collect()) }))
    }

    /// Waits until no server is on its way any more, or for `limit`.
    pub async fn wait_started(&self, limit: Duration) {
        let _ = limit;
    }

    /// Waits for the servers a thread cannot start without.
    ///
    /// # Errors
    /// The first of them that cannot be used.
    pub async fn wait_required(&self) -> Result<(), NotReady> {
        Ok(())
    }

    /// The tools of all servers that are ready, in the order of their names for the model.
    pub fn tools(&self) -> Vec<Tool> {
        Vec::new()
    }

    /// The tool with this name for the model.
    pub fn find(&self, model_name: &str) -> Option<Tool> {
        self.tools().into_iter().find(|tool| tool.model_name == model_name)
    }

    /// All servers with their states, by name.
    pub fn status(&self) -> Vec<ServerStatus> {
        self.0.servers.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Calls a tool by the server's own name for it. Dropping the future tells the server to stop.
    ///
    /// # Errors
    /// When there is no result; a tool that failed is a result ([`CallOutput::is_error`]).
    pub async fn call(&self, server: &str, tool: &str, arguments: Value) -> Result<CallOutput, CallError> {
        let _ = (tool, arguments);
        Err(CallError::UnknownServer { server: server.to_owned() })
    }

    /// Takes new settings in: ends servers that are gone or changed, starts new, changed and failed ones.
    pub fn reload(&self, configs: BTreeMap<String, ServerConfig>) {
        let _ = configs;
    }

    /// Ends all servers, within 2 s.
    pub async fn shutdown(&self) {}
}
