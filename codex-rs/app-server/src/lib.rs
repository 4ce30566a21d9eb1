//! The door: requests of the app-server protocol in, answers and notifications out, in one process or over a pipe.
//!
//! [`AppServer::connect`] opens a connection in this process, [`stdio::serve`] runs one over a pair of byte streams;
//! both end in the same connection task. One file per resource answers its methods. No engine logic is here, and
//! nothing here logs or prints parameters.

mod account;
mod audience;
mod background;
mod config;
mod connection;
mod consent;
mod fallback;
mod file_search;
mod git;
mod initialize;
mod lines;
mod mcp;
mod outbox;
mod questions;
mod refusal;
mod server;
mod sink;
pub mod stdio;
mod subscriber;
mod thread;
mod turn;

pub use consent::{ANSWER_LIMIT, ConsentDesk};
pub use fallback::status as fallback_status;
pub use outbox::Inbox;
pub use server::{AppServer, Connection, INGRESS_CAPACITY, Program, ServerOptions};
