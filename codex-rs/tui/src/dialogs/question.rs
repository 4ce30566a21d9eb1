//! What the engine's questions have in common: nothing is chosen by accident, letters answer at once, they are deaf while
//! somebody types a draft, and they go when they are answered elsewhere.

use std::time::Duration;

use codex_app_server_protocol::{RequestId, ServerNotification};
use codex_render::wrap::{self, Indent};
use codex_render::{Form, Tone};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::{Line, Span};

use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Reply};
use crate::clean::{clean, output_line};
use crate::facts::Facts;
use crate::now::Now;
use crate::permissions;
use crate::picture::{Picture, Scene};

/// Columns from which on answers are told in full.
const WIDE: u16 = 60;

/// Rows that PgUp and PgDn move by.
const PAGE: usize = 5;

/// A question of the engine's.
#[derive(Debug)]
pub(crate) struct Question {
    id: RequestId,
    /// Keys before this moment belong to a draft, or to the question before.
    deaf_until: Duration,
    answers: Vec<Offer>,
    /// Past the last answer while none is chosen.
    selected: usize,
    state: State,
    /// The first line of what is asked about that is shown.
    start: usize,
}

/// An answer that is offered.
#[derive(Debug)]
pub(super) struct Offer {
    /// The key that gives it at once.
    pub(super) letter: char,
    /// For people.
    pub(super) words: String,
    /// The same where columns are few.
    pub(super) brief: String,
    /// What the engine is told.
    pub(super) reply: Reply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Enter was pressed and nothing was chosen.
    NothingChosen,
    /// Somebody else has answered, or the turn has ended.
    Over,
}

impl Question {
    /// With these answers, the declining one among them under `n`.
    pub(super) fn new(id: RequestId, answers: Vec<Offer>, now: Now) -> Self {
        let selected = answers.len();
        let deaf_until = now.since_start + list::TYPING;
        Question { id, deaf_until, answers, selected, state: State::Open, start: 0 }
    }

    /// What a key leads to. `rows` is about how long what is asked about is.
    pub(super) fn key(&mut self, key: KeyEvent, now: Now, rows: usize) -> Vec<AppEvent> {
        if now.since_start < self.deaf_until {
            self.deaf_until = now.since_start + list::TYPING;
            return Vec::new();
        }
        match key.code {
            KeyCode::Char('a') if key.modifiers == KeyModifiers::CONTROL => {
                return vec![AppEvent::ToggleTranscript];
            }
            KeyCode::PageDown => {
                self.start = (self.start + PAGE).min(rows);
                return Vec::new();
            }
            KeyCode::PageUp => {
                self.start = self.start.saturating_sub(PAGE);
                return Vec::new();
            }
            // Another word for no.
            KeyCode::Char('d') if list::plain(key) => return self.answer('n'),
            KeyCode::Char(letter) if list::plain(key) && letter.is_ascii_alphabetic() => {
                return self.answer(letter.to_ascii_lowercase());
            }
            _ => {}
        }
        let rows = self.answers.len();
        if self.selected == rows {
            match key.code {
                KeyCode::Enter => self.state = State::NothingChosen,
                KeyCode::Up => {
                    self.selected = rows.saturating_sub(1);
                    return Vec::new();
                }
                KeyCode::Down | KeyCode::Tab => {
                    self.selected = 0;
                    return Vec::new();
                }
                _ => {}
            }
        }
        match list::key(key, &mut self.selected, rows) {
            Pick::Nothing => Vec::new(),
            Pick::Row(row) => self.answers.get(row).map_or_else(Vec::new, |offer| self.told(offer)),
            Pick::Leave => self.answer('n'),
        }
    }

    pub(super) fn notified(&mut self, notification: &ServerNotification) {
        if let ServerNotification::ServerRequestResolved(resolved) = notification
            && resolved.request_id == self.id
        {
            self.state = State::Over;
        }
    }

    pub(super) fn uncovered(&mut self, now: Now) {
        self.deaf_until = now.since_start + list::TYPING;
    }

    pub(super) fn is_over(&self) -> bool {
        self.state == State::Over
    }

    /// The sheet with what is asked about, the answers and the keys.
    pub(super) fn picture(&self, mut sheet: Sheet<'_>, body: Vec<Line<'static>>, room: usize) -> Picture {
        sheet.keep_choices(self.answers.len());
        let is_long = !body.is_empty();
        if is_long {
            sheet.body(body, self.start);
        }
        if self.state == State::NothingChosen {
            sheet.needed(Tone::Warning, "Choose an answer first, by its letter or by the arrow keys.");
        }
        sheet.blank();
        for (place, offer) in self.answers.iter().enumerate() {
            let words = if sheet.width() < WIDE { &offer.brief } else { &offer.words };
            sheet.choice(&offer.letter.to_string(), words, Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["a letter, a number, or arrows and Enter", "Esc means no", "Ctrl+A shows all"]);
        sheet.picture(room)
    }

    fn answer(&self, letter: char) -> Vec<AppEvent> {
        let offer = self.answers.iter().find(|offer| offer.letter == letter);
        offer.map_or_else(Vec::new, |offer| self.told(offer))
    }

    fn told(&self, offer: &Offer) -> Vec<AppEvent> {
        vec![AppEvent::Reply { id: self.id.clone(), reply: offer.reply.clone() }, AppEvent::CloseDialog]
    }
}

/// What the walls of the thread let commands do, in a sentence.
pub(super) fn walls(facts: Facts<'_>) -> Option<String> {
    let sandbox = facts.session.sandbox.as_ref()?;
    let granted = if facts.session.granted.is_some() { "; and what you have granted" } else { "" };
    Some(format!("The sandbox: {}{granted}.", permissions::walls(sandbox)))
}

/// A text of the agent's or of a server's, as it may be drawn.
pub(super) fn shown(text: &str) -> String {
    clean(text.trim()).into_owned()
}

/// The same in one line, so that it cannot play a part of the question.
pub(super) fn in_a_line(text: &str) -> String {
    shown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Words of the agent's own, marked as such: nobody vouches for them.
pub(super) fn agent_says(words: &str) -> String {
    match in_a_line(words).as_str() {
        "" => "The agent does not say why.".to_owned(),
        words => format!("The agent says: {words}"),
    }
}

/// Its lines, in a tone, behind a margin; every blank of it stays.
pub(super) fn lines(scene: &Scene, tone: Tone, text: &str) -> Vec<Line<'static>> {
    let margin = if scene.look.form == Form::Drawn { "  " } else { "" };
    let indent = Indent::every(vec![Span::raw(margin)]);
    let line =
        |line: &str| wrap::hard(&Line::from(scene.span(tone, output_line(line))), scene.width, &indent);
    text.lines().flat_map(line).collect()
}
