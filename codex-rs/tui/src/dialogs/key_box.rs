//! `/add-api-key` alone: a masked box for the fallback key, then word that it is being checked.

use codex_app_server_protocol::{FallbackMode, FallbackStatus};
use codex_render::{Form, Tone};
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::masked::Masked;
use super::sheet::Sheet;
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The box.
#[derive(Debug)]
pub(crate) struct KeyBox {
    /// Where keys are stored.
    store: String,
    field: Masked,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The key is typed.
    Typing,
    /// Enter was pressed and nothing was typed.
    NothingTyped,
    /// The engine checks it.
    Checking,
    /// The engine has answered.
    Over,
}

impl KeyBox {
    /// An empty box.
    pub(crate) fn new(codex_home: &str) -> Self {
        KeyBox {
            store: format!("{}/auth.json", codex_home.trim_end_matches('/')),
            field: Masked::default(),
            state: State::Typing,
        }
    }
}

impl Dialog for KeyBox {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match (key.code, self.state) {
            // While the key is checked this only hides the box; the answer comes as a notice.
            (KeyCode::Esc, _) => vec![AppEvent::CloseDialog],
            (KeyCode::Enter, State::Typing | State::NothingTyped) => match self.field.take() {
                Some(key) => {
                    self.state = State::Checking;
                    vec![AppEvent::AddFallbackApiKey { key }]
                }
                None => {
                    self.state = State::NothingTyped;
                    Vec::new()
                }
            },
            (_, State::Typing | State::NothingTyped) => {
                if self.field.key(key) {
                    self.state = State::Typing;
                }
                Vec::new()
            }
            (_, State::Checking | State::Over) => Vec::new(),
        }
    }

    fn paste(&mut self, text: String) -> Vec<AppEvent> {
        if matches!(self.state, State::Typing | State::NothingTyped) {
            self.field.paste(text);
            self.state = State::Typing;
        }
        Vec::new()
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        if self.state == State::Checking && matches!(answer, Answer::AddKey(_)) {
            self.state = State::Over;
        }
        Vec::new()
    }

    fn is_over(&self) -> bool {
        self.state == State::Over
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let status = facts.account.fallback.as_ref();
        let stored = status.and_then(|status: &FallbackStatus| status.key_last4.as_deref());
        let used = match status.map(|status| status.mode) {
            Some(FallbackMode::Auto) | None => {
                "Used only when the plan runs out; it is then billed per token."
            }
            Some(FallbackMode::Ask) => "When the plan runs out you are asked; it is then billed per token.",
            Some(FallbackMode::Off) => "Not used until you choose so in /fallback: at the limit work stops.",
        };
        let mut sheet = Sheet::titled(scene, "Fallback API key");
        match self.state {
            State::Typing | State::NothingTyped => {
                sheet.text(Tone::Normal, &format!("Stored in {}. {used}", self.store));
                if let Some(last4) = stored {
                    sheet.text(Tone::Normal, &format!("It takes the place of the key …{last4}."));
                }
                sheet.blank();
                sheet.input(self.field.spans(scene));
                if self.state == State::NothingTyped {
                    sheet.needed(Tone::Warning, "Paste or type the key first.");
                }
                sheet.blank();
                sheet.hint(&["Enter stores it", "Esc leaves"]);
            }
            State::Checking | State::Over => {
                sheet.needed(Tone::Normal, &checking(scene));
                sheet.blank();
                sheet.hint(&["Esc hides this; the check goes on"]);
            }
        }
        sheet.picture(room)
    }
}

/// That a key is being checked. The sign turns twice a second; in words nothing moves.
pub(crate) fn checking(scene: &Scene) -> String {
    match scene.look.form {
        Form::Words => "Checking the key.".to_owned(),
        Form::Drawn => {
            let sign = match scene.now.since_start.as_millis() / 500 % 4 {
                0 => '◐',
                1 => '◓',
                2 => '◑',
                _ => '◒',
            };
            format!("{sign} Checking the key…")
        }
    }
}
