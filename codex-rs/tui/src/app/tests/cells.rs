//! Each cell on the whole screen, below it the composer and the status line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::json;

use super::engine::{agent, command, fallback, reasoning};
use super::stage::{Stage, at_both_sizes, in_words};

const ANSWER: &str = "\
The clock is read **twice**; see [the docs](https://example.com/clock).

| File | Reads | Why |
|------|------:|-----|
| `turn.rs` | 2 | start and end of the turn |
| `log.rs` | 1 | time of the entry |

```rust
let now = clock.unix();
run(now)?;
```

1. Read it once.
2. Hand it down:
   - to the turn
   - to the log";

fn shown(item: serde_json::Value) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened();
        stage.whole(item.clone());
    }
}

#[test]
fn the_head() {
    assert_snapshot!(at_both_sizes(Stage::opened), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let walled = |stage: &mut Stage| {
        stage.begin();
        stage.signed_in();
        stage.knows_the_folder();
        stage.thread_starts_with(json!({ "type": "readOnly", "networkAccess": false }), "on-request");
    };
    assert_snapshot!(at_both_sizes(walled), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(|_| {}), @"
    › ▏Say what is to be done · / commands · ? keys
    ~/work/engine

    === 40×12

    › ▏Say what to do · / commands · ? keys
    ~/work/engine
    ");
}

#[test]
fn what_the_person_said() {
    let content = json!([
        { "type": "text", "text": "Why does the test fail?\nIt went well yesterday, before the clock was changed." },
        { "type": "localImage", "path": "/home/ada/pictures/plan.png" },
    ]);
    let user = json!({ "type": "userMessage", "id": "user", "clientId": null, "content": content });
    assert_snapshot!(at_both_sizes(shown(user.clone())), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?
      It went well yesterday, before the clock was changed.
      [image: plan.png]

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Why does the test fail?
      It went well yesterday, before the
      clock was changed.
      [image: plan.png]

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(shown(user)), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Why does the test fail?
    It went well yesterday, before the clock was changed.
    [image: plan.png]

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn what_the_agent_said() {
    assert_snapshot!(at_both_sizes(shown(agent("a", ANSWER))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • The clock is read twice; see the docs (https://example.com/clock).

      File    │ Reads │ Why
      ────────┼───────┼──────────────────────────
      turn.rs │     2 │ start and end of the turn
      log.rs  │     1 │ time of the entry

      let now = clock.unix();
      run(now)?;

      1. Read it once.
      2. Hand it down:
         ◦ to the turn
         ◦ to the log

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
      log.rs  │     1 │ time of the entry

      let now = clock.unix();
      run(now)?;

      1. Read it once.
      2. Hand it down:
         ◦ to the turn
         ◦ to the log

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(shown(agent("a", ANSWER))), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Codex:
    The clock is read twice; see the docs (https://example.com/clock).

    - File: turn.rs
      Reads: 2
      Why: start and end of the turn
    - File: log.rs
      Reads: 1
      Why: time of the entry

    Code (rust):
    let now = clock.unix();
    run(now)?;
    End of the code.

    1. Read it once.
    2. Hand it down:
       - to the turn
       - to the log

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn what_the_agent_thought() {
    let thought = reasoning(
        "r",
        &[
            "**Looking at the clock**\n\nThe test reads it before the turn begins and once more after it has ended.",
            "**Next**\n\nRead turn.rs.",
        ],
    );
    assert_snapshot!(at_both_sizes(shown(thought.clone())), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ∴ Looking at the clock
      The test reads it before the turn begins and once more after it has ended.
      Next
      Read turn.rs.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ∴ Looking at the clock
      The test reads it before the turn
      begins and once more after it has
      … 3 lines (Ctrl+T shows all)

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(shown(thought)), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Thought: Looking at the clock
    The test reads it before the turn begins and once more after it has ended.
    Next
    Read turn.rs.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn commands_that_ended() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.whole(command("ok", "cargo build", Some("Finished\n"), Some(0)));
        let output: String = (1..=16).map(|line| format!("test {line} ... ok\n")).collect();
        stage.whole(command("bad", "cargo test --workspace --all-targets", Some(&output), Some(101)));
        let mut declined = command("no", "rm -rf target", None, None);
        stage.item("started", declined.clone());
        declined["status"] = json!("declined");
        stage.item("completed", declined);
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    $ cargo build
      Finished
      ok · 2.1 s

    $ cargo test --workspace --all-targets
      test 1 ... ok
      test 2 ... ok
      … 12 lines (Ctrl+T shows all)
      test 15 ... ok
      test 16 ... ok
      exit 101 · 2.1 s

    $ rm -rf target
      declined; it did not run

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
      test 1 ... ok
      test 2 ... ok
      … 12 lines (Ctrl+T shows all)
      test 15 ... ok
      test 16 ... ok
      exit 101 · 2.1 s

    $ rm -rf target
      declined; it did not run

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Command: cargo build
      Finished
    Result: ok, 2.1 s

    Command: cargo test --workspace --all-targets
      test 1 ... ok
      test 2 ... ok
    12 lines not shown; Ctrl+T shows all.
      test 15 ... ok
      test 16 ... ok
    Result: exit 101, 2.1 s

    Command: rm -rf target
    Result: declined; it did not run

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn notices_of_each_kind() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.keys("/copy");
        stage.press("enter");
        stage.answers("account/removeFallbackApiKey", json!({ "fallback": fallback(json!({})) }));
        stage.told(
            "configWarning",
            json!({ "summary": "The setting `colour` is unknown.", "details": "config.toml, line 3" }),
        );
        stage.refuses("account/addFallbackApiKey", "The API refused this key (401); check it and try again.");
        stage.say("Go on.");
        stage.tries_again("Reconnecting… 1/5");
        stage.turn_fails("The service is overloaded; try again in a minute.");
    };
    assert_snapshot!(at_both_sizes(story), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    · There is no answer to copy yet.

    ✓ No fallback API key is stored now. When the plan runs out, work stops.

    ! The setting `colour` is unknown (config.toml, line 3).

    ✗ The API refused this key (401); check it and try again.

    › Go on.

    ✗ The service is overloaded; try again in a minute.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
      (config.toml, line 3).

    ✗ The API refused this key (401); check
      it and try again.

    › Go on.

    ✗ The service is overloaded; try again
      in a minute.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Note: There is no answer to copy yet.

    Done: No fallback API key is stored now. When the plan runs out, work stops.

    Warning: The setting `colour` is unknown (config.toml, line 3).

    Error: The API refused this key (401); check it and try again.

    You: Go on.

    Error: The service is overloaded; try again in a minute.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn an_answer_too_long_for_the_clipboard() {
    for (words, expect) in [(10, "· The last answer is handed"), (20_000, "! The last answer is longer")] {
        let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
        stage.opened();
        stage.whole(agent("a", &"word ".repeat(words)));
        stage.press("ctrl+o");
        assert!(stage.screen().contains(expect), "{}", stage.screen());
    }
}
