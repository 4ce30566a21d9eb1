//! What the agent may do: the questions on the whole screen, what is told of the answers, `/permissions`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::engine::{THREAD, TURN, command};
use super::stage::{Stage, and, at_both_sizes, in_words};

/// A turn runs in a thread with walls.
fn walled(stage: &mut Stage) {
    stage.begin();
    stage.signed_in();
    stage.answers("account/fallback/read", json!({ "fallback": super::engine::fallback(json!({})) }));
    stage.knows_the_folder();
    let sandbox = json!({ "type": "workspaceWrite", "writableRoots": [], "networkAccess": false });
    stage.thread_starts_with(sandbox, "on-request");
    stage.say("Publish it");
    stage.forget();
}

fn of_item(item: &str, more: Value) -> Value {
    let mut params = json!({ "threadId": THREAD, "turnId": TURN, "itemId": item, "startedAtMs": 0 });
    for (name, value) in more.as_object().unwrap() {
        params[name] = value.clone();
    }
    params
}

fn asks_for_push(stage: &mut Stage) {
    stage.item("started", command("push", "git push origin main", None));
    let params = of_item(
        "push",
        json!({
            "kind": "command", "environmentId": null, "command": "bash -lc 'git push origin main'",
            "cwd": "/home/ada/work/engine", "reason": "The branch is to be published, which needs the network.",
            "commandActions": [{ "type": "unknown", "command": "git push origin main" }],
            "proposedExecpolicyAmendment": ["git", "push"],
        }),
    );
    stage.asked(0, "item/commandExecution/requestApproval", params);
}

fn edit() -> Value {
    let diff = "@@ -9,5 +9,6 @@\n fn main() {\n     let clock = Clock::new();\n-    let now = clock.now();\n+    let now = clock.unix();\n+    log(now);\n     run(now);\n }\n";
    json!([
        { "path": "/home/ada/work/engine/src/main.rs", "kind": { "type": "update", "move_path": null }, "diff": diff },
        { "path": "/home/ada/notes.txt", "kind": { "type": "add" }, "diff": "read the clock once\n" },
    ])
}

fn change(status: &str) -> Value {
    json!({ "type": "fileChange", "id": "edit", "changes": edit(), "status": status })
}

fn asks_for_edit(stage: &mut Stage) {
    stage.item("started", change("inProgress"));
    let reason = "/home/ada/notes.txt is outside of the workspace";
    stage.asked(1, "item/fileChange/requestApproval", of_item("edit", json!({ "reason": reason, "grantRoot": null })));
}

#[test]
fn a_command() {
    assert_snapshot!(at_both_sizes(and(walled, asks_for_push)), @"");
    assert_snapshot!(in_words(and(walled, asks_for_push)), @"");
}

#[test]
fn files() {
    assert_snapshot!(at_both_sizes(and(walled, asks_for_edit)), @"");
    let further = and(walled, and(asks_for_edit, |stage| {
        stage.wait(400);
        stage.press("pagedown pagedown down");
    }));
    assert_snapshot!(at_both_sizes(further), @"");
    assert_snapshot!(in_words(and(walled, asks_for_edit)), @"");
}

#[test]
fn all_of_it_on_the_full_screen() {
    let all = and(walled, and(asks_for_edit, |stage| {
        stage.wait(400);
        stage.press("ctrl+a");
    }));
    assert_snapshot!(at_both_sizes(all), @"");
}

#[test]
fn more_permissions() {
    let asked = |stage: &mut Stage| {
        let permissions = json!({
            "network": { "enabled": true }, "fileSystem": { "read": ["/etc/hosts"], "write": ["/srv/www"] },
        });
        let more = json!({ "environmentId": null, "cwd": "/home/ada/work/engine", "reason": "To publish the page.", "permissions": permissions });
        stage.asked(2, "item/permissions/requestApproval", of_item("x", more));
    };
    assert_snapshot!(at_both_sizes(and(walled, asked)), @"");
}

