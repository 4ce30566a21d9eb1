//! A thread: one owner task with a mailbox, and the handle that reaches it.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use codex_app_server_protocol::{ApprovalPolicy, ThreadTokenUsage, Turn, TurnStartParams, TurnSteerParams};
use codex_config::Config;
use codex_exec_policy::Repository;
use codex_mcp_client::{Servers, Tool};
use codex_model_client::{Prompt, ThreadContext};
use codex_protocol::{ResponseItem, ThreadId, TurnId};
use codex_sandbox::Policy;
use codex_tools::Offer;
use codex_tools::environment::EnvironmentPolicy;
use codex_tools::exec_command::Login;
use codex_tools::sessions::Sessions;
use serde_json::Value;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use crate::allowed::Allowed;
use crate::calls::Started;
use crate::context::{self, DocSettings, Docs};
use crate::control::{Control, Said};
use crate::granted::Granted;
use crate::history::History;
use crate::notify::Notify;
use crate::servers::News;
use crate::settings::ThreadSettings;
use crate::teller::{ItemIds, Teller};
use crate::turn::{RunningTurn, new_turn};
use crate::turn_diff::TurnDiff;
use crate::{CoreError, EngineOptions, EventSink, input, walls};

/// Requests that may wait for a thread.
const MAILBOX_CAPACITY: usize = 16;

/// Reaches a thread's task. Cheap to clone. The engine keeps one, so a thread lives until it is shut down.
#[derive(Clone)]
pub struct ThreadHandle {
    id: ThreadId,
    servers: Servers,
    sessions: Sessions,
    started_in: Arc<Path>,
    mailbox: mpsc::Sender<Message>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Holds back the notifications that follow a request until its answer is on its way: the wire order is answer first
/// (wire-facts §5.5). Dropping it lets the thread go on.
#[must_use = "the thread waits until this is dropped; send the answer, then drop it"]
#[derive(Debug)]
pub struct Announcement {
    _release: oneshot::Sender<()>,
}

/// What a thread is asked.
enum Message {
    StartTurn {
        params: Box<TurnStartParams>,
        answer: oneshot::Sender<Result<(Turn, Announcement), CoreError>>,
    },
    Steer {
        params: Box<TurnSteerParams>,
        answer: oneshot::Sender<Result<(Turn, Announcement), CoreError>>,
    },
    Interrupt {
        turn_id: TurnId,
        answer: oneshot::Sender<Result<Announcement, CoreError>>,
    },
    Shutdown,
}

/// Everything a thread owns.
pub(crate) struct ThreadState {
    pub(crate) id: ThreadId,
    pub(crate) options: Arc<EngineOptions>,
    pub(crate) sink: Arc<dyn EventSink>,
    pub(crate) context: Arc<ThreadContext>,
    pub(crate) settings: ThreadSettings,
    pub(crate) doc_settings: DocSettings,
    pub(crate) docs: Docs,
    pub(crate) instructions: Arc<str>,
    pub(crate) tools: Arc<[Value]>,
    pub(crate) history: History,
    pub(crate) item_ids: ItemIds,
    pub(crate) usage: ThreadTokenUsage,
    /// The commands that run.
    pub(crate) sessions: Sessions,
    /// How those that outlived their call came to run, for what is typed into them.
    pub(crate) started: Started,
    /// `tool_output_token_limit`.
    pub(crate) output_tokens: Option<usize>,
    /// The model the service said it answers with, where it was another.
    pub(crate) other_model: Option<String>,
    /// What the person has allowed for the rest of the thread.
    pub(crate) allowed: Allowed,
    /// The MCP servers.
    pub(crate) servers: Servers,
    /// The policy in force, for the servers' own questions.
    pub(crate) approval: watch::Sender<ApprovalPolicy>,
    pub(crate) _news: News,
    /// What commands and tools may touch.
    pub(crate) policy: Arc<Policy>,
    /// What the person has granted beyond them.
    pub(crate) granted: Granted,
    /// Whether the model knows what is special about the walls of this machine.
    pub(crate) remarked: bool,
    /// What the running turn has changed.
    pub(crate) turn_diff: TurnDiff,
    /// Whether the person trusts the folder that the thread was started in.
    pub(crate) repository: Repository,
    pub(crate) login: Login,
    /// What commands inherit.
    pub(crate) environment: EnvironmentPolicy,
    pub(crate) offer: Offer,
    /// The person's program for ended turns.
    pub(crate) notify: Notify,
}

/// What a change of settings adds to the conversation.
pub(crate) struct NewContext {
    pub(crate) message: ResponseItem,
    pub(crate) warnings: Vec<String>,
}

impl ThreadHandle {
    /// Starts the thread's task.
    pub(crate) fn spawn(state: ThreadState) -> Self {
        let (mailbox, messages) = mpsc::channel(MAILBOX_CAPACITY);
        let (id, servers, sessions) = (state.id.clone(), state.servers.clone(), state.sessions.clone());
        let started_in = Arc::from(state.settings.cwd.as_path());
        let task = tokio::spawn(Owner { state, messages, deferred: None }.run());
        ThreadHandle { id, servers, sessions, started_in, mailbox, task: Arc::new(Mutex::new(Some(task))) }
    }

