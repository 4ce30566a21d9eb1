//! The settings that decide whether and how the fallback key may pay, as the payer reads them.

use std::collections::BTreeMap;

use codex_fallback::{Block, Host, Mode, Policy, ReturnPolicy, Substitute};
use codex_protocol::TokenUsage;

use crate::endpoints::Endpoints;

/// `[fallback]` and the settings of administrators, without defaults that depend on the process.
#[derive(Debug, Clone, Default)]
pub struct PolicySettings {
    /// `[fallback] mode`.
    pub mode: Mode,
    /// `[fallback] return`; absent takes the host's default.
    pub return_policy: Option<ReturnPolicy>,
    /// `[fallback] model`.
    pub model: Option<String>,
    /// `forced_login_method`.
    pub forced_login: Option<ForcedLogin>,
    /// `forced_chatgpt_workspace_id`; empty when not set.
    pub forced_workspaces: Vec<String>,
    /// The first cap of `[fallback]` that is not zero: its name. None is built yet.
    pub cap: Option<&'static str>,
    /// `[fallback.prices."MODEL"]`.
    pub prices: BTreeMap<String, TokenPrice>,
}

/// `forced_login_method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForcedLogin {
    /// Only ChatGPT sessions.
    ChatGpt,
    /// Only API keys.
    ApiKey,
}

/// US dollars per million tokens of one model.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TokenPrice {
    /// Input that was not cached.
    pub input: f64,
    /// Input from the cache.
    pub cached_input: f64,
    /// Output, reasoning included.
    pub output: f64,
}

impl PolicySettings {
    /// What [`codex_fallback::step`] is given.
    pub fn policy(&self, host: Host, endpoints: &Endpoints) -> Policy {
        Policy {
            mode: self.mode,
            return_policy: self.return_policy.unwrap_or(host.default_return()),
            host,
            substitute: if self.model.is_some() { Substitute::Named } else { Substitute::None },
            block: self.block(endpoints),
        }
    }

    /// What forbids paid requests, if anything.
    pub fn block(&self, endpoints: &Endpoints) -> Option<Block> {
        self.administrators_block()
            .or_else(|| endpoints.key_base().err())
            .or_else(|| self.cap.map(Block::CapNotBuilt))
    }

    /// What forbids even storing a key (fallback-spec §1.5).
    pub fn administrators_block(&self) -> Option<Block> {
        match self.forced_login {
            Some(ForcedLogin::ChatGpt) => Some(Block::ForcedLogin),
            Some(ForcedLogin::ApiKey) | None => {
                (!self.forced_workspaces.is_empty()).then_some(Block::ForcedWorkspace)
            }
        }
    }
}

impl TokenPrice {
    /// US dollars for these tokens.
    pub fn of(&self, usage: &TokenUsage) -> f64 {
        let cached = usage.cached_input_tokens.min(usage.input_tokens);
        let fresh = usage.input_tokens - cached;
        (fresh as f64 * self.input
            + cached as f64 * self.cached_input
            + usage.output_tokens as f64 * self.output)
            / 1_000_000.0
    }
}

#[cfg(test)]
mod tests;
