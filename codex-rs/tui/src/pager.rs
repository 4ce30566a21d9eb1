//! The full-screen transcript (Ctrl+T): every cell whole, from the first to the one that grows.

use crossterm::event::KeyEvent;

use crate::app_event::AppEvent;
use crate::conversation::Conversation;
use crate::picture::{Picture, Scene};

/// Where one reads.
#[derive(Debug, Default)]
pub(crate) struct Pager {}

impl Pager {
    /// Moves, or closes with `AppEvent::ToggleTranscript`.
    pub(crate) fn key(&mut self, _key: KeyEvent, _conversation: &Conversation) -> Vec<AppEvent> {
        Vec::new()
    }

    /// Lays out the cells around the place that is read; cells far from it cost nothing.
    pub(crate) fn settle(&mut self, _conversation: &mut Conversation, _scene: &Scene) {}

    /// The whole screen.
    pub(crate) fn view(&self, _conversation: &Conversation, _scene: &Scene) -> Picture {
        Picture::default()
    }
}
