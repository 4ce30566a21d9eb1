//! Wire types by protocol version.

pub mod v2;
