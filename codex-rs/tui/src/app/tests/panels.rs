//! What takes the composer's place: boxes, panels, questions, pickers; and the transcript.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::engine::{THREAD, TURN, agent, command, fallback, key_pays, limits, with_key};
use super::stage::{KEY, NOON, Stage, at_both_sizes, in_words};

/// A story and what follows it.
fn and(before: impl Fn(&mut Stage), after: impl Fn(&mut Stage)) -> impl Fn(&mut Stage) {
    move |stage| {
        before(stage);
        after(stage);
    }
}

fn typed(command: &str) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened_with_key();
        stage.plan_used(6, 41);
        stage.forget();
        stage.keys(command);
        stage.press("enter");
    }
}

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
    assert_snapshot!(at_both_sizes(typed("/add-api-key")), @"
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
    let story = and(typed("/remove-api-key"), |stage| {
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
fn who_pays() {
    let no_key = |stage: &mut Stage| {
        stage.opened();
        stage.keys("/fallback");
        stage.press("enter");
        stage.answers("account/rateLimits/read", json!({ "rateLimits": limits(6, 41) }));
    };
    assert_snapshot!(at_both_sizes(no_key), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Who pays ────────────────────────────────────────────────────────────────────
      The plan pays, since 11:00 AM.
      Key: none stored. At the limit work stops.
      5h   ████████████████ 94% left, resets at 2:20 PM
      week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM

    › n  Add a key
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions

      Arrows or letters move · Enter chooses · Esc leaves
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine
    ── Who pays ────────────────────────────
      The plan pays, since 11:00 AM.
      Key: none stored. At the limit work
      stops.
      5h   94% left, resets at 2:20 PM
    › n  Add a key
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(typed("/fallback")), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Who pays ────────────────────────────────────────────────────────────────────
      The plan pays, since 11:00 AM.
      Key …d3m0: ready. At the limit the key takes over.
      5h   ████████████████ 94% left, resets at 2:20 PM
      week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM

    › a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
      n  Replace the key
      r  Remove the key

      Arrows or letters move · Enter chooses · Esc leaves
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine
    ── Who pays ────────────────────────────
      The plan pays, since 11:00 AM.
      Key …d3m0: ready. At the limit the key
      takes over.
      5h   94% left, resets at 2:20 PM
    › a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
      s  At the limit: use the key (now)
    ↓ q  At the limit: ask
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    assert_snapshot!(in_words(typed("/fallback")), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Who pays.
    The plan pays, since 11:00 AM.
    Key …d3m0: ready. At the limit the key takes over.
    5h   94% left, resets at 2:20 PM
    week 59% left, resets at Nov 28th, 2026 12:00 PM

    chosen: a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
      n  Replace the key
      r  Remove the key

    Arrows or letters move, Enter chooses, Esc leaves
    plan Plus, 5h 94%, week 59% left, gpt-5.5 high, ~/work/engine, key …d3m0 ready
    ");
    let pays = and(typed("/fallback"), |stage| {
        assert_eq!(stage.calls(), ["account/fallback/read", "account/rateLimits/read"]);
        stage.plan_used(100, 41);
        stage.answers("account/fallback/read", json!({ "fallback": fallback(key_pays(11_174, 0.12)) }));
    });
    assert_snapshot!(at_both_sizes(&pays), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Who pays ────────────────────────────────────────────────────────────────────
      The key …d3m0 pays, since 11:50 AM: 11,174 tokens · $0.12.
      The plan is free again at 2:20 PM.
      Key …d3m0: ready. At the limit the key takes over.
      5h   ░░░░░░░░░░░░░░░░ 0% left, resets at 2:20 PM
      week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM

    › a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
      n  Replace the key
      r  Remove the key

      Arrows or letters move · Enter chooses · Esc leaves
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high

    === 40×12
    ~/work/engine
    ── Who pays ────────────────────────────
      The key …d3m0 pays, since 11:50 AM:
      11,174 tokens · $0.12.
      The plan is free again at 2:20 PM.
      Key …d3m0: ready. At the limit the key
      takes over.
    › a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
    ↓ s  At the limit: use the key (now)
    key …d3m0 pays · 11,174 tokens · $0.12
    ");
    assert_snapshot!(in_words(&pays), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Who pays.
    The key …d3m0 pays, since 11:50 AM: 11,174 tokens, $0.12.
    The plan is free again at 2:20 PM.
    Key …d3m0: ready. At the limit the key takes over.
    5h   0% left, resets at 2:20 PM
    week 59% left, resets at Nov 28th, 2026 12:00 PM

    chosen: a  Who pays: as the limit decides
      p  Who pays: the plan only
      k  Who pays: the key, from now on
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
      n  Replace the key
      r  Remove the key

    Arrows or letters move, Enter chooses, Esc leaves
    key …d3m0 pays, 11,174 tokens since the switch, $0.12, gpt-5.5 high
    ");
    let refused = and(&pays, |stage| {
        stage.keys("k");
        stage.press("enter");
        assert_eq!(stage.calls(), ["account/fallback/setPayer"]);
        stage.refuses("account/fallback/setPayer", "No key is stored; add one with /add-api-key.");
    });
    assert_snapshot!(at_both_sizes(refused), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Who pays ────────────────────────────────────────────────────────────────────
      The key …d3m0 pays, since 11:50 AM: 11,174 tokens · $0.12.
      The plan is free again at 2:20 PM.
      Key …d3m0: ready. At the limit the key takes over.
      5h   ░░░░░░░░░░░░░░░░ 0% left, resets at 2:20 PM
      week ██████████░░░░░░ 59% left, resets at Nov 28th, 2026 12:00 PM
      No key is stored; add one with /add-api-key.

      a  Who pays: as the limit decides
      p  Who pays: the plan only
    › k  Who pays: the key, from now on
      s  At the limit: use the key (now)
      q  At the limit: ask
      o  At the limit: stop
      w  Keep that for later sessions
      n  Replace the key
      r  Remove the key

      Arrows or letters move · Enter chooses · Esc leaves
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high

    === 40×12
    ~/work/engine
    ── Who pays ────────────────────────────
      The key …d3m0 pays, since 11:50 AM:
      11,174 tokens · $0.12.
      The plan is free again at 2:20 PM.
      No key is stored; add one with
      /add-api-key.
      a  Who pays: as the limit decides
      p  Who pays: the plan only
    › k  Who pays: the key, from now on
    ↓ s  At the limit: use the key (now)
    key …d3m0 pays · 11,174 tokens · $0.12
    ");
}

#[test]
fn the_question() {
    let asked = |stage: &mut Stage| {
        stage.opened_with_key();
        stage.plan_used(100, 41);
        stage.say("Mend the test.");
        stage.forget();
        stage.asked(
            7,
            "account/fallback/requestApproval",
            json!({
                "threadId": THREAD, "turnId": TURN, "reason": "The usage limit of your ChatGPT plan is reached.",
                "resetsAt": NOON + 8_400, "model": "gpt-5.5", "keyLast4": "d3m0", "contextTokens": 48_210,
            }),
        );
    };
    assert_snapshot!(at_both_sizes(asked), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Mend the test.

    • Working 0 s

    ── May the key …d3m0 pay? ──────────────────────────────────────────────────────
      The usage limit of your ChatGPT plan is reached.
      The plan is free again at 2:20 PM.
      The next request sends about 48,210 tokens to gpt-5.5, billed to the key.

      1  Yes, for this turn
      2  Yes, until the plan is free again
      3  Yes, until codex ends
      4  No, stop here

      1–4, or arrows and Enter · Esc means no
    plan Plus · 5h 0% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    › Mend the test.
    ── May the key …d3m0 pay? ──────────────
      The usage limit of your ChatGPT plan
      is reached.
      The plan is free again at 2:20 PM.
      The next request sends about 48,210
      tokens to gpt-5.5, billed to the key.
      1  Yes, for this turn
      2  Yes, until the plan is free again
      3  Yes, until codex ends
      4  No, stop here
    plan Plus · 5h 0% left · gpt-5.5 high
    ");
    assert_snapshot!(in_words(asked), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Mend the test.

    Working.

    May the key …d3m0 pay?
    The usage limit of your ChatGPT plan is reached.
    The plan is free again at 2:20 PM.
    The next request sends about 48,210 tokens to gpt-5.5, billed to the key.

      1  Yes, for this turn
      2  Yes, until the plan is free again
      3  Yes, until codex ends
      4  No, stop here

    1–4, or arrows and Enter, Esc means no
    plan Plus, 5h 0%, week 59% left, gpt-5.5 high, ~/work/engine, key …d3m0 ready
    ");
    assert_snapshot!(at_both_sizes(and(asked, |stage| { stage.wait(500); stage.press("enter"); })), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Mend the test.

    • Working 0 s

    ── May the key …d3m0 pay? ──────────────────────────────────────────────────────
      The usage limit of your ChatGPT plan is reached.
      The plan is free again at 2:20 PM.
      The next request sends about 48,210 tokens to gpt-5.5, billed to the key.
      Choose an answer first: 1 to 4, or the arrow keys.

      1  Yes, for this turn
      2  Yes, until the plan is free again
      3  Yes, until codex ends
      4  No, stop here

      1–4, or arrows and Enter · Esc means no
    plan Plus · 5h 0% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    › Mend the test.

    ── May the key …d3m0 pay? ──────────────
      The next request sends about 48,210
      tokens to gpt-5.5, billed to the key.
      Choose an answer first: 1 to 4, or the
      arrow keys.
      1  Yes, for this turn
      2  Yes, until the plan is free again
      3  Yes, until codex ends
      4  No, stop here
    plan Plus · 5h 0% left · gpt-5.5 high
    ");
    for (keys, answer) in [
        ("1", "Turn"),
        ("2", "UntilReset"),
        ("3", "Process"),
        ("4", "No"),
        ("esc", "No"),
        ("down enter", "Turn"),
        ("up enter", "No"),
        ("enter y down down enter", "UntilReset"),
    ] {
        let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
        asked(&mut stage);
        stage.effects();
        stage.wait(500);
        stage.press(keys);
        assert_eq!(stage.effects(), format!("AnswerFallback(Number(7), {answer})"), "{keys}");
        assert!(stage.screen().contains("› ▏Say what is to be done"));
    }
}

#[test]
fn the_question_takes_no_key_of_a_draft() {
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    stage.opened_with_key();
    stage.say("Mend the test.");
    let question = json!({
        "threadId": THREAD, "turnId": TURN, "reason": "The limit is reached.", "resetsAt": null, "model": "gpt-5.5",
        "keyLast4": "d3m0", "contextTokens": null,
    });
    stage.keys("there are ");
    stage.effects();
    stage.asked(7, "account/fallback/requestApproval", question);
    for letter in ["1", "2", "3"] {
        stage.wait(100);
        stage.keys(letter);
    }
    assert_eq!(stage.effects(), "");
    stage.told("serverRequest/resolved", json!({ "threadId": THREAD, "requestId": 7 }));
    assert!(stage.screen().contains("› there are ▏"));
}

fn model(name: &str, description: &str, efforts: &[&str]) -> Value {
    let options: Vec<Value> = efforts
        .iter()
        .map(|effort| json!({ "reasoningEffort": effort, "description": format!("Thinks {effort}, for work of that kind") }))
        .collect();
    json!({
        "id": name, "model": name, "upgrade": null, "displayName": name, "description": description, "hidden": false,
        "supportedReasoningEfforts": options, "defaultReasoningEffort": "medium", "inputModalities": ["text"],
        "supportsPersonality": false, "additionalSpeedTiers": [], "serviceTiers": [], "isDefault": false,
    })
}

#[test]
fn the_models() {
    assert_snapshot!(at_both_sizes(typed("/model")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Model ───────────────────────────────────────────────────────────────────────
      Asking which models there are…
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ── Model ───────────────────────────────
      Asking which models there are…
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    let listed = and(typed("/model"), |stage| {
        let models = json!([
            model("gpt-5.5", "The strongest one for code that spans many files", &["low", "medium", "high"]),
            model("gpt-5.5-mini", "Small and quick; for edits that are easy to describe", &["low", "medium"]),
            model("gpt-tiny", "For one-liners", &[]),
        ]);
        stage.answers("model/list", json!({ "data": models, "nextCursor": null }));
    });
    assert_snapshot!(at_both_sizes(&listed), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Model ───────────────────────────────────────────────────────────────────────
    › 1  gpt-5.5 (current)  The strongest one for code that spans many files
      2  gpt-5.5-mini       Small and quick; for edits that are easy to describe
      3  gpt-tiny           For one-liners

      Enter chooses · Esc leaves · used from the next turn on
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    ── Model ───────────────────────────────
    › 1  gpt-5.5 (current)  The strongest
         one for code that spans many files
      2  gpt-5.5-mini       Small and quick;
         for edits that are easy to describe
      3  gpt-tiny           For one-liners

      Enter chooses · Esc leaves · used from
      the next turn on
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    assert_snapshot!(in_words(&listed), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Model.
    chosen: 1  gpt-5.5 (current)  The strongest one for code that spans many files
      2  gpt-5.5-mini       Small and quick; for edits that are easy to describe
      3  gpt-tiny           For one-liners

    Enter chooses, Esc leaves, used from the next turn on
    plan Plus, 5h 94%, week 59% left, gpt-5.5 high, ~/work/engine, key …d3m0 ready
    ");
    let efforts = and(&listed, |stage| stage.press("enter"));
    assert_snapshot!(at_both_sizes(&efforts), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── How long gpt-5.5 thinks ─────────────────────────────────────────────────────
      1  low               Thinks low, for work of that kind
      2  medium (default)  Thinks medium, for work of that kind
    › 3  high (current)    Thinks high, for work of that kind

      Enter chooses · Esc goes back
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    ── How long gpt-5.5 thinks ─────────────
      1  low               Thinks low, for
         work of that kind
      2  medium (default)  Thinks medium,
         for work of that kind
    › 3  high (current)    Thinks high, for
         work of that kind

      Enter chooses · Esc goes back
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    let chosen = and(&efforts, |stage| {
        stage.forget();
        stage.press("up enter");
        assert_eq!(stage.calls(), ["config/value/write", "config/value/write"]);
    });
    assert_snapshot!(at_both_sizes(chosen), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    · Model from the next turn on: gpt-5.5, effort medium.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 94% · week 59% left · gpt-5.5 medium · ~/work/engine

    === 40×12
    ~/work/engine

    · Model from the next turn on: gpt-5.5,
      effort medium.

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 94% left · gpt-5.5 medium
    ");
}

#[test]
fn signing_out() {
    assert_snapshot!(at_both_sizes(typed("/logout")), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Sign out? ───────────────────────────────────────────────────────────────────
      The session in auth.json is deleted; other Codex programs that share it are
      signed out too.

    › 1  Stay signed in
      2  Sign out and delete the fallback key …d3m0
      3  Sign out; keep the key for this account's next sign-in

      Enter chooses · Esc leaves
    plan Plus · 5h 94% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine
    ── Sign out? ───────────────────────────
      The session in auth.json is deleted;
      other Codex programs that share it are
      signed out too.

    › 1  Stay signed in
      2  Sign out and delete the fallback
         key …d3m0
      3  Sign out; keep the key for this
         account's next sign-in
    plan Plus · 5h 94% left · gpt-5.5 high
    ");
    let out = and(typed("/logout"), |stage| {
        stage.press("2");
        assert_eq!(stage.calls(), ["account/logout"]);
        stage.answers("account/logout", json!({}));
        stage.answers("account/read", json!({ "account": null, "userId": null, "requiresOpenaiAuth": true }));
        stage.answers("account/fallback/read", json!({ "fallback": fallback(json!({})) }));
        stage.knows_the_folder();
    });
    assert_snapshot!(at_both_sizes(out), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ── Sign in ─────────────────────────────────────────────────────────────────────
      Nobody is signed in. An OpenAI API key signs you in and pays for everything.
      To use a ChatGPT plan, sign in with the official `codex login` and start
      again; both programs share the session.

    › ▏

      Enter signs in · Esc twice quits
    not signed in · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    ── Sign in ─────────────────────────────
      Nobody is signed in. An OpenAI API key
      signs you in and pays for everything.
      To use a ChatGPT plan, sign in with
      the official `codex login` and start
      again; both programs share the
      session.

    › ▏
    not signed in · gpt-5.5 high
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
      Sent, the model's service reads it, and it stays in this session's file.

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
      and it stays in this session's file.

    › 1  Go back and edit it
      2  Store the key as the fallback key;
         do not send
      3  Send it anyway
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(asked), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    This message holds an API key.
    Sent, the model's service reads it, and it stays in this session's file.

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
        stage.keys("2");
        assert_eq!(stage.calls(), ["account/addFallbackApiKey"]);
    });
    assert_snapshot!(at_both_sizes(stored), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    ◐ Checking the key…

    › The service refuses since yesterday; find out why.▏
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    ◐ Checking the key…

    › The service refuses since yesterday;
      find out why.▏
    plan Plus pays · gpt-5.5 high
    ");
}

fn nobody(stage: &mut Stage) {
    stage.begin();
    stage.answers("account/read", json!({ "account": null, "userId": null, "requiresOpenaiAuth": true }));
    stage.answers("account/fallback/read", json!({ "fallback": fallback(json!({})) }));
    stage.knows_the_folder();
}

#[test]
fn signing_in() {
    assert_snapshot!(at_both_sizes(nobody), @"
    ── Sign in ─────────────────────────────────────────────────────────────────────
      Nobody is signed in. An OpenAI API key signs you in and pays for everything.
      To use a ChatGPT plan, sign in with the official `codex login` and start
      again; both programs share the session.

    › ▏

      Enter signs in · Esc twice quits
    not signed in · ~/work/engine

    === 40×12

    ── Sign in ─────────────────────────────
      Nobody is signed in. An OpenAI API key
      signs you in and pays for everything.
      To use a ChatGPT plan, sign in with
      the official `codex login` and start
      again; both programs share the
      session.

    › ▏
    not signed in · ~/work/engine
    ");
    assert_snapshot!(in_words(nobody), @"
    Sign in.
    Nobody is signed in. An OpenAI API key signs you in and pays for everything.
    To use a ChatGPT plan, sign in with the official `codex login` and start again;
    both programs share the session.

    ▏

    Enter signs in, Esc twice quits
    not signed in, ~/work/engine
    ");
    let full = and(nobody, |stage| stage.paste(KEY));
    assert_snapshot!(at_both_sizes(&full), @"
    ── Sign in ─────────────────────────────────────────────────────────────────────
      Nobody is signed in. An OpenAI API key signs you in and pays for everything.
      To use a ChatGPT plan, sign in with the official `codex login` and start
      again; both programs share the session.

    › ••••••••••••••••••••••••▏

      Enter signs in · Esc twice quits
    not signed in · ~/work/engine

    === 40×12

    ── Sign in ─────────────────────────────
      Nobody is signed in. An OpenAI API key
      signs you in and pays for everything.
      To use a ChatGPT plan, sign in with
      the official `codex login` and start
      again; both programs share the
      session.

    › ••••••••••••••••••••••••▏
    not signed in · ~/work/engine
    ");
    let refused = and(&full, |stage| {
        stage.forget();
        stage.press("enter");
        assert_eq!(stage.calls(), ["account/login/start"]);
        stage.refuses("account/login/start", "The key could not be stored: the disk is full.");
    });
    assert_snapshot!(at_both_sizes(&refused), @"
    ── Sign in ─────────────────────────────────────────────────────────────────────
      Nobody is signed in. An OpenAI API key signs you in and pays for everything.
      To use a ChatGPT plan, sign in with the official `codex login` and start
      again; both programs share the session.

    › ▏
      The key could not be stored: the disk is full.

      Enter signs in · Esc twice quits
    not signed in · ~/work/engine

    === 40×12
    ── Sign in ─────────────────────────────
      Nobody is signed in. An OpenAI API key
      signs you in and pays for everything.
      To use a ChatGPT plan, sign in with
      the official `codex login` and start
      again; both programs share the
      session.
    › ▏
      The key could not be stored: the disk
      is full.
    not signed in · ~/work/engine
    ");
    assert_snapshot!(at_both_sizes(and(&refused, |stage| stage.press("esc"))), @"
    ── Sign in ─────────────────────────────────────────────────────────────────────
      Nobody is signed in. An OpenAI API key signs you in and pays for everything.
      To use a ChatGPT plan, sign in with the official `codex login` and start
      again; both programs share the session.

    › ▏
      Press Esc again to quit.

      Enter signs in · Esc twice quits
    not signed in · ~/work/engine

    === 40×12
    ── Sign in ─────────────────────────────
      Nobody is signed in. An OpenAI API key
      signs you in and pays for everything.
      To use a ChatGPT plan, sign in with
      the official `codex login` and start
      again; both programs share the
      session.

    › ▏
      Press Esc again to quit.
    not signed in · ~/work/engine
    ");
    let inside = and(&full, |stage| {
        stage.press("enter");
        stage.answers("account/login/start", json!({ "type": "apiKey" }));
        let account = json!({ "type": "apiKey" });
        stage.answers(
            "account/read",
            json!({ "account": account, "userId": null, "requiresOpenaiAuth": true }),
        );
        stage.knows_the_folder();
        stage.thread_starts();
    });
    assert_snapshot!(at_both_sizes(inside), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › ▏Say what is to be done · / commands · ? keys
    API key pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › ▏Say what to do · / commands · ? keys
    API key pays · gpt-5.5 high
    ");
}

#[test]
fn a_new_folder() {
    let asked = |stage: &mut Stage| {
        stage.begin();
        stage.signed_in();
        stage.answers("config/read", json!({ "config": {}, "origins": {}, "layers": null }));
    };
    assert_snapshot!(at_both_sizes(asked), @"
    ── Do you trust this folder? ───────────────────────────────────────────────────
      ~/work/engine
      If you do, its .codex/config.toml counts and can change what commands may do
      unasked; never who pays. Trust only what you know.

      1  Yes, I trust this folder
    › 2  No, go on without its settings
      3  Quit

      Enter chooses · Esc quits · remembered in config.toml
    plan Plus pays · ~/work/engine

    === 40×12
    ── Do you trust this folder? ───────────
      ~/work/engine
      If you do, its .codex/config.toml
      counts and can change what commands
      may do unasked; never who pays. Trust
      only what you know.

      1  Yes, I trust this folder
    › 2  No, go on without its settings
      3  Quit
    plan Plus pays · ~/work/engine
    ");
    assert_snapshot!(in_words(asked), @"
    Do you trust this folder?
    ~/work/engine
    If you do, its .codex/config.toml counts and can change what commands may do
    unasked; never who pays. Trust only what you know.

      1  Yes, I trust this folder
    chosen: 2  No, go on without its settings
      3  Quit

    Enter chooses, Esc quits, remembered in config.toml
    plan Plus pays, ~/work/engine
    ");
    for (keys, calls) in [
        ("1", &["config/value/write", "thread/start"][..]),
        ("2", &["config/value/write", "thread/start"]),
        ("enter", &["config/value/write", "thread/start"]),
        ("3", &[]),
        ("esc", &[]),
    ] {
        let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
        asked(&mut stage);
        stage.forget();
        stage.effects();
        stage.press(keys);
        assert_eq!(stage.calls(), calls, "{keys}");
        let effects = stage.effects();
        assert_eq!(effects.contains("String(\"trusted\")"), keys == "1", "{keys}: {effects}");
        assert_eq!(effects.contains("Quit"), calls.is_empty(), "{keys}: {effects}");
    }
}

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
