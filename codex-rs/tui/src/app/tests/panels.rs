//! What takes the composer's place: who pays, may the key pay.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::engine::{THREAD, TURN, fallback, key_pays, limits};
use super::stage::{NOON, Stage, and, at_both_sizes, in_words, ordered};

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
    assert_snapshot!(at_both_sizes(ordered("/fallback")), @"
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
    assert_snapshot!(in_words(ordered("/fallback")), @"
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
    let pays = and(ordered("/fallback"), |stage| {
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
        let mut stage = Stage::new(80, 24, Form::Drawn);
        asked(&mut stage);
        stage.effects();
        stage.wait(500);
        stage.press(keys);
        assert_eq!(stage.effects(), format!("AnswerFallback(Number(7), {answer})"), "{keys}");
        assert!(stage.screen().contains("› ▏Say what is to be done"));
    }
}

/// `fallback-spec.md` §6: who pays is always on the status line, also where it is the key for one turn only.
#[test]
fn a_key_that_pays_for_one_turn_is_on_the_status_line_until_it_ends() {
    let allowed = || {
        let mut stage = Stage::new(80, 24, Form::Drawn);
        stage.opened_with_key();
        stage.say("Mend the test.");
        stage.asked(
            7,
            "account/fallback/requestApproval",
            json!({
                "threadId": THREAD, "turnId": TURN, "reason": "The limit is reached.", "resetsAt": null,
                "model": "gpt-5.5", "keyLast4": "d3m0", "contextTokens": null,
            }),
        );
        stage.wait(500);
        stage.press("1");
        stage
    };
    let status = |changes: Value| {
        let mut all = json!({ "keyLast4": "d3m0", "keyState": "ready", "mode": "ask", "tokens": 5_317 });
        for (name, value) in changes.as_object().into_iter().flatten() {
            all[name] = value.clone();
        }
        json!({ "fallback": fallback(all) })
    };
    let last = |stage: &Stage| stage.screen().lines().last().unwrap_or_default().to_owned();
    let mut stage = allowed();
    assert_eq!(last(&stage), "key …d3m0 pays for this turn · gpt-5.5 high · ~/work/engine");
    assert_eq!(stage.look_of("key …d3m0 pays"), "Idx(5) bold reversed");
    stage.forget();
    stage.used(5_317, 9_000);
    assert_eq!(stage.calls(), ["account/fallback/read"]);
    stage.answers("account/fallback/read", status(json!({})));
    stage.keys("/fallback");
    stage.press("enter");
    assert!(stage.screen().contains("The key …d3m0 pays, for this turn only."), "{}", stage.screen());
    stage.press("esc");
    stage.turn_ends();
    assert!(last(&stage).starts_with("plan Plus pays"), "{}", last(&stage));
    stage.keys("/fallback");
    stage.press("enter");
    assert!(stage.screen().contains("5,317 tokens by the key in this session."), "{}", stage.screen());
    stage.press("esc");
    stage.keys("/status");
    stage.press("enter");
    assert!(
        stage.screen().contains("Paid      5,317 tokens by the key in this session"),
        "{}",
        stage.screen()
    );
    for changes in
        [json!({ "keyState": "refused" }), json!({ "keyState": "outOfCredit" }), json!({ "mode": "off" })]
    {
        let mut stage = allowed();
        let mut update = status(changes);
        update["message"] = json!("Something changed.");
        stage.told("account/fallback/updated", update);
        assert!(last(&stage).starts_with("plan Plus pays"), "{}", last(&stage));
    }
}

#[test]
fn the_question_takes_no_key_of_a_draft() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
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

/// Behind the transcript nobody would see that the turn waits for an answer.
#[test]
fn the_question_closes_the_transcript() {
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    stage.opened_with_key();
    stage.say("Mend the test.");
    stage.press("ctrl+t");
    assert!(stage.screen().contains("Transcript"));
    let question = json!({
        "threadId": THREAD, "turnId": TURN, "reason": "The limit is reached.", "resetsAt": null, "model": "gpt-5.5",
        "keyLast4": "d3m0", "contextTokens": null,
    });
    stage.asked(7, "account/fallback/requestApproval", question);
    assert!(stage.screen().contains("May the key …d3m0 pay?"), "{}", stage.screen());
}
