//! Folders that are made so that something can be mounted on them, and go again when nobody needs them.
//!
//! Removing one takes the mount away from every sandbox that uses it, so whoever uses one holds a shared lock on it, also
//! against other processes of ours.

use std::collections::BTreeSet;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::fs::{self, AtFlags, FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process_group};

/// How often a folder is taken hold of anew while others remove it.
const ATTEMPTS: usize = 50;

/// What this process has made, and what could not be removed yet.
#[derive(Debug, Default)]
pub(crate) struct MountPoints {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    made: BTreeSet<PathBuf>,
    /// Of commands that were killed and may not be gone yet.
    left: Vec<(Vec<Held>, Pid)>,
}

/// A folder that something is mounted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// Why something is mounted on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is read-only in a workspace.
    Protected,
    /// Credentials are, or will be, kept there.
    Hidden,
}

/// A mount point that is in use.
#[derive(Debug)]
struct Held {
    path: PathBuf,
    folder: OwnedFd,
}

/// The mount points of one command.
#[derive(Debug)]
pub(crate) struct InUse {
    held: Vec<Held>,
    group: Option<Pid>,
    all: Arc<MountPoints>,
}

impl MountPoints {
    /// Makes what is missing, and holds all of it.
    pub(crate) fn hold(self: &Arc<Self>, points: impl IntoIterator<Item = Point>) -> Result<InUse, Errno> {
        self.sweep();
        let mut in_use = InUse { held: Vec::new(), group: None, all: self.clone() };
        for point in points {
            if let Some(held) = self.hold_one(&point)? {
                in_use.held.push(held);
            }
        }
        Ok(in_use)
    }

    fn hold_one(&self, point: &Point) -> Result<Option<Held>, Errno> {
        let Point { path, kind } = point;
        let mode = match kind {
            Kind::Protected => 0o755,
            // Whoever puts credentials there finds it as it has to be.
            Kind::Hidden => 0o700,
        };
        for attempt in 1..=ATTEMPTS {
            match fs::mkdir(path, Mode::from_raw_mode(mode)) {
                Ok(()) => {
                    self.state().made.insert(path.clone());
                }
                Err(Errno::EXIST) => {}
                // Where we cannot make it, the command can only if the folder is the person's to open up.
                Err(Errno::ROFS | Errno::NOENT | Errno::NOTDIR) => return Ok(None),
                Err(Errno::ACCESS) if *kind == Kind::Hidden || !owns_parent(path) => return Ok(None),
                Err(error) => return Err(error),
            }
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = match fs::open(path, flags, Mode::empty()) {
                Ok(folder) => folder,
                Err(Errno::NOENT) => continue,
                // Something else came into being there: it is protected as it is.
                Err(Errno::NOTDIR | Errno::LOOP | Errno::ACCESS) => return Ok(None),
                Err(error) => return Err(error),
            };
            let locked = fs::flock(&folder, FlockOperation::NonBlockingLockShared);
            let same = fs::stat(path).is_ok_and(|now| {
                fs::fstat(&folder).is_ok_and(|held| (held.st_dev, held.st_ino) == (now.st_dev, now.st_ino))
            });
            // Whoever holds it alone for long is not about to remove it, and nobody else can.
            if same && (locked.is_ok() || attempt == ATTEMPTS) {
                return Ok(Some(Held { path: path.clone(), folder }));
            }
            std::thread::yield_now();
        }
        Err(Errno::AGAIN)
    }

    /// Lets go of what killed commands had, once they are gone.
    fn sweep(&self) {
        let left = std::mem::take(&mut self.state().left);
        let (gone, alive): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, group)| group_is_over(*group));
        self.state().left.extend(alive);
        gone.into_iter().flat_map(|(held, _)| held).for_each(|held| self.release(held));
    }

    fn release(&self, held: Held) {
        let Held { path, folder } = held;
        if fs::flock(&folder, FlockOperation::NonBlockingLockExclusive).is_err() {
            return;
        }
        let mut state = self.state();
        // What is not empty is somebody's, and so is what was not made here.
        if state.made.remove(&path) {
            let _ = fs::unlinkat(fs::CWD, &path, AtFlags::REMOVEDIR);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether nobody of the group is left but who waits to be reaped.
fn group_is_over(group: Pid) -> bool {
    if test_kill_process_group(group) == Err(Errno::SRCH) {
        return true;
    }
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let alive = |stat: Vec<u8>| {
        // `pid (name) state parent group …`; the name may hold anything, so its end is the last parenthesis.
        let stat = String::from_utf8_lossy(&stat);
        let mut fields = stat.rsplit(')').next().unwrap_or_default().split_ascii_whitespace();
        let (state, member_of) = (fields.next(), fields.nth(1));
        member_of.is_some_and(|id| id == group.to_string()) && !matches!(state, Some("Z" | "X"))
    };
    // A process whose file is gone by now has ended.
    let mut stats = processes.flatten().filter_map(|entry| std::fs::read(entry.path().join("stat")).ok());
    !stats.any(alive)
}

fn owns_parent(path: &Path) -> bool {
    let parent = path.parent().and_then(|parent| fs::stat(parent).ok());
    parent.is_some_and(|parent| parent.st_uid == rustix::process::geteuid().as_raw())
}

impl Drop for MountPoints {
    fn drop(&mut self) {
        self.sweep();
    }
}

impl InUse {
    /// The command that uses them has started.
    pub(crate) fn by(&mut self, group: Pid) {
        self.group = Some(group);
    }
}

impl Drop for InUse {
    fn drop(&mut self) {
        let held = std::mem::take(&mut self.held);
        match self.group {
            Some(group) if !group_is_over(group) => self.all.state().left.push((held, group)),
            Some(_) | None => held.into_iter().for_each(|held| self.all.release(held)),
        }
    }
}
