//! The settings table: each setting is one item with its key, default, description and reader.
//!
//! Parsing, warnings about unknown keys and the documentation are all made from it.

use codex_fallback::{Mode, ReturnPolicy};

use crate::choices::{
    ApprovalPolicy, CredentialsStore, HistoryPersistence, LoginMethod, ReasoningSummary, SandboxMode,
    TrustLevel, Verbosity,
};
use crate::config::Config;
use crate::value::{Field, Refusal};

/// One setting of `config.toml`.
pub struct Setting {
    /// The dotted key; `*` stands for a name of the person's choice, such as a model or a path.
    pub key: &'static str,
    /// What its values are, for the documentation.
    pub kind: Kind,
    /// The value in force where none is set, as it would be written; empty: none.
    pub default: &'static str,
    /// One line that says what it does.
    pub doc: &'static str,
    /// Who may set it.
    pub scope: Scope,
    pub(crate) set: Set,
}

/// Puts a value into the settings. The text is the name at the key's `*`, else empty.
type Set = fn(&mut Config, &str, &Field<'_>) -> Result<(), Refusal>;

/// The type of a setting's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// An address (see [`crate::BaseUrl`]).
    Address,
    /// A whole number, 0 or more.
    WholeNumber,
    /// `true` or `false`.
    Truth,
    /// An amount of money in US dollars, 0 or more.
    Dollars,
    /// A list of texts.
    Texts,
    /// Text or a list of texts.
    TextOrTexts,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Which layers may set a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All, a trusted project's and a thread's too.
    Anyone,
    /// A project or thread may choose any value but this one.
    AnyoneExcept(&'static str),
    /// The system's, the person's and the command line's only: it decides who pays, where credentials go or
    /// whom to trust.
    Person,
}

const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    scope: Scope,
    set: Set,
) -> Setting {
    Setting { key, kind, default, doc, scope, set }
}

