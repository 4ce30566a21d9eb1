//! The paper that dialogs are drawn on: a title, words, rows to choose from, hints. Made to fit few rows: blanks and
//! hints go first, then explanations, each as a whole; of the rows to choose from, those around the chosen one stay.

use std::ops::Range;

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use crate::picture::{Picture, Scene, Spot};

/// Choices that stay in sight where a dialog says nothing else.
const LEAST_CHOICES: usize = 4;

/// Rows that it keeps in any case: one of it, and one that says how much more there is.
const LEAST_SHORTENED: usize = 2;

/// Rows of a subtitle that are never left out.
const MOST_SUBTITLE: usize = 3;

/// Rows that what is asked about keeps, where it has as many, before an explanation is left out for more of it.
const LEAST_BODY: usize = 4;

/// A dialog's lines while they are put together.
#[derive(Debug)]
pub(crate) struct Sheet<'a> {
    scene: &'a Scene,
    blocks: Vec<Block>,
    /// The block that must stay in sight.
    focus: usize,
    /// The column of the cursor in the block in focus.
    cursor: Option<u16>,
    body: Vec<Line<'static>>,
    /// The first line of it that is shown.
    body_start: usize,
    /// Choices that stay in sight, where there are as many, before an explanation is left out for more of them.
    least_choices: usize,
}

/// What is left out as a whole or not at all.
#[derive(Debug)]
struct Block {
    lines: Vec<Line<'static>>,
    weight: Weight,
}

impl Block {
    fn is_blank(&self) -> bool {
        self.lines.iter().all(|line| wrap::line_width(line) == 0)
    }
}

/// What goes first where room is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Blanks and hints.
    Spare,
    /// Explanations.
    Useful,
    /// Title, where one types, what is not to be missed as long as the choices have room.
    Needed,
    /// What is asked about: its rows scroll.
    Body,
    /// Rows to choose from: they scroll.
    Choice,
}

