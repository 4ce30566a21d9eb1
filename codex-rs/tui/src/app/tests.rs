//! The whole program but for its engine: keys and an engine's JSON in, what a terminal shows out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod approvals;
mod boxes;
mod called;
mod cells;
mod engine;
mod hidden;
mod models;
mod panels;
mod popups;
mod stage;
mod start;
mod switch;
mod tools;
mod transcript;
mod turns;
