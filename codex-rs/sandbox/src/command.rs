//! One running command: its start, its output as it comes, what is typed to it, its end.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio as ChildStdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, getpid, getppid};
use tokio::io::unix::AsyncFd;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep_until};

use crate::terminal::{self, Size, Terminal};
use crate::walls::{InChild, Kept, Launch};
use crate::{Policy, SandboxError};

mod starter;
mod tree;

use tree::Tree;

/// How long the processes of a command may take to leave after SIGTERM, before SIGKILL.
pub const TERMINATION_GRACE: Duration = Duration::from_secs(1);
/// How long SIGKILL may take to show; after it a process is beyond our reach (in a broken driver, or an unreaped zombie).
const KILL_GRACE: Duration = Duration::from_millis(500);
/// How soon a group is looked at again while it is being ended; each time twice as late, up to the bounds below. There is
/// no event for "the group is empty", and mostly it is at once.
const FIRST_POLL: Duration = Duration::from_micros(500);
/// How often a group is looked at while it is being ended.
const GROUP_POLL: Duration = Duration::from_millis(5);
/// How often the members of a group are looked at one by one: this reads a file for every process of the machine.
const MEMBER_POLL: Duration = Duration::from_millis(25);
/// The largest piece of output handed over at once: what a pipe holds.
const PIECE: usize = 64 * 1024;
/// The most output taken after the command itself has ended: the pipe's own size bounds what it wrote before.
const REMAINDER: usize = 1024 * 1024;

/// What to run.
#[derive(Debug, Clone)]
pub struct CommandSpec {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Working directory, absolute.
    pub cwd: PathBuf,
    /// The whole environment: nothing is inherited beside it.
    pub environment: Vec<(String, String)>,
    /// What it may touch.
    pub policy: Arc<Policy>,
    /// What its input and outputs are.
    pub stdio: Stdio,
}

/// What a command's input and outputs are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdio {
    /// Both outputs share one pipe, so their order is the order of writing.
    Pipe(Stdin),
    /// A terminal of its own, which it also controls.
    Terminal(Size),
    /// Three pipes of its own, for a program that is spoken to: see [`Running::take_streams`].
    Streams,
    /// Ours, session and terminal included. For a command that a person runs in place of this program.
    Inherit,
}

/// What a command with pipes reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing.
    Empty,
    /// What is written to [`Running::take_input`].
    Open,
}

/// What a running command brings next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Bytes of either output, in the order they were written.
    Output(Vec<u8>),
    /// The command and everything in its group have ended; nothing follows.
    Ended(Exit),
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// A command that was started. Dropping it kills the whole group at once.
#[derive(Debug)]
pub struct Running {
    child: Child,
    tree: Tree,
    output: Option<AsyncFd<OwnedFd>>,
    buffer: Vec<u8>,
    input: Option<Input>,
    streams: Option<Streams>,
    terminal: Option<OwnedFd>,
    exit: Option<Exit>,
    ending: Option<Ending>,
    group_poll: Duration,
    members_looked_at: Option<Instant>,
    member_poll: Duration,
    over: bool,
    _kept: Kept,
}

/// Where a command reads what is typed.
#[derive(Debug)]
pub struct Input(AsyncFd<OwnedFd>);

/// The three pipes of a command that is spoken to.
#[derive(Debug)]
pub struct Streams {
    /// What it reads.
    pub input: pipe::Sender,
    /// What it says.
    pub output: pipe::Receiver,
    /// What it complains.
    pub errors: pipe::Receiver,
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Terminated { until: Instant },
    Killed { until: Instant },
}

/// Our ends of a command's input and outputs, and the command's.
#[derive(Default)]
struct Ends {
    output: Option<OwnedFd>,
    input: Option<OwnedFd>,
    terminal: Option<OwnedFd>,
    streams: Option<Streams>,
}

