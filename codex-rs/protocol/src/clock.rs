//! The time, handed down from the program's edge so that everything below can be tested with a time of its own.

use std::fmt;
use std::sync::Arc;

/// Milliseconds since the unix epoch, from wherever the program's edge takes them.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `now_millis` each time.
    pub fn new(now_millis: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now_millis))
    }

    /// A clock that stands still at this unix second.
    pub fn fixed(unix_seconds: i64) -> Self {
        Clock::new(move || unix_seconds.saturating_mul(1000))
    }

    /// Unix seconds.
    pub fn unix(&self) -> i64 {
        self.millis().div_euclid(1000)
    }

    /// Unix milliseconds.
    pub fn millis(&self) -> i64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
