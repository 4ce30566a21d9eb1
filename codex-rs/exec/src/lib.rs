//! `codex exec`: one turn without a terminal UI, told to people or to programs. A client of the app-server and of
//! nothing else.
//!
//! [`run`] drives the turn; [`JsonPrinter`] and [`HumanPrinter`] turn notifications into lines; [`prompt`] and
//! [`repository`] hold what is checked before anything starts.

mod error;
mod event;
mod human;
mod json;
pub mod prompt;
pub mod repository;
mod run;
pub mod style;

pub use error::ExecError;
pub use event::{ExecEvent, ExecItem, ItemBody, Usage, WorkState};
pub use human::{FinalMessage, HumanPrinter, Introduction};
pub use json::JsonPrinter;
pub use run::{ExecOptions, Finished, Format, Reader, Streams, run};
