//! `codex exec` through the binary: what people and programs are told, where, and the exit codes (wire-facts §6).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::process::Stdio;

use codex_fake_backend::{LimitVariant, Payer, Reply, Script};
use serde_json::json;
use support::{LAST4, World, finish, says, types};

const FREE: &str = "--dangerously-bypass-approvals-and-sandbox";

#[test]
fn people_get_the_final_message_on_stdout_and_progress_on_stderr() {
    let script =
        [says("Let me look.").exec_command("echo seen > seen.txt; echo looked"), says("All is well.")];
    let world = World::new(Script::conversation(script));
    let outcome = world.run(&["exec", FREE, "look around"]).success();
    assert_eq!(outcome.stdout, "All is well.\n");
    assert_eq!(std::fs::read_to_string(world.work().join("seen.txt")).unwrap(), "seen\n");
    for words in
        ["gpt-5.5", "Let me look.", "$ echo seen > seen.txt; echo looked", "  looked", "ok", "tokens: "]
    {
        assert!(outcome.stderr.contains(words), "no {words:?} in {outcome:#?}");
    }
    assert!(!outcome.stderr.contains("All is well."), "{outcome:#?}");
    assert!(!outcome.stderr.contains('\x1b'), "no colour outside a terminal");
}

#[test]
fn programs_get_events_one_per_line() {
    let script = [
        says("Let me look.").exec_command("echo looked; exit 3"),
        Reply::answer().reasoning(&["thinking"]).message(&["All is ", "well."]),
    ];
    let world = World::new(Script::conversation(script));
    let events = world.run(&["exec", FREE, "--json", "look around"]).success().events();
    assert_eq!(
        types(&events),
        [
            "thread.started",
            "turn.started",
            "item.completed agent_message",
            "item.started command_execution",
            "item.completed command_execution",
            "item.completed agent_message",
            "turn.completed",
        ],
        "{events:#?}"
    );
    assert!(events[0]["thread_id"].as_str().is_some_and(|id| id.len() == 36));
    let started = &events[3]["item"];
    assert_eq!((&started["id"], &started["status"]), (&json!("item_1"), &json!("in_progress")));
    assert_eq!((&started["exit_code"], &started["aggregated_output"]), (&json!(null), &json!("")));
    let completed = &events[4]["item"];
    assert_eq!((&completed["id"], &completed["status"]), (&json!("item_1"), &json!("failed")));
    assert_eq!((&completed["exit_code"], &completed["aggregated_output"]), (&json!(3), &json!("looked\n")));
    assert_eq!(events[5]["item"]["text"], "All is well.");
    let usage = events[6]["usage"].as_object().unwrap();
    let names: Vec<&str> = usage.keys().map(String::as_str).collect();
    let wanted = ["input_tokens", "cached_input_tokens", "cache_write_input_tokens", "output_tokens"];
    assert!(wanted.iter().all(|name| names.contains(name)) && names.contains(&"reasoning_output_tokens"));
    let billed: u64 = world.backend.verdict().plan_tokens;
    let told = usage["input_tokens"].as_u64().unwrap() + usage["output_tokens"].as_u64().unwrap();
    assert_eq!(told, billed, "counted over the thread");
}

