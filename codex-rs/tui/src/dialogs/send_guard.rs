//! Asked before a message that holds the shape of an API key is sent to the model.

use std::time::Duration;

use codex_redact::{Secret, key_shape};
use codex_render::Tone;
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Message};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question.
pub(crate) struct SendGuard {
    message: Message,
    selected: usize,
    /// Digits before this moment belong to what the person goes on to type.
    deaf_until: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Edit,
    Store,
    Send,
}

impl SendGuard {
    /// Holds the message back.
    pub(crate) fn new(message: Message, now: Now) -> Self {
        SendGuard { message, selected: 0, deaf_until: now.since_start + list::TYPING }
    }

    /// Storing is offered for one key only: of several, none is known to be the right one.
    fn actions(&self) -> &'static [Action] {
        match key_shape::find(&self.message.text).len() {
            1 => &[Action::Edit, Action::Store, Action::Send],
            _ => &[Action::Edit, Action::Send],
        }
    }

    fn choose(&mut self, action: Action) -> Vec<AppEvent> {
        let message =
            std::mem::replace(&mut self.message, Message { text: String::new(), images: Vec::new() });
        match action {
            Action::Edit => vec![AppEvent::CloseDialog, AppEvent::Draft(message)],
            Action::Send => vec![AppEvent::CloseDialog, AppEvent::SubmitAnyway(message)],
            Action::Store => {
                let Message { mut text, images } = message;
                let Some(range) = key_shape::find(&text).into_iter().next() else {
                    return vec![AppEvent::CloseDialog];
                };
                let key = Secret::new(&text[range.clone()]);
                // One of the two blanks around it goes, too.
                let is_between = text[..range.start].ends_with(' ') && text[range.end..].starts_with(' ');
                text.replace_range(range.start..range.end + usize::from(is_between), "");
                let mut events = vec![AppEvent::CloseDialog, AppEvent::AddFallbackApiKey { key }];
                if !text.trim().is_empty() {
                    events.push(AppEvent::Draft(Message { text, images }));
                }
                events
            }
        }
    }
}

impl Dialog for SendGuard {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        // A digit would send the key at once.
        if matches!(key.code, KeyCode::Char(_)) && now.since_start < self.deaf_until {
            self.deaf_until = now.since_start + list::TYPING;
            return Vec::new();
        }
        let actions = self.actions();
        match list::key(key, &mut self.selected, actions.len()) {
            Pick::Nothing => Vec::new(),
            Pick::Row(row) => self.choose(actions.get(row).copied().unwrap_or(Action::Edit)),
            Pick::Leave => self.choose(Action::Edit),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "This message holds an API key");
        sheet.text(Tone::Warning, "Sent, the model's service reads it, and it stays in this conversation.");
        sheet.blank();
        for (place, action) in self.actions().iter().enumerate() {
            let text = match action {
                Action::Edit => "Go back and edit it",
                Action::Store => "Store the key as the fallback key; do not send",
                Action::Send => "Send it anyway",
            };
            sheet.choice(&(place + 1).to_string(), text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc goes back to the message"]);
        sheet.picture(room)
    }
}

/// The message holds a key.
impl std::fmt::Debug for SendGuard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SendGuard").field("selected", &self.selected).finish_non_exhaustive()
    }
}
