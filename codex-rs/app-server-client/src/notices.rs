//! A change of payer reaches this client twice: as the `warning` that every client gets and as
//! `account/fallback/updated`. It is told once.

use codex_app_server_protocol::{ServerNotification, Warning};

/// Holds a warning back until the next notification shows whether it is the first half of such a pair.
#[derive(Debug, Default)]
pub struct Notices {
    held: Option<Warning>,
    said: Option<String>,
    /// Told because nothing had followed it for a while.
    let_go: Option<String>,
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
                let let_go = self.let_go.take();
                if updated.message.is_some() {
                    self.said = updated.message.clone();
                }
                let was_told = let_go.is_some() && let_go == updated.message;
                let tell = if was_told { Tell::NotNow } else { Tell::Now };
                (held.filter(|held| updated.message.as_ref() != Some(held)), tell)
            }
            _ => (held, Tell::Now),
        }
    }

    /// Whether a warning is held back. Who waits for the next notification for longer than a moment calls
    /// [`Notices::let_go`]: a warning can be the last thing that is said for a long time.
    pub fn is_holding(&self) -> bool {
        self.held.is_some()
    }

    /// The warning that is held back: it stands alone. Should its other half come after all, that is not told.
    pub fn let_go(&mut self) -> Option<String> {
        self.let_go = self.held.take().map(|warning| warning.message);
        self.let_go.clone()
    }

    /// Whether a change of payer, key or mode was told.
    pub fn saw_a_change(&self) -> bool {
        self.said.is_some()
    }
}
