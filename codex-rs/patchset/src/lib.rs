//! Puts the fallback key into a tree of the official workspace: anchored insertions, checked, applied, taken back.
//!
//! A patch names items, not lines (`anchor`); `search` finds them by parsing, `layout` fits a text in without touching
//! what is there, `plan` makes of a series the new text of each file, and `apply` writes all of them or none.

pub mod anchor;
mod apply;
mod bundle;
mod error;
mod find;
mod layout;
mod manifest;
mod nearest;
mod patch;
mod plan;
mod record;
mod search;
mod source;
mod tree;
mod walk;

pub use apply::{Applied, Change, Guard, Run, Status, apply, changes, check, revert, status, told_version};
pub use bundle::{Bundle, is_tried};
pub use error::Error;
pub use patch::{Conditions, Content, Dependency, Edit, NewFile, NewMember, Patch, PatchError, Series};
pub use plan::{Location, Outcome, Plan, Row, Spoilt};
pub use tree::Tree;
