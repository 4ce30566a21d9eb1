//! A panic gives the terminal back, and one that is hung up is read no more. The tests run themselves a second time, in a
//! terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::Guard;
use crate::terminal::input::is_gone;
use crate::terminal::{FullScreen, Input};

/// Says to the second run that it is that, and where it may leave word.
const IN_TERMINAL: &str = "CODEX_TEST_IN_TERMINAL";
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
    for undone in ["\x1b[?1049l", "\x1b[?2004l", "\x1b[?1004l", "\x1b[<1u", "\x1b[?25h"] {
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

#[test]
fn a_terminal_that_is_hung_up_is_read_no_more() {
    for test in ["is_hung_up_before_it_reads", "is_hung_up_while_it_waits"] {
        let folder = tempfile::tempdir().unwrap();
        let word = folder.path().join("word");
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let mut command = CommandBuilder::new("/bin/sh");
        // Without the signal, which comes late where there is much to do.
        command.args(["-c", "trap '' HUP; exec \"$@\"", "around"]);
        command.arg(std::env::current_exe().unwrap());
        command.args(["--exact", &format!("terminal::guard::tests::{test}"), "--nocapture"]);
        command.env(IN_TERMINAL, &word);
        let mut child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let mut told = Vec::new();
        while !told.ends_with(b"ready") {
            let mut byte = [0];
            reader.read_exact(&mut byte).unwrap();
            told.extend(byte);
        }
        let mut writer = pair.master.take_writer().unwrap();
        writer.write_all(b"abc").unwrap();
        drop((writer, reader, pair.master));
        let end = Instant::now() + Duration::from_secs(20);
        while child.try_wait().unwrap().is_none() {
            if Instant::now() > end {
                child.kill().unwrap();
                panic!("{test}: it reads for ever");
            }
            std::thread::yield_now();
        }
        assert_eq!(std::fs::read_to_string(&word).unwrap(), "gone", "{test}");
    }
}

#[test]
fn is_hung_up_before_it_reads() {
    in_second_run(async |mut input, word| {
        while !is_gone() {
            std::thread::yield_now();
        }
        assert!(input.next(Duration::default).await.is_none() && Input::open().is_none());
        std::fs::write(word, "gone").unwrap();
    });
}

#[test]
fn is_hung_up_while_it_waits() {
    in_second_run(async |mut input, word| {
        while let Some(Ok(_)) = input.next(Duration::default).await {}
        std::fs::write(word, "gone").unwrap();
    });
}

fn in_second_run(read: impl AsyncFnOnce(Input, std::ffi::OsString)) {
    let Some(word) = std::env::var_os(IN_TERMINAL) else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let _guard = Guard::take().unwrap();
        let input = Input::open().unwrap();
        let mut out = std::io::stdout();
        out.write_all(b"ready").and_then(|()| out.flush()).unwrap();
        read(input, word).await;
    });
}
