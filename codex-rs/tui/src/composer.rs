//! Where the person types: the draft, its history, its popups.

mod attachments;
mod commands;
pub(crate) mod history_file;
mod layout;
mod mask;
mod popup;
mod recall;
mod search;
mod text_area;
mod view;

use std::fmt;
use std::time::Duration;

use codex_redact::key_shape;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use self::attachments::Attachments;
use self::commands::Meaning;
use self::popup::{Choice, Popup};
use self::recall::{Need, Recall, Way};
use self::search::Search;
use self::text_area::{Cut, Motion, Moved, Step, TextArea};
use crate::app_event::{AppEvent, Message};
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::session::{RunningTurn, Stopping};

/// Characters that a message may have, as in the official program.
const MOST_CHARACTERS: usize = 1 << 20;
/// How long the second Ctrl+C is waited for.
const QUIT_WAIT: Duration = Duration::from_secs(1);

/// Said where nobody else would see the key in a message.
const NOT_SENT: &str = "Not sent: the hidden part may be a key. Delete it, or type /add-api-key and the key.";

/// The draft and what helps to write it.
pub(crate) struct Composer {
    area: TextArea,
    attachments: Attachments,
    recall: Recall,
    /// The draft that an earlier message or a search has pushed aside.
    aside: Option<(TextArea, Attachments)>,
    search: Option<Search>,
    popup: Popup,
    /// A sentence below the draft, until the next key.
    notice: Option<String>,
    /// When Ctrl+C was pressed with nothing to clear or stop.
    quit_asked: Option<Duration>,
    /// Up was pressed before `history.jsonl` was there.
    up_waits: bool,
    /// The columns that the person sees: Up and Down go by their rows.
    columns: u16,
}

/// When a message is to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Now,
    AfterTurn,
}

impl Default for Composer {
    fn default() -> Self {
        Composer {
            area: TextArea::default(),
            attachments: Attachments::default(),
            recall: Recall::default(),
            aside: None,
            search: None,
            popup: Popup::default(),
            notice: None,
            quit_asked: None,
            up_waits: false,
            columns: 80,
        }
    }
}

impl Composer {
    /// Edits, or says what the person wants.
    pub(crate) fn key(&mut self, key: KeyEvent, facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        self.notice = None;
        self.up_waits = false;
        let is_second = self.quit_asked.take().is_some_and(|asked| now.since_start < asked + QUIT_WAIT);
        let mut events = if is(key, KeyModifiers::CONTROL, 'c') {
            self.control_c(facts, now, if is_second { Press::Second } else { Press::First })
        } else if self.search.is_some() {
            self.search_key(key)
        } else {
            self.popup_key(key, facts).or_else(|| self.wish(key, facts)).unwrap_or_else(|| self.edit(key))
        };
        events.extend(self.follow());
        events
    }

    /// Takes in pasted text; large ones become a placeholder, a path of an image an image.
    pub(crate) fn paste(&mut self, text: String, facts: Facts<'_>) -> Vec<AppEvent> {
        let text = attachments::cleaned(&text);
        if let Some(search) = &mut self.search {
            // No earlier message holds a key.
            if key_shape::contains_key_shape(&text) {
                return Vec::new();
            }
            text.chars().filter(|it| !it.is_control()).for_each(|letter| search.push(letter));
            self.search_again(Way::Older);
            return Vec::new();
        }
        self.notice = None;
        self.quit_asked = None;
        if self.has_room_for(&text) {
            let text = self.attachments.take_in(text, &facts.session.folder);
            self.area.insert(&text);
            // What is typed next is not part of the image's name.
            if self.attachments.is_image(&text) {
                self.area.insert(" ");
            }
        }
        self.follow()
    }

    /// Time passed: a hint may be over.
    pub(crate) fn tick(&mut self, now: Now) {
        self.quit_asked = self.quit_asked.filter(|asked| now.since_start < *asked + QUIT_WAIT);
    }

    /// How long until a hint is over.
    pub(crate) fn next_change(&self, now: Now) -> Option<Duration> {
        self.quit_asked.map(|asked| (asked + QUIT_WAIT).saturating_sub(now.since_start))
    }

