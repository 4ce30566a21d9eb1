//! What the service says about the plan's windows and credits (wire-facts §4.4, §5.4).

use serde::{Deserialize, Serialize};

use crate::PlanType;

/// The state of one limit. Absent members are unknown, not free: an update may be sparse.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitSnapshot {
    /// `codex` for the account-wide limit, else the id of a model's or feature's own.
    pub limit_id: Option<String>,
    /// A name to show, where the service gives one.
    pub limit_name: Option<String>,
    /// The short window.
    pub primary: Option<RateLimitWindow>,
    /// The long window.
    pub secondary: Option<RateLimitWindow>,
    /// Purchased credits.
    pub credits: Option<CreditsSnapshot>,
    /// The plan the limits belong to.
    pub plan_type: Option<PlanType>,
    /// `x-codex-rate-limit-reached-type`.
    pub rate_limit_reached_type: Option<String>,
}

/// One window of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitWindow {
    /// Percent, 0 to 100 and beyond, fractions cut off.
    pub used_percent: i32,
    /// Length of the window in minutes.
    pub window_duration_mins: Option<i64>,
    /// When it is free again, unix seconds.
    pub resets_at: Option<i64>,
}

/// Purchased credits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditsSnapshot {
    /// Whether there are any.
    pub has_credits: bool,
    /// Whether they never run out.
    pub unlimited: bool,
    /// The balance as the service words it.
    pub balance: Option<String>,
}

impl RateLimitSnapshot {
    /// Whether it says anything at all.
    pub fn is_empty(&self) -> bool {
        self.primary.is_none() && self.secondary.is_none() && self.credits.is_none()
    }

    /// Takes over what `newer` knows and keeps the rest.
    pub fn merge(&mut self, newer: &RateLimitSnapshot) {
        fn take<T: Clone>(old: &mut Option<T>, new: &Option<T>) {
            if new.is_some() {
                old.clone_from(new);
            }
        }
        take(&mut self.limit_id, &newer.limit_id);
        take(&mut self.limit_name, &newer.limit_name);
        take(&mut self.primary, &newer.primary);
        take(&mut self.secondary, &newer.secondary);
        take(&mut self.credits, &newer.credits);
        take(&mut self.plan_type, &newer.plan_type);
        self.rate_limit_reached_type.clone_from(&newer.rate_limit_reached_type);
    }
}
