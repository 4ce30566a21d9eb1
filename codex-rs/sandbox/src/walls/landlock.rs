//! Walls by Landlock and the system call filter, for machines without user namespaces.
//!
//! Landlock only allows, and what it allows of a folder holds for everything below it. So what must stay shut is left out by
//! allowing its neighbours, one by one, along the path to it; in a folder on that path nothing can be made, removed,
//! renamed or listed, but what stands in it now can be used.

use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, RulesetError, Scope,
};
use rustix::fs::{FileType, Mode, OFlags};

use super::cover::Cover;
use super::{Kept, Launch, Leader, Mechanism, filter, inside};
use crate::{CommandSpec, Network, PROTECTED_NAMES, SandboxError};

/// The oldest kernel interface that keeps signals inside (Linux 6.12); without it a command could end this program.
const NEEDED: ABI = ABI::V6;

/// Devices that every program may use.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Whether the kernel has what is needed.
pub(crate) fn available() -> Result<(), String> {
    ruleset(Network::Closed).map(|_| ()).map_err(|error| match error {
        RulesetError::CreateRuleset(_) | RulesetError::HandleAccesses(_) | RulesetError::Scope(_) => {
            "the kernel's Landlock is missing or older than Linux 6.12".to_owned()
        }
        other => other.to_string(),
    })
}

/// The command, to go behind the walls by itself before it begins.
pub(crate) fn launch(spec: &CommandSpec) -> Result<Launch, SandboxError> {
    let cover = Cover::of(&spec.policy)?;
    if !cover.shows(&super::real(&spec.cwd)) {
        return Err(SandboxError::HiddenFolder(spec.cwd.clone()));
    }
    let failed = |error: &dyn std::fmt::Display| SandboxError::Walls(format!("Landlock: {error}"));
    let ruleset = ruleset(spec.policy.network).map_err(|error| failed(&error))?;
    let mut grants = Grants { ruleset: Some(ruleset) };
    grants.all(&cover).map_err(|error| failed(&error))?;
    let ruleset = grants.ruleset.and_then(Option::<OwnedFd>::from);
    let ruleset = ruleset.ok_or_else(|| failed(&"the kernel gave no rules"))?;
    let filter = filter::program(spec.policy.network, Mechanism::Landlock);
    let plain = Launch::plain(spec)?;
    Ok(Launch {
        in_child: Some(inside::behind(ruleset, filter)),
        leader: Leader::Command,
        kept: Kept::default(),
        ..plain
    })
}

fn ruleset(network: Network) -> Result<RulesetCreated, RulesetError> {
    let files = AccessFs::from_all(NEEDED);
    let ruleset = Ruleset::default().set_compatibility(CompatLevel::HardRequirement).handle_access(files)?;
    let ruleset = match network {
        // No socket can be made in any case; this is a second wall.
        Network::Closed => ruleset.handle_access(AccessNet::from_all(NEEDED))?,
        Network::Open => ruleset,
    };
    ruleset.scope(Scope::from_all(NEEDED))?.create()
}

fn reading() -> BitFlags<AccessFs> {
    AccessFs::from_read(NEEDED)
}

/// Everything but making devices and speaking to them.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::from_all(NEEDED) & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev)
}

struct Grants {
    ruleset: Option<RulesetCreated>,
}

/// A path to keep shut.
type Shut<'a> = Vec<&'a Path>;

impl Grants {
    fn all(&mut self, cover: &Cover) -> std::io::Result<()> {
        let dev = PathBuf::from("/dev");
        let mut unreadable: Shut<'_> = cover.hidden.iter().map(PathBuf::as_path).collect();
        // Terminals and input devices of the person would be readable there.
        unreadable.push(&dev);
        self.along(Path::new("/"), &unreadable, reading())?;
        for device in DEVICES {
            self.device(&dev.join(device))?;
        }
        let protected = cover.protected.iter().map(|protected| protected.path.as_path());
        let hidden = cover.hidden.iter().map(PathBuf::as_path);
        // Something shut in a folder is what keeps it as it is.
        let frozen: Vec<PathBuf> = cover.frozen.iter().map(|root| root.join(PROTECTED_NAMES[0])).collect();
        let frozen = frozen.iter().map(PathBuf::as_path);
        let unwritable: Shut<'_> = protected.chain(hidden).chain(frozen).collect();
        for root in &cover.roots {
            self.along(&root.path, &unwritable, writing())?;
            // Also readable where a hidden folder lies around it.
            if !unreadable.iter().all(|shut| !root.path.starts_with(shut)) {
                self.along(&root.path, &cover.hidden.iter().map(PathBuf::as_path).collect(), reading())?;
            }
        }
        Ok(())
    }

    /// Allows the path, or the neighbours of what is shut below it.
    fn along(&mut self, path: &Path, shut: &Shut<'_>, access: BitFlags<AccessFs>) -> std::io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        if !shut.iter().any(|shut| shut.starts_with(path)) {
            let opened = super::open_without_links(path, OFlags::PATH)?;
            return self.allow(&opened, access);
        }
        let folder = super::open_without_links(path, flags)?;
        self.neighbours(path, &folder, shut, access)
    }

    fn neighbours(
        &mut self,
        path: &Path,
        folder: &OwnedFd,
        shut: &Shut<'_>,
        access: BitFlags<AccessFs>,
    ) -> std::io::Result<()> {
        for entry in rustix::fs::Dir::read_from(folder)? {
            let name = OsStr::from_bytes(entry?.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            let child = path.join(&name);
            let below: Shut<'_> = shut.iter().copied().filter(|shut| shut.starts_with(&child)).collect();
            if below.contains(&child.as_path()) {
                continue;
            }
            let kind = if below.is_empty() { OFlags::PATH } else { OFlags::RDONLY | OFlags::DIRECTORY };
            let flags = kind | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            // What vanished, or what the person may not open either, needs no rule.
            let Ok(opened) = rustix::fs::openat(folder, &name, flags, Mode::empty()) else { continue };
            if below.is_empty() {
                self.allow(&opened, access)?;
            } else {
                self.neighbours(&child, &opened, &below, access)?;
            }
        }
        Ok(())
    }

    fn device(&mut self, path: &Path) -> std::io::Result<()> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // A container may lack one.
        let Ok(opened) = rustix::fs::open(path, flags, Mode::empty()) else { return Ok(()) };
        self.allow(&opened, AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev)
    }

    fn allow(&mut self, opened: &OwnedFd, access: BitFlags<AccessFs>) -> std::io::Result<()> {
        let access = match FileType::from_raw_mode(rustix::fs::fstat(opened)?.st_mode) {
            FileType::Directory => access,
            // A link is no way anywhere by itself, and sockets cannot be connected to.
            FileType::Symlink | FileType::Socket => return Ok(()),
            FileType::RegularFile
            | FileType::Fifo
            | FileType::CharacterDevice
            | FileType::BlockDevice
            | FileType::Unknown => access & AccessFs::from_file(NEEDED),
        };
        let Some(ruleset) = self.ruleset.take() else { return Ok(()) };
        let ruleset = ruleset.add_rule(PathBeneath::new(opened.as_fd(), access));
        self.ruleset = Some(ruleset.map_err(std::io::Error::other)?);
        Ok(())
    }
}
