//! What is a patch, what is not, and the words for what is not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

#[test]
fn a_whole_patch() {
    let patch = parse("*** Begin Patch\n*** End Patch");
    assert_eq!(patch, Err(ParseError::NothingToDo));
}
