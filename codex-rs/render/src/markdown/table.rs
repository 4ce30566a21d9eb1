//! Tables: columns that shrink, cells that wrap, and a list where there is no room for columns.

use pulldown_cmark::Alignment;
use ratatui_core::text::{Line, Span};

use crate::wrap::{self, Indent};
use crate::{Form, Look, Tone};

/// A table narrower than this becomes a list.
const NARROWEST: usize = 30;
/// Where a column would be narrower than this although it needs more, the table becomes a list.
const NARROWEST_COLUMN: usize = 6;
/// Between two columns.
const BETWEEN: &str = " │ ";
const CROSSING: &str = "─┼─";

/// The lines of one cell.
type Cell = Vec<Line<'static>>;

/// One table. Its first row is the head.
#[derive(Debug, Clone)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Vec<Cell>>,
    row: Vec<Cell>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Table { alignments, rows: Vec::new(), row: Vec::new() }
    }

    pub(super) fn cell(&mut self, cell: Cell) {
        self.row.push(cell);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// What it looks like in at most `width` columns.
    pub(super) fn lines(&self, width: u16, look: Look) -> Vec<Line<'static>> {
        let columns = match look.form {
            Form::Drawn => self.columns(width.into()),
            Form::Words => None,
        };
        match columns {
            Some(columns) => self.grid(&columns, look),
            None => self.list(width, look),
        }
    }

    /// The width of each column; none if they do not fit.
    fn columns(&self, width: usize) -> Option<Vec<usize>> {
        let natural: Vec<usize> = (0..self.alignments.len())
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.flatten().map(wrap::line_width).max().unwrap_or(0).max(1)
            })
            .collect();
        let room = width.checked_sub(wrap::width(BETWEEN) * natural.len().saturating_sub(1))?;
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        let columns = shared(&natural, room);
        let is_readable = columns
            .iter()
            .zip(&natural)
            .all(|(column, natural)| column == natural || *column >= NARROWEST_COLUMN);
        (width >= NARROWEST && is_readable).then_some(columns)
    }

    fn grid(&self, columns: &[usize], look: Look) -> Vec<Line<'static>> {
        let faint = look.style(Tone::Faint);
        let mut lines = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let tone = if place == 0 { Tone::Strong } else { Tone::Normal };
            let cells: Vec<Cell> = columns
                .iter()
                .enumerate()
                .map(|(column, width)| {
                    let cell = row.get(column).map_or(&[][..], Vec::as_slice);
                    wrapped(cell, *width).map(|line| line.patch_style(look.style(tone))).collect()
                })
                .collect();
            for height in 0..cells.iter().map(Vec::len).max().unwrap_or(0).max(1) {
                let mut spans = Vec::new();
                for (column, (cell, width)) in cells.iter().zip(columns).enumerate() {
                    if column > 0 {
                        spans.push(Span::styled(BETWEEN, faint));
                    }
                    let line = cell.get(height).cloned().unwrap_or_default();
                    let alignment = self.alignments.get(column).copied().unwrap_or(Alignment::None);
                    spans.extend(aligned(line, *width, alignment));
                }
                // No blanks at the end of a line.
                while spans.last().is_some_and(|span| span.content.trim().is_empty()) {
                    spans.pop();
                }
                lines.push(Line::from(spans));
            }
            if place == 0 {
                let rule: Vec<String> = columns.iter().map(|width| "─".repeat(*width)).collect();
                lines.push(Line::from(Span::styled(rule.join(CROSSING), faint)));
            }
        }
        lines
    }

    /// `head: value` for each cell; the first of a row has the mark of an item.
    fn list(&self, width: u16, look: Look) -> Vec<Line<'static>> {
        let Some((head, rows)) = self.rows.split_first() else {
            return Vec::new();
        };
        if rows.is_empty() {
            let words: Vec<Span<'static>> = head
                .iter()
                .flatten()
                .flat_map(|line| line.spans.iter().cloned().chain([Span::raw(" ")]))
                .collect();
            return wrap::wrap(&Line::from(words), width, &Indent::none());
        }
        let mark = match look.form {
            Form::Drawn => "• ",
            Form::Words => "- ",
        };
        let mut lines = Vec::new();
        for row in rows {
            for (column, cell) in row.iter().enumerate() {
                let first = Span::raw(if column == 0 { mark } else { "  " });
                let indent = Indent { first: vec![first], rest: vec![Span::raw("    ")] };
                lines.extend(wrap::wrap(&entry(head.get(column), cell, look), width, &indent));
            }
        }
        lines
    }
}

fn entry(head: Option<&Cell>, cell: &Cell, look: Look) -> Line<'static> {
    let strong = look.style(Tone::Strong);
    let words = |cell: &Cell| -> Vec<Span<'static>> {
        let lines: Vec<_> = cell.iter().map(|line| line.spans.clone()).collect();
        lines.join(&Span::raw(" "))
    };
    let mut spans = Vec::new();
    let names = head.map(words).unwrap_or_default();
    if !names.is_empty() {
        spans.extend(names.into_iter().map(|span| Span::styled(span.content, strong.patch(span.style))));
        spans.push(Span::styled(": ", strong));
    }
    spans.extend(words(cell));
    Line::from(spans)
}

/// `room` shared so that narrow columns get what they need and wide ones the same.
fn shared(natural: &[usize], room: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..natural.len()).collect();
    order.sort_by_key(|column| natural[*column]);
    let mut columns = vec![0; natural.len()];
    let mut left = room;
    for (place, column) in order.iter().enumerate() {
        let share = left / (natural.len() - place);
        columns[*column] = natural[*column].min(share);
        left -= columns[*column];
    }
    columns
}

fn wrapped(cell: &[Line<'static>], width: usize) -> impl Iterator<Item = Line<'static>> {
    let width = u16::try_from(width).unwrap_or(u16::MAX);
    cell.iter().flat_map(move |line| wrap::wrap(line, width, &Indent::none()))
}

fn aligned(line: Line<'static>, width: usize, alignment: Alignment) -> Vec<Span<'static>> {
    let blanks = width.saturating_sub(wrap::line_width(&line));
    let before = match alignment {
        Alignment::None | Alignment::Left => 0,
        Alignment::Center => blanks / 2,
        Alignment::Right => blanks,
    };
    let style = line.style;
    let mut spans = vec![Span::raw(" ".repeat(before))];
    spans.extend(line.spans.into_iter().map(|span| Span::styled(span.content, style.patch(span.style))));
    spans.push(Span::raw(" ".repeat(blanks - before)));
    spans.retain(|span| !span.content.is_empty());
    spans
}
