//! The masked box of `/add-api-key`.

use codex_render::{Form, Tone};
use crossterm::event::KeyEvent;

use super::masked::{Entry, Masked};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The box.
#[derive(Debug)]
pub(crate) struct KeyBox {
    key: Masked,
    state: State,
    /// Said once, above the line.
    where_stored: String,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Typing,
    Empty,
    Checking,
    /// The reason, for people.
    Refused(String),
}

impl KeyBox {
    /// An empty box. `codex_home` is where credentials are.
    pub(crate) fn new(codex_home: &str) -> Self {
        let where_stored = format!("Stored in {codex_home}/auth.json, and used only when the plan runs out.");
        KeyBox { key: Masked::default(), state: State::Typing, where_stored }
    }
}

impl Dialog for KeyBox {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let entry = self.key.key(key);
        match (entry, &self.state) {
            // The check goes on; its result is told in the conversation.
            (Entry::Left, _) => vec![AppEvent::CloseDialog],
            (Entry::Done(_), State::Checking) => Vec::new(),
            (Entry::Done(key), _) if key.is_empty() => {
                self.state = State::Empty;
                Vec::new()
            }
            (Entry::Done(key), _) => {
                self.state = State::Checking;
                vec![AppEvent::AddFallbackApiKey { key }]
            }
            (Entry::Open, State::Checking) => Vec::new(),
            (Entry::Open, _) => {
                self.state = State::Typing;
                Vec::new()
            }
        }
    }

    fn paste(&mut self, text: String) -> Vec<AppEvent> {
        if self.state != State::Checking {
            self.key.paste(&text);
        }
        // Pasted keys do not stay in memory longer than needed.
        drop(codex_redact::Secret::new(text));
        Vec::new()
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        match (answer, &self.state) {
            (Answer::AddKey(Ok(_)), State::Checking) => vec![AppEvent::CloseDialog],
            (Answer::AddKey(Err(error)), State::Checking) => {
                self.state = State::Refused(error.message.clone());
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let mut above = heading(scene, "Fallback API key", &[self.where_stored.as_str()]);
        let (tone, words) = match &self.state {
            State::Typing => {
                (Tone::Faint, "Paste or type the key (sk-…) · Enter stores it · Esc leaves".to_owned())
            }
            State::Empty => {
                (Tone::Warning, "Nothing was typed. Paste the key, or leave with Esc.".to_owned())
            }
            State::Checking => (Tone::Accent, checking(scene)),
            State::Refused(why) => (Tone::Bad, why.clone()),
        };
        above.push(ratatui_core::text::Line::default());
        let below = Picture::of(sentence_lines(scene, tone, &words));
        Picture::of(above).above(self.key.view(scene)).above(below)
    }
}

/// That the API is asked, with a sign that turns twice a second.
pub(crate) fn checking(scene: &Scene) -> String {
    match scene.look.form {
        Form::Words => "Asking the API about the key.".to_owned(),
        Form::Drawn => {
            let signs = ["◐", "◓", "◑", "◒"];
            let turn = usize::try_from(scene.now.since_start.as_millis() / 500).unwrap_or_default();
            format!("{} Asking the API about the key… (Esc goes on with the work)", signs[turn % signs.len()])
        }
    }
}