fn server_asks(stage: &mut Stage, request: Value) {
    let mut params = request;
    params["threadId"] = json!(THREAD);
    params["turnId"] = json!(TURN);
    params["serverName"] = json!("tracker");
    stage.asked(3, "mcpServer/elicitation/request", params);
}

#[test]
fn a_tool_of_a_server() {
    let asked = |stage: &mut Stage| {
        let meta = json!({
            "codex_approval_kind": "mcp_tool_call", "persist": ["session"], "tool_title": "close_issue",
            "tool_description": "Closes an issue.", "tool_params": { "issue": 12, "comment": "fixed" },
        });
        let message = "May the agent call the tool \"close_issue\" of the MCP server tracker?";
        server_asks(stage, json!({ "mode": "form", "_meta": meta, "message": message, "requestedSchema": {} }));
    };
    assert_snapshot!(at_both_sizes(and(walled, asked)), @"");
}

#[test]
fn a_form_of_a_server() {
    let schema = json!({
        "type": "object", "required": ["project"],
        "properties": {
            "kind": { "type": "string", "title": "Kind of issue", "oneOf": [{ "const": "b", "title": "bug" }, { "const": "w", "title": "wish" }] },
            "project": { "type": "string", "title": "Project", "description": "Its short name" },
        },
    });
    let asked = move |stage: &mut Stage| {
        server_asks(stage, json!({ "mode": "form", "_meta": null, "message": "Where does it belong?", "requestedSchema": schema }));
        stage.wait(400);
    };
    let filled = and(walled, and(asked, |stage: &mut Stage| {
        stage.press("2");
        stage.keys("engine");
    }));
    assert_snapshot!(at_both_sizes(&filled), @"");
    assert_snapshot!(at_both_sizes(and(filled, |stage| stage.press("enter"))), @"");
    let strange = and(walled, |stage: &mut Stage| {
        let schema = json!({ "properties": { "file": { "type": "object" } } });
        server_asks(stage, json!({ "mode": "form", "_meta": null, "message": "?", "requestedSchema": schema }));
    });
    assert_snapshot!(at_both_sizes(strange), @"");
    let address = and(walled, |stage: &mut Stage| {
        let url = "https://tracker.example.com/sign-in?state=1";
        server_asks(stage, json!({ "mode": "url", "_meta": null, "message": "Sign in", "url": url, "elicitationId": "e" }));
    });
    assert_snapshot!(at_both_sizes(address), @"");
}

#[test]
fn one_after_the_other() {
    let both = and(walled, and(asks_for_push, asks_for_edit));
    assert_snapshot!(at_both_sizes(&both), @"");
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    both(&mut stage);
    stage.wait(400);
    // The second press was meant for the first question.
    stage.press("y y");
    assert_snapshot!(stage.effects(), @"");
    stage.wait(400);
    stage.press("n");
    assert_snapshot!(stage.effects(), @"");
    stage.item("completed", change("declined"));
    assert_snapshot!(stage.screen(), @"");
}

#[test]
fn a_question_that_is_withdrawn_goes() {
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    and(walled, asks_for_push)(&mut stage);
    stage.told("serverRequest/resolved", json!({ "threadId": THREAD, "requestId": 0 }));
    assert!(!stage.screen().contains("May this command run?"));
}

#[test]
fn permissions() {
    let ordered = and(walled, |stage: &mut Stage| {
        stage.keys("/permissions");
        stage.press("enter");
    });
    assert_snapshot!(at_both_sizes(&ordered), @"");
    let full = and(&ordered, |stage: &mut Stage| stage.press("3"));
    assert_snapshot!(at_both_sizes(&full), @"");
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    full(&mut stage);
    stage.press("esc 1 2");
    assert_eq!(stage.calls(), ["config/value/write", "config/value/write"]);
    stage.turn_ends();
    stage.forget();
    stage.paste("Go on");
    stage.press("enter");
    let sent = stage.effects();
    assert!(sent.contains("approval_policy: Some(OnRequest)"), "{sent}");
    assert!(sent.contains("sandbox_policy: Some(ReadOnly { network_access: false })"), "{sent}");
}
