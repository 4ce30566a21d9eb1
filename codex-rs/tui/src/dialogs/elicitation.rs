//! What an MCP server asks the person: a form of plain fields, filled in one by one, or an address to open.

mod form;

use std::time::Duration;

use codex_app_server_protocol::{McpElicitationAction, McpServerElicitationRequestResponse, RequestId};
use codex_render::Tone;
use crossterm::event::{KeyCode, KeyEvent};
use serde_json::{Map, Value};

use self::form::{Field, Kind};
use super::Dialog;
use super::list::{self, Pick};
use super::question::{self, Offer, Question};
use super::sheet::{Choice, Sheet};
use crate::app_event::{AppEvent, Reply};
use crate::clean::clean_growing;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// Bytes of an answer.
const MOST_BYTES: usize = 4096;

/// The question.
#[derive(Debug)]
pub(crate) struct Elicitation {
    id: RequestId,
    server: String,
    message: String,
    asks: Asks,
    deaf_until: Duration,
    /// Asked at the end.
    question: Question,
}

#[derive(Debug)]
enum Asks {
    Form {
        fields: Vec<Field>,
        /// The field that is being filled in; past the last one when all are.
        at: usize,
        typed: String,
        selected: usize,
        filled: Map<String, Value>,
        /// Why what was typed does not do.
        wrong: Option<&'static str>,
    },
    Address(String),
}

impl Elicitation {
    /// A form; none where it asks for more than can be shown.
    pub(crate) fn form(
        id: RequestId,
        server: String,
        message: String,
        schema: &Value,
        now: Now,
    ) -> Option<Self> {
        let fields = form::fields(schema)?;
        let asks =
            Asks::Form { fields, at: 0, typed: String::new(), selected: 0, filled: Map::new(), wrong: None };
        Some(Elicitation::new(id, server, message, asks, now))
    }

    /// An address to open.
    pub(crate) fn address(id: RequestId, server: String, message: String, url: String, now: Now) -> Self {
        Elicitation::new(id, server, message, Asks::Address(url), now)
    }

    fn new(id: RequestId, server: String, message: String, asks: Asks, now: Now) -> Self {
        let yes = match asks {
            Asks::Form { .. } => "Yes, send this to the server",
            Asks::Address(_) => "Done: I have opened it",
        };
        let question = Question::new(id.clone(), offers(yes, None), now);
        Elicitation { id, server, message, asks, deaf_until: now.since_start + list::TYPING, question }
    }

    fn declined(&self) -> Vec<AppEvent> {
        let reply = reply(McpElicitationAction::Decline, None);
        vec![AppEvent::Reply { id: self.id.clone(), reply }, AppEvent::CloseDialog]
    }

    /// Takes an answer over and goes on to the next field; behind the last one, all of them are shown.
    fn fill(&mut self, value: Option<Value>, now: Now) {
        let Asks::Form { fields, at, typed, selected, filled, wrong } = &mut self.asks else { return };
        if let (Some(field), Some(value)) = (fields.get(*at), value) {
            filled.insert(field.name.clone(), value);
        }
        *at += 1;
        *selected = 0;
        *wrong = None;
        typed.clear();
        if *at >= fields.len() {
            let answers = offers("Yes, send this to the server", Some(Value::Object(filled.clone())));
            self.question = Question::new(self.id.clone(), answers, now);
        }
    }
}

