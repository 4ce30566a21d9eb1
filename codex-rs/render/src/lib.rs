//! Text for terminals: styles that hold on every theme, wrapping, markdown, highlighted code, diffs, words for counts
//! and times. Pure: it owns no terminal and reads nothing.

pub mod diff;
pub mod highlight;
mod look;
pub mod markdown;
pub mod words;
pub mod wrap;

pub use look::{Colour, Form, Look, Tone};
