//! Asked in a folder that is new: may its own settings count?

use std::time::Duration;

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
    /// Keys before this moment belong to a draft.
    deaf_until: Duration,
}

const ROWS: [&str; 3] = ["Yes, I trust this folder", "No, go on without its settings", "Quit"];
const NO: usize = 1;

impl TrustQuestion {
    /// About this folder. Whoever is in the middle of a draft, `typed` being the last key's moment, is not heard before
    /// they have stopped: a digit of a message must not answer.
    pub(crate) fn new(folder: String, typed: Option<Duration>) -> Self {
        let deaf_until = typed.map_or(Duration::ZERO, |typed| typed + list::TYPING);
        TrustQuestion { folder, selected: NO, deaf_until }
    }
}

impl Dialog for TrustQuestion {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        if now.since_start < self.deaf_until {
            self.deaf_until = now.since_start + list::TYPING;
            return Vec::new();
        }
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
            "If you do, its .codex/config.toml counts and can change what commands may do unasked; never who \
             pays. Trust only what you know.",
        );
        sheet.blank();
        for (place, text) in ROWS.into_iter().enumerate() {
            sheet.choice(&(place + 1).to_string(), text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc quits", "remembered in config.toml"]);
        sheet.picture(room)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use super::*;
    use crate::account::Account;
    use crate::session::Session;
    use crate::setup::Setup;

    #[test]
    fn a_digit_of_a_draft_does_not_answer() {
        let (account, session, setup) = (Account::default(), Session::default(), Setup::default());
        let facts = Facts { account: &account, session: &session, setup: &setup };
        let at = |millis| Now { since_start: Duration::from_millis(millis), unix: 0 };
        let press = |question: &mut TrustQuestion, millis, digit| {
            question.key(KeyEvent::from(KeyCode::Char(digit)), facts, at(millis)).len()
        };
        let mut question = TrustQuestion::new("/work".to_owned(), Some(Duration::from_millis(1_000)));
        // Typed without a pause, then heard.
        for millis in [1_100, 1_300, 1_500] {
            assert_eq!(press(&mut question, millis, '1'), 0);
        }
        assert_eq!(press(&mut question, 1_900, '2'), 2);
        // Nobody was typing.
        assert_eq!(press(&mut TrustQuestion::new("/work".to_owned(), None), 10, '1'), 2);
    }
}
