//! Who has left the window is called, by the bytes that their settings name; who is here is not.

use codex_fake_backend::Script;

use crate::approvals::{ASKED, escalated};
use crate::support::{KEY, World, says};
use crate::{FREE, GATE, ends_well, open, open_gate, open_in};

/// What terminals tell whose window was left, and come to again.
const LEFT: &str = "\x1b[O";
const BACK: &str = "\x1b[I";
/// How a call by OSC 9 begins.
const CALL: &str = "\x1b]9;";

#[test]
fn by_a_notification_of_the_desktop() {
    let world = World::new(Script::conversation([
        says("Wait.").exec_command(GATE),
        says("All done; look."),
        says("Nobody called."),
    ]));
    let mut terminal = open(&world, &[FREE, "-c", "tui.notification_method=osc9"]);
    terminal.say("do it");
    terminal.wait_for("Wait.");
    terminal.keys(LEFT);
    terminal.pause();
    open_gate(&world);
    terminal.wait_for_one_more("\x1b]9;codex: All done; look.\x07", 0);
    terminal.wait_gone("Working");
    terminal.keys(BACK);
    terminal.pause();
    assert_eq!(terminal.count(CALL), 1);
    terminal.say("and again");
    terminal.wait_for("Nobody called.");
    terminal.wait_gone("Working");
    terminal.pause();
    assert_eq!(terminal.count(CALL), 1);
    assert!(!terminal.everything().contains("[I"), "{terminal:?}");
    terminal.say("/quit");
    ends_well(&mut terminal);
}

#[test]
fn by_the_bell_always_or_not_at_all() {
    for (settings, calls) in [
        ("[tui]\nnotification_condition = \"always\"\n", 1),
        ("[tui]\nnotification_condition = \"always\"\nnotifications = false\n", 0),
        ("[tui]\nnotification_condition = \"always\"\nnotifications = [\"approval-requested\"]\n", 0),
    ] {
        let world = World::new(Script::conversation([says("All done.")]));
        let mut terminal = open_in(&world, settings, &[FREE], &[]);
        terminal.wait_for("pays");
        let before = terminal.count("\x07");
        terminal.say("do it");
        terminal.wait_for("All done.");
        terminal.wait_gone("Working");
        terminal.pause();
        assert_eq!(terminal.count("\x07") - before, calls, "{settings}");
        terminal.say("/quit");
        ends_well(&mut terminal);
    }
}

#[test]
fn a_question_calls_and_its_key_stays_where_it_is() {
    let world = World::new(Script::conversation([
        says("Wait.").exec_command(GATE),
        escalated(&format!("echo {KEY} and more")),
        says("So be it."),
    ]));
    let mut arguments = ASKED.to_vec();
    arguments.extend(["-c", "tui.notification_method=osc9"]);
    let mut terminal = open(&world, &arguments);
    terminal.say("do it");
    terminal.wait_for("Wait.");
    terminal.keys(LEFT);
    terminal.pause();
    open_gate(&world);
    terminal.wait_for_one_more("\x1b]9;codex: may this be done? echo [redacted] and more\x07", 0);
    terminal.wait_for("May this command run?");
    terminal.pause();
    terminal.keys("n");
    terminal.wait_for("So be it.");
    terminal.wait_gone("Working");
    // The answer was typed: they are here again.
    terminal.pause();
    assert_eq!(terminal.count(CALL), 1);
    assert_eq!(terminal.leaks(), [""; 0]);
    terminal.say("/quit");
    ends_well(&mut terminal);
}
