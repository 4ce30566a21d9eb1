//! Keys where none belongs: neither sent nor stored, neither recalled nor kept.

use codex_fake_backend::{At, Cut, Reply, Script};

use crate::support::{KEY, World, says};
use crate::terminal::Terminal;
use crate::{FREE, command, ends_well, nothing_holds, open};

const CONTROL_C: &str = "\x03";
const CONTROL_L: &str = "\x0c";
const CONTROL_U: &str = "\x15";
const UP: &str = "\x1b[A";

#[test]
fn near_misses_are_stopped() {
    let world = World::new(Script::conversation([says("Nothing was said.")]));
    let mut terminal = open(&world, &[]);
    for draft in [
        format!("/add-api-kye {KEY}"),
        format!("add-api-key {KEY}"),
        format!("/add-api-key{KEY}"),
        format!("/add-api-key {KEY} please"),
        format!("/addapikey {KEY}"),
        format!("/apikey {KEY}"),
        format!("/model {KEY}"),
        format!(" /add-api-key {KEY}"),
        format!("OPENAI_API_KEY={KEY}"),
        KEY.to_owned(),
    ] {
        terminal.say(&draft);
        terminal.wait_for("was not sent, stored or remembered.");
        clear(&mut terminal);
        terminal.keys(CONTROL_L);
        terminal.wait_gone("was not sent, stored or remembered.");
    }
    terminal.say("hello");
    terminal.wait_for("Nothing was said.");
    terminal.wait_gone("Esc interrupts");
    terminal.say("/quit");
    ends_well(&mut terminal);
    nothing_at_all(&world, &terminal);
}

#[test]
fn a_message_with_a_key_is_asked_about_and_a_draft_with_one_is_not_kept() {
    let world = World::new(Script::new());
    let mut terminal = open(&world, &[]);
    let message = format!("please call it with {KEY} and tell me");
    // Sent: the person is asked, and goes back.
    terminal.say(&message);
    terminal.wait_for("This message holds an API key");
    terminal.keys("\x1b");
    terminal.wait_for("and tell me");
    terminal.wait_gone("This message holds an API key");
    // Edited elsewhere.
    terminal.keys("\x07");
    terminal.wait_for("is not written to a file for an editor");
    clear(&mut terminal);
    // Cleared as it was pasted, and as it was typed.
    terminal.paste(&message);
    terminal.wait_for("and tell me");
    clear(&mut terminal);
    terminal.keys_one_by_one(&message);
    terminal.wait_for("and tell me");
    clear(&mut terminal);
    // Left unfinished: what has the beginning of a key only.
    terminal.keys(&format!("/add-api-key {}", &KEY[..30]));
    terminal.wait_for("/add-api-key •••");
    clear(&mut terminal);
    terminal.say("/quit");
    ends_well(&mut terminal);
    nothing_at_all(&world, &terminal);
}

#[test]
fn a_message_with_a_key_does_not_wait_for_the_turn() {
    let endless = Reply::answer().message(&["One ", "moment."]).cut(At::Events(5), Cut::Hang);
    let world = World::new(Script::conversation([endless]));
    let mut terminal = open(&world, &[FREE]);
    terminal.say("go on and on");
    terminal.wait_for("One");
    terminal.keys(&format!("and use {KEY} for it"));
    terminal.wait_for("for it");
    terminal.keys("\t");
    terminal.wait_for("This message holds an API key");
    terminal.keys("\x1b");
    terminal.wait_gone("This message holds an API key");
    clear_before(&mut terminal, "go on and on");
    terminal.keys("\x1b");
    terminal.wait_for("You interrupted the turn.");
    terminal.say("/quit");
    ends_well(&mut terminal);
    nothing_at_all(&world, &terminal);
}

#[test]
fn an_argument_with_a_key_is_refused_before_the_terminal_is_taken() {
    let world = World::new(Script::new());
    let mut terminal = Terminal::start(&command(&world, &[&format!("use {KEY}")]), &[KEY], (80, 24));
    assert_eq!(terminal.wait_for_shell(), 2, "{terminal:?}");
    nothing_at_all(&world, &terminal);
}

/// Ctrl+C empties the draft, and Up does not bring it back.
fn clear(terminal: &mut Terminal) {
    clear_before(terminal, "");
}

/// The same; Up brings this message, which is older.
fn clear_before(terminal: &mut Terminal, older: &str) {
    terminal.keys(CONTROL_C);
    terminal.wait_for("› Say what is to be done");
    terminal.keys(UP);
    terminal.keys("x");
    // Whatever Up has brought stands before it.
    terminal.wait_for(&format!("› {older}x"));
    terminal.keys(CONTROL_U);
    terminal.wait_for("› Say what is to be done");
}

/// The same, and no store has it either.
fn nothing_at_all(world: &World, terminal: &Terminal) {
    nothing_holds(&[KEY], world, terminal);
    assert!(!std::fs::read_to_string(world.file("auth.json")).unwrap().contains(KEY));
    assert!(!world.file("fallback-keys.json").exists());
}
