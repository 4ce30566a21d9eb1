//! One running command: its start, its output as it comes, its end.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep_until};

use crate::walls::{InChild, Kept, Launch, Leader};
use crate::{Policy, SandboxError};

/// How long the processes of a command may take to leave after SIGTERM, before SIGKILL.
pub const TERMINATION_GRACE: Duration = Duration::from_secs(1);
/// How long SIGKILL may take to show; after it a process is beyond our reach (in a broken driver, or an unreaped zombie).
const KILL_GRACE: Duration = Duration::from_millis(500);
/// How often a group is looked at while it is being ended: there is no event for "the group is empty".
const GROUP_POLL: Duration = Duration::from_millis(5);
/// How often the members of a group are looked at one by one: this reads a file for every process of the machine.
const MEMBER_POLL: Duration = Duration::from_millis(25);
/// The largest piece of output handed over at once.
const PIECE: usize = 16 * 1024;
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
    output: pipe::Receiver,
    output_open: bool,
    group: Pid,
    leader: Leader,
    exit: Option<Exit>,
    ending: Option<Ending>,
    members_looked_at: Option<Instant>,
    over: bool,
    _kept: Kept,
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Terminated { until: Instant },
    Killed { until: Instant },
}

impl Running {
    /// Starts what the walls made of the command.
    pub(crate) fn start(spec: &CommandSpec, launch: Launch) -> Result<Self, SandboxError> {
        let program = spec.argv.first().ok_or(SandboxError::Empty)?;
        let Launch { program: started, arguments, cwd, environment, in_child, leader, kept } = launch;
        let failed = |cause| SandboxError::Start { program: program.clone(), cause };
        let (reader, writer) = io::pipe().map_err(failed)?;
        let output = pipe::Receiver::from_owned_fd(OwnedFd::from(reader)).map_err(failed)?;
        let mut command = Command::new(started);
        command
            .args(arguments)
            .current_dir(cwd)
            .env_clear()
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(writer.try_clone().map_err(failed)?)
            .stderr(writer)
            .kill_on_drop(true);
        own_session(&mut command, in_child);
        let child = command.spawn().map_err(failed)?;
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let group = id.ok_or_else(|| failed(io::Error::other("the system gave it no process id")))?;
        Ok(Running {
            child,
            output,
            output_open: true,
            group,
            leader,
            exit: None,
            ending: None,
            members_looked_at: None,
            over: false,
            _kept: kept,
        })
    }

    /// The id of the command's process, session and group.
    pub fn process_id(&self) -> i32 {
        self.group.as_raw_nonzero().get()
    }

    /// Asks the whole group to end, and kills what is left after [`TERMINATION_GRACE`]. Go on calling [`Running::next`].
    pub fn terminate(&mut self) {
        if self.ending.is_none() && !self.over {
            match self.leader {
                Leader::Command => self.signal(Signal::TERM),
                Leader::Wrapper => terminate_members(self.group),
            }
            self.ending = Some(Ending::Terminated { until: Instant::now() + TERMINATION_GRACE });
        }
    }

    /// What comes next. May be dropped and called again without losing anything; after `Ended` it gives `Ended` again.
    ///
    /// # Errors
    /// When the pipe or the process table fails; the group is killed then.
    pub async fn next(&mut self) -> Result<Event, SandboxError> {
        let event = self.advance().await;
        if event.is_err() {
            self.signal(Signal::KILL);
        }
        event.map_err(SandboxError::Watch)
    }

    async fn advance(&mut self) -> io::Result<Event> {
        loop {
            // Before the output: a flood of it must not keep alive what passed its grace.
            self.escalate();
            if let Some(exit) = self.exit
                && self.group_is_gone()
            {
                return self.last(exit);
            }
            let look_again = Instant::now() + GROUP_POLL;
            tokio::select! {
                piece = read(&self.output), if self.output_open => match piece? {
                    Some(piece) => return Ok(Event::Output(piece)),
                    None => self.output_open = false,
                },
                status = self.child.wait(), if self.exit.is_none() => {
                    self.exit = Some(Exit::from(status?));
                    // What the command left in the background ends with it.
                    self.terminate();
                }
                () = sleep_until(look_again), if self.ending.is_some() => {}
            }
        }
    }

