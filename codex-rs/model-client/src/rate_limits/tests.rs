//! Tests of `rate_limits`.
