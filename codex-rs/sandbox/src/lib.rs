//! Starts processes: the only place that does, and builds the walls around them. The door for files that tools touch.
//!
//! A command runs in a session and process group of its own, without a terminal and without standard input; both of
//! its outputs share one pipe, so their order is the order of writing. Whatever the group still holds when the
//! command ends, is interrupted or is dropped, is ended with it: nothing runs on unseen.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where processes are started and the model's files written"
)]

mod command;
mod error;
mod files;
mod policy;
mod sandbox;
mod self_test;
mod terminal;
mod walls;

pub use command::{CommandSpec, Event, Exit, Input, Running, Stdin, Stdio, Streams, TERMINATION_GRACE};
pub use error::SandboxError;
pub use files::{FileChange, FileError, Files, Judged, Outside, Problem};
pub use policy::{Access, CREDENTIAL_FILES, Network, PROTECTED_NAMES, Policy, Root, RootKind, Workspace};
pub use sandbox::{Choice, Sandbox, SandboxOptions};
pub use terminal::Size;
pub use walls::Mechanism;
pub use walls::cover::credential_folders;
