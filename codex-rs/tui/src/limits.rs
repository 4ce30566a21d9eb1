//! The plan's windows: their names, their use as a bar, their reset.

use codex_app_server_protocol::{RateLimitSnapshot, RateLimitWindow};
use codex_render::{Form, Tone};
use ratatui_core::text::{Line, Span};

use crate::picture::Scene;
use crate::reset;

/// Columns of a bar.
const BAR: usize = 20;

/// The windows that are known, the shorter first.
pub(crate) fn windows(limits: &RateLimitSnapshot) -> impl Iterator<Item = &RateLimitWindow> {
    [&limits.primary, &limits.secondary].into_iter().flatten()
}

/// `5 h`, `7 d`, `90 min`.
pub(crate) fn name(window: &RateLimitWindow) -> String {
    match window.window_duration_mins {
        None => "limit".to_owned(),
        Some(minutes) if minutes > 0 && minutes % 1_440 == 0 => format!("{} d", minutes / 1_440),
        Some(minutes) if minutes > 0 && minutes % 60 == 0 => format!("{} h", minutes / 60),
        Some(minutes) => format!("{minutes} min"),
    }
}

/// One line per window: name, bar, percentage, reset.
pub(crate) fn lines(scene: &Scene, limits: &RateLimitSnapshot) -> Vec<Line<'static>> {
    windows(limits).map(|window| line(scene, window)).collect()
}

fn line(scene: &Scene, window: &RateLimitWindow) -> Line<'static> {
    let percent = window.used_percent.clamp(0, 100);
    let tone = if percent >= 90 { Tone::Warning } else { Tone::Plan };
    let mut spans = vec![Span::raw(format!("  {:<6}", name(window)))];
    // A bar has its place on wide screens only.
    if scene.look.form == Form::Drawn && usize::from(scene.width) >= BAR + 44 {
        let full = usize::try_from(percent).unwrap_or_default() * BAR / 100;
        spans.push(scene.span(tone, "█".repeat(full)));
        spans.push(scene.span(Tone::Faint, "░".repeat(BAR - full)));
        spans.push(Span::raw(" "));
    }
    spans.push(scene.span(tone, format!("{percent}% used")));
    if let Some(at) = window.resets_at {
        spans.push(scene.span(Tone::Faint, format!(", free again {}", reset::words(at, scene))));
    }
    codex_render::wrap::truncate(&Line::from(spans), scene.width)
}
