//! Threads and their turns: what a front end's requests set going, told in the app-server protocol's own notifications.
//!
//! [`Engine`] starts threads, [`ThreadHandle`] talks to one, [`EventSink`] receives what happens. Nothing here draws,
//! parses JSON-RPC, decides who pays or starts a process.

mod engine;
mod error;
mod sink;
mod thread;

pub use engine::{Engine, EngineOptions, StartedThread};
pub use error::{CoreError, DirectoryProblem, INPUT_CHARACTER_LIMIT};
pub use sink::{EventSink, SinkFuture};
pub use thread::{Announcement, ThreadHandle};
