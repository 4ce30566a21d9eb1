//! The transcript (Ctrl+T), and the way back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;

use super::engine::{agent, command};
use super::stage::{Stage, and, at_both_sizes, in_words};

#[test]
fn the_transcript() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        let output: String = (1..=16).map(|line| format!("test {line} ... ok\n")).collect();
        stage.whole(command("c", "cargo test", Some(&output), Some(0)));
        stage.whole(agent("a", "All sixteen went well."));
        stage.turn_ends();
        stage.press("ctrl+t");
    };
    assert_snapshot!(at_both_sizes(story), @"
    › Run the tests.

    $ cargo test
      test 1 ... ok
      test 2 ... ok
      test 3 ... ok
      test 4 ... ok
      test 5 ... ok
      test 6 ... ok
      test 7 ... ok
      test 8 ... ok
      test 9 ... ok
      test 10 ... ok
      test 11 ... ok
      test 12 ... ok
      test 13 ... ok
      test 14 ... ok
      test 15 ... ok
      test 16 ... ok
      ok · 2.1 s

    • All sixteen went well.
    Transcript · the end · q closes · ↑ ↓ PgUp PgDn Home End · 4 entries

    === 40×12
      test 9 ... ok
      test 10 ... ok
      test 11 ... ok
      test 12 ... ok
      test 13 ... ok
      test 14 ... ok
      test 15 ... ok
      test 16 ... ok
      ok · 2.1 s

    • All sixteen went well.
    Transcript · the end · q closes · ↑ ↓ P…
    ");
    assert_snapshot!(at_both_sizes(and(story, |stage| stage.press("home"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    $ cargo test
      test 1 ... ok
      test 2 ... ok
      test 3 ... ok
      test 4 ... ok
      test 5 ... ok
      test 6 ... ok
      test 7 ... ok
      test 8 ... ok
      test 9 ... ok
      test 10 ... ok
      test 11 ... ok
      test 12 ... ok
      test 13 ... ok
      test 14 ... ok
      test 15 ... ok
      test 16 ... ok
      ok · 2.1 s
    Transcript · 0 % · q closes · ↑ ↓ PgUp PgDn Home End · 4 entries

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.

    $ cargo test
      test 1 ... ok
      test 2 ... ok
      test 3 ... ok
      test 4 ... ok
    Transcript · 0 % · q closes · ↑ ↓ PgUp …
    ");
    assert_snapshot!(at_both_sizes(and(story, |stage| stage.press("q"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    $ cargo test
      test 1 ... ok
      test 2 ... ok
      … 12 lines (Ctrl+T shows all)
      test 15 ... ok
      test 16 ... ok
      ok · 2.1 s

    • All sixteen went well.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
      test 2 ... ok
      … 12 lines (Ctrl+T shows all)
      test 15 ... ok
      test 16 ... ok
      ok · 2.1 s

    • All sixteen went well.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    You: Run the tests.

    Command: cargo test
      test 1 ... ok
      test 2 ... ok
      test 3 ... ok
      test 4 ... ok
      test 5 ... ok
      test 6 ... ok
      test 7 ... ok
      test 8 ... ok
      test 9 ... ok
      test 10 ... ok
      test 11 ... ok
      test 12 ... ok
      test 13 ... ok
      test 14 ... ok
      test 15 ... ok
      test 16 ... ok
    Result: ok, 2.1 s

    Codex:
    All sixteen went well.
    Transcript, the end, q closes, arrows, PgUp, PgDn, Home, End move, 4 entries
    ");
}
