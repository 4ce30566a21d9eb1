//! The escape suite: every known way out, tried under every mechanism of this machine, as a user other than root.
//!
//! Run by root it drops to another user first. A mechanism that does not work here is listed as not run; none at all fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "tests make the files and processes that they attack")]

#[cfg(target_os = "linux")]
#[path = "escape/cases.rs"]
mod cases;
#[cfg(target_os = "linux")]
#[path = "escape/helper.rs"]
mod helper;
#[cfg(target_os = "linux")]
#[path = "escape/races.rs"]
mod races;
#[cfg(target_os = "linux")]
#[path = "escape/stage.rs"]
mod stage;
#[cfg(target_os = "linux")]
#[path = "escape/suite.rs"]
mod suite;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    suite::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("escapes: no mechanism of this system is tested yet");
}
