//! Code in a document: the top-level block that grows line by line, and the blocks inside of other ones.

use ratatui_core::style::Style;
use ratatui_core::text::{Line, Span};

use super::piece::Piece;
use crate::highlight::Highlighter;
use crate::wrap::Indent;
use crate::{Colour, Form, Look, Tone};

/// The beginning of a block, as far as its lines need to know.
#[derive(Debug, Clone)]
pub(super) struct Fence {
    mark: char,
    length: usize,
    indent: usize,
    code: Code,
}

/// What a line inside of fences is.
#[derive(Debug)]
pub(super) enum FenceLine {
    /// A line of code.
    Code(Piece),
    /// The end of the block.
    Closing,
    /// A line of code that may become the closing fence while it is being written.
    Beginning(Piece),
}

/// Code as far as it was read; none of it is kept.
#[derive(Debug, Clone)]
struct Code {
    language: String,
    highlighter: Option<Highlighter>,
}

impl Fence {
    /// `line` is the opening fence.
    pub(super) fn open(line: &str, look: Look) -> Self {
        let text = line.trim_start_matches(' ');
        let mark = text.chars().next().unwrap_or('`');
        let length = text.chars().take_while(|character| *character == mark).count();
        let info = text.trim_start_matches(mark);
        Fence { mark, length, indent: line.len() - text.len(), code: Code::new(language_of(info), look) }
    }

    /// What stands before the first line.
    pub(super) fn opening(&self, look: Look) -> Option<Piece> {
        opening(&self.code.language, look)
    }

    /// What stands behind the last line.
    pub(super) fn close(&self, look: Look) -> Option<Piece> {
        closing(look)
    }

    /// Reads the next line.
    pub(super) fn line(&mut self, line: &str, look: Look) -> FenceLine {
        let text = line.trim_start_matches(' ');
        let marks = text.chars().take_while(|character| *character == self.mark).count();
        let is_fence =
            line.len() - text.len() < 4 && marks > 0 && text[marks..].trim_matches([' ', '\t']).is_empty();
        if is_fence && marks >= self.length {
            return FenceLine::Closing;
        }
        let own_indent = (line.len() - text.len()).min(self.indent);
        let piece = Piece::Code { indent: Indent::none(), line: self.code.line(&line[own_indent..], look) };
        if is_fence { FenceLine::Beginning(piece) } else { FenceLine::Code(piece) }
    }
}

/// The lines of a whole block; `info` is what stands behind its fence.
pub(super) fn block(info: &str, text: &str, look: Look) -> Vec<Line<'static>> {
    let mut code = Code::new(language_of(info), look);
    text.lines().map(|line| code.line(line, look)).collect()
}

impl Code {
    fn new(language: &str, look: Look) -> Self {
        Code { language: language.to_owned(), highlighter: Highlighter::for_language(language, look) }
    }

    fn line(&mut self, text: &str, look: Look) -> Line<'static> {
        match &mut self.highlighter {
            Some(highlighter) => Line::from(highlighter.line(text)),
            None => plain(text, look),
        }
    }
}

/// What stands before a code block: nothing where its colour shows it.
pub(super) fn opening(language: &str, look: Look) -> Option<Piece> {
    let text = match (look.form, look.colour) {
        (Form::Words, _) if language.is_empty() => "Code:".to_owned(),
        (Form::Words, _) => format!("Code ({language}):"),
        (Form::Drawn, Colour::None) => format!("```{language}"),
        (Form::Drawn, Colour::Ansi) => return None,
    };
    Some(mark(text, look))
}

/// What stands behind a code block.
pub(super) fn closing(look: Look) -> Option<Piece> {
    match (look.form, look.colour) {
        (Form::Words, _) => Some(mark("End of the code.".to_owned(), look)),
        (Form::Drawn, Colour::None) => Some(mark("```".to_owned(), look)),
        (Form::Drawn, Colour::Ansi) => None,
    }
}

/// The language in what stands behind a fence: `rust` in `rust,ignore title="x"`.
pub(super) fn language_of(info: &str) -> &str {
    let word = info.split(|character: char| character.is_whitespace() || matches!(character, ',' | '{'));
    word.map(str::trim).find(|word| !word.is_empty()).unwrap_or_default()
}

fn mark(text: String, look: Look) -> Piece {
    let line = Line::from(Span::styled(text, look.style(Tone::Faint)));
    Piece::Text { indent: Indent::none(), line }
}

fn plain(text: &str, look: Look) -> Line<'static> {
    if text.is_empty() {
        return Line::default();
    }
    let style: Style = look.style(Tone::Code);
    Line::from(Span::styled(text.to_owned(), style))
}
