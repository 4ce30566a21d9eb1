//! What the agent may do: the questions on the whole screen, what is told of the answers, `/permissions`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_render::Form;
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
    stage.item("started", command("push", "git push origin main", None, None));
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
    stage.asked(
        1,
        "item/fileChange/requestApproval",
        of_item("edit", json!({ "reason": reason, "grantRoot": null })),
    );
}

#[test]
fn a_command_that_is_asked_about_does_not_seem_to_run() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    walled(&mut stage);
    asks_for_push(&mut stage);
    stage.wait(5_000);
    assert!(stage.screen().contains("waits for your answer"), "{}", stage.screen());
    assert!(!stage.screen().contains("running"), "{}", stage.screen());
    stage.wait(1_000);
    stage.press("y");
    stage.told("serverRequest/resolved", json!({ "threadId": THREAD, "requestId": 0 }));
    stage.wait(2_000);
    assert!(stage.screen().contains("running · 2 s"), "{}", stage.screen());
}

#[test]
fn what_was_granted_is_told_with_the_walls_as_long_as_it_counts() {
    for (key, told_after) in [("y", false), ("a", true), ("n", false)] {
        let mut stage = Stage::new(80, 24, Form::Drawn);
        walled(&mut stage);
        let more = json!({
            "environmentId": null, "cwd": "/home/ada/work/engine", "reason": "To publish.",
            "permissions": { "network": { "enabled": true } },
        });
        stage.asked(2, "item/permissions/requestApproval", of_item("x", more));
        stage.wait(1_000);
        stage.press(key);
        asks_for_push(&mut stage);
        let told = |stage: &Stage| stage.screen().contains("have granted.");
        assert_eq!(told(&stage), key != "n", "{key}: {}", stage.screen());
        stage.wait(1_000);
        stage.press("n");
        stage.turn_ends();
        asks_for_push(&mut stage);
        assert_eq!(told(&stage), told_after, "{key}: {}", stage.screen());
    }
}

#[test]
fn words_of_the_agent_cannot_play_a_part_of_the_question() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    walled(&mut stage);
    let more = json!({
        "environmentId": null, "cwd": "/home/ada/work/engine",
        "reason": "To publish.\n\n  y  Yes\n  You have said yes before.",
        "permissions": { "network": { "enabled": true } },
    });
    stage.asked(2, "item/permissions/requestApproval", of_item("x", more));
    let line = "The agent says: To publish. y Yes You have said yes before.";
    assert!(stage.screen().contains(line), "{}", stage.screen());
}

#[test]
fn a_tool_that_is_asked_about_does_not_seem_to_run_and_its_title_plays_no_part() {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    walled(&mut stage);
    let call = json!({
        "type": "mcpToolCall", "id": "call", "server": "tracker", "tool": "close", "status": "inProgress",
        "arguments": {},
    });
    stage.item("started", call);
    let more = json!({
        "serverName": "tracker", "mode": "form", "message": "May the agent call \"x\n\n  y  Yes\" of the server?",
        "requestedSchema": { "type": "object", "properties": {} },
        "_meta": { "codex_approval_kind": "mcp_tool_call", "persist": ["session"], "tool_params": {} },
    });
    let mut params = json!({ "threadId": THREAD, "turnId": TURN });
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stage.asked(4, "mcpServer/elicitation/request", params);
    let screen = stage.screen();
    assert!(screen.contains("waits for your answer") && !screen.contains("running"), "{screen}");
    assert!(screen.contains("May the agent call \"x y Yes\" of the server?"), "{screen}");
    stage.told("serverRequest/resolved", json!({ "threadId": THREAD, "requestId": 4 }));
    assert!(stage.screen().contains("running"), "{}", stage.screen());
}

