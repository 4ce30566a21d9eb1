//! The text that is edited: lines, cursor, undo, a kill buffer. Written here because no crate has what this composer needs
//! together: soft wrapping, ranges that are drawn as bullets, and pieces that are one character to the cursor.

use std::ops::Range;

use codex_redact::key_shape;
use unicode_segmentation::UnicodeSegmentation;

/// Steps back that are kept.
const MOST_UNDO: usize = 200;

/// The text and the cursor in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct TextArea {
    text: String,
    /// A byte offset on a grapheme boundary.
    cursor: usize,
    killed: String,
    undo: Vec<(String, usize)>,
    /// Whether the last change was a typed character: those that follow each other are undone word by word.
    typing: Typing,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Typing {
    #[default]
    No,
    Word,
}

/// Where the cursor can go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Motion {
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Start,
    End,
}

impl TextArea {
    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// A byte offset on a grapheme boundary.
    pub(crate) fn cursor(&self) -> usize {
        self.cursor
    }

    /// Another text in its place, the cursor at its end. What was there cannot be brought back.
    pub(crate) fn set(&mut self, text: String) {
        *self = TextArea { cursor: text.len(), text, ..TextArea::default() };
    }

    /// The text, and an empty area. Nothing of it stays.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    /// Types text at the cursor.
    pub(crate) fn insert(&mut self, text: &str) {
        let continues = self.typing == Typing::Word && !text.contains(char::is_whitespace);
        if !continues {
            self.remember();
        }
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        self.settle_cursor();
        self.typing = if text.contains(char::is_whitespace) { Typing::No } else { Typing::Word };
    }

    /// Puts text in place of a range.
    pub(crate) fn replace(&mut self, range: Range<usize>, text: &str) {
        self.remember();
        self.text.replace_range(range.clone(), text);
        self.cursor = range.start + text.len();
        self.settle_cursor();
    }

    /// Deletes from the cursor to where a motion leads.
    pub(crate) fn delete(&mut self, motion: Motion) {
        let range = self.range(motion);
        if !range.is_empty() {
            self.replace(range, "");
        }
    }

    /// The same, and keeps what was deleted for [`TextArea::yank`].
    pub(crate) fn kill(&mut self, motion: Motion) {
        let mut range = self.range(motion);
        // At the end of a line its break goes.
        if range.is_empty() && motion == Motion::LineEnd {
            range = self.range(Motion::Right);
        }
        if !range.is_empty() {
            self.killed = self.text[range.clone()].to_owned();
            self.replace(range, "");
        }
    }

    /// Types what was killed last.
    pub(crate) fn yank(&mut self) {
        let killed = self.killed.clone();
        self.remember();
        self.text.insert_str(self.cursor, &killed);
        self.cursor += killed.len();
        self.settle_cursor();
    }

    /// Takes the last change back.
    pub(crate) fn undo(&mut self) {
        if let Some((text, cursor)) = self.undo.pop() {
            (self.text, self.cursor) = (text, cursor);
        }
        self.typing = Typing::No;
    }

    /// Moves the cursor.
    pub(crate) fn go(&mut self, motion: Motion) {
        self.cursor = self.target(motion);
        self.typing = Typing::No;
    }

    /// Moves the cursor to a byte offset; one inside a character counts as its beginning.
    pub(crate) fn go_to(&mut self, offset: usize) {
        self.cursor = offset.min(self.text.len());
        self.settle_cursor();
        self.typing = Typing::No;
    }

    /// The word around the cursor, as far as it is left of it.
    pub(crate) fn word_before(&self) -> Range<usize> {
        let before = &self.text[..self.cursor];
        let start = before
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + before[at..].chars().next().map_or(0, char::len_utf8));
        start..self.cursor
    }

    fn remember(&mut self) {
        self.typing = Typing::No;
        // A text with a key is in nobody's way back.
        if key_shape::contains_key_shape(&self.text) {
            self.undo.clear();
            return;
        }
        if self.undo.len() == MOST_UNDO {
            self.undo.remove(0);
        }
        self.undo.push((self.text.clone(), self.cursor));
    }

    fn range(&self, motion: Motion) -> Range<usize> {
        let target = self.target(motion);
        target.min(self.cursor)..target.max(self.cursor)
    }

    fn target(&self, motion: Motion) -> usize {
        let (before, after) = self.text.split_at(self.cursor);
        match motion {
            Motion::Left => before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at),
            Motion::Right => self.cursor + after.graphemes(true).next().map_or(0, str::len),
            Motion::WordLeft => before.unicode_word_indices().next_back().map_or(0, |(at, _)| at),
            Motion::WordRight => after
                .unicode_word_indices()
                .next()
                .map_or(self.text.len(), |(at, word)| self.cursor + at + word.len()),
            Motion::LineStart => before.rfind('\n').map_or(0, |at| at + 1),
            Motion::LineEnd => after.find('\n').map_or(self.text.len(), |at| self.cursor + at),
            Motion::Start => 0,
            Motion::End => self.text.len(),
        }
    }

    /// What was typed may have joined the character before or after it.
    fn settle_cursor(&mut self) {
        let boundary = |at: &usize| *at >= self.cursor;
        let ends = self.text.grapheme_indices(true).map(|(at, grapheme)| at + grapheme.len());
        self.cursor = std::iter::once(0).chain(ends).find(boundary).unwrap_or(self.text.len());
    }
}