    /// The draft as the external editor gets it; none where it holds a key shape.
    pub(crate) fn draft(&self) -> Option<String> {
        let text = self.attachments.message(self.area.text()).text;
        (!self.is_secret(&text)).then_some(text)
    }

    /// The images of the draft.
    #[cfg(test)]
    pub(crate) fn images(&self) -> Vec<std::path::PathBuf> {
        self.attachments.message(self.area.text()).images
    }

    /// Puts this in place of the draft, the cursor at its end. Images stay where their mark still stands.
    pub(crate) fn set_draft(&mut self, text: String) {
        let text = self.attachments.put_back(attachments::cleaned(&text));
        self.recall.leave();
        self.area.set(text);
        self.search = None;
        // Nothing can be raised here; a file search begins with the next key.
        self.popup.close();
    }

    /// Puts messages that were not sent before the draft.
    pub(crate) fn give_back(&mut self, messages: impl IntoIterator<Item = Message>) {
        let messages: Vec<Message> = messages.into_iter().collect();
        if messages.is_empty() {
            return;
        }
        let (draft, attachments) = match self.aside.take() {
            Some((area, attachments)) => (area.text().to_owned(), attachments),
            None => (self.area.text().to_owned(), std::mem::take(&mut self.attachments)),
        };
        self.attachments = attachments;
        let mut texts: Vec<String> =
            messages.into_iter().map(|message| self.attachments.give_back(message)).collect();
        texts.extend(Some(draft).filter(|draft| !draft.is_empty()));
        self.recall.leave();
        self.search = None;
        self.area.set(texts.join("\n\n"));
        self.popup.close();
    }

    /// Types this at the cursor, as `/mention` does with `@`.
    pub(crate) fn insert(&mut self, text: &str) {
        let text = attachments::cleaned(text);
        if self.has_room_for(&text) {
            self.area.insert(&text);
        }
    }

    /// Earlier messages of `history.jsonl`, oldest first.
    pub(crate) fn history_loaded(&mut self, messages: Vec<String>) {
        self.recall.loaded(messages);
        if std::mem::take(&mut self.up_waits) {
            self.show_earlier(Way::Older);
        }
        if self.search.is_some() {
            self.search_again(Way::Older);
        }
    }

    /// A message was sent: the newest of this session's recall. Never holds a key shape.
    pub(crate) fn sent(&mut self, text: &str) {
        self.recall.add(text);
    }

    /// Found files for the `@` popup.
    pub(crate) fn answered(&mut self, answer: &Answer) {
        if let Answer::SearchFiles(found) = answer {
            self.popup.found(found.as_ref().map_or(&[], |found| &found.files));
        }
    }

    /// It is going to be drawn for so many columns.
    pub(crate) fn settle(&mut self, scene: &Scene) {
        self.columns = scene.width;
    }

