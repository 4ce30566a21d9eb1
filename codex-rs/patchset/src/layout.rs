//! From a spot in a file to the bytes that go in: line ends, indentation, and what stays on its line.

use crate::source;

/// Where an insertion goes, as the finder sees it. Offsets are bytes of the whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spot {
    /// Behind something from `start` to `end`; `comma_at` is where its comma is missing.
    After { start: usize, end: usize, comma_at: Option<usize>, spacing: Spacing },
    /// Before something that starts at `start`; the token before it ends at `gap`.
    Before { start: usize, gap: usize, spacing: Spacing },
    /// First thing behind an opening brace, or behind inner attributes, that end at `open`; the brace closes at `close`.
    Inside { open: usize, close: usize },
    /// One more pattern behind the one from `start` to `end`.
    Pattern { start: usize, end: usize },
    /// Behind the entry of a macro that starts at `start` and ends at `end`, with the entry's own `serialization:` line.
    Entry { start: usize, end: usize, comma_at: Option<usize>, serialization: Option<String> },
    /// Nothing goes in; the thing is there.
    There { at: usize },
}

/// What lies between an insertion and its neighbour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spacing {
    /// The end of a line.
    Line,
    /// An empty line.
    EmptyLine,
}

/// Bytes that go in at an offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Insertion {
    pub(crate) offset: usize,
    pub(crate) text: String,
    pub(crate) side: Side,
}

/// On which side of its offset an insertion is found once it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Behind,
    Before,
    /// A comma that completes the sibling; it leaves no trace of its own.
    Comma,
}

const STEP: &str = "    ";
const SERIALIZATION: &str = "{serialization}";

impl Spot {
    /// A byte by which people find the spot.
    pub(crate) fn offset(&self) -> usize {
        match self {
            Spot::After { start: at, .. }
            | Spot::Before { start: at, .. }
            | Spot::Inside { open: at, .. }
            | Spot::Pattern { start: at, .. }
            | Spot::Entry { start: at, .. }
            | Spot::There { at } => *at,
        }
    }

    /// What goes where for the text of a patch.
    pub(crate) fn insertions(&self, file: &str, text: &str) -> Vec<Insertion> {
        let page = Page { file, newline: source::newline(file) };
        match self {
            Spot::There { .. } => Vec::new(),
            Spot::After { start, end, comma_at, spacing } => {
                let indent = source::indentation(file, *start);
                page.after(*end, *comma_at, indent, *spacing, &lines(text))
            }
            Spot::Entry { start, end, comma_at, serialization } => {
                let indent = source::indentation(file, *start);
                let text = with_serialization(text, serialization.as_deref());
                page.after(*end, *comma_at, indent, Spacing::Line, &lines(&text))
            }
            Spot::Before { start, gap, spacing } => vec![page.before(*start, *gap, *spacing, &lines(text))],
            Spot::Inside { open, close } => vec![page.inside(*open, *close, &lines(text))],
            Spot::Pattern { start, end } => vec![page.pattern(*start, *end, text.trim())],
        }
    }
}

/// The lines of a patch's text, without empty ones around it.
fn lines(text: &str) -> Vec<&str> {
    let text = text.trim_matches(['\n', '\r']);
    text.lines().map(str::trim_end).collect()
}

/// A line of nothing but the placeholder goes where the sibling has no such line.
fn with_serialization(text: &str, line: Option<&str>) -> String {
    match line {
        Some(line) => text.replace(SERIALIZATION, line),
        None => {
            let kept = text.lines().filter(|line| line.trim() != SERIALIZATION);
            kept.map(|line| line.replace(SERIALIZATION, "")).collect::<Vec<_>>().join("\n")
        }
    }
}

/// Whether it may share a line with other code.
fn fits_on_a_line(lines: &[&str]) -> bool {
    lines.len() == 1 && !lines[0].contains("//")
}

struct Page<'a> {
    file: &'a str,
    newline: &'static str,
}

