//! The text being written: the cursor, the editing keys, undo. No text-area crate fits, since parts of the text are hidden
//! (keys), parts are one unit (placeholders), and rows wrap softly between words.

use std::ops::Range;

use codex_redact::key_shape;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::layout::{self, Row};
use super::mask;

/// Steps that can be undone.
const MOST_UNDO: usize = 200;
/// Bytes that may be kept for undoing.
const MOST_UNDO_BYTES: usize = 4 << 20;

/// Text, cursor and what was hidden in it.
#[derive(Debug, Default, Clone)]
pub(super) struct TextArea {
    text: String,
    /// Always between two graphemes.
    cursor: usize,
    /// Hidden until it is deleted, whatever becomes of its shape.
    hidden: Vec<Range<usize>>,
    undo: Vec<Snapshot>,
    /// Letters typed one after the other are undone together.
    run: Run,
    /// Cut last, and never anything hidden.
    cut: String,
    /// Where Up and Down try to stay.
    column: Option<usize>,
}

#[derive(Debug, Clone)]
struct Snapshot {
    text: String,
    cursor: usize,
    hidden: Vec<Range<usize>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Run {
    Typing,
    #[default]
    Ended,
}

/// Where the cursor goes, or up to where something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
}

/// Whether deleted text can be put back with Ctrl+Y.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    Kept,
    Gone,
}

impl TextArea {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What is drawn as bullets now.
    pub(super) fn hidden(&self) -> Vec<Range<usize>> {
        let mut ranges = self.hidden.clone();
        ranges.extend(mask::being_typed(&self.text, self.cursor));
        mask::merged(ranges)
    }

    /// Whether it holds anything that must not be kept anywhere.
    pub(super) fn is_secret(&self) -> bool {
        !self.hidden().is_empty()
    }

    /// Whether something in it is hidden that nobody else would take for a key.
    pub(super) fn hides_more_than_shapes(&self) -> bool {
        let shapes = mask::lasting(&self.text);
        self.hidden
            .iter()
            .any(|hidden| !shapes.iter().any(|shape| shape.start <= hidden.start && hidden.end <= shape.end))
    }

    /// Everything anew, the cursor at the end; nothing of before can be brought back by undo.
    pub(super) fn set(&mut self, text: String) {
        let cut = std::mem::take(&mut self.cut);
        let cursor = text.len();
        *self = TextArea { hidden: mask::lasting(&text), text, cursor, cut, ..TextArea::default() };
    }

    /// Types this at the cursor.
    pub(super) fn insert(&mut self, text: &str) {
        let typed = text.graphemes(true).nth(1).is_none() && text.chars().all(char::is_alphanumeric);
        let goes_on = typed && self.run == Run::Typing;
        if !goes_on {
            self.remember();
        }
        self.replace(self.cursor..self.cursor, text);
        self.run = if typed { Run::Typing } else { Run::Ended };
    }

    /// Puts this in place of a part of the text, the cursor behind it.
    pub(super) fn replace_part(&mut self, range: Range<usize>, text: &str) {
        self.remember();
        self.replace(range, text);
    }

    pub(super) fn go(&mut self, motion: Motion) {
        self.cursor = self.target(motion);
        self.run = Run::Ended;
        self.column = None;
    }

    /// Deletes from the cursor to where the motion leads. At the end of a line that is the line break.
    pub(super) fn delete(&mut self, motion: Motion, cut: Cut) {
        let to = match (motion, self.target(motion)) {
            (Motion::LineEnd, to) if to == self.cursor => self.target(Motion::Right),
            (Motion::LineStart, to) if to == self.cursor => self.target(Motion::Left),
            (_, to) => to,
        };
        let range = to.min(self.cursor)..to.max(self.cursor);
        if range.is_empty() {
            return;
        }
        let is_hidden =
            self.hidden().iter().any(|hidden| hidden.start < range.end && range.start < hidden.end);
        match cut {
            Cut::Kept if is_hidden => self.cut.clear(),
            Cut::Kept => self.text[range.clone()].clone_into(&mut self.cut),
            Cut::Gone => {}
        }
        self.remember();
        self.replace(range, "");
    }

    /// Puts back what was cut last.
    pub(super) fn put_back(&mut self) {
        let cut = self.cut.clone();
        if !cut.is_empty() {
            self.insert(&cut);
            self.run = Run::Ended;
        }
    }

