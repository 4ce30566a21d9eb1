//! What the settings come to after all layers: one plain struct, with the defaults.

use std::collections::BTreeMap;

use codex_fallback::{Mode, ReturnPolicy};

use crate::base_url::BaseUrl;
use crate::choices::{
    ApprovalPolicy, CredentialsStore, HistoryPersistence, LoginMethod, ReasoningSummary, SandboxMode,
    TrustLevel, Verbosity,
};

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
    pub cli_auth_credentials_store: CredentialsStore,
    pub forced_login_method: Option<LoginMethod>,
    /// Empty: every workspace is allowed.
    pub forced_chatgpt_workspace_id: Vec<String>,
    pub developer_instructions: Option<String>,
    pub project_doc_max_bytes: u64,
    pub project_doc_fallback_filenames: Vec<String>,
    pub project_root_markers: Vec<String>,
    pub tool_output_token_limit: Option<u64>,
    pub stream_idle_timeout_ms: u64,
    pub stream_max_retries: u64,
    pub hide_agent_reasoning: bool,
    pub tui: TuiConfig,
    pub history: HistoryConfig,
    /// By path as written in the settings.
    pub projects: BTreeMap<String, TrustLevel>,
    pub fallback: FallbackConfig,
}

/// The `[tui]` table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the settings table documents each field by its name")]
pub struct TuiConfig {
    pub plain: bool,
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
            cli_auth_credentials_store: CredentialsStore::File,
            forced_login_method: None,
            forced_chatgpt_workspace_id: Vec::new(),
            developer_instructions: None,
            project_doc_max_bytes: 32_768,
            project_doc_fallback_filenames: Vec::new(),
            project_root_markers: vec![".git".to_owned()],
            tool_output_token_limit: None,
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
