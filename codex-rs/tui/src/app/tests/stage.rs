//! The stage: an `App` on a painter on a terminal of a given size. Whatever a key may have leaked to is searched at every
//! frame, and no frame is wider or taller than the terminal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::collections::VecDeque;
use std::num::NonZero;
use std::time::Duration;

use codex_app_server_protocol::{RequestId, RpcError};
use codex_render::{Colour, Form, Look, wrap};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use serde_json::Value;
use vt100::Parser;

use crate::app::App;
use crate::app_event::AppEvent;
use crate::attention::Focus;
use crate::effect::{Answer, Effect};
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::setup::Setup;
use crate::terminal::{FullScreen, Reflow, Screen};

/// Wednesday 25 November 2026, 12:00 UTC.
pub(super) const NOON: i64 = 1_795_608_000;
/// A key as it is typed. No frame and no byte written may hold any of its inside.
pub(super) const KEY: &str = "sk-proj-QmZtRk7WvXyGbHn2JpLsDfKqTz9BxCwVd3m0";
/// Rows of scrollback that the terminal keeps.
const SCROLLBACK: usize = 2_000;

/// An `App` and the terminal it is seen on.
pub(super) struct Stage {
    pub(super) app: App,
    scene: Scene,
    terminal: Parser,
    screen: Screen<Vec<u8>>,
    full: Option<FullScreen>,
    /// Methods of the calls that were made.
    calls: Vec<&'static str>,
    /// Messages that wait for their answers.
    sent: VecDeque<String>,
    /// What is to be done outside, as it is debugged.
    effects: Vec<String>,
    /// Everything that was written, as text.
    written: String,
}

/// What `story` leads to, at 80×24 and at 40×12. It must also go well on other sizes and in words only.
pub(super) fn at_both_sizes(story: impl Fn(&mut Stage)) -> String {
    for (width, rows, form) in [
        (20, 6, Form::Drawn),
        (132, 50, Form::Drawn),
        (3, 2, Form::Drawn),
        (80, 24, Form::Words),
        (20, 12, Form::Words),
    ] {
        let mut stage = Stage::new(width, rows, form);
        story(&mut stage);
        stage.screen();
    }
    let [wide, narrow] = [(80, 24), (40, 12)].map(|(width, rows)| {
        let mut stage = Stage::new(width, rows, Form::Drawn);
        story(&mut stage);
        stage.screen()
    });
    format!("{wide}\n\n=== 40×12\n{narrow}")
}

/// What `story` leads to in words only, at 80×24.
pub(super) fn in_words(story: impl Fn(&mut Stage)) -> String {
    let mut stage = Stage::new(80, 24, Form::Words);
    story(&mut stage);
    stage.screen()
}

/// A story and what follows it.
pub(super) fn and(before: impl Fn(&mut Stage), after: impl Fn(&mut Stage)) -> impl Fn(&mut Stage) {
    move |stage| {
        before(stage);
        after(stage);
    }
}

/// A thread has started; this is typed.
pub(super) fn typed(text: &str) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened();
        stage.keys(text);
    }
}

/// A thread has started and a key is stored; this command is given.
pub(super) fn ordered(command: &str) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened_with_key();
        stage.plan_used(6, 41);
        stage.forget();
        stage.keys(command);
        stage.press("enter");
    }
}

impl Stage {
    /// A terminal of this size, and the program before its first call.
    pub(super) fn new(width: u16, rows: u16, form: Form) -> Self {
        let setup = Setup {
            version: "0.1.0".to_owned(),
            folder: "/home/ada/work/engine".to_owned(),
            codex_home: "/home/ada/.codex".to_owned(),
            home: Some("/home/ada".to_owned()),
            ..Setup::default()
        };
        let look = Look { colour: Colour::Ansi, form };
        let now = Now { since_start: Duration::ZERO, unix: NOON };
        let mut stage = Stage {
            app: App::new(setup),
            scene: Scene { width, rows, look, now, zone: TimeZone::UTC },
            terminal: Parser::new(size(rows), size(width), SCROLLBACK),
            screen: Screen::new(Vec::new(), width, rows, Reflow::Cuts),
            full: None,
            calls: Vec::new(),
            sent: VecDeque::new(),
            effects: Vec::new(),
            written: String::new(),
        };
        stage.paint();
        stage
    }

    /// The program's first calls.
    pub(super) fn begin(&mut self) {
        let effects = self.app.begin();
        self.keep(effects);
    }

    /// Types.
    pub(super) fn keys(&mut self, text: &str) {
        for letter in text.chars() {
            self.happen(AppEvent::Key(KeyEvent::from(KeyCode::Char(letter))));
        }
    }

