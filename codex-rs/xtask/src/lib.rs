//! Chores of the workspace that ship with nobody, as a library for its tests: the checks of `cargo xtask tidy`, and the
//! program in a terminal that nobody sees.

pub mod terminal;
pub mod tidy;
