//! Ctrl+R: a search through earlier messages while one types.

use codex_render::{Tone, wrap};
use ratatui_core::text::Line;

use super::mask;
use super::recall::{Recall, Way};
use crate::picture::Scene;

/// A search that goes on.
#[derive(Debug, Default)]
pub(super) struct Search {
    query: String,
    place: Option<usize>,
    result: Outcome,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    #[default]
    Unsearched,
    Found,
    Nothing,
}

impl Search {
    /// One more letter.
    pub(super) fn push(&mut self, letter: char) {
        self.query.push(letter);
        self.place = None;
    }

    /// One letter less.
    pub(super) fn pop(&mut self) {
        self.query.pop();
        self.place = None;
    }

    /// The next message that fits.
    pub(super) fn step<'a>(&mut self, recall: &'a Recall, way: Way) -> Option<&'a str> {
        if self.query.is_empty() {
            self.result = Outcome::Unsearched;
            return None;
        }
        match recall.find(&self.query, self.place, way) {
            Some((place, text)) => {
                self.place = Some(place);
                self.result = Outcome::Found;
                Some(text)
            }
            None => {
                // At the last of them it stays.
                if self.place.is_none() {
                    self.result = Outcome::Nothing;
                }
                None
            }
        }
    }

    /// What is searched, and how to end.
    pub(super) fn view(&self, scene: &Scene) -> Line<'static> {
        let mut query = self.query.clone();
        let mut hidden = mask::lasting(&query);
        hidden.extend(mask::being_typed(&query, query.len()));
        for range in mask::merged(hidden).into_iter().rev() {
            query.replace_range(range.clone(), &mask::BULLET.repeat(range.len()));
        }
        let nothing = match self.result {
            Outcome::Nothing => "  nothing found",
            Outcome::Unsearched | Outcome::Found => "",
        };
        let with = |name: &str, hint: &str| {
            Line::from(vec![
                scene.span(Tone::Accent, name),
                scene.span(Tone::Normal, query.clone()),
                scene.span(Tone::Warning, nothing),
                scene.span(Tone::Faint, hint),
            ])
        };
        let fits = |line: &Line<'_>| wrap::line_width(line) <= usize::from(scene.width);
        let forms = [
            with("earlier messages: ", "  Enter takes, Esc leaves, Ctrl+R older"),
            with("earlier messages: ", ""),
            with("search: ", "  Enter takes, Esc leaves"),
        ];
        let line = forms.into_iter().find(fits).unwrap_or_else(|| with("search: ", ""));
        wrap::truncate(&line, scene.width)
    }
}
