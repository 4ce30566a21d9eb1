//! The full-screen transcript (Ctrl+T): every cell whole. Only the cells around the place that is read are laid out.

use codex_render::{Tone, wrap};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui_core::text::Line;

use crate::app_event::AppEvent;
use crate::conversation::{Conversation, Detail};
use crate::picture::{Picture, Scene};

/// Where one reads: the line that is the first on the screen.
#[derive(Debug, Default)]
pub(crate) struct Pager {
    place: Place,
    /// What the last layout put on the screen.
    lines: Vec<Line<'static>>,
    /// Rows of text on the screen.
    page: usize,
    /// Moves that wait for the layout.
    by: isize,
}

/// The first line: of which cell, and which of its lines.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Whatever fills the screen up to the last line.
    #[default]
    End,
    At {
        cell: usize,
        line: usize,
    },
}

impl Pager {
    /// Moves, or closes with `AppEvent::ToggleTranscript`.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Vec<AppEvent> {
        let page = isize::try_from(self.page.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return vec![AppEvent::ToggleTranscript],
            KeyCode::Esc | KeyCode::Char('q') => return vec![AppEvent::ToggleTranscript],
            KeyCode::Up | KeyCode::Char('k') => self.by -= 1,
            KeyCode::Down | KeyCode::Char('j') | KeyCode::Enter => self.by += 1,
            KeyCode::PageUp | KeyCode::Char('b') => self.by -= page,
            KeyCode::PageDown | KeyCode::Char(' ' | 'f') => self.by += page,
            KeyCode::Home | KeyCode::Char('g') => self.place = Place::At { cell: 0, line: 0 },
            KeyCode::End | KeyCode::Char('G') => self.place = Place::End,
            _ => {}
        }
        Vec::new()
    }

    /// Lays out the cells around the place that is read.
    pub(crate) fn settle(&mut self, conversation: &Conversation, scene: &Scene) {
        self.page = usize::from(scene.rows).saturating_sub(1).max(1);
        let entries = conversation.entries();
        let cell_lines = |cell: usize| {
            entries
                .get(cell)
                .map(|entry| entry.cell().lay_out(scene, Detail::Whole).lines)
                .unwrap_or_default()
        };
        let (mut cell, mut line) = match self.place {
            Place::At { cell, line } => (cell.min(entries.len().saturating_sub(1)), line),
            Place::End => (entries.len(), 0),
        };
        let mut up = match self.place {
            Place::End => self.page,
            Place::At { .. } => 0,
        };
        let by = std::mem::take(&mut self.by);
        up += usize::try_from(-by).unwrap_or_default();
        let mut down = usize::try_from(by).unwrap_or_default();
        while up > line && cell > 0 {
            up -= line;
            cell -= 1;
            line = cell_lines(cell).len();
        }
        line = line.saturating_sub(up);
        while down > 0 && cell < entries.len() {
            let left = cell_lines(cell).len().saturating_sub(line);
            if down < left {
                line += down;
                break;
            }
            down -= left;
            (cell, line) = (cell + 1, 0);
        }
        let mut lines: Vec<Line<'static>> = Vec::new();
        let mut next = cell;
        while lines.len() < self.page && next < entries.len() {
            let from = if next == cell { line } else { 0 };
            lines.extend(cell_lines(next).into_iter().skip(from));
            next += 1;
        }
        let at_end = next >= entries.len() && lines.len() <= self.page;
        // Below the end there is nothing to read: the last page is a full one.
        let short = at_end && lines.len() < self.page && (cell, line) != (0, 0) && self.place != Place::End;
        lines.truncate(self.page);
        self.lines = lines;
        self.place = if at_end { Place::End } else { Place::At { cell, line } };
        if short {
            self.settle(conversation, scene);
        }
    }

    /// The whole screen.
    pub(crate) fn view(&self, scene: &Scene) -> Picture {
        let mut lines = self.lines.clone();
        lines.resize(self.page, Line::default());
        let place = match self.place {
            Place::End => "end",
            Place::At { cell: 0, line: 0 } => "beginning",
            Place::At { .. } => "more below",
        };
        let keys = format!("Transcript · {place} · arrows, PgUp, PgDn, Home, End · Esc closes");
        lines.push(wrap::truncate(&Line::from(scene.span(Tone::Faint, keys)), scene.width));
        Picture::of(lines)
    }
}
