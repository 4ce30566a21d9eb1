//! `/fallback`: who pays, what is left of the plan, the key, what happens at the limit, and the choices about them.

use codex_app_server_protocol::{FallbackMode, FallbackStatus, ForcedPayer, PayerName, RpcError};
use codex_render::{Tone, words};
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::list;
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Keep};
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::plan_limits;

/// The panel.
#[derive(Debug, Default)]
pub(crate) struct FallbackPanel {
    /// The row under the cursor; the first where it is not offered.
    selected: Option<Action>,
    /// Why the engine refused the last choice.
    refusal: Option<String>,
    keeping: Keeping,
}

/// Whether what happens at the limit was written to the settings.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Keeping {
    #[default]
    NotAsked,
    Asked,
    Done,
}

/// A row of the panel. Letters only move to it: Enter is what costs money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Payer(ForcedPayer),
    Mode(FallbackMode),
    KeepMode,
    AddKey,
    RemoveKey,
}

const WITH_KEY: &[(char, Action)] = &[
    ('a', Action::Payer(ForcedPayer::Auto)),
    ('p', Action::Payer(ForcedPayer::Plan)),
    ('k', Action::Payer(ForcedPayer::Key)),
    ('s', Action::Mode(FallbackMode::Auto)),
    ('q', Action::Mode(FallbackMode::Ask)),
    ('o', Action::Mode(FallbackMode::Off)),
    ('w', Action::KeepMode),
    ('n', Action::AddKey),
    ('r', Action::RemoveKey),
];

/// Nothing is offered that needs a key.
const WITHOUT_KEY: &[(char, Action)] = &[
    ('n', Action::AddKey),
    ('s', Action::Mode(FallbackMode::Auto)),
    ('q', Action::Mode(FallbackMode::Ask)),
    ('o', Action::Mode(FallbackMode::Off)),
    ('w', Action::KeepMode),
];

impl FallbackPanel {
    fn choose(&mut self, action: Action, status: Option<&FallbackStatus>) -> Vec<AppEvent> {
        self.refusal = None;
        self.keeping = if action == Action::KeepMode { Keeping::Asked } else { Keeping::NotAsked };
        match action {
            Action::Payer(payer) => vec![AppEvent::SetPayer(payer)],
            Action::Mode(mode) => vec![AppEvent::SetFallbackMode { mode, keep: Keep::Process }],
            Action::KeepMode => match status {
                Some(status) => {
                    vec![AppEvent::SetFallbackMode { mode: status.mode, keep: Keep::Written }]
                }
                None => Vec::new(),
            },
            Action::AddKey => vec![AppEvent::CloseDialog, AppEvent::OpenKeyBox],
            Action::RemoveKey => vec![AppEvent::RemoveFallbackApiKey],
        }
    }

    /// Where the cursor is among the rows that are offered.
    fn place(&self, actions: &[(char, Action)]) -> usize {
        let is_selected = |(_, action): &(char, Action)| Some(*action) == self.selected;
        actions.iter().position(is_selected).unwrap_or_default()
    }

    fn took(&mut self, error: Option<&RpcError>) {
        self.keeping = match (self.keeping, error) {
            (Keeping::Asked, None) => Keeping::Done,
            (Keeping::Asked, Some(_)) => Keeping::NotAsked,
            (keeping, _) => keeping,
        };
        self.refused(error);
    }

    fn refused(&mut self, error: Option<&RpcError>) {
        self.refusal = error.map(|error| error.message.clone());
    }
}

