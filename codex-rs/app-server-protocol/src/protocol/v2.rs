//! Version 2, one file per resource. Optional members that the official schema requires are written as `null`.

mod account;
mod approval;
mod background;
mod config;
mod fallback;
mod file_search;
mod initialize;
mod item;
mod mcp;
mod model;
mod thread;
mod turn;

pub use account::*;
pub use approval::*;
pub use background::*;
pub use config::*;
pub use fallback::*;
pub use file_search::*;
pub use initialize::*;
pub use item::*;
pub use mcp::*;
pub use model::*;
pub use thread::*;
pub use turn::*;
