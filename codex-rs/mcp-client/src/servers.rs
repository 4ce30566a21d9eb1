//! The servers of a thread: started together, asked one by one.

mod life;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_config::{McpServer, McpTransport};
use codex_login::HttpClient;
use codex_redact::Secret;
use codex_sandbox::Sandbox;
use rmcp::model::CallToolRequestParams;
use rmcp::service::ServiceError;
use serde_json::Value;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use self::life::Life;
use crate::call::CallOutput;
use crate::connection::{Line, call_trouble};
use crate::elicitation::{Answer, Elicitation};
use crate::error::{CallError, NotReady};
use crate::http::{self, Trouble};
use crate::state::{ServerStatus, SignIn, State};
use crate::tool::{Tool, catalog};

/// How long all servers together may take to end.
const SHUTDOWN: Duration = Duration::from_secs(2);
/// How long a call that broke off waits to hear why its server ended.
const LAST_WORD: Duration = Duration::from_millis(1500);

/// What starting servers takes.
#[derive(Debug, Clone)]
pub struct Launcher {
    /// Where programs run whose settings name no folder.
    pub folder: PathBuf,
    /// The person's environment.
    pub variables: Arc<Vec<(String, String)>>,
    /// Credentials of ours; nothing that holds one is handed to a server.
    pub stored: Stored,
    /// What starts programs.
    pub sandbox: Sandbox,
    /// The HTTP client.
    pub http: HttpClient,
    /// This program's version, told to servers.
    pub version: String,
}

/// The credentials that are stored now. They are asked for anew at each start of a server: one may be stored while a
/// thread lives.
#[derive(Clone)]
pub struct Stored(Arc<dyn Fn() -> Vec<Secret> + Send + Sync>);

/// Who hears about servers and answers them: the engine.
pub trait Host: Send + Sync + 'static {
    /// A server's state has changed, or its list of tools. Called in order for each server, without any lock held.
    fn state_changed(&self, server: &str, state: &State);

    /// A server asks the person. Dropping the future withdraws the question.
    fn ask(&self, question: Elicitation) -> Pin<Box<dyn Future<Output = Answer> + Send>>;
}

/// A handle to the servers of a thread; clones share them. They end when the last one is dropped.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    launcher: Launcher,
    host: Arc<dyn Host>,
    table: Mutex<Table>,
    /// Told at every change of the table.
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct Table {
    slots: BTreeMap<String, Slot>,
    /// The tools of all slots that are ready, with their names for the model.
    catalog: Arc<[Tool]>,
    /// Counts the starts, so that the news of an earlier one are not taken for those of a later one.
    starts: u64,
}

/// One server of the settings.
struct Slot {
    config: McpServer,
    start: u64,
    state: State,
    sign_in: SignIn,
    line: Option<Line>,
    task: Option<Task>,
}

/// What runs a server. Dropping it ends the server, but does not wait for that.
struct Task {
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

/// What a server's task has to tell.
struct News {
    state: State,
    line: Option<Line>,
    /// Whether it refused us because it does not know us.
    sign_in_wanted: bool,
}

impl Stored {
    /// By what answers with all of them.
    pub fn new(ask: impl Fn() -> Vec<Secret> + Send + Sync + 'static) -> Self {
        Stored(Arc::new(ask))
    }

    /// Those of this moment, for one start.
    pub(crate) fn now(&self) -> Self {
        let known = (self.0)();
        Stored::new(move || known.clone())
    }

    pub(crate) fn any_is_in(&self, text: &str) -> bool {
        (self.0)().iter().any(|secret| secret.is_in(text))
    }
}

impl fmt::Debug for Stored {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Stored")
    }
}

impl Servers {
    /// Starts them all at once and returns without waiting. Needs a tokio runtime.
    pub fn start(configs: BTreeMap<String, McpServer>, launcher: Launcher, host: Arc<dyn Host>) -> Self {
        let inner = Inner { launcher, host, table: Mutex::default(), changes: watch::Sender::new(()) };
        let servers = Servers(Arc::new(inner));
        servers.reload(configs);
        servers
    }

    /// Waits until no server is on its way any more, or for `limit`.
    pub async fn wait_started(&self, limit: Duration) {
        let is_starting = |slot: &Slot| slot.state == State::Starting;
        let all = || !self.0.table().slots.values().any(is_starting);
        // Late ones are left out of what comes next; they are not waited for again.
        let _ = timeout(limit, self.0.changes.subscribe().wait_for(|()| all())).await;
    }

    /// Waits for the servers a thread cannot start without; each has its own limit, so this ends.
    ///
    /// # Errors
    /// The first of them that cannot be used.
    pub async fn wait_required(&self) -> Result<(), NotReady> {
        let is_awaited = |slot: &Slot| slot.config.required && slot.state == State::Starting;
        let all = || !self.0.table().slots.values().any(is_awaited);
        // The sender lives as long as `self`.
        let _ = self.0.changes.subscribe().wait_for(|()| all()).await;
        let table = self.0.table();
        let mut required = table.slots.iter().filter(|(_, slot)| slot.config.required && slot.config.enabled);
        required.try_for_each(|(name, slot)| match &slot.state {
            State::Ready(_) => Ok(()),
            state => Err(NotReady { server: name.clone(), why: why_not(state) }),
        })
    }

