//! What commands may touch and when the person is asked, in words; and the choices of `/permissions`.

use codex_app_server_protocol::{ApprovalPolicy, SandboxMode, SandboxPolicy};
use codex_render::words::plural;

/// A choice of `/permissions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Preset {
    /// Commands read; whatever else is asked about.
    ReadOnly,
    /// Commands write in the workspace; whatever else is asked about.
    Auto,
    /// Commands do everything, and nobody is asked.
    FullAccess,
}

impl Preset {
    /// All of them, the safest first.
    pub(crate) const ALL: [Preset; 3] = [Preset::ReadOnly, Preset::Auto, Preset::FullAccess];

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Preset::ReadOnly => "Read only",
            Preset::Auto => "Auto",
            Preset::FullAccess => "Full access",
        }
    }

    /// What it means.
    pub(crate) fn description(self) -> &'static str {
        match self {
            Preset::ReadOnly => "commands read files; writing, the network and anything more is asked about",
            Preset::Auto => {
                "commands read, and write in the workspace; the network and anything more is asked about"
            }
            Preset::FullAccess => {
                "commands do everything you can do, credentials and network included; nothing is asked"
            }
        }
    }

    /// What commands may touch.
    pub(crate) fn sandbox(self) -> SandboxMode {
        match self {
            Preset::ReadOnly => SandboxMode::ReadOnly,
            Preset::Auto => SandboxMode::WorkspaceWrite,
            Preset::FullAccess => SandboxMode::DangerFullAccess,
        }
    }

    /// The same in full. Folders and network that the settings allow stay allowed where the kind is the same.
    pub(crate) fn policy(self, now: Option<&SandboxPolicy>) -> SandboxPolicy {
        match (self, now) {
            (Preset::ReadOnly, Some(now @ SandboxPolicy::ReadOnly { .. }))
            | (Preset::Auto, Some(now @ SandboxPolicy::WorkspaceWrite { .. })) => now.clone(),
            (Preset::ReadOnly | Preset::Auto | Preset::FullAccess, _) => self.sandbox().into(),
        }
    }

    /// When the person is asked.
    pub(crate) fn approval(self) -> ApprovalPolicy {
        match self {
            Preset::ReadOnly | Preset::Auto => ApprovalPolicy::OnRequest,
            Preset::FullAccess => ApprovalPolicy::Never,
        }
    }

    /// The choice that a thread's permissions come to, if one does.
    pub(crate) fn of(sandbox: &SandboxPolicy, approval: &ApprovalPolicy) -> Option<Preset> {
        Preset::ALL.into_iter().find(|preset| {
            let is_same_sandbox = matches!(
                (preset.sandbox(), sandbox),
                (SandboxMode::ReadOnly, SandboxPolicy::ReadOnly { .. })
                    | (SandboxMode::WorkspaceWrite, SandboxPolicy::WorkspaceWrite { .. })
                    | (SandboxMode::DangerFullAccess, SandboxPolicy::DangerFullAccess)
            );
            is_same_sandbox && preset.approval() == *approval
        })
    }
}

/// What the walls let commands do, as a part of a sentence.
pub(crate) fn walls(sandbox: &SandboxPolicy) -> String {
    let network = |is_open: bool| if is_open { "the network is open" } else { "no network" };
    match sandbox {
        SandboxPolicy::DangerFullAccess => "none, commands may do everything".to_owned(),
        SandboxPolicy::ReadOnly { network_access } => {
            format!("commands only read; {}", network(*network_access))
        }
        SandboxPolicy::WorkspaceWrite { writable_roots, network_access, .. } => {
            let more = match writable_roots.len() {
                0 => String::new(),
                count => {
                    let count = u64::try_from(count).unwrap_or(u64::MAX);
                    format!(" and {}", plural(count, "folder more", "folders more"))
                }
            };
            format!("commands write only in the workspace{more}; {}", network(*network_access))
        }
    }
}

/// When the person is asked, as a part of a sentence.
pub(crate) fn asking(approval: &ApprovalPolicy) -> &'static str {
    match approval {
        ApprovalPolicy::Untrusted => "you are asked before anything that is not known to be harmless",
        ApprovalPolicy::OnRequest => "you are asked when the agent wants more",
        ApprovalPolicy::Never => "you are never asked; what is not allowed is declined",
        ApprovalPolicy::Granular(_) => "you are asked about the kinds of things that your settings name",
    }
}
