//! What a process may touch: the one type that says it, and how it is made from settings.

use std::path::{Path, PathBuf};

/// What commands and tools may touch. Made from the thread's settings; never by a tool, never from the model's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Which files.
    pub access: Access,
    /// Whether the network is open. Full access has it in any case.
    pub network: Network,
    /// Folders with credentials, absolute. No sandboxed process reads or writes them, nor those that a link in place of one
    /// of their [`CREDENTIAL_FILES`] leads to, even where they lie in a root; a root that lies in one of them stays open.
    /// Full access hides nothing from commands.
    pub hidden: Vec<PathBuf>,
}

/// Which files may be touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Access {
    /// Everything but hidden folders is readable; nothing is writable.
    ReadOnly,
    /// As read-only, and these folders are writable.
    WorkspaceWrite {
        /// The folders.
        roots: Vec<Root>,
    },
    /// Whatever the person may touch.
    Full,
}

/// A folder that is writable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Absolute, without links.
    pub path: PathBuf,
    /// What is protected in it.
    pub kind: RootKind,
}

/// What is protected in a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootKind {
    /// [`PROTECTED_NAMES`] directly in it.
    Workspace,
    /// Nothing: `/tmp`, `$TMPDIR`.
    Scratch,
}

/// Whether a process may use the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// No socket can be made.
    Closed,
    /// IP sockets can be made.
    Open,
}

/// What the program or its tools would later believe or run: read-only in every workspace, whether it exists or not.
pub const PROTECTED_NAMES: [&str; 3] = [".git", ".codex", ".agents"];

/// What people keep elsewhere, among other files of theirs, and link to from a folder with credentials.
pub const CREDENTIAL_FILES: [&str; 2] = ["auth.json", "fallback-keys.json"];

/// What `workspace-write` is made of, apart from its working folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspace {
    /// Further folders that the person named.
    pub writable_roots: Vec<PathBuf>,
    /// `/tmp` and `$TMPDIR`, as far as they are not excluded.
    pub scratch: Vec<PathBuf>,
}

impl Policy {
    /// Whatever the person may touch.
    pub fn full() -> Self {
        Policy { access: Access::Full, network: Network::Open, hidden: Vec::new() }
    }

    /// Everything readable but `hidden`.
    pub fn read_only(network: Network, hidden: &[PathBuf]) -> Self {
        Policy { access: Access::ReadOnly, network, hidden: folders(hidden) }
    }

    /// As read-only, and `cwd` with the rest of the workspace is writable. A root that does not exist is left out.
    pub fn workspace_write(cwd: &Path, workspace: &Workspace, network: Network, hidden: &[PathBuf]) -> Self {
        let named = std::iter::once(cwd).chain(workspace.writable_roots.iter().map(PathBuf::as_path));
        let named = named.map(|path| (path, RootKind::Workspace));
        let scratch = workspace.scratch.iter().map(|path| (path.as_path(), RootKind::Scratch));
        let mut roots: Vec<Root> = Vec::new();
        for (path, kind) in named.chain(scratch) {
            // Resolved once, here: a link that the model puts in its place later gives it nothing.
            let Ok(path) = path.canonicalize() else { continue };
            if path.is_dir() && roots.iter().all(|root| root.path != path) {
                roots.push(Root { path, kind });
            }
        }
        Policy { access: Access::WorkspaceWrite { roots }, network, hidden: folders(hidden) }
    }

    /// Whether walls are needed.
    pub fn is_full(&self) -> bool {
        match self.access {
            Access::Full => true,
            Access::ReadOnly | Access::WorkspaceWrite { .. } => false,
        }
    }

    /// The folders that are writable.
    pub fn roots(&self) -> &[Root] {
        match &self.access {
            Access::WorkspaceWrite { roots } => roots,
            Access::ReadOnly | Access::Full => &[],
        }
    }

    /// `read-only`, `workspace-write` or `danger-full-access`.
    pub fn name(&self) -> &'static str {
        match self.access {
            Access::ReadOnly => "read-only",
            Access::WorkspaceWrite { .. } => "workspace-write",
            Access::Full => "danger-full-access",
        }
    }
}

/// Both spellings of each folder: where it is, and where a link says it is, since the link must not be replaced.
fn folders(named: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for path in named.iter().filter(|path| path.is_absolute()) {
        for spelling in [resolved(path), path.clone()] {
            if !folders.contains(&spelling) {
                folders.push(spelling);
            }
        }
    }
    folders
}

/// The path without links, as far as it exists.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => resolved(parent).join(name),
        (Some(_) | None, _) => path.to_path_buf(),
    }
}
