//! `/logout`: what signing out deletes.

use codex_render::Tone;
use crossterm::event::KeyEvent;

use super::Dialog;
use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, KeyOnLogout};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question. "Stay" is selected at first.
#[derive(Debug, Default)]
pub(crate) struct LogoutQuestion {
    selected: usize,
}

#[derive(Debug, Clone, Copy)]
enum Action {
    Stay,
    Delete,
    Keep,
}

impl Dialog for LogoutQuestion {
    fn key(&mut self, key: KeyEvent, facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let actions = actions(facts);
        match list::key(key, &mut self.selected, actions.len()) {
            Pick::Nothing => Vec::new(),
            Pick::Leave => vec![AppEvent::CloseDialog],
            Pick::Row(row) => match actions.get(row).copied().unwrap_or(Action::Stay) {
                Action::Stay => vec![AppEvent::CloseDialog],
                Action::Delete => vec![AppEvent::CloseDialog, AppEvent::Logout(KeyOnLogout::Deleted)],
                Action::Keep => vec![AppEvent::CloseDialog, AppEvent::Logout(KeyOnLogout::Kept)],
            },
        }
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let last4 = stored(facts);
        let mut sheet = Sheet::titled(scene, "Sign out?");
        sheet.text(
            Tone::Normal,
            "The session in auth.json is deleted; other Codex programs that share it are signed out too.",
        );
        sheet.blank();
        for (place, action) in actions(facts).iter().enumerate() {
            let text = match (action, last4) {
                (Action::Stay, _) => "Stay signed in".to_owned(),
                (Action::Delete, None) => "Sign out".to_owned(),
                (Action::Delete, Some(last4)) => format!("Sign out and delete the fallback key …{last4}"),
                (Action::Keep, _) => "Sign out; keep the key for this account's next sign-in".to_owned(),
            };
            sheet.choice(&(place + 1).to_string(), &text, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc leaves"]);
        sheet.picture(room)
    }
}

fn stored(facts: Facts<'_>) -> Option<&str> {
    facts.account.fallback.as_ref()?.key_last4.as_deref()
}

/// What becomes of the key is asked only where there is one.
fn actions(facts: Facts<'_>) -> &'static [Action] {
    match stored(facts) {
        Some(_) => &[Action::Stay, Action::Delete, Action::Keep],
        None => &[Action::Stay, Action::Delete],
    }
}
