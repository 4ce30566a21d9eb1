//! The composer as a picture.

use codex_render::{Form, Tone, wrap};
use ratatui_core::text::{Line, Span};

use super::Composer;
use super::layout::{self, Kind, Row};
use crate::facts::Facts;
use crate::picture::{Picture, Scene, Spot};

/// Shown while nothing is written: the longest that fits.
const INVITATIONS: &[&str] = &[
    "Say what is to be done · / commands · ? keys",
    "Say what to do · / commands · ? keys",
    "/ commands · ? keys",
    "? keys",
];
const INVITATIONS_IN_WORDS: &[&str] = &[
    "Say what is to be done. Slash lists commands, question mark the keys.",
    "Slash lists commands.",
    "Say it.",
];
/// Columns of the mark before the draft.
const MARK: u16 = 2;

/// The draft, and below it a list, a search or a hint.
pub(super) fn view(composer: &Composer, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
    if room == 0 {
        return Picture::default();
    }
    let below = below(composer, scene, facts, room - 1);
    let mut picture = draft(composer, scene, room - below.len());
    picture.lines.extend(below);
    picture
}

/// The rows of the draft at this width.
pub(super) fn rows(composer: &Composer, width: u16) -> Vec<Row> {
    // One column stays free for the cursor behind a full row.
    let room = width.saturating_sub(mark_width(width) + 1).max(1);
    let label = |character| composer.attachments.label(character);
    layout::rows(composer.area.text(), &composer.area.hidden(), label, usize::from(room))
}

fn mark_width(width: u16) -> u16 {
    if width > MARK * 2 { MARK } else { 0 }
}

fn draft(composer: &Composer, scene: &Scene, room: usize) -> Picture {
    let indent = mark_width(scene.width);
    let (mark, invitations) = match scene.look.form {
        Form::Drawn => ("› ", INVITATIONS),
        Form::Words => ("> ", INVITATIONS_IN_WORDS),
    };
    let rows = rows(composer, scene.width);
    let (row, column) = layout::spot(&rows, composer.area.cursor());
    // The cursor's row is in the middle, as far as there are rows on both sides of it.
    let first = row.saturating_sub(room / 2).min(rows.len().saturating_sub(room));
    let mut lines = Vec::new();
    for (place, row) in rows.iter().enumerate().skip(first).take(room) {
        let mut spans = Vec::new();
        if indent > 0 {
            spans.push(if place == 0 { scene.span(Tone::Accent, mark) } else { Span::raw("  ") });
        }
        if composer.area.is_empty() && composer.search.is_none() {
            let columns = usize::from(scene.width - indent);
            let invitation = invitations.iter().find(|words| wrap::width(words) <= columns);
            spans.push(scene.span(Tone::Faint, invitation.copied().unwrap_or_default()));
            lines.push(Line::from(spans));
        } else {
            spans.extend(cells(row, scene, usize::from(scene.width - indent)));
            lines.push(Line::from(spans));
        }
    }
    let column = u16::try_from(column).unwrap_or(u16::MAX).saturating_add(indent);
    let cursor = Spot { column: column.min(scene.width.saturating_sub(1)), row: row - first };
    Picture { lines, cursor: Some(cursor) }
}

fn cells(row: &Row, scene: &Scene, room: usize) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut used = 0;
    for cell in &row.cells {
        used += cell.width;
        if used > room {
            break;
        }
        let style = scene.look.style(match cell.kind {
            Kind::Text | Kind::Blank => Tone::Normal,
            Kind::Hidden => Tone::Faint,
            Kind::Label => Tone::Accent,
        });
        match spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push_str(&cell.text),
            _ => spans.push(Span::styled(cell.text.clone(), style)),
        }
    }
    spans
}

fn below(composer: &Composer, scene: &Scene, facts: Facts<'_>, room: usize) -> Vec<Line<'static>> {
    if room == 0 {
        return Vec::new();
    }
    if let Some(search) = &composer.search {
        return vec![search.view(scene)];
    }
    let hint = match (&composer.notice, composer.quit_asked) {
        (Some(notice), _) => Some((Tone::Warning, notice.clone())),
        (None, Some(_)) => Some((Tone::Strong, "Press Ctrl+C again to quit".to_owned())),
        (None, None) => None,
    };
    match hint {
        Some((tone, text)) => {
            let mut lines = wrap::text(&text, scene.look.style(tone), scene.width, &wrap::Indent::none());
            lines.truncate(room);
            lines
        }
        None => composer.popup.view(scene, facts, room),
    }
}
