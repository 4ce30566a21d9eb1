//! From a policy to paths: what is writable, what is protected in it, what is hidden. Looked up anew for every command.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::policy::resolved;
use crate::{CREDENTIAL_FILES, PROTECTED_NAMES, Policy, Root, RootKind, SandboxError};

/// The most of a `.git` file that is read; it holds one path.
const GIT_FILE: u64 = 4096;
/// The most links that are followed on one way; so many as the kernel follows.
const LINKS: usize = 40;

/// What the walls have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cover {
    /// Writable, as far as nothing below says otherwise.
    pub(crate) roots: Vec<Root>,
    /// Read-only in the roots; those that are missing must not come into being.
    pub(crate) protected: Vec<Protected>,
    /// Folders in which nothing can be made, removed or renamed, because something in them is a link that could be
    /// replaced otherwise: a protected name, or one on the way to what is hidden.
    pub(crate) frozen: Vec<PathBuf>,
    /// Links in the roots, on the way to what is hidden: the next start would look where another one leads.
    pub(crate) links: Vec<PathBuf>,
    /// Neither readable nor writable. Of what does not exist yet, the first folder on the way to it that is missing:
    /// credentials may come while a command runs.
    pub(crate) hidden: Vec<PathBuf>,
}

/// A path in a root that is read-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Protected {
    pub(crate) path: PathBuf,
    pub(crate) exists: bool,
}

impl Cover {
    /// Looks at the files that the policy is about.
    pub(crate) fn of(policy: &Policy) -> Result<Self, SandboxError> {
        let mut cover = Cover::default();
        let Hidden { folders, links } = Hidden::of(&policy.hidden);
        if folders.iter().any(|folder| folder.parent().is_none()) {
            return Err(SandboxError::Walls("the folder of credentials is the root of the system".into()));
        }
        cover.hidden = folders;
        for root in policy.roots() {
            match root.path.canonicalize() {
                Ok(real) if real == root.path => {
                    if !cover.hidden.contains(&real) {
                        cover.roots.push(root.clone());
                    }
                }
                // Whoever put a link or something else in its place would choose what is writable.
                Ok(_) => {
                    let what = format!("the folder {} is no longer where it was", root.path.display());
                    return Err(SandboxError::Walls(what));
                }
                // What is missing gives nothing.
                Err(_) => {}
            }
        }
        for root in cover.roots.clone() {
            match root.kind {
                RootKind::Workspace => {
                    PROTECTED_NAMES.iter().for_each(|name| cover.protect(&root.path, name))
                }
                RootKind::Scratch => {}
            }
        }
        links.into_iter().for_each(|link| cover.hold(link));
        Ok(cover)
    }

    /// A link on the way to what is hidden stays where it is, if it lies where commands may write.
    fn hold(&mut self, link: PathBuf) {
        let Some(folder) = link.parent() else { return };
        let shut = self.protected.iter().map(|protected| &protected.path).chain(&self.hidden);
        let root = deepest(self.roots.iter().map(|root| root.path.as_path()), folder);
        if root <= deepest(shut.map(PathBuf::as_path), folder) {
            return;
        }
        if !self.frozen.iter().any(|frozen| frozen == folder) {
            self.frozen.push(folder.to_path_buf());
        }
        self.links.push(link);
    }

    /// Whether commands may look at this folder.
    pub(crate) fn shows(&self, path: &Path) -> bool {
        let hidden = deepest(self.hidden.iter().map(PathBuf::as_path), path);
        hidden == 0 || deepest(self.roots.iter().map(|root| root.path.as_path()), path) > hidden
    }

    fn protect(&mut self, root: &Path, name: &str) {
        let path = root.join(name);
        let Ok(found) = path.symlink_metadata() else {
            return self.add(path, false);
        };
        if found.is_symlink() {
            if !self.frozen.iter().any(|frozen| frozen == root) {
                self.frozen.push(root.to_path_buf());
            }
            let link = fs::read_link(&path).unwrap_or_default();
            let target = resolved(&plain(&root.join(link)));
            let exists = target.exists();
            self.behind(&target, name);
            return self.add(target, exists);
        }
        self.behind(&path, name);
        self.add(path, true);
    }

