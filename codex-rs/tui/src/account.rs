//! Who is signed in, who pays, and how much of the plan is left.

use codex_app_server_protocol::{
    Account as SignedInAs, AccountReadResponse, AddFallbackApiKeyResponse, FallbackApproval,
    FallbackKeyState, FallbackMode, FallbackResponse, FallbackStatus, PayerName, RateLimitSnapshot, RpcError,
    ServerNotification, TurnId,
};

use crate::app_event::{Notice, NoticeKind};
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
    /// Keys that are being checked: more than one after a hasty second try.
    checks: usize,
    /// The turn that alone the key pays for, as the person allowed; the engine tells nobody of it.
    paid_turn: Option<TurnId>,
    /// Whether the key that is checked takes another's place.
    replaces: bool,
}

impl Account {
    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification) {
        match notification {
            ServerNotification::AccountRateLimitsUpdated(updated) => self.limits.merge(&updated.rate_limits),
            ServerNotification::FallbackUpdated(updated) => self.fallback_is(&updated.fallback),
            ServerNotification::TurnCompleted(of) if self.paid_turn.as_ref() == Some(&of.turn.id) => {
                self.paid_turn = None;
            }
            _ => {}
        }
    }

    /// Takes over what a call was answered.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        match answer {
            Answer::ReadAccount(Ok(account)) => self.signed_in = Some(account.clone()),
            Answer::AddKey(result) => {
                self.checks = self.checks.saturating_sub(1);
                if let Ok(added) = result {
                    self.paid_turn = None;
                    self.fallback_is(&added.fallback);
                }
            }
            Answer::SetPayer(Ok(response)) => {
                self.paid_turn = None;
                self.fallback_is(&response.fallback);
            }
            Answer::RemoveKey(Ok(response))
            | Answer::ReadFallback(Ok(response))
            | Answer::SetMode(Ok(response)) => self.fallback_is(&response.fallback),
            Answer::ReadRateLimits(Ok(read)) => self.limits.merge(&read.rate_limits),
            Answer::Logout(Ok(_)) => *self = Account::default(),
            _ => {}
        }
    }

    /// Whether it is known that nobody is signed in.
    pub(crate) fn nobody_is_signed_in(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|read| read.account.is_none())
    }

    /// Whether a plan pays at first.
    pub(crate) fn is_chatgpt(&self) -> bool {
        let account = self.signed_in.as_ref().and_then(|read| read.account.as_ref());
        matches!(account, Some(SignedInAs::Chatgpt { .. }))
    }

    /// Whether an API key is signed in: it pays for everything, and nothing can take over from it.
    pub(crate) fn is_api_key(&self) -> bool {
        let account = self.signed_in.as_ref().and_then(|read| read.account.as_ref());
        matches!(account, Some(SignedInAs::ApiKey {}))
    }

    /// Whether a key is being checked.
    pub(crate) fn is_checking(&self) -> bool {
        self.checks > 0
    }

    /// A key is on its way to be checked.
    pub(crate) fn key_is_checked(&mut self) {
        self.checks += 1;
        self.replaces = self.key_last4().is_some();
    }

    /// The person has answered whether the key may pay.
    pub(crate) fn allowed(&mut self, turn: TurnId, answer: FallbackApproval) {
        if answer == FallbackApproval::Turn {
            self.paid_turn = Some(turn);
        }
    }

    /// Whether the fallback key pays for the next request.
    pub(crate) fn key_pays(&self) -> bool {
        self.key_pays_for_the_turn()
            || self.fallback.as_ref().is_some_and(|status| status.payer == PayerName::Key)
    }

    /// Whether the fallback key pays for the running turn only; everything else is the plan's.
    pub(crate) fn key_pays_for_the_turn(&self) -> bool {
        self.paid_turn.is_some()
    }

    /// Takes over who pays. A consent for one turn ends with the key, or with its permission to pay at all.
    fn fallback_is(&mut self, status: &FallbackStatus) {
        let can_pay = match status.key_state {
            FallbackKeyState::Ready | FallbackKeyState::Unchecked => status.mode != FallbackMode::Off,
            FallbackKeyState::None | FallbackKeyState::Refused | FallbackKeyState::OutOfCredit => false,
        };
        self.paid_turn = self.paid_turn.take().filter(|_| can_pay);
        self.fallback = Some(status.clone());
    }

    /// The stored key's last four characters.
    pub(crate) fn key_last4(&self) -> Option<&str> {
        self.fallback.as_ref()?.key_last4.as_deref()
    }

    /// What became of a key that was to be stored. `model` is the thread's.
    pub(crate) fn key_added(
        &self,
        result: &Result<AddFallbackApiKeyResponse, RpcError>,
        model: &str,
    ) -> Notice {
        let added = match result {
            Ok(added) => added,
            Err(error) => return refused(error),
        };
        let last4 = added.fallback.key_last4.as_deref().unwrap_or_default();
        let stored = if self.replaces { "took the place of the old one" } else { "is stored" };
        let checked = match (added.model_available, &added.unchecked_reason) {
            (_, Some(reason)) => format!("It could not be checked: {reason}."),
            (Some(true), None) => format!("The API accepts it, and {model} is available to it."),
            (Some(false), None) => format!(
                "The API accepts it, but {model} is not available to it; name another one as `model` under [fallback] \
                 in config.toml."
            ),
            (None, None) => "The API accepts it.".to_owned(),
        };
        let kind = match (added.model_available, &added.unchecked_reason) {
            (Some(false), _) | (_, Some(_)) => NoticeKind::Warning,
            (Some(true) | None, None) => NoticeKind::Done,
        };
        let pays = match added.fallback.mode {
            FallbackMode::Auto => "It pays only when the plan runs out; /fallback shows who pays.",
            FallbackMode::Ask => {
                "You are asked before it pays, when the plan runs out; /fallback shows who pays."
            }
            FallbackMode::Off => {
                "It does not pay: at the limit work stops, until you choose otherwise in /fallback."
            }
        };
        let text = format!("The fallback API key …{last4} {stored}. {checked} {pays}");
        Notice { kind, text }
    }

    /// What became of a key that was to be deleted.
    pub(crate) fn key_removed(result: &Result<FallbackResponse, RpcError>) -> Notice {
        match result {
            Ok(_) => Notice {
                kind: NoticeKind::Done,
                text: "No fallback API key is stored now. When the plan runs out, work stops.".to_owned(),
            },
            Err(error) => refused(error),
        }
    }
}

/// An engine's sentence; should it repeat the key, it does so no further.
fn refused(error: &RpcError) -> Notice {
    Notice { kind: NoticeKind::Error, text: codex_redact::redact(&error.message).into_owned() }
}

#[cfg(test)]
mod tests;
