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
    let (width, column) = (usize::from(scene.width), 2 + name + 2 + words);
    let mut lines = match scene.look.form {
        // Columns would be read out across.
        Form::Words => flowing(scene),
        Form::Drawn if width < column => flowing(scene),
        Form::Drawn if width < column * 2 + GAP => columns(scene, name, column, 1),
        Form::Drawn => columns(scene, name, column, 2),
    };
    if lines.len() > room && room > 0 {
        lines.truncate(room - 1);
        lines.push(wrap::truncate(&Line::from(scene.span(Tone::Faint, more(scene))), scene.width));
    }
    lines.truncate(room);
    Picture::of(lines)
}

/// In `count` columns, the key's name `name` wide.
fn columns(scene: &Scene, name: usize, column: usize, count: usize) -> Vec<Line<'static>> {
    let entry = |&(key, what): &(&'static str, &'static str)| -> Vec<Span<'static>> {
        vec![
            Span::raw("  "),
            scene.span(Tone::Accent, format!("{key:name$}")),
            Span::raw("  "),
            scene.span(Tone::Faint, what),
        ]
    };
    let rows = KEYS.len().div_ceil(count);
    let line = |row: usize| {
        let mut spans = KEYS.get(row).map(entry).unwrap_or_default();
        if let Some(second) = KEYS.get(row + rows).filter(|_| count == 2) {
            let used: usize = spans.iter().map(|span| wrap::width(&span.content)).sum();
            spans.push(Span::raw(" ".repeat((column + GAP).saturating_sub(used))));
            spans.extend(entry(second));
        }
        wrap::truncate(&Line::from(spans), scene.width)
    };
    (0..rows).map(line).collect()
}

/// One below the other, as sentences.
fn flowing(scene: &Scene) -> Vec<Line<'static>> {
    let margin = match scene.look.form {
        Form::Drawn => "  ",
        Form::Words => "",
    };
    let indent =
        wrap::Indent { first: vec![Span::raw(margin)], rest: vec![Span::raw(format!("{margin}  "))] };
    let entry = |&(key, what): &(&'static str, &'static str)| {
        let words = scene.span(Tone::Faint, format!(": {what}"));
        wrap::wrap(&Line::from(vec![scene.span(Tone::Accent, key), words]), scene.width, &indent)
    };
    KEYS.iter().flat_map(entry).collect()
}

fn more(scene: &Scene) -> &'static str {
    match scene.look.form {
        Form::Drawn => "  … a larger window shows more",
        Form::Words => "A larger window shows more.",
    }
}

#[cfg(test)]
mod tests;
