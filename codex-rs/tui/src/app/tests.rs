//! The whole program but for its engine: keys and an engine's JSON in, what a terminal shows out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod cells;
mod engine;
mod panels;
mod popups;
mod stage;
mod switch;
