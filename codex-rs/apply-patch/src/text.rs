//! A file as lines that remember where they come from: what was not touched stays byte for byte, and what changed can
//! be told without comparing anything.

use std::collections::VecDeque;

use crate::patch::HunkLine;

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a line stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Lf,
    CrLf,
    /// The last line of a file without a final newline.
    Nothing,
}

impl Ending {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::Nothing => "",
        }
    }
}

/// A file's text as it was read.
#[derive(Debug)]
pub(crate) struct Source {
    text: String,
    spans: Vec<Span>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    ending: Ending,
}

impl Source {
    pub(crate) fn new(text: String) -> Self {
        let mut spans = Vec::new();
        let mut start = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        for line in text[start..].split_inclusive('\n') {
            let (end, ending) = match line.strip_suffix('\n') {
                Some(rest) => match rest.strip_suffix('\r') {
                    Some(rest) => (start + rest.len(), Ending::CrLf),
                    None => (start + rest.len(), Ending::Lf),
                },
                None => (start + line.len(), Ending::Nothing),
            };
            spans.push(Span { start, end, ending });
            start += line.len();
        }
        Self { text, spans }
    }

    pub(crate) fn lines(&self) -> usize {
        self.spans.len()
    }

    /// A line and how it stops; an empty one where there is none.
    pub(crate) fn line(&self, index: usize) -> (&str, Ending) {
        self.spans
            .get(index)
            .map_or(("", Ending::Nothing), |span| (&self.text[span.start..span.end], span.ending))
    }

    fn ends_with_newline(&self) -> bool {
        self.spans.last().is_none_or(|span| span.ending != Ending::Nothing)
    }

    /// How lines of this file usually stop.
    fn usual(&self) -> Ending {
        match self.spans.first().map(|span| span.ending) {
            Some(Ending::CrLf) => Ending::CrLf,
            Some(Ending::Lf | Ending::Nothing) | None => Ending::Lf,
        }
    }
}

/// A line of the file as it will be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line of the source, untouched.
    Kept(usize),
    /// A new one.
    New { text: String, ending: Ending },
}

/// A file that is being edited.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) source: Source,
    pub(crate) lines: Vec<Line>,
}

/// Lines of a hunk, and the line of the file at which its old ones stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed<'a> {
    pub(crate) at: usize,
    pub(crate) lines: &'a [HunkLine],
}

impl Text {
    pub(crate) fn new(text: String) -> Self {
        let source = Source::new(text);
        let lines = (0..source.lines()).map(Line::Kept).collect();
        Self { source, lines }
    }

    pub(crate) fn line<'a>(&'a self, line: &'a Line) -> (&'a str, Ending) {
        match line {
            Line::Kept(index) => self.source.line(*index),
            Line::New { text, ending } => (text, *ending),
        }
    }

    /// The lines without their endings.
    pub(crate) fn contents(&self) -> Vec<&str> {
        self.lines.iter().map(|line| self.line(line).0).collect()
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.source.text.len() + 1024);
        if self.source.text.starts_with(BYTE_ORDER_MARK) {
            bytes.extend_from_slice(BYTE_ORDER_MARK.as_bytes());
        }
        for line in &self.lines {
            let (text, ending) = self.line(line);
            bytes.extend_from_slice(text.as_bytes());
            bytes.extend_from_slice(ending.text().as_bytes());
        }
        bytes
    }

    /// Edits the file. The hunks stand one behind the other and do not overlap.
    pub(crate) fn edit(&mut self, hunks: &[Placed<'_>]) {
        let mut old = std::mem::take(&mut self.lines).into_iter();
        let mut lines = Vec::with_capacity(old.len() + hunks.len());
        let mut passed = 0;
        for hunk in hunks {
            lines.extend(old.by_ref().take(hunk.at - passed));
            passed = hunk.at;
            let mut gone = VecDeque::new();
            for line in hunk.lines {
                match line {
                    HunkLine::Keep(_) => {
                        gone.clear();
                        lines.extend(old.next());
                        passed += 1;
                    }
                    HunkLine::Remove(_) => {
                        gone.extend(old.next().map(|line| self.line(&line).1));
                        passed += 1;
                    }
                    HunkLine::Add(text) => {
                        let ending = gone.pop_front().filter(|ending| *ending != Ending::Nothing);
                        let ending = ending.unwrap_or_else(|| self.ending_after(&lines, old.as_slice()));
                        lines.push(added(text, ending));
                    }
                }
            }
        }
        lines.extend(old);
        self.lines = lines;
        self.settle_end();
    }

    /// How a line stops that is put between these: like the one above it, else the one below.
    fn ending_after(&self, above: &[Line], below: &[Line]) -> Ending {
        [above.last(), below.first()]
            .into_iter()
            .flatten()
            .map(|line| self.line(line).1)
            .find(|ending| *ending != Ending::Nothing)
            .unwrap_or_else(|| self.source.usual())
    }

    /// A file without a final newline stays one, and no line but the last lacks its newline.
    fn settle_end(&mut self) {
        let usual = self.source.usual();
        let last = self.lines.len().saturating_sub(1);
        let wanted = self.source.ends_with_newline();
        // Only the source's last line can lack its newline, and it stands among the last lines or is gone.
        for index in (0..self.lines.len()).rev() {
            let (text, ending) = self.line(&self.lines[index]);
            let right = match (index == last, wanted, ending) {
                (true, false, Ending::Lf | Ending::CrLf) => Some(Ending::Nothing),
                (true, true, Ending::Nothing) | (false, _, Ending::Nothing) => Some(usual),
                (true, false, Ending::Nothing) | (true, true, _) | (false, _, _) => None,
            };
            if let Some(ending) = right {
                self.lines[index] = Line::New { text: text.to_owned(), ending };
            }
            if matches!(self.lines[index], Line::Kept(_)) && index != last {
                break;
            }
        }
    }
}

/// A line the patch adds. One that was written with a CR is meant to have a CRLF.
fn added(text: &str, ending: Ending) -> Line {
    match text.strip_suffix('\r') {
        Some(text) => Line::New { text: text.to_owned(), ending: Ending::CrLf },
        None => Line::New { text: text.to_owned(), ending },
    }
}
