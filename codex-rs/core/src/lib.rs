//! Threads and their turns: what a front end's requests set going, told in the app-server protocol's own notifications.
//!
//! [`Engine`] starts threads, [`ThreadHandle`] talks to one, [`EventSink`] receives what happens. A turn reads top to
//! bottom in `turn.rs`; `items.rs` is the one translation of a model's stream into items. Nothing here draws, parses
//! JSON-RPC, decides who pays or starts a process by itself.

mod allowed;
mod calls;
mod context;
mod control;
mod engine;
mod error;
mod git;
mod granted;
mod history;
mod input;
mod items;
mod models;
mod notify;
mod permissions;
mod servers;
mod settings;
mod sink;
mod teller;
mod thread;
mod turn;
mod turn_diff;
mod walls;

pub use codex_tools::sessions::{Background, Ended, SessionId, Sessions};
pub use engine::{Engine, EngineOptions, Originator, StartedThread};
pub use error::{CoreError, DirectoryProblem, INPUT_CHARACTER_LIMIT};
pub use git::NoDiff;
pub use models::models;
pub use settings::DEFAULT_MODEL;
pub use sink::{EventSink, SinkFuture};
pub use thread::{Announcement, ThreadHandle};
pub use walls::configured_policy;
