//! Where the person types: the draft, its history, its popups.

pub(crate) mod history_file;
mod layout;
mod popup;
mod text_area;

use std::path::Path;
use std::time::Duration;

use codex_redact::{Secret, key_shape};
use codex_render::words::{count, printable};
use codex_render::{Form, Tone, wrap};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Line;

use crate::app_event::{AppEvent, Message, Notice, NoticeKind};
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene, Spot};
use crate::slash_dispatch::{self, Read};
use popup::Busy;
use popup::{Popup, PopupKey};
use text_area::{Motion, TextArea};

/// Characters of a paste that are shown as they are; more become a placeholder.
const MOST_SHOWN: usize = 1_000;
/// Characters of one message (wire-facts §9.3).
const MOST_CHARACTERS: usize = 1 << 20;
/// How long a first Ctrl+C counts.
const QUIT_PATIENCE: Duration = Duration::from_secs(1);
const IMAGES: &[&str] = &["png", "jpg", "jpeg", "gif", "webp"];

/// The draft and what helps to write it.
#[derive(Debug, Default)]
pub(crate) struct Composer {
    area: TextArea,
    /// What placeholders in the draft stand for.
    pasted: Vec<(String, Pasted)>,
    pastes: usize,
    history: History,
    popup: Option<Popup>,
    /// A popup that was closed by Esc stays closed while its word is the same.
    closed_for: Option<String>,
    quit_asked: Option<Duration>,
}

#[derive(Debug)]
enum Pasted {
    Text(String),
    Image(std::path::PathBuf),
}

/// Earlier messages, and where one is among them.
#[derive(Debug, Default)]
struct History {
    messages: Vec<String>,
    loaded: Loaded,
    at: Option<usize>,
    /// The draft that was left for the history.
    left: String,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Loaded {
    #[default]
    NotYet,
    Asked,
    Done,
}

impl Composer {
    /// Edits, or says what the person wants.
    pub(crate) fn key(&mut self, key: KeyEvent, facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        if let Some(popup) = &mut self.popup {
            match popup.key(key) {
                PopupKey::NotMine => {}
                PopupKey::Moved => return Vec::new(),
                PopupKey::Closed => {
                    self.closed_for = Some(self.area.text().to_owned());
                    self.popup = None;
                    return Vec::new();
                }
                PopupKey::Complete(range, text) => {
                    self.area.replace(range, &text);
                    self.popup = None;
                    return self.refresh_popup();
                }
                PopupKey::Run(command) => {
                    self.popup = None;
                    self.area.take();
                    return slash_dispatch::dispatch(command, None, facts);
                }
            }
        }
        let asked = self.quit_asked.take();
        let mut events = self.edit(key, facts, now, asked);
        events.extend(self.refresh_popup());
        events
    }

    /// Takes in pasted text; large ones become a placeholder, a path of an image an image.
    pub(crate) fn paste(&mut self, text: String, _facts: Facts<'_>) -> Vec<AppEvent> {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = printable(&text).into_owned();
        if text.chars().count() + self.area.text().chars().count() > MOST_CHARACTERS {
            return vec![say(
                NoticeKind::Warning,
                "That is too long for one message (over 1,048,576 characters); it was not pasted.",
            )];
        }
        if let Some(path) = image_path(&text) {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            self.place_holder(format!("[image: {name}]"), Pasted::Image(path));
        } else if text.chars().count() > MOST_SHOWN && !key_shape::contains_key_shape(&text) {
            self.pastes += 1;
            let length = u64::try_from(text.chars().count()).unwrap_or(u64::MAX);
            let mark = format!("[Pasted {} characters #{}]", count(length), self.pastes);
            self.place_holder(mark, Pasted::Text(text));
        } else {
            self.area.insert(&text);
        }
        self.refresh_popup()
    }

    /// Whether nothing is written.
    pub(crate) fn is_empty(&self) -> bool {
        self.area.text().is_empty()
    }

    /// The draft as the external editor gets it; none where it holds a key shape.
    pub(crate) fn draft(&self) -> Option<String> {
        let text = self.expanded().text;
        (!self.holds_key(&text)).then_some(text)
    }

    /// Puts this in place of the draft, the cursor at its end.
    pub(crate) fn set_draft(&mut self, text: String) {
        self.pasted.clear();
        self.area.set(text);
        self.popup = None;
    }

    /// Types this at the cursor, as `/mention` does with `@`.
    pub(crate) fn insert(&mut self, text: &str) {
        self.area.insert(text);
    }