    /// Presses keys by name, parted by blanks: `enter`, `ctrl+t`, `shift+enter`.
    pub(super) fn press(&mut self, names: &str) {
        for name in names.split_whitespace() {
            self.happen(AppEvent::Key(key(name)));
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        self.happen(AppEvent::Pasted(text.to_owned()));
    }

    /// The person goes to another window, or comes back.
    pub(super) fn focus(&mut self, focus: Focus) {
        self.happen(AppEvent::Focus(focus));
    }

    /// The engine tells.
    pub(super) fn told(&mut self, method: &str, params: Value) {
        let message = serde_json::json!({ "method": method, "params": params });
        let notification = serde_json::from_value(message).expect("a notification");
        self.happen(AppEvent::Notification(notification));
    }

    /// The engine asks.
    pub(super) fn asked(&mut self, id: i64, method: &str, params: Value) {
        let message = serde_json::json!({ "method": method, "params": params });
        let request = serde_json::from_value(message).expect("a request");
        self.happen(AppEvent::Asked { id: RequestId::Number(id), request });
    }

    /// The engine answers the call of this method.
    pub(super) fn answers(&mut self, method: &str, result: Value) {
        self.answered(method, Ok(result));
    }

    /// The engine refuses it.
    pub(super) fn refuses(&mut self, method: &str, message: &str) {
        self.answered(method, Err(RpcError::invalid_request(message)));
    }

    /// Earlier messages have been read.
    pub(super) fn remembers(&mut self, messages: &[&str]) {
        self.happen(AppEvent::HistoryLoaded(messages.iter().map(|text| (*text).to_owned()).collect()));
    }

    /// Time passes.
    pub(super) fn wait(&mut self, milliseconds: u64) {
        self.scene.now.since_start += Duration::from_millis(milliseconds);
        self.scene.now.unix = NOON + i64::try_from(self.scene.now.since_start.as_secs()).unwrap();
        self.happen(AppEvent::Tick);
    }

    /// The window gets another size.
    pub(super) fn resize(&mut self, width: u16, rows: u16) {
        self.terminal.screen_mut().set_size(size(rows), size(width));
        (self.scene.width, self.scene.rows) = (width, rows);
        self.screen.resize(width, rows).unwrap();
        self.paint();
    }

    /// What was called for and done up to here is of no interest.
    pub(super) fn forget(&mut self) {
        self.calls.clear();
        self.effects.clear();
    }

    /// Methods of the calls since the last time.
    pub(super) fn calls(&mut self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls)
    }

    /// What was to be done outside since the last time, calls among it.
    pub(super) fn effects(&mut self) -> String {
        std::mem::take(&mut self.effects).join("\n")
    }

