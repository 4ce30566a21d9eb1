//! One unit → logical lines.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};
use ratatui_core::text::{Line, Span};

use super::code;
use super::inline::Inline;
use super::piece::Piece;
use super::table::Table;
use super::units::OPTIONS;
use crate::words::printable;
use crate::wrap::Indent;
use crate::{Form, Look, Tone};

/// Quotes and lists inside of each other are indented no deeper than this.
const DEEPEST: usize = 16;

/// One unit and what it needs to know.
#[derive(Debug)]
pub(super) struct Unit<'a> {
    pub(super) source: &'a str,
    pub(super) numbering: Numbering,
    pub(super) look: Look,
}

/// The number of an item of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// As the text says.
    AsWritten,
    /// This one: the list began earlier.
    From(u64),
}

#[derive(Debug)]
pub(super) struct Composed {
    pub(super) pieces: Vec<Piece>,
    /// The number of the item that would follow.
    pub(super) next: Numbering,
}

impl Unit<'_> {
    pub(super) fn compose(&self) -> Composed {
        let parser = Parser::new_ext(self.source, OPTIONS);
        let mut composer = Composer {
            look: self.look,
            source: self.source,
            inline: Inline::new(self.look),
            containers: vec![Container::top()],
            lists: Vec::new(),
            first_number: self.numbering,
            next: Numbering::AsWritten,
            code: None,
            table: None,
            pieces: Vec::new(),
        };
        for (event, range) in parser.into_offset_iter() {
            composer.event(event, range.start);
        }
        composer.flush();
        Composed { pieces: composer.pieces, next: composer.next }
    }
}

struct Composer<'a> {
    look: Look,
    source: &'a str,
    inline: Inline,
    /// From the outside in; the first is the unit itself.
    containers: Vec<Container>,
    lists: Vec<List>,
    /// Of the first list.
    first_number: Numbering,
    next: Numbering,
    /// What stands behind the fence of the open code block, and the code.
    code: Option<(String, String)>,
    table: Option<Table>,
    pieces: Vec<Piece>,
}

/// A quote, an item, a footnote.
#[derive(Debug)]
struct Container {
    /// Before its first line, until that is written.
    mark: Option<Vec<Span<'static>>>,
    rest: Vec<Span<'static>>,
    spacing: Spacing,
    filled: Filled,
}

/// Whether a blank line stands between blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Always,
    AsWritten,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filled {
    NotYet,
    Yes,
}

#[derive(Debug)]
struct List {
    /// Of the next item; bullets have none.
    number: Option<u64>,
    /// Whether it has an item.
    filled: Filled,
}

impl Container {
    fn top() -> Self {
        Container { mark: None, rest: Vec::new(), spacing: Spacing::Always, filled: Filled::NotYet }
    }
}

