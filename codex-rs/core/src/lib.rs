//! Threads and their turns: what a front end's requests set going, told in the app-server protocol's own notifications.
//!
//! [`Engine`] starts threads, [`ThreadHandle`] talks to one, [`EventSink`] receives what happens. A turn reads top to
//! bottom in `turn.rs`; `items.rs` is the one translation of a model's stream into items. Nothing here draws, parses
//! JSON-RPC, decides who pays or starts a process by itself.

mod calls;
mod context;
mod control;
mod engine;
mod error;
mod history;
mod input;
mod items;
mod models;
#[cfg_attr(not(test), expect(dead_code, reason = "the calls use it next"))]
mod permissions;
mod settings;
mod sink;
mod teller;
mod thread;
mod turn;

pub use engine::{Engine, EngineOptions, Originator, StartedThread};
pub use error::{CoreError, DirectoryProblem, INPUT_CHARACTER_LIMIT};
pub use models::models;
pub use settings::DEFAULT_MODEL;
pub use sink::{EventSink, SinkFuture};
pub use thread::{Announcement, ThreadHandle};
