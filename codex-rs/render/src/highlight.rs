//! Code in colours: by the name of its language or the ending of its file.

use std::path::Path;

use ratatui_core::text::Span;

use crate::{Look, Tone};

/// Loads what is needed to highlight `language`. It takes some milliseconds: call it on a helper thread, never in a
/// frame. Until it is done, code in this language is drawn plain.
pub fn warm(_language: &str) {}

/// Whether code in `language` is highlighted from now on.
pub fn is_wanted(_language: &str) -> bool {
    false
}

/// Whether code in `language` is highlighted from now on.
pub fn is_warm(_language: &str) -> bool {
    false
}

/// Highlights one piece of code, line by line from its beginning.
#[derive(Debug, Clone)]
pub struct Highlighter {
    look: Look,
}

impl Highlighter {
    /// For a language by name (`rust`) or file ending (`rs`). None where it is unknown or not loaded yet.
    pub fn for_language(_language: &str, _look: Look) -> Option<Self> {
        None
    }

    /// For a file by its name. None where its language is unknown or not loaded yet.
    pub fn for_path(_path: &Path, _look: Look) -> Option<Self> {
        None
    }

    /// The next line, without its line end.
    pub fn line(&mut self, text: &str) -> Vec<Span<'static>> {
        vec![Span::styled(text.to_owned(), self.look.style(Tone::Code))]
    }
}
