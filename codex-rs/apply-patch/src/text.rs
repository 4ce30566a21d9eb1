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
    /// Where each line begins, and where the last one ends.
    bounds: Vec<usize>,
}

impl Source {
    /// A byte order mark belongs to no line.
    pub(crate) fn new(text: String) -> Self {
        let first = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        Self::from(text, first)
    }

    /// A byte order mark belongs to the first line, so that lines tell whether there is one.
    pub(crate) fn with_mark(text: String) -> Self {
        Self::from(text, 0)
    }

    fn from(text: String, first: usize) -> Self {
        let mut bounds = Vec::with_capacity(text.len() / 32);
        bounds.push(first);
        bounds.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        if bounds.last() != Some(&text.len()) {
            bounds.push(text.len());
        }
        Self { text, bounds }
    }

    pub(crate) fn lines(&self) -> usize {
        self.bounds.len() - 1
    }

    /// The byte order mark that belongs to no line; empty where there is none.
    pub(crate) fn mark(&self) -> &str {
        &self.text[..self.bounds.first().copied().unwrap_or_default()]
    }

    /// A line and how it stops; an empty one where there is none.
    pub(crate) fn line(&self, index: usize) -> (&str, Ending) {
        let Some(&[start, end]) = self.bounds.get(index..).and_then(<[usize]>::first_chunk) else {
            return ("", Ending::Nothing);
        };
        let line = &self.text[start..end];
        match line.strip_suffix('\n') {
            Some(rest) => match rest.strip_suffix('\r') {
                Some(rest) => (rest, Ending::CrLf),
                None => (rest, Ending::Lf),
            },
            None => (line, Ending::Nothing),
        }
    }

    fn ends_with_newline(&self) -> bool {
        self.lines() == 0 || self.text.ends_with('\n')
    }

    /// How lines of this file usually stop.
    fn usual(&self) -> Ending {
        match self.line(0).1 {
            Ending::CrLf => Ending::CrLf,
            Ending::Lf | Ending::Nothing => Ending::Lf,
        }
    }
}

/// A line of the file as it will be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line of the source, untouched.
    Kept(usize),
    /// A new one.
    New(Box<New>),
}

/// A line of the patch's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct New {
    text: String,
    ending: Ending,
}

impl Line {
    pub(crate) fn new(text: &str, ending: Ending) -> Self {
        Line::New(Box::new(New { text: text.to_owned(), ending }))
    }
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
            Line::New(new) => (&new.text, new.ending),
        }
    }

    /// The lines without their endings.
    pub(crate) fn contents(&self) -> Vec<&str> {
        self.lines.iter().map(|line| self.line(line).0).collect()
    }

    /// The whole file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.source.text.len() + 1024);
        // It goes with the last line, as it is a part of the first.
        if !self.lines.is_empty() || self.source.lines() == 0 {
            bytes.extend_from_slice(self.source.mark().as_bytes());
        }
        for line in &self.lines {
            let (text, ending) = self.line(line);
            bytes.extend_from_slice(text.as_bytes());
            bytes.extend_from_slice(ending.text().as_bytes());
        }
        bytes
    }

    /// The bytes that were read, with nothing edited.
    pub(crate) fn into_source(self) -> Vec<u8> {
        self.source.text.into_bytes()
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
                self.lines[index] = Line::new(text, ending);
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
        Some(text) => Line::new(text, Ending::CrLf),
        None => Line::new(text, ending),
    }
}
