//! The real binary in a terminal: the whole story, what is stopped, and what is left of it all. The key is nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

#[path = "../support/fragments.rs"]
mod fragments;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;

mod approvals;
mod called;
mod changes;
mod control;
mod given_back;
mod near_misses;
mod odd_terminals;
mod stories;

use std::process::Command;

use fragments::Fragments;
use support::{KEY, World, files};
use terminal::Terminal;

/// Runs commands unasked.
const FREE: &str = "--dangerously-bypass-approvals-and-sandbox";
/// A key that the platform does not know.
const WRONG: &str = "sk-proj-noSuchKey9876543210zyxwvutsrqponmABCD";
/// A command that ends when the test says so; at the latest after some seconds.
const GATE: &str = "i=0; while [ ! -e gate ] && [ $i -lt 500 ]; do i=$((i+1)); sleep 0.02; done; echo open";
/// Where credentials are stored; the key may be there and nowhere else.
const STORES: [&str; 2] = ["auth.json", "fallback-keys.json"];

/// The terminal UI of this world.
fn command(world: &World, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    let folder = world.root.path().join("tmp");
    std::fs::create_dir_all(&folder).unwrap();
    command.env("TERM", "xterm-256color").env("TMPDIR", folder);
    command
}

/// Ends [`GATE`].
fn open_gate(world: &World) {
    std::fs::write(world.work().join("gate"), "").unwrap();
}

/// Settings that trust the folder, and these.
fn trusting(world: &World, more: &str) {
    let folder = world.work().canonicalize().unwrap();
    world.write_config(&format!("{more}[projects.\"{}\"]\ntrust_level = \"trusted\"\n", folder.display()));
}

/// The terminal UI of this world, in a folder that is trusted, ready for the first message.
fn open(world: &World, arguments: &[&str]) -> Terminal {
    let terminal = open_in(world, "", arguments, &[KEY, WRONG]);
    terminal.wait_for("pays");
    // The thread's head: commands that need a thread work from now on.
    terminal.wait_for(concat!("codex ", env!("CARGO_PKG_VERSION")));
    terminal
}

/// The same with more settings, as soon as anything is drawn.
fn open_in(world: &World, more: &str, arguments: &[&str], secrets: &[&str]) -> Terminal {
    trusting(world, more);
    Terminal::open(&command(world, arguments), secrets)
}

/// The program ends by itself, well, and leaves the terminal as it was.
#[track_caller]
fn ends_well(terminal: &mut Terminal) {
    assert_eq!(terminal.wait_for_shell(), 0, "{terminal:?}");
    assert_eq!(terminal.strange(), [""; 0], "{terminal:?}");
}

/// No piece of these secrets was ever on the screen, among the bytes, in a file that is no store, or in a request's body,
/// path or header but the one that carries it.
#[track_caller]
fn nothing_holds(secrets: &[&str], world: &World, terminal: &Terminal) {
    assert_eq!(terminal.leaks(), [""; 0], "in the terminal");
    let fragments = Fragments::of(secrets);
    for path in files(world.root.path()) {
        if STORES.iter().any(|name| path == world.file(name)) {
            continue;
        }
        // Sockets and pipes hold nothing.
        if path.metadata().is_ok_and(|found| found.is_file()) {
            let found = fragments.in_bytes(&std::fs::read(&path).unwrap());
            assert_eq!(found, [""; 0], "in {}", path.display());
        }
        assert_eq!(fragments.in_text(&path.display().to_string()), [""; 0], "a name");
    }
    for request in world.backend.requests() {
        assert_eq!(fragments.in_text(&request.text), [""; 0], "in the body of {request:?}");
        assert_eq!(fragments.in_text(&request.path), [""; 0], "in the path of {request:?}");
        for (name, value) in request.headers.iter().filter(|(name, _)| name != "authorization") {
            assert_eq!(fragments.in_text(value), [""; 0], "in {name} of {request:?}");
        }
    }
}
