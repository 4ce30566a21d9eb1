//! `/permissions`: what commands may touch and when the person is asked; then for how long that counts.

use codex_render::Tone;
use crossterm::event::KeyEvent;

use super::Dialog;
use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Keep};
use crate::facts::Facts;
use crate::now::Now;
use crate::permissions::{self, Preset};
use crate::picture::{Picture, Scene};

/// The picker.
#[derive(Debug)]
pub(crate) struct PermissionsPicker {
    page: Page,
    selected: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    Presets,
    /// For how long this one counts.
    HowLong(Preset),
}

const HOW_LONG: [Keep; 2] = [Keep::Process, Keep::Written];

impl PermissionsPicker {
    /// On what is in force, where that is one of the choices.
    pub(crate) fn new(current: Option<Preset>) -> Self {
        let selected = Preset::ALL.into_iter().position(|preset| Some(preset) == current);
        PermissionsPicker { page: Page::Presets, selected: selected.unwrap_or_default() }
    }

    fn presets<'a>(&self, scene: &'a Scene, facts: Facts<'_>) -> Sheet<'a> {
        let mut sheet = Sheet::titled(scene, "What may the agent do?");
        let (sandbox, approval) = (facts.session.sandbox.as_ref(), facts.session.approval.as_ref());
        let current = sandbox.zip(approval).and_then(|(sandbox, approval)| Preset::of(sandbox, approval));
        if let (Some(sandbox), Some(approval)) = (sandbox, approval) {
            let now = format!("Now: {}; {}.", permissions::walls(sandbox), permissions::asking(approval));
            sheet.text(Tone::Faint, &now);
        }
        sheet.blank();
        for (place, preset) in Preset::ALL.into_iter().enumerate() {
            let is_current = if Some(preset) == current { " (current)" } else { "" };
            let text = format!("{}{is_current}: {}", preset.name(), preset.description());
            sheet.choice(&(place + 1).to_string(), &text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc leaves", "counts from the next turn on"]);
        sheet
    }

    fn how_long<'a>(&self, preset: Preset, scene: &'a Scene) -> Sheet<'a> {
        let mut sheet = Sheet::titled(scene, &format!("{}: for how long?", preset.name()));
        if preset == Preset::FullAccess {
            sheet.needed(
                Tone::Warning,
                "Commands may then delete your files, read your credentials and send them anywhere, and nothing is \
                 asked. Use it only in a machine that you can throw away.",
            );
        }
        sheet.blank();
        for (place, keep) in HOW_LONG.into_iter().enumerate() {
            let text = match keep {
                Keep::Process => "Until codex ends",
                Keep::Written => "Also later: write it to config.toml",
            };
            sheet.choice(&(place + 1).to_string(), text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc goes back"]);
        sheet
    }
}

impl Dialog for PermissionsPicker {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let rows = match self.page {
            Page::Presets => Preset::ALL.len(),
            Page::HowLong(_) => HOW_LONG.len(),
        };
        match (self.page, list::key(key, &mut self.selected, rows)) {
            (_, Pick::Nothing) => Vec::new(),
            (Page::Presets, Pick::Leave) => vec![AppEvent::CloseDialog],
            (Page::Presets, Pick::Row(row)) => {
                self.page = Page::HowLong(Preset::ALL.get(row).copied().unwrap_or(Preset::ReadOnly));
                self.selected = 0;
                Vec::new()
            }
            (Page::HowLong(preset), Pick::Leave) => {
                *self = PermissionsPicker::new(Some(preset));
                Vec::new()
            }
            (Page::HowLong(preset), Pick::Row(row)) => {
                let keep = HOW_LONG.get(row).copied().unwrap_or(Keep::Process);
                vec![AppEvent::CloseDialog, AppEvent::SetPermissions { preset, keep }]
            }
        }
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        match self.page {
            Page::Presets => self.presets(scene, facts).picture(room),
            Page::HowLong(preset) => self.how_long(preset, scene).picture(room),
        }
    }
}
