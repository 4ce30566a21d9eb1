//! The time, as it is handed to `update` and `view`.

use std::time::Duration;

/// One moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Since the program started; only grows.
    pub since_start: Duration,
    /// Unix seconds of the wall clock.
    pub unix: i64,
}