    /// The remaining output, then the end.
    fn last(&mut self, exit: Exit) -> io::Result<Event> {
        self.over = true;
        let mut remainder = vec![0; if self.output_open { REMAINDER } else { 0 }];
        let mut length = 0;
        while self.output_open && length < remainder.len() {
            match self.output.try_read(&mut remainder[length..]) {
                Ok(0) => self.output_open = false,
                Ok(read) => length += read,
                // A process that left the group may hold the pipe for ever.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.output_open = false;
        remainder.truncate(length);
        Ok(if remainder.is_empty() { Event::Ended(exit) } else { Event::Output(remainder) })
    }

    fn group_is_gone(&mut self) -> bool {
        let now = Instant::now();
        let given_up = matches!(self.ending, Some(Ending::Killed { until }) if now >= until);
        if self.over || given_up || test_kill_process_group(self.group) == Err(Errno::SRCH) {
            return true;
        }
        if self.members_looked_at.is_some_and(|last| now < last + MEMBER_POLL) {
            return false;
        }
        self.members_looked_at = Some(now);
        only_zombies(self.group)
    }

    fn escalate(&mut self) {
        if let Some(Ending::Terminated { until }) = self.ending
            && Instant::now() >= until
        {
            self.signal(Signal::KILL);
            self.ending = Some(Ending::Killed { until: Instant::now() + KILL_GRACE });
        }
    }

    fn signal(&self, signal: Signal) {
        // The only failure that can happen is that nobody is left to hear it.
        let _ = kill_process_group(self.group, signal);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.over {
            self.signal(Signal::KILL);
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

/// Whether the group holds nothing but processes that wait to be reaped. In a container without an init nobody ever
/// reaps them, and the group would seem to live on.
#[cfg(target_os = "linux")]
fn only_zombies(group: Pid) -> bool {
    !members(group).iter().any(|member| !matches!(member.state, 'Z' | 'X'))
}

/// SIGTERM to all members of the group but its leader.
#[cfg(target_os = "linux")]
fn terminate_members(group: Pid) {
    for member in members(group) {
        if member.id != group {
            // It may have ended by now.
            let _ = rustix::process::kill_process(member.id, Signal::TERM);
        }
    }
}

#[cfg(target_os = "linux")]
struct Member {
    id: Pid,
    state: char,
}

#[cfg(target_os = "linux")]
fn members(group: Pid) -> Vec<Member> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let read = |stat: Vec<u8>| {
        // `pid (name) state parent group …`; the name may hold anything, so its end is the last parenthesis.
        let stat = String::from_utf8_lossy(&stat);
        let id = Pid::from_raw(stat.split(' ').next()?.parse().ok()?)?;
        let mut fields = stat.rsplit(')').next()?.split_ascii_whitespace();
        let (state, member_of) = (fields.next()?.chars().next()?, fields.nth(1)?);
        (member_of == group.to_string()).then_some(Member { id, state })
    };
    // A process whose file is gone by now has ended.
    let stats = processes.flatten().filter_map(|entry| std::fs::read(entry.path().join("stat")).ok());
    stats.filter_map(read).collect()
}

/// No mechanism has a wrapper there.
#[cfg(not(target_os = "linux"))]
fn terminate_members(_: Pid) {}

/// Elsewhere there is always somebody who reaps.
#[cfg(not(target_os = "linux"))]
fn only_zombies(_: Pid) -> bool {
    false
}

/// The next bytes; `None` when every writer has closed the pipe.
async fn read(output: &pipe::Receiver) -> io::Result<Option<Vec<u8>>> {
    loop {
        output.readable().await?;
        let mut piece = vec![0; PIECE];
        match output.try_read(&mut piece) {
            Ok(0) => return Ok(None),
            Ok(length) => {
                piece.truncate(length);
                return Ok(Some(piece));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

/// A session of its own has no controlling terminal: the command cannot write over a terminal UI or ask on it. Then
/// the walls.
fn own_session(command: &mut Command, mut in_child: Option<InChild>) {
    #[expect(unsafe_code, reason = "the standard library offers no safe way to start a session")]
    // SAFETY: between fork and exec the closure makes system calls only and allocates nothing; setsid is
    // async-signal-safe, and so is what the walls do.
    unsafe {
        command.pre_exec(move || {
            rustix::process::setsid().map_err(io::Error::from)?;
            in_child.as_mut().map_or(Ok(()), |walls| walls())
        });
    }
}