impl Running {
    /// Starts what the walls made of a command.
    pub(crate) fn start(spec: &CommandSpec, launch: Launch) -> Result<Self, SandboxError> {
        let asked = spec.argv.first().ok_or(SandboxError::Empty)?;
        let Launch { program, arguments, cwd, environment, in_child, leader, mut kept } = launch;
        let failed = |cause| SandboxError::Start { program: asked.clone(), cause };
        let mut command = Command::new(program);
        command.args(arguments).current_dir(cwd).env_clear().envs(environment).kill_on_drop(true);
        let ends = connect(&mut command, spec.stdio).map_err(failed)?;
        prepare_child(&mut command, spec.stdio, in_child);
        let child = starter::start(command).map_err(failed)?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let process = id.ok_or_else(|| failed(io::Error::other("the system gave it no process id")))?;
        kept.started(process);
        let tree = match spec.stdio {
            Stdio::Inherit => Tree::Single { process },
            Stdio::Pipe(_) | Stdio::Terminal(_) | Stdio::Streams => {
                Tree::Session { id: process, strays: Vec::new(), leader }
            }
        };
        let watched = |fd: Option<OwnedFd>| fd.map(watch).transpose();
        Ok(Running {
            child,
            tree,
            output: watched(ends.output).map_err(failed)?,
            buffer: Vec::new(),
            input: watched(ends.input).map_err(failed)?.map(Input),
            streams: ends.streams,
            terminal: ends.terminal,
            exit: None,
            ending: None,
            group_poll: FIRST_POLL,
            members_looked_at: None,
            member_poll: FIRST_POLL,
            over: false,
            _kept: kept,
        })
    }

    /// The id of the command's process, session and group.
    pub fn process_id(&self) -> i32 {
        self.tree.leader().as_raw_nonzero().get()
    }

    /// Where the command reads what is typed; once, and only where it has a terminal or [`Stdin::Open`]. Dropping it
    /// ends the input of a command that has pipes.
    pub fn take_input(&mut self) -> Option<Input> {
        self.input.take()
    }

    /// The pipes of [`Stdio::Streams`]; once. [`Running::next`] then tells only the end.
    pub fn take_streams(&mut self) -> Option<Streams> {
        self.streams.take()
    }

