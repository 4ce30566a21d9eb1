//! The switch as a film of screens: the plan pays, its limit hits, the key pays, the plan pays again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::json;

use super::engine::{SWITCH, THREAD, agent, fallback, key_pays, with_key};
use super::stage::{KEY, Stage};

/// The same film on a wide and on a narrow screen.
struct Film([Stage; 2]);

impl Film {
    fn new() -> Self {
        Film([Stage::new(80, 24, Form::Drawn), Stage::new(40, 12, Form::Drawn)])
    }

    fn then(&mut self, scene: impl Fn(&mut Stage)) -> &mut Self {
        self.0.iter_mut().for_each(scene);
        self
    }

    fn screens(&self) -> String {
        let [wide, narrow] = &self.0;
        format!("{}\n\n=== 40×12\n{}", wide.screen(), narrow.screen())
    }
}

#[test]
fn the_switch_inside_an_answer() {
    let mut film = Film::new();
    film.then(|stage| {
        stage.opened_with_key();
        stage.plan_used(97, 41);
        stage.say("Why does the test fail?");
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • Working 0 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 3% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Why does the test fail?

    • Working 0 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 3% left · gpt-5.5 high
    ");
    film.then(|stage| {
        stage.item("started", agent("a", ""));
        stage.answer_grows("a", "The clock is read twice.\n\nThe second reading comes after the turn has en");
        stage.wait(3_000);
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the turn has en

    • Working 3 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 3% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the
      turn has en

    • Working 3 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 3% left · gpt-5.5 high
    ");
    for stage in &film.0 {
        assert_eq!(stage.look_of("plan Plus"), "Idx(2)");
    }
    film.then(|stage| {
        stage.plan_used(100, 41);
        stage.limit_hits();
        stage.switches();
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the turn has en
      — cut off here; the answer begins again below —

    ⇄ The usage limit of your ChatGPT plan is reached until 14:20. The fallback API
      key (…d3m0) now pays per token. The plan pays again when the limit resets; to
      go back at once, choose the plan as payer.

    • Working 3 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 0 tokens since the switch · $0.00 · gpt-5.5 high

    === 40×12

    ⇄ The usage limit of your ChatGPT plan
      is reached until 14:20. The fallback
      API key (…d3m0) now pays per token.
      The plan pays again when the limit
      resets; to go back at once, choose the
      plan as payer.

    • Working 3 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    key …d3m0 pays · 0 tokens · gpt-5.5 high
    ");
    for stage in &film.0 {
        assert_eq!(stage.look_of("key …d3m0 pays"), "Idx(5) bold reversed");
    }
    film.then(|stage| {
        stage.item("started", agent("b", ""));
        stage.answer_grows("b", "The clock is read twice.\n\nThe second reading");
        stage.wait(2_000);
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the turn has en
      — cut off here; the answer begins again below —

    ⇄ The usage limit of your ChatGPT plan is reached until 14:20. The fallback API
      key (…d3m0) now pays per token. The plan pays again when the limit resets; to
      go back at once, choose the plan as payer.

    • The clock is read twice.

      The second reading

    • Working 5 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 0 tokens since the switch · $0.00 · gpt-5.5 high

    === 40×12
      The plan pays again when the limit
      resets; to go back at once, choose the
      plan as payer.

    • The clock is read twice.

      The second reading

    • Working 5 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    key …d3m0 pays · 0 tokens · gpt-5.5 high
    ");
    film.then(|stage| {
        stage.forget();
        stage.item("completed", agent("b", "The clock is read twice.\n\nThe second reading comes too late."));
        stage.used(11_174, 22_000);
        assert_eq!(stage.calls(), ["account/fallback/read"]);
        stage.answers("account/fallback/read", json!({ "fallback": fallback(key_pays(11_174, 0.12)) }));
        stage.turn_ends();
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the turn has en
      — cut off here; the answer begins again below —

    ⇄ The usage limit of your ChatGPT plan is reached until 14:20. The fallback API
      key (…d3m0) now pays per token. The plan pays again when the limit resets; to
      go back at once, choose the plan as payer.

    • The clock is read twice.

      The second reading comes too late.

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 11,174 tokens since the switch · $0.12 · gpt-5.5 high

    === 40×12
      The plan pays again when the limit
      resets; to go back at once, choose the
      plan as payer.

    • The clock is read twice.

      The second reading comes too late.

    › ▏Say what to do · / commands · ? keys
    key …d3m0 pays · 11,174 tokens · $0.12
    ");
    film.then(|stage| {
        let back = "The limit of your ChatGPT plan has reset; the plan pays again.";
        stage.plan_used(0, 41);
        stage.told("account/fallback/updated", json!({ "fallback": fallback(with_key()), "message": back }));
    });
    assert_snapshot!(film.screens(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice.

      The second reading comes after the turn has en
      — cut off here; the answer begins again below —

    ⇄ The usage limit of your ChatGPT plan is reached until 14:20. The fallback API
      key (…d3m0) now pays per token. The plan pays again when the limit resets; to
      go back at once, choose the plan as payer.

    • The clock is read twice.

      The second reading comes too late.

    ⇄ The limit of your ChatGPT plan has reset; the plan pays again.

    › ▏Say what is to be done · / commands · ? keys
    plan Plus · 5h 100% · week 59% left · gpt-5.5 high · ~/work/engine

    === 40×12
      resets; to go back at once, choose the
      plan as payer.

    • The clock is read twice.

      The second reading comes too late.

    ⇄ The limit of your ChatGPT plan has
      reset; the plan pays again.

    › ▏Say what to do · / commands · ? keys
    plan Plus · 5h 100% left · gpt-5.5 high
    ");
}

#[test]
fn nothing_of_the_story_is_lost_and_the_notice_comes_once() {
    let mut film = Film::new();
    film.then(|stage| {
        stage.opened();
        stage.say("Why does the test fail?");
        stage.item("started", agent("a", ""));
        stage.answer_grows("a", "The clock is");
        stage.keys(&format!("/add-api-key {KEY}"));
        stage.press("enter");
        let added =
            json!({ "fallback": fallback(with_key()), "modelAvailable": true, "uncheckedReason": null });
        stage.answers("account/addFallbackApiKey", added);
        stage.answer_grows("a", " read twice. It");
        stage.limit_hits();
        stage.switches();
        stage.whole(agent("b", "The clock is read twice."));
        stage.turn_ends();
    });
    let [wide, narrow] = &mut film.0;
    assert_snapshot!(wide.everything(), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Why does the test fail?

    • The clock is read twice. It
      — cut off here; the answer begins again below —

    ✓ The fallback API key …d3m0 is stored. The API accepts it, and gpt-5.5 is
      available to it. It pays only when the plan runs out; /fallback shows who
      pays.

    ⇄ The usage limit of your ChatGPT plan is reached until 14:20. The fallback API
      key (…d3m0) now pays per token. The plan pays again when the limit resets; to
      go back at once, choose the plan as payer.

    • The clock is read twice.

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 0 tokens since the switch · $0.00 · gpt-5.5 high
    ");
    for all in [wide.everything(), narrow.everything()] {
        let words = all.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "Why does the test fail?",
            "The clock is read twice. It",
            "now pays per token",
            "The clock is read twice. ›",
        ] {
            assert_eq!(words.matches(text).count(), 1, "{text}: {all}");
        }
    }
}

#[test]
fn a_window_that_changes_its_size_while_an_answer_grows() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    stage.opened_with_key();
    stage.say("Why does the test fail?");
    stage.item("started", agent("a", ""));
    stage.answer_grows("a", "The clock is read twice, once at the beginning and once at the end of the");
    for width in [40, 20, 7, 132, 40] {
        stage.resize(width, 24);
        stage.answer_grows("a", " turn");
    }
    assert_snapshot!(stage.screen(), @"
    › Why d

    • The clock is read twice, once at the
      beginning and once at the end of the
      turn turn turn turn turn

    • Working 0 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    stage.limit_hits();
    stage.switches();
    stage.resize(80, 24);
    assert_snapshot!(stage.screen(), @"
    › Why d

    • The clock is read twice, once at the
      beginning and once at the end of the
      turn turn turn turn turn
      — cut off here; the answer begins
      again below —

    ⇄ The usage limit of your ChatGPT plan
      is reached until 14:20. The fallback
      API key (…d3m0) now pays per token.
      The plan pays again when the limit
      resets; to go back at once, choose the
      plan as payer.

    • Working 0 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    key …d3m0 pays · 0 tokens since the switch · $0.00 · gpt-5.5 high
    ");
}

/// It may be the first half of a change of payer; if nothing follows, it is told all the same, and once.
#[test]
fn a_warning_that_nothing_follows() {
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    stage.opened_with_key();
    stage.told("warning", json!({ "threadId": THREAD, "message": SWITCH }));
    assert!(!stage.screen().contains("! "));
    stage.wait(100);
    assert!(stage.screen().contains("! The usage limit"), "{}", stage.screen());
    let told = json!({ "fallback": fallback(key_pays(0, 0.0)), "message": SWITCH });
    stage.told("account/fallback/updated", told);
    assert_eq!(stage.screen().matches("The usage limit").count(), 1, "{}", stage.screen());
    assert!(stage.screen().contains("key …d3m0 pays"));
}
