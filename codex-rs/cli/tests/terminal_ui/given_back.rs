//! Whatever ends or stops the program: the terminal is as it was before.

use codex_fake_backend::{At, Cut, Reply, Script};
use rustix::process::{Pid, Signal};

use crate::support::{World, says};
use crate::terminal::Terminal;
use crate::{FREE, command, ends_well, open, trusting};

const CONTROL_T: &str = "\x14";
/// What is written whenever the terminal is taken.
const TAKEN: &str = "\x1b[?2004h";
const CONTROL_Z: &str = "\x1a";

/// An answer that never ends.
fn endless() -> Script {
    Script::conversation([Reply::answer().message(&["One ", "moment."]).cut(At::Events(5), Cut::Hang)])
}

/// A turn runs, and an argument is half typed.
fn busy(world: &World) -> Terminal {
    let mut terminal = open(world, &[]);
    terminal.say("go on and on");
    terminal.wait_for("One");
    terminal.keys("half a draft");
    terminal.wait_for("› half a draft");
    assert!(terminal.is_raw());
    terminal
}

#[test]
fn signals_end_it_also_amid_a_turn_and_in_the_transcript() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT, Signal::QUIT] {
        let world = World::new(endless());
        let mut terminal = busy(&world);
        terminal.signal(signal);
        ends_well(&mut terminal);
    }
    let world = World::new(endless());
    let mut terminal = busy(&world);
    terminal.keys(CONTROL_T);
    terminal.wait("the transcript", |screen| screen.alternate_screen());
    terminal.signal(Signal::TERM);
    ends_well(&mut terminal);
    assert!(terminal.screen().contains("go on and on"), "{terminal:?}");
}

#[test]
fn a_signal_ends_it_well_as_soon_as_the_terminal_is_taken() {
    let world = World::new(Script::new());
    for _ in 0..20 {
        let mut terminal = Terminal::open(&command(&world, &[]), &[]);
        terminal.signal(Signal::TERM);
        ends_well(&mut terminal);
    }
}

#[test]
fn stopped_and_continued() {
    let world = World::new(endless());
    let mut terminal = busy(&world);
    let stopped_by = |signal: Signal| 128 + signal.as_raw();
    for round in 0..2 {
        if round == 1 {
            terminal.keys(CONTROL_T);
            terminal.wait("the transcript", |screen| screen.alternate_screen());
        }
        terminal.keys(CONTROL_Z);
        assert_eq!(terminal.wait_for_shell(), stopped_by(Signal::TTIN), "{terminal:?}");
        assert_eq!(terminal.strange(), [""; 0], "{terminal:?}");
        go_on(&mut terminal, "fg");
        if round == 1 {
            terminal.wait("the transcript", |screen| screen.alternate_screen());
            terminal.keys(CONTROL_T);
        }
        works(&mut terminal);
    }
    // Asked to stop by somebody else.
    terminal.signal(Signal::TSTP);
    assert_eq!(terminal.wait_for_shell(), stopped_by(Signal::TTIN), "{terminal:?}");
    assert_eq!(terminal.strange(), [""; 0], "{terminal:?}");
    go_on(&mut terminal, "fg");
    works(&mut terminal);
    // Stopped without being asked: the shell puts the modes right, and we have to make them ours again.
    terminal.signal(Signal::STOP);
    assert_eq!(terminal.wait_for_shell(), stopped_by(Signal::STOP), "{terminal:?}");
    go_on(&mut terminal, "modes; fg");
    works(&mut terminal);
    terminal.keys("\x15/quit");
    terminal.wait_for("› /quit");
    terminal.keys("\r");
    ends_well(&mut terminal);
}

/// As under `ssh -t host codex`: nobody could continue it.
#[test]
fn without_a_shell_it_does_not_stop() {
    let world = World::new(Script::new());
    let mut terminal = open(&world, &[]);
    terminal.say("/quit");
    ends_well(&mut terminal);
    go_on(&mut terminal, "exec \"$@\"");
    let taken = terminal.count(TAKEN);
    terminal.keys(CONTROL_Z);
    terminal.wait_for_one_more(TAKEN, taken);
    terminal.keys("half a draft");
    works(&mut terminal);
}

/// Continues it by this order.
fn go_on(terminal: &mut Terminal, order: &str) {
    let taken = terminal.count(TAKEN);
    terminal.order(order);
    terminal.wait_for_one_more(TAKEN, taken);
}

/// It is drawn, reads single keys, and has the draft.
fn works(terminal: &mut Terminal) {
    terminal.wait_for("› half a draft");
    assert!(terminal.is_raw(), "{terminal:?}");
    terminal.keys("!");
    terminal.wait_for("› half a draft!");
    terminal.keys("\x7f");
    terminal.wait_gone("› half a draft!");
}

