//! The inline painter. Finished lines go into the terminal's own scrollback; the live area below them is kept up to date
//! by the fewest bytes.
//!
//! It only ever moves relative to the cursor and never asks the terminal where that is: so the first frame is painted
//! at once, wherever the shell left the cursor, and a terminal that answers nothing does as well as any.

use std::io::{self, Write};

use ratatui_core::text::Line;

use super::pen::{self, Pen, Row};
use crate::picture::{Picture, Spot};

/// Begins a frame: the terminal shows it whole (synchronized update; others ignore it) and without a dancing cursor.
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
const END: &str = "\x1b[?2026l";
const END_WITH_CURSOR: &str = "\x1b[?25h\x1b[?2026l";

/// Finished lines that do not fit beside the live area are let go in so many steps at the most, each of which looks at the
/// whole screen. More are just written.
const MOST_STEPS: usize = 3;

/// What a terminal does to its rows when it becomes narrower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reflow {
    /// It breaks them anew, as most do.
    Wraps,
    /// It cuts them off (xterm, the Linux console).
    Cuts,
}

/// The terminal's rows that belong to us, from the live area's top to its bottom.
#[derive(Debug)]
pub(crate) struct Screen<W> {
    out: W,
    width: u16,
    rows: u16,
    reflow: Reflow,
    /// What stands in the live area now.
    painted: Vec<Row>,
    /// Where the terminal's cursor is: a row of `painted`.
    at: usize,
    /// Where it was last left for typing.
    cursor: Option<Spot>,
    pen: Pen,
}

impl<W: Write> Screen<W> {
    /// A screen of this size. Nothing is written; the cursor stands at the left edge.
    pub(crate) fn new(out: W, width: u16, rows: u16, reflow: Reflow) -> Self {
        Screen {
            out,
            width: width.max(1),
            rows: rows.max(1),
            reflow,
            painted: Vec::new(),
            at: 0,
            cursor: None,
            pen: Pen::default(),
        }
    }

    /// Puts `finished` above the live area for good, and makes the live area look like `live`. All in one write, and
    /// none where nothing changes. A live area that would fill the screen loses its upper rows.
    pub(crate) fn paint(&mut self, finished: &[Line<'_>], live: &Picture) -> io::Result<()> {
        let live = live.clone().fitted(usize::from(self.rows).saturating_sub(1).max(1));
        let below: Vec<Row> = live.lines.iter().map(|line| pen::row(line, self.width)).collect();
        let room = usize::from(self.rows).saturating_sub(below.len()).max(1);
        if finished.len() > room * MOST_STEPS {
            self.flow(finished);
            self.become_rows(&[], &below);
        } else {
            let mut chunks = finished.chunks(room).peekable();
            if chunks.peek().is_none() {
                self.become_rows(&[], &below);
            }
            for chunk in chunks {
                let chunk: Vec<Row> = chunk.iter().map(|line| pen::row(line, self.width)).collect();
                self.become_rows(&chunk, &below);
            }
        }
        if self.pen.is_empty() && self.cursor == live.cursor {
            return Ok(());
        }
        self.cursor = live.cursor;
        let end = match live.cursor {
            Some(Spot { column, row }) => {
                self.go_to(row.min(self.painted.len().saturating_sub(1)));
                self.pen.column(column.min(self.width - 1));
                END_WITH_CURSOR
            }
            None => END,
        };
        self.pen.flush(&mut self.out, BEGIN, end)
    }

    /// The terminal has another size. Its rows may stand elsewhere now; the live area is wiped and painted anew with the
    /// next frame. Scrollback is left to the terminal.
    pub(crate) fn resize(&mut self, width: u16, rows: u16) -> io::Result<()> {
        let (width, rows) = (width.max(1), rows.max(1));
        if (width, rows) == (self.width, self.rows) {
            return Ok(());
        }
        let above = match self.reflow {
            Reflow::Wraps if width < self.width => self.rows_above_cursor_at(width),
            Reflow::Wraps | Reflow::Cuts => self.at,
        };
        self.pen.counted(above.min(usize::from(rows) - 1), 'A');
        (self.width, self.rows) = (width, rows);
        self.wipe()
    }

    /// Something else was on the terminal: the next frame says again where the cursor is, and whether it is seen.
    pub(crate) fn seen_again(&mut self) {
        self.pen.command("\x1b[?25l");
    }

    /// Clears the visible screen; the next frame is painted at its top.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.pen.command("\x1b[H\x1b[2J");
        self.wipe()
    }

