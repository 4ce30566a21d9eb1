//! From a policy to paths: what is writable, what is protected in it, what is hidden. Looked up anew for every command.

use std::fs;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use crate::policy::resolved;
use crate::{PROTECTED_NAMES, Policy, Root, RootKind, SandboxError};

/// The most of a `.git` file that is read; it holds one path.
const GIT_FILE: u64 = 4096;
/// The most links to nothing that are followed, one after another.
const LINKS: usize = 8;

/// What the walls have to hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Cover {
    /// Writable, as far as nothing below says otherwise.
    pub(crate) roots: Vec<Root>,
    /// Read-only in the roots; those that are missing must not come into being.
    pub(crate) protected: Vec<Protected>,
    /// Roots in which nothing can be made, removed or renamed, because a protected name is a link, which could be
    /// replaced otherwise.
    pub(crate) frozen: Vec<PathBuf>,
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
        for path in &policy.hidden {
            let path = to_cover(path);
            if path.parent().is_none() {
                return Err(SandboxError::Walls(
                    "the folder of credentials is the root of the system".into(),
                ));
            }
            if !cover.hidden.contains(&path) {
                cover.hidden.push(path);
            }
        }
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
        Ok(cover)
    }

    /// Whether commands may look at this folder.
    pub(crate) fn shows(&self, path: &Path) -> bool {
        let depth = |found: Option<&Path>| found.map_or(0, |path| path.components().count());
        let hidden = self.hidden.iter().map(PathBuf::as_path).filter(|hidden| path.starts_with(hidden));
        let root = self.roots.iter().map(|root| root.path.as_path()).filter(|root| path.starts_with(root));
        let deepest = depth(hidden.max_by_key(|path| path.components().count()));
        deepest == 0 || depth(root.max_by_key(|path| path.components().count())) > deepest
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

/// What has to be covered so that nothing can ever be seen at this path.
fn to_cover(path: &Path) -> PathBuf {
    let mut real = resolved(path);
    for _ in 0..LINKS {
        // A link to nothing: what is missing is where it points to.
        let Some((link, target)) = real.ancestors().find_map(|part| Some((part, fs::read_link(part).ok()?)))
        else {
            break;
        };
        let rest = real.strip_prefix(link).unwrap_or(Path::new(""));
        let target = plain(&link.parent().unwrap_or(link).join(target));
        real = resolved(&target.join(rest));
    }
    let missing = real.ancestors().take_while(|ancestor| ancestor.symlink_metadata().is_err());
    missing.last().unwrap_or(&real).to_path_buf()
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
