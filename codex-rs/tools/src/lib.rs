//! The tools a model can call, one file each, and what their commands may inherit.
//!
//! Nothing here talks to the model or decides approvals: a tool reads its arguments, does its work, and words the
//! result for the model.

pub mod environment;
pub mod exec_command;
mod output;

/// What the model is told when it calls a tool that was not offered (wire-facts §10.1).
pub fn unsupported_call(name: &str) -> String {
    format!("unsupported call: {name}")
}
