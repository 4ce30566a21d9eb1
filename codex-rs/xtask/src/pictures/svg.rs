//! A screen as SVG: text stays text, each run of it in the columns where the terminal has it.

use std::fmt::Write;
use std::ops::Range;

use vt100::{Cell, Color, Screen};

const FONT_SIZE: f32 = 14.0;
const COLUMN: f32 = 8.4;
const ROW: f32 = 19.0;
const MARGIN: f32 = 14.0;
const GROUND: &str = "#1c1e22";
const INK: &str = "#d5d8dd";
const FONTS: &str = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
/// The sixteen colours of a neutral dark theme.
const COLOURS: [&str; 16] = [
    "#2b2e34", "#e0707a", "#8fbf73", "#d8b46a", "#74a8e0", "#c58fd8", "#62b8bd", "#c4c8ce", //
    "#6b7079", "#ee8a92", "#a6d38b", "#e8c986", "#92bdec", "#d6a8e6", "#82cfd3", "#eceef1",
];

/// Neighbouring cells that look the same.
struct Run {
    column: u16,
    columns: u16,
    text: String,
    look: Look,
}

#[derive(Clone, Copy, PartialEq)]
struct Look {
    ink: &'static str,
    /// `None`: the ground of the whole screen.
    ground: Option<&'static str>,
    is_bold: bool,
    is_dim: bool,
    is_italic: bool,
    is_underlined: bool,
}

/// These rows of the screen. `title` is for those who do not see it.
pub(super) fn picture(screen: &Screen, rows: Range<u16>, title: &str) -> String {
    let columns = screen.size().1.get();
    let (width, height) =
        (f32::from(columns) * COLUMN + 2.0 * MARGIN, f32::from(rows.end - rows.start) * ROW + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n\
         <g font-family=\"{FONTS}\" font-size=\"{FONT_SIZE}\" xml:space=\"preserve\">\n",
        escaped(title)
    );
    for row in rows.clone() {
        let top = MARGIN + f32::from(row - rows.start) * ROW;
        for run in runs(screen, row, columns) {
            run.draw(top, &mut svg);
        }
    }
    let (row, column) = screen.cursor_position();
    if !screen.hide_cursor() && rows.contains(&row) {
        let (x, y) = (place(column), MARGIN + f32::from(row - rows.start) * ROW);
        let _ = writeln!(
            svg,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{COLUMN}\" height=\"{ROW}\" fill=\"{INK}\" opacity=\"0.55\"/>"
        );
    }
    svg + "</g>\n</svg>\n"
}

fn place(column: u16) -> f32 {
    MARGIN + f32::from(column) * COLUMN
}

fn runs(screen: &Screen, row: u16, columns: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let cells = (0..columns).filter_map(|column| screen.cell(row, column).map(|cell| (column, cell)));
    for (column, cell) in cells.filter(|(_, cell)| !cell.is_wide_continuation()) {
        let (look, width) = (Look::of(cell), if cell.is_wide() { 2 } else { 1 });
        let text = if cell.has_contents() { cell.contents() } else { " " };
        match runs.last_mut() {
            // A wide character may be drawn narrower or wider than two columns; it stands alone.
            Some(last)
                if last.look == look && width == 1 && last.columns as usize == last.text.chars().count() =>
            {
                last.text.push_str(text);
                last.columns += 1;
            }
            _ => runs.push(Run { column, columns: width, text: text.to_owned(), look }),
        }
    }
    runs
}

impl Run {
    fn draw(&self, top: f32, svg: &mut String) {
        let Run { look, .. } = self;
        let width = f32::from(self.columns) * COLUMN;
        if let Some(ground) = look.ground {
            let x = place(self.column);
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{ROW}\" fill=\"{ground}\"/>"
            );
        }
        let shown = self.text.trim_start();
        let skipped = self.text.chars().count() - shown.chars().count();
        let shown = shown.trim_end();
        if shown.is_empty() {
            return;
        }
        let x = MARGIN + (f32::from(self.column) + skipped as f32) * COLUMN;
        let length = if self.columns as usize == self.text.chars().count() {
            shown.chars().count() as f32 * COLUMN
        } else {
            width
        };
        let _ = writeln!(
            svg,
            "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{length:.1}\" fill=\"{}\"{}>{}</text>",
            top + ROW * 0.74,
            look.ink,
            look.attributes(),
            escaped(shown)
        );
    }
}

impl Look {
    fn of(cell: &Cell) -> Self {
        let (ink, ground) = (named(cell.fgcolor()), named(cell.bgcolor()));
        let (ink, ground) = match cell.inverse() {
            true => (ground.unwrap_or(GROUND), Some(ink.unwrap_or(INK))),
            false => (ink.unwrap_or(INK), ground),
        };
        Look {
            ink,
            ground,
            is_bold: cell.bold(),
            is_dim: cell.dim(),
            is_italic: cell.italic(),
            is_underlined: cell.underline(),
        }
    }

    fn attributes(&self) -> String {
        let all = [
            (self.is_bold, " font-weight=\"bold\""),
            (self.is_dim, " opacity=\"0.6\""),
            (self.is_italic, " font-style=\"italic\""),
            (self.is_underlined, " text-decoration=\"underline\""),
        ];
        all.iter().filter(|(is, _)| *is).map(|(_, attribute)| *attribute).collect()
    }
}

/// `None`: the theme's own. The program uses no colours but the sixteen.
fn named(colour: Color) -> Option<&'static str> {
    match colour {
        Color::Idx(index) => COLOURS.get(usize::from(index)).copied(),
        Color::Default | Color::Rgb(..) => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
