//! Version 2, one file per resource. Optional members that the official schema requires are written as `null`.

mod account;
mod fallback;
mod initialize;
mod item;
mod thread;
mod turn;

pub use account::*;
pub use fallback::*;
pub use initialize::*;
pub use item::*;
pub use thread::*;
pub use turn::*;
