//! The full-screen transcript (Ctrl+T): every cell whole, from the first to the one that grows. Only what is near the place
//! that is read is laid out.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use codex_render::words::plural;
use codex_render::{Form, Tone, wrap};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Line;

use crate::app_event::AppEvent;
use crate::conversation::{Conversation, Entry};
use crate::picture::{Picture, Scene};

/// Blocks whose lines are kept; more than any screen shows.
const KEPT_BLOCKS: usize = 256;

/// Where one reads.
#[derive(Debug, Default)]
pub(crate) struct Pager {
    place: Place,
    moves: Vec<Move>,
    /// Where the blocks of a cell begin, for the cell's revision.
    begins: Vec<Option<(u32, Vec<usize>)>>,
    laid_out: HashMap<Key, Vec<Line<'static>>>,
    width: u16,
    shown: Vec<Line<'static>>,
}

/// The first row that is seen.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// As far down as there is something, also while it grows.
    #[default]
    End,
    At(Row),
}

/// A row of the transcript.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    entry: usize,
    block: usize,
    row: usize,
}

/// Names a block as it was when it was laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    entry: usize,
    block: usize,
    revision: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    Rows(isize),
    /// In screens, less one row that stays to be recognised; half ones count as such.
    Screens(isize),
    HalfScreens(isize),
    ToStart,
    ToEnd,
}

