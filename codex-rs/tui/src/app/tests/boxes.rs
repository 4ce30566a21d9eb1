//! Where a key is typed or was found: the masked box and what becomes of a key, the message that holds one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::engine::{fallback, with_key};
use super::stage::{KEY, Stage, and, at_both_sizes, in_words, ordered};

#[test]
fn the_key_box() {
    let empty = |stage: &mut Stage| {
        stage.opened();
        stage.keys("/add-api-key");
        stage.press("enter");
    };
    assert_snapshot!(at_both_sizes(empty), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Fallback API key ────────────────────────────────────────────────────────────
      Stored in ~/.codex/auth.json. Used only when the plan runs out; it is then
      billed per token.

    › ▏

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ── Fallback API key ────────────────────
      Stored in ~/.codex/auth.json. Used
      only when the plan runs out; it is
      then billed per token.

    › ▏

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(and(empty, |stage| stage.press("enter"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Fallback API key ────────────────────────────────────────────────────────────
      Stored in ~/.codex/auth.json. Used only when the plan runs out; it is then
      billed per token.

    › ▏
      Paste or type the key first.

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    ── Fallback API key ────────────────────
      Stored in ~/.codex/auth.json. Used
      only when the plan runs out; it is
      then billed per token.

    › ▏
      Paste or type the key first.

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high
    ");
    let full = and(empty, |stage| stage.paste(&format!(" {KEY}\n")));
    assert_snapshot!(at_both_sizes(&full), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Fallback API key ────────────────────────────────────────────────────────────
      Stored in ~/.codex/auth.json. Used only when the plan runs out; it is then
      billed per token.

    › ••••••••••••••••••••••••▏

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ── Fallback API key ────────────────────
      Stored in ~/.codex/auth.json. Used
      only when the plan runs out; it is
      then billed per token.

    › ••••••••••••••••••••••••▏

      Enter stores it · Esc leaves
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(&full), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Fallback API key.
    Stored in ~/.codex/auth.json. Used only when the plan runs out; it is then
    billed per token.

    Key typed, not shown.▏

    Enter stores it, Esc leaves
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let checking = and(&full, |stage| {
        stage.forget();
        stage.press("enter");
        assert_eq!(stage.calls(), ["account/addFallbackApiKey"]);
        stage.wait(600);
    });
    assert_snapshot!(at_both_sizes(&checking), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Fallback API key ────────────────────────────────────────────────────────────
      ◓ Checking the key…

      Esc hides this; the check goes on
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ── Fallback API key ────────────────────
      ◓ Checking the key…

      Esc hides this; the check goes on
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(&checking), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Fallback API key.
    Checking the key.

    Esc hides this; the check goes on
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let refusal = "The API refused this key (401, invalid_api_key); make a new one at platform.openai.com.";
    let refused = and(&checking, |stage| stage.refuses("account/addFallbackApiKey", refusal));
    assert_snapshot!(at_both_sizes(refused), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ✗ The API refused this key (401, invalid_api_key); make a new one at
      platform.openai.com.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ✗ The API refused this key (401,
      invalid_api_key); make a new one at
      platform.openai.com.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let answered = |available: Value, unchecked: Value| {
        and(&checking, move |stage| {
            let fallback = fallback(with_key());
            let added =
                json!({ "fallback": fallback, "modelAvailable": available, "uncheckedReason": unchecked });
            stage.answers("account/addFallbackApiKey", added);
        })
    };
    assert_snapshot!(at_both_sizes(answered(true.into(), Value::Null)), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ✓ The fallback API key …d3m0 is stored. The API accepts it, and gpt-5.5 is
      available to it. It pays only when the plan runs out; /fallback shows who
      pays.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine · key …d3m0 ready

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ✓ The fallback API key …d3m0 is stored.
      The API accepts it, and gpt-5.5 is
      available to it. It pays only when the
      plan runs out; /fallback shows who
      pays.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(answered(false.into(), Value::Null)), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ! The fallback API key …d3m0 is stored. The API accepts it, but gpt-5.5 is not
      available to it; name another one as `model` under [fallback] in config.toml.
      It pays only when the plan runs out; /fallback shows who pays.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine · key …d3m0 ready

    === 40×12
    ~/work/engine

    ! The fallback API key …d3m0 is stored.
      The API accepts it, but gpt-5.5 is not
      available to it; name another one as
      `model` under [fallback] in
      config.toml. It pays only when the
      plan runs out; /fallback shows who
      pays.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(answered(Value::Null, "the API did not answer in 10 s".into())), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ! The fallback API key …d3m0 is stored. It could not be checked: the API did not
      answer in 10 s. It pays only when the plan runs out; /fallback shows who pays.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine · key …d3m0 ready

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ! The fallback API key …d3m0 is stored.
      It could not be checked: the API did
      not answer in 10 s. It pays only when
      the plan runs out; /fallback shows who
      pays.

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(ordered("/add-api-key")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Fallback API key ────────────────────────────────────────────────────────────
      Stored in ~/.codex/auth.json. Used only when the plan runs out; it is then
      billed per token.
      It takes the place of the key …d3m0.

    › ▏

      Enter stores it · Esc leaves
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    ── Fallback API key ────────────────────
      Stored in ~/.codex/auth.json. Used
      only when the plan runs out; it is
      then billed per token.
      It takes the place of the key …d3m0.

    › ▏

      Enter stores it · Esc leaves
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
}

#[test]
fn a_key_that_is_removed() {
    let story = and(ordered("/remove-api-key"), |stage| {
        assert_eq!(stage.calls(), ["account/removeFallbackApiKey"]);
        stage.answers("account/removeFallbackApiKey", json!({ "fallback": fallback(json!({})) }));
    });
    assert_snapshot!(at_both_sizes(story), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ✓ No fallback API key is stored now. When the plan runs out, work stops.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ✓ No fallback API key is stored now.
      When the plan runs out, work stops.

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
}

#[test]
fn a_message_that_holds_a_key() {
    let asked = |stage: &mut Stage| {
        stage.opened();
        stage.forget();
        stage.paste(&format!("The service refuses {KEY} since yesterday; find out why."));
        stage.press("enter");
        assert!(stage.calls().is_empty());
    };
    assert_snapshot!(at_both_sizes(asked), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── This message holds an API key ───────────────────────────────────────────────
      Sent, the model's service reads it, and it stays in this conversation.

    › 1  Go back and edit it
      2  Store the key as the fallback key; do not send
      3  Send it anyway

      Enter chooses · Esc goes back to the message
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ── This message holds an API key ───────
      Sent, the model's service reads it,
      and it stays in this conversation.

    › 1  Go back and edit it
      2  Store the key as the fallback key;
         do not send
      3  Send it anyway
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(asked), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    This message holds an API key.
    Sent, the model's service reads it, and it stays in this conversation.

    chosen: 1  Go back and edit it
      2  Store the key as the fallback key; do not send
      3  Send it anyway

    Enter chooses, Esc goes back to the message
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    assert_snapshot!(at_both_sizes(and(asked, |stage| stage.press("esc"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › The service refuses •••••••••••••••••••••••••••••••••••••••••••• since
      yesterday; find out why.▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › The service refuses
      •••••••••••••••••••••••••••••••••••••
      ••••••• since yesterday; find out
      why.▏
    plan Plus pays · gpt-5.5 high
    ");
    let stored = and(asked, |stage| {
        // At once it would be what is typed next.
        stage.keys("2");
        assert_eq!(stage.calls(), Vec::<&str>::new());
        stage.wait(500);
        stage.keys("2");
        assert_eq!(stage.calls(), ["account/addFallbackApiKey"]);
    });
    assert_snapshot!(at_both_sizes(stored), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ◓ Checking the key…

    › The service refuses since yesterday; find out why.▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ◓ Checking the key…

    › The service refuses since yesterday;
      find out why.▏
    plan Plus pays · gpt-5.5 high
    ");
}
