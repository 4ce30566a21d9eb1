//! The notice of a change of payer, in plain words.

use codex_fallback::{Change, Payer, Reason, ReturnPolicy};
use codex_protocol::error::reset_words;
use jiff::tz::TimeZone;

/// Who pays from now on, and everything the notice needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayerChange {
    /// Who pays now.
    pub payer: Payer,
    /// Why.
    pub reason: Reason,
    /// When the plan is free again, unix seconds.
    pub resets_at: Option<i64>,
    /// The key's last four characters; `None` where none is stored any more.
    pub key_last4: Option<String>,
    /// The epoch that began; unchanged by a consent for one turn.
    pub epoch: u64,
    /// When, unix seconds.
    pub at: i64,
    /// What ends the key's time by itself.
    pub returns: ReturnPolicy,
}

impl PayerChange {
    pub(crate) fn new(
        change: Change,
        key_last4: Option<String>,
        epoch: u64,
        at: i64,
        returns: ReturnPolicy,
    ) -> Self {
        let Change { payer, reason, resets_at } = change;
        Self { payer, reason, resets_at, key_last4, epoch, at, returns }
    }

    /// What happened, why, and how to go back: one notice for people.
    pub fn sentence(&self) -> String {
        self.sentence_in(&TimeZone::system())
    }

    fn sentence_in(&self, zone: &TimeZone) -> String {
        match self.payer {
            Payer::Key => self.key_takes_over(zone),
            Payer::Plan => self.plan_returns(),
        }
    }

    fn key_takes_over(&self, zone: &TimeZone) -> String {
        let until = self.until(zone);
        let key = self.key();
        match self.reason {
            Reason::Limit => format!(
                "The usage limit of your ChatGPT plan is reached{until}. {key} now pays per token. {}",
                self.way_back()
            ),
            Reason::AllowedForTurn => format!(
                "The usage limit of your ChatGPT plan is reached{until}. {key} pays per token for this turn, as you \
                 allowed; every other request stays with the plan."
            ),
            Reason::Forced => {
                format!(
                    "{key} now pays per token, as you chose. To go back, choose the plan as payer (/fallback in the terminal UI)."
                )
            }
            Reason::ForceEnded
            | Reason::Reset
            | Reason::KeyRefused
            | Reason::KeyOutOfCredit
            | Reason::Blocked
            | Reason::Mode
            | Reason::KeyChanged => format!("{key} now pays per token."),
        }
    }

    fn plan_returns(&self) -> String {
        let key = self.key();
        match self.reason {
            Reason::Reset => "The limit of your ChatGPT plan has reset; the plan pays again.".to_owned(),
            Reason::Forced => "Your ChatGPT plan pays again, as you chose.".to_owned(),
            Reason::ForceEnded => {
                "The time for which you chose the key is over; your ChatGPT plan pays again.".to_owned()
            }
            Reason::KeyRefused => format!("{key} was refused by the API; your ChatGPT plan pays again."),
            Reason::KeyOutOfCredit => format!("{key} is out of credit; your ChatGPT plan pays again."),
            Reason::Blocked => {
                "A setting forbids further paid requests; your ChatGPT plan pays again.".to_owned()
            }
            Reason::Mode => {
                "The fallback mode no longer lets the key pay; your ChatGPT plan pays again.".to_owned()
            }
            Reason::KeyChanged => {
                "The stored fallback key or the signed-in account changed; your ChatGPT plan pays again."
                    .to_owned()
            }
            // Its limit may well stand still: that the next question follows at once must not surprise.
            Reason::AllowedForTurn => {
                format!("{key} was allowed for that turn only; your ChatGPT plan pays again.")
            }
            Reason::Limit => "Your ChatGPT plan pays again.".to_owned(),
        }
    }

    fn way_back(&self) -> &'static str {
        match (self.returns, self.resets_at) {
            (ReturnPolicy::Reset, Some(_)) => {
                "The plan pays again when the limit resets; to go back at once, choose the plan as payer."
            }
            (ReturnPolicy::Reset, None) => {
                "The plan is tried again after an hour; to go back at once, choose the plan as payer."
            }
            (ReturnPolicy::Session, _) => {
                "The plan pays again in the next session; /fallback in the terminal UI goes back at once, and \
                 `-c fallback.mode=off` keeps the key from paying."
            }
        }
    }

    fn until(&self, zone: &TimeZone) -> String {
        let words = self.resets_at.and_then(|at| reset_words(at, self.at, zone));
        words.map_or_else(String::new, |words| format!(" until {words}"))
    }

    fn key(&self) -> String {
        match &self.key_last4 {
            Some(last4) => format!("The fallback API key (…{last4})"),
            None => "The fallback API key".to_owned(),
        }
    }
}

/// Told once when the plan's limit has reset and the key still pays (`return = "session"`).
pub(crate) const PLAN_IS_FREE: &str = "The limit of your ChatGPT plan has reset, but the fallback API key still pays \
    until this session ends; to go back now, choose the plan as payer (/fallback in the terminal UI) or start a new session.";

#[cfg(test)]
mod tests;
