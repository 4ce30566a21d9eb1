//! The settings of one thread: from the configuration, then `thread/start`, then the overrides of each turn.

use std::path::{Path, PathBuf};

use codex_app_server_protocol::{
    ApprovalPolicy, GranularApproval, SandboxMode, SandboxPolicy, ThreadStartParams, TurnStartParams,
};
use codex_config::{Config, TrustLevel};

use crate::{CoreError, DirectoryProblem, Originator};

/// The model of threads that name none: the newest that the official program itself drives with classic tools.
pub const DEFAULT_MODEL: &str = "gpt-5.5";
/// The only provider that is built.
pub(crate) const PROVIDER: &str = "openai";

/// `thread.source` of the terminal UI.
const TERMINAL: &str = "cli";

const SUMMARIES: &str = "auto, concise, detailed, none";

/// How a thread's turns are run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ThreadSettings {
    pub(crate) model: String,
    pub(crate) effort: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) verbosity: Option<String>,
    pub(crate) service_tier: Option<String>,
    /// Absolute, and a directory when it was set.
    pub(crate) cwd: PathBuf,
    pub(crate) approval: ApprovalPolicy,
    pub(crate) sandbox: SandboxPolicy,
}

impl ThreadSettings {
    /// What `thread/start` asks for; what it leaves open comes from the configuration.
    pub(crate) fn new(
        config: &Config,
        params: &ThreadStartParams,
        working_directory: &Path,
        originator: &Originator,
    ) -> Result<Self, CoreError> {
        if let Some(provider) = params.model_provider.as_ref().filter(|provider| *provider != PROVIDER) {
            return Err(CoreError::UnknownProvider(provider.clone()));
        }
        let cwd = params.cwd.as_ref().map_or(working_directory, |cwd| Path::new(cwd));
        let model = params.model.clone().filter(|model| !model.is_empty()).or_else(|| config.model.clone());
        Ok(ThreadSettings {
            model: model.unwrap_or_else(|| DEFAULT_MODEL.to_owned()),
            effort: config.model_reasoning_effort.clone(),
            summary: config.model_reasoning_summary.map(|summary| summary.as_str().to_owned()),
            verbosity: config.model_verbosity.map(|verbosity| verbosity.as_str().to_owned()),
            service_tier: params.service_tier.clone().or_else(|| config.service_tier.clone()),
            cwd: checked_directory(cwd)?,
            approval: params
                .approval_policy
                .clone()
                .or(config.approval_policy.map(approval_policy))
                .unwrap_or(ApprovalPolicy::OnRequest),
            sandbox: match (params.sandbox, config.sandbox_mode) {
                (Some(mode), _) => sandbox_policy(mode, config),
                (None, Some(_)) => configured_sandbox(config),
                (None, None) => sandbox_policy(usual_sandbox(config, cwd, originator), config),
            },
        })
    }

    /// These settings with the overrides of a turn.
    pub(crate) fn with(&self, params: &TurnStartParams) -> Result<Self, CoreError> {
        let mut settings = self.clone();
        if let Some(cwd) = &params.cwd {
            settings.cwd = checked_directory(Path::new(cwd))?;
        }
        if let Some(summary) = &params.summary {
            if !SUMMARIES.split(", ").any(|known| known == summary) {
                let value = codex_redact::redact(summary).into_owned();
                return Err(CoreError::UnknownValue { setting: "summary", value, allowed: SUMMARIES });
            }
            settings.summary = Some(summary.clone());
        }
        if let Some(model) = params.model.as_ref().filter(|model| !model.is_empty()) {
            settings.model.clone_from(model);
        }
        if params.effort.is_some() {
            settings.effort.clone_from(&params.effort);
        }
        if params.service_tier.is_some() {
            settings.service_tier.clone_from(&params.service_tier);
        }
        if let Some(approval) = &params.approval_policy {
            settings.approval = approval.clone();
        }
        if let Some(sandbox) = &params.sandbox_policy {
            settings.sandbox = sandbox.clone();
        }
        Ok(settings)
    }

    /// Whether the model has to be told of the difference.
    pub(crate) fn same_environment(&self, other: &Self) -> bool {
        (&self.cwd, &self.approval, &self.sandbox) == (&other.cwd, &other.approval, &other.sandbox)
    }

