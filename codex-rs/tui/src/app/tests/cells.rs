//! Each cell on the whole screen, below it the composer and the status line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::json;

use super::engine::{agent, command, fallback, key_pays, reasoning};
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
    Commands are declined until a sandbox is built. In a throw-away machine,
    --dangerously-bypass-approvals-and-sandbox runs them.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine
    Commands are declined until a sandbox is
    built. In a throw-away machine,
    --dangerously-bypass-approvals-and-sandb
    ox runs them.

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
fn an_answer_that_grows() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Why does the test fail?");
        stage.item("started", agent("a", ""));
        stage.answer_grows("a", "The test fails because the clock is read twice.\n\nI would read it onc");
        stage.wait(65_000);
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The test fails because the clock is read twice.

      I would read it onc

    • Working 1 min 05 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    › Why does the test fail?

    • The test fails because the clock is
      read twice.

      I would read it onc

    • Working 1 min 05 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Why does the test fail?

    Codex:
    The test fails because the clock is read twice.

    Working. Esc interrupts.

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
fn a_command_that_runs() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        stage.item("started", command("c", "cargo test --workspace", None, None));
        stage.prints("c", "   Compiling clock v0.1.0\n   Compiling eng");
        stage.wait(7_000);
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    $ cargo test --workspace
         Compiling clock v0.1.0
         Compiling eng
      running · 7 s

    • Working 7 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    › Run the tests.

    $ cargo test --workspace
         Compiling clock v0.1.0
         Compiling eng
      running · 7 s

    • Working 7 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Run the tests.

    Command: cargo test --workspace

    Working. Esc interrupts.

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

    · Reconnecting… 1/5

    ✗ The service is overloaded; try again in a minute.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ✗ The API refused this key (401); check
      it and try again.

    › Go on.

    · Reconnecting… 1/5

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

    Note: Reconnecting… 1/5

    Error: The service is overloaded; try again in a minute.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn an_interrupted_turn() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Write a long poem.");
        stage.item("started", agent("a", ""));
        stage.answer_grows("a", "The clock strikes one, the");
        stage.press("esc");
        stage.turn_is_interrupted();
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Write a long poem.

    • The clock strikes one, the
      — cut off here —

    · You interrupted the turn.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Write a long poem.

    • The clock strikes one, the
      — cut off here —

    · You interrupted the turn.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn the_status_card() {
    let plan = |stage: &mut Stage| {
        stage.opened();
        stage.plan_used(6, 41);
        stage.used(61_000, 240_000);
        stage.keys("/status");
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(plan), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    codex 0.1.0
      Model     gpt-5.5, effort high
      Folder    ~/work/engine
      Account   ada@example.com, plan Plus
      Thread    0199a213-81c0-7800-8aa1-bbab2a035a53
      Tokens    240,000 (216,000 in, 120,000 of them cached; 24,000 out)
      Context   78% of 272,000 tokens left
      Limit     5h   ████████████████ 94% left, resets at 2:20 PM
      Limit     week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM
      Payer     the plan, since 11:00 AM
      Key       none stored
      At limit  work stops; /add-api-key stores a key that takes over

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
      Context   78% of 272,000 tokens left
      Limit     5h   94% left, resets at
                2:20 PM
      Limit     week 59% left, resets at Nov
                28th, 2026 12:00 PM
      Payer     the plan, since 11:00 AM
      Key       none stored
      At limit  work stops; /add-api-key
                stores a key that takes over

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    let key = |stage: &mut Stage| {
        stage.opened_with_key();
        stage.plan_used(100, 41);
        stage.told(
            "account/fallback/updated",
            json!({ "fallback": fallback(key_pays(11_174, 0.12)), "message": null }),
        );
        stage.keys("/status");
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(key), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    codex 0.1.0
      Model     gpt-5.5, effort high
      Folder    ~/work/engine
      Account   ada@example.com, plan Plus
      Thread    0199a213-81c0-7800-8aa1-bbab2a035a53
      Limit     5h   ░░░░░░░░░░░░░░░░ 0% left, resets at 2:20 PM
      Limit     week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM
      Payer     the key …d3m0, since 11:50 AM
      Paid      11,174 tokens · $0.12 since the switch
      Key       …d3m0, ready
      At limit  the key takes over

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high

    === 40×12
                PM
      Limit     week 59% left, resets at Nov
                28th, 2026 12:00 PM
      Payer     the key …d3m0, since 11:50
                AM
      Paid      11,174 tokens · $0.12 since
                the switch
      Key       …d3m0, ready
      At limit  the key takes over

    › ▏Say what to do · / commands · ? keys
    key …d3m0 pays · 11,174 tokens · $0.12
    ");
    assert_snapshot!(in_words(key), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    codex 0.1.0
    Model: gpt-5.5, effort high
    Folder: ~/work/engine
    Account: ada@example.com, plan Plus
    Thread: 0199a213-81c0-7800-8aa1-bbab2a035a53
    Limit: 5h   0% left, resets at 2:20 PM
    Limit: week 59% left, resets at Nov 28th, 2026 12:00 PM
    Payer: the key …d3m0, since 11:50 AM
    Paid: 11,174 tokens, $0.12 since the switch
    Key: …d3m0, ready
    At limit: the key takes over

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    key …d3m0 pays, 11,174 tokens since the switch, $0.12, gpt-5.5 high
    ");
}

#[test]
fn messages_that_wait() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        stage.keys("and mend what fails");
        stage.press("enter");
        for text in ["then write a changelog for the people who use it", "then commit", "then rest"] {
            stage.keys(text);
            stage.press("tab");
        }
        stage.keys("a draft");
        stage.press("shift+enter");
        stage.keys("of two lines");
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts
      joins the turn: and mend what fails
      waits: then write a changelog for the people who use it
      waits: then commit
      and 1 more

    › a draft
      of two lines▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts
      joins the turn: and mend what fails
      and 3 more

    › a draft
      of two lines▏
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Run the tests.

    Working. Esc interrupts.
      joins the turn: and mend what fails
      waits: then write a changelog for the people who use it
      waits: then commit
      and 1 more

    > a draft
      of two lines▏
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}
