//! What is hidden of a draft: a key behind its command, in a message, in a near miss.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::json;

use super::engine::{fallback, with_key};
use super::stage::{KEY, Stage, at_both_sizes, in_words};

#[test]
fn the_key_behind_the_command_is_hidden() {
    let story = |stage: &mut Stage| {
        stage.opened();
        stage.say("Run the tests.");
        stage.forget();
        stage.keys("/add-api-key ");
        stage.keys(KEY);
    };
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts

    › /add-api-key ••••••••••••••••••••••••••••••••••••••••••••▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts

    › /add-api-key
      •••••••••••••••••••••••••••••••••••••
      •••••••▏
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(story), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Run the tests.

    Working. Esc interrupts.

    > /add-api-key ••••••••••••••••••••••••••••••••••••••••••••▏
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let checked = |stage: &mut Stage| {
        story(stage);
        stage.press("enter");
        assert_eq!(stage.calls(), ["account/addFallbackApiKey"]);
        assert!(!stage.effects().contains("Remember(\"/"));
        stage.wait(600);
    };
    assert_snapshot!(at_both_sizes(checked), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts
    ◓ Checking the key…

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Run the tests.

    • Working 0 s · Esc interrupts
    ◓ Checking the key…

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(checked), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Run the tests.

    Working. Esc interrupts.
    Checking the key.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let stored = |stage: &mut Stage| {
        checked(stage);
        let added =
            json!({ "fallback": fallback(with_key()), "modelAvailable": true, "uncheckedReason": null });
        stage.answers("account/addFallbackApiKey", added);
        stage.press("up");
    };
    assert_snapshot!(at_both_sizes(stored), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Run the tests.

    ✓ The fallback API key …d3m0 is stored. The API accepts it, and gpt-5.5 is
      available to it. It pays only when the plan runs out; /fallback shows who
      pays.

    • Working 0 s · Esc interrupts

    › Run the tests.▏
    plan Plus pays · gpt-5.5 high · ~/work/engine · key …d3m0 ready

    === 40×12
    › Run the tests.

    ✓ The fallback API key …d3m0 is stored.
      The API accepts it, and gpt-5.5 is
      available to it. It pays only when the
      plan runs out; /fallback shows who
      pays.

    • Working 0 s · Esc interrupts

    › Run the tests.▏
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn a_draft_that_holds_a_key_is_hidden_and_goes_nowhere() {
    let message = |stage: &mut Stage| {
        stage.opened();
        stage.paste(&format!("why is {KEY} refused?"));
    };
    assert_snapshot!(at_both_sizes(message), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › why is •••••••••••••••••••••••••••••••••••••••••••• refused?▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › why is
      •••••••••••••••••••••••••••••••••••••
      ••••••• refused?▏
    plan Plus pays · gpt-5.5 high
    ");
    let cleared = |stage: &mut Stage| {
        message(stage);
        stage.press("ctrl+c up");
        assert!(!stage.effects().contains("Remember"));
    };
    assert_snapshot!(at_both_sizes(cleared), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    for wrong in [
        "/add-api-kye KEY",
        "/add-api-keyKEY",
        "add-api-key KEY",
        "/model KEY",
        "/add-api-key KEY now",
        "KEY",
    ] {
        let mut stage = Stage::new(80, 24, Form::Drawn);
        stage.opened();
        stage.forget();
        stage.keys(&wrong.replace("KEY", KEY));
        stage.press("enter");
        assert!(stage.calls().is_empty(), "{wrong}");
        let screen = stage.screen();
        assert!(screen.contains("looks like an API key"), "{wrong}: {screen}");
        assert!(!stage.effects().contains("Remember"), "{wrong}");
    }
    let near = |stage: &mut Stage| {
        stage.opened();
        stage.keys(&format!("/add-api-kye {KEY}"));
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(near), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ! That looks like an API key, or an attempt to add one, and was not sent, stored
      or remembered. The right form is /add-api-key and the key on the same line,
      with nothing after it; /add-api-key alone opens a masked box.

    › /add-api-kye ••••••••••••••••••••••••••••••••••••••••••••▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    ! That looks like an API key, or an
      attempt to add one, and was not sent,
      stored or remembered. The right form
      is /add-api-key and the key on the
      same line, with nothing after it;
      /add-api-key alone opens a masked box.

    › /add-api-kye
      •••••••••••••••••••••••••••••••••••••
      •••••••▏
    plan Plus pays · gpt-5.5 high
    ");
}
