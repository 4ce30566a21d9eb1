//! A change of payer reaches this client twice: as the `warning` that every client gets and as
//! `account/fallback/updated`. It is told once.

use codex_app_server_protocol::{ServerNotification, Warning};

/// Holds a warning back until the next notification shows whether it is the first half of such a pair.
#[derive(Debug, Default)]
pub struct Notices {
    held: Option<Warning>,
    said: Option<String>,
}

/// What to do with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// Tell it.
    Now,
    /// It is kept, or it was told already.
    NotNow,
}

impl Notices {
    /// The message of a warning to be told before this notification, and whether to tell the notification itself.
    pub fn sift(&mut self, notification: &ServerNotification) -> (Option<String>, Tell) {
        let held = self.held.take().map(|warning| warning.message);
        match notification {
            ServerNotification::Warning(warning) if self.said.as_ref() == Some(&warning.message) => {
                (held, Tell::NotNow)
            }
            ServerNotification::Warning(warning) => {
                self.held = Some(warning.clone());
                (held, Tell::NotNow)
            }
            ServerNotification::FallbackUpdated(updated) => {
                if updated.message.is_some() {
                    self.said = updated.message.clone();
                }
                (held.filter(|held| updated.message.as_ref() != Some(held)), Tell::Now)
            }
            _ => (held, Tell::Now),
        }
    }

    /// Whether a change of payer, key or mode was told.
    pub fn saw_a_change(&self) -> bool {
        self.said.is_some()
    }
}
