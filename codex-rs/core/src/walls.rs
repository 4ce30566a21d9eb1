//! The walls of a thread: its settings as the sandbox's policy. `codex sandbox` builds the same.
//!
//! Roots come from the person and the person's client only: the thread's folder, the settings, the command line. Nothing
//! that the model says widens them.

use std::path::{Path, PathBuf};

use codex_app_server_protocol::SandboxPolicy;
use codex_config::{Config, Inherit, ShellEnvironmentPolicy};
use codex_sandbox::{Network, Policy, Workspace};
use codex_tools::environment::{DefaultExcludes, EnvironmentPolicy, Inherit as Start};

use crate::EngineOptions;
use crate::permissions::Access;
use crate::settings::{self, ThreadSettings};

/// Where everybody's temporary files are.
const SLASH_TMP: &str = "/tmp";

/// What commands may touch that no thread runs: as those of a thread in this folder that names no sandbox itself.
/// `environment` and `hidden`: as in [`EngineOptions`].
pub fn configured_policy(
    config: &Config,
    cwd: &Path,
    environment: &[(String, String)],
    hidden: &[PathBuf],
) -> Policy {
    of(&settings::configured_sandbox(config), cwd, environment, hidden)
}

/// What commands and tools of a thread may touch.
pub(crate) fn policy(settings: &ThreadSettings, options: &EngineOptions) -> Policy {
    of(&settings.sandbox, &settings.cwd, &options.environment, &options.hidden)
}

fn of(sandbox: &SandboxPolicy, cwd: &Path, environment: &[(String, String)], hidden: &[PathBuf]) -> Policy {
    match sandbox {
        SandboxPolicy::DangerFullAccess => Policy::full(),
        SandboxPolicy::ReadOnly { network_access } => Policy::read_only(network(*network_access), hidden),
        SandboxPolicy::WorkspaceWrite {
            writable_roots,
            network_access,
            exclude_tmpdir_env_var,
            exclude_slash_tmp,
        } => {
            let slash_tmp = (!exclude_slash_tmp).then(|| PathBuf::from(SLASH_TMP));
            let variable = environment.iter().find(|(name, value)| name == "TMPDIR" && !value.is_empty());
            let named = variable.filter(|_| !exclude_tmpdir_env_var).map(|(_, value)| PathBuf::from(value));
            let workspace = Workspace {
                writable_roots: writable_roots.iter().map(PathBuf::from).collect(),
                scratch: slash_tmp.into_iter().chain(named).collect(),
            };
            Policy::workspace_write(cwd, &workspace, network(*network_access), hidden)
        }
    }
}

/// Whether there are walls.
pub(crate) fn access(settings: &ThreadSettings) -> Access {
    match settings.sandbox {
        SandboxPolicy::DangerFullAccess => Access::Full,
        SandboxPolicy::ReadOnly { .. } | SandboxPolicy::WorkspaceWrite { .. } => Access::Walled,
    }
}

/// What commands inherit.
pub(crate) fn inherited(settings: &ShellEnvironmentPolicy) -> EnvironmentPolicy {
    EnvironmentPolicy {
        inherit: match settings.inherit {
            Inherit::All => Start::All,
            Inherit::Core => Start::Core,
            Inherit::None => Start::None,
        },
        default_excludes: match settings.ignore_default_excludes {
            true => DefaultExcludes::Ignored,
            false => DefaultExcludes::Applied,
        },
        exclude: settings.exclude.clone(),
        set: settings.set.clone(),
        include_only: settings.include_only.clone(),
    }
}

fn network(open: bool) -> Network {
    if open { Network::Open } else { Network::Closed }
}
