//! Changes of files as the protocol tells them, made ready to be drawn; paths as the person knows them.

use codex_app_server_protocol::{FileChangeKind, FileUpdateChange};
use codex_render::diff::{Change, FileDiff};
use codex_render::{Form, Tone, wrap};
use ratatui_core::text::Line;

use crate::clean::clean;
use crate::facts::Facts;
use crate::picture::Scene;
use crate::setup::Setup;

/// From where paths are told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// The working folder, absolute.
    folder: String,
    home: Option<String>,
}

impl Places {
    /// From the folder of a thread.
    pub(crate) fn new(folder: &str, setup: &Setup) -> Self {
        Places { folder: folder.to_owned(), home: setup.home.clone() }
    }

    /// From the folder of the thread that is shown.
    pub(crate) fn of(facts: Facts<'_>) -> Self {
        Places::new(&facts.session.folder, facts.setup)
    }

    /// A path, ready to be drawn: within the working folder without it, the home folder as `~`.
    pub(crate) fn shown(&self, path: &str) -> String {
        let inside = path.strip_prefix(self.folder.as_str()).and_then(|rest| rest.strip_prefix('/'));
        let shown = match inside {
            Some(rest) if !rest.is_empty() => rest.to_owned(),
            Some(_) | None => {
                let setup = Setup { home: self.home.clone(), ..Setup::default() };
                setup.shown_folder(path)
            }
        };
        clean(&shown.replace('\n', " ")).into_owned()
    }

    /// The files of an item.
    pub(crate) fn files(&self, changes: &[FileUpdateChange]) -> Vec<FileDiff> {
        changes.iter().map(|change| self.file(change)).collect()
    }

    fn file(&self, change: &FileUpdateChange) -> FileDiff {
        let kind = match &change.kind {
            FileChangeKind::Add => Change::Added,
            FileChangeKind::Delete => Change::Deleted,
            FileChangeKind::Update { move_path: None } => Change::Edited,
            FileChangeKind::Update { move_path: Some(to) } => Change::Moved { to: self.shown(to) },
        };
        FileDiff::new(&self.shown(&change.path), kind, &clean(&change.diff))
    }
}

/// Says how many rows of a diff are not shown.
pub(crate) fn more(scene: &Scene, rows: usize) -> Line<'static> {
    let count = codex_render::words::plural(u64::try_from(rows).unwrap_or(u64::MAX), "row", "rows");
    let text = match scene.look.form {
        Form::Drawn => format!("  … {count} more (Ctrl+T shows all)"),
        Form::Words => format!("{count} not shown; Ctrl+T shows all."),
    };
    wrap::truncate(&Line::from(scene.span(Tone::Faint, text)), scene.width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_where_one_works() {
        let setup = Setup { home: Some("/home/ada".to_owned()), ..Setup::default() };
        let places = Places::new("/home/ada/work", &setup);
        for (path, expect) in [
            ("/home/ada/work/src/a.rs", "src/a.rs"),
            ("/home/ada/work", "~/work"),
            ("/home/ada/workshop/a", "~/workshop/a"),
            ("/etc/hosts", "/etc/hosts"),
        ] {
            assert_eq!(places.shown(path), expect);
        }
    }
}
