//! A panic gives the terminal back. The test runs itself a second time, in a terminal, and panics there.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::Guard;
use crate::terminal::FullScreen;

/// Says to the second run that it is that.
const IN_TERMINAL: &str = "CODEX_TEST_PANICS_IN_TERMINAL";
/// Tells the modes before and after.
const AROUND: &str = r#"echo "modes=$(stty -g)"; "$@"; echo; echo "modes=$(stty -g)""#;
const KEY: &str = "sk-proj-abcdefghijklmnop0123456789";

#[test]
fn a_panic_is_told_on_a_terminal_in_order() {
    let written = in_terminal("terminal::guard::tests::panics_in_the_transcript");
    let modes: Vec<&str> = written.split("modes=").skip(1).filter_map(|rest| rest.lines().next()).collect();
    assert!(modes.len() == 2 && modes[0] == modes[1], "{written}");
    let sentence = written.find("codex has met a mistake of its own").unwrap();
    assert!(written[sentence..].contains("a mistake for the test"), "{written}");
    assert!(!written.contains(KEY), "{written}");
    for undone in ["\x1b[?1049l", "\x1b[?2004l", "\x1b[<1u", "\x1b[?25h"] {
        let place = written.rfind(undone);
        assert!(place.is_some_and(|place| place < sentence), "{undone:?} in {written:?}");
    }
    assert_eq!(written.matches("\x1b[?1049h").count(), 1);
}

#[test]
fn a_panic_in_a_task_is_noticed() {
    let written = in_terminal("terminal::guard::tests::panics_in_a_task");
    assert!(written.contains("noticed that the terminal is lost"), "{written}");
}

/// What this test writes when it runs in a terminal.
fn in_terminal(test: &str) -> String {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new("/bin/sh");
    command.args(["-c", AROUND, "around"]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    command.env(IN_TERMINAL, "1");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut written = Vec::new();
    // A terminal whose programs have all ended is an error on Linux and an end elsewhere.
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut written);
    child.wait().unwrap();
    String::from_utf8_lossy(&written).into_owned()
}

fn is_second_run() -> bool {
    std::env::var_os(IN_TERMINAL).is_some()
}

#[test]
fn panics_in_the_transcript() {
    if is_second_run() {
        let _guard = Guard::take().unwrap();
        let _full = FullScreen::enter(&mut std::io::stdout(), 80, 24).unwrap();
        panic!("a mistake for the test, with {KEY}");
    }
}

#[test]
fn panics_in_a_task() {
    if is_second_run() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let guard = Guard::take().unwrap();
            let task = tokio::spawn(async { panic!("a mistake for the test") });
            guard.lost().await;
            assert!(!guard.is_taken() && task.await.is_err());
            println!("noticed that the terminal is lost");
        });
    }
}