#[test]
fn a_command() {
    assert_snapshot!(at_both_sizes(and(walled, asks_for_push)), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    $ git push origin main
      waits for your answer

    • Working 0 s

    ── May this command run? ───────────────────────────────────────────────────────
      The branch is to be published, which needs the network.
      In ~/work/engine
      The sandbox: commands write only in the workspace; no network.
      git push origin main

      y  Yes
      a  Yes, and this command again in this conversation without asking
      p  Yes, and do not ask again for commands that start with `git push`
      n  No; the agent goes on without it
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    $ git push origin main
    ── May this command run? ───────────────
      The branch is to be published, which
      needs the network.
      In ~/work/engine
      git push origin main
      y  Yes
      a  Yes, again without asking
      p  Yes, also all that start `git push`
      n  No, go on without
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(and(walled, asks_for_push)), @"

    codex 0.1.0, gpt-5.5 high, ~/work/engine

    You: Publish it

    Command: git push origin main

    Working.

    May this command run?
    The branch is to be published, which needs the network.
    In ~/work/engine
    The sandbox: commands write only in the workspace; no network.
    git push origin main

      y  Yes
      a  Yes, and this command again in this conversation without asking
      p  Yes, and do not ask again for commands that start with `git push`
      n  No; the agent goes on without it
      c  No, and stop the turn

    a letter, a number, or arrows and Enter, Esc means no, Ctrl+A shows all
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn files() {
    assert_snapshot!(at_both_sizes(and(walled, asks_for_edit)), @"
    › Publish it
      not made yet

    ── May these 2 files be changed? ───────────────────────────────────────────────
      /home/ada/notes.txt is outside of the workspace
      Edited src/main.rs (+2 −1)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     log(now);
      13       run(now);
      14   }
      Added ~/notes.txt (+1 −0)
      1 + read the clock once

      y  Yes
      a  Yes, and these files again in this conversation without asking
      n  No; the agent goes on without it
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── May these 2 files be changed? ───────
      Edited src/main.rs (+2 −1)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      … 7 more below · PgUp PgDn
      y  Yes
      a  Yes, again without asking
      n  No, go on without
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
    let further = and(
        walled,
        and(asks_for_edit, |stage| {
            stage.wait(400);
            stage.press("pagedown pagedown down");
        }),
    );
    assert_snapshot!(at_both_sizes(further), @"
    › Publish it
      not made yet

    ── May these 2 files be changed? ───────────────────────────────────────────────
      /home/ada/notes.txt is outside of the workspace
      Edited src/main.rs (+2 −1)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     log(now);
      13       run(now);
      14   }
      Added ~/notes.txt (+1 −0)
      1 + read the clock once

    › y  Yes
      a  Yes, and these files again in this conversation without asking
      n  No; the agent goes on without it
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── May these 2 files be changed? ───────
      13       run(now);
      14   }
      Added ~/notes.txt (+1 −0)
      1 + read the clock once
      … 7 more above · PgUp PgDn
    › y  Yes
      a  Yes, again without asking
      n  No, go on without
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(in_words(and(walled, asks_for_edit)), @"
    You: Publish it

    May these 2 files be changed?
    /home/ada/notes.txt is outside of the workspace
    Edited src/main.rs: 2 lines added, 1 line removed.
    Unchanged lines are left out.
    Line 9: fn main() {
    Line 10:     let clock = Clock::new();
    Line 11 removed:     let now = clock.now();
    Line 11 added:     let now = clock.unix();
    Line 12 added:     log(now);
    Line 13:     run(now);
    Line 14: }
    Added ~/notes.txt: 1 line added, 0 lines removed.
    Line 1 added: read the clock once

      y  Yes
      a  Yes, and these files again in this conversation without asking
      n  No; the agent goes on without it
      c  No, and stop the turn

    a letter, a number, or arrows and Enter, Esc means no, Ctrl+A shows all
    plan Plus pays, gpt-5.5 high, ~/work/engine
    ");
}

#[test]
fn all_of_it_on_the_full_screen() {
    let all = and(
        walled,
        and(asks_for_edit, |stage| {
            stage.wait(400);
            stage.press("ctrl+a");
        }),
    );
    assert_snapshot!(at_both_sizes(all), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Edited src/main.rs (+2 −1)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     log(now);
      13       run(now);
      14   }
    • Added ~/notes.txt (+1 −0)
      1 + read the clock once
      not made yet






    Transcript · the end · q closes · ↑ ↓ PgUp PgDn Home End · 3 entries

    === 40×12
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     log(now);
      13       run(now);
      14   }
    • Added ~/notes.txt (+1 −0)
      1 + read the clock once
      not made yet
    Transcript · the end · q closes · ↑ ↓ P…
    ");
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
    assert_snapshot!(at_both_sizes(and(walled, asked)), @"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── May the agent do more than the sandbox allows? ──────────────────────────────
      The agent says: To publish the page.
      The sandbox: commands write only in the workspace; no network.
      use the network
      write /srv/www
      read /etc/hosts

      y  Yes, for this turn
      a  Yes, for this conversation
      n  No; the agent goes on without it

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── May the agent do more than the sandb…
      The agent says: To publish the page.
      The sandbox: commands write only in
      the workspace; no network.
      use the network
      write /srv/www
      read /etc/hosts
      y  Yes, for this turn
      a  Yes, for this conversation
      n  No, go on without
    plan Plus pays · gpt-5.5 high
    ");
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
        server_asks(
            stage,
            json!({ "mode": "form", "_meta": meta, "message": message, "requestedSchema": {} }),
        );
    };
    assert_snapshot!(at_both_sizes(and(walled, asked)), @r#"

    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── May this tool be called? ────────────────────────────────────────────────────
      May the agent call the tool "close_issue" of the MCP server tracker?
      The server says of it: Closes an issue.
      It runs outside of the sandbox.
      {
        "comment": "fixed",
        "issue": 12
      }

      y  Yes
      a  Yes, and this tool again in this conversation without asking
      n  No; the agent goes on without it
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── May this tool be called? ────────────
      May the agent call the tool
      "close_issue" of the MCP server
      tracker?
      {
      … 3 more below · PgUp PgDn
      y  Yes
      a  Yes, again without asking
      n  No, go on without
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    "#);
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
        server_asks(
            stage,
            json!({ "mode": "form", "_meta": null, "message": "Where does it belong?", "requestedSchema": schema }),
        );
        stage.wait(400);
    };
    let filled = and(
        walled,
        and(asked, |stage: &mut Stage| {
            stage.press("2");
            stage.keys("engine");
        }),
    );
    assert_snapshot!(at_both_sizes(&filled), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── The MCP server tracker asks ─────────────────────────────────────────────────
      Where does it belong?
      Project (2 of 2)
      Its short name

    › engine▏

      Enter goes on · Esc means no · the server reads what you send
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it

    ── The MCP server tracker asks ─────────
      Where does it belong?
      Project (2 of 2)
      Its short name

    › engine▏

      Enter goes on · Esc means no · the
      server reads what you send
    plan Plus pays · gpt-5.5 high
    ");
    assert_snapshot!(at_both_sizes(and(filled, |stage| stage.press("enter"))), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── The MCP server tracker asks ─────────────────────────────────────────────────
      Where does it belong?
      Kind of issue: w
      Project: engine

      y  Yes, send this to the server
      n  No
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it

    ── The MCP server tracker asks ─────────
      Where does it belong?
      Kind of issue: w
      Project: engine

      y  Yes, send this to the server
      n  No
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
    let strange = and(walled, |stage: &mut Stage| {
        let schema = json!({ "properties": { "file": { "type": "object" } } });
        server_asks(
            stage,
            json!({ "mode": "form", "_meta": null, "message": "?", "requestedSchema": schema }),
        );
    });
    assert_snapshot!(at_both_sizes(strange), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    ! The MCP server tracker asked for something that cannot be shown here; it was
      told no.

    • Working 0 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    ~/work/engine

    › Publish it

    ! The MCP server tracker asked for
      something that cannot be shown here;
      it was told no.

    • Working 0 s · Esc interrupts

    › ▏Say what to do · / commands · ? keys
    plan Plus pays · gpt-5.5 high
    ");
    let address = and(walled, |stage: &mut Stage| {
        let url = "https://tracker.example.com/sign-in?state=1";
        server_asks(
            stage,
            json!({ "mode": "url", "_meta": null, "message": "Sign in", "url": url, "elicitationId": "e" }),
        );
    });
    assert_snapshot!(at_both_sizes(address), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── The MCP server tracker asks ─────────────────────────────────────────────────
      Sign in
      Open this address only if you trust the server:
      https://tracker.example.com/sign-in?state=1

      y  Done: I have opened it
      n  No
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── The MCP server tracker asks ─────────
      Sign in
      Open this address only if you trust
      the server:
      https://tracker.example.com/sign-in?st
      ate=1

      y  Done: I have opened it
      n  No
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
}

#[test]
fn one_after_the_other() {
    let both = and(walled, and(asks_for_push, asks_for_edit));
    assert_snapshot!(at_both_sizes(&both), @"
    $ git push origin main
      13       run(now);
      14   }
    • Added ~/notes.txt (+1 −0)
      1 + read the clock once
      not made yet

    • Working 0 s
      1 more question waits

    ── May this command run? ───────────────────────────────────────────────────────
      The branch is to be published, which needs the network.
      In ~/work/engine
      The sandbox: commands write only in the workspace; no network.
      git push origin main

      y  Yes
      a  Yes, and this command again in this conversation without asking
      p  Yes, and do not ask again for commands that start with `git push`
      n  No; the agent goes on without it
      c  No, and stop the turn

      a letter, a number, or arrows and Enter · Esc means no · Ctrl+A shows all
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    $ git push origin main
    ── May this command run? ───────────────
      The branch is to be published, which
      needs the network.
      In ~/work/engine
      git push origin main
      y  Yes
      a  Yes, again without asking
      p  Yes, also all that start `git push`
      n  No, go on without
      c  No, and stop the turn
    plan Plus pays · gpt-5.5 high
    ");
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    both(&mut stage);
    stage.wait(400);
    // The second press was meant for the first question.
    stage.press("y y");
    assert_snapshot!(stage.effects(), @"Reply(Number(0), Command(Accept))");
    stage.wait(400);
    stage.press("n");
    assert_snapshot!(stage.effects(), @"Reply(Number(1), Change(Decline))");
    stage.item("completed", change("declined"));
    assert_snapshot!(stage.screen(), @"
    $ git push origin main
      waits for your answer

    • Edited src/main.rs (+2 −1)
       ⋮
       9   fn main() {
      10       let clock = Clock::new();
      11 -     let now = clock.now();
      11 +     let now = clock.unix();
      12 +     log(now);
      13       run(now);
      14   }
    • Added ~/notes.txt (+1 −0)
      1 + read the clock once
      declined; nothing changed

    • Working 0 s · Esc interrupts

    › ▏Say what is to be done · / commands · ? keys
    plan Plus pays · gpt-5.5 high · ~/work/engine
    ");
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
    assert_snapshot!(at_both_sizes(&ordered), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── What may the agent do? ──────────────────────────────────────────────────────
      Now: commands write only in the workspace; no network; you are asked when the
      agent wants more.

      1  Read only: commands read files; writing, the network and anything more is
         asked about
    › 2  Auto (current): commands read, and write in the workspace; the network and
         anything more is asked about
      3  Full access: commands do everything you can do, credentials and network
         included; nothing is asked

      Enter chooses · Esc leaves · counts from the next turn on
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it
    ── What may the agent do? ──────────────
      1  Read only: commands read files;
         writing, the network and anything
         more is asked about
    › 2  Auto (current): commands read, and
         write in the workspace; the network
         and anything more is asked about
      3  Full access: commands do everything
         you can do, credentials and network
         included; nothing is asked
    plan Plus pays · gpt-5.5 high
    ");
    let full = and(&ordered, |stage: &mut Stage| stage.press("3"));
    assert_snapshot!(at_both_sizes(&full), @"
    codex 0.1.0 · gpt-5.5 high · ~/work/engine

    › Publish it

    • Working 0 s

    ── Full access: for how long? ──────────────────────────────────────────────────
      Commands may then delete your files, read your credentials and send them
      anywhere, and nothing is asked. Use it only in a machine that you can throw
      away.

    › 1  Until codex ends
      2  Also later: write it to config.toml

      Enter chooses · Esc goes back
    plan Plus pays · gpt-5.5 high · ~/work/engine

    === 40×12
    › Publish it

    ── Full access: for how long? ──────────
      Commands may then delete your files,
      read your credentials and send them
      anywhere, and nothing is asked. Use it
      only in a machine that you can throw
      away.

    › 1  Until codex ends
      2  Also later: write it to config.toml
    plan Plus pays · gpt-5.5 high
    ");
    let mut stage = Stage::new(80, 24, codex_render::Form::Drawn);
    full(&mut stage);
    stage.press("esc 1 2");
    assert_eq!(stage.calls(), ["config/batchWrite"]);
    stage.turn_ends();
    stage.forget();
    stage.paste("Go on");
    stage.press("enter");
    let sent = stage.effects();
    assert!(sent.contains("approval_policy: Some(OnRequest)"), "{sent}");
    assert!(sent.contains("sandbox_policy: Some(ReadOnly { network_access: false })"), "{sent}");
}
