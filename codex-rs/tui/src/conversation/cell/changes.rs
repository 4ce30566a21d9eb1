//! Files that the agent changes, or that `/diff` tells of: what happens to each, and the lines.

use codex_app_server_protocol::{FileChangeStatus, FileUpdateChange};
use codex_render::diff::FileDiff;
use codex_render::wrap;
use codex_render::{Form, Tone};
use ratatui_core::text::Line;

use super::marked;
use crate::changes::{self, Places};
use crate::picture::Scene;

/// Rows of all its files that are shown; files behind them are only named.
const ROWS: usize = 24;

#[derive(Debug)]
pub(crate) struct Changes {
    raw: Vec<FileUpdateChange>,
    files: Vec<FileDiff>,
    status: Status,
}

/// How they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    /// The engine's own word.
    Told(FileChangeStatus),
    /// The turn ended before they were made.
    Unknown,
}

impl Changes {
    /// As the engine begins an item.
    pub(crate) fn begun(changes: &[FileUpdateChange], places: &Places) -> Self {
        let status = Status::Told(FileChangeStatus::InProgress);
        Changes { raw: changes.to_vec(), files: places.files(changes), status }
    }

    /// What `/diff` tells: a fact.
    pub(crate) fn known(files: Vec<FileDiff>) -> Self {
        Changes { raw: Vec::new(), files, status: Status::Told(FileChangeStatus::Completed) }
    }

    /// The changes as they were told.
    pub(crate) fn raw(&self) -> &[FileUpdateChange] {
        &self.raw
    }

    pub(crate) fn complete(
        &mut self,
        changes: &[FileUpdateChange],
        status: FileChangeStatus,
        places: &Places,
    ) {
        if !changes.is_empty() && changes != self.raw {
            self.raw = changes.to_vec();
            self.files = places.files(changes);
        }
        self.status = Status::Told(status);
    }

    pub(crate) fn end(&mut self) {
        self.status = Status::Unknown;
    }

    /// Every file, with the first rows of them.
    pub(super) fn folded(&self, scene: &Scene) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut left = ROWS;
        for file in &self.files {
            lines.extend(self.header(scene, file));
            let body = file.body(scene.look, scene.width, left);
            left -= body.lines.len();
            lines.extend(body.lines);
            if body.left_out > 0 {
                left = 0;
                lines.push(changes::more(scene, body.left_out));
            }
        }
        lines.extend(self.outcome(scene));
        lines
    }

    /// Where its files begin.
    pub(super) fn blocks(&self) -> Vec<usize> {
        (0..self.files.len().max(1)).collect()
    }

    /// One of its files, whole.
    pub(super) fn block(&self, scene: &Scene, place: usize, is_last: bool) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        if let Some(file) = self.files.get(place) {
            lines.extend(self.header(scene, file));
            lines.extend(file.body(scene.look, scene.width, usize::MAX).lines);
        }
        if is_last {
            lines.extend(self.outcome(scene));
        }
        lines
    }

    fn header(&self, scene: &Scene, file: &FileDiff) -> Vec<Line<'static>> {
        let indent = marked(scene, Tone::Accent, "• ", "File: ");
        wrap::wrap(&file.header(scene.look), scene.width, &indent)
    }

    /// Said where the files are not changed.
    fn outcome(&self, scene: &Scene) -> Option<Line<'static>> {
        let (tone, text) = match self.status {
            Status::Told(FileChangeStatus::Completed) => return None,
            Status::Told(FileChangeStatus::InProgress) => (Tone::Faint, "not made yet"),
            Status::Told(FileChangeStatus::Failed) => (Tone::Bad, "could not be made; nothing changed"),
            Status::Told(FileChangeStatus::Declined) => (Tone::Warning, "declined; nothing changed"),
            Status::Unknown => (Tone::Warning, "the turn ended before it was made"),
        };
        let mark = match scene.look.form {
            Form::Drawn => "  ",
            Form::Words => "Result: ",
        };
        let line = Line::from(vec![mark.into(), scene.span(tone, text)]);
        Some(wrap::truncate(&line, scene.width))
    }
}