impl Dialog for FallbackPanel {
    fn key(&mut self, key: KeyEvent, facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let status = facts.account.fallback.as_ref();
        let actions = actions(status);
        let mut place = self.place(actions);
        match key.code {
            KeyCode::Esc => return vec![AppEvent::CloseDialog],
            _ if facts.account.is_api_key() => {}
            KeyCode::Enter => {
                let action = actions.get(place).map(|(_, action)| *action);
                return action.map_or_else(Vec::new, |action| self.choose(action, status));
            }
            KeyCode::Char(letter) if list::plain(key) => {
                let is_it = |(of, _): &(char, Action)| *of == letter.to_ascii_lowercase();
                place = actions.iter().position(is_it).unwrap_or(place);
            }
            _ => list::step(key, &mut place, actions.len()),
        }
        self.selected = actions.get(place).map(|(_, action)| *action);
        Vec::new()
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        match answer {
            Answer::SetMode(result) => self.took(result.as_ref().err()),
            Answer::SetPayer(result) | Answer::RemoveKey(result) | Answer::ReadFallback(result) => {
                self.refused(result.as_ref().err());
            }
            Answer::ReadRateLimits(Err(error)) => self.refused(Some(error)),
            _ => {}
        }
        Vec::new()
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "Who pays");
        if facts.account.is_api_key() {
            return sign_in_pays(sheet, room);
        }
        let status = facts.account.fallback.as_ref();
        match status {
            None => sheet.text(Tone::Faint, "The engine has not told yet."),
            Some(status) => state(&mut sheet, scene, facts, status),
        }
        for row in plan_limits::rows(scene, &facts.account.limits) {
            sheet.line(row, plan_limits::NAME);
        }
        if self.keeping == Keeping::Done {
            sheet.needed(Tone::Good, "Kept for later sessions, in config.toml.");
        }
        if let Some(refusal) = &self.refusal {
            sheet.needed(Tone::Bad, &words::printable(refusal));
        }
        sheet.blank();
        let actions = actions(status);
        for (place, (letter, action)) in actions.iter().enumerate() {
            let state = Choice::at(place, self.place(actions));
            sheet.choice(&letter.to_string(), &label(*action, status), state);
        }
        sheet.blank();
        sheet.hint(&["Arrows or letters move", "Enter chooses", "Esc leaves"]);
        sheet.picture(room)
    }
}

/// There is no plan that could run out, and nothing to choose.
fn sign_in_pays(mut sheet: Sheet<'_>, room: usize) -> Picture {
    sheet.needed(Tone::Key, "The API key that is signed in pays for everything.");
    sheet.text(
        Tone::Normal,
        "A fallback key takes over from a ChatGPT plan: /logout, then sign in with the official `codex login`.",
    );
    sheet.blank();
    sheet.hint(&["Esc leaves"]);
    sheet.picture(room)
}

fn state(sheet: &mut Sheet<'_>, scene: &Scene, facts: Facts<'_>, status: &FallbackStatus) {
    let key = status.key_last4.as_deref();
    let since = plan_limits::moment(scene, status.payer_since);
    let shown = key.unwrap_or_default();
    match status.payer {
        PayerName::Plan => {
            if facts.account.key_pays_for_the_turn() {
                sheet.needed(Tone::Key, &format!("The key …{shown} pays, for this turn only."));
            } else {
                sheet.needed(Tone::Plan, &format!("The plan pays, since {since}."));
            }
            if let Some(paid) = plan_limits::paid(scene, status) {
                sheet.text(Tone::Normal, &format!("{paid}."));
            }
        }
        PayerName::Key => {
            let cost = plan_limits::cost(scene, status);
            let text = format!("The key …{shown} pays, since {since}: {cost}.");
            sheet.needed(Tone::Key, &text);
            if let Some(resets_at) = status.resets_at {
                let text = format!("The plan is free again at {}.", plan_limits::moment(scene, resets_at));
                sheet.text(Tone::Normal, &text);
            }
        }
    }
    let words = plan_limits::key_state(status.key_state);
    let text = match key {
        Some(last4) => format!("Key …{last4}: {words}. At the limit {}.", plan_limits::mode(status.mode)),
        None => format!("Key: {words}. At the limit work stops."),
    };
    sheet.text(Tone::Normal, &text);
}

fn actions(status: Option<&FallbackStatus>) -> &'static [(char, Action)] {
    match status.and_then(|status| status.key_last4.as_ref()) {
        Some(_) => WITH_KEY,
        None => WITHOUT_KEY,
    }
}

fn label(action: Action, status: Option<&FallbackStatus>) -> String {
    let now = |is: bool, text: &str| if is { format!("{text} (now)") } else { text.to_owned() };
    let mode_is = |mode| status.is_some_and(|status| status.mode == mode);
    let has_key = status.is_some_and(|status| status.key_last4.is_some());
    match action {
        Action::Payer(ForcedPayer::Auto) => "Who pays: as the limit decides".to_owned(),
        Action::Payer(ForcedPayer::Plan) => "Who pays: the plan only".to_owned(),
        Action::Payer(ForcedPayer::Key) => "Who pays: the key, from now on".to_owned(),
        Action::Mode(FallbackMode::Auto) => now(mode_is(FallbackMode::Auto), "At the limit: use the key"),
        Action::Mode(FallbackMode::Ask) => now(mode_is(FallbackMode::Ask), "At the limit: ask"),
        Action::Mode(FallbackMode::Off) => now(mode_is(FallbackMode::Off), "At the limit: stop"),
        Action::KeepMode => "Keep that for later sessions".to_owned(),
        Action::AddKey if has_key => "Replace the key".to_owned(),
        Action::AddKey => "Add a key".to_owned(),
        Action::RemoveKey => "Remove the key".to_owned(),
    }
}