    pub(crate) fn sandbox_name(&self) -> &'static str {
        match self.sandbox {
            SandboxPolicy::DangerFullAccess => "danger-full-access",
            SandboxPolicy::ReadOnly { .. } => "read-only",
            SandboxPolicy::WorkspaceWrite { .. } => "workspace-write",
        }
    }

    pub(crate) fn network_name(&self) -> &'static str {
        match self.sandbox {
            SandboxPolicy::DangerFullAccess
            | SandboxPolicy::ReadOnly { network_access: true }
            | SandboxPolicy::WorkspaceWrite { network_access: true, .. } => "enabled",
            SandboxPolicy::ReadOnly { network_access: false }
            | SandboxPolicy::WorkspaceWrite { network_access: false, .. } => "restricted",
        }
    }

    pub(crate) fn approval_name(&self) -> &'static str {
        match self.approval {
            ApprovalPolicy::Untrusted => "untrusted",
            ApprovalPolicy::OnRequest => "on-request",
            ApprovalPolicy::Never => "never",
            ApprovalPolicy::Granular(_) => "granular",
        }
    }
}

/// The directory, once it is known to be one.
fn checked_directory(path: &Path) -> Result<PathBuf, CoreError> {
    let wrong = |problem| CoreError::WorkingDirectory { path: path.to_path_buf(), problem };
    if !path.is_absolute() {
        return Err(wrong(DirectoryProblem::Relative));
    }
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(path.to_path_buf()),
        Ok(_) => Err(wrong(DirectoryProblem::NotADirectory)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(wrong(DirectoryProblem::Missing)),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            Err(wrong(DirectoryProblem::NotADirectory))
        }
        Err(error) => Err(wrong(DirectoryProblem::Unreadable(error.to_string()))),
    }
}

fn approval_policy(policy: codex_config::ApprovalPolicy) -> ApprovalPolicy {
    match policy {
        codex_config::ApprovalPolicy::Untrusted => ApprovalPolicy::Untrusted,
        // Asking after a failure needs a sandbox; until there is one it is the model that asks.
        codex_config::ApprovalPolicy::OnFailure | codex_config::ApprovalPolicy::OnRequest => {
            ApprovalPolicy::OnRequest
        }
        codex_config::ApprovalPolicy::Never => ApprovalPolicy::Never,
        codex_config::ApprovalPolicy::Granular(granular) => {
            ApprovalPolicy::Granular(granular_approval(granular))
        }
    }
}

fn granular_approval(granular: codex_config::Granular) -> GranularApproval {
    let is_put = |asked| asked == codex_config::Asked::Yes;
    GranularApproval {
        sandbox_approval: is_put(granular.sandbox_approval),
        rules: is_put(granular.rules),
        skill_approval: is_put(granular.skill_approval),
        request_permissions: is_put(granular.request_permissions),
        mcp_elicitations: is_put(granular.mcp_elicitations),
    }
}

fn sandbox_mode(mode: codex_config::SandboxMode) -> SandboxMode {
    match mode {
        codex_config::SandboxMode::ReadOnly => SandboxMode::ReadOnly,
        codex_config::SandboxMode::WorkspaceWrite => SandboxMode::WorkspaceWrite,
        codex_config::SandboxMode::DangerFullAccess => SandboxMode::DangerFullAccess,
    }
}

/// The sandbox of a thread that names none.
pub(crate) fn configured_sandbox(config: &Config) -> SandboxPolicy {
    sandbox_policy(config.sandbox_mode.map_or(SandboxMode::ReadOnly, sandbox_mode), config)
}

/// Where nobody says anything: in the terminal UI, where the person sees what is done, the agent may work in a folder
/// that they trust; else it may look only (wire-facts §8).
fn usual_sandbox(config: &Config, cwd: &Path, originator: &Originator) -> SandboxMode {
    match codex_config::trust(cwd, config) {
        Some(TrustLevel::Trusted) if originator.source == TERMINAL => SandboxMode::WorkspaceWrite,
        Some(TrustLevel::Trusted | TrustLevel::Untrusted) | None => SandboxMode::ReadOnly,
    }
}

/// The mode with the details that the settings give.
fn sandbox_policy(mode: SandboxMode, config: &Config) -> SandboxPolicy {
    let workspace = &config.sandbox_workspace_write;
    match mode {
        SandboxMode::ReadOnly | SandboxMode::DangerFullAccess => mode.into(),
        SandboxMode::WorkspaceWrite => SandboxPolicy::WorkspaceWrite {
            writable_roots: workspace.writable_roots.iter().map(|root| root.display().to_string()).collect(),
            network_access: workspace.network_access,
            exclude_tmpdir_env_var: workspace.exclude_tmpdir_env_var,
            exclude_slash_tmp: workspace.exclude_slash_tmp,
        },
    }
}
