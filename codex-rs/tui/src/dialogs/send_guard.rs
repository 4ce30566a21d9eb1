//! Asked before a message that holds something like a key is sent to the model.

use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choices, Pick, choice};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::{AppEvent, Message};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question.
#[derive(Debug)]
pub(crate) struct SendGuard {
    message: Option<Message>,
    choices: Choices<What>,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Edit,
    Send,
}

impl SendGuard {
    /// About this message.
    pub(crate) fn new(message: Message) -> Self {
        let choices = Choices::new(vec![
            choice(What::Edit, "Back to the draft"),
            choice(What::Send, "Send it as it is, key included"),
        ]);
        SendGuard { message: Some(message), choices }
    }

    fn take(&mut self, what: What) -> Vec<AppEvent> {
        let Some(message) = self.message.take() else { return vec![AppEvent::CloseDialog] };
        let then = match what {
            What::Edit => AppEvent::Draft(message.text),
            What::Send => AppEvent::SubmitAnyway(message),
        };
        vec![AppEvent::CloseDialog, then]
    }
}

impl Dialog for SendGuard {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match self.choices.key(key) {
            Pick::Taken(what) => self.take(what),
            Pick::Left => self.take(What::Edit),
            Pick::Open => Vec::new(),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let mut lines = heading(
            scene,
            "This message holds something that looks like an API key.",
            &["Sent, it reaches the model and its logs. To store a fallback key, use /add-api-key instead."],
        );
        lines.push(Line::default());
        lines.extend(self.choices.lines(scene));
        lines.extend(sentence_lines(scene, Tone::Faint, "Esc goes back to the draft"));
        Picture::of(lines)
    }
}
