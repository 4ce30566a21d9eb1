//! The pictures of `docs/img`: screens of the real program, as SVG. Nothing in them is drawn by hand.

mod story;
mod svg;

use std::error::Error;
use std::path::Path;

/// One picture.
#[derive(Debug)]
pub struct Picture {
    /// The file's name.
    pub name: &'static str,
    /// The file.
    pub svg: String,
}

/// Plays the story with `binary`, and gives its pictures. The same program gives the same bytes.
///
/// # Errors
/// When the story does not go as it should; the error holds the screen.
pub fn take(binary: &Path) -> Result<Vec<Picture>, Box<dyn Error>> {
    story::play(binary)
}