#[test]
fn the_editor_gets_a_terminal_in_order() {
    let world = World::new(Script::new());
    trusting(&world, "");
    let mut command = command(&world, &[]);
    command.env("EDITOR", "stty -g > modes-of-editor; printf 'from the editor' >");
    let mut terminal = Terminal::open(&command, &[]);
    terminal.wait_for("plan Plus pays");
    terminal.keys("a draft");
    terminal.wait_for("› a draft");
    terminal.keys("\x07");
    terminal.wait_for("› from the editor");
    assert!(terminal.is_raw());
    terminal.keys("\x15");
    terminal.wait_gone("from the editor");
    terminal.say("/quit");
    ends_well(&mut terminal);
    let of_editor = std::fs::read_to_string(world.work().join("modes-of-editor")).unwrap();
    terminal.order("stty -g > modes-of-shell");
    terminal.wait_for_shell();
    assert_eq!(of_editor, std::fs::read_to_string(world.work().join("modes-of-shell")).unwrap());
}

/// As Ctrl+Z does in most editors: the whole job stops, and the terminal is the editor's again when it goes on.
#[test]
fn an_editor_that_stops_the_job_keeps_the_terminal() {
    let world = World::new(Script::new());
    trusting(&world, "");
    let mut command = command(&world, &[]);
    // Whoever takes the terminal from the editor does so within the pause.
    let editor = "kill -TSTP 0; sleep 0.3; stty -g > modes-of-editor; printf 'from the editor' >";
    command.env("EDITOR", editor);
    let mut terminal = Terminal::open(&command, &[]);
    terminal.wait_for("plan Plus pays");
    terminal.keys("\x07");
    assert_eq!(terminal.wait_for_shell(), 128 + Signal::TTIN.as_raw(), "{terminal:?}");
    assert_eq!(terminal.strange(), [""; 0], "{terminal:?}");
    go_on(&mut terminal, "fg");
    terminal.wait_for("› from the editor");
    assert!(terminal.is_raw());
    terminal.keys("\x15");
    terminal.wait_gone("from the editor");
    terminal.say("/quit");
    ends_well(&mut terminal);
    let of_editor = std::fs::read_to_string(world.work().join("modes-of-editor")).unwrap();
    terminal.order("stty -g > modes-of-shell");
    terminal.wait_for_shell();
    assert_eq!(of_editor, std::fs::read_to_string(world.work().join("modes-of-shell")).unwrap());
}

#[test]
fn control_c_in_an_editor_ends_the_editor_only() {
    let world = World::new(Script::new());
    trusting(&world, "");
    let mut command = command(&world, &[]);
    command.env("EDITOR", "echo editing; exec sleep 60; :");
    let mut terminal = Terminal::open(&command, &[]);
    terminal.wait_for("plan Plus pays");
    terminal.keys("a draft");
    terminal.wait_for("› a draft");
    terminal.keys("\x07");
    terminal.wait_for("editing");
    terminal.keys("\x03");
    terminal.wait_for("The editor ended with");
    terminal.wait_for("› a draft");
    terminal.keys("\x15");
    terminal.wait_gone("› a draft");
    terminal.say("/quit");
    ends_well(&mut terminal);
}

#[test]
fn a_window_that_is_closed_ends_it_and_its_commands() {
    let world =
        World::new(Script::conversation([says("Waiting.").exec_command("echo $$ > command; exec sleep 60")]));
    let mut terminal = open(&world, &[FREE]);
    terminal.say("wait");
    terminal.wait_for("Waiting.");
    let number = terminal.until("a command", || {
        std::fs::read_to_string(world.work().join("command")).ok()?.trim().parse().ok()
    });
    terminal.close_window();
    terminal.wait_until_ended(terminal.program());
    terminal.wait_until_ended(Pid::from_raw(number).unwrap());
}

/// The key that interrupts is the command's, also where bubblewrap shares the terminal with it.
#[test]
fn codex_sandbox_leaves_interrupts_to_the_command() {
    let world = World::new(Script::new());
    let script = "trap 'trap - INT; echo he\"\"ard' INT; echo rea\"\"dy; while :; do sleep 0.01; done";
    for mechanism in ["bwrap", "landlock"] {
        let shell = ["sandbox", "--mechanism", mechanism, "--", "/bin/sh", "-c", script];
        if world.run(&[&shell[..4], &["true"]].concat()).stderr.contains("No sandbox works") {
            continue;
        }
        let mut terminal = Terminal::start(&command(&world, &shell), &[], (80, 24));
        terminal.wait_for("ready");
        terminal.keys("\x03");
        terminal.wait_for("heard");
        terminal.keys("\x03");
        assert_eq!(terminal.wait_for_shell(), 130, "{mechanism}: {terminal:?}");
    }
}
