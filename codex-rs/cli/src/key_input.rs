//! A key from standard input: one line, trimmed, shown to nobody.

use std::io::{BufRead, Read, Write};

use codex_redact::Secret;

use crate::environment::Environment;
use crate::error::CommandError;

/// Longer than any key; whatever is longer is something else, pasted by mistake.
const LONGEST: usize = 4096;

/// Reads the key for `command`, which a refusal names. A person at a terminal is told what to paste.
pub(crate) fn read(command: &str, environment: &Environment) -> Result<Secret, CommandError> {
    let mut input = std::io::stdin().lock().take(LONGEST as u64 + 1);
    // Room for all of it at once: a buffer that grows would leave copies of the key behind.
    let mut bytes = Vec::with_capacity(LONGEST + 2);
    let read = if environment.stdin_is_terminal {
        // Progress only; nobody misses it when standard error is closed.
        let _ = writeln!(std::io::stderr(), "Paste the API key (it starts with sk-), then press Enter:");
        input.read_until(b'\n', &mut bytes)
    } else {
        input.read_to_end(&mut bytes)
    };
    read.map_err(|error| CommandError::failed(format!("standard input could not be read: {error}")))?;
    one_key(command, bytes)
}

fn one_key(command: &str, bytes: Vec<u8>) -> Result<Secret, CommandError> {
    let refused = |problem: &str| {
        CommandError::failed(format!("{problem}; nothing was stored"))
            .hint(format!("{command} < key.txt     (the file holds the key and nothing else)"))
    };
    if bytes.len() > LONGEST {
        return Err(refused("standard input holds more than a key"));
    }
    let mut text =
        String::from_utf8(bytes).map_err(|_| refused("standard input holds something else than a key"))?;
    text.truncate(text.trim_end().len());
    text.drain(..text.len() - text.trim_start().len());
    // Wrapped before anything else is said about it, so that it is wiped on every way out.
    let (empty, lines, spaces) =
        (text.is_empty(), text.contains(['\n', '\r']), text.contains(char::is_whitespace));
    let key = Secret::new(text);
    match (empty, lines, spaces) {
        (true, _, _) => Err(refused("there is no key on standard input")),
        (false, true, _) => Err(refused("standard input holds several lines, but a key is one line")),
        (false, false, true) => Err(refused("the key contains spaces, so check what was pasted")),
        (false, false, false) => Ok(key),
    }
}

#[cfg(test)]
mod tests {
    use codex_redact::Secret;

    use super::{LONGEST, one_key};

    #[test]
    fn one_line_without_spaces_is_a_key() {
        for text in ["sk-abc", "sk-abc\n", "  sk-abc\r\n\n", "\n\tsk-abc"] {
            assert_eq!(one_key("codex login", text.into()).unwrap(), Secret::new("sk-abc"), "{text:?}");
        }
    }

    #[test]
    fn anything_else_is_not() {
        let huge = "x".repeat(LONGEST + 1);
        for text in ["", " \n", "sk-a\nsk-b", "sk-a sk-b", huge.as_str()] {
            assert!(one_key("codex login", text.into()).is_err(), "{text:?}");
        }
        assert!(one_key("codex login", vec![0xff, 0xfe]).is_err());
    }
}
