//! A key from standard input: one line, trimmed, shown to nobody.

use std::io::{BufRead, Read, Write};

use codex_redact::Secret;

use crate::environment::Environment;
use crate::error::CommandError;

/// Longer than any key; whatever is longer is something else, pasted by mistake.
const LONGEST: u64 = 4096;

/// Reads the key. A person at a terminal is told what to paste.
pub(crate) fn read(environment: &Environment, what: &str) -> Result<Secret, CommandError> {
    let stdin = std::io::stdin().lock();
    let mut bytes = Vec::with_capacity(LONGEST as usize + 1);
    let read = if environment.stdin_is_terminal {
        let _ = writeln!(std::io::stderr(), "Paste the {what}, then press Enter:");
        stdin.take(LONGEST + 1).read_until(b'\n', &mut bytes)
    } else {
        stdin.take(LONGEST + 1).read_to_end(&mut bytes)
    };
    read.map_err(|error| CommandError::failed(format!("standard input could not be read: {error}")))?;
    let text = String::from_utf8(bytes).map(zeroized).unwrap_or_else(|error| zeroized_bytes(error.into_bytes()));
    check(text, what)
}
