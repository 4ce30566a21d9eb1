//! The `?` overlay at several widths.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Look;
use jiff::tz::TimeZone;

use super::*;
use crate::now::Now;

fn scene(width: u16) -> Scene {
    Scene { width, rows: 24, look: Look::FULL, now: Now::default(), zone: TimeZone::UTC }
}

fn drawn(width: u16, room: usize) -> String {
    let lines = view(&scene(width), room).lines;
    assert!(lines.iter().all(|line| wrap::line_width(line) <= usize::from(width)));
    lines.iter().map(|line| line.to_string().trim_end().to_owned() + "\n").collect()
}

#[test]
fn keys_are_listed() {
    insta::assert_snapshot!(drawn(40, 40), @r"
    Enter        send, or join the turn
    Tab          send after this turn
    Shift+Enter  new line; also Ctrl+J
    Esc          interrupt the turn
    Ctrl+C       clear, interrupt, quit
    Ctrl+D       quit when empty
    /            commands
    @            find a file
    Up, Down     earlier messages
    Ctrl+R       search earlier messages
    Ctrl+G       edit in $EDITOR
    Ctrl+O       copy the last answer
    Ctrl+T       the whole transcript
    Ctrl+L       clear the screen
    Ctrl+_       undo
    Ctrl+K U W   cut to end, start, word
    Ctrl+Y       put back what was cut
    Ctrl+Z       suspend; fg comes back
    ");
    insta::assert_snapshot!(drawn(110, 40), @r"
    Enter        send, or join the turn      Ctrl+R       search earlier messages
    Tab          send after this turn        Ctrl+G       edit in $EDITOR
    Shift+Enter  new line; also Ctrl+J       Ctrl+O       copy the last answer
    Esc          interrupt the turn          Ctrl+T       the whole transcript
    Ctrl+C       clear, interrupt, quit      Ctrl+L       clear the screen
    Ctrl+D       quit when empty             Ctrl+_       undo
    /            commands                    Ctrl+K U W   cut to end, start, word
    @            find a file                 Ctrl+Y       put back what was cut
    Up, Down     earlier messages            Ctrl+Z       suspend; fg comes back
    ");
}

#[test]
fn small_windows_show_what_fits() {
    for width in 1..30 {
        for room in 0..4 {
            assert!(view(&scene(width), room).rows() <= room);
        }
    }
}
