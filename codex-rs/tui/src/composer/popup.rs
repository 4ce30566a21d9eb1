//! The list below the draft: commands after `/`, files after `@`.

use std::ops::Range;

use codex_app_server_protocol::FuzzyFileSearchResult;
use codex_render::words::printable;
use codex_render::{Form, Tone, wrap};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui_core::text::Line;

use crate::app_event::AppEvent;
use crate::picture::Scene;
use crate::slash_command::SlashCommand;

/// Whether a turn runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Busy {
    Running,
    Idle,
}

/// Rows of the list.
const MOST_ROWS: usize = 8;

/// What is listed, and where one is in it.
#[derive(Debug)]
pub(crate) struct Popup {
    list: List,
    at: usize,
    /// The bytes of the draft that a choice takes the place of.
    range: Range<usize>,
}

#[derive(Debug)]
enum List {
    Commands(Vec<SlashCommand>),
    Files { query: String, found: Vec<String> },
}

/// What a key did.
#[derive(Debug)]
pub(crate) enum PopupKey {
    NotMine,
    Moved,
    Closed,
    /// Put this text in place of the range.
    Complete(Range<usize>, String),
    /// Run this command, which takes no argument.
    Run(SlashCommand),
}

impl Popup {
    /// The popup that a draft asks for, and the search it needs. `before` is the one that was open.
    pub(crate) fn of(
        before: Option<Popup>,
        text: &str,
        cursor: usize,
        word: Range<usize>,
    ) -> (Option<Popup>, Option<AppEvent>) {
        let typed = &text[word.clone()];
        if word.start == 0 && typed.starts_with('/') && cursor == word.end {
            let commands = matching(&typed[1..]);
            let at = before.map_or(0, |popup| popup.at).min(commands.len().saturating_sub(1));
            let shown =
                (!commands.is_empty()).then_some(Popup { list: List::Commands(commands), at, range: word });
            return (shown, None);
        }
        let Some(query) = typed.strip_prefix('@').filter(|query| !query.is_empty()) else {
            return (None, None);
        };
        let old = match before {
            Some(Popup { list: List::Files { query: old, found }, .. }) if old == query => {
                let list = List::Files { query: old, found };
                return (Some(Popup { list, at: 0, range: word }), None);
            }
            Some(Popup { list: List::Files { found, .. }, .. }) => found,
            Some(_) | None => Vec::new(),
        };
        let search = AppEvent::SearchFiles(query.to_owned());
        // What was found for less stays until the answer comes: nothing flickers.
        let list = List::Files { query: query.to_owned(), found: old };
        (Some(Popup { list, at: 0, range: word }), Some(search))
    }

    /// The answer to a search.
    pub(crate) fn found(&mut self, files: &[FuzzyFileSearchResult]) {
        if let List::Files { found, .. } = &mut self.list {
            *found = files.iter().map(|file| file.path.clone()).collect();
            self.at = 0;
        }
    }

    /// Moves, completes, runs or closes.
    pub(crate) fn key(&mut self, key: KeyEvent) -> PopupKey {
        let length = self.length();
        match key.code {
            KeyCode::Esc => PopupKey::Closed,
            _ if length == 0 || !key.modifiers.is_empty() => PopupKey::NotMine,
            KeyCode::Up => {
                self.at = self.at.checked_sub(1).unwrap_or(length - 1);
                PopupKey::Moved
            }
            KeyCode::Down => {
                self.at = if self.at + 1 >= length { 0 } else { self.at + 1 };
                PopupKey::Moved
            }
            KeyCode::Tab => self.complete(),
            KeyCode::Enter => match &self.list {
                List::Commands(commands) => match commands.get(self.at) {
                    Some(command) => PopupKey::Run(*command),
                    None => PopupKey::NotMine,
                },
                List::Files { .. } => self.complete(),
            },
            _ => PopupKey::NotMine,
        }
    }

    /// Its rows, those around the cursor.
    pub(crate) fn lines(&self, scene: &Scene, busy: Busy) -> Vec<Line<'static>> {
        let first = self.at.saturating_sub(MOST_ROWS - 1);
        let rows: Vec<(String, String, bool)> = match &self.list {
            List::Commands(commands) => commands
                .iter()
                .map(|command| {
                    let usable = busy == Busy::Idle || command.available_during_task();
                    let note = if usable { "" } else { " (when the turn has ended)" };
                    (format!("/{}", command.name()), format!("{}{note}", command.description()), usable)
                })
                .collect(),
            List::Files { found, .. } => {
                found.iter().map(|path| (printable(path).into_owned(), String::new(), true)).collect()
            }
        };
        let width = rows.iter().map(|(name, ..)| wrap::width(name)).max().unwrap_or_default().min(24);
        let row = |(place, (name, description, usable)): (usize, &(String, String, bool))| {
            let here = place == self.at;
            let tone = match (here, usable) {
                (true, _) => Tone::Selected,
                (false, true) => Tone::Normal,
                (false, false) => Tone::Faint,
            };
            let mark = match (here, scene.look.form) {
                (true, Form::Drawn) => "› ",
                (true, Form::Words) => "> ",
                (false, _) => "  ",
            };
            let padding = " ".repeat(width.saturating_sub(wrap::width(name)) + 2);
            let line = Line::from(vec![
                scene.span(tone, format!("{mark}{name}")),
                scene.span(Tone::Faint, format!("{padding}{description}")),
            ]);
            wrap::truncate(&line, scene.width)
        };
        if rows.is_empty() {
            return vec![wrap::truncate(
                &Line::from(scene.span(Tone::Faint, "  no file like that")),
                scene.width,
            )];
        }
        rows.iter().enumerate().skip(first).take(MOST_ROWS).map(row).collect()
    }

    fn length(&self) -> usize {
        match &self.list {
            List::Commands(commands) => commands.len(),
            List::Files { found, .. } => found.len(),
        }
    }

    fn complete(&self) -> PopupKey {
        let text = match &self.list {
            List::Commands(commands) => commands.get(self.at).map(|command| format!("/{} ", command.name())),
            List::Files { found, .. } => found.get(self.at).map(|path| match path.contains(' ') {
                true => format!("\"{path}\" "),
                false => format!("{path} "),
            }),
        };
        text.map_or(PopupKey::NotMine, |text| PopupKey::Complete(self.range.clone(), text))
    }
}

/// Commands whose name begins with what was typed, then those that hold it.
fn matching(typed: &str) -> Vec<SlashCommand> {
    let begins = SlashCommand::ALL.iter().copied().filter(|command| command.name().starts_with(typed));
    let holds = SlashCommand::ALL
        .iter()
        .copied()
        .filter(|command| !command.name().starts_with(typed) && command.name().contains(typed));
    begins.chain(holds).collect()
}