    /// Changes the size of the command's terminal; without one there is nothing to change.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn resize(&self, size: Size) -> Result<(), SandboxError> {
        let Some(terminal) = &self.terminal else { return Ok(()) };
        terminal::resize(terminal, size).map_err(SandboxError::Watch)
    }

    /// Asks the whole group to end, and kills what is left after [`TERMINATION_GRACE`]. Go on calling [`Running::next`].
    pub fn terminate(&mut self) {
        if self.ending.is_none() && !self.over {
            self.tree.ask_to_end();
            self.ending = Some(Ending::Terminated { until: Instant::now() + TERMINATION_GRACE });
        }
    }

    /// Kills the whole group without asking. Go on calling [`Running::next`].
    pub fn kill(&mut self) {
        if !self.over && !matches!(self.ending, Some(Ending::Killed { .. })) {
            self.tree.kill();
            self.ending = Some(Ending::Killed { until: Instant::now() + KILL_GRACE });
        }
    }

    /// What comes next. May be dropped and called again without losing anything; after `Ended` it gives `Ended` again.
    ///
    /// # Errors
    /// When the pipe or the process table fails; the group is killed then.
    pub async fn next(&mut self) -> Result<Event, SandboxError> {
        let event = self.advance().await;
        if event.is_err() {
            self.tree.kill();
        }
        event.map_err(SandboxError::Watch)
    }

    async fn advance(&mut self) -> io::Result<Event> {
        loop {
            // Before the output: a flood of it must not keep alive what passed its grace.
            self.escalate();
            if let Some(exit) = self.exit
                && self.everybody_is_gone()
            {
                return Ok(self.last(exit));
            }
            let look_again = Instant::now() + self.group_poll;
            tokio::select! {
                piece = read(self.output.as_ref(), &mut self.buffer), if self.output.is_some() => match piece? {
                    Some(piece) => return Ok(Event::Output(piece)),
                    None => self.output = None,
                },
                status = self.child.wait(), if self.exit.is_none() => {
                    self.exit = Some(Exit::from(status?));
                    match self.tree {
                        // What the command left in the background ends with it.
                        Tree::Session { .. } => self.terminate(),
                        Tree::Single { .. } => {}
                    }
                }
                () = sleep_until(look_again), if self.ending.is_some() => {
                    self.group_poll = GROUP_POLL.min(self.group_poll * 2);
                }
            }
        }
    }

    /// The remaining output, then the end.
    fn last(&mut self, exit: Exit) -> Event {
        self.over = true;
        // Afterwards it is closed: a process that left the group may hold the other end for ever.
        let mut remainder = Vec::new();
        if let Some(output) = self.output.take() {
            while remainder.len() < REMAINDER
                && let Ok(Some(piece)) = take(output.get_ref(), &mut self.buffer)
            {
                remainder.extend_from_slice(&piece);
            }
        }
        if remainder.is_empty() { Event::Ended(exit) } else { Event::Output(remainder) }
    }

    fn everybody_is_gone(&mut self) -> bool {
        let now = Instant::now();
        let given_up = matches!(self.ending, Some(Ending::Killed { until }) if now >= until);
        if self.over || given_up || self.tree.is_gone() {
            return true;
        }
        if self.members_looked_at.is_some_and(|last| now < last + self.member_poll) {
            return false;
        }
        if self.members_looked_at.is_some() {
            self.member_poll = MEMBER_POLL.min(self.member_poll * 2);
        }
        self.members_looked_at = Some(now);
        self.tree.is_only_zombies()
    }

    fn escalate(&mut self) {
        if let Some(Ending::Terminated { until }) = self.ending
            && Instant::now() >= until
        {
            self.kill();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            self.tree.kill();
        }
    }
}

impl Input {
    /// Types as much of it as the command takes now, and says how much that was. May be dropped without losing anything.
    ///
    /// # Errors
    /// When the command reads no more.
    pub async fn write(&self, bytes: &[u8]) -> Result<usize, SandboxError> {
        loop {
            let mut ready = self.0.writable().await.map_err(SandboxError::Watch)?;
            match rustix::io::write(self.0.get_ref(), bytes) {
                Ok(written) => return Ok(written),
                Err(Errno::AGAIN) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(SandboxError::Watch(error.into())),
            }
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Exit::Code(code),
            (None, Some(signal)) => Exit::Signal(signal),
            // Neither is impossible for a process that was waited for to its end.
            (None, None) => Exit::Code(-1),
        }
    }
}

impl Exit {
    /// The code as a shell reports it: 128 and the signal for a process that a signal ended.
    pub fn shell_code(self) -> i32 {
        match self {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
        }
    }
}

/// Gives the command its ends, and keeps ours.
fn connect(command: &mut Command, stdio: Stdio) -> io::Result<Ends> {
    let mut ends = Ends::default();
    match stdio {
        Stdio::Pipe(stdin) => {
            let (reader, writer) = io::pipe()?;
            command.stdout(writer.try_clone()?).stderr(writer);
            ends.output = Some(never_blocking(reader.into())?);
            match stdin {
                Stdin::Empty => command.stdin(ChildStdio::null()),
                Stdin::Open => {
                    let (reader, writer) = io::pipe()?;
                    ends.input = Some(never_blocking(writer.into())?);
                    command.stdin(reader)
                }
            };
        }
        Stdio::Terminal(size) => {
            let Terminal { ours, theirs } = Terminal::open(size)?;
            command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
            ends.input = Some(ours.try_clone()?);
            ends.terminal = Some(ours.try_clone()?);
            ends.output = Some(ours);
        }
        Stdio::Streams => {
            let (input, output, errors) = (io::pipe()?, io::pipe()?, io::pipe()?);
            command.stdin(input.0).stdout(output.1).stderr(errors.1);
            ends.streams = Some(Streams {
                input: pipe::Sender::from_owned_fd(input.1.into())?,
                output: pipe::Receiver::from_owned_fd(output.0.into())?,
                errors: pipe::Receiver::from_owned_fd(errors.0.into())?,
            });
        }
        Stdio::Inherit => {}
    }
    Ok(ends)
}

