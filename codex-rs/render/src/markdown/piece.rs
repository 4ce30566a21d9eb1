//! Logical lines: what a document says, whatever the width.

use std::sync::Arc;

use ratatui_core::text::{Line, Span};

use super::table::{Row, Shape, Table};
use crate::words::printable;
use crate::wrap::{self, Indent};
use crate::{Form, Look, Tone};

/// A rule is not drawn longer than this.
const LONGEST_RULE: u16 = 60;

/// One logical line; a table is one, too.
#[derive(Debug, Clone)]
pub(super) enum Piece {
    /// Broken between words.
    Text { indent: Indent, line: Line<'static> },
    /// Broken at columns.
    Code { indent: Indent, line: Line<'static> },
    /// A line across.
    Rule { indent: Indent },
    /// Fitted to the width.
    Table { indent: Indent, table: Box<Table> },
    /// One more row of a long table, in the columns that it has.
    Row { shape: Arc<Shape>, row: Row },
}

impl Piece {
    pub(super) fn blank() -> Self {
        Piece::Text { indent: Indent::none(), line: Line::default() }
    }

    pub(super) fn faint(text: &str, look: Look) -> Self {
        let line = Line::from(Span::styled(printable(text).into_owned(), look.style(Tone::Faint)));
        Piece::Text { indent: Indent::none(), line }
    }

    /// Adds the lines of this piece at `width`.
    pub(super) fn lay_out(&self, width: u16, look: Look, lines: &mut Vec<Line<'static>>) {
        match self {
            Piece::Text { indent, line } => lines.extend(wrap::wrap(line, width, indent)),
            Piece::Code { indent, line } => lines.extend(wrap::hard(line, width, indent)),
            Piece::Rule { indent } => {
                let text = match look.form {
                    Form::Drawn => "─".repeat(wrap::room(width, indent).min(LONGEST_RULE).into()),
                    Form::Words => "(a new part)".to_owned(),
                };
                let line = Line::from(Span::styled(text, look.style(Tone::Faint)));
                lines.extend(wrap::wrap(&line, width, indent));
            }
            Piece::Table { indent, table } => {
                let mut indent = indent.clone();
                for line in table.lines(wrap::room(width, &indent), look) {
                    lines.extend(wrap::hard(&line, width, &indent));
                    indent.first.clone_from(&indent.rest);
                }
            }
            Piece::Row { shape, row } => lines.extend(shape.row_lines(row, width, look)),
        }
    }
}
