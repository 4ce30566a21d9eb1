//! One server that runs: how it comes up, what it offers, how it ends.

use std::sync::Arc;
use std::time::Duration;

use codex_config::{McpServer, McpTransport};
use codex_sandbox::{CommandSpec, Exit, Policy, Running, Stdio};
use rmcp::model::{PaginatedRequestParams, ServerPeerInfo};
use rmcp::service::{ClientInitializeError, Peer, RoleClient, RunningService, ServiceError};
use rmcp::transport::Transport;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::environment;
use crate::handler::Handler;
use crate::http::{self, Address, Trouble};
use crate::servers::{Host, Launcher};
use crate::state::Ready;
use crate::stdio::{Complaints, Fault, Messages};
use crate::tool::{Tool, cut};
use crate::traffic::Traffic;
use crate::watched::watched;

/// How long a program may take to leave after its input was closed, before SIGTERM. With the end of the conversation and
/// the sandbox's own grace before SIGKILL it stays below the 2 s of a shutdown.
const POLITE: Duration = Duration::from_millis(400);
/// How long the end of a conversation is waited for.
const FAREWELL: Duration = Duration::from_millis(300);
/// How long is waited for the exit code of a program whose output has ended.
const EXIT: Duration = Duration::from_millis(500);

/// The most pages of a list of tools that are read, and the most tools that are taken.
const PAGES: usize = 100;
const TOOLS: usize = 512;
/// How much of an error that a server sends is passed on, in bytes.
const REFUSAL: usize = 2 * 1024;

/// Why a server did not come up.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It wants to know who we are.
    SignIn,
    /// It said so itself: one sentence without an end mark.
    Refused(String),
    /// What we saw: one sentence without an end mark. The end of its program may say more.
    Other(String),
}

/// What a server does unasked.
pub(crate) enum Event {
    /// Its list of tools is another one.
    ToolsChanged,
    /// The conversation or the program has ended.
    Over {
        /// One sentence without an end mark.
        why: String,
    },
}

/// What is needed to call a tool; clones share the connection.
#[derive(Clone)]
pub(crate) struct Line {
    pub(crate) peer: Peer<RoleClient>,
    pub(crate) traffic: Arc<Traffic>,
}

/// A server before its first word. Dropping it kills its program.
pub(crate) struct Opened {
    wire: Wire,
    program: Program,
    notes: Vec<String>,
}

enum Wire {
    Stdio(Box<Messages>),
    Http(Box<http::HttpTransport>),
}

/// The program of a stdio server, and what is known about its troubles.
struct Program {
    running: Option<Running>,
    complaints: Complaints,
    listener: Option<JoinHandle<()>>,
    fault: Fault,
}

/// A server that answers. Dropping it kills its program.
pub(crate) struct Connection {
    running: RunningService<RoleClient, Handler>,
    traffic: Arc<Traffic>,
    over: oneshot::Receiver<()>,
    tools_changed: Arc<Notify>,
    program: Program,
    notes: Vec<String>,
}

impl Opened {
    /// Starts the program, or makes the client; no message is sent.
    pub(crate) fn new(config: &McpServer, launcher: &Launcher) -> Result<Self, Failure> {
        let transport = config.transport().map_err(|problem| Failure::Other(problem.to_string()))?;
        let mut program = Program {
            running: None,
            complaints: Complaints::default(),
            listener: None,
            fault: Fault::default(),
        };
        match transport {
            McpTransport::Stdio { command, args, env, env_vars, cwd } => {
                let (environment, notes) = environment::for_server(launcher, env, env_vars);
                let argv = std::iter::once(command.to_owned()).chain(args.iter().cloned()).collect();
                let cwd = cwd.unwrap_or(&launcher.folder).to_path_buf();
                if !cwd.is_dir() {
                    // The system would say that the program is missing.
                    return Err(Failure::Other(format!("its folder {} does not exist", cwd.display())));
                }
                // The person's own program, by their own settings.
                let policy = Arc::new(Policy::full());
                let spec = CommandSpec { argv, cwd, environment, policy, stdio: Stdio::Streams };
                let mut running = launcher
                    .sandbox
                    .spawn(&spec)
                    .map_err(|error| Failure::Other(sentence(&error.to_string())))?;
                let streams = running.take_streams();
                program.running = Some(running);
                let streams = streams.ok_or_else(|| Failure::Other("it has no pipes".to_owned()))?;
                program.listener = Some(tokio::spawn(program.complaints.clone().listen(streams.errors)));
                let wire = Messages::new(streams.input, streams.output, program.fault.clone());
                Ok(Opened { wire: Wire::Stdio(Box::new(wire)), program, notes })
            }
            McpTransport::Http { url, bearer_token_env_var, http_headers, env_http_headers } => {
                let address = Address {
                    url,
                    bearer_variable: bearer_token_env_var,
                    headers: http_headers,
                    headers_from_variables: env_http_headers,
                };
                let wire = http::open(&address, launcher).map_err(Failure::Other)?;
                Ok(Opened { wire: Wire::Http(Box::new(wire)), program, notes: Vec::new() })
            }
        }
    }