    /// The tools of all servers that are ready, in the order of their names for the model.
    pub fn tools(&self) -> Arc<[Tool]> {
        self.0.table().catalog.clone()
    }

    /// The tool with this name for the model.
    pub fn find(&self, model_name: &str) -> Option<Tool> {
        self.tools().iter().find(|tool| tool.model_name == model_name).cloned()
    }

    /// All servers with their states, by name.
    pub fn status(&self) -> Vec<ServerStatus> {
        let table = self.0.table();
        let status = |(name, slot): (&String, &Slot)| ServerStatus {
            name: name.clone(),
            state: slot.state.clone(),
            sign_in: slot.sign_in,
            http_origin: origin(&slot.config),
        };
        table.slots.iter().map(status).collect()
    }

    /// Calls a tool by the server's own name for it. Dropping the future tells the server to stop.
    ///
    /// # Errors
    /// When there is no result; a tool that failed is a result ([`CallOutput::is_error`]).
    pub async fn call(&self, server: &str, tool: &str, arguments: Value) -> Result<CallOutput, CallError> {
        let (line, limit, start) = self.0.line(server, tool)?;
        let mut params = CallToolRequestParams::new(tool.to_owned());
        match arguments {
            Value::Object(arguments) => params = params.with_arguments(arguments),
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                return Err(CallError::BadArguments);
            }
        }
        let running = line.traffic.call();
        let outcome = line.traffic.within(limit, line.peer.call_tool(params)).await;
        drop(running);
        let name = || (server.to_owned(), tool.to_owned());
        let error = match outcome {
            Ok(Ok(result)) => return Ok(CallOutput::from_sdk(&result)),
            Ok(Err(error)) => error,
            Err(_) => {
                let (server, tool) = name();
                return Err(CallError::TimedOut { server, tool, limit });
            }
        };
        Err(match error {
            // Over HTTP each call has a stream of its own, and only that one has ended.
            ServiceError::TransportClosed
                if self.0.has_address(server) && !line.peer.is_transport_closed() =>
            {
                CallError::Refused { server: server.to_owned(), message: http::BROKEN.to_owned() }
            }
            ServiceError::TransportClosed => {
                let why = self.0.last_word(server, start).await;
                let (server, tool) = name();
                CallError::Ended { server, tool, why }
            }
            ServiceError::UnexpectedResponse => CallError::BadAnswer { server: server.to_owned() },
            error => CallError::Refused {
                server: server.to_owned(),
                message: match call_trouble(&error) {
                    Trouble::SignIn => life::SIGN_IN_WANTED.to_owned(),
                    Trouble::Other(why) => why,
                },
            },
        })
    }

    /// Takes new settings in: ends servers that are gone or changed, starts new, changed and failed ones, and leaves
    /// the others alone.
    pub fn reload(&self, configs: BTreeMap<String, McpServer>) {
        let mut disabled = Vec::new();
        let mut table = self.0.table();
        let mut old = std::mem::take(&mut table.slots);
        for (name, config) in configs {
            let before = match old.remove(&name) {
                Some(slot) if slot.config == config && slot.is_well() => {
                    table.slots.insert(name, slot);
                    continue;
                }
                Some(slot) => slot.task.map(Task::stop),
                None => None,
            };
            table.starts += 1;
            let start = table.starts;
            let state = if config.enabled { State::Starting } else { State::Disabled };
            if !config.enabled {
                disabled.push(name.clone());
            }
            let task = config.enabled.then(|| {
                let (stop, stopped) = oneshot::channel();
                let life = Life {
                    name: name.clone(),
                    config: config.clone(),
                    start,
                    launcher: self.0.launcher.clone(),
                    host: self.0.host.clone(),
                    inner: Arc::downgrade(&self.0),
                };
                Task { stop, done: tokio::spawn(life.run(before, stopped)) }
            });
            let sign_in = sign_in(&config);
            table.slots.insert(name, Slot { config, start, state, sign_in, line: None, task });
        }
        table.recount();
        drop(table);
        // Those that are gone end by themselves, now that nobody holds their tasks.
        drop(old);
        self.0.changes.send_replace(());
        // What starts tells of it itself, so that its news come in their order.
        for name in disabled {
            self.0.host.state_changed(&name, &State::Disabled);
        }
    }

    /// Ends all servers, within 2 s. Nothing can be called afterwards.
    pub async fn shutdown(&self) {
        let slots = {
            let mut table = self.0.table();
            table.catalog = Arc::default();
            std::mem::take(&mut table.slots)
        };
        let tasks: Vec<_> = slots.into_values().filter_map(|slot| slot.task).map(Task::stop).collect();
        let aborts: Vec<_> = tasks.iter().map(JoinHandle::abort_handle).collect();
        if timeout(SHUTDOWN, futures_util::future::join_all(tasks)).await.is_err() {
            // Dropping what a task holds kills its program.
            aborts.iter().for_each(tokio::task::AbortHandle::abort);
        }
    }
}

