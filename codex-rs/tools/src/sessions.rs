//! The commands of one thread that run: a task for each drains its output, types what is to be typed and ends it.
//!
//! A session stays until a call has told the model of its end. What ends one: itself, the person, the end of the thread.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use codex_protocol::TurnId;
use codex_sandbox::{Exit, Policy, Sandbox, SandboxError};
use tokio::sync::{mpsc, watch};

use crate::exec_command::Invocation;
use crate::output::KeptOutput;
use crate::report::{Report, State};
use crate::write_stdin::Typing;

pub use crate::report::Cause;

mod task;

/// The most commands of one thread at a time.
pub const MOST_SESSIONS: usize = 64;
/// The most that is typed in one call.
const MOST_TYPED: usize = 1024 * 1024;
/// The first number of a thread is at most this: short enough for a model to copy.
const NUMBERS: u64 = 99_000;

/// A command's number within its thread; the model and the clients name it so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(u32);

/// The commands of one thread. Clones are the same. When the last goes, the commands are killed.
#[derive(Debug, Clone)]
pub struct Sessions {
    sandbox: Sandbox,
    state: Arc<Mutex<Commands>>,
}

#[derive(Debug)]
struct Commands {
    last_id: u32,
    running: BTreeMap<SessionId, Entry>,
}

/// Held by the thread alone: when it goes, the task has no orders to wait for, and kills its command.
#[derive(Debug)]
struct Entry {
    session: Arc<Session>,
    orders: mpsc::UnboundedSender<Order>,
    ended: watch::Receiver<bool>,
}

/// What the thread and the command's task share.
#[derive(Debug)]
struct Session {
    background: Background,
    turn: TurnId,
    input: Typed,
    progress: Mutex<Progress>,
}

/// Whether somebody can type into a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typed {
    InTerminal,
    Never,
}

#[derive(Debug, Default)]
struct Progress {
    kept: KeptOutput,
    /// Bytes that calls have told of.
    told: usize,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy)]
enum End {
    Ended(Exit, Cause),
    Lost,
}

/// What a command's task is told to do.
#[derive(Debug)]
enum Order {
    Type(Vec<u8>),
    End(Cause),
}

/// What a command is to be started with.
pub struct Begin {
    /// From [`Sessions::next_id`].
    pub id: SessionId,
    /// The call.
    pub invocation: Invocation,
    /// The command's whole environment.
    pub environment: Vec<(String, String)>,
    /// What it may touch.
    pub policy: Arc<Policy>,
    /// The turn that starts it.
    pub turn: TurnId,
    /// The item that shows it.
    pub item_id: String,
    /// Who is told what becomes of it.
    pub watcher: Box<dyn Watcher>,
}

/// A future of a [`Watcher`].
pub type Telling<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Is told what becomes of a command, during the call that started it and afterwards.
pub trait Watcher: Send {
    /// Output as it comes; not all of a flood.
    fn output(&mut self, text: String) -> Telling<'_>;
    /// The end; nothing follows. The model is told of it after this has returned.
    fn ended(&mut self, outcome: Outcome) -> Telling<'_>;
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Both outputs, as far as kept.
    pub output: String,
    /// The exit code as a shell reports it; `None` where the system lost sight of the command.
    pub exit_code: Option<i32>,
    /// Why it ended.
    pub cause: Cause,
    /// From start to end.
    pub duration: Duration,
}

/// A command that runs, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Background {
    /// Its number.
    pub id: SessionId,
    /// The item that shows it.
    pub item_id: String,
    /// What the model asked to run, without the shell around it.
    pub script: String,
    /// Where it runs.
    pub cwd: PathBuf,
    /// The system's id of its first process.
    pub process: i32,
}

/// How long a call waits, and how much output it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The call.
    pub call_id: String,
    /// The longest wait.
    pub time: Duration,
    /// The most output, in tokens.
    pub output_tokens: usize,
}

/// Why a command was not started. The text is for the model.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Too many run.
    #[error(
        "The command was not started: {MOST_SESSIONS} commands of this conversation run already. Wait for one, or end one \
         by typing \\u0003 into it."
    )]
    TooMany,
    /// The sandbox did not start it.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
}

/// Whether there was something to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It ran, and has ended now.
    Now,
    /// No command of this number runs.
    NotThere,
}

