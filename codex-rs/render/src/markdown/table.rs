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

/// The cells of one row.
pub(super) type Row = Vec<Cell>;

/// One table. Its first row is the head.
#[derive(Debug, Clone)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<Row>,
    row: Row,
}

/// What a row needs to know of its table.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    alignments: Vec<Alignment>,
    head: Row,
    /// The width of each column if there is room enough.
    natural: Vec<usize>,
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

    /// The rows with the head.
    pub(super) fn into_rows(self) -> Vec<Row> {
        self.rows
    }

    pub(super) fn shape(&self) -> Shape {
        let natural = (0..self.alignments.len()).map(|column| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.flatten().map(wrap::line_width).max().unwrap_or(0).max(1)
        });
        Shape {
            alignments: self.alignments.clone(),
            head: self.rows.first().cloned().unwrap_or_default(),
            natural: natural.collect(),
        }
    }

    /// What it looks like in at most `width` columns.
    pub(super) fn lines(&self, width: u16, look: Look) -> Vec<Line<'static>> {
        let shape = self.shape();
        let rows = self.rows.iter().skip(1);
        match shape.columns(width, look) {
            Some(columns) => {
                let mut lines = shape.grid_row(&shape.head, &columns, Tone::Strong, look);
                let rule: Vec<String> = columns.iter().map(|width| "─".repeat(*width)).collect();
                lines.push(Line::from(Span::styled(rule.join(CROSSING), look.style(Tone::Faint))));
                lines.extend(rows.flat_map(|row| shape.grid_row(row, &columns, Tone::Normal, look)));
                lines
            }
            None if self.rows.len() > 1 => rows.flat_map(|row| shape.list_row(row, width, look)).collect(),
            None => shape.head_alone(width),
        }
    }
}

impl Shape {
    /// What another row looks like in at most `width` columns.
    pub(super) fn row_lines(&self, row: &Row, width: u16, look: Look) -> Vec<Line<'static>> {
        let lines = match self.columns(width, look) {
            Some(mut columns) => {
                let used =
                    columns.iter().sum::<usize>() + wrap::width(BETWEEN) * columns.len().saturating_sub(1);
                // What comes late may be longer. Behind the last column there may be room.
                if let (Some(last), Some(Alignment::None | Alignment::Left)) =
                    (columns.last_mut(), self.alignments.last())
                {
                    *last += usize::from(width).saturating_sub(used);
                }
                self.grid_row(row, &columns, Tone::Normal, look)
            }
            None => self.list_row(row, width, look),
        };
        lines.iter().flat_map(|line| wrap::hard(line, width, &Indent::none())).collect()
    }

    /// The width of each column; none if they do not fit.
    fn columns(&self, width: u16, look: Look) -> Option<Vec<usize>> {
        if look.form == Form::Words {
            return None;
        }
        let width = usize::from(width);
        let room = width.checked_sub(wrap::width(BETWEEN) * self.natural.len().saturating_sub(1))?;
        if self.natural.iter().sum::<usize>() <= room {
            return Some(self.natural.clone());
        }
        let columns = shared(&self.natural, room);
        let is_readable = columns
            .iter()
            .zip(&self.natural)
            .all(|(column, natural)| column == natural || *column >= NARROWEST_COLUMN);
        (width >= NARROWEST && is_readable).then_some(columns)
    }

    fn grid_row(&self, row: &Row, columns: &[usize], tone: Tone, look: Look) -> Vec<Line<'static>> {
        let cells: Vec<Cell> = columns
            .iter()
            .enumerate()
            .map(|(column, width)| {
                let cell = row.get(column).map_or(&[][..], Vec::as_slice);
                wrapped(cell, *width).map(|line| line.patch_style(look.style(tone))).collect()
            })
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
        let line_at = |height: usize| {
            let mut spans = Vec::new();
            for (column, (cell, width)) in cells.iter().zip(columns).enumerate() {
                if column > 0 {
                    spans.push(Span::styled(BETWEEN, look.style(Tone::Faint)));
                }
                let line = cell.get(height).cloned().unwrap_or_default();
                let alignment = self.alignments.get(column).copied().unwrap_or(Alignment::None);
                spans.extend(aligned(line, *width, alignment));
            }
            // No blanks at the end of a line.
            while spans.last().is_some_and(|span| span.content.trim().is_empty()) {
                spans.pop();
            }
            if let Some(last) = spans.last_mut() {
                last.content = last.content.trim_end().to_owned().into();
            }
            Line::from(spans)
        };
        (0..height).map(line_at).collect()
    }

    /// `head: value` for each cell; the first of a row has the mark of an item.
    fn list_row(&self, row: &Row, width: u16, look: Look) -> Vec<Line<'static>> {
        let mark = match look.form {
            Form::Drawn => "• ",
            Form::Words => "- ",
        };
        let mut lines = Vec::new();
        for (column, cell) in row.iter().enumerate() {
            let first = Span::raw(if column == 0 { mark } else { "  " });
            let indent = Indent { first: vec![first], rest: vec![Span::raw("    ")] };
            lines.extend(wrap::wrap(&entry(self.head.get(column), cell, look), width, &indent));
        }
        lines
    }

    /// A head without rows, where there is no room for columns.
    fn head_alone(&self, width: u16) -> Vec<Line<'static>> {
        let cells = self.head.iter().flatten();
        let words = cells.flat_map(|line| line.spans.iter().cloned().chain([Span::raw(" ")]));
        wrap::wrap(&Line::from(words.collect::<Vec<_>>()), width, &Indent::none())
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
