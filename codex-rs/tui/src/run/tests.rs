//! What is left on the terminal when the loop ends. The test runs itself a second time, in a terminal.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::io::Read;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui_core::text::Line;

use super::*;
use crate::composer::history_file::Keeping;
use crate::picture::{Picture, Spot};
use crate::setup::Setup;

/// Says to the second run that it is that.
const IN_TERMINAL: &str = "CODEX_TEST_IN_TERMINAL";

fn options() -> Options {
    Options {
        setup: Setup::default(),
        look: Look::FULL,
        reflow: Reflow::Wraps,
        editor: Editor { command: None, folder: "/nowhere".into() },
        clipboard: clipboard::Route::Direct,
        clock: Clock::fixed(0),
        zone: TimeZone::UTC,
        history: HistoryFile { path: "/nowhere".into(), keeping: Keeping::Nothing, max_bytes: None },
        originator: "codex-tui".to_owned(),
    }
}

#[test]
fn the_text_of_a_panic_stays_on_the_screen() {
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
    command.args(["--exact", "run::tests::panics_below_a_live_area", "--nocapture"]);
    command.env(IN_TERMINAL, "1");
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    let mut written = Vec::new();
    // A terminal whose programs have all ended is an error on Linux and an end elsewhere.
    let _ = pair.master.try_clone_reader().unwrap().read_to_end(&mut written);
    child.wait().unwrap();
    let mut terminal = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    terminal.process(&written);
    let screen = terminal.screen().contents();
    for words in ["codex has met a mistake of its own", "run/tests.rs", "a mistake for the test"] {
        assert!(screen.contains(words), "{words}:\n{screen}");
    }
}

#[test]
fn panics_below_a_live_area() {
    if std::env::var_os(IN_TERMINAL).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (options, guard) = (options(), Guard::take().unwrap());
        let mut desk = Desk::new(&options, &guard).unwrap();
        let live = Picture { lines: vec![Line::from("live"); 8], cursor: Some(Spot { column: 0, row: 7 }) };
        desk.screen.paint(&[], &live).unwrap();
        let task = tokio::spawn(async { panic!("a mistake for the test") });
        guard.lost().await;
        assert!(task.await.is_err());
        desk.leave().unwrap();
    });
}
