//! The loop: keys, the engine's messages and answers in; effects and frames out. One task owns the state.

mod desk;
mod signals;

use std::io;
use std::time::Duration;

use codex_app_server_client::{Client, Events, Incoming, Requests};
use codex_app_server_protocol::{
    Capabilities, ClientInfo, Clock, CommandExecutionRequestApprovalResponse, FallbackApprovalResponse,
    FallbackCapability, FileChangeRequestApprovalResponse, InitializeParams, RequestId,
};
use codex_render::Look;
use crossterm::event::Event;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use jiff::tz::TimeZone;
use tokio::task::{AbortHandle, JoinSet, unconstrained};
use tokio::time::Instant;

use crate::app::App;
use crate::app_event::{AppEvent, Notice, NoticeKind, Reply};
use crate::attention::Focus;
use crate::composer::history_file::{self, HistoryFile};
use crate::effect::Effect;
use crate::setup::Setup;
use crate::terminal::{self, Editor, Guard, Reflow, clipboard};

use self::desk::Desk;
use self::signals::{Order, Signals};

/// Frames that nobody's key asked for are at least this far apart.
const FRAME: Duration = Duration::from_millis(8);
/// The engine's messages that are taken in before the keys are looked at again.
const MOST_MESSAGES: usize = 256;

/// What the program is run with. All of it comes from `cli`, which alone reads the environment.
pub struct Options {
    /// What the state starts with.
    pub setup: Setup,
    /// Colours and shapes.
    pub look: Look,
    /// What the terminal does to painted rows when it becomes narrower.
    pub reflow: Reflow,
    /// The external editor.
    pub editor: Editor,
    /// The way to the clipboard.
    pub clipboard: clipboard::Route,
    /// The clock.
    pub clock: Clock,
    /// The person's time zone.
    pub zone: TimeZone,
    /// Where sent messages are kept.
    pub history: HistoryFile,
    /// `clientInfo.name`.
    pub originator: String,
}

/// Why the terminal UI could not go on.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// The terminal refused.
    #[error("the terminal cannot be used ({0}); run codex in a terminal, or use `codex exec`")]
    Terminal(#[from] io::Error),
    /// The engine refused to start.
    #[error("the engine did not start: {0}")]
    Engine(String),
    /// Something panicked; the panic hook has told what.
    #[error("a part of the program failed; its text stands above")]
    Panicked,
}

/// Runs until the person quits, the terminal is gone or a signal says so. The terminal is as before then.
///
/// # Errors
/// When the terminal cannot be used or the engine does not start.
pub async fn run(options: Options, mut client: Client) -> Result<(), TuiError> {
    // First: whoever ends the program from now on must get the terminal back.
    let mut signals = Signals::listen()?;
    let guard = Guard::take()?;
    let mut desk = Desk::new(&options, &guard)?;
    let mut app = App::new(options.setup.clone());
    // What one can type into stands before the engine is asked anything.
    desk.paint(&mut app)?;
    if let Err(error) = client.initialize(handshake(&options)).await {
        desk.leave()?;
        return Err(TuiError::Engine(error.message));
    }
    let (requests, events) = client.split();
    let mut runner = Runner {
        app,
        desk,
        requests,
        events,
        calls: FuturesUnordered::new(),
        tasks: JoinSet::new(),
        editor: None,
        leaves: Leaves::No,
    };
    let first = runner.app.begin();
    runner.carry_out(first)?;
    let ended = runner.serve(&mut signals).await;
    let Runner { mut desk, requests, events, calls, mut tasks, editor, .. } = runner;
    desk.leave()?;
    drop((requests, calls));
    if let Some(editor) = editor {
        editor.abort();
    }
    // What was sent last is still being written down.
    while tasks.join_next().await.is_some() {}
    // A request that waits for its time-out must not keep who has left.
    tokio::select! {
        () = events.close() => {}
        _ = signals.next() => {}
    }
    drop(guard);
    ended
}

