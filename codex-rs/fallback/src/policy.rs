//! What the person, the settings and the administrator allow: the inputs of a decision, and why the key may not pay.

use std::fmt;

/// What happens when the plan's limit is reached (`[fallback] mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// The key takes over at once: adding a key is the opt-in.
    #[default]
    Auto,
    /// The person is asked first.
    Ask,
    /// The key never pays.
    Off,
}

impl Mode {
    /// The word used in `config.toml` and in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Auto => "auto",
            Mode::Ask => "ask",
            Mode::Off => "off",
        }
    }
}

/// When the payer goes back to the plan by itself (`[fallback] return`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReturnPolicy {
    /// The key pays until the process ends.
    Session,
    /// Back to the plan at the first turn after every exhausted window is free.
    Reset,
}

/// What kind of process holds the engine; it sets how long a force by the person lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// A terminal UI or `exec` process: it ends with the person's session.
    Session,
    /// `codex app-server` or the gateway: it may run for weeks.
    Server,
}

impl Host {
    /// The return policy where the settings do not name one.
    pub fn default_return(self) -> ReturnPolicy {
        match self {
            Host::Session => ReturnPolicy::Session,
            Host::Server => ReturnPolicy::Reset,
        }
    }
}

/// Whether the settings name a model to use on the key (`[fallback] model`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Substitute {
    /// `fallback.model` is set.
    Named,
    /// It is not.
    None,
}

/// Something outside this crate that forbids any paid request now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// `forced_login_method = "chatgpt"`.
    ForcedLogin,
    /// `forced_chatgpt_workspace_id` is set.
    ForcedWorkspace,
    /// `openai_base_url` is custom and `fallback.base_url` names no host for the key.
    CustomBaseUrl,
    /// A cap is reached; the setting that set it. It ends with the cap's period.
    CapReached(&'static str),
    /// A cap is set that this program cannot keep yet; the setting's name.
    CapNotBuilt(&'static str),
}

/// The settings as they stand when a decision is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// `[fallback] mode`.
    pub mode: Mode,
    /// `[fallback] return`, or the host's default.
    pub return_policy: ReturnPolicy,
    /// What kind of process this is.
    pub host: Host,
    /// Whether `[fallback] model` is set.
    pub substitute: Substitute,
    /// What forbids paid requests now, if anything.
    pub block: Option<Block>,
}

/// Why the key does not take over. Shown after the original error; each sentence says what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// No key is stored.
    NoKey,
    /// `mode = "off"`.
    ModeOff,
    /// `mode = "ask"`, and nobody can be asked here.
    CannotAsk,
    /// The person was asked and said no, or did not answer.
    Declined,
    /// The platform refused the key.
    KeyRefused,
    /// The key has no credit left.
    KeyOutOfCredit,
    /// The person forced the plan.
    ForcedPlan,
    /// Only one model's limit is reached.
    ScopedLimit,
    /// An administrator's cap is reached.
    AdministratorCap,
    /// The settings forbid it.
    Blocked(Block),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WhyNot::NoKey => {
                "To go on past a limit, store a fallback API key: /add-api-key in the terminal UI, or \
                 `codex login --with-fallback-api-key`."
            }
            WhyNot::ModeOff => {
                "A fallback API key is stored but switched off; /fallback in the terminal UI lets it take over, and so \
                 does `mode = \"auto\"` under [fallback] in config.toml."
            }
            WhyNot::CannotAsk => {
                "A fallback API key is stored, but `mode = \"ask\"` and nobody can be asked here; \
                 run with `-c fallback.mode=auto` to let it take over."
            }
            WhyNot::Declined => "The fallback API key was not used, because the question was not answered with yes.",
            WhyNot::KeyRefused => {
                "The stored fallback API key was refused by the API; add a working one: /add-api-key in the terminal \
                 UI, or `codex login --with-fallback-api-key`."
            }
            WhyNot::KeyOutOfCredit => {
                "The fallback API key is out of credit; add credit at platform.openai.com, then add the key again \
                 or force it once (/fallback in the terminal UI)."
            }
            WhyNot::ForcedPlan => {
                "You chose that only the plan pays; choose \"auto\" (/fallback in the terminal UI) to let the fallback key \
                 take over."
            },
            WhyNot::ScopedLimit => {
                "Only this model's own limit is reached, so the fallback key was not used; switch to another model."
            }
            WhyNot::AdministratorCap => {
                "This limit was set by your workspace's administrator, so the fallback key was not used; \
                 ask them to raise it."
            }
            WhyNot::Blocked(Block::ForcedLogin) => {
                "A fallback API key cannot be used here, because `forced_login_method = \"chatgpt\"` is set."
            }
            WhyNot::Blocked(Block::ForcedWorkspace) => {
                "A fallback API key cannot be used here, because `forced_chatgpt_workspace_id` is set."
            }
            WhyNot::Blocked(Block::CustomBaseUrl) => {
                "The fallback key was not used, because `openai_base_url` is custom; name the host that may receive \
                 the key with `base_url` under [fallback]."
            }
            WhyNot::Blocked(Block::CapReached(setting)) => {
                return write!(
                    f,
                    "The fallback key stopped paying, because the cap `fallback.{setting}` is reached; raise it in \
                     config.toml or wait for its period to end."
                );
            }
            WhyNot::Blocked(Block::CapNotBuilt(setting)) => {
                return write!(
                    f,
                    "The fallback key was not used, because `fallback.{setting}` is set and this version cannot keep \
                     that cap yet; set it to 0 to use the key without a cap."
                );
            }
        })
    }
}
