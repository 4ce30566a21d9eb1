//! The clipboard of the person's terminal, by OSC 52: works over SSH, and where the terminal does not allow it, nothing
//! happens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Terminals refuse more; xterm's limit is about this.
const MOST_BYTES: usize = 74_994;

/// The way to the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Straight.
    Direct,
    /// Through a tmux, which passes on only what is wrapped for it.
    Tmux,
}

impl Route {
    /// A command as this way takes it.
    pub(crate) fn carry(self, command: String) -> String {
        match self {
            Route::Direct => command,
            Route::Tmux => format!("\x1bPtmux;{}\x1b\\", command.replace('\x1b', "\x1b\x1b")),
        }
    }
}

/// The command that copies as much of `text` as terminals take.
pub(crate) fn copy(text: &str, route: Route) -> String {
    route.carry(format!("\x1b]52;c;{}\x07", STANDARD.encode(fitting(text))))
}

/// As much of `text` as terminals take, cut at a character.
pub(crate) fn fitting(text: &str) -> &str {
    let mut end = text.len().min(MOST_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::{Route, copy};

    #[test]
    fn the_text_is_encoded_and_wrapped_for_tmux() {
        assert_eq!(copy("hi", Route::Direct), "\x1b]52;c;aGk=\x07");
        assert_eq!(copy("hi", Route::Tmux), "\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        assert!(copy(&"€".repeat(60_000), Route::Direct).len() < 100_100);
    }
}
