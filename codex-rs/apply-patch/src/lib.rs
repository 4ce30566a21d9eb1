//! The patch format of the `apply_patch` tool: read, laid over the files it names, and shown as a diff. Pure: files
//! are read by a closure, and nothing is written; whether a path may be touched is the sandbox's word.

mod parse;
mod patch;
mod plan;
mod search;
mod text;
mod unified;

pub use parse::{Expected, ParseError, parse};
pub use patch::{GRAMMAR, Hunk, HunkEnd, HunkLine, Operation, Patch};
pub use plan::{Change, File, Hint, Kind, Plan, PlanError, plan};