    /// Where a `.git` that is a file says that the repository is, and what that repository shares.
    fn behind(&mut self, path: &Path, name: &str) {
        if name != ".git" || !path.is_file() {
            return;
        }
        let Some(parent) = path.parent() else { return };
        let Some(folder) =
            first_line(path).and_then(|line| Some(line.strip_prefix("gitdir:")?.trim().to_owned()))
        else {
            return;
        };
        let folder = resolved(&plain(&parent.join(folder)));
        if let Some(shared) = first_line(&folder.join("commondir")) {
            let shared = resolved(&plain(&folder.join(shared)));
            self.add(shared.clone(), shared.exists());
        }
        self.add(folder.clone(), folder.exists());
    }

    /// Only what lies in a root is writable to begin with; a root is what the person named.
    fn add(&mut self, path: PathBuf, exists: bool) {
        let inside = self.roots.iter().any(|root| path.starts_with(&root.path));
        let named = self.roots.iter().any(|root| root.path == path);
        let known = self.protected.iter().any(|protected| protected.path == path);
        if inside && !named && !known {
            self.protected.push(Protected { path, exists });
        }
    }
}

/// Where credentials are at this moment: the named folders, and those that a link in place of a credential file in them
/// leads to. Of what does not exist yet, the first folder on the way to it that is missing.
pub fn credential_folders(named: &[PathBuf]) -> Vec<PathBuf> {
    Hidden::of(named).folders
}

/// What has to be covered so that nothing can ever be seen in some folders, and the links that lead there.
#[derive(Default)]
struct Hidden {
    folders: Vec<PathBuf>,
    links: Vec<PathBuf>,
}

impl Hidden {
    fn of(named: &[PathBuf]) -> Self {
        let mut all = Hidden::default();
        for folder in named {
            let real = all.add(Way::of(folder));
            for name in CREDENTIAL_FILES {
                // The way to its folder is known already.
                let file = real.join(name);
                if !file.is_symlink() {
                    continue;
                }
                let Way { links, end: file } = Way::of(&file);
                if let Some(folder) = file.parent().filter(|folder| **folder != real) {
                    all.add(Way { links, end: folder.to_path_buf() });
                }
            }
        }
        all
    }

    fn add(&mut self, way: Way) -> PathBuf {
        let Way { links, end } = way;
        let missing = end.ancestors().take_while(|ancestor| ancestor.symlink_metadata().is_err());
        let folder = missing.last().unwrap_or(&end).to_path_buf();
        if !self.folders.contains(&folder) {
            self.folders.push(folder);
        }
        for link in links {
            if !self.links.contains(&link) {
                self.links.push(link);
            }
        }
        end
    }
}

/// The way that a path takes.
struct Way {
    /// The links on it, each where it really is.
    links: Vec<PathBuf>,
    /// The path without links, whether it exists or not.
    end: PathBuf,
}

impl Way {
    fn of(path: &Path) -> Self {
        let parts = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect();
        let mut way = Way { links: Vec::new(), end: PathBuf::from("/") };
        let mut ahead: VecDeque<OsString> = parts(path);
        while let Some(part) = ahead.pop_front() {
            if part == ".." {
                way.end.pop();
                continue;
            }
            if part == "." {
                continue;
            }
            // An absolute target begins with `/`, which replaces what was there.
            let next = way.end.join(part);
            match fs::read_link(&next) {
                Ok(target) if way.links.len() < LINKS => {
                    let mut rest: VecDeque<OsString> = parts(&target);
                    rest.append(&mut ahead);
                    ahead = rest;
                    way.links.push(next);
                }
                Ok(_) | Err(_) => way.end = next,
            }
        }
        way
    }
}

/// How deep the deepest of these folders lies that hold `path`; 0 for none.
pub(crate) fn deepest<'a>(folders: impl Iterator<Item = &'a Path>, path: &Path) -> usize {
    let holding = folders.filter(|folder| path.starts_with(folder));
    holding.map(|folder| folder.components().count()).max().unwrap_or_default()
}

fn first_line(path: &Path) -> Option<String> {
    // Not a pipe that somebody put there: opening it would wait.
    if !path.metadata().ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(GIT_FILE).read_to_string(&mut text).ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

/// The path without `.` and, where that does not depend on links, without `..`.
fn plain(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain = resolved(&plain);
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
