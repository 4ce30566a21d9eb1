//! Starts processes: the only place that does. Later it also builds the walls around them.
//!
//! A command runs in a session and process group of its own, without a terminal and without standard input; both of
//! its outputs share one pipe, so their order is the order of writing. Whatever the group still holds when the
//! command ends, is interrupted or is dropped, is ended with it: nothing runs on unseen.

mod command;
mod error;

pub use command::{CommandSpec, Event, Exit, Policy, Running, TERMINATION_GRACE, spawn};
pub use error::SandboxError;
