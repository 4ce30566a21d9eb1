//! The panel of `/fallback`: who pays and since when, the plan's limits, the key, and what one can change.

use codex_app_server_protocol::{FallbackMode, ForcedPayer};
use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choices, Pick, choice};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::{AppEvent, Keep};
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::status_card::row;
use crate::{limits, payer};

/// The panel.
#[derive(Debug)]
pub(crate) struct FallbackPanel {
    choices: Choices<What>,
    /// Why the last choice was refused, for people.
    refused: Option<String>,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Pay(ForcedPayer),
    Mode(FallbackMode),
    Add,
    Remove,
}

impl Default for FallbackPanel {
    fn default() -> Self {
        let choices = Choices::new(vec![
            choice(What::Pay(ForcedPayer::Auto), "Let the limit decide who pays"),
            choice(What::Pay(ForcedPayer::Plan), "Only the plan pays"),
            choice(What::Pay(ForcedPayer::Key), "The key pays from now on"),
            choice(What::Mode(FallbackMode::Auto), "At the limit: the key takes over (kept in config.toml)"),
            choice(What::Mode(FallbackMode::Ask), "At the limit: ask me (kept in config.toml)"),
            choice(What::Mode(FallbackMode::Off), "At the limit: stop (kept in config.toml)"),
            choice(What::Add, "Store a key, or replace it"),
            choice(What::Remove, "Delete the key"),
        ]);
        FallbackPanel { choices, refused: None }
    }
}

impl Dialog for FallbackPanel {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let picked = self.choices.key(key);
        if picked_something(&picked) {
            self.refused = None;
        }
        match picked {
            Pick::Taken(What::Pay(payer)) => vec![AppEvent::SetPayer(payer)],
            Pick::Taken(What::Mode(mode)) => vec![AppEvent::SetFallbackMode { mode, keep: Keep::Written }],
            Pick::Taken(What::Add) => vec![AppEvent::CloseDialog, AppEvent::OpenKeyBox],
            Pick::Taken(What::Remove) => vec![AppEvent::RemoveFallbackApiKey],
            Pick::Left => vec![AppEvent::CloseDialog],
            Pick::Open => Vec::new(),
        }
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        if let Answer::SetMode(Err(error)) | Answer::SetPayer(Err(error)) | Answer::RemoveKey(Err(error)) =
            answer
        {
            self.refused = Some(error.message.clone());
        }
        Vec::new()
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>) -> Picture {
        let mut lines = heading(scene, "Who pays", &[]);
        match &facts.account.fallback {
            Some(status) => {
                lines.extend(row(scene, "Payer", &payer::sentence(scene, status)));
                lines.extend(row(scene, "Key", &payer::key(status)));
                lines.extend(row(scene, "At limit", payer::mode(status)));
            }
            None => lines.extend(sentence_lines(scene, Tone::Faint, "Asking…")),
        }
        lines.extend(row(scene, "Plan", ""));
        lines.extend(limits::lines(scene, &facts.account.limits));
        lines.push(Line::default());
        lines.extend(self.choices.lines(scene));
        let (tone, words) = match &self.refused {
            Some(why) => (Tone::Bad, why.as_str()),
            None => (Tone::Faint, "Arrows and Enter, or the number · Esc leaves"),
        };
        lines.extend(sentence_lines(scene, tone, words));
        Picture::of(lines)
    }
}

fn picked_something(pick: &Pick<What>) -> bool {
    matches!(pick, Pick::Taken(_))
}
