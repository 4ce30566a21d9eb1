//! Judges a command before it runs: is it known to only read, to ask about, dangerous, or never run.
//!
//! Pure: programs are looked up through a closure. A script is judged by the commands a shell would run; where the
//! reading leaves any doubt, the answer is [`Judgement::Unknown`], which is asked about.

mod action;
mod allowances;
mod dangerous;
mod judge;
mod place;
mod prefix;
mod rough;
mod safe;
mod script;
mod tree;

pub use self::action::{Action, actions};
pub use self::allowances::{Allowances, BadPrefix};
pub use self::judge::{Command, Context, Found, FoundKind, Judgement, Repository, judge, proposal};
