//! Asked in a folder that is new: may its own settings count?

use codex_render::{Tone, words};
use crossterm::event::KeyEvent;

use super::Dialog;
use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Trust};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question. "No" is selected at first: Enter pressed in haste trusts nothing.
#[derive(Debug)]
pub(crate) struct TrustQuestion {
    folder: String,
    selected: usize,
}

const ROWS: [&str; 3] = ["Yes, I trust this folder", "No, go on without its settings", "Quit"];
const NO: usize = 1;

impl TrustQuestion {
    /// About this folder.
    pub(crate) fn new(folder: String) -> Self {
        TrustQuestion { folder, selected: NO }
    }
}

impl Dialog for TrustQuestion {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match list::key(key, &mut self.selected, ROWS.len()) {
            Pick::Nothing => Vec::new(),
            Pick::Row(0) => vec![AppEvent::Trust(Trust::Trusted), AppEvent::CloseDialog],
            Pick::Row(NO) => vec![AppEvent::Trust(Trust::Untrusted), AppEvent::CloseDialog],
            Pick::Row(_) | Pick::Leave => vec![AppEvent::Quit],
        }
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "Do you trust this folder?");
        sheet.needed(Tone::Strong, &words::printable(&facts.setup.shown_folder(&self.folder)));
        sheet.text(
            Tone::Normal,
            "If you do, its .codex/config.toml counts: it can change what commands may do without asking. It can \
             never change who pays. Trust only what you know.",
        );
        sheet.blank();
        for (place, text) in ROWS.into_iter().enumerate() {
            sheet.choice(&(place + 1).to_string(), text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint("Enter chooses · Esc quits · remembered in config.toml");
        sheet.picture(room)
    }
}
