//! Writes cells: the shortest bytes from what stands on a row to what should.

use std::io::{self, Write};
use std::ops::Range;

use codex_render::wrap;
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::text::Line;

/// One row of the screen, as wide as it.
pub(super) type Row = Buffer;

/// A blank row.
pub(super) fn blank(width: u16) -> Row {
    Buffer::empty(Rect::new(0, 0, width, 1))
}

/// A line as a row; what is too wide is cut.
pub(super) fn row(line: &Line<'_>, width: u16) -> Row {
    let mut row = blank(width);
    row.set_style(row.area, line.style);
    row.set_line(0, 0, line, width);
    row
}

/// Columns up to the last one that shows something.
pub(super) fn length(row: &Row) -> u16 {
    let shown = row.content.iter().rposition(|cell| !is_blank(cell)).map_or(0, |last| last + 1);
    // A wide character in the last place is followed by a cell that stands for its other half.
    let shown = row.content.get(shown.wrapping_sub(1)).map_or(shown, |cell| shown - 1 + columns(cell));
    u16::try_from(shown.min(row.content.len())).unwrap_or(u16::MAX)
}

/// As many blanks are written; more are passed over.
const WIDEST_GAP: usize = 3;

/// The bytes of one frame, and what the terminal's pen looks like after them.
#[derive(Debug, Default)]
pub(super) struct Pen {
    bytes: Vec<u8>,
    style: Look,
}

/// What a cell looks like apart from its character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Look {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

impl Pen {
    /// Adds a command or text as it is.
    pub(super) fn command(&mut self, bytes: &str) {
        self.bytes.extend_from_slice(bytes.as_bytes());
    }

    /// Adds a command with a number, unless the number is 0.
    pub(super) fn counted(&mut self, count: usize, letter: char) {
        match count {
            0 => {}
            1 => self.command(&format!("\x1b[{letter}")),
            _ => self.command(&format!("\x1b[{count}{letter}")),
        }
    }

    /// Moves to a column of the row it is on.
    pub(super) fn column(&mut self, column: u16) {
        match column {
            0 => self.command("\r"),
            _ => self.command(&format!("\x1b[{}G", u32::from(column) + 1)),
        }
    }

    /// Makes `old`, which stands on the cursor's row, into `new`. `to_row` is called once, before the first byte.
    pub(super) fn change(&mut self, old: &Row, new: &Row, to_row: impl FnOnce(&mut Self)) {
        if old == new {
            return;
        }
        to_row(self);
        let end = length(new);
        let mut column = None;
        for (x, _, cell) in old.diff(new) {
            if x >= end {
                break;
            }
            match column {
                Some(here) if here == x => {}
                // Blanks are shorter than the way over them, and whoever records the bytes finds words apart.
                Some(here) if is_gap(new, here..x) => {
                    for cell in &new.content[usize::from(here)..usize::from(x)] {
                        self.style(Look::of(cell));
                        self.command(cell.symbol());
                    }
                }
                Some(_) | None => self.column(x),
            }
            self.style(Look::of(cell));
            self.command(cell.symbol());
            column = Some(x.saturating_add(u16::try_from(columns(cell)).unwrap_or(1)));
        }
        if length(old) > end {
            self.column(end);
            self.plain();
            self.command("\x1b[K");
        }
    }

    /// Writes a line where nothing stands. What is too wide is cut.
    pub(super) fn line(&mut self, line: &Line<'_>, width: u16) {
        if wrap::line_width(line) > usize::from(width)
            || line.spans.iter().any(|span| holds_command(&span.content))
        {
            return self.change(&blank(width), &row(line, width), |_| {});
        }
        for span in &line.spans {
            self.style(Look::from(line.style.patch(span.style)));
            self.command(&span.content);
        }
    }

    /// Back to the terminal's own colours.
    pub(super) fn plain(&mut self) {
        self.style(Look::default());
    }

    /// Whether nothing was written since the last [`Pen::flush`].
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Sends the frame between `before` and `after` in one write.
    pub(super) fn flush(&mut self, out: &mut impl Write, before: &str, after: &str) -> io::Result<()> {
        self.plain();
        self.bytes.extend_from_slice(after.as_bytes());
        let body = std::mem::take(&mut self.bytes);
        let mut frame = Vec::with_capacity(before.len() + body.len());
        frame.extend_from_slice(before.as_bytes());
        frame.extend_from_slice(&body);
        out.write_all(&frame)?;
        out.flush()
    }

    fn style(&mut self, look: Look) {
        if look == self.style {
            return;
        }
        self.style = look;
        let mut codes = String::from("\x1b[0");
        for (modifier, code) in [
            (Modifier::BOLD, ";1"),
            (Modifier::DIM, ";2"),
            (Modifier::ITALIC, ";3"),
            (Modifier::UNDERLINED, ";4"),
            (Modifier::REVERSED, ";7"),
            (Modifier::CROSSED_OUT, ";9"),
        ] {
            if look.modifier.contains(modifier) {
                codes.push_str(code);
            }
        }
        if let Some(code) = colour(look.foreground) {
            codes.push_str(&format!(";{}", code + 30));
        }
        if let Some(code) = colour(look.background) {
            codes.push_str(&format!(";{}", code + 40));
        }
        codes.push('m');
        // The terminal's own look is the shortest to say.
        self.command(if look == Look::default() { "\x1b[m" } else { &codes });
    }
}

impl From<Style> for Look {
    fn from(style: Style) -> Self {
        Look {
            foreground: style.fg.unwrap_or_default(),
            background: style.bg.unwrap_or_default(),
            modifier: style.add_modifier - style.sub_modifier,
        }
    }
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Look { foreground: cell.fg, background: cell.bg, modifier: cell.modifier }
    }
}

/// A few blanks.
fn is_gap(row: &Row, columns: Range<u16>) -> bool {
    let cells = row.content.get(usize::from(columns.start)..usize::from(columns.end));
    columns.len() <= WIDEST_GAP && cells.is_some_and(|cells| cells.iter().all(|cell| cell.symbol() == " "))
}

fn holds_command(text: &str) -> bool {
    text.contains(char::is_control)
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol().trim_end().is_empty() && Look::of(cell) == Look::default()
        || cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(visible_on_blanks())
}

/// What one sees although there is no character.
fn visible_on_blanks() -> Modifier {
    Modifier::UNDERLINED | Modifier::REVERSED | Modifier::CROSSED_OUT
}

fn columns(cell: &Cell) -> usize {
    wrap::width(cell.symbol()).max(1)
}

/// The sixteen colours of the person's theme; others are not used by any tone (`render::Tone`).
fn colour(colour: Color) -> Option<u8> {
    match colour {
        Color::Black => Some(0),
        Color::Red => Some(1),
        Color::Green => Some(2),
        Color::Yellow => Some(3),
        Color::Blue => Some(4),
        Color::Magenta => Some(5),
        Color::Cyan => Some(6),
        Color::Gray => Some(7),
        Color::DarkGray => Some(60),
        Color::LightRed => Some(61),
        Color::LightGreen => Some(62),
        Color::LightYellow => Some(63),
        Color::LightBlue => Some(64),
        Color::LightMagenta => Some(65),
        Color::LightCyan => Some(66),
        Color::White => Some(67),
        Color::Reset | Color::Rgb(..) | Color::Indexed(_) => None,
    }
}