impl Dialog for Elicitation {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        let Asks::Form { fields, at, typed, selected, wrong, .. } = &mut self.asks else {
            return self.question.key(key, now, 0);
        };
        let Some(field) = fields.get(*at) else { return self.question.key(key, now, fields.len()) };
        if now.since_start < self.deaf_until {
            self.deaf_until = now.since_start + list::TYPING;
            return Vec::new();
        }
        if key.code == KeyCode::Esc {
            return self.declined();
        }
        let given = match &field.kind {
            Kind::Choice(choices) => match list::key(key, selected, choices.len()) {
                Pick::Row(row) => Some(Ok(choices.get(row).map(|choice| choice.value.clone()))),
                Pick::Nothing | Pick::Leave => None,
            },
            Kind::Text | Kind::Number | Kind::Integer => match key.code {
                KeyCode::Enter => Some(field.read(typed)),
                KeyCode::Backspace => {
                    typed.pop();
                    None
                }
                KeyCode::Char(character) if list::plain(key) && typed.len() < MOST_BYTES => {
                    typed.push(character);
                    None
                }
                _ => None,
            },
        };
        match given {
            Some(Ok(value)) => self.fill(value, now),
            Some(Err(why)) => *wrong = Some(why),
            None => {}
        }
        Vec::new()
    }

    fn paste(&mut self, text: String) -> Vec<AppEvent> {
        if let Asks::Form { fields, at, typed, .. } = &mut self.asks
            && fields.get(*at).is_some_and(|field| !matches!(field.kind, Kind::Choice(_)))
        {
            let room = MOST_BYTES.saturating_sub(typed.len());
            let fits = text.trim().chars().filter(|character| !character.is_control());
            typed.extend(fits.take(room / 4));
        }
        Vec::new()
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn question_mut(&mut self) -> Option<&mut Question> {
        Some(&mut self.question)
    }

    fn uncovered(&mut self, now: Now) {
        self.deaf_until = now.since_start + list::TYPING;
        self.question.uncovered(now);
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let server = question::shown(&self.server);
        let mut sheet = Sheet::titled(scene, &format!("The MCP server {server} asks"));
        sheet.needed(Tone::Strong, &question::shown(&self.message));
        let Asks::Form { fields, at, typed, selected, filled, wrong } = &self.asks else {
            let Asks::Address(url) = &self.asks else { return sheet.picture(room) };
            sheet.text(Tone::Warning, "Open this address only if you trust the server:");
            let body = question::lines(scene, Tone::Link, url);
            return self.question.picture(sheet, body, room);
        };
        let Some(field) = fields.get(*at) else {
            let body = question::lines(scene, Tone::Normal, &form::told(fields, filled));
            return self.question.picture(sheet, body, room);
        };
        let place =
            if fields.len() > 1 { format!(" ({} of {})", at + 1, fields.len()) } else { String::new() };
        let optional = if field.is_required { "" } else { ", may be left empty" };
        sheet.needed(Tone::Normal, &format!("{}{place}{optional}", question::shown(&field.title)));
        if let Some(description) = &field.description {
            sheet.text(Tone::Faint, &question::shown(description));
        }
        if let Some(wrong) = wrong {
            sheet.needed(Tone::Warning, wrong);
        }
        sheet.blank();
        match &field.kind {
            Kind::Choice(choices) => {
                for (place, choice) in choices.iter().enumerate() {
                    let mark = if place < 9 { (place + 1).to_string() } else { " ".to_owned() };
                    sheet.choice(&mark, &question::shown(&choice.title), Choice::at(place, *selected));
                }
            }
            Kind::Text | Kind::Number | Kind::Integer => {
                sheet.input(vec![scene.span(Tone::Normal, clean_growing(typed))]);
            }
        }
        sheet.blank();
        sheet.hint(&["Enter goes on", "Esc means no", "the server reads what you send"]);
        sheet.picture(room)
    }
}

fn offers(yes: &str, content: Option<Value>) -> Vec<Offer> {
    let offer = |letter, words: &str, action, content| Offer {
        letter,
        words: words.to_owned(),
        brief: words.to_owned(),
        reply: reply(action, content),
    };
    vec![
        offer('y', yes, McpElicitationAction::Accept, content),
        offer('n', "No", McpElicitationAction::Decline, None),
        offer('c', "No, and stop the turn", McpElicitationAction::Cancel, None),
    ]
}

fn reply(action: McpElicitationAction, content: Option<Value>) -> Reply {
    Reply::Mcp(McpServerElicitationRequestResponse { action, content, meta: None })
}
