//! Where the person types: the draft, its history, its popups.

pub(crate) mod history_file;

use std::time::Duration;

use crossterm::event::KeyEvent;

use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The draft and what helps to write it.
#[derive(Debug, Default)]
pub(crate) struct Composer {}

impl Composer {
    /// Edits, or says what the person wants.
    pub(crate) fn key(&mut self, _key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        Vec::new()
    }

    /// Takes in pasted text; large ones become a placeholder, a path of an image an image.
    pub(crate) fn paste(&mut self, _text: String, _facts: Facts<'_>) -> Vec<AppEvent> {
        Vec::new()
    }

    /// Time passed: a hint may be over.
    pub(crate) fn tick(&mut self, _now: Now) {}

    /// How long until a hint is over.
    pub(crate) fn next_change(&self, _now: Now) -> Option<Duration> {
        None
    }

    /// Whether nothing is written and nothing is open.
    pub(crate) fn is_empty(&self) -> bool {
        true
    }

    /// The draft as the external editor gets it; none where it holds a key shape.
    pub(crate) fn draft(&self) -> Option<String> {
        None
    }

    /// Puts this in place of the draft, the cursor at its end.
    pub(crate) fn set_draft(&mut self, _text: String) {}

    /// Types this at the cursor, as `/mention` does with `@`.
    pub(crate) fn insert(&mut self, _text: &str) {}

    /// Earlier messages of `history.jsonl`, oldest first.
    pub(crate) fn history_loaded(&mut self, _messages: Vec<String>) {}

    /// A message was sent: the newest of this session's recall. Never holds a key shape.
    pub(crate) fn sent(&mut self, _text: &str) {}

    /// Found files for the `@` popup.
    pub(crate) fn answered(&mut self, _answer: &Answer) {}

    /// The draft with its popup; never more than `room` rows.
    pub(crate) fn view(&self, _scene: &Scene, _facts: Facts<'_>, _room: usize) -> Picture {
        Picture::default()
    }
}
