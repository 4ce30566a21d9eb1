//! The list below the draft: commands after `/`, files after `@`.

use std::ops::Range;

use codex_app_server_protocol::{FileMatch, FuzzyFileSearchResult};
use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use super::commands;
use crate::facts::Facts;
use crate::picture::Scene;
use crate::slash_command::SlashCommand;

/// Rows of a list; more can be reached with the arrows.
const MOST_ROWS: usize = 8;

/// Columns below which a description says nothing.
const LEAST_DESCRIPTION: usize = 12;

/// What is chosen in the list, and whether it is open.
#[derive(Debug, Default)]
pub(super) struct Popup {
    /// The word at the cursor that the list is for.
    word: String,
    selected: usize,
    state: State,
    files: Files,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    /// The person has closed it; it stays so until the word begins anew.
    Closed,
}

/// What a search has found.
#[derive(Debug, Default)]
struct Files {
    found: Vec<FuzzyFileSearchResult>,
    /// Searches without an answer.
    running: usize,
    answer: Answered,
}

/// Whether there was an answer that fits the word.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Answered {
    #[default]
    NotYet,
    Yes,
}

/// What the list offers for the word at the cursor.
#[derive(Debug)]
pub(super) enum Offer<'a> {
    Commands(Vec<SlashCommand>),
    Files(&'a [FuzzyFileSearchResult]),
    Nothing,
}

/// A choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    Command(SlashCommand),
    /// The path as it is written into the draft.
    Path(String),
}

/// The word at the cursor, if a list may be for it.
pub(super) fn word(text: &str, cursor: usize) -> Option<Range<usize>> {
    let start = text[..cursor]
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let end = text[cursor..].find(char::is_whitespace).map_or(text.len(), |at| cursor + at);
    let word = &text[start..end];
    let is_command = start == 0 && word.starts_with('/') && !word[1..].contains('/');
    let is_file = word.starts_with('@') && cursor > start;
    (is_command || is_file).then_some(start..end)
}

impl Popup {
    /// The draft has changed. Gives the search that has to be made.
    pub(super) fn follow(&mut self, word: Option<&str>) -> Option<String> {
        let word = word.unwrap_or_default();
        if word == self.word {
            return None;
        }
        if word.is_empty() || self.word.is_empty() || word.starts_with('@') != self.word.starts_with('@') {
            self.state = State::Open;
        }
        word.clone_into(&mut self.word);
        self.selected = 0;
        let query = word.strip_prefix('@')?;
        self.files.answer = Answered::NotYet;
        self.files.found.retain(|file| resembles(&file.path, query));
        if query.is_empty() {
            self.files.found.clear();
            return None;
        }
        self.files.running += 1;
        Some(query.to_owned())
    }

    /// Takes in what a search has found. The answer to an older search counts as far as it fits the word of now.
    pub(super) fn found(&mut self, files: &[FuzzyFileSearchResult]) {
        self.files.running = self.files.running.saturating_sub(1);
        let Some(query) = self.word.strip_prefix('@').filter(|query| !query.is_empty()) else { return };
        let fitting: Vec<_> = files.iter().filter(|file| resembles(&file.path, query)).cloned().collect();
        let is_last = self.files.running == 0;
        if !fitting.is_empty() && (is_last || self.files.answer == Answered::NotYet) {
            self.files.found = fitting;
            self.files.answer = Answered::Yes;
        } else if is_last && self.files.answer == Answered::NotYet {
            self.files.found.clear();
            self.files.answer = Answered::Yes;
        }
        self.selected = self.selected.min(self.files.found.len().saturating_sub(1));
    }

