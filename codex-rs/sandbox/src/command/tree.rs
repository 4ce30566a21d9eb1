//! The processes of one command: who they are, and how they are signalled together.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};

use crate::walls::Leader;

/// The processes of one command.
#[derive(Debug)]
pub(super) enum Tree {
    /// A session of its own, led by the command; `strays` are groups of it that job control made.
    Session { id: Pid, strays: Vec<Pid>, leader: Leader },
    /// One process in our own group: it shares the person's terminal and its signals.
    Single { process: Pid },
}

impl Tree {
    pub(super) fn leader(&self) -> Pid {
        match self {
            Tree::Session { id, .. } => *id,
            Tree::Single { process } => *process,
        }
    }

    /// Asks everybody to end.
    pub(super) fn ask_to_end(&mut self) {
        match self {
            Tree::Session { id, leader: Leader::Wrapper, .. } => {
                // The wrapper would take the others with it at once.
                for member in living_members(*id).unwrap_or_default() {
                    if member.process != *id {
                        let _ = kill_process(member.process, Signal::TERM);
                    }
                }
            }
            Tree::Session { leader: Leader::Command, .. } | Tree::Single { .. } => self.signal(Signal::TERM),
        }
    }

    /// Ends everybody.
    pub(super) fn kill(&mut self) {
        self.signal(Signal::KILL);
    }

    /// The only failure that can happen is that nobody is left to hear it.
    fn signal(&mut self, signal: Signal) {
        match self {
            Tree::Session { id, strays, leader } => {
                let _ = kill_process_group(*id, signal);
                match leader {
                    Leader::Command => *strays = other_groups(*id),
                    // The end of the wrapper is the end of everybody.
                    Leader::Wrapper => {}
                }
                for group in strays {
                    let _ = kill_process_group(*group, signal);
                }
            }
            Tree::Single { process } => {
                let _ = kill_process(*process, signal);
            }
        }
    }

    /// Whether nobody is there any more, as far as one question per group can tell; a process that waits to be reaped
    /// still counts.
    pub(super) fn is_gone(&self) -> bool {
        match self {
            Tree::Session { id, strays, leader: _ } => {
                let mut groups = std::iter::once(id).chain(strays);
                groups.all(|group| test_kill_process_group(*group) == Err(Errno::SRCH))
            }
            // It is asked only of who has been waited for.
            Tree::Single { .. } => true,
        }
    }

    /// Whether there is nothing but processes that wait to be reaped. In a container without an init nobody ever reaps
    /// them, and the group would seem to live on. Reads a file for every process of the machine.
    pub(super) fn is_only_zombies(&self) -> bool {
        match self {
            Tree::Session { id, .. } => living_members(*id).is_some_and(|members| members.is_empty()),
            Tree::Single { .. } => false,
        }
    }
}

/// Groups of the session that job control made.
fn other_groups(session: Pid) -> Vec<Pid> {
    let members = living_members(session).unwrap_or_default();
    let mut groups: Vec<Pid> = Vec::new();
    for Member { group, .. } in members {
        if group != session && !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

#[derive(Debug)]
struct Member {
    process: Pid,
    group: Pid,
}

/// The living members of a session or of its leader's group; `None` where the system does not tell.
#[cfg(target_os = "linux")]
fn living_members(session: Pid) -> Option<Vec<Member>> {
    let processes = std::fs::read_dir("/proc").ok()?;
    let session = session.to_string();
    let member = |stat: Vec<u8>| {
        // `pid (name) state parent group session …`; the name may hold anything, so its end is the last parenthesis.
        let stat = String::from_utf8_lossy(&stat);
        let process = stat.split(' ').next()?;
        let mut fields = stat.rsplit(')').next()?.split_ascii_whitespace();
        let (state, group) = (fields.next()?, fields.nth(1)?);
        let ours = group == session || fields.next() == Some(session.as_str());
        if matches!(state, "Z" | "X") || !ours {
            return None;
        }
        let id = |text: &str| Pid::from_raw(text.parse().ok()?);
        Some(Member { process: id(process)?, group: id(group)? })
    };
    let is_process = |name: &std::ffi::OsStr| name.as_encoded_bytes().first().is_some_and(u8::is_ascii_digit);
    // A process whose file is gone by now has ended.
    let stats = processes
        .flatten()
        .filter(|entry| is_process(&entry.file_name()))
        .filter_map(|entry| std::fs::read(entry.path().join("stat")).ok());
    Some(stats.filter_map(member).collect())
}

/// Elsewhere there is no cheap way to ask, and always somebody who reaps.
#[cfg(not(target_os = "linux"))]
fn living_members(_: Pid) -> Option<Vec<Member>> {
    None
}