    /// The thread's id.
    pub fn id(&self) -> &ThreadId {
        &self.id
    }

    /// The thread's MCP servers.
    pub fn servers(&self) -> &Servers {
        &self.servers
    }

    /// The folder it was started in, whose settings count for it.
    pub fn started_in(&self) -> &Path {
        &self.started_in
    }

    /// Takes over what the settings say of MCP servers now.
    pub fn reload_servers(&self, config: &Config) {
        self.servers.reload(config.mcp_servers.clone());
    }

    /// The thread's commands that run on in the background.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Starts a turn, or steers the running one: then the answer holds the running turn's id and the input joins
    /// before the next sampling. Overrides count for this and later turns.
    ///
    /// # Errors
    /// When the input or an override cannot be used, or the thread has ended.
    pub async fn start_turn(&self, params: TurnStartParams) -> Result<(Turn, Announcement), CoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Message::StartTurn { params: Box::new(params), answer }).await?;
        answered.await.map_err(|_| CoreError::ThreadEnded)?
    }

    /// Adds to the running turn, which must be the one that is named; starts nothing.
    ///
    /// # Errors
    /// When the input cannot be used, or no turn or another turn runs.
    pub async fn steer(&self, params: TurnSteerParams) -> Result<(Turn, Announcement), CoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Message::Steer { params: Box::new(params), answer }).await?;
        answered.await.map_err(|_| CoreError::ThreadEnded)?
    }

    /// Interrupts the running turn. Returns as soon as the order is taken; `turn/completed` follows.
    ///
    /// # Errors
    /// When no turn or another turn runs.
    pub async fn interrupt(&self, turn_id: TurnId) -> Result<Announcement, CoreError> {
        let (answer, answered) = oneshot::channel();
        self.send(Message::Interrupt { turn_id, answer }).await?;
        answered.await.map_err(|_| CoreError::ThreadEnded)?
    }

    /// Ends the thread: a running turn is interrupted, its commands ended, the task joined.
    pub async fn shutdown(&self) {
        // A thread that has ended already only needs to be joined.
        let _ = self.send(Message::Shutdown).await;
        if let Some(task) = self.task.lock().await.take() {
            // A task that panicked has ended as well.
            let _ = task.await;
        }
        self.servers.shutdown().await;
    }

    /// Whether the thread's task has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.mailbox.is_closed()
    }

    async fn send(&self, message: Message) -> Result<(), CoreError> {
        self.mailbox.send(message).await.map_err(|_| CoreError::ThreadEnded)
    }
}

