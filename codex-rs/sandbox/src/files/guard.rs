//! The policy, asked about one path without links.

use std::path::{Path, PathBuf};

use rustix::fs::Stat;

use super::{Outside, Problem};
use crate::walls::cover::{Cover, deepest};
use crate::{Access, PROTECTED_NAMES, Policy, RootKind};

/// What the kernel shows as files: they hold our own environment, among others.
const SYSTEM: [&str; 3] = ["/proc", "/sys", "/dev"];

/// The policy with the files it is about, as they are now.
pub(super) struct Guard<'a> {
    policy: &'a Policy,
    cover: Cover,
    /// Device and number of the hidden folders: they are known by another name too.
    identities: Vec<(u64, u64)>,
}

impl<'a> Guard<'a> {
    pub(super) fn of(policy: &'a Policy) -> Result<Self, Problem> {
        let cover = Cover::of(policy).map_err(|error| Problem::Walls(error.to_string()))?;
        let found = cover.hidden.iter().filter_map(|hidden| rustix::fs::stat(hidden).ok());
        let identities = found.map(|status| identity(&status)).collect();
        Ok(Guard { policy, cover, identities })
    }

    /// Neither with credentials nor of the system.
    pub(super) fn readable(&self, real: &Path) -> Result<(), Problem> {
        let root = self.root_depth(real);
        if deepest(self.cover.hidden.iter().map(PathBuf::as_path), real) > root {
            return Err(Problem::Hidden);
        }
        // The root of the system as a root of the policy does not open what is in these.
        if deepest(SYSTEM.iter().map(Path::new), real) > root {
            return Err(Problem::System);
        }
        Ok(())
    }

    /// In a root, and not protected there.
    pub(super) fn writable(&self, real: &Path) -> Result<(), Outside> {
        match self.policy.access {
            Access::Full => return Ok(()),
            Access::ReadOnly => return Err(Outside::ReadOnly),
            Access::WorkspaceWrite { .. } => {}
        }
        let root = self.root_depth(real);
        if root == 0 {
            return Err(Outside::NoRoot);
        }
        let behind = self.cover.protected.iter().map(|protected| protected.path.as_path());
        let links = self.cover.links.iter().map(PathBuf::as_path);
        let protected = deepest(behind.chain(links), real).max(self.protected_name_depth(real));
        if protected > root { Err(Outside::Protected) } else { Ok(()) }
    }

    /// A folder on the way to `real` that is a hidden one under another name: another spelling where case does not
    /// matter, or mounted twice.
    pub(super) fn passable(&self, folder: &Path, status: &Stat) -> Result<(), Problem> {
        let named = deepest(self.cover.hidden.iter().map(PathBuf::as_path), folder) > 0;
        if !named && self.identities.contains(&identity(status)) {
            return Err(Problem::Hidden);
        }
        Ok(())
    }

    fn root_depth(&self, real: &Path) -> usize {
        deepest(self.cover.roots.iter().map(|root| root.path.as_path()), real)
    }

    /// By the name alone: where it is a link, it is the link that is protected. In any case of letters, as some file
    /// systems take them.
    fn protected_name_depth(&self, real: &Path) -> usize {
        let workspaces = self.cover.roots.iter().filter(|root| match root.kind {
            RootKind::Workspace => true,
            RootKind::Scratch => false,
        });
        let depths = workspaces.filter_map(|root| {
            let name = real.strip_prefix(&root.path).ok()?.components().next()?;
            let protected = PROTECTED_NAMES.iter().any(|other| name.as_os_str().eq_ignore_ascii_case(other));
            protected.then(|| root.path.components().count() + 1)
        });
        depths.max().unwrap_or_default()
    }
}

#[allow(clippy::unnecessary_cast, clippy::useless_conversion, reason = "the types differ between systems")]
fn identity(status: &Stat) -> (u64, u64) {
    (status.st_dev as u64, status.st_ino as u64)
}