impl Pager {
    /// Moves, or closes with `AppEvent::ToggleTranscript`.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Vec<AppEvent> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let step = match key.code {
            KeyCode::Esc | KeyCode::Char('q') => return vec![AppEvent::ToggleTranscript],
            KeyCode::Char('c' | 't') if control => return vec![AppEvent::ToggleTranscript],
            KeyCode::Char('d') if control => Move::HalfScreens(1),
            KeyCode::Char('u') if control => Move::HalfScreens(-1),
            KeyCode::Char('f') if control => Move::Screens(1),
            KeyCode::Char('b') if control => Move::Screens(-1),
            KeyCode::Char(_) if control => return Vec::new(),
            KeyCode::Down | KeyCode::Enter | KeyCode::Char('j') => Move::Rows(1),
            KeyCode::Up | KeyCode::Char('k') => Move::Rows(-1),
            KeyCode::PageDown | KeyCode::Char(' ') => Move::Screens(1),
            KeyCode::PageUp | KeyCode::Char('b') => Move::Screens(-1),
            KeyCode::Home | KeyCode::Char('g') => Move::ToStart,
            KeyCode::End | KeyCode::Char('G') => Move::ToEnd,
            _ => return Vec::new(),
        };
        self.moves.push(step);
        Vec::new()
    }

    /// Lays out the cells around the place that is read; cells far from it cost nothing.
    pub(crate) fn settle(&mut self, conversation: &mut Conversation, scene: &Scene) {
        let entries = conversation.entries_mut();
        self.refresh(entries.len(), scene);
        let room = room(scene);
        for step in std::mem::take(&mut self.moves) {
            self.go(step, entries, scene, room);
        }
        let first = match self.place {
            Place::At(row) => row,
            Place::End => self.last_screen(entries, scene, room),
        };
        self.shown = self.rows_from(first, entries, scene, room);
        let footer = self.footer(first, entries, scene);
        self.shown.resize(room, Line::default());
        self.shown.push(footer);
    }

    /// The whole screen.
    pub(crate) fn view(&self) -> Picture {
        Picture::of(self.shown.clone())
    }

    fn refresh(&mut self, entries: usize, scene: &Scene) {
        if self.width != scene.width {
            self.width = scene.width;
            self.laid_out.clear();
            // The block stays; its rows are others now.
            if let Place::At(row) = &mut self.place {
                row.row = 0;
            }
        }
        if self.laid_out.len() > KEPT_BLOCKS {
            self.laid_out.clear();
        }
        self.begins.resize(entries, None);
    }

    fn go(&mut self, step: Move, entries: &mut [Entry], scene: &Scene, room: usize) {
        let screen = isize::try_from(room.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
        let rows = match step {
            Move::ToStart => return self.stand_at(Row::default(), entries, scene, room),
            Move::ToEnd => {
                self.place = Place::End;
                return;
            }
            Move::Rows(rows) => rows,
            Move::Screens(screens) => screens.saturating_mul(screen),
            Move::HalfScreens(halves) => halves.saturating_mul((screen / 2).max(1)),
        };
        let from = match self.place {
            Place::At(row) => row,
            Place::End if rows > 0 => return,
            Place::End => self.last_screen(entries, scene, room),
        };
        let to = if rows < 0 {
            self.up(from, rows.unsigned_abs(), entries, scene)
        } else {
            self.down(from, rows.unsigned_abs(), entries, scene)
        };
        self.stand_at(to, entries, scene, room);
    }

    /// Where less than a screen would follow, one is at the end.
    fn stand_at(&mut self, row: Row, entries: &mut [Entry], scene: &Scene, room: usize) {
        let last = self.last_screen(entries, scene, room);
        self.place =
            if row >= last && row != Row::default() || row > last { Place::End } else { Place::At(row) };
    }

    /// The first row of the last screen.
    fn last_screen(&mut self, entries: &mut [Entry], scene: &Scene, room: usize) -> Row {
        self.up(Row { entry: entries.len(), block: 0, row: 0 }, room, entries, scene)
    }

    fn up(&mut self, from: Row, mut rows: usize, entries: &mut [Entry], scene: &Scene) -> Row {
        let mut at = from;
        loop {
            if rows <= at.row {
                return Row { row: at.row - rows, ..at };
            }
            rows -= at.row;
            (at.entry, at.block) = match (at.entry, at.block) {
                (0, 0) => return Row::default(),
                (entry, 0) => (entry - 1, self.begins(entry - 1, entries, scene).len().saturating_sub(1)),
                (entry, block) => (entry, block - 1),
            };
            at.row = self.lines(at, entries, scene).len();
        }
    }

    fn down(&mut self, from: Row, rows: usize, entries: &mut [Entry], scene: &Scene) -> Row {
        let mut at = Row { row: from.row + rows, ..from };
        while at.entry < entries.len() {
            let here = self.lines(at, entries, scene).len();
            if at.row < here {
                break;
            }
            at.row -= here;
            at.block += 1;
            if at.block >= self.begins(at.entry, entries, scene).len() {
                (at.entry, at.block) = (at.entry + 1, 0);
            }
        }
        at
    }

    fn rows_from(
        &mut self,
        first: Row,
        entries: &mut [Entry],
        scene: &Scene,
        room: usize,
    ) -> Vec<Line<'static>> {
        let mut shown = Vec::with_capacity(room + 1);
        let mut at = first;
        while shown.len() < room && at.entry < entries.len() {
            let wanted = room - shown.len();
            shown.extend(self.lines(at, entries, scene).iter().skip(at.row).take(wanted).cloned());
            at = Row { row: 0, block: at.block + 1, ..at };
            if at.block >= self.begins(at.entry, entries, scene).len() {
                at = Row { entry: at.entry + 1, block: 0, row: 0 };
            }
        }
        shown
    }

    /// Where the blocks of a cell begin. A cell is read when it is first asked for.
    fn begins(&mut self, place: usize, entries: &mut [Entry], scene: &Scene) -> &[usize] {
        let (Some(entry), Some(begins)) = (entries.get_mut(place), self.begins.get_mut(place)) else {
            return &[];
        };
        let revision = entry.revision();
        if begins.as_ref().is_none_or(|(known, _)| *known != revision) {
            entry.read(scene.look);
            *begins = Some((revision, entry.cell().blocks()));
        }
        begins.as_ref().map_or(&[], |(_, begins)| begins)
    }

    /// The lines of the block in which a row stands.
    fn lines(&mut self, at: Row, entries: &mut [Entry], scene: &Scene) -> &[Line<'static>] {
        let begins = self.begins(at.entry, entries, scene).to_vec();
        let Some(entry) = entries.get(at.entry) else { return &[] };
        let key = Key { entry: at.entry, block: at.block, revision: entry.revision() };
        if entry.cell().shows_time() {
            self.laid_out.remove(&key);
        }
        self.laid_out.entry(key).or_insert_with(|| entry.cell().block(scene, &begins, at.block))
    }

    /// Where one is, and the keys.
    fn footer(&mut self, first: Row, entries: &mut [Entry], scene: &Scene) -> Line<'static> {
        let place = match self.place {
            Place::End => "the end".to_owned(),
            Place::At(_) => {
                // Cells count the same, however long: one that was not read yet has no length.
                let blocks = self.begins(first.entry, entries, scene).len().max(1);
                let within = first.block * 100 / blocks;
                format!("{} %", (first.entry * 100 + within) / entries.len().max(1))
            }
        };
        let entries = entries.len();
        let cells = plural(u64::try_from(entries).unwrap_or(u64::MAX), "entry", "entries");
        let keys = match scene.look.form {
            Form::Drawn => "↑ ↓ PgUp PgDn Home End",
            Form::Words => "arrows, PgUp, PgDn, Home, End move",
        };
        let joint = scene.joint();
        let line = Line::from(vec![
            scene.span(Tone::Strong, format!("Transcript{joint}{place}")),
            scene.span(Tone::Faint, format!("{joint}q closes{joint}{keys}{joint}{cells}")),
        ]);
        wrap::truncate(&line, scene.width)
    }
}

/// Rows above the footer.
fn room(scene: &Scene) -> usize {
    usize::from(scene.rows).saturating_sub(1)
}
