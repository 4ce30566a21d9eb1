//! Chores of the workspace that ship with nobody: the checks of `cargo xtask tidy`, as a library for its test.

pub mod tidy;
