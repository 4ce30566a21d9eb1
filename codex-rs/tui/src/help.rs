//! The keys, shown by `?`: only those that exist.

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use crate::picture::{Picture, Scene};

/// A key, and what it does.
const KEYS: &[(&str, &str)] = &[
    ("Enter", "send, or join the turn"),
    ("Tab", "send after this turn"),
    ("Shift+Enter", "new line; also Ctrl+J"),
    ("Esc", "interrupt the turn"),
    ("Ctrl+C", "clear, interrupt, quit"),
    ("Ctrl+D", "quit when empty"),
    ("/", "commands"),
    ("@", "find a file"),
    ("Up, Down", "earlier messages"),
    ("Ctrl+R", "search earlier messages"),
    ("Ctrl+G", "edit in $EDITOR"),
    ("Ctrl+O", "copy the last answer"),
    ("Ctrl+T", "the whole transcript"),
    ("Ctrl+L", "clear the screen"),
    ("Ctrl+_", "undo"),
    ("Ctrl+K U W", "cut to end, start, word"),
    ("Ctrl+Y", "put back what was cut"),
    ("Ctrl+Z", "suspend; fg comes back"),
];

/// Between the two columns.
const GAP: usize = 3;

/// The keys, in two columns where they fit; at most `room` rows.
pub(crate) fn view(scene: &Scene, room: usize) -> Picture {
    let name = KEYS.iter().map(|(name, _)| wrap::width(name)).max().unwrap_or_default();
    let words = KEYS.iter().map(|(_, words)| wrap::width(words)).max().unwrap_or_default();
    let column = 2 + name + 2 + words;
    let entry = |&(key, what): &(&'static str, &'static str)| -> Vec<Span<'static>> {
        vec![
            Span::raw("  "),
            scene.span(Tone::Accent, format!("{key:name$}")),
            Span::raw("  "),
            scene.span(Tone::Faint, what),
        ]
    };
    // Two columns would be read out across.
    let has_room = usize::from(scene.width) >= column * 2 + GAP && scene.look.form == Form::Drawn;
    let columns = if has_room { 2 } else { 1 };
    let rows = KEYS.len().div_ceil(columns);
    let mut lines: Vec<Line<'static>> = Vec::new();
    for row in 0..rows {
        let mut spans = KEYS.get(row).map(entry).unwrap_or_default();
        if let Some(second) = KEYS.get(row + rows).filter(|_| columns == 2) {
            let used: usize = spans.iter().map(|span| wrap::width(&span.content)).sum();
            spans.push(Span::raw(" ".repeat((column + GAP).saturating_sub(used))));
            spans.extend(entry(second));
        }
        lines.push(wrap::truncate(&Line::from(spans), scene.width));
    }
    if lines.len() > room && room > 0 {
        lines.truncate(room - 1);
        lines.push(wrap::truncate(
            &Line::from(scene.span(Tone::Faint, "  … a larger window shows more")),
            scene.width,
        ));
    }
    lines.truncate(room);
    Picture::of(lines)
}

#[cfg(test)]
mod tests;
