//! The settings that decide whether and how the fallback key may pay, as the payer reads them.

use std::collections::BTreeMap;

use codex_config::{Config, LoginMethod, Price};
use codex_fallback::{Block, Host, Mode, Policy, ReturnPolicy, Substitute};
use codex_protocol::TokenUsage;

use crate::endpoints::Endpoints;

/// `[fallback]` and the settings of administrators. The mode can change while the process runs.
#[derive(Debug, Clone, Default)]
pub struct PolicySettings {
    /// `[fallback] mode`.
    pub mode: Mode,
    /// `[fallback] return`; absent takes the host's default.
    pub return_policy: Option<ReturnPolicy>,
    /// `[fallback] model`.
    pub model: Option<String>,
    /// `forced_login_method`.
    pub forced_login: Option<LoginMethod>,
    /// `forced_chatgpt_workspace_id`; empty when not set.
    pub forced_workspaces: Vec<String>,
    /// The first cap of `[fallback]` that is not zero: its name. None can be kept yet.
    pub cap: Option<&'static str>,
    /// `[fallback.prices."MODEL"]`.
    pub prices: BTreeMap<String, Price>,
}

impl From<&Config> for PolicySettings {
    fn from(config: &Config) -> Self {
        let fallback = &config.fallback;
        let caps = [
            ("max_tokens_per_process", fallback.max_tokens_per_process != 0),
            ("max_tokens_per_day", fallback.max_tokens_per_day != 0),
            ("max_usd_per_day", fallback.max_usd_per_day != 0.0),
        ];
        Self {
            mode: fallback.mode,
            return_policy: fallback.return_policy,
            model: fallback.model.clone(),
            forced_login: config.forced_login_method,
            forced_workspaces: config.forced_chatgpt_workspace_id.clone(),
            cap: caps.into_iter().find(|(_, set)| *set).map(|(name, _)| name),
            prices: fallback.prices.clone(),
        }
    }
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
            Some(LoginMethod::ChatGpt) => Some(Block::ForcedLogin),
            Some(LoginMethod::Api) | None => {
                (!self.forced_workspaces.is_empty()).then_some(Block::ForcedWorkspace)
            }
        }
    }
}

/// US dollars for these tokens; `None` where a part that was used has no price.
pub(crate) fn cost(price: &Price, usage: &TokenUsage) -> Option<f64> {
    let cached = usage.cached_input_tokens.min(usage.input_tokens);
    let parts = [
        (usage.input_tokens - cached, price.input),
        (cached, price.cached_input),
        (usage.output_tokens, price.output),
    ];
    parts.into_iter().try_fold(0.0, |sum, (tokens, per_million)| match (tokens, per_million) {
        (0, _) => Some(sum),
        (_, Some(per_million)) => Some(sum + tokens as f64 * per_million / 1_000_000.0),
        (_, None) => None,
    })
}

#[cfg(test)]
mod tests;
