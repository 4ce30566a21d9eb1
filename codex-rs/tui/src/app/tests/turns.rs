//! What goes on: an answer that grows, a command that runs, messages that wait; the status card.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::json;

use super::engine::{agent, command, fallback, key_pays};
use super::stage::{Stage, at_both_sizes, in_words};

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

#[test]
fn what_init_says_is_sent_and_not_remembered() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    stage.opened();
    stage.forget();
    stage.keys("/init");
    stage.press("enter");
    assert_eq!(stage.calls(), ["turn/start"]);
    assert!(!stage.effects().contains("Remember"));
    stage.turn_begins();
    stage.turn_ends();
    stage.press("up");
    assert!(stage.screen().contains("› /init▏"), "{}", stage.screen());
}

#[test]
fn what_waits_for_a_turn_that_fails_comes_back() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    stage.opened();
    stage.say("Run the tests.");
    for text in ["then commit", "then push"] {
        stage.keys(text);
        stage.press("tab");
    }
    stage.keys("a draft");
    stage.forget();
    stage.turn_fails("The usage limit is reached.");
    assert_eq!(stage.calls(), Vec::<&str>::new());
    assert_eq!(stage.effects(), "");
    assert_snapshot!(stage.screen(), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    ✗ The usage limit is reached.

    › then commit

      then push

      a draft▏
    plan Plus pays · gpt-5.5 high · ~/work/engine
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

/// Five tries are no five cells: it is said where it is said that a turn runs, and only for as long as it lasts.
#[test]
fn a_request_that_is_tried_again() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Go on.");
        stage.item("started", agent("a", ""));
        stage.answer_grows("a", "Half a sen");
        stage.tries_again("Reconnecting… 1/5");
        stage.tries_again("Reconnecting… 2/5");
    };
    assert_snapshot!(at_both_sizes(story), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Go on.

    • Half a sen
      — cut off here; the answer begins again below —

    • Working 0 s · Esc interrupts
      Reconnecting… 2/5

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    › Go on.

    • Half a sen
      — cut off here; the answer begins
      again below —

    • Working 0 s · Esc interrupts
      Reconnecting… 2/5

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let mut stage = Stage::new(80, 24, Form::Drawn);
    story(&mut stage);
    stage.item("started", agent("b", ""));
    stage.answer_grows("b", "Half a sentence.");
    assert!(!stage.everything().contains("Reconnecting"), "{}", stage.screen());
}
