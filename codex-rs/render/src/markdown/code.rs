//! Code in a document: the top-level block that grows line by line, and the blocks inside of other ones, which are read
//! again and again but highlighted once.

use ratatui_core::style::Style;
use ratatui_core::text::{Line, Span};

use super::piece::Piece;
use crate::highlight::{self, Highlighter};
use crate::wrap::Indent;
use crate::{Colour, Form, Look, Tone};

/// How many lines of a block that began plain are read again when its language has been loaded.
const MOST_REPLAYED: usize = 200;

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

/// The code blocks inside of other blocks, by their order.
#[derive(Debug, Clone, Default)]
pub(super) struct NestedCode {
    blocks: Vec<Code>,
    next: usize,
}

/// Code as far as it was read.
#[derive(Debug, Clone)]
struct Code {
    language: String,
    highlighter: Option<Box<Highlighter>>,
    /// Complete lines: what was read and what it looks like.
    lines: Vec<(String, Line<'static>)>,
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

    pub(super) fn wanted_language(&self, look: Look) -> Option<&str> {
        self.code.wanted_language(look)
    }
}

impl NestedCode {
    /// The same text is read again.
    pub(super) fn begin(&mut self) {
        self.next = 0;
    }

    /// The lines of the next block; `info` is what stands behind its fence.
    pub(super) fn lines(&mut self, info: &str, text: &str, look: Look) -> Vec<Line<'static>> {
        let language = language_of(info);
        let place = self.next;
        self.next += 1;
        if self.blocks.get(place).is_none_or(|code| code.language != language) {
            self.blocks.truncate(place);
            self.blocks.push(Code::new(language, look));
        }
        match self.blocks.get_mut(place) {
            Some(code) => code.all_lines(text, look),
            None => Vec::new(),
        }
    }

    pub(super) fn wanted_language(&self, look: Look) -> Option<&str> {
        self.blocks.iter().find_map(|code| code.wanted_language(look))
    }
}

impl Code {
    fn new(language: &str, look: Look) -> Self {
        let highlighter = Highlighter::for_language(language, look).map(Box::new);
        Code { language: language.to_owned(), highlighter, lines: Vec::new() }
    }

    fn line(&mut self, text: &str, look: Look) -> Line<'static> {
        self.begin_late(look);
        let line = match &mut self.highlighter {
            Some(highlighter) => Line::from(highlighter.line(text)),
            None => plain(text, look),
        };
        // Read again only where the language comes late.
        if self.highlighter.is_none() && self.lines.len() <= MOST_REPLAYED {
            self.lines.push((text.to_owned(), Line::default()));
        }
        line
    }

    /// A block that began plain goes on highlighted when its language has been loaded meanwhile; what already stands
    /// there stays as it is.
    fn begin_late(&mut self, look: Look) {
        if self.highlighter.is_some() || self.lines.len() > MOST_REPLAYED {
            return;
        }
        if let Some(mut highlighter) = Highlighter::for_language(&self.language, look) {
            for (text, _) in self.lines.drain(..) {
                highlighter.line(&text);
            }
            self.highlighter = Some(Box::new(highlighter));
        }
    }

    fn all_lines(&mut self, text: &str, look: Look) -> Vec<Line<'static>> {
        let sources: Vec<&str> = text.lines().collect();
        let (last, complete) = match sources.split_last() {
            Some((last, complete)) => (*last, complete),
            None => return Vec::new(),
        };
        let same = self.lines.iter().zip(complete).take_while(|((known, _), now)| known == *now).count();
        let is_late = self.highlighter.is_none() && Highlighter::for_language(&self.language, look).is_some();
        if same < self.lines.len() || is_late {
            *self = Code::new(&self.language, look);
        }
        for source in &complete[self.lines.len()..] {
            let line = match &mut self.highlighter {
                Some(highlighter) => Line::from(highlighter.line(source)),
                None => plain(source, look),
            };
            self.lines.push(((*source).to_owned(), line));
        }
        let mut lines: Vec<_> = self.lines.iter().map(|(_, line)| line.clone()).collect();
        // The last line may still grow: the highlighter must not have read it.
        lines.push(match self.highlighter.clone() {
            Some(mut highlighter) => Line::from(highlighter.line(last)),
            None => plain(last, look),
        });
        lines
    }

    fn wanted_language(&self, look: Look) -> Option<&str> {
        let is_missing = look.colour == Colour::Ansi && self.highlighter.is_none();
        (is_missing && highlight::is_wanted(&self.language)).then_some(self.language.as_str())
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
