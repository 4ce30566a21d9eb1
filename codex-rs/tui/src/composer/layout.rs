//! A draft as rows of a given width: where each row begins, what stands in it, and where the cursor is.

use std::ops::Range;

use codex_render::wrap;
use unicode_segmentation::UnicodeSegmentation;

use super::mask::BULLET;

/// One character as it is drawn, and the place in the draft that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) width: usize,
    /// The byte of the draft.
    pub(super) at: usize,
    pub(super) kind: Kind,
}

/// What a cell stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Blank,
    Hidden,
    /// A part of a placeholder's label.
    Label,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) cells: Vec<Cell>,
    /// The bytes of the draft that it holds, without the line break.
    pub(super) bytes: Range<usize>,
}

/// The rows of `text` for `room` columns. A blank that no longer fits hangs behind its row, so a row may take one column
/// more. `hidden` is sorted; `label` gives the words of a placeholder.
pub(super) fn rows<'a>(
    text: &str,
    hidden: &[Range<usize>],
    label: impl Fn(char) -> Option<&'a str>,
    room: usize,
) -> Vec<Row> {
    let room = room.max(1);
    let mut rows = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        break_line(cells(line, start, hidden, &label, room), start..end, room, &mut rows);
        start = end + 1;
    }
    rows
}

/// The row and the column of a place in the draft.
pub(super) fn spot(rows: &[Row], cursor: usize) -> (usize, usize) {
    let row = rows.iter().rposition(|row| row.bytes.start <= cursor).unwrap_or_default();
    let column = rows
        .get(row)
        .map_or(0, |row| row.cells.iter().take_while(|cell| cell.at < cursor).map(|cell| cell.width).sum());
    (row, column)
}

/// The place in the draft at this column of a row, or the last one before it.
pub(super) fn place(row: &Row, column: usize, is_last_of_line: bool) -> usize {
    let mut used = 0;
    for cell in &row.cells {
        used += cell.width;
        if used > column {
            return cell.at;
        }
    }
    match row.cells.last() {
        // Behind the last cell the cursor would stand in the next row.
        Some(last) if !is_last_of_line => last.at,
        _ => row.bytes.end,
    }
}

fn cells<'a>(
    line: &str,
    start: usize,
    hidden: &[Range<usize>],
    label: &impl Fn(char) -> Option<&'a str>,
    room: usize,
) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(line.len());
    for (offset, grapheme) in line.grapheme_indices(true) {
        let at = start + offset;
        if let Some(words) = grapheme.chars().find_map(label) {
            cells.extend(words.graphemes(true).map(|text| cell(text, at, Kind::Label, room)));
        } else if hidden.iter().any(|range| range.contains(&at)) {
            cells.push(cell(BULLET, at, Kind::Hidden, room));
        } else if grapheme == "\t" {
            cells.extend(std::iter::repeat_n(cell(" ", at, Kind::Blank, room), 4));
        } else if grapheme == " " {
            cells.push(cell(" ", at, Kind::Blank, room));
        } else {
            cells.push(cell(grapheme, at, Kind::Text, room));
        }
    }
    cells
}

fn cell(text: &str, at: usize, kind: Kind, room: usize) -> Cell {
    match wrap::width(text) {
        // What no row can hold, and what would be drawn over its neighbour.
        width if width > room || width == 0 => Cell { text: "?".to_owned(), width: 1, at, kind },
        width => Cell { text: text.to_owned(), width, at, kind },
    }
}

fn break_line(cells: Vec<Cell>, bytes: Range<usize>, room: usize, rows: &mut Vec<Row>) {
    let mut rest = cells.into_iter();
    let mut start = bytes.start;
    loop {
        let (taken, hangs) = row_length(rest.as_slice(), room);
        let row: Vec<Cell> = rest.by_ref().take(taken).collect();
        let is_inside = |next: &Cell| row.last().is_some_and(|last| last.at == next.at);
        // Inside a label the next row begins behind the one place that the label stands for.
        let end = rest.as_slice().first().map_or(bytes.end, |next| next.at + usize::from(is_inside(next)));
        rows.push(Row { cells: row, bytes: start..end });
        if rest.as_slice().is_empty() {
            // The cursor behind a hanging blank needs a row to stand in.
            if hangs {
                rows.push(Row { cells: Vec::new(), bytes: end..end });
            }
            return;
        }
        start = end;
    }
}

/// How many cells go into the next row, and whether the last of them hangs behind it.
fn row_length(cells: &[Cell], room: usize) -> (usize, bool) {
    let mut used = 0;
    let mut word = 0;
    for (place, cell) in cells.iter().enumerate() {
        if used + cell.width > room {
            return match cell.kind {
                Kind::Blank if used == room => (place + 1, true),
                _ if word > 0 => (word, false),
                _ => (place.max(1), false),
            };
        }
        used += cell.width;
        if cell.kind == Kind::Blank {
            word = place + 1;
        }
    }
    (cells.len(), false)
}