impl Page<'_> {
    /// The lines, indented but for the first.
    fn joined(&self, lines: &[&str], indent: &str) -> String {
        let mut text = String::new();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                text.push_str(self.newline);
                if !line.is_empty() {
                    text.push_str(indent);
                }
            }
            text.push_str(line);
        }
        text
    }

    fn after(
        &self,
        end: usize,
        comma_at: Option<usize>,
        indent: &str,
        spacing: Spacing,
        lines: &[&str],
    ) -> Vec<Insertion> {
        let newline = self.newline;
        let empty = if spacing == Spacing::EmptyLine { newline } else { "" };
        let block = format!("{newline}{empty}{indent}{}", self.joined(lines, indent));
        let (offset, text) = match source::blank_to_line_end(self.file, end) {
            Some(line_end) => (line_end, block),
            None if fits_on_a_line(lines) && spacing == Spacing::Line => (end, format!(" {}", lines[0])),
            None => (end, format!("{block}{newline}{empty}{indent}")),
        };
        let comma = comma_at.map(|offset| Insertion { offset, text: ",".to_owned(), side: Side::Comma });
        comma.into_iter().chain([Insertion { offset, text, side: Side::Behind }]).collect()
    }

    fn before(&self, start: usize, gap: usize, spacing: Spacing, lines: &[&str]) -> Insertion {
        let offset = self.with_comments(start, gap);
        let (newline, indent) = (self.newline, source::indentation(self.file, offset));
        let empty = if spacing == Spacing::EmptyLine { newline } else { "" };
        let block = format!("{}{newline}{empty}{indent}", self.joined(lines, indent));
        let text = match source::is_first_on_line(self.file, offset) {
            true => block,
            false if fits_on_a_line(lines) && spacing == Spacing::Line => format!("{} ", lines[0]),
            false => format!("{newline}{indent}{block}"),
        };
        Insertion { offset, text, side: Side::Before }
    }

    /// Where a thing begins that starts at `start`, with the comments on the lines above, up to an empty line.
    fn with_comments(&self, start: usize, gap: usize) -> usize {
        let above = source::pieces(self.file, gap, start);
        let mut first = start;
        for (open, close) in above.comments.into_iter().rev() {
            let breaks = above.line_ends.iter().filter(|end| (close..first).contains(end)).count();
            if breaks > 1 || !source::is_first_on_line(self.file, open) {
                break;
            }
            first = open;
        }
        first
    }

    fn inside(&self, open: usize, close: usize, lines: &[&str]) -> Insertion {
        let newline = self.newline;
        let outer = source::indentation(self.file, open);
        let behind = source::pieces(self.file, open, close);
        let starts = || behind.comments.iter().map(|comment| comment.0).chain(behind.code);
        let inner = match starts().find(|start| source::is_first_on_line(self.file, *start)) {
            Some(first) => source::indentation(self.file, first).to_owned(),
            None => format!("{outer}{STEP}"),
        };
        let block = format!("{newline}{inner}{}", self.joined(lines, &inner));
        let line_end = source::blank_to_line_end(self.file, open).filter(|end| *end <= close);
        let (offset, text) = match line_end {
            Some(line_end) => (line_end, block),
            None if fits_on_a_line(lines) => {
                let behind = self.file[open..].starts_with(char::is_whitespace);
                (open, format!(" {}{}", lines[0], if behind { "" } else { " " }))
            }
            None if starts().next().is_none() => (open, format!("{block}{newline}{outer}")),
            None => (open, format!("{block}{newline}{inner}")),
        };
        Insertion { offset, text, side: Side::Behind }
    }

    fn pattern(&self, start: usize, end: usize, text: &str) -> Insertion {
        let line = self.file[..start].rfind('\n').map_or(0, |end| end + 1);
        let has_own_line = self.file[line..start].trim() == "|";
        match source::blank_to_line_end(self.file, end).filter(|_| has_own_line) {
            Some(line_end) => {
                let indent = source::indentation(self.file, start);
                let text = format!("{}{indent}| {text}", self.newline);
                Insertion { offset: line_end, text, side: Side::Behind }
            }
            None => Insertion { offset: end, text: format!(" | {text}"), side: Side::Behind },
        }
    }
}
