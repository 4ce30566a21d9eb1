//! The terminal: taken and given back, read, painted on.

pub mod clipboard;
mod editor;
mod full_screen;
mod guard;
mod input;
mod pen;
mod screen;

pub use editor::Editor;
pub(crate) use editor::edit;
pub(crate) use full_screen::FullScreen;
pub(crate) use guard::Guard;
pub(crate) use input::Input;
pub use screen::Reflow;
pub(crate) use screen::Screen;

#[cfg(test)]
mod tests;