    pub(super) fn undo(&mut self) {
        if let Some(Snapshot { text, cursor, hidden }) = self.undo.pop() {
            (self.text, self.cursor, self.hidden) = (text, cursor, hidden);
            self.run = Run::Ended;
            self.column = None;
        }
    }

    /// One row up or down; false at the first or last row.
    pub(super) fn go_by_row(&mut self, rows: &[Row], step: Step) -> Moved {
        let (row, column) = layout::spot(rows, self.cursor);
        let next = match step {
            Step::Up => row.checked_sub(1),
            Step::Down => Some(row + 1).filter(|next| *next < rows.len()),
        };
        let Some(next) = next else { return Moved::No };
        let column = *self.column.get_or_insert(column);
        let ends_line = rows.get(next + 1).is_none_or(|below| below.bytes.start > rows[next].bytes.end);
        self.cursor = self.boundary_before(layout::place(&rows[next], column, ends_line));
        self.run = Run::Ended;
        Moved::Yes
    }

    fn replace(&mut self, range: Range<usize>, text: &str) {
        self.text.replace_range(range.clone(), text);
        let mut hidden: Vec<Range<usize>> =
            self.hidden.iter().map(|old| shifted(old, &range, text.len())).collect();
        hidden.extend(mask::lasting(&self.text));
        // A key that is pasted right behind a letter has no shape there, and is one all the same.
        hidden.extend(
            key_shape::find(text).into_iter().map(|key| key.start + range.start..key.end + range.start),
        );
        self.hidden = mask::merged(hidden);
        // What was inserted may have joined what stands behind it to one grapheme.
        self.cursor = self.boundary_from(range.start + text.len());
        self.run = Run::Ended;
        self.column = None;
    }

    fn remember(&mut self) {
        let bytes: usize = self.undo.iter().map(|step| step.text.len()).sum();
        if self.undo.len() >= MOST_UNDO || bytes + self.text.len() > MOST_UNDO_BYTES {
            self.undo.drain(..self.undo.len().div_ceil(2));
        }
        self.undo.push(Snapshot {
            text: self.text.clone(),
            cursor: self.cursor,
            hidden: self.hidden.clone(),
        });
    }

    fn target(&self, motion: Motion) -> usize {
        let (before, after) = self.text.split_at(self.cursor);
        match motion {
            Motion::Left => self.boundary_before_cursor(),
            Motion::Right => self.boundary_after_cursor(),
            Motion::LineStart => before.rfind('\n').map_or(0, |at| at + 1),
            Motion::LineEnd => after.find('\n').map_or(self.text.len(), |at| self.cursor + at),
            Motion::WordLeft => {
                let end = before.trim_end_matches(|it: char| !is_word(it)).len();
                let start = before[..end].trim_end_matches(is_word).len();
                self.boundary_before(start)
            }
            Motion::WordRight => {
                let rest = after.trim_start_matches(|it: char| !is_word(it)).trim_start_matches(is_word);
                self.boundary_from(self.text.len() - rest.len())
            }
        }
    }

    fn boundary_before_cursor(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    fn boundary_after_cursor(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    fn is_boundary(&self, at: usize) -> bool {
        GraphemeCursor::new(at, self.text.len(), true).is_boundary(&self.text, 0).unwrap_or(true)
    }

    fn boundary_from(&self, at: usize) -> usize {
        if self.is_boundary(at) {
            return at;
        }
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    fn boundary_before(&self, at: usize) -> usize {
        if self.is_boundary(at) {
            return at;
        }
        let mut cursor = GraphemeCursor::new(at, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Up,
    Down,
}

/// Whether there was a row to go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moved {
    Yes,
    No,
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// A range after `edited` was replaced by `length` bytes.
fn shifted(range: &Range<usize>, edited: &Range<usize>, length: usize) -> Range<usize> {
    let shift = |at: usize, inside: usize| match at {
        at if at >= edited.end => at - (edited.end - edited.start) + length,
        at if at > edited.start => inside,
        at => at,
    };
    let is_inside = range.start < edited.start && edited.end < range.end;
    match range {
        // Typed at its start or its end it stands outside, unless the text has a shape of its own.
        range if range.end <= edited.start => range.clone(),
        range if range.start >= edited.end || is_inside => shift(range.start, 0)..shift(range.end, 0),
        range => shift(range.start, edited.start + length)..shift(range.end, edited.start),
    }
}

#[cfg(test)]
mod tests;