    /// The first exchange, and the list of tools.
    pub(crate) async fn connect(
        self,
        server: &str,
        config: &McpServer,
        launcher: &Launcher,
        host: Arc<dyn Host>,
    ) -> Result<(Connection, Ready), Failure> {
        let traffic = Arc::new(Traffic::new());
        let tools_changed = Arc::new(Notify::new());
        let handler = Handler {
            server: server.to_owned(),
            version: launcher.version.clone(),
            host,
            traffic: traffic.clone(),
            tools_changed: tools_changed.clone(),
        };
        let Opened { wire, mut program, notes } = self;
        let talk = async {
            let (running, over) = match wire {
                Wire::Stdio(wire) => greet(handler, *wire).await?,
                Wire::Http(wire) => greet(handler, *wire).await?,
            };
            Ok::<_, Failure>((running, over))
        };
        let limit = config.startup_timeout;
        let outcome = timeout(limit, async {
            let (running, over) = talk.await?;
            let raw = list(running.peer()).await?;
            Ok::<_, Failure>((running, over, raw))
        })
        .await;
        let (running, over, raw) = match outcome {
            Ok(Ok(connected)) => connected,
            Ok(Err(failure @ (Failure::SignIn | Failure::Refused(_)))) => return Err(failure),
            Ok(Err(Failure::Other(why))) => return Err(Failure::Other(program.why(Some(why)).await)),
            Err(_) => {
                let late = format!("it was not ready within {}", crate::error::seconds(limit));
                return Err(Failure::Other(program.with_complaints(late)));
            }
        };
        let connection = Connection { running, traffic, over, tools_changed, program, notes };
        let ready = connection.describe(server, config, raw);
        Ok((connection, ready))
    }
}

impl Connection {
    pub(crate) fn line(&self) -> Line {
        Line { peer: self.running.peer().clone(), traffic: self.traffic.clone() }
    }

