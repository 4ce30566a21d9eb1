//! Chores of the workspace that ship with nobody, as a library for its tests: the checks of `cargo xtask tidy`, the
//! program in a terminal that nobody sees, the pictures of it, and the page of its settings.
#![allow(clippy::disallowed_methods, reason = "chores ship with nobody")]

pub mod config_docs;
pub mod pictures;
pub mod terminal;
pub mod tidy;
