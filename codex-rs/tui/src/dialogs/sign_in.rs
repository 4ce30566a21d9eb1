//! Onboarding: nobody is signed in.

use codex_redact::Secret;
use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::masked::{Entry, Masked};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The box for an API key.
#[derive(Debug, Default)]
pub(crate) struct SignIn {
    key: Masked,
    state: State,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Typing,
    Empty,
    SigningIn,
    /// The reason, for people.
    Refused(String),
}

impl Dialog for SignIn {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match self.key.key(key) {
            Entry::Left => vec![AppEvent::Quit],
            Entry::Done(key) if key.is_empty() => {
                self.state = State::Empty;
                Vec::new()
            }
            Entry::Done(key) => {
                self.state = State::SigningIn;
                vec![AppEvent::SignIn { key }]
            }
            Entry::Open => {
                self.state = State::Typing;
                Vec::new()
            }
        }
    }

    fn paste(&mut self, text: String) -> Vec<AppEvent> {
        self.key.paste(&text);
        drop(Secret::new(text));
        Vec::new()
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        match answer {
            Answer::SignIn(Ok(_)) => vec![AppEvent::CloseDialog],
            Answer::SignIn(Err(error)) => {
                self.state = State::Refused(error.message.clone());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let mut above = heading(
            scene,
            "Nobody is signed in.",
            &[
                "With a ChatGPT plan: run the official `codex login` once; the session is shared through CODEX_HOME. Then \
                 start codex again.",
                "With an API key: type or paste it here. It then pays for everything, per token.",
            ],
        );
        above.push(Line::default());
        let (tone, words) = match &self.state {
            State::Typing => (Tone::Faint, "Enter signs in · Esc quits"),
            State::Empty => (Tone::Warning, "Nothing was typed. Paste the key, or quit with Esc."),
            State::SigningIn => (Tone::Accent, "Signing in…"),
            State::Refused(why) => (Tone::Bad, why.as_str()),
        };
        let below = Picture::of(sentence_lines(scene, tone, words));
        Picture::of(above).above(self.key.view(scene)).above(below)
    }
}
