//! Who is signed in, who pays, and how much of the plan is left.

use codex_app_server_protocol::{AccountReadResponse, FallbackStatus, RateLimitSnapshot, ServerNotification};

use crate::effect::Answer;

/// What is known of the account. Nothing is, until the engine has answered.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Who is signed in.
    pub(crate) signed_in: Option<AccountReadResponse>,
    /// Key, payer and mode.
    pub(crate) fallback: Option<FallbackStatus>,
    /// The plan's windows, as far as told.
    pub(crate) limits: RateLimitSnapshot,
}

impl Account {
    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification) {
        match notification {
            ServerNotification::AccountRateLimitsUpdated(updated) => self.limits.merge(&updated.rate_limits),
            ServerNotification::FallbackUpdated(updated) => self.fallback = Some(updated.fallback.clone()),
            _ => {}
        }
    }

    /// Takes over what a call was answered.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        match answer {
            Answer::ReadAccount(Ok(account)) => self.signed_in = Some(account.clone()),
            Answer::AddKey(Ok(added)) => self.fallback = Some(added.fallback.clone()),
            Answer::RemoveKey(Ok(response))
            | Answer::ReadFallback(Ok(response))
            | Answer::SetMode(Ok(response))
            | Answer::SetPayer(Ok(response)) => self.fallback = Some(response.fallback.clone()),
            _ => {}
        }
    }
}
