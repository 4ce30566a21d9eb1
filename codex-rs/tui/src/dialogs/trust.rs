//! The question about a folder that was never worked in.

use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choices, Pick, choice};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::{AppEvent, Trust};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question.
#[derive(Debug)]
pub(crate) struct TrustQuestion {
    folder: String,
    choices: Choices<Option<Trust>>,
}

impl TrustQuestion {
    /// About this folder.
    pub(crate) fn new(folder: String) -> Self {
        let choices = Choices::new(vec![
            choice(Some(Trust::Trusted), "Yes, its settings count"),
            choice(Some(Trust::Untrusted), "No, work here without them"),
            choice(None, "Quit"),
        ]);
        TrustQuestion { folder, choices }
    }
}

impl Dialog for TrustQuestion {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match self.choices.key(key) {
            Pick::Taken(Some(trust)) => vec![AppEvent::Trust(trust), AppEvent::CloseDialog],
            Pick::Taken(None) | Pick::Left => vec![AppEvent::Quit],
            Pick::Open => Vec::new(),
        }
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let mut lines = heading(
            scene,
            "Do you trust this folder?",
            &[
                codex_render::words::printable(&self.folder).as_ref(),
                "A project can bring settings along (.codex/config.toml). They never decide who pays, where requests go or \
                 what is trusted. The answer is kept in your config.toml.",
            ],
        );
        lines.push(Line::default());
        lines.extend(self.choices.lines(scene));
        lines.extend(sentence_lines(scene, Tone::Faint, "Arrows and Enter, or the number · Esc quits"));
        Picture::of(lines)
    }
}