impl ThreadState {
    pub(crate) fn teller(&self, turn_id: TurnId) -> Teller {
        Teller {
            thread_id: self.id.clone(),
            turn_id,
            clock: self.options.clock.clone(),
            sink: Arc::clone(&self.sink),
        }
    }

    /// What the model is asked now.
    pub(crate) fn prompt(&self, output_schema: Option<Arc<Value>>) -> Prompt {
        let tools: Arc<[Value]> = match self.servers.tools() {
            none if none.is_empty() => Arc::clone(&self.tools),
            some => self.tools.iter().cloned().chain(some.iter().map(Tool::spec)).collect(),
        };
        let size: usize = tools.iter().map(|tool| tool.to_string().len()).sum();
        Prompt {
            model: self.settings.model.clone(),
            instructions: Arc::clone(&self.instructions),
            history: self.history.items(),
            tools,
            effort: self.settings.effort.clone(),
            summary: self.settings.summary.clone().filter(|summary| summary != "none"),
            verbosity: self.settings.verbosity.clone(),
            service_tier: self.settings.service_tier.clone(),
            output_schema,
            context_tokens_estimate: Some(self.history.tokens_estimate(self.instructions.len() + size)),
        }
    }

    /// The walls of the settings, and what was granted beyond them.
    pub(crate) fn build_walls(&mut self) {
        let policy = walls::policy(&self.settings, &self.options);
        self.policy = Arc::new(self.granted.widen(policy, &self.settings.cwd));
    }

    /// Takes over new settings; gives what the model has to be told of them.
    pub(crate) fn take_over(&mut self, settings: ThreadSettings) -> Option<NewContext> {
        let before = std::mem::replace(&mut self.settings, settings);
        self.approval.send_replace(self.settings.approval.clone());
        if self.settings.same_environment(&before) {
            return None;
        }
        self.build_walls();
        let mut warnings = Vec::new();
        let mut new_docs = false;
        if self.settings.cwd != before.cwd {
            let mut docs = Docs::find(&self.settings.cwd, &self.doc_settings);
            warnings = std::mem::take(&mut docs.warnings);
            new_docs = docs.text != self.docs.text;
            self.docs = docs;
        }
        let docs = new_docs.then_some(&self.docs);
        Some(NewContext { message: context::message(docs, &self.settings, &self.options.shell), warnings })
    }

    /// Checks a turn's input and overrides.
    fn said(&self, params: TurnStartParams) -> Result<Said, CoreError> {
        let settings = self.settings.with(&params)?;
        let item = input::to_item(&params.input, &settings.cwd)?;
        Ok(Said { input: params.input, client_id: params.client_user_message_id, item, settings })
    }
}

/// The task that owns a thread.
struct Owner {
    state: ThreadState,
    messages: mpsc::Receiver<Message>,
    /// A message that came while a turn was ending.
    deferred: Option<Message>,
}

/// Whether the thread goes on.
#[derive(PartialEq, Eq)]
enum Life {
    GoesOn,
    Ends,
}

impl Owner {
    async fn run(mut self) {
        self.serve().await;
        // Their ends are told; nothing of the thread runs on.
        self.state.sessions.clean().await;
        self.state.notify.close().await;
    }

    async fn serve(&mut self) {
        loop {
            let message = match self.deferred.take() {
                Some(message) => Some(message),
                None => self.messages.recv().await,
            };
            match message {
                Some(Message::StartTurn { mut params, answer }) => {
                    let output_schema = params.output_schema.take();
                    let said = match self.state.said(*params) {
                        Ok(said) => said,
                        Err(error) => {
                            // Nobody waits for the answer any more: nothing to start either.
                            let _ = answer.send(Err(error));
                            continue;
                        }
                    };
                    let turn = new_turn(self.state.options.clock.unix());
                    let (announcement, announced) = Announcement::new();
                    if answer.send(Ok((turn.clone(), announcement))).is_err() {
                        continue;
                    }
                    // Dropped is as good as sent.
                    let _ = announced.await;
                    if self.turn(turn, said, output_schema).await == Life::Ends {
                        return;
                    }
                }
                Some(Message::Steer { answer, .. }) => {
                    let _ = answer.send(Err(CoreError::NoActiveTurn));
                }
                Some(Message::Interrupt { answer, .. }) => {
                    let _ = answer.send(Err(CoreError::NoActiveTurn));
                }
                Some(Message::Shutdown) | None => return,
            }
        }
    }