    /// Earlier messages of `history.jsonl`, oldest first.
    pub(crate) fn history_loaded(&mut self, mut messages: Vec<String>) {
        messages.append(&mut self.history.messages);
        messages.dedup();
        let asked = self.history.loaded == Loaded::Asked && self.area.text().is_empty();
        self.history.messages = messages;
        self.history.loaded = Loaded::Done;
        if asked {
            self.recall_older();
        }
    }

    /// A message was sent: the newest of this session's recall. Never holds a key shape.
    pub(crate) fn sent(&mut self, text: &str) {
        if !key_shape::contains_key_shape(text)
            && self.history.messages.last().is_none_or(|last| last != text)
        {
            self.history.messages.push(text.to_owned());
        }
        self.history.at = None;
    }

    /// Found files for the `@` popup.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        if let (Answer::SearchFiles(Ok(found)), Some(popup)) = (answer, &mut self.popup) {
            popup.found(&found.files);
        }
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Now) {
        if self.quit_asked.is_some_and(|asked| now.since_start.saturating_sub(asked) >= QUIT_PATIENCE) {
            self.quit_asked = None;
        }
    }

    /// When the picture changes by itself.
    pub(crate) fn next_change(&self, now: Now) -> Option<Duration> {
        self.quit_asked.map(|asked| (asked + QUIT_PATIENCE).saturating_sub(now.since_start))
    }

    /// The draft with its popup; never more than `room` rows.
    pub(crate) fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let mark = match scene.look.form {
            Form::Drawn => "› ",
            Form::Words => "> ",
        };
        let width = scene.width.saturating_sub(2).max(1);
        let (rows, (line, column)) = layout::rows(self.area.text(), self.area.cursor(), width);
        let mut lines: Vec<Line<'static>> = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let mark = if place == 0 { mark } else { "  " };
            lines.push(Line::from(vec![
                scene.span(Tone::Accent, mark),
                scene.span(Tone::Normal, row.drawn.as_str()),
            ]));
        }
        if self.is_empty() {
            let hint = match facts.session.is_busy() {
                true => "Add to the turn, or Tab to send it afterwards",
                false => "What shall be done? / for commands, ? for keys",
            };
            let line = Line::from(vec![scene.span(Tone::Accent, mark), scene.span(Tone::Faint, hint)]);
            lines = vec![wrap::truncate(&line, scene.width)];
        }
        let column = column.saturating_add(2).min(scene.width.saturating_sub(1));
        let draft = Picture { lines, cursor: Some(Spot { column, row: line }) };
        let mut below: Vec<Line<'static>> =
            self.popup.as_ref().map_or_else(Vec::new, |popup| popup.lines(scene, busy(facts)));
        if self.quit_asked.is_some() {
            below.push(wrap::truncate(
                &Line::from(scene.span(Tone::Faint, "  Ctrl+C again quits")),
                scene.width,
            ));
        }
        below.truncate(room.saturating_sub(1));
        let room = room.saturating_sub(below.len()).max(1);
        let cursor_row = draft.cursor;
        let fitted = draft.fitted(room);
        let cursor = fitted.cursor.or(cursor_row);
        Picture { cursor, ..fitted.above(Picture::of(below)) }
    }

    fn edit(&mut self, key: KeyEvent, facts: Facts<'_>, now: Now, asked: Option<Duration>) -> Vec<AppEvent> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Enter if shift || alt => self.area.insert("\n"),
            KeyCode::Enter => return self.enter(facts),
            KeyCode::Tab if facts.session.is_busy() => return self.queue(),
            KeyCode::Tab => return self.enter(facts),
            KeyCode::Esc if facts.session.is_busy() => return vec![AppEvent::Interrupt],
            KeyCode::Char('c') if control => return self.ctrl_c(facts, now, asked),
            KeyCode::Char('d') if control && self.is_empty() => return vec![AppEvent::Quit],
            KeyCode::Char('g') if control => return vec![AppEvent::OpenEditor],
            KeyCode::Char('l') if control => return vec![AppEvent::ClearScreen],
            KeyCode::Char('o') if control => return vec![AppEvent::CopyAnswer],
            KeyCode::Char('?') if self.is_empty() && !control => return vec![AppEvent::ToggleHelp],
            KeyCode::Up => return self.up(facts),
            KeyCode::Down => self.down(),
            KeyCode::Char(letter) if control => self.readline(letter),
            KeyCode::Char('b') if alt => self.area.go(Motion::WordLeft),
            KeyCode::Char('f') if alt => self.area.go(Motion::WordRight),
            KeyCode::Char('d') if alt => self.area.kill(Motion::WordRight),
            KeyCode::Char(_) if alt => {}
            KeyCode::Char(character) => self.type_character(character),
            KeyCode::Backspace if alt || control => self.area.kill(Motion::WordLeft),
            KeyCode::Backspace => self.delete(Motion::Left),
            KeyCode::Delete => self.delete(Motion::Right),
            KeyCode::Left if control || alt => self.area.go(Motion::WordLeft),
            KeyCode::Right if control || alt => self.area.go(Motion::WordRight),
            KeyCode::Left => self.area.go(Motion::Left),
            KeyCode::Right => self.area.go(Motion::Right),
            KeyCode::Home if control => self.area.go(Motion::Start),
            KeyCode::End if control => self.area.go(Motion::End),
            KeyCode::Home => self.area.go(Motion::LineStart),
            KeyCode::End => self.area.go(Motion::LineEnd),
            _ => {}
        }
        Vec::new()
    }

    fn readline(&mut self, letter: char) {
        match letter {
            'a' => self.area.go(Motion::LineStart),
            'e' => self.area.go(Motion::LineEnd),
            'b' => self.area.go(Motion::Left),
            'f' => self.area.go(Motion::Right),
            'h' => self.delete(Motion::Left),
            'd' => self.delete(Motion::Right),
            'k' => self.area.kill(Motion::LineEnd),
            'u' => self.area.kill(Motion::LineStart),
            'w' => self.area.kill(Motion::WordLeft),
            'y' => self.area.yank(),
            'j' => self.area.insert("\n"),
            // Ctrl+_ arrives as one of these, by terminal.
            '_' | '7' | '/' => self.area.undo(),
            _ => {}
        }
    }

    fn type_character(&mut self, character: char) {
        let mut buffer = [0; 4];
        self.area.insert(character.encode_utf8(&mut buffer));
    }

    /// A placeholder goes as a whole.
    fn delete(&mut self, motion: Motion) {
        let (text, cursor) = (self.area.text(), self.area.cursor());
        let marks =
            self.pasted.iter().filter_map(|(mark, _)| text.find(mark.as_str()).map(|at| at..at + mark.len()));
        let hit = marks.into_iter().find(|range| match motion {
            Motion::Left => range.start < cursor && cursor <= range.end,
            _ => range.start <= cursor && cursor < range.end,
        });
        match hit {
            Some(range) => self.area.replace(range, ""),
            None => self.area.delete(motion),
        }
    }

    fn enter(&mut self, facts: Facts<'_>) -> Vec<AppEvent> {
        if self.area.text().trim().is_empty() {
            return Vec::new();
        }
        match slash_dispatch::read(self.area.text()) {
            Read::Command { command, argument } => {
                drop(Secret::new(self.area.take()));
                slash_dispatch::dispatch(command, argument, facts)
            }
            Read::Unknown { name } => vec![slash_dispatch::unknown(&name)],
            Read::NearMiss => vec![slash_dispatch::near_miss()],
            Read::Message => {
                let message = self.take_message();
                vec![AppEvent::Submit(message)]
            }
        }
    }

    fn queue(&mut self) -> Vec<AppEvent> {
        let is_message = matches!(slash_dispatch::read(self.area.text()), Read::Message);
        if self.area.text().trim().is_empty() || !is_message || self.holds_key(self.area.text()) {
            return Vec::new();
        }
        let message = self.take_message();
        self.sent(&message.text);
        vec![AppEvent::Remember(message.text.clone()), AppEvent::Queue(message)]
    }

    /// Clears the draft, else interrupts, else quits at the second time. A cleared draft can be recalled, as in the
    /// official program, unless it holds a key.
    fn ctrl_c(&mut self, facts: Facts<'_>, now: Now, asked: Option<Duration>) -> Vec<AppEvent> {
        if !self.is_empty() {
            let text = self.take_message().text;
            if self.holds_key(&text) {
                drop(Secret::new(text));
                return Vec::new();
            }
            self.sent(&text);
            return vec![AppEvent::Remember(text)];
        }
        if facts.session.is_busy() {
            return vec![AppEvent::Interrupt];
        }
        if asked.is_some_and(|asked| now.since_start.saturating_sub(asked) < QUIT_PATIENCE) {
            return vec![AppEvent::Quit];
        }
        self.quit_asked = Some(now.since_start);
        Vec::new()
    }

    fn up(&mut self, _facts: Facts<'_>) -> Vec<AppEvent> {
        let before = &self.area.text()[..self.area.cursor()];
        if before.contains('\n') && self.history.at.is_none() {
            self.move_line(Motion::LineStart);
            return Vec::new();
        }
        if self.history.loaded == Loaded::NotYet {
            self.history.loaded = Loaded::Asked;
            return vec![AppEvent::LoadHistory];
        }
        self.recall_older();
        Vec::new()
    }

    fn down(&mut self) {
        if let Some(at) = self.history.at {
            let next = at + 1;
            let text = match self.history.messages.get(next) {
                Some(message) => {
                    self.history.at = Some(next);
                    message.clone()
                }
                None => {
                    self.history.at = None;
                    std::mem::take(&mut self.history.left)
                }
            };
            self.area.set(text);
        } else {
            self.move_line(Motion::LineEnd);
        }
    }

    fn recall_older(&mut self) {
        let older = self.history.at.unwrap_or(self.history.messages.len()).checked_sub(1);
        let Some(at) = older else { return };
        if self.history.at.is_none() {
            self.history.left = self.area.take();
        }
        self.history.at = Some(at);
        self.area.set(self.history.messages.get(at).cloned().unwrap_or_default());
    }

    /// To the same column of the line above or below.
    fn move_line(&mut self, towards: Motion) {
        let (text, cursor) = (self.area.text().to_owned(), self.area.cursor());
        let start = text[..cursor].rfind('\n').map_or(0, |at| at + 1);
        let column = text[start..cursor].chars().count();
        let target = match towards {
            Motion::LineStart if start > 0 => text[..start - 1].rfind('\n').map_or(0, |at| at + 1),
            Motion::LineEnd => match text[cursor..].find('\n') {
                Some(at) => cursor + at + 1,
                None => return self.area.go(Motion::End),
            },
            _ => return,
        };
        let line = text[target..].split('\n').next().unwrap_or_default();
        let offset = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
        self.area.go_to(target + offset);
    }

    fn refresh_popup(&mut self) -> Vec<AppEvent> {
        let text = self.area.text();
        if self.closed_for.as_deref() == Some(text) {
            return Vec::new();
        }
        self.closed_for = None;
        let (popup, event) = Popup::of(self.popup.take(), text, self.area.cursor(), self.area.word_before());
        self.popup = popup;
        event.into_iter().collect()
    }

    fn place_holder(&mut self, mark: String, pasted: Pasted) {
        self.area.insert(&mark);
        self.pasted.push((mark, pasted));
    }

    /// The draft with what its placeholders stand for.
    fn expanded(&self) -> Message {
        let mut message = Message::text(self.area.text());
        for (mark, pasted) in &self.pasted {
            match pasted {
                Pasted::Text(text) => message.text = message.text.replacen(mark.as_str(), text, 1),
                Pasted::Image(path) if message.text.contains(mark.as_str()) => {
                    message.images.push(path.clone())
                }
                Pasted::Image(_) => {}
            }
        }
        message
    }

    fn take_message(&mut self) -> Message {
        let message = self.expanded();
        self.area.take();
        self.pasted.clear();
        self.history.at = None;
        message
    }

    /// A key shape, or what stands behind `/add-api-key` whatever its shape.
    fn holds_key(&self, text: &str) -> bool {
        key_shape::contains_key_shape(text) || slash_dispatch::argument_start(text).is_some()
    }
}

fn busy(facts: Facts<'_>) -> Busy {
    if facts.session.is_busy() { Busy::Running } else { Busy::Idle }
}

fn say(kind: NoticeKind, text: &str) -> AppEvent {
    AppEvent::Say(Notice { kind, text: text.to_owned() })
}

/// The path of an image file, where the text is nothing else.
fn image_path(text: &str) -> Option<std::path::PathBuf> {
    let text = text.trim();
    if text.contains('\n') {
        return None;
    }
    let text = text.strip_prefix("file://").unwrap_or(text);
    let text = text.trim_matches(|quote| quote == '\'' || quote == '"').replace("\\ ", " ");
    let path = Path::new(&text);
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    (path.is_absolute() && IMAGES.contains(&extension.as_str()) && path.is_file()).then(|| path.to_path_buf())
}
