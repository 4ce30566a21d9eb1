//! When the person is asked before something is done (`approval_policy`): one word, or a table that says it by kind.

use std::fmt;

/// When the person is asked before something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApprovalPolicy {
    /// Before everything that is not known to be harmless.
    Untrusted,
    /// When a command failed in the sandbox.
    OnFailure,
    /// When the model asks for it.
    OnRequest,
    /// Never.
    Never,
    /// As [`ApprovalPolicy::OnRequest`], but some kinds of questions are refused in place of asked.
    Granular(Granular),
}

/// Which kinds of questions are asked; the others are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granular {
    /// Leave to go past the sandbox.
    pub sandbox_approval: Asked,
    /// Commands that a rule wants asked about.
    pub rules: Asked,
    /// Scripts of skills.
    pub skill_approval: Asked,
    /// More permissions for the rest of a turn.
    pub request_permissions: Asked,
    /// Questions of MCP servers.
    pub mcp_elicitations: Asked,
}

/// What becomes of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The person is asked.
    Yes,
    /// It is refused at once.
    Refused,
}

impl ApprovalPolicy {
    /// The words for it in `config.toml`, without the table.
    pub const WORDS: &'static [&'static str] = &["untrusted", "on-failure", "on-request", "never"];

    /// The word used in `config.toml`; for the table the name of it.
    pub fn as_str(self) -> &'static str {
        match self {
            ApprovalPolicy::Untrusted => "untrusted",
            ApprovalPolicy::OnFailure => "on-failure",
            ApprovalPolicy::OnRequest => "on-request",
            ApprovalPolicy::Never => "never",
            ApprovalPolicy::Granular(_) => "granular",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        [
            ApprovalPolicy::Untrusted,
            ApprovalPolicy::OnFailure,
            ApprovalPolicy::OnRequest,
            ApprovalPolicy::Never,
        ]
        .into_iter()
        .find(|policy| policy.as_str() == word)
    }

    /// How much goes unasked, as one of three words.
    pub(crate) fn looseness(self) -> &'static str {
        match self {
            ApprovalPolicy::Untrusted => "untrusted",
            ApprovalPolicy::OnFailure | ApprovalPolicy::OnRequest | ApprovalPolicy::Granular(_) => {
                "on-request"
            }
            ApprovalPolicy::Never => "never",
        }
    }
}

impl fmt::Display for ApprovalPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl From<bool> for Asked {
    fn from(asked: bool) -> Self {
        if asked { Asked::Yes } else { Asked::Refused }
    }
}