impl Sessions {
    /// None yet. Their numbers begin somewhere: a thread that is taken up again does not use those its history names.
    pub fn new(sandbox: Sandbox) -> Self {
        // A number that nobody can have read in what is left of an earlier life of the thread, as good as surely.
        let last_id = u32::try_from(RandomState::new().hash_one(()) % NUMBERS).unwrap_or_default();
        let commands = Commands { last_id, running: BTreeMap::new() };
        Sessions { sandbox, state: Arc::new(Mutex::new(commands)) }
    }

    /// A number that no command of this thread had.
    pub fn next_id(&self) -> SessionId {
        let mut commands = self.commands();
        commands.last_id += 1;
        SessionId(commands.last_id)
    }

    /// Starts a command. Its output is drained from now on, whether or not a call waits for it. Needs a tokio runtime.
    ///
    /// # Errors
    /// When it cannot be started; the text goes to the model, and the watcher is told nothing.
    pub fn start(&self, begin: Begin) -> Result<(), StartError> {
        let Begin { id, invocation, environment, policy, turn, item_id, watcher } = begin;
        self.make_room()?;
        let running = self.sandbox.spawn(&invocation.command(environment, policy))?;
        let background = Background {
            id,
            item_id,
            script: invocation.script().to_owned(),
            cwd: invocation.cwd().to_owned(),
            process: running.process_id(),
        };
        let session =
            Arc::new(Session { background, turn, input: invocation.input(), progress: Mutex::default() });
        let (orders, taken) = mpsc::unbounded_channel();
        let (end, ended) = watch::channel(false);
        tokio::spawn(task::drain(running, Arc::clone(&session), taken, watcher, end));
        self.commands().running.insert(id, Entry { session, orders, ended });
        Ok(())
    }

    /// Waits for a command and says what the model is told: the end, or that it goes on. `interrupted` resolves when the
    /// person interrupts `turn`: a command that this turn started is ended then, another goes on.
    pub async fn wait(
        &self,
        id: SessionId,
        wait: &Wait,
        turn: &TurnId,
        interrupted: impl Future<Output = ()>,
    ) -> String {
        let started = Instant::now();
        let Some((session, mut ended)) = self.find(id) else { return unknown(id) };
        tokio::select! {
            () = over(&mut ended) => {}
            () = tokio::time::sleep(wait.time) => {}
            () = interrupted => {
                if session.turn == *turn {
                    self.end(id, Cause::Interrupted).await;
                }
            }
        }
        self.report(id, &session, wait, started.elapsed())
    }

    /// Types into a command, waits, and says what the model is told. For `interrupted` see [`Sessions::wait`].
    pub async fn write(
        &self,
        typing: &Typing,
        turn: &TurnId,
        interrupted: impl Future<Output = ()>,
    ) -> String {
        let id = typing.session;
        if let Err(why) = self.type_in(id, &typing.chars) {
            return why;
        }
        self.wait(id, &typing.wait, turn, interrupted).await
    }

    /// The command of this number, if it runs.
    pub fn find_running(&self, id: SessionId) -> Option<Background> {
        self.list().into_iter().find(|background| background.id == id)
    }

    /// The command of this number, if it runs and something can be typed into it.
    pub fn find_terminal(&self, id: SessionId) -> Option<Background> {
        let (session, _) = self.find(id).filter(|(session, _)| session.input == Typed::InTerminal)?;
        self.find_running(session.background.id)
    }

    /// The commands that run, the oldest first.
    pub fn list(&self) -> Vec<Background> {
        let commands = self.commands();
        let running = commands.running.values().filter(|entry| !entry.is_over());
        running.map(|entry| entry.session.background.clone()).collect()
    }

    /// Ends one command for the person; returns when all its processes have ended.
    pub async fn terminate(&self, id: SessionId) -> Ended {
        self.end(id, Cause::Stopped).await
    }

    /// Ends all commands for the person; returns when all their processes have ended.
    pub async fn clean(&self) {
        let all = self.list().into_iter().map(|background| background.id).collect();
        self.end_all(all, Cause::Stopped).await;
    }