    /// Waits for what comes next. May be dropped and called again.
    pub(crate) async fn next(&mut self) -> Event {
        let Connection { over, program, tools_changed, .. } = self;
        let program_ended = async {
            match &mut program.running {
                Some(running) => drop(end_of(running).await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            _ = &mut *over => {}
            // What it wrote before it ended is still in the pipe.
            () = program_ended => drop(timeout(EXIT, over).await),
            () = tools_changed.notified() => return Event::ToolsChanged,
        }
        Event::Over { why: self.program.why(None).await }
    }

    /// Asks for the tools again.
    pub(crate) async fn refresh(&self, server: &str, config: &McpServer) -> Option<Ready> {
        let raw = timeout(config.tool_timeout, list(self.running.peer())).await;
        // A list that cannot be had leaves the one we have.
        Some(self.describe(server, config, raw.ok()?.ok()?))
    }

    /// Ends it: first the conversation, then its program, politely.
    pub(crate) async fn end(mut self) {
        let _ = self.running.close_with_timeout(FAREWELL).await;
        if let Some(running) = &mut self.program.running
            && timeout(POLITE, end_of(running)).await.is_err()
        {
            running.terminate();
            end_of(running).await;
        }
    }

    fn describe(&self, server: &str, config: &McpServer, raw: Listed) -> Ready {
        let mut notes = self.notes.clone();
        notes.extend(raw.note);
        let mut tools: Vec<Tool> = Vec::new();
        for raw in raw.tools {
            match Tool::read(server, raw) {
                Ok(tool) if !is_wanted(config, &tool.name) => {}
                Ok(tool) if tools.iter().any(|other| other.name == tool.name) => {
                    notes.push(format!("the tool `{}` is offered twice; the first one counts", tool.name));
                }
                Ok(tool) => tools.push(tool),
                Err(note) => notes.push(note),
            }
        }
        tools.sort_by(|one, other| one.name.cmp(&other.name));
        let peer = self.running.peer().peer_info();
        let info = |part: fn(&ServerPeerInfo) -> Option<Value>| peer.as_deref().and_then(part);
        Ready {
            tools: tools.into(),
            server_info: info(|peer| serde_json::to_value(peer.server_info.as_ref()?).ok()),
            capabilities: info(|peer| serde_json::to_value(&peer.capabilities).ok()).unwrap_or(Value::Null),
            notes,
        }
    }
}

impl Program {
    /// Why it all ended, from what is known; `said` is the word of the conversation itself.
    async fn why(&mut self, said: Option<String>) -> String {
        if let Some(fault) = self.fault.get() {
            return fault;
        }
        let exit = match &mut self.running {
            Some(running) => timeout(EXIT, end_of(running)).await.ok().flatten(),
            None => return said.unwrap_or_else(|| "the connection was closed".to_owned()),
        };
        let why = match exit {
            Some(Exit::Code(code)) => format!("its program ended with exit code {code}"),
            Some(Exit::Signal(signal)) => format!("its program was ended by signal {signal}"),
            None => said.unwrap_or_else(|| "it closed its standard output".to_owned()),
        };
        if let Some(listener) = self.listener.take() {
            // The last words may still be in the pipe; a process that it left behind may hold that open for ever.
            let _ = timeout(EXIT, listener).await;
        }
        self.with_complaints(why)
    }

    fn with_complaints(&self, why: String) -> String {
        let complaints = self.complaints.words();
        if complaints.is_empty() { why } else { format!("{why}; it said: {complaints}") }
    }
}

/// Waits for the end of a program and of all it started; `None` where the system can no longer tell.
async fn end_of(running: &mut Running) -> Option<Exit> {
    loop {
        match running.next().await {
            Ok(codex_sandbox::Event::Output(_)) => {}
            Ok(codex_sandbox::Event::Ended(exit)) => return Some(exit),
            Err(_) => return None,
        }
    }
}

/// A list of tools as it came.
struct Listed {
    tools: Vec<Value>,
    note: Option<String>,
}

/// The first exchange over any transport.
async fn greet<T: Transport<RoleClient> + 'static>(
    handler: Handler,
    transport: T,
) -> Result<(RunningService<RoleClient, Handler>, oneshot::Receiver<()>), Failure> {
    let (transport, over) = watched(transport);
    match rmcp::serve_client(handler, transport).await {
        Ok(running) => Ok((running, over)),
        Err(ClientInitializeError::TransportError { error, .. }) => {
            Err(match http::trouble(error.error.as_ref()) {
                Some(Trouble::SignIn) => Failure::SignIn,
                Some(Trouble::Other(why)) => Failure::Other(why),
                None => Failure::Other("it does not take our messages".to_owned()),
            })
        }
        Err(ClientInitializeError::ConnectionClosed(_)) => {
            Err(Failure::Other("it ended the conversation before it began".to_owned()))
        }
        Err(ClientInitializeError::JsonRpcError(error)) => {
            Err(Failure::Refused(format!("it refused our greeting: {}", refusal(&error.message))))
        }
        Err(_) => Err(Failure::Other("its answer to our greeting is no MCP message".to_owned())),
    }
}

/// All pages of the list, as far as they make sense.
async fn list(peer: &Peer<RoleClient>) -> Result<Listed, Failure> {
    let has_tools = peer.peer_info().is_none_or(|info| info.capabilities.tools.is_some());
    let mut listed = Listed { tools: Vec::new(), note: None };
    if !has_tools {
        return Ok(listed);
    }
    let mut cursor = None;
    for _ in 0..PAGES {
        let page = PaginatedRequestParams::default().with_cursor(cursor.take());
        let page = peer.list_tools(Some(page)).await.map_err(|error| match call_trouble(&error) {
            Trouble::SignIn => Failure::SignIn,
            Trouble::Other(why) => Failure::Other(format!("its tools cannot be listed: {why}")),
        })?;
        listed.tools.extend(page.tools.iter().filter_map(|tool| serde_json::to_value(tool).ok()));
        cursor = page.next_cursor.filter(|_| listed.tools.len() < TOOLS);
        if cursor.is_none() {
            break;
        }
    }
    if cursor.is_some() || listed.tools.len() > TOOLS {
        listed.tools.truncate(TOOLS);
        listed.note = Some(format!("it offers too many tools; the first {} are taken", listed.tools.len()));
    }
    Ok(listed)
}

/// Why a request brought nothing.
pub(crate) fn call_trouble(error: &ServiceError) -> Trouble {
    match error {
        ServiceError::McpError(error) => Trouble::Other(refusal(&error.message)),
        ServiceError::TransportSend(error) => http::trouble(error.error.as_ref())
            .unwrap_or_else(|| Trouble::Other("it does not take our messages".to_owned())),
        ServiceError::TransportClosed => Trouble::Other("the connection was closed".to_owned()),
        ServiceError::Cancelled { .. } => Trouble::Other("it called the request off".to_owned()),
        _ => Trouble::Other("its answer is no MCP message".to_owned()),
    }
}

fn refusal(message: &str) -> String {
    cut(codex_redact::redact(message).into_owned(), REFUSAL)
}

fn is_wanted(config: &McpServer, tool: &str) -> bool {
    let is_enabled = config.enabled_tools.as_ref().is_none_or(|names| names.iter().any(|name| name == tool));
    is_enabled && !config.disabled_tools.iter().any(|name| name == tool)
}

/// A sentence as a part of another one.
fn sentence(text: &str) -> String {
    text.trim_end_matches('.').to_owned()
}
