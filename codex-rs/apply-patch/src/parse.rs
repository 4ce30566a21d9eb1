//! Reads a patch. Harmless slips are taken (blank lines and spaces around the frame, a here-document around it, the
//! missing space of an empty line); whatever could mean two things is an error that says the line and what was expected.

use std::path::PathBuf;

use crate::patch::{Hunk, HunkEnd, HunkLine, Operation, Patch};

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";
const ADD: &str = "*** Add File:";
const DELETE: &str = "*** Delete File:";
const UPDATE: &str = "*** Update File:";
const MOVE: &str = "*** Move to:";
const END_OF_FILE: &str = "*** End of File";

/// Why a text is not a patch, in words for the model. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing was given.
    #[error("The patch is empty. It starts with the line `*** Begin Patch`.")]
    Empty,
    /// The first line is another.
    #[error("Line {line} of the patch: expected `*** Begin Patch`, found `{found}`.")]
    NoBegin {
        /// Where.
        line: usize,
        /// What stands there, cut.
        found: String,
    },
    /// The last line is another.
    #[error("The patch does not end with the line `*** End Patch`; its last line is `{found}`.")]
    NoEnd {
        /// What stands there, cut.
        found: String,
    },
    /// There is nothing between the first and the last line.
    #[error("The patch changes nothing: there is no file between `*** Begin Patch` and `*** End Patch`.")]
    NothingToDo,
    /// A line does not belong where it is.
    #[error("Line {line} of the patch: expected {expected}, found `{found}`.")]
    Unexpected {
        /// Where.
        line: usize,
        /// What could stand there.
        expected: Expected,
        /// What stands there, cut.
        found: String,
    },
    /// A header without a path, or with one that no file can have.
    #[error("Line {line} of the patch: `{header}` needs the path of a file behind it.")]
    NoPath {
        /// Where.
        line: usize,
        /// The header.
        header: &'static str,
    },
    /// An update that neither edits nor moves.
    #[error(
        "Line {line} of the patch: this update changes nothing. Give lines that start with `+` or `-`, or `*** Move to:`."
    )]
    EmptyUpdate {
        /// The line of its header.
        line: usize,
    },
    /// An anchor with nothing behind it.
    #[error(
        "Line {line} of the patch: `@@` is followed by no lines. Give the lines to keep (` `), remove (`-`) and add (`+`)."
    )]
    EmptyHunk {
        /// The line of the anchor.
        line: usize,
    },
}

/// What could stand at a place of a patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// The header of a section.
    Header,
    /// A line of a new file.
    AddedLine,
    /// A line of an edit.
    HunkLine,
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => {
                "`*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`"
            }
            Self::AddedLine => {
                "a line of the new file, which starts with `+`, or a line that starts with `*** `"
            }
            Self::HunkLine => {
                "a line that starts with a space (stays), `-` (goes), `+` (comes), `@@` or `*** `"
            }
        })
    }
}

/// Reads a patch.
///
/// # Errors
/// With the first line that is wrong.
pub fn parse(text: &str) -> Result<Patch, ParseError> {
    let lines = framed(text)?;
    let mut reader = Reader { lines, next: 0 };
    let mut operations = Vec::new();
    while let Some(line) = reader.take() {
        if line.text.trim().is_empty() {
            continue;
        }
        operations.push(reader.operation(line)?);
    }
    if operations.is_empty() { Err(ParseError::NothingToDo) } else { Ok(Patch { operations }) }
}

#[derive(Debug, Clone, Copy)]
struct Line<'a> {
    number: usize,
    text: &'a str,
}