    /// The draft with its popup; never more than `room` rows.
    pub(crate) fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        view::view(self, scene, facts, room)
    }

    /// What the person wants of the program.
    fn wish(&mut self, key: KeyEvent, facts: Facts<'_>) -> Option<Vec<AppEvent>> {
        let is_busy = facts.session.is_busy();
        Some(match (key.code, key.modifiers) {
            (KeyCode::Enter, KeyModifiers::NONE) => self.submit(When::Now, facts),
            (KeyCode::Tab, KeyModifiers::NONE) if is_busy => self.submit(When::AfterTurn, facts),
            (KeyCode::Tab, KeyModifiers::NONE) => self.submit(When::Now, facts),
            (KeyCode::Esc, _) if is_busy => vec![AppEvent::Interrupt],
            (KeyCode::Char('?'), KeyModifiers::NONE | KeyModifiers::SHIFT) if self.area.is_empty() => {
                vec![AppEvent::ToggleHelp]
            }
            (KeyCode::Char(letter), KeyModifiers::CONTROL) => match letter {
                'd' if self.area.is_empty() => vec![AppEvent::Quit],
                'g' => vec![AppEvent::OpenEditor],
                'l' => vec![AppEvent::ClearScreen],
                'o' => vec![AppEvent::CopyAnswer],
                't' => vec![AppEvent::ToggleTranscript],
                'z' => vec![AppEvent::Suspend],
                'r' => self.begin_search(),
                'p' => self.up(),
                'n' => self.down(),
                _ => return None,
            },
            (KeyCode::Up, KeyModifiers::NONE) => self.up(),
            (KeyCode::Down, KeyModifiers::NONE) => self.down(),
            _ => return None,
        })
    }

    /// The keys that change the text or move in it, as readline has them.
    fn edit(&mut self, key: KeyEvent) -> Vec<AppEvent> {
        let KeyEvent { code, modifiers, .. } = key;
        let alt = modifiers.contains(KeyModifiers::ALT);
        let control = modifiers.contains(KeyModifiers::CONTROL);
        let word = alt || control;
        let area = &mut self.area;
        match code {
            KeyCode::Enter => self.insert("\n"),
            KeyCode::Char('j') if control => self.insert("\n"),
            KeyCode::Left if word => area.go(Motion::WordLeft),
            KeyCode::Right if word => area.go(Motion::WordRight),
            KeyCode::Left => area.go(Motion::Left),
            KeyCode::Right => area.go(Motion::Right),
            KeyCode::Home => area.go(Motion::LineStart),
            KeyCode::End => area.go(Motion::LineEnd),
            KeyCode::Backspace if word => area.delete(Motion::WordLeft, Cut::Kept),
            KeyCode::Backspace => area.delete(Motion::Left, Cut::Gone),
            KeyCode::Delete if word => area.delete(Motion::WordRight, Cut::Kept),
            KeyCode::Delete => area.delete(Motion::Right, Cut::Gone),
            KeyCode::Char(letter) if control && !alt => control_letter(area, letter),
            KeyCode::Char('b') if alt && !control => area.go(Motion::WordLeft),
            KeyCode::Char('f') if alt && !control => area.go(Motion::WordRight),
            KeyCode::Char('d') if alt && !control => area.delete(Motion::WordRight, Cut::Kept),
            // Alt and Control together are how some keyboards write signs such as `@`.
            KeyCode::Char(letter) if alt == control => self.insert(letter.encode_utf8(&mut [0; 4])),
            _ => {}
        }
        Vec::new()
    }

    fn control_c(&mut self, facts: Facts<'_>, now: Now, press: Press) -> Vec<AppEvent> {
        if self.search.is_some() {
            self.leave_search();
            return Vec::new();
        }
        if !self.area.is_empty() {
            return self.clear();
        }
        let can_stop = |turn: &RunningTurn| turn.stopping == Stopping::NotAsked;
        if facts.session.turn.as_ref().is_some_and(can_stop) {
            return vec![AppEvent::Interrupt];
        }
        match press {
            Press::Second => vec![AppEvent::Quit],
            Press::First => {
                self.quit_asked = Some(now.since_start);
                Vec::new()
            }
        }
    }

    /// Empties the draft. It can be recalled, now and later, unless it holds a key.
    fn clear(&mut self) -> Vec<AppEvent> {
        let text = self.attachments.message(self.area.text()).text;
        let is_secret = self.is_secret(&text);
        // It was recalled, and stands in the file already.
        let is_known = self.recall.shown() == Some(text.as_str());
        self.empty();
        if is_secret || is_known || text.trim().is_empty() {
            return Vec::new();
        }
        self.recall.add(&text);
        vec![AppEvent::Remember(text)]
    }

    fn empty(&mut self) {
        self.keep_aside();
        self.recall.leave();
        self.area.set(String::new());
        self.attachments = Attachments::default();
    }

    fn submit(&mut self, when: When, facts: Facts<'_>) -> Vec<AppEvent> {
        let message = self.attachments.message(self.area.text());
        if message.text.trim().is_empty() && message.images.is_empty() {
            return Vec::new();
        }
        if !self.has_room_for("") {
            return Vec::new();
        }
        match commands::meaning(&message.text, facts) {
            Meaning::Message => self.say(message, when, facts),
            Meaning::Runs(events) => {
                let is_secret = self.is_secret(&message.text);
                self.empty();
                if !is_secret {
                    self.recall.add(&message.text);
                }
                events
            }
            Meaning::Stays(events) => events,
        }
    }

    fn say(&mut self, message: Message, when: When, facts: Facts<'_>) -> Vec<AppEvent> {
        if self.area.hides_more_than_shapes() || mask::is_for_a_key(&message.text) {
            self.notice = Some(NOT_SENT.to_owned());
            return Vec::new();
        }
        let message = Message { text: message.text.trim().to_owned(), ..message };
        let is_secret = key_shape::contains_key_shape(&message.text);
        self.empty();
        match when {
            // One that holds a key is asked about at once, not when the turn has ended.
            When::AfterTurn if facts.session.is_busy() && !is_secret => {
                self.recall.add(&message.text);
                vec![AppEvent::Remember(message.text.clone()), AppEvent::Queue(message)]
            }
            When::Now | When::AfterTurn => vec![AppEvent::Submit(message)],
        }
    }

    fn is_secret(&self, whole: &str) -> bool {
        self.area.is_secret() || key_shape::contains_key_shape(whole)
    }

    /// Whether the message stays small enough; says so if not.
    fn has_room_for(&mut self, text: &str) -> bool {
        let draft = self.area.text();
        if draft.len() + self.attachments.bytes(draft) + text.len() <= MOST_CHARACTERS {
            return true;
        }
        let characters = self.attachments.message(draft).text.chars().count() + text.chars().count();
        if characters > MOST_CHARACTERS {
            self.notice =
                Some("A message holds at most 1,048,576 characters; put the text into a file.".to_owned());
        }
        characters <= MOST_CHARACTERS
    }

    /// Brings the popup in line with the draft.
    fn follow(&mut self) -> Vec<AppEvent> {
        if self.recall.shown().is_some_and(|shown| shown != self.area.text()) {
            self.recall.leave();
            self.keep_aside();
        }
        let text = self.area.text();
        let is_written = self.search.is_none() && self.recall.shown().is_none();
        let word = popup::word(text, self.area.cursor()).filter(|_| is_written);
        let query = self.popup.follow(word.map(|range| &text[range]));
        query.map(AppEvent::SearchFiles).into_iter().collect()
    }

    fn popup_key(&mut self, key: KeyEvent, facts: Facts<'_>) -> Option<Vec<AppEvent>> {
        let choice = self.popup.choice()?;
        let step = |letter| is(key, KeyModifiers::CONTROL, letter);
        match key.code {
            KeyCode::Esc => self.popup.close(),
            KeyCode::Up => self.popup.up(),
            KeyCode::Down => self.popup.down(),
            _ if step('p') => self.popup.up(),
            _ if step('n') => self.popup.down(),
            KeyCode::Tab | KeyCode::Enter if key.modifiers.is_empty() => match choice {
                Choice::Path(path) => self.complete(&format!("{path} ")),
                Choice::Command(command) if key.code == KeyCode::Enter => {
                    self.complete(&format!("/{}", command.name()));
                    return Some(self.submit(When::Now, facts));
                }
                Choice::Command(command) => {
                    let space = if command.supports_inline_args() { " " } else { "" };
                    self.complete(&format!("/{}{space}", command.name()));
                }
            },
            _ => return None,
        }
        Some(Vec::new())
    }

    /// Puts this in place of the word at the cursor.
    fn complete(&mut self, text: &str) {
        if let Some(word) = popup::word(self.area.text(), self.area.cursor()) {
            self.area.replace_part(word, text);
        }
    }

    fn up(&mut self) -> Vec<AppEvent> {
        let is_at_end = [0, self.area.text().len()].contains(&self.area.cursor());
        let goes_on = self.recall.shown().is_some() && is_at_end;
        if !goes_on && self.go_by_row(Step::Up) == Moved::Yes {
            return Vec::new();
        }
        let load = self.load_history();
        self.show_earlier(Way::Older);
        load
    }

    fn down(&mut self) -> Vec<AppEvent> {
        let is_at_end = self.area.cursor() == self.area.text().len();
        let goes_on = self.recall.shown().is_some() && is_at_end;
        if goes_on || self.go_by_row(Step::Down) == Moved::No {
            self.show_earlier(Way::Newer);
        }
        Vec::new()
    }

    fn go_by_row(&mut self, step: Step) -> Moved {
        let rows = view::rows(self, self.columns);
        self.area.go_by_row(&rows, step)
    }

    fn load_history(&mut self) -> Vec<AppEvent> {
        match self.recall.need() {
            Need::Load => vec![AppEvent::LoadHistory],
            Need::Nothing => Vec::new(),
        }
    }

    fn show_earlier(&mut self, way: Way) {
        let was_shown = self.recall.shown().is_some();
        match (self.recall.step(way).map(str::to_owned), way) {
            (Some(text), _) => {
                if !was_shown {
                    self.put_aside();
                }
                self.area.set(text);
            }
            (None, Way::Older) => self.up_waits = self.recall.is_waiting(),
            (None, Way::Newer) if was_shown => {
                self.recall.leave();
                self.take_back();
            }
            (None, Way::Newer) => {}
        }
    }

    fn begin_search(&mut self) -> Vec<AppEvent> {
        if self.recall.shown().is_some() {
            self.recall.leave();
        } else {
            self.put_aside();
        }
        self.search = Some(Search::default());
        self.load_history()
    }

    fn search_key(&mut self, key: KeyEvent) -> Vec<AppEvent> {
        let Some(search) = &mut self.search else { return Vec::new() };
        match key.code {
            KeyCode::Esc => self.leave_search(),
            KeyCode::Backspace => {
                search.pop();
                self.search_again(Way::Older);
            }
            _ if is(key, KeyModifiers::CONTROL, 'g') => self.leave_search(),
            _ if is(key, KeyModifiers::CONTROL, 'r') => self.search_again(Way::Older),
            _ if is(key, KeyModifiers::CONTROL, 's') => self.search_again(Way::Newer),
            KeyCode::Char(letter) if !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) => {
                search.push(letter);
                self.search_again(Way::Older);
            }
            // Any other key takes what was found.
            _ => {
                self.search = None;
                self.keep_aside();
            }
        }
        Vec::new()
    }

    fn search_again(&mut self, way: Way) {
        let Some(search) = &mut self.search else { return };
        if let Some(text) = search.step(&self.recall, way) {
            let text = text.to_owned();
            self.attachments = Attachments::default();
            self.area.set(text);
        }
    }

    fn leave_search(&mut self) {
        self.search = None;
        self.take_back();
    }

    /// Makes room for an earlier message.
    fn put_aside(&mut self) {
        self.aside = Some((self.area.clone(), std::mem::take(&mut self.attachments)));
    }

    fn take_back(&mut self) {
        if let Some((area, attachments)) = self.aside.take() {
            self.area = area;
            self.attachments = attachments;
        }
    }

    /// The draft that was put aside gives way for good to what stands there now; it can still be recalled.
    fn keep_aside(&mut self) {
        if let Some((area, attachments)) = self.aside.take() {
            let text = attachments.message(area.text()).text;
            if !area.is_secret() && text != self.area.text() {
                self.recall.add(&text);
            }
        }
    }
}

/// Any part of it may hold a key.
impl fmt::Debug for Composer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Composer(****)")
    }
}

/// Which Ctrl+C of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Press {
    First,
    Second,
}

fn is(key: KeyEvent, modifiers: KeyModifiers, letter: char) -> bool {
    key.code == KeyCode::Char(letter) && key.modifiers == modifiers
}

fn control_letter(area: &mut TextArea, letter: char) {
    match letter {
        'a' => area.go(Motion::LineStart),
        'e' => area.go(Motion::LineEnd),
        'b' => area.go(Motion::Left),
        'f' => area.go(Motion::Right),
        'h' => area.delete(Motion::Left, Cut::Gone),
        'd' => area.delete(Motion::Right, Cut::Gone),
        'k' => area.delete(Motion::LineEnd, Cut::Kept),
        'u' => area.delete(Motion::LineStart, Cut::Kept),
        'w' => area.delete(Motion::WordLeft, Cut::Kept),
        'y' => area.put_back(),
        // Ctrl+_ and Ctrl+/, which most terminals tell as Ctrl+7.
        '_' | '/' | '7' => area.undo(),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
