//! A list of choices: arrows and digits move, Enter takes.

use codex_render::wrap::{self, Indent};
use codex_render::{Form, Tone};
use crossterm::event::{KeyCode, KeyEvent};
use ratatui_core::text::{Line, Span};

use crate::picture::Scene;

/// A list, and where one is in it.
#[derive(Debug)]
pub(crate) struct Choices<T> {
    items: Vec<Choice<T>>,
    at: usize,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct Choice<T> {
    /// What taking it gives.
    pub(crate) value: T,
    /// A few words.
    pub(crate) label: String,
    /// A few more, faint.
    pub(crate) detail: String,
}

/// What a key did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pick<T> {
    /// It took this one.
    Taken(T),
    /// Esc: none.
    Left,
    /// It moved, or means nothing here.
    Open,
}

impl<T: Clone> Choices<T> {
    /// A list with the cursor on its first choice.
    pub(crate) fn new(items: Vec<Choice<T>>) -> Self {
        Choices { items, at: 0 }
    }

    /// The same with the cursor on another choice.
    pub(crate) fn starting_at(mut self, at: usize) -> Self {
        self.at = at.min(self.items.len().saturating_sub(1));
        self
    }

    /// Whether there is nothing to choose.
    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Moves or takes.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Pick<T> {
        let last = self.items.len().saturating_sub(1);
        match key.code {
            KeyCode::Up | KeyCode::Char('k') => self.at = self.at.checked_sub(1).unwrap_or(last),
            KeyCode::Down | KeyCode::Char('j') | KeyCode::Tab => {
                self.at = if self.at >= last { 0 } else { self.at + 1 };
            }
            KeyCode::Esc => return Pick::Left,
            KeyCode::Enter => return self.take(self.at),
            KeyCode::Char(digit) => {
                let number = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok());
                if let Some(place) = number.and_then(|number| number.checked_sub(1)) {
                    return self.take(place);
                }
            }
            _ => {}
        }
        Pick::Open
    }

    /// One row per choice; the one under the cursor is marked.
    pub(crate) fn lines(&self, scene: &Scene) -> Vec<Line<'static>> {
        let row = |(place, choice): (usize, &Choice<T>)| {
            let here = place == self.at;
            let mark = match (scene.look.form, here) {
                (Form::Drawn, true) => "› ",
                (Form::Words, true) => "> ",
                (_, false) => "  ",
            };
            let tone = if here { Tone::Selected } else { Tone::Normal };
            let indent = Indent::hanging(vec![scene.span(tone, format!("{mark}{}. ", place + 1))]);
            let mut spans = vec![scene.span(tone, choice.label.as_str())];
            if !choice.detail.is_empty() {
                spans.push(Span::raw("  "));
                spans.push(scene.span(Tone::Faint, choice.detail.as_str()));
            }
            wrap::wrap(&Line::from(spans), scene.width, &indent)
        };
        self.items.iter().enumerate().flat_map(row).collect()
    }

    fn take(&self, place: usize) -> Pick<T> {
        self.items.get(place).map_or(Pick::Open, |choice| Pick::Taken(choice.value.clone()))
    }
}

/// A choice without details.
pub(crate) fn choice<T>(value: T, label: impl Into<String>) -> Choice<T> {
    Choice { value, label: label.into(), detail: String::new() }
}
