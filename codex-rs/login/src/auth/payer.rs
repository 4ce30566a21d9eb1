//! The payer's desk: the state of `codex_fallback`, the key that may pay, and what was said about it.
//!
//! It lies in memory only and apart from the session: nothing that is loaded, reloaded or refreshed can touch it.

use codex_fallback::{Event, Host, KeyState, Mode, Notice, Outcome, Payer, Reason, Signal, State, step};
use codex_protocol::{CodexErr, RateLimitSnapshot, TokenUsage};
use codex_redact::Secret;

use super::change::{PLAN_IS_FREE, PayerChange};
use super::manager::{FallbackState, Reported};
use super::spending::Spending;
use crate::endpoints::Endpoints;
use crate::policy::PolicySettings;

/// Everything about who pays; one per process, behind one short lock.
#[derive(Debug)]
pub(crate) struct PayerDesk {
    state: State,
    settings: PolicySettings,
    host: Host,
    endpoints: Endpoints,
    key: Option<Secret>,
    /// The plan's limit error that led to the key, so that a failing key can tell both causes.
    limit: Option<CodexErr>,
    limits: RateLimitSnapshot,
    spending: Spending,
    last_change: Option<PayerChange>,
}

impl PayerDesk {
    pub(crate) fn new(
        settings: PolicySettings,
        host: Host,
        endpoints: Endpoints,
        key: Option<Secret>,
        now: i64,
    ) -> Self {
        Self {
            state: State::new(unproven(key.as_ref()), now),
            settings,
            host,
            endpoints,
            key,
            limit: None,
            limits: RateLimitSnapshot::default(),
            spending: Spending::default(),
            last_change: None,
        }
    }

    /// The one place that asks `step`.
    pub(crate) fn report(&mut self, event: Event<'_>, now: i64) -> Reported {
        let policy = self.settings.policy(self.host, &self.endpoints);
        let Outcome { decision, change, notice } = step(&mut self.state, event, &policy, now);
        if let Event::Answered { ticket, signal: Signal::Success, .. } = event
            && ticket.payer == Payer::Plan
            && self.state.payer() == Payer::Plan
            && !self.state.limit_stands()
        {
            self.limit = None;
        }
        let change = change.map(|change| {
            let last4 = self.key.as_ref().map(Secret::last4);
            PayerChange::new(change, last4, self.state.epoch(), now, policy.return_policy)
        });
        if let Some(change) = &change {
            self.changed(change);
        }
        let notice = notice.map(|Notice::PlanIsFree| PLAN_IS_FREE);
        Reported { decision, change, notice }
    }

    /// The key that is stored is another one, or none, or belongs to another account.
    pub(crate) fn key_changed(&mut self, key: Option<Secret>, state: KeyState, now: i64) -> Reported {
        // The notice names the key that stops paying, so the new one moves in afterwards.
        let reported = self.report(Event::KeyChanged(state), now);
        self.key = key;
        self.limit = None;
        reported
    }

    /// Another sign-in, or none: what was known of the plan and its key counts no more.
    pub(crate) fn sign_in_changed(&mut self, now: i64) -> Reported {
        self.limits = RateLimitSnapshot::default();
        self.key_changed(None, KeyState::None, now)
    }

    /// A key that was found in the store, with nothing known about it.
    pub(crate) fn key_found(&mut self, key: Option<Secret>, now: i64) -> Reported {
        let state = unproven(key.as_ref());
        self.key_changed(key, state, now)
    }

    pub(crate) fn set_mode(&mut self, mode: Mode, now: i64) -> Reported {
        self.settings.mode = mode;
        self.report(Event::ModeSet, now)
    }

    pub(crate) fn book(&mut self, usage: &TokenUsage, model: &str) {
        let price = self.settings.prices.get(model);
        self.spending.book(usage, price);
    }

    pub(crate) fn remember_limit(&mut self, error: CodexErr) {
        self.limit = Some(error);
    }

    pub(crate) fn limit_remembered(&self) -> Option<CodexErr> {
        self.limit.clone()
    }

    pub(crate) fn merge_limits(&mut self, newer: &RateLimitSnapshot) {
        self.limits.merge(newer);
    }

    pub(crate) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    pub(crate) fn settings(&self) -> &PolicySettings {
        &self.settings
    }

    pub(crate) fn last_change(&self) -> Option<PayerChange> {
        self.last_change.clone()
    }

    pub(crate) fn status(&self) -> FallbackState {
        let policy = self.settings.policy(self.host, &self.endpoints);
        let process = self.spending.process(&self.settings.prices);
        let since_switch = self.spending.since_switch(&self.settings.prices);
        FallbackState {
            mode: policy.mode,
            return_policy: policy.return_policy,
            payer: self.state.payer(),
            payer_since: self.state.since(),
            epoch: self.state.epoch(),
            forced: self.state.forced(),
            key_state: self.state.key(),
            key_last4: self.key.as_ref().map(Secret::last4),
            blocked: policy.block,
            resets_at: self.state.resets_at(),
            limits: self.limits.clone(),
            tokens: process.tokens,
            usd: process.usd,
            tokens_since_switch: since_switch.tokens,
            usd_since_switch: since_switch.usd,
        }
    }

    fn changed(&mut self, change: &PayerChange) {
        match change.payer {
            Payer::Key => self.spending.switched(),
            Payer::Plan => {
                // A key that just failed still needs the limit's error for its own.
                if matches!(change.reason, Reason::Reset | Reason::KeyChanged) {
                    self.limit = None;
                }
            }
        }
        self.last_change = Some(change.clone());
    }
}

/// A key that was only read from the store has not proved anything in this process.
fn unproven(key: Option<&Secret>) -> KeyState {
    if key.is_some() { KeyState::Unchecked } else { KeyState::None }
}

#[cfg(test)]
mod tests;