    /// Takes the live area away. The cursor stands where it began, for whoever writes next.
    pub(crate) fn leave(&mut self) -> io::Result<()> {
        self.go_to(0);
        self.wipe()
    }

    /// Whoever writes next.
    pub(crate) fn out(&mut self) -> &mut W {
        &mut self.out
    }

    fn wipe(&mut self) -> io::Result<()> {
        self.pen.command("\r\x1b[J");
        self.painted.clear();
        self.at = 0;
        self.cursor = None;
        self.pen.flush(&mut self.out, BEGIN, END_WITH_CURSOR)
    }

    /// Writes lines one below the other where the live area was, and lets them go. Each costs the same, however many there are.
    fn flow(&mut self, finished: &[Line<'_>]) {
        self.go_to(0);
        self.pen.plain();
        self.pen.command("\r\x1b[J");
        for line in finished {
            self.pen.line(line, self.width);
            self.pen.plain();
            self.pen.command("\r\n");
        }
        self.painted.clear();
    }

    /// Makes the rows into `above` and `below`, and lets those above go.
    fn become_rows(&mut self, above: &[Row], below: &[Row]) {
        let wanted: Vec<&Row> = above.iter().chain(below).collect();
        self.make_place(&wanted);
        for (place, new) in wanted.iter().enumerate() {
            let old = &self.painted[place];
            let at = &mut self.at;
            self.pen.change(old, new, |pen| go(pen, at, place));
        }
        // What is above leaves the model without a byte: it just stands where it was painted.
        if self.at < above.len() {
            let lowest = above.len().min(wanted.len().saturating_sub(1));
            self.go_to(lowest);
        }
        self.at -= above.len().min(self.at);
        self.painted = below.to_vec();
    }

    /// Gives the area as many rows as wanted. Rows at the bottom that stay the same are moved, not painted again.
    fn make_place(&mut self, wanted: &[&Row]) {
        let (before, after) = (self.painted.len(), wanted.len());
        let same =
            self.painted.iter().rev().zip(wanted.iter().rev()).take_while(|(old, new)| *old == **new).count();
        if after > before {
            let more = after - before;
            self.go_to(before.saturating_sub(1));
            let breaks = if before == 0 { more - 1 } else { more };
            self.pen.plain();
            for _ in 0..breaks {
                self.pen.command("\r\n");
            }
            self.at += breaks;
            if same > 0 {
                self.go_to(before - same);
                self.pen.counted(more, 'L');
            }
            let blank = vec![pen::blank(self.width); more];
            self.painted.splice(before - same..before - same, blank);
        } else if after < before {
            let fewer = before - after;
            self.pen.plain();
            self.go_to(after - same);
            self.pen.counted(fewer, 'M');
            self.painted.drain(after - same..after - same + fewer);
        }
    }

    fn go_to(&mut self, row: usize) {
        go(&mut self.pen, &mut self.at, row);
    }

    /// Rows from the live area's top to the cursor after the terminal has broken the rows for `width`.
    fn rows_above_cursor_at(&self, width: u16) -> usize {
        let broken = |row: &Row| usize::from(pen::length(row).div_ceil(width).max(1));
        let above: usize = self.painted.iter().take(self.at).map(broken).sum();
        above + self.cursor.map_or(0, |spot| usize::from(spot.column / width))
    }
}

fn go(pen: &mut Pen, at: &mut usize, row: usize) {
    pen.counted(at.saturating_sub(row), 'A');
    pen.counted(row.saturating_sub(*at), 'B');
    *at = row;
}