    /// What it offers now.
    pub(super) fn offer(&self) -> Offer<'_> {
        match (self.state, self.word.strip_prefix('/')) {
            (State::Closed, _) => Offer::Nothing,
            (State::Open, Some(name)) => match commands::matching(name) {
                matching if matching.is_empty() => Offer::Nothing,
                matching => Offer::Commands(matching),
            },
            (State::Open, None) if self.files.found.is_empty() => Offer::Nothing,
            (State::Open, None) if self.word.starts_with('@') => Offer::Files(&self.files.found),
            (State::Open, None) => Offer::Nothing,
        }
    }

    /// What is chosen now.
    pub(super) fn choice(&self) -> Option<Choice> {
        match self.offer() {
            Offer::Commands(commands) => commands.get(self.selected).copied().map(Choice::Command),
            Offer::Files(files) => files.get(self.selected).map(|file| Choice::Path(written(file))),
            Offer::Nothing => None,
        }
    }

    pub(super) fn close(&mut self) {
        self.state = State::Closed;
    }

    /// Another one, round and round.
    pub(super) fn up(&mut self) {
        let count = self.count();
        self.selected = (self.selected + count.saturating_sub(1)) % count.max(1);
    }

    pub(super) fn down(&mut self) {
        self.selected = (self.selected + 1) % self.count().max(1);
    }

    /// The list, at most `room` rows.
    pub(super) fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Vec<Line<'static>> {
        let rows = room.min(MOST_ROWS);
        let first = self.selected.saturating_sub(rows.saturating_sub(1));
        let lines: Vec<Vec<Span<'static>>> = match self.offer() {
            Offer::Commands(commands) => {
                let width = commands.iter().map(|command| command.name().len() + 1).max().unwrap_or_default();
                commands.iter().map(|command| command_line(*command, width, scene, facts)).collect()
            }
            Offer::Files(files) => files.iter().map(|file| file_line(file, scene)).collect(),
            Offer::Nothing => Vec::new(),
        };
        let last = (first + rows).min(lines.len()).saturating_sub(1);
        let (above, below) = (first > 0, last + 1 < lines.len());
        let marked = |(place, mut spans): (usize, Vec<Span<'static>>)| {
            let is_selected = place == self.selected;
            if is_selected {
                let style = scene.look.style(Tone::Selected);
                spans.iter_mut().for_each(|span| span.style = span.style.patch(style));
            }
            let mark = match (scene.look.form, is_selected) {
                (Form::Drawn, true) => scene.span(Tone::Selected, "› "),
                (Form::Words, true) => Span::raw("chosen: "),
                (Form::Drawn, false) if place == first && above => scene.span(Tone::Faint, "↑ "),
                (Form::Drawn, false) if place == last && below => scene.span(Tone::Faint, "↓ "),
                (_, false) => Span::raw("  "),
            };
            spans.insert(0, mark);
            wrap::truncate(&Line::from(spans), scene.width)
        };
        if lines.is_empty()
            && rows > 0
            && let Some(words) = self.instead_of_files()
        {
            let words = Line::from(scene.span(Tone::Faint, format!("  {words}")));
            return vec![wrap::truncate(&words, scene.width)];
        }
        lines.into_iter().enumerate().skip(first).take(rows).map(marked).collect()
    }

    /// What stands where files would.
    fn instead_of_files(&self) -> Option<&'static str> {
        let query = self.word.strip_prefix('@').filter(|_| self.state == State::Open)?;
        match (query.is_empty(), self.files.answer) {
            (true, _) => Some("Type a part of a file's name."),
            (false, Answered::Yes) => Some("No file is named like that."),
            (false, Answered::NotYet) => None,
        }
    }

    fn count(&self) -> usize {
        match self.offer() {
            Offer::Commands(commands) => commands.len(),
            Offer::Files(files) => files.len(),
            Offer::Nothing => 0,
        }
    }
}

fn command_line(command: SlashCommand, width: usize, scene: &Scene, facts: Facts<'_>) -> Vec<Span<'static>> {
    let name = format!("/{}", command.name());
    if usize::from(scene.width) < 2 + width + 2 + LEAST_DESCRIPTION {
        let tone = if commands::is_usable(command, facts) { Tone::Normal } else { Tone::Faint };
        return vec![scene.span(tone, name)];
    }
    let name = format!("{name:width$}  ");
    if commands::is_usable(command, facts) {
        vec![scene.span(Tone::Normal, name), scene.span(Tone::Faint, command.description())]
    } else {
        let words = format!("(after this turn) {}", command.description());
        vec![scene.span(Tone::Faint, name), scene.span(Tone::Faint, words)]
    }
}

/// The path, its matching letters bold.
fn file_line(file: &FuzzyFileSearchResult, scene: &Scene) -> Vec<Span<'static>> {
    let matching = file.indices.as_deref().unwrap_or_default();
    let is_match = |place: usize| u32::try_from(place).is_ok_and(|place| matching.contains(&place));
    let tone = |place: usize| if is_match(place) { Tone::Strong } else { Tone::Normal };
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (place, letter) in file.path.chars().enumerate() {
        let style = scene.look.style(tone(place));
        let letter = if letter.is_control() { '?' } else { letter };
        match spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push(letter),
            _ => spans.push(Span::styled(letter.to_string(), style)),
        }
    }
    if file.match_type == FileMatch::Directory {
        spans.push(Span::raw("/"));
    }
    spans
}

/// With quotes where a blank would end it.
fn written(file: &FuzzyFileSearchResult) -> String {
    if file.path.contains(char::is_whitespace) { format!("\"{}\"", file.path) } else { file.path.clone() }
}

/// Whether the letters of `query` come in `path`, in order.
fn resembles(path: &str, query: &str) -> bool {
    let mut letters = path.chars().flat_map(char::to_lowercase);
    query.chars().flat_map(char::to_lowercase).all(|wanted| letters.any(|letter| letter == wanted))
}