    /// Runs a turn and minds the mailbox meanwhile.
    async fn turn(&mut self, turn: Turn, said: Said, output_schema: Option<Value>) -> Life {
        let control = Control::default();
        let mut life = Life::GoesOn;
        let active = turn.clone();
        // Steering is checked against the settings it will join.
        let mut steered = said.settings.clone();
        let mut running = pin!(RunningTurn::new(&mut self.state, &control, turn, output_schema).run(said));
        loop {
            let listening = self.deferred.is_none() && life == Life::GoesOn;
            let message = tokio::select! {
                biased;
                () = &mut running => return life,
                message = self.messages.recv(), if listening => message,
            };
            match message {
                Some(Message::StartTurn { .. }) if control.is_closed() => self.deferred = message,
                Some(Message::StartTurn { params, answer }) => {
                    let steering = steer(*params, &mut steered, &control, &active);
                    // The input has joined, whether or not somebody waits for the answer.
                    let _ = answer.send(steering);
                }
                Some(Message::Steer { params, answer }) => {
                    let steering = if params.expected_turn_id != active.id {
                        Err(CoreError::WrongTurn {
                            asked: params.expected_turn_id,
                            active: active.id.clone(),
                        })
                    } else if control.is_closed() {
                        Err(CoreError::NoActiveTurn)
                    } else {
                        steer(as_turn(*params), &mut steered, &control, &active)
                    };
                    let _ = answer.send(steering);
                }
                Some(Message::Interrupt { turn_id, answer }) if turn_id != active.id => {
                    let wrong = CoreError::WrongTurn { asked: turn_id, active: active.id.clone() };
                    let _ = answer.send(Err(wrong));
                }
                Some(Message::Interrupt { answer, .. }) => {
                    let (announcement, announced) = Announcement::new();
                    control.interrupt(Some(announced));
                    let _ = answer.send(Ok(announcement));
                }
                Some(Message::Shutdown) | None => {
                    control.interrupt(None);
                    life = Life::Ends;
                }
            }
        }
    }
}

impl Announcement {
    pub(crate) fn new() -> (Self, oneshot::Receiver<()>) {
        let (release, released) = oneshot::channel();
        (Announcement { _release: release }, released)
    }
}

/// Queues the input for the running turn. An output schema does not change within a turn.
fn steer(
    params: TurnStartParams,
    steered: &mut ThreadSettings,
    control: &Control,
    active: &Turn,
) -> Result<(Turn, Announcement), CoreError> {
    let settings = steered.with(&params)?;
    let item = input::to_item(&params.input, &settings.cwd)?;
    let said = Said {
        input: params.input,
        client_id: params.client_user_message_id,
        item,
        settings: settings.clone(),
    };
    control.steer(said).map_err(|_| CoreError::ThreadEnded)?;
    *steered = settings;
    let (announcement, _) = Announcement::new();
    Ok((active.clone(), announcement))
}

/// Words for a turn, without any override.
fn as_turn(params: TurnSteerParams) -> TurnStartParams {
    TurnStartParams {
        input: params.input,
        client_user_message_id: params.client_user_message_id,
        ..TurnStartParams::text(params.thread_id, "")
    }
}

/// Where and how instructions are looked for.
pub(crate) fn doc_settings(codex_home: PathBuf, config: &codex_config::Config) -> DocSettings {
    DocSettings {
        codex_home,
        fallback_names: config.project_doc_fallback_filenames.clone(),
        root_markers: config.project_root_markers.clone(),
        max_bytes: config.project_doc_max_bytes,
    }
}
