//! The draft as rows: broken softly, secrets as bullets, the cursor on its column.

use std::ops::Range;

use codex_redact::key_shape;
use codex_render::wrap;
use unicode_segmentation::UnicodeSegmentation;

use crate::slash_dispatch;

/// One visual row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// What is drawn.
    pub(crate) drawn: String,
    /// Bytes of the draft that it stands for.
    pub(crate) bytes: Range<usize>,
}

/// Rows of at most `width` columns, and the cursor as row and column.
pub(crate) fn rows(text: &str, cursor: usize, width: u16) -> (Vec<Row>, (usize, u16)) {
    let width = usize::from(width.max(1));
    let masked = masked(text, cursor);
    let mut rows = Vec::new();
    let mut spot = None;
    let mut row = Row { drawn: String::new(), bytes: 0..0 };
    let mut column = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let is_break = grapheme == "\n" || grapheme == "\r\n";
        let drawn =
            if masked.iter().any(|range| range.contains(&at)) && !is_break { "•" } else { grapheme };
        let columns = if is_break { 0 } else { wrap::width(drawn).max(1) };
        if column + columns > width && column > 0 {
            next(&mut rows, &mut row, at);
            column = 0;
        }
        if at == cursor {
            spot = Some((rows.len(), column));
        }
        if is_break {
            row.bytes.end = at;
            next(&mut rows, &mut row, at + grapheme.len());
            column = 0;
            continue;
        }
        row.drawn.push_str(if drawn == "\t" { " " } else { drawn });
        row.bytes.end = at + grapheme.len();
        column += columns;
    }
    if spot.is_none() && column >= width {
        let end = row.bytes.end;
        next(&mut rows, &mut row, end);
        column = 0;
    }
    let (line, column) = spot.unwrap_or((rows.len(), column));
    rows.push(row);
    (rows, (line, u16::try_from(column).unwrap_or(u16::MAX)))
}

fn next(rows: &mut Vec<Row>, row: &mut Row, start: usize) {
    let begun = Row { drawn: String::new(), bytes: start..start };
    rows.push(std::mem::replace(row, begun));
}

/// What is drawn as bullets: keys, a word that may become one under the cursor, and what follows `/add-api-key` or something
/// that was meant to be it.
pub(crate) fn masked(text: &str, cursor: usize) -> Vec<Range<usize>> {
    let mut ranges = key_shape::find(text);
    if let Some(start) = slash_dispatch::argument_start(text) {
        ranges.push(start + 1..text.len());
    }
    let start = text[..cursor]
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    let end = text[cursor..].find(char::is_whitespace).map_or(text.len(), |at| cursor + at);
    if let Some(prefix) = text[start..end].find("sk-") {
        ranges.push(start + prefix..end);
    }
    ranges
}
