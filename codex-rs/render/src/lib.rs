//! Text for terminals: styles that hold on every theme, wrapping, words for counts and times. Pure: it owns no
//! terminal and reads nothing.

mod look;
pub mod words;
pub mod wrap;

pub use look::{Colour, Form, Look, Tone};
