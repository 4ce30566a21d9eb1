//! Code in colours, by the name of its language.
//!
//! A small scanner of our own reads comments, strings, numbers and words; it is not a parser. That is what four colours
//! can show, it takes about a microsecond a line, and it has nothing to load: the same text looks the same from the
//! first frame on. (Measured with syntect, the usual choice: 25 to 165 ms for the first line of a language, 12 to 49 MB
//! of memory for each, 2.2 MB in the program.)

mod grammars;
mod scan;

use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::text::Span;

use self::grammars::Grammar;
use self::scan::State;
use crate::{Colour, Look};

/// A line of more bytes is drawn plain: nobody reads it, and the frame must not wait for it.
const LONGEST_LINE: usize = 4096;
/// Lines behind this one are drawn plain.
const MOST_LINES: usize = 20_000;

/// Highlights one piece of code, line by line from its beginning.
#[derive(Debug, Clone)]
pub struct Highlighter {
    grammar: &'static Grammar,
    state: State,
    lines: usize,
}

/// What a piece of code is. Each has one colour; none vanishes on a light or a dark ground (see [`crate::Tone`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Comment,
    /// What the language fixes: key words, numbers, `true`.
    Fixed,
    /// Strings.
    Text,
    /// What is called, set or marked: functions, keys, tags, commands, variables in a text.
    Name,
    Added,
    Removed,
}

impl Highlighter {
    /// For a language by name (`rust`) or file ending (`rs`). None where it is unknown, or where there are no colours.
    pub fn for_language(language: &str, look: Look) -> Option<Self> {
        match look.colour {
            Colour::None => None,
            Colour::Ansi => {
                Some(Highlighter { grammar: grammars::find(language)?, state: State::default(), lines: 0 })
            }
        }
    }

    /// The next line, without its line end. Its text stays as it is.
    pub fn line(&mut self, text: &str) -> Vec<Span<'static>> {
        self.lines += 1;
        if text.len() > LONGEST_LINE || self.lines > MOST_LINES {
            return vec![Span::raw(text.to_owned())];
        }
        let mut spans = Vec::new();
        let mut begin = 0;
        for run in scan::line(text, self.grammar, &mut self.state) {
            spans.push(Span::styled(text[begin..run.end].to_owned(), style(run.class)));
            begin = run.end;
        }
        spans
    }
}

fn style(class: Class) -> Style {
    match class {
        Class::Plain => Style::new(),
        Class::Comment => Style::new().add_modifier(Modifier::DIM),
        Class::Fixed => Style::new().fg(Color::Magenta),
        Class::Text | Class::Added => Style::new().fg(Color::Green),
        Class::Name => Style::new().fg(Color::Cyan),
        Class::Removed => Style::new().fg(Color::Red),
    }
}

#[cfg(test)]
mod tests;
