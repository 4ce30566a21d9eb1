//! What takes the composer's place while it is open: masked boxes, panels, pickers, questions. The uppermost gets the
//! keys.

pub(crate) mod ask;
pub(crate) mod fallback_panel;
pub(crate) mod key_box;
mod list;
pub(crate) mod logout;
mod masked;
pub(crate) mod model_picker;
pub(crate) mod send_guard;
mod sheet;
pub(crate) mod sign_in;
pub(crate) mod trust;

use std::fmt::Debug;

use codex_app_server_protocol::ServerNotification;
use crossterm::event::KeyEvent;

use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// One of them. To close itself it raises `AppEvent::CloseDialog`.
pub(crate) trait Dialog: Debug {
    /// What the person wants by this key.
    fn key(&mut self, key: KeyEvent, facts: Facts<'_>, now: Now) -> Vec<AppEvent>;

    /// Text that is pasted while it is open.
    fn paste(&mut self, _text: String) -> Vec<AppEvent> {
        Vec::new()
    }

    /// A call was answered while it is open.
    fn answered(&mut self, _answer: &Answer) -> Vec<AppEvent> {
        Vec::new()
    }

    /// Something happened in the engine while it is open.
    fn notified(&mut self, _notification: &ServerNotification) {}

    /// Whether an answer or a notification has ended it; it then goes, wherever it lies in the pile.
    fn is_over(&self) -> bool {
        false
    }

    /// Its picture; at most `room` rows.
    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture;
}

/// Those that are open, the uppermost last.
#[derive(Debug, Default)]
pub(crate) struct Dialogs {
    open: Vec<Box<dyn Dialog>>,
}

impl Dialogs {
    /// Opens one above the others.
    pub(crate) fn open(&mut self, dialog: impl Dialog + 'static) {
        self.open.push(Box::new(dialog));
    }

    /// Closes the uppermost.
    pub(crate) fn close(&mut self) {
        self.open.pop();
    }

    /// Whether none is open.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The uppermost.
    pub(crate) fn top(&self) -> Option<&dyn Dialog> {
        self.open.last().map(AsRef::as_ref)
    }

    /// The uppermost, to give it a key or pasted text.
    pub(crate) fn top_mut(&mut self) -> Option<&mut (dyn Dialog + 'static)> {
        self.open.last_mut().map(AsMut::as_mut)
    }

    /// Tells every open one of an answer.
    pub(crate) fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        let events = self.open.iter_mut().flat_map(|dialog| dialog.answered(answer)).collect();
        self.open.retain(|dialog| !dialog.is_over());
        events
    }

    /// Tells every open one what happened in the engine.
    pub(crate) fn notified(&mut self, notification: &ServerNotification) {
        for dialog in &mut self.open {
            dialog.notified(notification);
        }
        self.open.retain(|dialog| !dialog.is_over());
    }
}

#[cfg(test)]
mod tests;
