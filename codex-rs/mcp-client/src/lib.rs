//! MCP servers as tools, over the official SDK, whose types stay in here.
//!
//! [`Servers`] owns the servers of one thread: each is started, watched and ended by a task of its own, so that a slow or
//! broken one costs the others nothing. A server over stdio is the person's own program from the person's settings: it
//! runs with full access, as they would run it, but with an environment that holds none of our credentials.

mod call;
mod connection;
mod elicitation;
mod environment;
mod error;
mod handler;
mod http;
mod schema;
mod servers;
mod state;
mod stdio;
mod tool;
mod traffic;
mod watched;

pub use call::{CallOutput, Part};
pub use elicitation::{Answer, Elicitation};
pub use error::{CallError, NotReady};
pub use servers::{Host, Launcher, Servers, Stored};
pub use state::{Ready, ServerStatus, SignIn, State};
pub use tool::{Annotations, Tool};