/// Every setting that this program reads, in the order of the documentation.
pub const SETTINGS: &[Setting] = &[
    setting("model", Kind::Text, "", "Model that answers.", Scope::Anyone, |config, _, field| {
        config.model = Some(field.text()?);
        Ok(())
    }),
    setting(
        "model_provider",
        Kind::Text,
        "\"openai\"",
        "Who serves the model; only \"openai\" is built yet.",
        Scope::Person,
        |config, _, field| {
            config.model_provider = field.text()?;
            Ok(())
        },
    ),
    setting(
        "openai_base_url",
        Kind::Address,
        "",
        "Where model requests go in place of OpenAI's own address.",
        Scope::Person,
        |config, _, field| {
            config.openai_base_url = Some(field.base_url()?);
            Ok(())
        },
    ),
    setting(
        "chatgpt_base_url",
        Kind::Address,
        "\"https://chatgpt.com/backend-api/\"",
        "Where requests of the ChatGPT plan go.",
        Scope::Person,
        |config, _, field| {
            config.chatgpt_base_url = field.base_url()?;
            Ok(())
        },
    ),
    setting(
        "model_reasoning_effort",
        Kind::Text,
        "",
        "How long the model thinks, such as \"low\", \"medium\" or \"high\"; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_reasoning_effort = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "model_reasoning_summary",
        Kind::Word(ReasoningSummary::WORDS),
        "",
        "How much of its thinking the model sums up; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_reasoning_summary =
                Some(field.word(ReasoningSummary::WORDS, ReasoningSummary::parse)?);
            Ok(())
        },
    ),
    setting(
        "model_verbosity",
        Kind::Word(Verbosity::WORDS),
        "",
        "How long the answers are; the default is the model's.",
        Scope::Anyone,
        |config, _, field| {
            config.model_verbosity = Some(field.word(Verbosity::WORDS, Verbosity::parse)?);
            Ok(())
        },
    ),
    setting(
        "service_tier",
        Kind::Text,
        "",
        "Service tier of the plan's requests.",
        Scope::Anyone,
        |config, _, field| {
            config.service_tier = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "approval_policy",
        Kind::Word(ApprovalPolicy::WORDS),
        "",
        "When to ask before a command runs.",
        Scope::Anyone,
        |config, _, field| {
            if field.is_table() {
                return Err(Refusal::NotBuilt);
            }
            config.approval_policy = Some(field.word(ApprovalPolicy::WORDS, ApprovalPolicy::parse)?);
            Ok(())
        },
    ),
    setting(
        "sandbox_mode",
        Kind::Word(SandboxMode::WORDS),
        "",
        "What commands may touch.",
        Scope::AnyoneExcept("danger-full-access"),
        |config, _, field| {
            config.sandbox_mode = Some(field.word(SandboxMode::WORDS, SandboxMode::parse)?);
            Ok(())
        },
    ),
    setting(
        "cli_auth_credentials_store",
        Kind::Word(CredentialsStore::WORDS),
        "\"file\"",
        "Where credentials are kept.",
        Scope::Person,
        |config, _, field| {
            config.cli_auth_credentials_store =
                field.word(CredentialsStore::WORDS, CredentialsStore::parse)?;
            Ok(())
        },
    ),
    setting(
        "forced_login_method",
        Kind::Word(LoginMethod::WORDS),
        "",
        "The only way to sign in; \"chatgpt\" also forbids the fallback key.",
        Scope::Person,
        |config, _, field| {
            config.forced_login_method = Some(field.word(LoginMethod::WORDS, LoginMethod::parse)?);
            Ok(())
        },
    ),
    setting(
        "forced_chatgpt_workspace_id",
        Kind::TextOrTexts,
        "[]",
        "The only ChatGPT workspaces to sign in to; setting it also forbids the fallback key.",
        Scope::Person,
        |config, _, field| {
            config.forced_chatgpt_workspace_id = field.text_or_texts()?;
            Ok(())
        },
    ),
    setting(
        "developer_instructions",
        Kind::Text,
        "",
        "Instructions added to every conversation.",
        Scope::Anyone,
        |config, _, field| {
            config.developer_instructions = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "project_doc_max_bytes",
        Kind::WholeNumber,
        "32768",
        "How much of the AGENTS.md files is read.",
        Scope::Anyone,
        |config, _, field| {
            config.project_doc_max_bytes = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "project_doc_fallback_filenames",
        Kind::Texts,
        "[]",
        "Names to look for where a folder has no AGENTS.md.",
        Scope::Anyone,
        |config, _, field| {
            config.project_doc_fallback_filenames = field.texts()?;
            Ok(())
        },
    ),
    setting(
        "project_root_markers",
        Kind::Texts,
        "[\".git\"]",
        "Names whose presence makes a folder the root of a project.",
        Scope::Anyone,
        |config, _, field| {
            config.project_root_markers = field.texts()?;
            Ok(())
        },
    ),
    setting(
        "tool_output_token_limit",
        Kind::WholeNumber,
        "",
        "How many tokens of a command's output the model sees.",
        Scope::Anyone,
        |config, _, field| {
            config.tool_output_token_limit = Some(field.whole_number()?);
            Ok(())
        },
    ),
    setting(
        "stream_idle_timeout_ms",
        Kind::WholeNumber,
        "300000",
        "How long an answer may pause before it counts as broken off.",
        Scope::Anyone,
        |config, _, field| {
            config.stream_idle_timeout_ms = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "stream_max_retries",
        Kind::WholeNumber,
        "5",
        "How often an answer that broke off is asked for again.",
        Scope::Anyone,
        |config, _, field| {
            config.stream_max_retries = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "hide_agent_reasoning",
        Kind::Truth,
        "false",
        "Whether the terminal leaves out what the model tells of its thinking.",
        Scope::Anyone,
        |config, _, field| {
            config.hide_agent_reasoning = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "tui.plain",
        Kind::Truth,
        "false",
        "Whether the terminal shows words only, for screen readers: no frames, no signs, nothing that repaints.",
        Scope::Person,
        |config, _, field| {
            config.tui.plain = field.truth()?;
            Ok(())
        },
    ),
    setting(
        "history.persistence",
        Kind::Word(HistoryPersistence::WORDS),
        "\"save-all\"",
        "Whether what you type is kept in `history.jsonl`.",
        Scope::Person,
        |config, _, field| {
            config.history.persistence = field.word(HistoryPersistence::WORDS, HistoryPersistence::parse)?;
            Ok(())
        },
    ),
    setting(
        "history.max_bytes",
        Kind::WholeNumber,
        "",
        "How large `history.jsonl` may grow before its oldest lines go; without it there is no end.",
        Scope::Person,
        |config, _, field| {
            config.history.max_bytes = Some(field.whole_number()?);
            Ok(())
        },
    ),
    setting(
        "projects.*.trust_level",
        Kind::Word(TrustLevel::WORDS),
        "",
        "Whether the settings that a project brings along are read; the name is its absolute path.",
        Scope::Person,
        |config, path, field| {
            let level = field.word(TrustLevel::WORDS, TrustLevel::parse)?;
            config.projects.insert(path.to_owned(), level);
            Ok(())
        },
    ),
    setting(
        "fallback.mode",
        Kind::Word(MODES),
        "\"auto\"",
        "What happens when the plan's limit is reached: the key takes over, you are asked, or nothing.",
        Scope::Person,
        |config, _, field| {
            config.fallback.mode = field.word(MODES, parse_mode)?;
            Ok(())
        },
    ),
    setting(
        "fallback.base_url",
        Kind::Address,
        "",
        "Where the key's requests go; the platform API where it is not set.",
        Scope::Person,
        |config, _, field| {
            config.fallback.base_url = Some(field.base_url()?);
            Ok(())
        },
    ),
    setting(
        "fallback.return",
        Kind::Word(RETURNS),
        "",
        "When the plan pays again: after this session, or when its limit resets. The default is \"session\" in \
         the terminal and in `codex exec`, \"reset\" in `codex app-server`.",
        Scope::Person,
        |config, _, field| {
            config.fallback.return_policy = Some(field.word(RETURNS, parse_return)?);
            Ok(())
        },
    ),
    setting(
        "fallback.model",
        Kind::Text,
        "",
        "Model to use on the key where the conversation's own is not offered to it.",
        Scope::Person,
        |config, _, field| {
            config.fallback.model = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "fallback.service_tier",
        Kind::Text,
        "",
        "Service tier of the key's requests.",
        Scope::Person,
        |config, _, field| {
            config.fallback.service_tier = Some(field.text()?);
            Ok(())
        },
    ),
    setting(
        "fallback.max_tokens_per_process",
        Kind::WholeNumber,
        "0",
        "Most tokens that one process may bill to the key; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_tokens_per_process = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "fallback.max_tokens_per_day",
        Kind::WholeNumber,
        "0",
        "Most tokens that all processes may bill to the key in a day; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_tokens_per_day = field.whole_number()?;
            Ok(())
        },
    ),
    setting(
        "fallback.max_usd_per_day",
        Kind::Dollars,
        "0.0",
        "Most US dollars that all processes may bill to the key in a day; 0 is no cap.",
        Scope::Person,
        |config, _, field| {
            config.fallback.max_usd_per_day = field.amount()?;
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.input",
        Kind::Dollars,
        "",
        "Price of a million input tokens of the model named.",
        Scope::Person,
        |config, model, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(model.to_owned()).or_default().input = Some(amount);
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.cached_input",
        Kind::Dollars,
        "",
        "Price of a million input tokens that were cached.",
        Scope::Person,
        |config, model, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(model.to_owned()).or_default().cached_input = Some(amount);
            Ok(())
        },
    ),
    setting(
        "fallback.prices.*.output",
        Kind::Dollars,
        "",
        "Price of a million output tokens.",
        Scope::Person,
        |config, model, field| {
            let amount = field.amount()?;
            config.fallback.prices.entry(model.to_owned()).or_default().output = Some(amount);
            Ok(())
        },
    ),
];

/// Top-level keys that the official program knows (wire-facts §8) and that mean nothing here yet: no warning.
pub(crate) const KNOWN_ELSEWHERE: &[&str] = &[
    "agents",
    "allow_login_shell",
    "analytics",
    "approvals_reviewer",
    "apps",
    "check_for_update_on_startup",
    "default_permissions",
    "disable_paste_burst",
    "features",
    "feedback",
    "file_opener",
    "history",
    "hooks",
    "instructions",
    "log_dir",
    "mcp_oauth_credentials_store",
    "mcp_servers",
    "memories",
    "model_auto_compact_token_limit",
    "model_context_window",
    "model_instructions_file",
    "model_providers",
    "notice",
    "notify",
    "oss_provider",
    "otel",
    "permissions",
    "personality",
    "plugins",
    "profile",
    "profiles",
    "projects",
    "review_model",
    "sandbox_workspace_write",
    "shell_environment_policy",
    "show_raw_agent_reasoning",
    "skills",
    "tools",
    "tui",
    "web_search",
    "windows",
];

/// Those of them that a project or thread may not set.
const PERSON_ONLY_ELSEWHERE: &[&str] = &["model_providers", "notify", "otel", "profile", "profiles"];

/// Whether the top-level key `name` is closed to projects and threads.
pub(crate) fn is_for_the_person_only(name: &str) -> bool {
    PERSON_ONLY_ELSEWHERE.contains(&name)
        || SETTINGS
            .iter()
            .any(|setting| setting.scope == Scope::Person && setting.key.split('.').next() == Some(name))
}

/// What a path of key names leads to.
pub(crate) enum Found {
    /// A setting, with the name at its `*`.
    Setting(&'static Setting, String),
    /// A table with settings below it.
    Table,
    /// Nothing that this program reads.
    Unknown,
}

/// Looks a path up, such as `["fallback", "mode"]`.
pub(crate) fn find(path: &[&str]) -> Found {
    let mut found = Found::Unknown;
    for setting in SETTINGS {
        let mut name = String::new();
        let mut parts = setting.key.split('.');
        let fits = path.iter().all(|step| match parts.next() {
            Some("*") => {
                name = (*step).to_owned();
                true
            }
            part => part == Some(*step),
        });
        match (fits, parts.next()) {
            (true, None) => return Found::Setting(setting, name),
            (true, Some(_)) => found = Found::Table,
            (false, _) => {}
        }
    }
    found
}

const MODES: &[&str] = &["auto", "ask", "off"];
const RETURNS: &[&str] = &["session", "reset"];

fn parse_mode(word: &str) -> Option<Mode> {
    [Mode::Auto, Mode::Ask, Mode::Off].into_iter().find(|mode| mode.as_str() == word)
}

fn parse_return(word: &str) -> Option<ReturnPolicy> {
    match word {
        "session" => Some(ReturnPolicy::Session),
        "reset" => Some(ReturnPolicy::Reset),
        _ => None,
    }
}
