//! Shown while nobody is signed in: a masked field for an API key.

use codex_render::{Tone, words};
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::masked::Masked;
use super::sheet::Sheet;
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The field and what became of it.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    field: Masked,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Typing,
    /// Enter was pressed and nothing was typed.
    NothingTyped,
    /// What was typed does not begin as keys do: perhaps something else was in the clipboard.
    Strange,
    /// Esc was pressed once.
    Leaving,
    /// The engine stores the key.
    Waiting,
    /// Why it did not.
    Refused(String),
    /// Somebody is signed in.
    Over,
}

impl Dialog for SignIn {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match (key.code, &self.state) {
            (KeyCode::Esc, State::Leaving) => return vec![AppEvent::Quit],
            (KeyCode::Esc, _) => self.state = State::Leaving,
            (_, State::Waiting | State::Over) => {}
            (KeyCode::Enter, state) if *state != State::Strange && self.field.is_strange() => {
                self.state = State::Strange;
            }
            (KeyCode::Enter, _) => match self.field.take() {
                Some(key) => {
                    self.state = State::Waiting;
                    return vec![AppEvent::SignIn { key }];
                }
                None => self.state = State::NothingTyped,
            },
            _ => {
                if self.field.key(key) || self.state == State::Leaving {
                    self.state = State::Typing;
                }
            }
        }
        Vec::new()
    }

    fn paste(&mut self, text: String) -> Vec<AppEvent> {
        if !matches!(self.state, State::Waiting | State::Over) {
            self.field.paste(text);
            self.state = State::Typing;
        }
        Vec::new()
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        match answer {
            Answer::SignIn(Ok(_)) => self.state = State::Over,
            Answer::SignIn(Err(error)) => self.state = State::Refused(error.message.clone()),
            _ => {}
        }
        Vec::new()
    }

    fn is_over(&self) -> bool {
        self.state == State::Over
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "Sign in");
        sheet.text(
            Tone::Normal,
            "Nobody is signed in. An OpenAI API key signs you in and pays for everything.",
        );
        sheet.text(
            Tone::Normal,
            "To use a ChatGPT plan, sign in with the official `codex login` and start again; both programs share \
             the session.",
        );
        sheet.blank();
        sheet.input(self.field.spans(scene));
        match &self.state {
            State::Typing => {}
            State::NothingTyped => sheet.needed(Tone::Warning, "Paste or type the key first."),
            State::Strange => sheet.needed(
                Tone::Warning,
                "OpenAI's keys begin with sk-, and this does not. Enter again signs in with it all the same.",
            ),
            State::Leaving => sheet.needed(Tone::Warning, "Press Esc again to quit."),
            State::Waiting | State::Over => sheet.needed(Tone::Normal, "Signing in…"),
            State::Refused(why) => sheet.needed(Tone::Bad, &words::printable(why)),
        }
        sheet.blank();
        sheet.hint(&["Enter signs in", "Esc twice quits"]);
        sheet.picture(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::session::Session;
    use crate::setup::Setup;

    /// Types, presses Enter so often, and gives what the last one raised.
    fn check(text: &str, enters: usize, expect: &str) {
        let (account, session, setup) = (Account::default(), Session::default(), Setup::default());
        let facts = Facts { account: &account, session: &session, setup: &setup };
        let mut dialog = SignIn::default();
        dialog.paste(text.to_owned());
        let mut raised = Vec::new();
        for _ in 0..enters {
            raised = dialog.key(KeyEvent::from(KeyCode::Enter), facts, Now::default());
        }
        assert_eq!(format!("{raised:?} {:?}", dialog.state), expect, "{enters} times Enter");
    }

    #[test]
    fn what_does_not_look_like_a_key_is_asked_about_once() {
        check("sk-proj-any", 1, "[SignIn { key: Secret(****) }] Waiting");
        check("hello", 1, "[] Strange");
        check("hello", 2, "[SignIn { key: Secret(****) }] Waiting");
        check(" ", 1, "[] NothingTyped");
    }
}
