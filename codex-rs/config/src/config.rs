//! What the settings come to after all layers: one plain struct, with the defaults.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use codex_fallback::{Mode, ReturnPolicy};

use crate::approval::ApprovalPolicy;
use crate::base_url::BaseUrl;
use crate::choices::{
    CredentialsStore, HistoryPersistence, Inherit, LoginMethod, NotificationCondition, NotificationKind,
    NotificationMethod, ReasoningSummary, SandboxMode, TrustLevel, Verbosity, WebSearch,
};
use crate::mcp_servers::McpServer;

/// Every setting the program reads. What each means is said once, in [`crate::settings::SETTINGS`].
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct Config {
    pub model: Option<String>,
    /// Always `openai` after [`crate::load`].
    pub model_provider: String,
    pub openai_base_url: Option<BaseUrl>,
    pub chatgpt_base_url: BaseUrl,
    pub model_reasoning_effort: Option<String>,
    pub model_reasoning_summary: Option<ReasoningSummary>,
    pub model_verbosity: Option<Verbosity>,
    pub service_tier: Option<String>,
    pub approval_policy: Option<ApprovalPolicy>,
    pub sandbox_mode: Option<SandboxMode>,
    pub sandbox_workspace_write: WorkspaceWrite,
    pub shell_environment_policy: ShellEnvironmentPolicy,
    pub allow_login_shell: bool,
    pub cli_auth_credentials_store: CredentialsStore,
    pub forced_login_method: Option<LoginMethod>,
    /// Empty: every workspace is allowed.
    pub forced_chatgpt_workspace_id: Vec<String>,
    pub developer_instructions: Option<String>,
    pub project_doc_max_bytes: u64,
    pub project_doc_fallback_filenames: Vec<String>,
    pub project_root_markers: Vec<String>,
    /// As the person set `project_root_markers`: trust is looked up by these, whatever a project or a client says.
    pub trust_markers: Vec<String>,
    pub tool_output_token_limit: Option<u64>,
    pub web_search: WebSearch,
    pub tools: ToolsConfig,
    /// By name. Those that make no sense are not in it after [`crate::load`].
    pub mcp_servers: BTreeMap<String, McpServer>,
    /// Program and arguments; empty: none.
    pub notify: Vec<String>,
    pub stream_idle_timeout_ms: u64,
    pub stream_max_retries: u64,
    pub hide_agent_reasoning: bool,
    pub tui: TuiConfig,
    pub history: HistoryConfig,
    /// By path as written in the settings.
    pub projects: BTreeMap<String, TrustLevel>,
    pub fallback: FallbackConfig,
}

/// The `[sandbox_workspace_write]` table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct WorkspaceWrite {
    /// Absolute.
    pub writable_roots: Vec<PathBuf>,
    pub network_access: bool,
    pub exclude_tmpdir_env_var: bool,
    pub exclude_slash_tmp: bool,
}

/// The `[shell_environment_policy]` table. What commands never get is no matter of settings.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct ShellEnvironmentPolicy {
    pub inherit: Inherit,
    pub ignore_default_excludes: bool,
    pub exclude: Vec<String>,
    /// By variable. People put tokens here: not to be shown.
    pub set: BTreeMap<String, String>,
    pub include_only: Vec<String>,
}

/// The `[tools]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ToolsConfig {
    /// `tools.update_plan.enabled`.
    pub update_plan: bool,
}

/// The `[tui]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct TuiConfig {
    pub plain: bool,
    pub notifications: Notifications,
    pub notification_method: NotificationMethod,
    pub notification_condition: NotificationCondition,
}

/// What the terminal calls a person for (`tui.notifications`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notifications {
    /// A turn has ended.
    pub turn_complete: bool,
    /// They are asked something.
    pub approval_requested: bool,
}

/// The `[history]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct HistoryConfig {
    pub persistence: HistoryPersistence,
    /// `None`: no cap.
    pub max_bytes: Option<u64>,
}

