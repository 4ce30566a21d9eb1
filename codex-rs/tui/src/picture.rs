//! What a part of the screen looks like: styled lines and, in at most one part, the cursor.

use codex_render::{Form, Look, Tone};
use jiff::tz::TimeZone;
use ratatui_core::text::{Line, Span};

use crate::now::Now;

/// What every view is made for.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    /// Columns. No line of a picture is wider.
    pub(crate) width: u16,
    /// Rows of the whole screen.
    pub(crate) rows: u16,
    /// Colours and shapes.
    pub(crate) look: Look,
    /// The time.
    pub(crate) now: Now,
    /// The person's time zone.
    pub(crate) zone: TimeZone,
}

impl Scene {
    /// What stands between parts of a line.
    pub(crate) fn joint(&self) -> &'static str {
        match self.look.form {
            Form::Drawn => " · ",
            Form::Words => ", ",
        }
    }

    /// A piece of text in a tone.
    pub(crate) fn span(&self, tone: Tone, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.look.style(tone))
    }
}

/// Where the cursor stands in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    /// From 0.
    pub(crate) column: u16,
    /// From 0, counted from the picture's first line.
    pub(crate) row: usize,
}

/// Lines to draw.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Picture {
    /// From top to bottom, none wider than the scene.
    pub(crate) lines: Vec<Line<'static>>,
    /// Where typing goes; none hides the cursor.
    pub(crate) cursor: Option<Spot>,
}

impl Picture {
    /// Lines without a cursor.
    pub(crate) fn of(lines: Vec<Line<'static>>) -> Self {
        Picture { lines, cursor: None }
    }

    /// This picture with another one below it. The lower one's cursor counts where both have one.
    pub(crate) fn above(mut self, below: Picture) -> Picture {
        let offset = self.lines.len();
        if let Some(spot) = below.cursor {
            self.cursor = Some(Spot { row: spot.row + offset, ..spot });
        }
        self.lines.extend(below.lines);
        self
    }

    /// How many rows it takes.
    pub(crate) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// At most `rows` rows of it: the last ones, or those around the cursor where it would be lost.
    pub(crate) fn fitted(mut self, rows: usize) -> Picture {
        let extra = self.lines.len().saturating_sub(rows);
        if extra == 0 {
            return self;
        }
        let first = self.cursor.map_or(extra, |spot| extra.min(spot.row));
        self.lines.drain(..first);
        self.lines.truncate(rows);
        if let Some(spot) = &mut self.cursor {
            spot.row -= first;
        }
        self
    }
}
