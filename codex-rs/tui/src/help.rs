//! The keys, shown by `?`. Only those that exist.

use codex_render::{Tone, wrap};
use ratatui_core::text::{Line, Span};

use crate::picture::{Picture, Scene};

const KEYS: &[(&str, &str)] = &[
    ("Enter", "send; while a turn runs, add to it"),
    ("Tab", "while a turn runs: send when it has ended"),
    ("Shift+Enter, Alt+Enter, Ctrl+J", "new line"),
    ("Esc", "interrupt the turn, close what is open"),
    ("Up, Down", "earlier messages"),
    ("Ctrl+R", "search them"),
    ("@", "mention a file"),
    ("/", "commands"),
    ("Ctrl+T", "the whole transcript"),
    ("Ctrl+G", "edit the draft in your editor"),
    ("Ctrl+O", "copy the last answer"),
    ("Ctrl+L", "clear the screen"),
    ("Ctrl+_", "undo"),
    ("Ctrl+C", "clear the draft, else interrupt, else quit"),
    ("Ctrl+D", "quit, on an empty draft"),
    ("Ctrl+Z", "to the shell and back with fg"),
];

/// At most `rows` rows.
pub(crate) fn view(scene: &Scene, rows: usize) -> Picture {
    let line = |(key, what): &(&str, &str)| {
        let line = Line::from(vec![
            Span::raw("  "),
            scene.span(Tone::Accent, *key),
            scene.span(Tone::Faint, format!("  {what}")),
        ]);
        wrap::truncate(&line, scene.width)
    };
    Picture::of(KEYS.iter().take(rows).map(line).collect())
}