    /// Ends the commands that this turn started; returns when all their processes have ended.
    pub async fn interrupt(&self, turn: &TurnId) {
        let of_turn = {
            let commands = self.commands();
            let entries = commands.running.iter().filter(|(_, entry)| entry.session.turn == *turn);
            entries.map(|(id, _)| *id).collect()
        };
        self.end_all(of_turn, Cause::Interrupted).await;
    }

    async fn end_all(&self, ids: Vec<SessionId>, cause: Cause) {
        // All are asked before any is waited for: they share one grace.
        for id in &ids {
            self.order(*id, Order::End(cause));
        }
        for id in ids {
            self.end(id, cause).await;
        }
    }

    async fn end(&self, id: SessionId, cause: Cause) -> Ended {
        let Some((_, mut ended)) = self.find(id) else { return Ended::NotThere };
        if *ended.borrow() {
            return Ended::NotThere;
        }
        self.order(id, Order::End(cause));
        over(&mut ended).await;
        Ended::Now
    }

    fn order(&self, id: SessionId, order: Order) {
        if let Some(entry) = self.commands().running.get(&id) {
            // A task that has gone needs no orders.
            let _ = entry.orders.send(order);
        }
    }

    fn type_in(&self, id: SessionId, chars: &str) -> Result<(), String> {
        if chars.is_empty() {
            return Ok(());
        }
        let Some((session, ended)) = self.find(id) else { return Err(unknown(id)) };
        // Of one that has ended the end is told.
        if *ended.borrow() {
            return Ok(());
        }
        if session.input == Typed::Never {
            return Err(format!(
                "Nothing was typed: the command of session {id} has no terminal. Start it again with tty true, or send \
                 empty chars to wait for it."
            ));
        }
        if chars.len() > MOST_TYPED {
            return Err(
                "Nothing was typed: at most 1 MiB can be typed at once. Write it to a file.".to_owned()
            );
        }
        self.order(id, Order::Type(chars.as_bytes().to_vec()));
        Ok(())
    }

    fn report(&self, id: SessionId, session: &Session, wait: &Wait, wall: Duration) -> String {
        let (report, over) = {
            let mut progress = session.progress();
            let told = progress.told;
            progress.told = progress.kept.total();
            let state = match progress.end {
                None => State::Running(id),
                Some(End::Ended(exit, cause)) => State::Ended(exit, cause),
                Some(End::Lost) => State::Lost,
            };
            let report = Report {
                call_id: wait.call_id.clone(),
                wall,
                state,
                bytes: progress.kept.total() - told,
                output: progress.kept.excerpt(told, wait.output_tokens),
            };
            (report, progress.end.is_some())
        };
        if over {
            self.commands().running.remove(&id);
        }
        report.text()
    }

    fn make_room(&self) -> Result<(), StartError> {
        let mut commands = self.commands();
        if commands.running.len() < MOST_SESSIONS {
            return Ok(());
        }
        let oldest_ended = commands.running.iter().find(|(_, entry)| entry.is_over()).map(|(id, _)| *id);
        let oldest_ended = oldest_ended.ok_or(StartError::TooMany)?;
        commands.running.remove(&oldest_ended);
        Ok(())
    }

    fn find(&self, id: SessionId) -> Option<(Arc<Session>, watch::Receiver<bool>)> {
        let commands = self.commands();
        let entry = commands.running.get(&id)?;
        Some((Arc::clone(&entry.session), entry.ended.clone()))
    }

    fn commands(&self) -> MutexGuard<'_, Commands> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_over(&self) -> bool {
        // A task that is gone has ended its command, too.
        *self.ended.borrow() || self.orders.is_closed()
    }
}

impl Session {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionId {
    /// The number as a model writes it.
    pub(crate) fn of(number: f64) -> Option<Self> {
        let whole = number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&number);
        whole.then_some(SessionId(number as u32))
    }

    /// The number as clients write it (`processId`).
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().map(SessionId)
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

async fn over(ended: &mut watch::Receiver<bool>) {
    // A closed channel is an end as well.
    let _ = ended.wait_for(|ended| *ended).await;
}

fn unknown(id: SessionId) -> String {
    format!(
        "There is no session {id}: no command of this number was started, or its end has been told. Start it again with \
         exec_command if it is still needed."
    )
}

#[cfg(test)]
mod tests;
