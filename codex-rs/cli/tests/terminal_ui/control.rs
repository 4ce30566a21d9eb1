//! That the search finds a key where there is one: whole or in pieces, in bytes, on the screen, in base64.

use std::process::Command;

use codex_fake_backend::Script;

use crate::WRONG;
use crate::fragments::Fragments;
use crate::support::{KEY, World};
use crate::terminal::Terminal;

#[test]
fn pieces_are_found() {
    let fragments = Fragments::of(&[KEY]);
    let body = &KEY["sk-proj-".len()..];
    let encoded = "Y2xpVGVzdEtleTAxMjM0NTY3ODlhYmNkZWZnaGlqV1hZWg==";
    for held in [KEY, body, &body[3..12], &body[5..25], encoded, &encoded[4..24]] {
        assert!(!fragments.in_text(held).is_empty(), "{held}");
    }
    let in_rows = format!("{}\n  {}", &body[..5], &body[5..9]);
    assert!(!fragments.in_text(&in_rows).is_empty());
    for free in ["sk-proj-", "…WXYZ", WRONG, "the key …WXYZ pays", &body[..7]] {
        assert_eq!(fragments.in_text(free), [""; 0], "{free}");
    }
}

#[test]
fn a_terminal_tells_what_was_on_it_for_a_moment_or_drawn_in_pieces() {
    let world = World::new(Script::new());
    let body = &KEY["sk-proj-".len()..];
    let (one, other) = body.split_at(body.len() / 2);
    for script in [
        // Seen and wiped.
        format!("printf '{body}\\r'; sleep 0.1; printf '\\033[2K'"),
        // Never there as a whole: one half leaves before the other comes.
        format!("printf '{one}\\r\\033[2K{other}\\r\\033[2K'"),
        // In a title.
        format!("printf '\\033]2;{body}\\007'"),
        // Letter by letter, each with a move of its own.
        format!("for letter in $(echo {body} | sed 's/./& /g'); do printf \"\\033[31m$letter\\033[m\"; done"),
    ] {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).env("PATH", "/usr/bin:/bin").current_dir(world.work());
        let mut terminal = Terminal::start(&shell, &[KEY], (80, 24));
        terminal.wait_for_shell();
        assert!(!terminal.leaks().is_empty(), "{terminal:?}");
    }
}
