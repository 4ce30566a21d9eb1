//! One cell with its layout, and how much of it has left for the scrollback.

use codex_render::{Form, Look};
use ratatui_core::text::Line;

use super::cell::{Cell, Layout};
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
    /// Characters in them: what tells the place when the lines are made anew.
    left_characters: usize,
    /// Blank lines at their end.
    left_blanks: usize,
    place: Place,
    change: Change,
    /// Grows with every change, for whoever keeps lines of its own.
    revision: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Growth {
    Growing,
    Finished,
}

/// Where the scrollback's part ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Among lines that stay as they are.
    Settled,
    /// Among lines that are made again with every change, after a change of width: it is to be found again as well.
    Moving,
}

/// What has happened to the cell since it was laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Nothing.
    Same,
    /// Something was added.
    Grown,
    /// Its lines are to be made anew.
    Anew,
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
        Entry {
            cell,
            growth,
            layout: Layout::default(),
            width: 0,
            left: 0,
            left_characters: 0,
            left_blanks: 0,
            place: Place::Settled,
            change: Change::Anew,
            revision: 0,
        }
    }

    /// The cell, to read.
    pub(crate) fn cell(&self) -> &Cell {
        &self.cell
    }

    /// Grows with every change of the cell.
    pub(crate) fn revision(&self) -> u32 {
        self.revision
    }

    /// Takes in what came since it was last drawn.
    pub(crate) fn read(&mut self, look: Look) {
        self.cell.read(look);
    }

    /// The cell, to add to it.
    pub(super) fn cell_mut(&mut self) -> &mut Cell {
        self.revision = self.revision.wrapping_add(1);
        if self.change == Change::Same {
            self.change = Change::Grown;
        }
        &mut self.cell
    }

    /// What was laid out no longer holds.
    pub(super) fn make_anew(&mut self) {
        self.change = Change::Anew;
    }

    pub(super) fn finish(&mut self) {
        self.growth = Growth::Finished;
    }

    pub(super) fn is_finished(&self) -> bool {
        self.growth == Growth::Finished
    }

    /// Lays the cell out, if it or the width has changed or it shows the time.
    pub(super) fn lay_out(&mut self, scene: &Scene) {
        let anew = self.change == Change::Anew || self.width != scene.width;
        let shows_time = self.growth == Growth::Growing && self.cell.shows_time();
        if self.change == Change::Same && !anew && !shows_time {
            return;
        }
        if anew {
            self.layout = Layout::default();
        }
        self.cell.lay_out(scene, &mut self.layout);
        if self.left > 0 && (anew || self.place == Place::Moving) {
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
        if scene.look.form == Form::Drawn || self.growth == Growth::Finished {
            return lines;
        }
        let stable = self.layout.stable.saturating_sub(self.left).min(lines.len());
        &lines[..stable]
    }

    /// Everything that is left of a finished cell.
    pub(super) fn leave_wholly(&mut self) -> Vec<Line<'static>> {
        // It is not laid out again; the transcript makes its own.
        let mut layout = std::mem::take(&mut self.layout);
        self.cell.forget_lines();
        layout.lines.split_off(self.left.min(layout.lines.len()))
    }

    /// At most `rows` lines from the top that cannot change any more.
    pub(super) fn leave_stable(&mut self, rows: usize) -> Vec<Line<'static>> {
        let end = self.layout.stable.min(self.left.saturating_add(rows)).min(self.layout.lines.len());
        // Moved out, so that what has left is given back as it goes and not all at the end.
        let lines: Vec<Line<'static>> = self
            .layout
            .lines
            .get_mut(self.left..end)
            .map(|lines| lines.iter_mut().map(std::mem::take).collect())
            .unwrap_or_default();
        self.left_characters += characters(&lines);
        for line in &lines {
            self.left_blanks =
                if characters(std::slice::from_ref(line)) == 0 { self.left_blanks + 1 } else { 0 };
        }
        self.left = self.left.max(end);
        lines
    }

    /// After lines were made anew: where the scrollback's part ends. A line that is half there is shortened.
    fn find_place(&mut self) {
        let (mut before, mut blanks) = (0, 0);
        self.place = Place::Settled;
        for (place, line) in self.layout.lines.iter_mut().enumerate() {
            let here = characters(std::slice::from_ref(line));
            if before + here > self.left_characters {
                skip(line, self.left_characters - before);
                let is_between = before == self.left_characters;
                self.left = if is_between { place - blanks + self.left_blanks.min(blanks) } else { place };
                if self.left > self.layout.stable || (!is_between && place >= self.layout.stable) {
                    self.place = Place::Moving;
                }
                return;
            }
            before += here;
            blanks = if here == 0 { blanks + 1 } else { 0 };
        }
        self.left = self.layout.lines.len();
        if self.left > self.layout.stable {
            self.place = Place::Moving;
        }
    }
}

fn counts(character: char) -> bool {
    // Blanks come and go with line ends, frames with widths.
    !character.is_whitespace() && !('\u{2500}'..='\u{257f}').contains(&character)
}

fn characters(lines: &[Line<'_>]) -> usize {
    let in_span = |text: &str| text.chars().filter(|character| counts(*character)).count();
    lines.iter().flat_map(|line| &line.spans).map(|span| in_span(&span.content)).sum()
}

/// Takes the first characters that count out of a line, and whatever stands before the next one. The line's indent stays.
fn skip(line: &mut Line<'static>, mut count: usize) {
    if count == 0 {
        return;
    }
    for span in &mut line.spans {
        let text = span.content.to_mut();
        let mut end = text.len();
        for (at, character) in text.char_indices() {
            if counts(character) {
                if count == 0 {
                    end = at;
                    break;
                }
                count -= 1;
            }
        }
        let found = end < text.len();
        text.drain(..end);
        if found {
            return;
        }
    }
}
