//! The terminal UI: what happens is an `AppEvent`, `update` changes the state, `view` draws it.
