//! One cell with its layout, and how much of it has left for the scrollback.

use ratatui_core::text::Line;

use super::cell::{Cell, Detail, Layout};
use crate::picture::Scene;

/// A cell among the others.
#[derive(Debug)]
pub(crate) struct Entry {
    cell: Cell,
    growth: Growth,
    layout: Layout,
    /// The width the layout is for; 0: none yet.
    width: u16,
    /// Lines of the layout that are in the scrollback.
    left: usize,
    /// Letters and digits in them: what tells the place when the width changes.
    left_letters: usize,
    /// Whether the cell has changed since it was laid out.
    change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    Growing,
    Finished,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Changed,
    Same,
}

impl Entry {
    /// A cell that grows.
    pub(super) fn growing(cell: Cell) -> Self {
        Entry::new(cell, Growth::Growing)
    }

    /// A cell that is whole from the start.
    pub(super) fn finished(cell: Cell) -> Self {
        Entry::new(cell, Growth::Finished)
    }

    fn new(cell: Cell, growth: Growth) -> Self {
        let layout = Layout::default();
        Entry { cell, growth, layout, width: 0, left: 0, left_letters: 0, change: Change::Changed }
    }

    /// The cell, to read.
    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }

    /// The cell, to change.
    pub(super) fn cell_mut(&mut self) -> &mut Cell {
        self.change = Change::Changed;
        &mut self.cell
    }

    pub(super) fn finish(&mut self) {
        self.growth = Growth::Finished;
        self.change = Change::Changed;
    }

    pub(super) fn is_finished(&self) -> bool {
        self.growth == Growth::Finished
    }

    /// Lays the cell out, if it or the width has changed or it shows the time.
    pub(super) fn lay_out(&mut self, scene: &Scene) {
        let shows_time = self.growth == Growth::Growing && self.cell.shows_time();
        if self.change == Change::Same && self.width == scene.width && !shows_time {
            return;
        }
        self.layout = self.cell.lay_out(scene, Detail::Folded);
        if self.width != scene.width && self.left > 0 {
            self.find_place();
        }
        self.width = scene.width;
        self.change = Change::Same;
    }

    /// What is not in the scrollback yet.
    pub(super) fn live_lines(&self) -> &[Line<'static>] {
        self.layout.lines.get(self.left..).unwrap_or_default()
    }

    /// The same as far as it is to be seen: in words only, a growing text shows what cannot change any more.
    pub(super) fn shown_lines(&self, scene: &Scene) -> &[Line<'static>] {
        let lines = self.live_lines();
        let calm = scene.look.form == codex_render::Form::Words && self.growth == Growth::Growing;
        if !calm {
            return lines;
        }
        let stable = self.layout.stable.saturating_sub(self.left).min(lines.len());
        &lines[..stable]
    }

    /// Everything that is left of a finished cell.
    pub(super) fn leave_wholly(&mut self) -> Vec<Line<'static>> {
        let lines = self.live_lines().to_vec();
        self.left = self.layout.lines.len();
        // It is not laid out again; the transcript makes its own.
        self.layout = Layout::default();
        lines
    }

    /// At most `rows` lines from the top that cannot change any more.
    pub(super) fn leave_stable(&mut self, rows: usize) -> Vec<Line<'static>> {
        let end = self.layout.stable.min(self.left.saturating_add(rows)).min(self.layout.lines.len());
        let lines = self.layout.lines.get(self.left..end).unwrap_or_default().to_vec();
        self.left_letters += letters(&lines);
        self.left = self.left.max(end);
        lines
    }

    /// After a change of width: the line at which the scrollback's part ends. A line that is half there is shortened.
    fn find_place(&mut self) {
        let mut letters_before = 0;
        for (place, line) in self.layout.lines.iter_mut().enumerate() {
            let here = letters(std::slice::from_ref(line));
            if letters_before + here > self.left_letters {
                skip_letters(line, self.left_letters - letters_before);
                self.left = place;
                return;
            }
            letters_before += here;
        }
        self.left = self.layout.lines.len();
    }
}

fn letters(lines: &[Line<'_>]) -> usize {
    let in_span = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).count();
    lines.iter().flat_map(|line| &line.spans).map(|span| in_span(&span.content)).sum()
}

/// Takes the first letters out of a line, and whatever stands before the next one.
fn skip_letters(line: &mut Line<'static>, mut count: usize) {
    for span in &mut line.spans {
        if count == 0 {
            return;
        }
        let text = span.content.to_mut();
        let mut end = text.len();
        for (at, character) in text.char_indices() {
            if character.is_alphanumeric() {
                if count == 0 {
                    end = at;
                    break;
                }
                count -= 1;
            }
        }
        text.drain(..end);
    }
}
