//! The question before signing out.

use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choices, Pick, choice};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::{AppEvent, KeyOnLogout};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question.
#[derive(Debug)]
pub(crate) struct LogoutQuestion {
    choices: Choices<Option<KeyOnLogout>>,
}

impl Default for LogoutQuestion {
    fn default() -> Self {
        let choices = Choices::new(vec![
            choice(None, "Stay signed in"),
            choice(Some(KeyOnLogout::Deleted), "Sign out, and delete the fallback key of this account"),
            choice(Some(KeyOnLogout::Kept), "Sign out, and keep the key for this account's next sign-in"),
        ]);
        LogoutQuestion { choices }
    }
}

impl Dialog for LogoutQuestion {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match self.choices.key(key) {
            Pick::Taken(Some(what)) => vec![AppEvent::CloseDialog, AppEvent::Logout(what)],
            Pick::Taken(None) | Pick::Left => vec![AppEvent::CloseDialog],
            Pick::Open => Vec::new(),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let mut lines = heading(
            scene,
            "Sign out?",
            &["Other Codex programs that share this CODEX_HOME are signed out as well."],
        );
        lines.push(Line::default());
        lines.extend(self.choices.lines(scene));
        lines.extend(sentence_lines(scene, Tone::Faint, "Esc stays signed in"));
        Picture::of(lines)
    }
}
