//! Long tables: their first rows settle the columns, and every other row is read, drawn and done with by itself. So a
//! table goes to the scrollback while it grows, and costs no more than its rows.

use std::sync::Arc;

use super::compose::{Numbering, Unit};
use super::piece::Piece;
use super::table::Shape;
use crate::Look;

/// So many rows settle the columns.
const FIRST_ROWS: usize = 50;
/// The head, and the line below it that says how columns are aligned.
const HEAD_LINES: usize = 2;

/// A table behind its first rows.
#[derive(Debug, Clone)]
pub(super) struct OpenTable {
    head: Arc<str>,
    shape: Arc<Shape>,
}

/// The first rows of a long table.
pub(super) struct Beginning {
    pub(super) table: OpenTable,
    pub(super) piece: Piece,
    /// How much of the text they are.
    pub(super) length: usize,
}

/// How the top of a table with `length` bytes, at the beginning of `text`, is drawn if the table is a long one.
pub(super) fn begin(text: &str, length: usize, look: Look) -> Option<Beginning> {
    if text[..length].lines().count() < HEAD_LINES + FIRST_ROWS {
        return None;
    }
    let lengths = |lines: usize| text.split_inclusive('\n').take(lines).map(str::len).sum::<usize>();
    let length = lengths(HEAD_LINES + FIRST_ROWS);
    let piece = only_piece(&text[..length], look)?;
    let Piece::Table { table, .. } = &piece else {
        return None;
    };
    let shape = Arc::new(table.shape());
    Some(Beginning { table: OpenTable { head: text[..lengths(HEAD_LINES)].into(), shape }, piece, length })
}

impl OpenTable {
    /// The next row. None if the table ends before `line`.
    pub(super) fn row(&self, line: &str, look: Look) -> Option<Piece> {
        // What a row is does not depend on the rows before it, but on the head.
        match only_piece(&format!("{}{line}", self.head), look)? {
            Piece::Table { table, .. } => {
                let row = table.into_rows().into_iter().nth(1)?;
                Some(Piece::Row { shape: Arc::clone(&self.shape), row })
            }
            Piece::Text { .. } | Piece::Code { .. } | Piece::Rule { .. } | Piece::Row { .. } => None,
        }
    }
}

fn only_piece(source: &str, look: Look) -> Option<Piece> {
    let unit = Unit { source, numbering: Numbering::AsWritten, look };
    let mut pieces = unit.compose().pieces;
    match pieces.len() {
        1 => pieces.pop(),
        _ => None,
    }
}
