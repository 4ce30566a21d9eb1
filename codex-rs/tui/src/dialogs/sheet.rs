//! The paper that dialogs are drawn on: a title, words, rows to choose from, hints. Made to fit few rows: blanks and
//! hints go first, then explanations, and what is chosen always stays in sight.

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use crate::picture::{Picture, Scene, Spot};

/// A dialog's lines while they are put together.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    scene: &'a Scene,
    rows: Vec<Row>,
    /// The row that must stay in sight.
    focus: usize,
    /// The column of the cursor in the row in focus.
    cursor: Option<u16>,
}

#[derive(Debug)]
struct Row {
    line: Line<'static>,
    weight: Weight,
}

/// What goes first where room is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Blanks and hints.
    Spare,
    /// Explanations.
    Useful,
    /// Title, rows to choose from, where one types.
    Needed,
}

impl<'a> Sheet<'a> {
    /// A sheet that begins with its title.
    pub(crate) fn titled(scene: &'a Scene, title: &str) -> Self {
        let mut sheet = Sheet { scene, rows: Vec::new(), focus: 0, cursor: None };
        let line = match scene.look.form {
            Form::Drawn => {
                let before = Line::from(vec![
                    scene.span(Tone::Accent, "── "),
                    scene.span(Tone::Strong, title),
                    scene.span(Tone::Accent, " "),
                ]);
                let room = usize::from(scene.width).saturating_sub(wrap::line_width(&before));
                let mut line = before;
                line.push_span(scene.span(Tone::Accent, "─".repeat(room)));
                line
            }
            Form::Words => Line::from(scene.span(Tone::Strong, format!("{title}."))),
        };
        sheet.push(Weight::Needed, line);
        sheet
    }

    /// Words that explain.
    pub(crate) fn text(&mut self, tone: Tone, text: &str) {
        self.words(Weight::Useful, tone, text);
    }

    /// Words that are not left out.
    pub(crate) fn needed(&mut self, tone: Tone, text: &str) {
        self.words(Weight::Needed, tone, text);
    }

    /// A line of spans that explains; cut where it is too long.
    pub(crate) fn line(&mut self, spans: Vec<Span<'static>>) {
        let mut all = vec![Span::raw("  ")];
        all.extend(spans);
        self.push(Weight::Useful, Line::from(all));
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) {
        self.push(Weight::Spare, Line::default());
    }

    /// Which keys do what.
    pub(crate) fn hint(&mut self, text: &str) {
        self.words(Weight::Spare, Tone::Faint, text);
    }

    /// A row one can choose, known by `mark`.
    pub(crate) fn choice(&mut self, mark: &str, text: &str, state: Choice) {
        let (before, after, tone) = match (self.scene.look.form, state) {
            (Form::Drawn, Choice::Selected) => ("› ", "", Tone::Selected),
            (Form::Drawn, Choice::Other) => ("  ", "", Tone::Normal),
            (Form::Words, Choice::Selected) => ("", " (selected)", Tone::Selected),
            (Form::Words, Choice::Other) => ("", "", Tone::Normal),
        };
        let mark = if mark.is_empty() { String::new() } else { format!("{mark}  ") };
        if state == Choice::Selected {
            self.focus = self.rows.len();
        }
        let line = Line::from(self.scene.span(tone, format!("{before}{mark}{text}{after}")));
        self.push(Weight::Needed, line);
    }

    /// Where one types; the cursor stands behind it.
    pub(crate) fn input(&mut self, spans: Vec<Span<'static>>) {
        let mut all = match self.scene.look.form {
            Form::Drawn => vec![self.scene.span(Tone::Accent, "› ")],
            Form::Words => Vec::new(),
        };
        all.extend(spans);
        let line = wrap::truncate(&Line::from(all), self.scene.width);
        let column = u16::try_from(wrap::line_width(&line)).unwrap_or(u16::MAX);
        self.focus = self.rows.len();
        self.cursor = Some(column.min(self.scene.width.saturating_sub(1)));
        self.push(Weight::Needed, line);
    }

    /// The picture, in at most `room` rows.
    pub(crate) fn picture(mut self, room: usize) -> Picture {
        for weight in [Weight::Spare, Weight::Useful] {
            self.leave_out(weight, room);
        }
        let first = self.focus.saturating_sub(room.saturating_sub(1));
        let lines: Vec<Line<'static>> =
            self.rows.into_iter().skip(first).take(room).map(|row| row.line).collect();
        let row = self.focus - first;
        let cursor = self.cursor.filter(|_| row < lines.len()).map(|column| Spot { column, row });
        Picture { lines, cursor }
    }

    /// Leaves out rows of a weight, the last ones first, until the rest fits.
    fn leave_out(&mut self, weight: Weight, room: usize) {
        let mut at = self.rows.len();
        while at > 0 && self.rows.len() > room {
            at -= 1;
            if self.rows[at].weight == weight {
                self.rows.remove(at);
                if at < self.focus {
                    self.focus -= 1;
                }
            }
        }
    }

    fn words(&mut self, weight: Weight, tone: Tone, text: &str) {
        let margin = match self.scene.look.form {
            Form::Drawn => "  ",
            Form::Words => "",
        };
        let indent = wrap::Indent { first: vec![Span::raw(margin)], rest: vec![Span::raw(margin)] };
        for line in wrap::text(text, self.scene.look.style(tone), self.scene.width, &indent) {
            self.push(weight, line);
        }
    }

    fn push(&mut self, weight: Weight, line: Line<'static>) {
        self.rows.push(Row { line: wrap::truncate(&line, self.scene.width), weight });
    }
}

/// Whether a row is the one that Enter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It is.
    Selected,
    /// It is not.
    Other,
}

impl Choice {
    /// The state of the row at `place`.
    pub(crate) fn at(place: usize, selected: usize) -> Choice {
        if place == selected { Choice::Selected } else { Choice::Other }
    }
}
