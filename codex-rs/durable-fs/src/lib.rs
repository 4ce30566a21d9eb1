//! Files that must not be torn, lost or readable by others: private atomic writes, locks, append-only files.
//!
//! The home of every file write of the program. It does not know what is stored. All calls block; all
//! modes are set whatever the umask is.
#![allow(clippy::disallowed_methods, reason = "this crate is the home of file writes")]

mod append;
mod error;
mod lock;
mod probe;
mod read;
mod sweep;
mod target;
mod write;

pub use append::Durability;
pub use append::append_line;
pub use error::Action;
pub use error::FsError;
pub use error::LinkDanger;
pub use lock::Lock;
pub use read::Exposure;
pub use read::PrivateFile;
pub use read::exposure;
pub use read::read_private;
pub use sweep::sweep_stale;
pub use sweep::temporary_prefix;
pub use target::create_directory;
pub use target::create_private_directory;
pub use target::remove_empty_directory;
pub use write::remove;
pub use write::write_file;
pub use write::write_private;