#[test]
fn the_switch_is_one_event_and_the_turn_goes_on() {
    let script = [
        says("One.").exec_command("echo one >> log.txt"),
        says("Two.").exec_command("echo two >> log.txt"),
        says("Done."),
    ];
    for after in [1, 2] {
        let script = Script::conversation(script.clone());
        let world = World::limited(script, after, LimitVariant::UsageLimitPremium);
        world.store_key();
        let before = std::fs::read(world.file("auth.json")).unwrap();
        let events = world.run(&["exec", FREE, "--json", "count"]).success().events();
        let changes: Vec<_> = events.iter().filter(|event| event["type"] == "fallback.updated").collect();
        assert_eq!(changes.len(), 1, "{events:#?}");
        assert_eq!((&changes[0]["payer"], &changes[0]["keyLast4"]), (&json!("key"), &json!(LAST4)));
        assert!(changes[0]["message"].as_str().unwrap().contains(LAST4));
        let notices = events.iter().filter(|event| event["item"]["type"] == "error").count();
        assert_eq!(notices, 0, "told once: {events:#?}");
        assert_eq!(types(&events).iter().filter(|name| *name == "turn.started").count(), 1);
        assert_eq!(types(&events).last().unwrap(), "turn.completed");
        assert_eq!(std::fs::read_to_string(world.work().join("log.txt")).unwrap(), "one\ntwo\n");
        assert_eq!(std::fs::read(world.file("auth.json")).unwrap(), before, "byte-identical");
        let verdict = world.backend.verdict();
        assert!(verdict.is_clean(), "{verdict:#?}");
        let paid = verdict.requests.iter().filter(|request| matches!(request.payer, Payer::Key(_))).count();
        assert_eq!(paid as u64, 3 - after);
    }
}

#[test]
fn people_see_the_switch_in_one_line_and_what_the_key_paid() {
    let script = Script::conversation([says("Hello.")]);
    let world = World::limited(script, 0, LimitVariant::UsageLimitPremium);
    world.store_key();
    let outcome = world.run(&["exec", "hello"]).success();
    assert_eq!(outcome.stdout, "Hello.\n");
    let switches: Vec<&str> =
        outcome.stderr.lines().filter(|line| line.contains("now pays per token")).collect();
    assert_eq!(switches.len(), 1, "{outcome:#?}");
    assert!(switches[0].starts_with("⇄ ") && switches[0].contains("…WXYZ"));
    assert!(outcome.stderr.contains("of these the fallback key (…WXYZ) paid"), "{outcome:#?}");
}

#[test]
fn without_a_key_the_limit_ends_the_turn_and_says_what_helps() {
    let world = World::limited(Script::new(), 0, LimitVariant::UsageLimitPremium);
    let outcome = world.run(&["exec", "hello"]).failure(1, "limit");
    assert!(outcome.stderr.contains("codex login --with-fallback-api-key"), "{outcome:#?}");
    assert_eq!(outcome.stdout, "");
    let events = world.run(&["exec", "--json", "hello"]).failure(1, "limit").events();
    assert_eq!(types(&events), ["thread.started", "turn.started", "error", "turn.failed"], "{events:#?}");
    assert_eq!(events[2]["message"], events[3]["error"]["message"]);
}

#[test]
fn without_a_flag_commands_read_behind_walls_and_nobody_is_asked_for_more() {
    let escalated = json!({"cmd": "echo x > y.txt", "sandbox_permissions": "require_escalated"});
    let script = [
        says("Writing.").exec_command("cat seen.txt; echo x > x.txt"),
        says("More.").call("exec_command", &escalated),
        says("I could not."),
    ];
    let world = World::new(Script::conversation(script));
    std::fs::write(world.work().join("seen.txt"), "read\n").unwrap();
    let events = world.run(&["exec", "--json", "write"]).success().events();
    let ended = events.iter().filter(|event| event["type"] == "item.completed");
    let commands: Vec<_> =
        ended.map(|event| &event["item"]).filter(|item| item["type"] == "command_execution").collect();
    let statuses: Vec<_> = commands.iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "declined"], "{events:#?}");
    let output = commands[0]["aggregated_output"].as_str().unwrap();
    assert!(output.starts_with("read\n"), "it ran: {output}");
    assert!(!world.work().join("x.txt").exists() && !world.work().join("y.txt").exists());
    let told = world.backend.model_requests().last().unwrap().text.clone();
    assert!(told.contains("nobody is asked"), "{told}");
}