    /// What the terminal shows; `▏` stands left of the cursor.
    pub(super) fn screen(&self) -> String {
        self.no_key_was_written();
        let screen = self.terminal.screen();
        let mut rows: Vec<String> = screen.rows(0, self.scene.width).collect();
        if !screen.hide_cursor() {
            let (row, column) = screen.cursor_position();
            let place = usize::from(row);
            let row = &mut rows[place];
            let mut before: String = screen.rows(0, column).nth(place).unwrap();
            let rest = row.get(before.len()..).unwrap_or_default().to_owned();
            let missing = usize::from(column).saturating_sub(wrap::width(&before));
            before.push_str(&" ".repeat(missing));
            *row = format!("{before}▏{rest}");
        }
        let rows: Vec<&str> = rows.iter().map(|row| row.trim_end()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// How a text on the screen is drawn: colour, bold, faint, reversed.
    pub(super) fn look_of(&self, text: &str) -> String {
        let screen = self.terminal.screen();
        for row in 0..self.scene.rows {
            let shown: String = screen.rows(0, self.scene.width).nth(usize::from(row)).unwrap();
            let Some(at) = shown.find(text) else { continue };
            let column = u16::try_from(wrap::width(&shown[..at])).unwrap();
            let cell = screen.cell(row, column).unwrap();
            let attributes = [
                (cell.bold(), "bold"),
                (cell.dim(), "faint"),
                (cell.inverse(), "reversed"),
                (cell.underline(), "underlined"),
            ];
            let words: Vec<&str> = attributes.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
            return format!("{:?} {}", cell.fgcolor(), words.join(" ")).trim_end().to_owned();
        }
        panic!("`{text}` is not on the screen:\n{}", self.screen());
    }

    /// The whole scrollback and the screen below it.
    pub(super) fn everything(&mut self) -> String {
        let width = self.scene.width;
        self.terminal.screen_mut().set_scrollback(usize::MAX);
        let mut all = Vec::new();
        loop {
            let back = self.terminal.screen().scrollback();
            if back == 0 {
                all.push(self.screen());
                return all.join("\n");
            }
            all.push(self.terminal.screen().rows(0, width).next().unwrap().trim_end().to_owned());
            self.terminal.screen_mut().set_scrollback(back - 1);
        }
    }

    fn happen(&mut self, event: AppEvent) {
        let effects = self.app.update(event, self.scene.now);
        self.keep(effects);
        self.paint();
    }

    fn answered(&mut self, method: &str, result: Result<Value, RpcError>) {
        if method == "turn/start" {
            let id = self.sent.pop_front().expect("a message that was sent");
            let answer = result.map(|value| serde_json::from_value(value).expect("a turn"));
            return self.happen(AppEvent::MessageAnswered { id, answer });
        }
        let answer = Answer::of(method, result).expect("a method that is called");
        let shown = format!("{answer:?}");
        assert!(!shown.contains("the test's answer"), "{shown}");
        self.happen(AppEvent::Answered(answer));
    }

    fn keep(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match &effect {
                Effect::Call(call) => self.calls.push(call.method()),
                Effect::Send { id, .. } => {
                    self.calls.push("turn/start");
                    self.sent.push_back(id.clone());
                }
                Effect::ClearScreen => self.screen.clear().unwrap(),
                _ => {}
            }
            self.effects.push(format!("{effect:?}"));
        }
    }

    fn paint(&mut self) {
        let mut out = Vec::new();
        match (self.app.pager.is_some(), self.full.is_some()) {
            (true, false) => {
                self.full = Some(FullScreen::enter(&mut out, self.scene.width, self.scene.rows).unwrap());
            }
            (false, true) => {
                self.full.take().unwrap().leave(&mut out).unwrap();
                self.screen.seen_again();
            }
            (true, true) | (false, false) => {}
        }
        let frame = self.app.frame(&self.scene);
        self.it_fits(&Picture::of(frame.finished.clone()));
        self.it_fits(&frame.live);
        match &mut self.full {
            Some(full) => full.paint(&mut out, &frame.live).unwrap(),
            None => self.screen.paint(&frame.finished, &frame.live).unwrap(),
        }
        out.append(self.screen.out());
        self.written.push_str(std::str::from_utf8(&out).unwrap());
        self.terminal.process(&out);
        no_key_in(&self.terminal.screen().contents());
    }

    fn it_fits(&self, picture: &Picture) {
        for line in &picture.lines {
            assert!(wrap::line_width(line) <= usize::from(self.scene.width), "too wide: {line}");
        }
        if let Some(spot) = picture.cursor {
            assert!(spot.row < picture.rows() && spot.column < self.scene.width, "{spot:?}");
        }
    }

    fn no_key_was_written(&self) {
        no_key_in(&self.written);
        let mut text = String::new();
        let mut letters = self.written.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '\u{1b}' => drop(letters.by_ref().skip(1).find(|end| end.is_ascii_alphabetic())),
                _ => text.push(letter),
            }
        }
        no_key_in(&text);
        no_key_in(&self.effects.join("\n"));
    }
}

/// Four letters in a row of the key's inside are a leak; its last four are shown on purpose.
fn no_key_in(text: &str) {
    let inside = &KEY["sk-proj-".len()..KEY.len() - 4];
    for at in 0..inside.len() - 4 {
        let piece = &inside[at..at + 4];
        assert!(!text.contains(piece), "a part of the key is shown: {piece}");
    }
}

fn key(name: &str) -> KeyEvent {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = name;
    while let Some((modifier, key)) = rest.split_once('+').filter(|(modifier, _)| !modifier.is_empty()) {
        modifiers |= match modifier {
            "ctrl" => KeyModifiers::CONTROL,
            "alt" => KeyModifiers::ALT,
            "shift" => KeyModifiers::SHIFT,
            _ => panic!("no modifier is named {modifier}"),
        };
        rest = key;
    }
    let code = match rest {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pageup" => KeyCode::PageUp,
        "pagedown" => KeyCode::PageDown,
        "backspace" => KeyCode::Backspace,
        _ => KeyCode::Char(rest.chars().next().filter(|_| rest.chars().count() == 1).expect("a key's name")),
    };
    KeyEvent::new(code, modifiers)
}

fn size(columns: u16) -> NonZero<u16> {
    NonZero::new(columns).unwrap()
}