fn handshake(options: &Options) -> InitializeParams {
    InitializeParams {
        client_info: ClientInfo {
            name: options.originator.clone(),
            title: Some("codex".to_owned()),
            version: options.setup.version.clone(),
        },
        capabilities: Some(Capabilities {
            fallback: Some(FallbackCapability { ask: true }),
            ..Capabilities::default()
        }),
    }
}

/// The state, the terminal and the engine.
struct Runner<'a> {
    app: App,
    desk: Desk<'a>,
    requests: Requests,
    events: Events,
    /// Calls that wait for their answers. They are polled here, so that an answer is taken in before what the engine
    /// told after it.
    calls: FuturesUnordered<BoxFuture<'static, AppEvent>>,
    /// Files that are read and written, the editor.
    tasks: JoinSet<AppEvent>,
    /// Ends the editor's task.
    editor: Option<AbortHandle>,
    leaves: Leaves,
}

#[derive(PartialEq, Eq)]
enum Leaves {
    Yes,
    No,
}

impl Runner<'_> {
    async fn serve(&mut self, signals: &mut Signals) -> Result<(), TuiError> {
        let mut painted = Instant::now();
        let mut due = Some(painted);
        while self.leaves == Leaves::No {
            // Not left to the timer: under a flood of messages that are always ready it would never have its turn.
            if due.is_some_and(|due| due <= Instant::now()) {
                self.desk.paint(&mut self.app)?;
                painted = Instant::now();
                due = None;
            }
            let tick = self.app.next_tick(self.desk.now(), &self.desk.scene());
            tokio::select! {
                biased;
                () = self.desk.guard.lost() => return Err(TuiError::Panicked),
                // Before the editor's end: the Ctrl+C that ended it came while it had the terminal.
                signal = signals.next() => match signal {
                    // Pressed in an editor, it is meant for that.
                    Order::Break if !self.desk.is_ours() => {}
                    Order::Break | Order::End => return Ok(()),
                    Order::Stop => self.desk.suspend()?,
                    // An editor goes on as well, and has it.
                    Order::Continue if !self.desk.is_ours() => {}
                    Order::Continue => {
                        self.desk.come_back()?;
                        due = Some(Instant::now());
                    }
                },
                told = self.desk.input() => {
                    let Some(told) = told else { return Ok(()) };
                    for event in told? {
                        self.terminal_told(event)?;
                    }
                    due = Some(Instant::now());
                }
                Some(answered) = self.calls.next() => {
                    self.take_in(answered)?;
                    due = due.or(Some(painted + FRAME));
                }
                incoming = self.events.next() => {
                    self.engine_told(incoming)?;
                    due = due.or(Some(painted + FRAME));
                }
                Some(done) = self.tasks.join_next() => {
                    // A task that was ended by force has nothing to say.
                    if let Ok(event) = done {
                        if let AppEvent::Edited(_) = event {
                            self.desk.come_back()?;
                        }
                        self.take_in(event)?;
                    }
                    due = due.or(Some(painted + FRAME));
                }
                () = until(due), if due.is_some() => {}
                () = wait(tick), if tick.is_some() => {
                    self.take_in(AppEvent::Tick)?;
                    due = Some(Instant::now());
                }
            }
        }
        Ok(())
    }

    fn terminal_told(&mut self, event: Event) -> Result<(), TuiError> {
        match event {
            Event::Key(key) => self.take_in(AppEvent::Key(key)),
            Event::Paste(text) => self.take_in(AppEvent::Pasted(text)),
            Event::Resize(width, rows) => Ok(self.desk.resize(width, rows)?),
            Event::FocusGained => self.take_in(AppEvent::Focus(Focus::Here)),
            Event::FocusLost => self.take_in(AppEvent::Focus(Focus::Elsewhere)),
            Event::Mouse(_) => Ok(()),
        }
    }

    /// One message, and those that wait behind it: a flood is painted once.
    fn engine_told(&mut self, first: Option<Incoming>) -> Result<(), TuiError> {
        let mut next = Some(first);
        let mut taken = 0;
        while let Some(incoming) = next.take() {
            while let Some(Some(answered)) = unconstrained(self.calls.next()).now_or_never() {
                self.take_in(answered)?;
            }
            let event = match incoming {
                None => AppEvent::EngineGone,
                Some(Incoming::Notification(notification)) => AppEvent::Notification(notification),
                Some(Incoming::Request { id, request }) => AppEvent::Asked { id, request },
            };
            self.take_in(event)?;
            taken += 1;
            if taken < MOST_MESSAGES && self.leaves == Leaves::No {
                next = self.events.next().now_or_never();
            }
        }
        Ok(())
    }

    fn take_in(&mut self, event: AppEvent) -> Result<(), TuiError> {
        let effects = self.app.update(event, self.desk.now());
        self.carry_out(effects)
    }

    fn carry_out(&mut self, effects: Vec<Effect>) -> Result<(), TuiError> {
        for effect in effects {
            match effect {
                Effect::Call(call) => {
                    let answer = call.send(&self.requests);
                    self.calls.push(Box::pin(async move { AppEvent::Answered(answer.await) }));
                }
                Effect::Send { id, params } => {
                    let answer = self.requests.call(params);
                    let answer = async move { AppEvent::MessageAnswered { id, answer: answer.await } };
                    self.calls.push(Box::pin(answer));
                }
                Effect::AnswerFallback(id, answer) => {
                    // An engine that is gone is told by its own event.
                    let _ = self.requests.answer(id, &FallbackApprovalResponse { answer });
                }
                Effect::Reply(id, reply) => self.reply(id, reply),
                Effect::Remember(text) => self.remember(text),
                Effect::LoadHistory => {
                    let file = self.desk.options.history.clone();
                    self.tasks.spawn_blocking(move || match history_file::read(&file) {
                        Ok(messages) => AppEvent::HistoryLoaded(messages),
                        Err(error) => warning(format!("Earlier messages cannot be read: {error}")),
                    });
                }
                Effect::Copy(text) => {
                    self.desk.command(&clipboard::copy(&text, self.desk.options.clipboard))?
                }
                // Who is in an editor is called by nothing that could disturb it.
                Effect::CallPerson(_) if !self.desk.is_ours() => {}
                Effect::CallPerson(text) => {
                    let Options { setup, clipboard: route, .. } = self.desk.options;
                    self.desk.command(&setup.attention.way.command(&text, *route))?;
                }
                Effect::OpenEditor(draft) => {
                    self.desk.step_aside()?;
                    let editor = self.desk.options.editor.clone();
                    let edited = async move { AppEvent::Edited(terminal::edit(editor, draft).await) };
                    self.editor = Some(self.tasks.spawn(edited));
                }
                Effect::ClearScreen => self.desk.screen.clear()?,
                Effect::Suspend => self.desk.suspend()?,
                Effect::Quit => self.leaves = Leaves::Yes,
            }
        }
        Ok(())
    }

    /// An engine that is gone is told by its own event.
    fn reply(&mut self, id: RequestId, reply: Reply) {
        let _ = match reply {
            Reply::Command(decision) => {
                self.requests.answer(id, &CommandExecutionRequestApprovalResponse { decision })
            }
            Reply::Change(decision) => {
                self.requests.answer(id, &FileChangeRequestApprovalResponse { decision })
            }
            Reply::Permissions(answer) => self.requests.answer(id, &answer),
            Reply::Mcp(answer) => self.requests.answer(id, &answer),
        };
    }

    fn remember(&mut self, text: String) {
        let file = self.desk.options.history.clone();
        let session = self.app.session.thread.as_ref().map_or_else(String::new, ToString::to_string);
        let unix = self.desk.now().unix;
        self.tasks.spawn_blocking(move || match history_file::append(&file, &session, unix, &text) {
            Ok(()) => AppEvent::Tick,
            Err(error) => warning(format!("The message was sent, but not kept for later sessions: {error}")),
        });
    }
}

fn warning(text: String) -> AppEvent {
    AppEvent::Say(Notice { kind: NoticeKind::Warning, text })
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

async fn wait(tick: Option<Duration>) {
    match tick {
        Some(tick) => tokio::time::sleep(tick).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