fn watch(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    #[expect(unsafe_code, reason = "tokio offers no safe way to watch a descriptor")]
    // SAFETY: the descriptor is open, owned by the `AsyncFd` until that is dropped, and never exchanged for another.
    let watched = unsafe { AsyncFd::register(fd) };
    Ok(watched?)
}

fn never_blocking(fd: OwnedFd) -> io::Result<OwnedFd> {
    let flags = rustix::fs::fcntl_getfl(&fd)?;
    rustix::fs::fcntl_setfl(&fd, flags | OFlags::NONBLOCK)?;
    Ok(fd)
}

/// What the child does between fork and exec.
///
/// A session of its own has no controlling terminal, or its own: the command cannot write over a terminal UI or ask on
/// it. The command's first process is killed when this program is; what that process started is not, unless it is
/// enclosed or its terminal closes.
fn prepare_child(command: &mut Command, stdio: Stdio, mut in_child: Option<InChild>) {
    let parent = getpid();
    let prepare = move || {
        match stdio {
            Stdio::Pipe(_) | Stdio::Streams => {
                rustix::process::setsid()?;
                hear_signals()?;
            }
            Stdio::Terminal(_) => {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                hear_signals()?;
            }
            Stdio::Inherit => {}
        }
        die_with(parent)?;
        in_child.as_mut().map_or(Ok(()), |walls| walls())
    };
    #[expect(unsafe_code, reason = "the standard library offers no safe way to start a session")]
    // SAFETY: between fork and exec the closure makes system calls only, all of them async-signal-safe, and allocates
    // nothing; `in_child` promises the same.
    unsafe {
        command.pre_exec(prepare);
    }
}

/// What this program was told to ignore (by `nohup`, by a shell's `&`), a command would ignore too: nothing but SIGKILL
/// would end it.
fn hear_signals() -> io::Result<()> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    let usual = [
        Signal::SIGHUP,
        Signal::SIGINT,
        Signal::SIGQUIT,
        Signal::SIGTERM,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
        Signal::SIGCHLD,
    ];
    for number in usual {
        #[expect(unsafe_code, reason = "the standard library offers no way to set what a signal does")]
        // SAFETY: no handler is installed, the default is restored; `signal` is async-signal-safe.
        unsafe {
            signal(number, SigHandler::SigDfl)?;
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn die_with(parent: Pid) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have ended before it was asked; nobody would tell.
    if getppid() == Some(parent) { Ok(()) } else { Err(Errno::SRCH.into()) }
}

/// Elsewhere the system offers nothing like it.
#[cfg(not(target_os = "linux"))]
fn die_with(_: Pid) -> io::Result<()> {
    Ok(())
}

/// The next bytes; `None` when nobody holds the other end any more.
async fn read(output: Option<&AsyncFd<OwnedFd>>, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let Some(output) = output else { return Ok(None) };
    loop {
        let mut ready = output.readable().await?;
        match take(output.get_ref(), buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
            taken => return taken,
        }
    }
}

/// What is there now. The buffer is ours for all pieces: most are much smaller than it.
fn take(output: &OwnedFd, buffer: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    buffer.resize(PIECE, 0);
    loop {
        match rustix::io::read(output.as_fd(), &mut buffer[..]) {
            Ok(0) => return Ok(None),
            Ok(length) => return Ok(Some(buffer[..length].to_vec())),
            // A terminal whose other end is closed.
            Err(Errno::IO) => return Ok(None),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