/// The lines between `*** Begin Patch` and `*** End Patch`.
fn framed(text: &str) -> Result<Vec<Line<'_>>, ParseError> {
    let mut lines: Vec<Line<'_>> =
        text.split('\n').enumerate().map(|(index, text)| Line { number: index + 1, text }).collect();
    if lines.last().is_some_and(|last| last.text.is_empty()) {
        lines.pop();
    }
    // A patch that was sent with CRLF throughout means nothing by it; single ones are text.
    if lines.iter().all(|line| line.text.ends_with('\r')) {
        lines.iter_mut().for_each(|line| line.text = &line.text[..line.text.len() - 1]);
    }
    let mut lines = trimmed(&lines);
    if let (Some(first), Some(last)) = (lines.first(), lines.last())
        && here_document(first.text).is_some_and(|word| word == last.text.trim())
        && lines.len() > 1
    {
        lines = trimmed(&lines[1..lines.len() - 1]);
    }
    let first = lines.first().ok_or(ParseError::Empty)?;
    if first.text.trim() != BEGIN {
        return Err(ParseError::NoBegin { line: first.number, found: cut(first.text) });
    }
    match lines.last() {
        Some(last) if last.text.trim() == END => Ok(lines[1..lines.len() - 1].to_vec()),
        Some(last) => Err(ParseError::NoEnd { found: cut(last.text) }),
        None => Err(ParseError::Empty),
    }
}

/// Without the blank lines at both ends.
fn trimmed<'lines, 'text>(lines: &'lines [Line<'text>]) -> &'lines [Line<'text>] {
    let blank = |line: &Line<'_>| line.text.trim().is_empty();
    let start = lines.iter().take_while(|line| blank(line)).count();
    let end = lines[start..].iter().rev().take_while(|line| blank(line)).count();
    &lines[start..lines.len() - end]
}

/// The word that ends a here-document, where a line starts one: `<<'EOF'`, `<<EOF`, `apply_patch <<"EOF"`.
fn here_document(line: &str) -> Option<&str> {
    let line = line.trim();
    let line = line.strip_prefix("apply_patch").map_or(line, str::trim_start);
    let word = line.strip_prefix("<<")?.trim_start();
    let word = ['\'', '"']
        .into_iter()
        .find_map(|quote| word.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(word);
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    (!word.is_empty() && word.chars().all(plain)).then_some(word)
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    next: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self) -> Option<Line<'a>> {
        let line = self.lines.get(self.next).copied()?;
        self.next += 1;
        Some(line)
    }

    fn peek(&self) -> Option<Line<'a>> {
        self.lines.get(self.next).copied()
    }

    fn operation(&mut self, header: Line<'a>) -> Result<Operation, ParseError> {
        if let Some(path) = path_of(header, ADD)? {
            return Ok(Operation::Add { path, content: self.content()? });
        }
        if let Some(path) = path_of(header, DELETE)? {
            return Ok(Operation::Delete { path });
        }
        let Some(path) = path_of(header, UPDATE)? else {
            return Err(unexpected(header, Expected::Header));
        };
        let move_to = match self.peek() {
            Some(line) => path_of(line, MOVE)?,
            None => None,
        };
        if move_to.is_some() {
            self.next += 1;
        }
        let hunks = self.hunks()?;
        if hunks.is_empty() && move_to.is_none() {
            return Err(ParseError::EmptyUpdate { line: header.number });
        }
        Ok(Operation::Update { path, move_to, hunks })
    }

    /// The lines of a new file.
    fn content(&mut self) -> Result<String, ParseError> {
        let mut content = String::new();
        while let Some(line) = self.peek() {
            if let Some(added) = line.text.strip_prefix('+') {
                content.push_str(added);
                content.push('\n');
            } else if line.text.starts_with("***") || self.only_blanks_follow() {
                break;
            } else {
                return Err(unexpected(line, Expected::AddedLine));
            }
            self.next += 1;
        }
        Ok(content)
    }

    fn hunks(&mut self) -> Result<Vec<Hunk>, ParseError> {
        let mut hunks = Vec::new();
        while let Some(line) = self.peek() {
            if self.only_blanks_follow() || (line.text.starts_with("***") && !ends_file(line)) {
                break;
            }
            hunks.push(self.hunk(line.number)?);
        }
        Ok(hunks)
    }

    fn hunk(&mut self, number: usize) -> Result<Hunk, ParseError> {
        let mut hunk = Hunk { anchors: Vec::new(), lines: Vec::new(), end: HunkEnd::Anywhere };
        while let Some(anchor) = self.peek().and_then(anchor_of) {
            if !anchor.is_empty() {
                hunk.anchors.push(anchor.to_owned());
            }
            self.next += 1;
        }
        while let Some(line) = self.peek() {
            if ends_file(line) {
                hunk.end = HunkEnd::EndOfFile;
                self.next += 1;
                break;
            }
            if line.text.starts_with("***") || anchor_of(line).is_some() || self.only_blanks_follow() {
                break;
            }
            let text = |text: &str| text.strip_suffix('\r').unwrap_or(text).to_owned();
            hunk.lines.push(match line.text.chars().next() {
                None | Some('\r') => HunkLine::Keep(String::new()),
                Some(' ') => HunkLine::Keep(text(&line.text[1..])),
                Some('-') => HunkLine::Remove(text(&line.text[1..])),
                // Its CR is kept: it asks for a CRLF where the file has none.
                Some('+') => HunkLine::Add(line.text[1..].to_owned()),
                Some(_) => return Err(unexpected(line, Expected::HunkLine)),
            });
            self.next += 1;
        }
        if hunk.lines.is_empty() { Err(ParseError::EmptyHunk { line: number }) } else { Ok(hunk) }
    }

    /// Whether this line and what follows is blank up to the next header or anchor: a gap that was left for the eye.
    fn only_blanks_follow(&self) -> bool {
        let rest = &self.lines[self.next..];
        let blanks = rest.iter().take_while(|line| line.text.is_empty() || line.text == "\r").count();
        blanks > 0
            && rest.get(blanks).is_none_or(|line| {
                (line.text.starts_with("***") && !ends_file(*line)) || anchor_of(*line).is_some()
            })
    }
}

