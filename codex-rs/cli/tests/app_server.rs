//! `codex app-server` over its pipes: the handshake, a key, a switch, an orderly end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::io::{BufRead, BufReader, Write};

use codex_fake_backend::{LimitVariant, Script};
use serde_json::{Value, json};
use support::{KEY, LAST4, World, says};

#[test]
fn a_turn_switches_over_the_pipe() {
    let world = World::limited(Script::conversation([says("Hello.")]), 0, LimitVariant::UsageLimitPremium);
    let mut child = world.command(&["app-server"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut send = |message: Value| writeln!(input, "{message}").unwrap();
    let mut until = |wanted: &dyn Fn(&Value) -> bool| -> Value {
        loop {
            let message: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert!(!message.to_string().contains(KEY));
            if wanted(&message) {
                return message;
            }
        }
    };
    let client = json!({"name": "pipe-test", "version": "1"});
    let capabilities = json!({"fallback": {"ask": false}});
    send(
        json!({"id": 0, "method": "initialize", "params": {"clientInfo": client, "capabilities": capabilities}}),
    );
    let hello = until(&|message| message["id"] == 0);
    assert!(hello["result"]["userAgent"].as_str().unwrap().starts_with("pipe-test/"), "{hello}");
    send(json!({"method": "initialized"}));
    send(json!({"id": 1, "method": "account/addFallbackApiKey", "params": {"apiKey": KEY}}));
    assert_eq!(until(&|message| message["id"] == 1)["result"]["fallback"]["keyLast4"], LAST4);
    send(json!({"id": 2, "method": "thread/start", "params": {}}));
    let thread = until(&|message| message["id"] == 2)["result"]["thread"]["id"].clone();
    let input_text = json!([{"type": "text", "text": "hello"}]);
    send(json!({"id": 3, "method": "turn/start", "params": {"threadId": thread, "input": input_text}}));
    let update = until(&|message| message["method"] == "account/fallback/updated");
    assert_eq!(update["params"]["fallback"]["payer"], "key", "{update}");
    let end = until(&|message| message["method"] == "turn/completed");
    assert_eq!(end["params"]["turn"]["status"], "completed", "{end}");
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0), "the end of input is an orderly end");
    assert!(world.backend.verdict().is_clean());
}

#[test]
fn the_command_line_wins_over_what_is_written_meanwhile() {
    let world = World::limited(Script::new(), 9, LimitVariant::UsageLimitPremium);
    let mut child = world.command(&["app-server", "-c", "model=of-the-command-line"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut call = |id: i64, method: &str, params: Value| -> Value {
        writeln!(input, "{}", json!({"id": id, "method": method, "params": params})).unwrap();
        loop {
            let message: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            if message["id"] == id {
                return message["result"].clone();
            }
        }
    };
    call(0, "initialize", json!({"clientInfo": {"name": "pipe-test", "version": "1"}}));
    let written = call(1, "config/value/write", json!({"keyPath": "model", "value": "written"}));
    assert_eq!(written["status"], "okOverridden", "{written}");
    let winner = &written["overriddenMetadata"];
    assert_eq!(winner["overridingLayer"]["name"], json!({"type": "sessionFlags"}), "{written}");
    assert_eq!(winner["effectiveValue"], "of-the-command-line");
    let effort = json!({"keyPath": "model_reasoning_effort", "value": "high"});
    assert_eq!(call(2, "config/value/write", effort)["status"], "ok");
    let thread = call(3, "thread/start", json!({}));
    assert_eq!(
        (&thread["model"], &thread["reasoningEffort"]),
        (&json!("of-the-command-line"), &json!("high"))
    );
    drop(input);
    assert!(child.wait().unwrap().success());
}