impl<'a> Sheet<'a> {
    /// A sheet that begins with its title.
    pub(crate) fn titled(scene: &'a Scene, title: &str) -> Self {
        let mut sheet = Sheet {
            scene,
            blocks: Vec::new(),
            focus: 0,
            cursor: None,
            body: Vec::new(),
            body_start: 0,
            least_choices: LEAST_CHOICES,
        };
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
            Form::Words => {
                let end = if title.ends_with('?') { "" } else { "." };
                Line::from(scene.span(Tone::Strong, format!("{title}{end}")))
            }
        };
        sheet.push(Weight::Needed, vec![line]);
        sheet
    }

    /// Columns.
    pub(crate) fn width(&self) -> u16 {
        self.scene.width
    }

    /// So many choices stay in sight before an explanation is left out.
    pub(crate) fn keep_choices(&mut self, count: usize) {
        self.least_choices = count;
    }

    /// Words that belong to the title: their beginning is never left out.
    pub(crate) fn subtitle(&mut self, tone: Tone, text: &str) {
        self.needed(tone, text);
        if let Some((title, [.., words])) = self.blocks.split_first_mut() {
            let kept = words.lines.len().min(MOST_SUBTITLE);
            title.lines.extend(words.lines.drain(..kept));
        }
    }

    /// Words that explain.
    pub(crate) fn text(&mut self, tone: Tone, text: &str) {
        self.words(Weight::Useful, tone, text);
    }

    /// Words that are not left out.
    pub(crate) fn needed(&mut self, tone: Tone, text: &str) {
        self.words(Weight::Needed, tone, text);
    }

    /// Spans that explain; further lines stand `hang` columns in.
    pub(crate) fn line(&mut self, spans: Vec<Span<'static>>, hang: usize) {
        let margin = self.margin();
        let indent = wrap::Indent {
            first: vec![Span::raw(margin)],
            rest: vec![Span::raw(format!("{margin}{}", " ".repeat(hang)))],
        };
        let lines = wrap::wrap(&Line::from(spans), self.scene.width, &indent);
        self.push(Weight::Useful, lines);
    }

    /// What is asked about, from line `start` on: as much of it as there is room for. Once on a sheet.
    pub(crate) fn body(&mut self, lines: Vec<Line<'static>>, start: usize) {
        self.push(Weight::Body, lines.iter().take(LEAST_BODY).cloned().collect());
        self.body = lines.iter().map(|line| wrap::truncate(line, self.scene.width)).collect();
        self.body_start = start;
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) {
        self.push(Weight::Spare, vec![Line::default()]);
    }

    /// Which keys do what.
    pub(crate) fn hint(&mut self, keys: &[&str]) {
        self.words(Weight::Spare, Tone::Faint, &keys.join(self.scene.joint()));
    }

    /// A row one can choose, known by `mark`.
    pub(crate) fn choice(&mut self, mark: &str, text: &str, state: Choice) {
        let (before, tone) = match (self.scene.look.form, state) {
            (Form::Drawn, Choice::Selected) => ("› ", Tone::Selected),
            (Form::Words, Choice::Selected) => ("chosen: ", Tone::Selected),
            (Form::Drawn | Form::Words, Choice::Other) => ("  ", Tone::Normal),
        };
        let mark = if mark.is_empty() { String::new() } else { format!("{mark}  ") };
        if state == Choice::Selected {
            self.focus = self.blocks.len();
        }
        let blanks = " ".repeat(2 + wrap::width(&mark));
        let indent = wrap::Indent {
            first: vec![self.scene.span(tone, before), self.scene.span(tone, mark)],
            rest: vec![Span::raw(blanks)],
        };
        let lines = wrap::text(text, self.scene.look.style(tone), self.scene.width, &indent);
        self.push(Weight::Choice, lines);
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
        self.focus = self.blocks.len();
        self.cursor = Some(column.min(self.scene.width.saturating_sub(1)));
        self.push(Weight::Needed, vec![line]);
    }

    /// The picture, in at most `room` rows.
    pub(crate) fn picture(mut self, room: usize) -> Picture {
        self.leave_out(Weight::Spare, room);
        self.leave_out(Weight::Useful, room);
        self.leave_out(Weight::Needed, room);
        self.shorten_body(room);
        // A blank parts nothing where what stood below it is gone.
        while self.blocks.last().is_some_and(|block| block.weight == Weight::Spare && block.is_blank()) {
            self.blocks.pop();
        }
        self.scroll(room);
        self.fill_body(room);
        let before: usize = self.blocks.iter().take(self.focus).map(|block| block.lines.len()).sum();
        let focused = self.blocks.get(self.focus).map_or(0, |block| block.lines.len());
        // Where not even the rest fits, the end of what is in focus does.
        let first = (before + focused).saturating_sub(room).min(before);
        let lines: Vec<Line<'static>> =
            self.blocks.into_iter().flat_map(|block| block.lines).skip(first).take(room).collect();
        let row = before - first;
        let cursor = self.cursor.filter(|_| row < lines.len()).map(|column| Spot { column, row });
        Picture { lines, cursor }
    }

    /// Leaves out blocks of a weight, the last ones first, until the rest fits.
    fn leave_out(&mut self, weight: Weight, room: usize) {
        let mut at = self.blocks.len();
        while at > 0 && self.least_rows() > room {
            at -= 1;
            // What one chooses from and where one types is never left out, nor is the title.
            let may_go = at > 0 && at != self.focus;
            if may_go && self.blocks[at].weight == weight {
                self.blocks.remove(at);
                if at < self.focus {
                    self.focus -= 1;
                }
            }
        }
    }

    /// Takes rows from what is asked about, which scrolls, until the choices that are to stay in sight fit.
    fn shorten_body(&mut self, room: usize) {
        let Some(place) = self.blocks.iter().position(|block| block.weight == Weight::Body) else { return };
        let least = LEAST_SHORTENED.min(self.body.len());
        while self.least_rows() > room && self.blocks[place].lines.len() > least {
            self.blocks[place].lines.pop();
        }
    }

    /// Rows of all blocks while the choices scroll; all of them where only blanks and hints would have to go.
    fn least_rows(&self) -> usize {
        let has_spare = self.blocks.iter().any(|block| block.weight == Weight::Spare);
        let choices = self.choices();
        let in_sight =
            if has_spare { choices.clone() } else { self.window(&choices, self.least_choices, usize::MAX) };
        self.rows(0..self.blocks.len()) - self.rows(choices) + self.rows(in_sight)
    }

    /// Gives what is asked about the rows that are free, and says how much of it is out of sight.
    fn fill_body(&mut self, room: usize) {
        let Some(place) = self.blocks.iter().position(|block| block.weight == Weight::Body) else { return };
        let others = self.rows(0..self.blocks.len()) - self.blocks[place].lines.len();
        let rows = room.saturating_sub(others).max(self.blocks[place].lines.len());
        if self.body.len() <= rows {
            self.blocks[place].lines = std::mem::take(&mut self.body);
            return;
        }
        let rows = rows.saturating_sub(1);
        let start = self.body_start.min(self.body.len() - rows);
        let (above, below) = (start, self.body.len() - rows - start);
        let mut lines: Vec<Line<'static>> = self.body.drain(start..start + rows).collect();
        let words = match (above, below) {
            (0, below) => format!("{below} more below"),
            (above, 0) => format!("{above} more above"),
            (above, below) => format!("{above} more above, {below} below"),
        };
        let text = match self.scene.look.form {
            Form::Drawn => format!("  … {words} · PgUp PgDn"),
            Form::Words => format!("{words}; PgUp and PgDn move."),
        };
        lines.push(wrap::truncate(&Line::from(self.scene.span(Tone::Faint, text)), self.scene.width));
        self.blocks[place].lines = lines;
    }

    /// Keeps the choices around the chosen one that there is room for.
    fn scroll(&mut self, room: usize) {
        let choices = self.choices();
        let others = self.rows(0..self.blocks.len()) - self.rows(choices.clone());
        let kept = self.window(&choices, usize::MAX, room.saturating_sub(others));
        if kept == choices || kept.is_empty() {
            return;
        }
        let (above, below) = (kept.start > choices.start, kept.end < choices.end);
        self.blocks.drain(kept.end..choices.end);
        self.blocks.drain(choices.start..kept.start);
        let last = choices.start + kept.len() - 1;
        if choices.contains(&self.focus) {
            self.focus -= kept.start - choices.start;
        }
        for (place, is_cut, sign) in [(choices.start, above, "↑ "), (last, below, "↓ ")] {
            let is_free = is_cut && place != self.focus && self.scene.look.form == Form::Drawn;
            // A screen of very few columns has no room for marks.
            if let Some(mark) = self.blocks[place].lines.first_mut().and_then(|line| line.spans.first_mut())
                && is_free
                && mark.content == "  "
            {
                *mark = self.scene.span(Tone::Faint, sign);
            }
        }
    }

    /// The choices around the chosen one: at most so many, in at most so many rows.
    fn window(&self, choices: &Range<usize>, most: usize, rows: usize) -> Range<usize> {
        let focus = if choices.contains(&self.focus) { self.focus } else { choices.start };
        let fits = |range: Range<usize>| range.len() <= most && self.rows(range) <= rows;
        let start = (choices.start..=focus).find(|start| fits(*start..focus + 1)).unwrap_or(focus);
        let end =
            (focus..choices.end).rev().find(|last| fits(start..last + 1)).map_or(start, |last| last + 1);
        start..end
    }

    /// Where the choices stand: without a gap.
    fn choices(&self) -> Range<usize> {
        let is_choice = |block: &Block| block.weight == Weight::Choice;
        let start = self.blocks.iter().position(is_choice).unwrap_or_default();
        start..start + self.blocks.iter().skip(start).take_while(|block| is_choice(block)).count()
    }

    fn rows(&self, range: Range<usize>) -> usize {
        self.blocks.get(range).unwrap_or_default().iter().map(|block| block.lines.len()).sum()
    }

    fn words(&mut self, weight: Weight, tone: Tone, text: &str) {
        let indent = wrap::Indent::every(vec![Span::raw(self.margin())]);
        let lines = wrap::text(text, self.scene.look.style(tone), self.scene.width, &indent);
        self.push(weight, lines);
    }

    fn margin(&self) -> &'static str {
        match self.scene.look.form {
            Form::Drawn => "  ",
            Form::Words => "",
        }
    }

    fn push(&mut self, weight: Weight, lines: Vec<Line<'static>>) {
        let lines = lines.iter().map(|line| wrap::truncate(line, self.scene.width)).collect();
        self.blocks.push(Block { lines, weight });
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
