//! What is left of the plan, as bars and words; moments and payers as they are said everywhere.

use codex_app_server_protocol::{
    FallbackKeyState, FallbackMode, FallbackStatus, RateLimitSnapshot, RateLimitWindow, reset_words,
};
use codex_render::{Form, Tone};
use ratatui_core::text::Span;

use crate::picture::Scene;

/// Columns of a bar.
const BAR: usize = 16;
/// Columns of a window's name.
pub(crate) const NAME: usize = 5;
/// Columns of a screen that has room for a bar before the words.
const LEAST_FOR_BAR: u16 = 80;

/// One row per window that is known: its name, a bar, what is left and when it is free again.
pub(crate) fn rows(scene: &Scene, limits: &RateLimitSnapshot) -> Vec<Vec<Span<'static>>> {
    windows(limits).map(|window| row(scene, window)).collect()
}

/// The windows that are known, the short one first.
pub(crate) fn windows(limits: &RateLimitSnapshot) -> impl Iterator<Item = &RateLimitWindow> {
    limits.primary.iter().chain(limits.secondary.iter())
}

/// Percent that are left.
pub(crate) fn left(window: &RateLimitWindow) -> usize {
    usize::try_from(100 - window.used_percent.clamp(0, 100)).unwrap_or_default()
}

/// `5h`, `week`.
pub(crate) fn name(window: &RateLimitWindow) -> String {
    match window.window_duration_mins {
        None => "limit".to_owned(),
        Some(10_080) => "week".to_owned(),
        Some(minutes) if minutes % 1_440 == 0 => format!("{}d", minutes / 1_440),
        Some(minutes) if minutes % 60 == 0 => format!("{}h", minutes / 60),
        Some(minutes) => format!("{minutes}min"),
    }
}

/// A moment as the engine's sentences say it: `2:20 PM`, `Nov 27th, 2026 2:20 PM`.
pub(crate) fn moment(scene: &Scene, unix: i64) -> String {
    reset_words(unix, scene.now.unix, &scene.zone).unwrap_or_else(|| "an unknown time".to_owned())
}

/// What is known of the key, in a few words.
pub(crate) fn key_state(state: FallbackKeyState) -> &'static str {
    match state {
        FallbackKeyState::None => "none stored",
        FallbackKeyState::Ready => "ready",
        // Also after every start: a stored key is asked about when it is added or pays, not before.
        FallbackKeyState::Unchecked => "stored",
        FallbackKeyState::Refused => "refused; add it again",
        FallbackKeyState::OutOfCredit => "out of credit",
    }
}

/// What happens at the limit, in a few words.
pub(crate) fn mode(mode: FallbackMode) -> &'static str {
    match mode {
        FallbackMode::Auto => "the key takes over",
        FallbackMode::Ask => "you are asked",
        FallbackMode::Off => "work stops",
    }
}

/// Tokens since the switch, and their price where it is known.
pub(crate) fn cost(scene: &Scene, status: &FallbackStatus) -> String {
    let tokens = codex_render::words::plural(status.tokens_since_switch, "token", "tokens");
    match status.usd_since_switch {
        Some(usd) => format!("{tokens}{}${usd:.2}", scene.joint()),
        None => tokens,
    }
}

/// What the key has paid for since the program started, once it has: also when the plan pays again.
pub(crate) fn paid(scene: &Scene, status: &FallbackStatus) -> Option<String> {
    let tokens = codex_render::words::plural(status.tokens, "token", "tokens");
    let usd = status.usd.map_or_else(String::new, |usd| format!("{}${usd:.2}", scene.joint()));
    (status.tokens > 0).then(|| format!("{tokens}{usd} by the key in this session"))
}

fn row(scene: &Scene, window: &RateLimitWindow) -> Vec<Span<'static>> {
    let left = left(window);
    let tone = match left {
        0 => Tone::Bad,
        1..=10 => Tone::Warning,
        _ => Tone::Plan,
    };
    let mut spans = vec![scene.span(Tone::Normal, format!("{:<NAME$}", name(window)))];
    if scene.look.form == Form::Drawn && scene.width >= LEAST_FOR_BAR {
        let full = (left * BAR).div_ceil(100).min(BAR);
        spans.push(scene.span(tone, "█".repeat(full)));
        spans.push(scene.span(Tone::Faint, "░".repeat(BAR - full)));
        spans.push(Span::raw(" "));
    }
    spans.push(scene.span(tone, format!("{left}% left")));
    if let Some(resets_at) = window.resets_at {
        let text = match resets_at > scene.now.unix {
            true => format!(", resets at {}", moment(scene, resets_at)),
            false => ", resets now".to_owned(),
        };
        spans.push(scene.span(Tone::Faint, text));
    }
    spans
}
