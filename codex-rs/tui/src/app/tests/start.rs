//! Signing in and out, and a folder that is new.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
use insta::assert_snapshot;
use serde_json::json;

use super::engine::fallback;
use super::stage::{KEY, Stage, and, at_both_sizes, in_words, ordered};

#[test]
fn signing_out() {
    assert_snapshot!(at_both_sizes(ordered("/logout")), @"
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
    let out = and(ordered("/logout"), |stage| {
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
        ("1", &["config/batchWrite", "thread/start"][..]),
        ("2", &["config/batchWrite", "thread/start"]),
        ("enter", &["config/batchWrite", "thread/start"]),
        ("3", &[]),
        ("esc", &[]),
    ] {
        let mut stage = Stage::new(80, 24, Form::Drawn);
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

/// The message waits for the thread; whatever stood in its way may be mended by now.
#[test]
fn a_message_asks_again_for_a_thread_that_was_refused() {
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    stage.begin();
    stage.signed_in();
    stage.knows_the_folder();
    stage.refuses("thread/start", "config.toml, line 1: no such thing.");
    stage.forget();
    for _ in 0..2 {
        stage.paste("hello");
        stage.press("enter");
    }
    assert_eq!(stage.calls(), ["thread/start"]);
    stage.thread_starts();
    assert_eq!(stage.calls(), ["turn/start"]);
}