impl Composer<'_> {
    fn event(&mut self, event: Event<'_>, at: usize) {
        match event {
            Event::Start(tag) => self.start(tag, at),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.inline.text(&text),
            },
            Event::Code(text) => self.inline.code(&text),
            Event::Html(text) => self.html_lines(&text),
            Event::InlineHtml(text) => self.inline.html(&text),
            Event::FootnoteReference(label) => self.inline.text(&format!("[^{label}]")),
            Event::SoftBreak | Event::HardBreak => self.inline.line_break(),
            Event::Rule => {
                self.block(at);
                let indent = self.indent();
                self.pieces.push(Piece::Rule { indent });
            }
            Event::TaskListMarker(is_done) => self.task(is_done),
        }
    }

    fn start(&mut self, tag: Tag<'_>, at: usize) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.block(at),
            Tag::Heading { level, .. } => {
                self.block(at);
                let mark = heading_mark(level, self.look.form);
                self.inline.styled(&mark, Tone::Faint);
                self.inline.begin(Tone::Strong);
            }
            Tag::BlockQuote(_) => {
                self.block(at);
                let (mark, rest) = match self.look.form {
                    Form::Drawn => ("│ ", "│ "),
                    Form::Words => ("Quote: ", ""),
                };
                let style = self.look.style(Tone::Faint);
                self.open(vec![Span::styled(mark, style)], vec![Span::styled(rest, style)], Spacing::Always);
            }
            Tag::CodeBlock(kind) => {
                self.block(at);
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((info, String::new()));
            }
            Tag::List(first) => self.list(first, at),
            Tag::Item => self.item(at),
            Tag::FootnoteDefinition(label) => {
                self.block(at);
                let mark = format!("[^{}]: ", printable(&label));
                self.open(vec![Span::raw(mark)], vec![Span::raw("  ")], Spacing::AsWritten);
            }
            Tag::Table(alignments) => {
                self.block(at);
                self.table = Some(Table::new(alignments));
            }
            Tag::Emphasis => self.inline.begin(Tone::Emphasis),
            Tag::Strong => self.inline.begin(Tone::Strong),
            Tag::Strikethrough => self.inline.begin_strike(),
            Tag::Link { dest_url, .. } => self.inline.begin_link(&dest_url),
            Tag::Image { dest_url, .. } => self.inline.begin_image(&dest_url),
            // Rows and cells are closed by their ends; the others are not switched on.
            Tag::TableHead
            | Tag::TableRow
            | Tag::TableCell
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.inline.end();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition => self.close(),
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => self.end_list(),
            TagEnd::TableCell => {
                let cell = self.inline.take();
                if let Some(table) = &mut self.table {
                    table.cell(cell);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(table) = &mut self.table {
                    table.end_row();
                }
            }
            TagEnd::Table => {
                let indent = self.indent();
                if let Some(table) = self.table.take() {
                    self.pieces.push(Piece::Table { indent, table: Box::new(table) });
                }
            }
            TagEnd::Emphasis | TagEnd::Strong => self.inline.end(),
            TagEnd::Strikethrough => self.inline.end_strike(),
            TagEnd::Link => self.inline.end_link(),
            TagEnd::Image => self.inline.end_image(),
            TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    /// A block begins at `at`: the text before it is complete, and a blank line parts it from another block.
    fn block(&mut self, at: usize) {
        self.flush();
        let is_parted = self.containers.last().is_some_and(|inner| match (inner.filled, inner.spacing) {
            (Filled::NotYet, _) => false,
            (Filled::Yes, Spacing::Always) => true,
            (Filled::Yes, Spacing::AsWritten) => follows_blank(self.source, at),
        });
        if is_parted {
            self.blank();
        }
    }

    fn list(&mut self, first: Option<u64>, at: usize) {
        self.block(at);
        let number = match std::mem::replace(&mut self.first_number, Numbering::AsWritten) {
            Numbering::From(number) => Some(number),
            Numbering::AsWritten => first,
        };
        self.lists.push(List { number, filled: Filled::NotYet });
    }

    fn end_list(&mut self) {
        let number = self.lists.pop().and_then(|list| list.number);
        self.next = number.map_or(Numbering::AsWritten, Numbering::From);
    }

    fn item(&mut self, at: usize) {
        self.flush();
        let depth = self.lists.len();
        let (mut mark, mut is_later) = (bullet(self.look.form, depth).to_owned(), false);
        if let Some(list) = self.lists.last_mut() {
            is_later = std::mem::replace(&mut list.filled, Filled::Yes) == Filled::Yes;
            if let Some(number) = &mut list.number {
                mark = format!("{number}. ");
                *number = number.saturating_add(1);
            }
        }
        if is_later && follows_blank(self.source, at) {
            self.blank();
        }
        let rest = vec![Span::raw(" ".repeat(crate::wrap::width(&mark)))];
        self.open(vec![Span::raw(mark)], rest, Spacing::AsWritten);
    }

    fn task(&mut self, is_done: bool) {
        let text = match (self.look.form, is_done) {
            (Form::Drawn, true) => "[x] ",
            (Form::Drawn, false) => "[ ] ",
            (Form::Words, true) => "done: ",
            (Form::Words, false) => "open: ",
        };
        if let Some(container) = self.containers.last_mut()
            && let Some(mark) = &mut container.mark
        {
            mark.push(Span::raw(text));
            container.rest.push(Span::raw(" ".repeat(text.len())));
        }
    }

    fn html_lines(&mut self, text: &str) {
        for line in text.lines() {
            self.inline.text(line.trim_end());
            self.inline.line_break();
        }
    }

    fn code_block(&mut self) {
        let Some((info, text)) = self.code.take() else {
            return;
        };
        let look = self.look;
        self.place(code::opening(code::language_of(&info), look));
        for line in code::block(&info, &text, look) {
            let indent = self.indent();
            self.pieces.push(Piece::Code { indent, line });
        }
        self.place(code::closing(look));
    }

    fn place(&mut self, piece: Option<Piece>) {
        if let Some(Piece::Text { line, .. }) = piece {
            let indent = self.indent();
            self.pieces.push(Piece::Text { indent, line });
        }
    }

    fn flush(&mut self) {
        for line in self.inline.take() {
            let indent = self.indent();
            self.pieces.push(Piece::Text { indent, line });
        }
    }

    fn blank(&mut self) {
        let indent = self.indent();
        self.pieces.push(Piece::Text { indent, line: Line::default() });
    }

    fn open(&mut self, mark: Vec<Span<'static>>, rest: Vec<Span<'static>>, spacing: Spacing) {
        let is_shown = self.containers.len() <= DEEPEST;
        let (mark, rest) = if is_shown { (mark, rest) } else { (Vec::new(), Vec::new()) };
        self.containers.push(Container { mark: Some(mark), rest, spacing, filled: Filled::NotYet });
    }

    fn close(&mut self) {
        self.flush();
        // One with nothing in it shows its mark.
        if self.containers.last().is_some_and(|inner| inner.mark.is_some()) {
            self.blank();
        }
        if self.containers.len() > 1 {
            self.containers.pop();
        }
    }

    /// What stands before the next piece. Marks are used up by it.
    fn indent(&mut self) -> Indent {
        let mut indent = Indent::none();
        for container in &mut self.containers {
            container.filled = Filled::Yes;
            match container.mark.take() {
                Some(mark) => indent.first.extend(mark),
                None => indent.first.extend(container.rest.iter().cloned()),
            }
            indent.rest.extend(container.rest.iter().cloned());
        }
        indent
    }
}

fn heading_mark(level: HeadingLevel, form: Form) -> String {
    match form {
        Form::Drawn => format!("{} ", "#".repeat(level as usize)),
        Form::Words => "Heading: ".to_owned(),
    }
}

fn bullet(form: Form, depth: usize) -> &'static str {
    match (form, depth) {
        (Form::Words, _) => "- ",
        (Form::Drawn, 0 | 1) => "• ",
        (Form::Drawn, _) => "◦ ",
    }
}

/// Whether the line above the one of `at` is blank, but for the marks of quotes.
fn follows_blank(source: &str, at: usize) -> bool {
    let mut above = source[..at].split('\n').rev().skip(1);
    above.next().is_some_and(|line| line.trim_matches([' ', '\t', '>']).is_empty())
}