/// The path behind a header, where the line is that header.
fn path_of(line: Line<'_>, header: &'static str) -> Result<Option<PathBuf>, ParseError> {
    let Some(path) = line.text.strip_prefix(header) else { return Ok(None) };
    let path = path.trim();
    if path.is_empty() || path.contains('\0') {
        return Err(ParseError::NoPath { line: line.number, header });
    }
    Ok(Some(PathBuf::from(path)))
}

/// The text behind `@@`; empty for a bare one, and for the line numbers of a unified diff, which name no line.
fn anchor_of(line: Line<'_>) -> Option<&str> {
    let rest = line.text.strip_prefix("@@")?;
    if rest.trim().is_empty() {
        return Some("");
    }
    let anchor = rest.strip_prefix(' ')?;
    let anchor = anchor.strip_suffix('\r').unwrap_or(anchor);
    Some(if is_line_numbers(anchor.trim()) { "" } else { anchor })
}

/// `-12,3 +12,4 @@`.
fn is_line_numbers(text: &str) -> bool {
    let range = |word: Option<&str>, sign: char| {
        word.and_then(|word| word.strip_prefix(sign)).is_some_and(|numbers| {
            !numbers.is_empty()
                && numbers.chars().all(|character| character.is_ascii_digit() || character == ',')
        })
    };
    let mut words = text.split(' ');
    range(words.next(), '-')
        && range(words.next(), '+')
        && words.next() == Some("@@")
        && words.next().is_none()
}

fn ends_file(line: Line<'_>) -> bool {
    line.text.trim_end() == END_OF_FILE
}

fn unexpected(line: Line<'_>, expected: Expected) -> ParseError {
    ParseError::Unexpected { line: line.number, expected, found: cut(line.text) }
}

/// As much of a line as an error needs.
fn cut(line: &str) -> String {
    const WIDTH: usize = 80;
    let line = line.trim_end();
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests;
