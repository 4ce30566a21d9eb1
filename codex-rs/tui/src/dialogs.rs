//! What takes the composer's place while it is open: masked boxes, panels, pickers, questions. The uppermost gets the
//! keys.

pub(crate) mod approve_change;
pub(crate) mod approve_command;
pub(crate) mod approve_permissions;
pub(crate) mod ask;
pub(crate) mod background;
pub(crate) mod elicitation;
pub(crate) mod fallback_panel;
pub(crate) mod key_box;
mod list;
pub(crate) mod logout;
mod masked;
pub(crate) mod mcp_call;
pub(crate) mod model_picker;
pub(crate) mod permissions_picker;
mod question;
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

use question::Question;

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

    /// The question of the engine's that it puts, where it is one of the approvals.
    fn question(&self) -> Option<&Question> {
        None
    }

    /// The same, to change it.
    fn question_mut(&mut self) -> Option<&mut Question> {
        None
    }

    /// Something happened in the engine while it is open.
    fn notified(&mut self, notification: &ServerNotification) {
        if let Some(question) = self.question_mut() {
            question.notified(notification);
        }
    }

    /// Nothing lies above it any more: keys that are under way were meant for what did.
    fn uncovered(&mut self, now: Now) {
        if let Some(question) = self.question_mut() {
            question.uncovered(now);
        }
    }

    /// Whether the engine waits for its answer. The next question then waits below it for its turn.
    fn is_question(&self) -> bool {
        self.question().is_some()
    }

    /// Whether an answer or a notification has ended it; it then goes, wherever it lies in the pile.
    fn is_over(&self) -> bool {
        self.question().is_some_and(Question::is_over)
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

    /// Opens a question of the engine's: above everything but the questions that came before it.
    pub(crate) fn ask(&mut self, question: impl Dialog + 'static) {
        let before = self.open.iter().rev().take_while(|dialog| dialog.is_question()).count();
        self.open.insert(self.open.len() - before, Box::new(question));
    }

    /// Questions that wait for the uppermost one.
    pub(crate) fn waiting(&self) -> usize {
        self.open.iter().rev().skip(1).filter(|dialog| dialog.is_question()).count()
    }

    /// Closes the uppermost.
    pub(crate) fn close(&mut self, now: Now) {
        self.open.pop();
        if let Some(top) = self.open.last_mut() {
            top.uncovered(now);
        }
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
    pub(crate) fn notified(&mut self, notification: &ServerNotification, now: Now) {
        for dialog in &mut self.open {
            dialog.notified(notification);
        }
        let was_over = self.open.last().is_some_and(|top| top.is_over());
        self.open.retain(|dialog| !dialog.is_over());
        if let Some(top) = self.open.last_mut().filter(|_| was_over) {
            top.uncovered(now);
        }
    }
}

#[cfg(test)]
mod tests;