/// The `[fallback]` table. Caps and prices are only carried here; keeping them is the caller's.
#[derive(Debug, Clone, PartialEq, Default)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct FallbackConfig {
    pub mode: Mode,
    pub base_url: Option<BaseUrl>,
    /// `None`: not set; the default depends on the process (`codex_fallback::Host::default_return`).
    pub return_policy: Option<ReturnPolicy>,
    pub model: Option<String>,
    pub service_tier: Option<String>,
    /// 0: no cap.
    pub max_tokens_per_process: u64,
    /// 0: no cap.
    pub max_tokens_per_day: u64,
    /// 0: no cap.
    pub max_usd_per_day: f64,
    /// By model.
    pub prices: BTreeMap<String, Price>,
}

/// US dollars per million tokens; `None` where the settings do not say.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Price {
    /// Input tokens that were not cached.
    pub input: Option<f64>,
    /// Input tokens read from the cache.
    pub cached_input: Option<f64>,
    /// Output tokens, reasoning included.
    pub output: Option<f64>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            model: None,
            model_provider: "openai".to_owned(),
            openai_base_url: None,
            chatgpt_base_url: BaseUrl::chatgpt(),
            model_reasoning_effort: None,
            model_reasoning_summary: None,
            model_verbosity: None,
            service_tier: None,
            approval_policy: None,
            sandbox_mode: None,
            sandbox_workspace_write: WorkspaceWrite::default(),
            shell_environment_policy: ShellEnvironmentPolicy::default(),
            allow_login_shell: true,
            cli_auth_credentials_store: CredentialsStore::File,
            forced_login_method: None,
            forced_chatgpt_workspace_id: Vec::new(),
            developer_instructions: None,
            project_doc_max_bytes: 32_768,
            project_doc_fallback_filenames: Vec::new(),
            project_root_markers: vec![".git".to_owned()],
            trust_markers: vec![".git".to_owned()],
            tool_output_token_limit: None,
            web_search: WebSearch::Cached,
            tools: ToolsConfig::default(),
            mcp_servers: BTreeMap::new(),
            notify: Vec::new(),
            stream_idle_timeout_ms: 300_000,
            stream_max_retries: 5,
            hide_agent_reasoning: false,
            tui: TuiConfig::default(),
            history: HistoryConfig { persistence: HistoryPersistence::SaveAll, max_bytes: None },
            projects: BTreeMap::new(),
            fallback: FallbackConfig::default(),
        }
    }
}

impl Default for ShellEnvironmentPolicy {
    fn default() -> Self {
        ShellEnvironmentPolicy {
            inherit: Inherit::All,
            ignore_default_excludes: true,
            exclude: Vec::new(),
            set: BTreeMap::new(),
            include_only: Vec::new(),
        }
    }
}

impl fmt::Debug for ShellEnvironmentPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShellEnvironmentPolicy { inherit, ignore_default_excludes, exclude, set, include_only } = self;
        formatter
            .debug_struct("ShellEnvironmentPolicy")
            .field("inherit", inherit)
            .field("ignore_default_excludes", ignore_default_excludes)
            .field("exclude", exclude)
            .field("set", &set.keys().collect::<Vec<_>>())
            .field("include_only", include_only)
            .finish()
    }
}

impl Default for TuiConfig {
    fn default() -> Self {
        TuiConfig {
            plain: false,
            notifications: Notifications::ALL,
            notification_method: NotificationMethod::Auto,
            notification_condition: NotificationCondition::Unfocused,
        }
    }
}

impl Notifications {
    /// All of it.
    pub const ALL: Self = Notifications { turn_complete: true, approval_requested: true };
    /// Nothing.
    pub const NONE: Self = Notifications { turn_complete: false, approval_requested: false };

    /// The same and this.
    #[must_use]
    pub(crate) fn and(self, kind: NotificationKind) -> Self {
        match kind {
            NotificationKind::TurnComplete => Notifications { turn_complete: true, ..self },
            NotificationKind::ApprovalRequested => Notifications { approval_requested: true, ..self },
        }
    }
}
