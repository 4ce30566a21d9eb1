//! The full-screen painter, on the terminal's alternate screen: what stands on the ordinary one stays as it is.

use std::io::{self, Write};
use std::sync::atomic::Ordering;

use super::guard::{FULL_SCREEN, LEAVE_FULL_SCREEN};
use super::pen::{self, Pen, Row};
use crate::picture::Picture;

const ENTER: &str = "\x1b[?1049h\x1b[H\x1b[2J\x1b[?25l";
const BEGIN: &str = "\x1b[?2026h\x1b[?25l";
const END: &str = "\x1b[?2026l";

/// The whole screen.
#[derive(Debug)]
pub(crate) struct FullScreen {
    width: u16,
    rows: u16,
    painted: Vec<Row>,
    pen: Pen,
}

impl FullScreen {
    /// Takes the whole screen.
    pub(crate) fn enter(out: &mut impl Write, width: u16, rows: u16) -> io::Result<Self> {
        FULL_SCREEN.store(true, Ordering::SeqCst);
        out.write_all(ENTER.as_bytes())?;
        out.flush()?;
        let (width, rows) = (width.max(1), rows.max(1));
        let painted = vec![pen::blank(width); usize::from(rows)];
        Ok(FullScreen { width, rows, painted, pen: Pen::default() })
    }

    /// Makes the screen look like `picture`; rows that do not fit are left out.
    pub(crate) fn paint(&mut self, out: &mut impl Write, picture: &Picture) -> io::Result<()> {
        for (place, old) in self.painted.iter_mut().enumerate() {
            let new = picture
                .lines
                .get(place)
                .map_or_else(|| pen::blank(self.width), |line| pen::row(line, self.width));
            self.pen.change(old, &new, |pen| pen.command(&format!("\x1b[{}H", place + 1)));
            *old = new;
        }
        if self.pen.is_empty() { Ok(()) } else { self.pen.flush(out, BEGIN, END) }
    }

    /// The terminal has another size.
    pub(crate) fn resize(&mut self, out: &mut impl Write, width: u16, rows: u16) -> io::Result<()> {
        (self.width, self.rows) = (width.max(1), rows.max(1));
        self.painted = vec![pen::blank(self.width); usize::from(self.rows)];
        out.write_all(b"\x1b[H\x1b[2J")?;
        out.flush()
    }

    /// Gives the screen back as it was.
    pub(crate) fn leave(self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(LEAVE_FULL_SCREEN.as_bytes())?;
        FULL_SCREEN.store(false, Ordering::SeqCst);
        out.flush()
    }
}