impl Inner {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what a task tells about the start it belongs to.
    fn publish(&self, name: &str, start: u64, news: News) {
        let state = {
            let mut table = self.table();
            let Some(slot) = table.slots.get_mut(name).filter(|slot| slot.start == start) else { return };
            slot.state = news.state;
            slot.line = news.line;
            if news.sign_in_wanted {
                slot.sign_in = SignIn::Wanted;
            }
            table.recount();
            // The tools have got their final names.
            table.slots.get(name).map(|slot| slot.state.clone())
        };
        self.changes.send_replace(());
        if let Some(state) = state {
            self.host.state_changed(name, &state);
        }
    }

    fn line(&self, server: &str, tool: &str) -> Result<(Line, Duration, u64), CallError> {
        let table = self.table();
        let unknown = || CallError::UnknownServer { server: server.to_owned() };
        let slot = table.slots.get(server).ok_or_else(unknown)?;
        let (State::Ready(ready), Some(line)) = (&slot.state, &slot.line) else {
            return Err(NotReady { server: server.to_owned(), why: why_not(&slot.state) }.into());
        };
        if !ready.tools.iter().any(|offered| offered.name == tool) {
            return Err(CallError::UnknownTool { server: server.to_owned(), tool: tool.to_owned() });
        }
        Ok((line.clone(), slot.config.tool_timeout, slot.start))
    }

    fn has_address(&self, server: &str) -> bool {
        self.table().slots.get(server).is_some_and(|slot| slot.config.url.is_some())
    }

    /// Why the server of this start ended, as soon as its task has found out.
    async fn last_word(&self, server: &str, start: u64) -> String {
        let known = || match self.table().slots.get(server) {
            Some(slot) if slot.start == start => match &slot.state {
                State::Failed { why } => Some(why.clone()),
                State::Ready(_) | State::Starting | State::Disabled | State::Cancelled => None,
            },
            Some(_) | None => Some("it was ended".to_owned()),
        };
        let _ = timeout(LAST_WORD, self.changes.subscribe().wait_for(|()| known().is_some())).await;
        known().unwrap_or_else(|| "the connection was closed".to_owned())
    }
}

impl Table {
    /// Names the tools anew.
    fn recount(&mut self) {
        let ready = |slot: &Slot| match &slot.state {
            State::Ready(ready) => Some(ready.tools.clone()),
            State::Disabled | State::Starting | State::Failed { .. } | State::Cancelled => None,
        };
        let lists: Vec<Arc<[Tool]>> = self.slots.values().filter_map(ready).collect();
        self.catalog = catalog(lists.iter().flat_map(|tools| tools.iter().cloned())).into();
        for (name, slot) in &mut self.slots {
            if let State::Ready(ready) = &mut slot.state {
                ready.tools = self.catalog.iter().filter(|tool| tool.server == *name).cloned().collect();
            }
        }
    }
}

impl Slot {
    /// Whether a reload with the same settings may leave it alone.
    fn is_well(&self) -> bool {
        match self.state {
            State::Disabled | State::Starting | State::Ready(_) => true,
            State::Failed { .. } | State::Cancelled => false,
        }
    }
}

impl Task {
    /// Asks it to end; what is given back can be waited for.
    fn stop(self) -> JoinHandle<()> {
        // A task that is over hears nothing.
        let _ = self.stop.send(());
        self.done
    }
}

fn why_not(state: &State) -> String {
    match state {
        State::Disabled => "the settings turn it off".to_owned(),
        State::Starting => "it is still starting".to_owned(),
        State::Failed { why } => why.clone(),
        State::Cancelled => "its start was called off".to_owned(),
        State::Ready(_) => "it is being ended".to_owned(),
    }
}

fn sign_in(config: &McpServer) -> SignIn {
    match config.transport() {
        Ok(McpTransport::Http { bearer_token_env_var, http_headers, env_http_headers, .. })
            if bearer_token_env_var.is_some() || !http_headers.is_empty() || !env_http_headers.is_empty() =>
        {
            SignIn::BearerToken
        }
        Ok(McpTransport::Http { .. } | McpTransport::Stdio { .. }) | Err(_) => SignIn::Unsupported,
    }
}

/// Scheme, host and port; nothing that may be a secret.
fn origin(config: &McpServer) -> Option<String> {
    let address = config.url.as_ref()?.address().as_str();
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or(rest);
    Some(format!("{}://{}", scheme.to_ascii_lowercase(), authority.to_ascii_lowercase()))
}