/// Landlock's walls are stricter than a model expects: it is told so once, where there is a folder to write in.
#[test]
fn what_is_special_about_landlock_is_told_once_where_it_matters() {
    for (mode, times) in [("workspace-write", 1), ("read-only", 0), ("danger-full-access", 0)] {
        let script =
            [says("One.").exec_command("echo one"), says("Two.").exec_command("echo two"), says("Done.")];
        let world = World::new(Script::conversation(script));
        let mut command = world.command(&["exec", "-s", mode, "work"]);
        // No bubblewrap is found there.
        command.env("PATH", world.root.path());
        let outcome = finish(command, b"").success();
        let told = world.backend.model_requests().last().unwrap().text.clone();
        if outcome.stderr.contains("No sandbox works") || told.contains("No sandbox works") {
            continue;
        }
        assert!(told.contains("two"), "{mode}: {told}");
        assert_eq!(told.matches("stricter than usual").count(), times, "{mode}: {told}");
    }
}

#[test]
fn the_final_message_also_goes_to_a_file_without_a_newline_added() {
    let world = World::new(Script::conversation([says("Fine."), says("Fine again.")]));
    world.run(&["exec", "-o", "out.txt", "hello"]).success();
    assert_eq!(std::fs::read_to_string(world.work().join("out.txt")).unwrap(), "Fine.");
    world.run(&["e", "--experimental-json", "-o", "out.txt", "hello"]).success();
    assert_eq!(std::fs::read_to_string(world.work().join("out.txt")).unwrap(), "Fine again.");
}

#[test]
fn what_the_person_says_and_chooses_reaches_the_model() {
    let world = World::new(Script::new());
    let schema = world.work().join("schema.json");
    std::fs::write(&schema, r#"{"type":"object"}"#).unwrap();
    std::fs::create_dir(world.work().join("inner")).unwrap();
    let arguments = [
        "exec",
        "-C",
        "inner",
        "-m",
        "gpt-5.4",
        "--output-schema",
        "schema.json",
        "-c",
        "model_reasoning_effort=high",
        "sum this up",
    ];
    world.run_with(&arguments, "a log\n").success();
    let request = &world.backend.model_requests()[0];
    assert_eq!(request.body["model"], "gpt-5.4");
    assert_eq!(request.body["reasoning"]["effort"], "high");
    assert_eq!(request.body["text"]["format"]["schema"], json!({"type": "object"}));
    assert_eq!(request.header("originator"), Some("codex_exec"));
    let said = request.user_texts().join("\n");
    assert!(said.contains("sum this up\n\n<stdin>\na log\n</stdin>"), "{said}");
    assert!(said.contains(&*world.work().join("inner").canonicalize().unwrap().to_string_lossy()), "{said}");
}

#[test]
fn an_originator_of_the_environment_names_the_front_end() {
    let world = World::new(Script::new());
    let mut command = world.command(&["exec", "-"]);
    command.env("CODEX_INTERNAL_ORIGINATOR_OVERRIDE", "codex_sdk_ts");
    finish(command, b"hello").success();
    assert_eq!(world.backend.model_requests()[0].header("originator"), Some("codex_sdk_ts"));
}

#[test]
fn a_reader_that_left_is_no_panic() {
    let world = World::new(Script::conversation([says("One."), says("Two.")]));
    for arguments in [&["exec", "--json", "hello"][..], &["exec", "hello"][..]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = world.command(arguments);
        command.stdout(Stdio::from(writer));
        finish(command, b"").failure(1, "standard output");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_turn_and_commands_with_exit_code_1() {
    let script = [says("Waiting.").exec_command("echo $$ > gate; exec sleep 600")];
    let world = World::new(Script::conversation(script));
    let gate = world.work().join("gate");
    assert!(std::process::Command::new("mkfifo").arg(&gate).status().unwrap().success());
    let child = world.command(&["exec", FREE, "--json", "wait"]).stdin(Stdio::null()).spawn().unwrap();
    // Blocks until the command runs.
    let pid = std::fs::read_to_string(&gate).unwrap();
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("error: interrupted"));
    assert!(!std::path::Path::new(&format!("/proc/{}", pid.trim())).exists(), "the command has ended");
}
