//! The models, and how long each thinks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::stage::{and, at_both_sizes, in_words, ordered};

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
    assert_snapshot!(at_both_sizes(ordered("/model")), @"
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
    let listed = and(ordered("/model"), |stage| {
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
        assert_eq!(stage.calls(), ["config/batchWrite"]);
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
