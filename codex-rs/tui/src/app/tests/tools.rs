//! What the agent's tools did, and the commands about them: `/diff`, `/ps`, `/stop`, `/mcp`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::engine::{THREAD, TURN, command};
use super::stage::{Stage, and, at_both_sizes, in_words};

fn shown(item: Value) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened();
        stage.whole(item.clone());
    }
}

fn ordered(command: &'static str) -> impl Fn(&mut Stage) {
    move |stage| {
        stage.opened();
        stage.keys(command);
        stage.press("enter");
    }
}

#[test]
fn files_that_changed() {
    let diff = "@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three\n";
    let of = |status: &str| {
        let changes = json!([
            { "path": "/home/ada/work/engine/a.txt", "kind": { "type": "update", "move_path": "/home/ada/work/engine/b.txt" }, "diff": diff },
            { "path": "/srv/old.txt", "kind": { "type": "delete" }, "diff": "gone\n" },
        ]);
        json!({ "type": "fileChange", "id": "f", "changes": changes, "status": status })
    };
    assert_snapshot!(at_both_sizes(shown(of("completed"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • Moved a.txt to b.txt (+1 −1)
      1   one
      2 - two
      2 + zwei
      3   three
    • Deleted /srv/old.txt (+0 −1)
      1 - gone

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    • Moved a.txt to b.txt (+1 −1)
      1   one
      2 - two
      2 + zwei
      3   three
    • Deleted /srv/old.txt (+0 −1)
      1 - gone

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(shown(of("failed"))), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    File: Moved a.txt to b.txt: 1 line added, 1 line removed.
    Line 1: one
    Line 2 removed: two
    Line 2 added: zwei
    Line 3: three
    File: Deleted /srv/old.txt: 0 lines added, 1 line removed.
    Line 1 removed: gone
    Result: could not be made; nothing changed

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    let long: String = (1..=100).map(|number| format!("line {number}\n")).collect();
    let change =
        json!([{ "path": "/home/ada/work/engine/long.txt", "kind": { "type": "add" }, "diff": long }]);
    let item = json!({ "type": "fileChange", "id": "f", "changes": change, "status": "completed" });
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    shown(item)(&mut stage);
    assert!(stage.everything().contains("… 76 rows more (Ctrl+T shows all)"), "{}", stage.everything());
}

#[test]
fn the_plan() {
    let planned = |stage: &mut Stage| {
        stage.opened();
        let plan = json!([
            { "step": "Read the clock once", "status": "completed" },
            { "step": "Hand the time down to the turn and to the log, where it is written", "status": "inProgress" },
            { "step": "Test it", "status": "pending" },
        ]);
        let explanation = "The clock was read twice.";
        stage.told(
            "turn/plan/updated",
            json!({ "threadId": THREAD, "turnId": TURN, "explanation": explanation, "plan": plan }),
        );
    };
    assert_snapshot!(at_both_sizes(planned), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • The clock was read twice.
      ✓ Read the clock once
      › Hand the time down to the turn and to the log, where it is written
      □ Test it

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    • The clock was read twice.
      ✓ Read the clock once
      › Hand the time down to the turn and
        to the log, where it is written
      □ Test it

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(planned), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Plan: The clock was read twice.
    Done: Read the clock once
    Now: Hand the time down to the turn and to the log, where it is written
    To do: Test it

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

fn mcp_call(status: &str, result: Value, error: Value) -> Value {
    json!({
        "type": "mcpToolCall", "id": "m", "server": "tracker", "tool": "list_issues", "status": status,
        "arguments": { "state": "open" }, "appContext": null, "mcpAppUi": null, "pluginId": null, "readOnlyHint": true,
        "result": result, "error": error, "durationMs": 1_200,
    })
}

#[test]
fn tools_of_servers_searches_images() {
    let text = "1 the clock\n2 the log\n3 the turn\n4 the test\n5 the end\n6 the other end";
    let result = json!({ "content": [{ "type": "text", "text": text }, { "type": "image" }], "structuredContent": null, "_meta": null });
    assert_snapshot!(at_both_sizes(shown(mcp_call("completed", result, Value::Null))), @r#"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • tracker.list_issues {"state":"open"}
      1 the clock
      2 the log
      3 the turn
      4 the test
      … 3 lines (Ctrl+T shows all)
      ok · 1.2 s

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    • tracker.list_issues {"state":"open"}
      1 the clock
      2 the log
      3 the turn
      4 the test
      … 3 lines (Ctrl+T shows all)
      ok · 1.2 s

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    "#);
    assert_snapshot!(in_words(shown(mcp_call("failed", Value::Null, json!({ "message": "no such state" })))), @r#"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    MCP tool: tracker.list_issues {"state":"open"}
    no such state
    Result: failed, 1.2 s

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    "#);
    let both = |stage: &mut Stage| {
        stage.opened();
        let action = json!({ "type": "search", "query": "rust monotonic clock", "queries": null });
        stage.item(
            "started",
            json!({ "type": "webSearch", "id": "w", "query": "", "action": null, "results": null }),
        );
        stage.item(
            "completed",
            json!({ "type": "webSearch", "id": "w", "query": "x", "action": action, "results": null }),
        );
        stage
            .whole(json!({ "type": "imageView", "id": "i", "path": "/home/ada/work/engine/docs/clock.png" }));
    };
    assert_snapshot!(at_both_sizes(both), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • Searched the web for rust monotonic clock

    • Looked at the image docs/clock.png

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    • Searched the web for rust monotonic
      clock

    • Looked at the image docs/clock.png

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn a_command_that_outlives_its_turn() {
    let outlived = |stage: &mut Stage| {
        stage.opened();
        stage.say("Start the server");
        stage.item("started", command("server", "cargo run --bin server", None, None));
        stage.turn_ends();
    };
    assert_snapshot!(at_both_sizes(outlived), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Start the server

    $ cargo run --bin server
      runs on in the background; /ps lists it

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · 1 command in the background · ~/work/engine

    === 40×12
    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    › Start the server

    $ cargo run --bin server
      runs on in the background; /ps lists …

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let running = json!({
        "itemId": "server", "processId": "1", "command": "cargo run --bin server", "cwd": "/home/ada/work/engine",
        "osPid": 4711, "cpuPercent": null, "rssKb": null,
    });
    let listed = and(outlived, move |stage: &mut Stage| {
        stage.keys("/ps");
        stage.press("enter");
        stage.answers("thread/backgroundTerminals/list", json!({ "data": [running], "nextCursor": null }));
    });
    assert_snapshot!(at_both_sizes(&listed), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Start the server

    $ cargo run --bin server
      runs on in the background; /ps lists it

    ── Commands in the background ──────────────────────────────────────────────────
    › 1  cargo run --bin server (in ~/work/engine, process 4711)

      Enter stops the chosen one · s stops all · Esc leaves
    plan Plus pays · gpt-5.5 high · 1 command in the background · ~/work/engine

    === 40×12
    › Start the server

    $ cargo run --bin server
      runs on in the background; /ps lists …

    ── Commands in the background ──────────
    › 1  cargo run --bin server (in
         ~/work/engine, process 4711)

      Enter stops the chosen one · s stops
      all · Esc leaves
    plan Plus pays · gpt-5.5 high
    ");
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    listed(&mut stage);
    stage.forget();
    stage.press("enter");
    assert_eq!(stage.calls(), ["thread/backgroundTerminals/terminate"]);
    stage.answers("thread/backgroundTerminals/terminate", json!({ "terminated": true }));
    assert_eq!(stage.calls(), ["thread/backgroundTerminals/list"]);
    stage.answers("thread/backgroundTerminals/list", json!({ "data": [], "nextCursor": null }));
    assert!(stage.screen().contains("None runs."));
    assert!(!stage.screen().contains("in the background\n"));
    stage.press("esc");
    stage.keys("/stop");
    stage.press("enter");
    assert_eq!(stage.calls(), ["thread/backgroundTerminals/clean"]);
    stage.answers("thread/backgroundTerminals/clean", json!({}));
    assert!(stage.screen().contains("No command runs in the background any more."));
}

#[test]
fn what_git_says() {
    let diff = "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+eins\ndiff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n";
    let answered = |answer: Value| {
        and(ordered("/diff"), move |stage: &mut Stage| stage.answers("gitDiff", answer.clone()))
    };
    assert_snapshot!(at_both_sizes(answered(json!({ "diff": diff, "unavailable": null }))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    • Edited a.txt (+1 −1)
      1 - one
      1 + eins
    • Added new.txt (+1 −0)
      1 + new

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    • Edited a.txt (+1 −1)
      1 - one
      1 + eins
    • Added new.txt (+1 −0)
      1 + new

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let nothing = answered(
        json!({ "diff": "", "unavailable": "This folder is not trusted, so git is not run in it." }),
    );
    assert_snapshot!(in_words(nothing), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Warning: This folder is not trusted, so git is not run in it.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
    assert_snapshot!(in_words(answered(json!({ "diff": "", "unavailable": null }))), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Note: Nothing has changed in this folder.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn mcp_servers() {
    let server = |name: &str, status: &str, tools: Value, error: Value| {
        json!({
            "name": name, "runtimeStatus": status, "pluginId": null, "httpOrigin": null, "serverInfo": null,
            "serverCapabilities": null, "toolListMeta": null, "tools": tools, "toolsError": error, "resources": [],
            "resourceTemplates": [], "authStatus": "unsupported",
        })
    };
    let data = json!([
        server("files", "connected", json!({ "read_file": {}, "list_folder": {} }), Value::Null),
        server("tracker", "failed", json!({}), json!("`tracker` ended at once with exit code 1")),
    ]);
    let listed = and(ordered("/mcp"), move |stage: &mut Stage| {
        stage.answers("mcpServerStatus/list", json!({ "data": data, "nextCursor": null }));
    });
    assert_snapshot!(at_both_sizes(listed), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    MCP servers
      files, connected: list_folder, read_file
      tracker, failed: `tracker` ended at once with exit code 1

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12

    codex 0.1.0 · gpt-5.5 high ·
    ~/work/engine

    MCP servers
      files, connected: list_folder,
        read_file
      tracker, failed: `tracker` ended at
        once with exit code 1

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let news = |name: &str, status: &str| json!({ "threadId": THREAD, "name": name, "status": status, "error": null, "failureReason": null });
    let list = |stage: &mut Stage, first: &str, second: &str| {
        let data = json!([
            server("files", first, json!({ "read_file": {} }), Value::Null),
            server("tracker", second, json!({}), Value::Null),
        ]);
        stage.answers("mcpServerStatus/list", json!({ "data": data, "nextCursor": null }));
    };
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    ordered("/mcp")(&mut stage);
    list(&mut stage, "starting", "starting");
    stage.forget();
    stage.told("mcpServer/startupStatus/updated", news("files", "ready"));
    assert_eq!(stage.calls(), ["mcpServerStatus/list"], "it is looked at again");
    list(&mut stage, "connected", "starting");
    stage.told("mcpServer/startupStatus/updated", news("tracker", "ready"));
    list(&mut stage, "connected", "connected");
    stage.told("mcpServer/startupStatus/updated", news("tracker", "ready"));
    assert_eq!(stage.calls(), ["mcpServerStatus/list"], "all have started: it stays as it is");
    let everything = stage.everything();
    assert_eq!(everything.matches("MCP servers").count(), 1, "{everything}");
    assert!(everything.contains("tracker, connected") && !everything.contains("starting"), "{everything}");
    // What goes on below it ends it as well; an answer that is under way then is not a second list.
    ordered("/mcp")(&mut stage);
    list(&mut stage, "connected", "starting");
    stage.told("mcpServer/startupStatus/updated", news("tracker", "ready"));
    stage.say("Go on");
    list(&mut stage, "connected", "connected");
    let everything = stage.everything();
    assert!(
        everything.matches("MCP servers").count() <= 2 && everything.contains("tracker, starting"),
        "{everything}"
    );
    let in_words_only = |stage: &mut Stage| {
        ordered("/mcp")(stage);
        list(stage, "starting", "starting");
        list(stage, "connected", "connected");
    };
    let told = in_words(in_words_only);
    assert!(told.contains("files, starting") && !told.contains("files, connected"), "{told}");
    let failed = |stage: &mut Stage| {
        stage.opened();
        let params = json!({ "threadId": THREAD, "name": "tracker", "status": "failed", "error": "it ended at once.", "failureReason": null });
        stage.told("mcpServer/startupStatus/updated", params);
    };
    assert_snapshot!(in_words(failed), @"
    codex 0.1.0, gpt-5.5 high, ~/work/engine

    Warning: The MCP server tracker did not start: it ended at once.

    > ▏Say what is to be done. Slash lists commands, question mark the keys.
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}
