//! What the person has granted beyond the walls that the settings make: for the running turn, or for the thread.

use std::path::{Path, PathBuf};

use codex_sandbox::{Access, Network, Policy, Root, RootKind};

/// The grants of one thread.
#[derive(Debug, Default)]
pub(crate) struct Granted {
    turn: Grant,
    thread: Grant,
}

/// More than the walls allow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Folders to write in, absolute, without links.
    pub(crate) write: Vec<PathBuf>,
    /// Whether the network is open.
    pub(crate) network: bool,
}

/// How long a grant counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Turn,
    Thread,
}

impl Granted {
    pub(crate) fn add(&mut self, grant: Grant, scope: Scope) {
        let grants = match scope {
            Scope::Turn => &mut self.turn,
            Scope::Thread => &mut self.thread,
        };
        grants.network |= grant.network;
        grants.write.extend(grant.write);
    }

    /// The turn is over. Whether something was granted for it only.
    pub(crate) fn end_turn(&mut self) -> bool {
        std::mem::take(&mut self.turn) != Grant::default()
    }

    /// The policy with what was granted. Hidden folders stay hidden, and protected names protected: those of the thread's
    /// folder `cwd` too where a folder above it is granted.
    pub(crate) fn widen(&self, mut policy: Policy, cwd: &Path) -> Policy {
        let granted = self.thread.write.iter().chain(&self.turn.write);
        let more: Vec<Root> =
            granted.map(|path| Root { path: path.clone(), kind: RootKind::Workspace }).collect();
        if self.thread.network || self.turn.network {
            policy.network = Network::Open;
        }
        policy.access = match policy.access {
            Access::ReadOnly if !more.is_empty() => {
                let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_path_buf());
                let above = more.iter().any(|root| root.path != cwd && cwd.starts_with(&root.path));
                let own = above.then_some(Root { path: cwd, kind: RootKind::Workspace });
                Access::WorkspaceWrite { roots: own.into_iter().chain(more).collect() }
            }
            Access::WorkspaceWrite { mut roots } => {
                roots.extend(more);
                Access::WorkspaceWrite { roots }
            }
            unchanged @ (Access::ReadOnly | Access::Full) => unchanged,
        };
        policy
    }
}
