//! The table agrees with the defaults, and no input makes loading panic or quote a value.
