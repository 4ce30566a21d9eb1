//! Notifications as the app-server sends them → what programs and people read.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_app_server_protocol::ServerNotification;
use codex_exec::style::Colour;
use codex_exec::{FinalMessage, HumanPrinter, JsonPrinter};
use serde_json::{Value, json};

const IDS: &str = r#""threadId":"t","turnId":"u""#;

fn notification(method: &str, params: &str) -> ServerNotification {
    let params = params.replace("$IDS", IDS);
    serde_json::from_str(&format!("{{\"method\":\"{method}\",\"params\":{params}}}")).expect("a notification")
}

fn message(id: &str, text: &str) -> ServerNotification {
    let item = json!({"type": "agentMessage", "id": id, "text": text, "phase": null});
    notification("item/completed", &format!("{{$IDS,\"completedAtMs\":1,\"item\":{item}}}"))
}

fn command(method: &str, status: &str, output: Option<&str>, exit_code: Option<i32>) -> ServerNotification {
    let item = json!({
        "type": "commandExecution", "id": "call_1", "command": "/bin/sh -lc 'ls'", "cwd": "/w", "processId": null,
        "source": "agent", "status": status, "commandActions": [{"type": "unknown", "command": "ls"}],
        "aggregatedOutput": output, "exitCode": exit_code, "durationMs": exit_code.map(|_| 1_250),
    });
    let moment = if method.ends_with("started") { "startedAtMs" } else { "completedAtMs" };
    notification(method, &format!("{{$IDS,\"{moment}\":1,\"item\":{item}}}"))
}

fn warning(text: &str) -> ServerNotification {
    notification("warning", &json!({"threadId": "t", "message": text}).to_string())
}

fn switched(text: Option<&str>) -> ServerNotification {
    let fallback = json!({
        "mode": "auto", "payer": "key", "payerSince": 5, "keyLast4": "WXYZ", "keyState": "ready", "resetsAt": 9,
        "tokens": 0, "usd": null, "tokensSinceSwitch": 0, "usdSinceSwitch": null,
    });
    notification("account/fallback/updated", &json!({"fallback": fallback, "message": text}).to_string())
}

fn turn(status: &str, error: Value) -> ServerNotification {
    let turn = json!({
        "id": "u", "rootTurnId": "u", "items": [], "itemsView": "notLoaded", "status": status, "error": error,
        "startedAt": 1, "completedAt": 2, "durationMs": 3,
    });
    let method = if status == "inProgress" { "turn/started" } else { "turn/completed" };
    notification(method, &json!({"threadId": "t", "turn": turn}).to_string())
}

fn error(will_retry: bool) -> ServerNotification {
    let error = json!({"message": "Trying again", "codexErrorInfo": null, "additionalDetails": "it broke off",
        "misalignment": null});
    notification("error", &format!("{{$IDS,\"willRetry\":{will_retry},\"error\":{error}}}"))
}

fn tokens() -> ServerNotification {
    let usage = json!({"totalTokens": 1_210, "inputTokens": 1_200, "cachedInputTokens": 200,
        "cacheWriteInputTokens": 0, "outputTokens": 10, "reasoningOutputTokens": 4});
    let usage = json!({"total": usage, "last": usage, "modelContextWindow": null});
    notification("thread/tokenUsage/updated", &format!("{{$IDS,\"tokenUsage\":{usage}}}"))
}

#[track_caller]
fn json_lines(notifications: &[ServerNotification], expect: &[Value]) {
    let mut out = Vec::new();
    let mut printer = JsonPrinter::new(&mut out);
    notifications.iter().for_each(|notification| printer.print(notification).unwrap());
    let lines: Vec<Value> =
        String::from_utf8(out).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, expect);
}

#[track_caller]
fn human_lines(notifications: &[ServerNotification], expect: &str) -> Option<FinalMessage> {
    let mut out = Vec::new();
    let mut printer = HumanPrinter::new(&mut out, Colour::Plain);
    notifications.iter().for_each(|notification| printer.print(notification));
    let last = printer.final_message();
    assert_eq!(String::from_utf8(out).unwrap(), expect);
    last
}

#[test]
fn events_are_those_of_the_official_program() {
    json_lines(
        &[
            turn("inProgress", Value::Null),
            message("m1", "Looking."),
            command("item/started", "inProgress", None, None),
            command("item/completed", "completed", Some("a\n"), Some(0)),
            tokens(),
            message("m2", "Done."),
            turn("completed", Value::Null),
        ],
        &[
            json!({"type": "turn.started"}),
            json!({"type": "item.completed", "item": {"id": "item_0", "type": "agent_message", "text": "Looking."}}),
            json!({"type": "item.started", "item": {"id": "item_1", "type": "command_execution",
                "command": "/bin/sh -lc 'ls'", "aggregated_output": "", "exit_code": null, "status": "in_progress"}}),
            json!({"type": "item.completed", "item": {"id": "item_1", "type": "command_execution",
                "command": "/bin/sh -lc 'ls'", "aggregated_output": "a\n", "exit_code": 0, "status": "completed"}}),
            json!({"type": "item.completed", "item": {"id": "item_2", "type": "agent_message", "text": "Done."}}),
            json!({"type": "turn.completed", "usage": {"input_tokens": 1_200, "cached_input_tokens": 200,
                "cache_write_input_tokens": 0, "output_tokens": 10, "reasoning_output_tokens": 4}}),
        ],
    );
}

#[test]
fn a_change_of_payer_is_one_event_in_whatever_order_its_halves_come() {
    let event = json!({"type": "fallback.updated", "mode": "auto", "payer": "key", "payerSince": 5,
        "keyLast4": "WXYZ", "keyState": "ready", "resetsAt": 9, "tokens": 0, "usd": null, "tokensSinceSwitch": 0,
        "usdSinceSwitch": null, "message": "Switched."});
    let notice = || warning("Switched.");
    let update = || switched(Some("Switched."));
    json_lines(&[notice(), update(), switched(None)], std::slice::from_ref(&event));
    json_lines(&[update(), notice(), switched(None)], std::slice::from_ref(&event));
    let other = json!({"type": "item.completed", "item": {"id": "item_0", "type": "error", "message": "Mind the gap."}});
    json_lines(&[warning("Mind the gap."), notice(), update()], &[other.clone(), event.clone()]);
    json_lines(&[warning("Mind the gap."), update(), notice()], &[other, event]);
}

#[test]
fn errors_are_told_and_an_interrupt_is_not() {
    let failure =
        json!({"message": "No.", "codexErrorInfo": null, "additionalDetails": null, "misalignment": null});
    json_lines(
        &[error(true), turn("failed", failure)],
        &[
            json!({"type": "error", "message": "Trying again (it broke off)"}),
            json!({"type": "turn.failed", "error": {"message": "No."}}),
        ],
    );
    json_lines(&[turn("interrupted", Value::Null)], &[]);
}

#[test]
fn people_read_commands_with_their_outcome_and_the_switch_in_one_line() {
    let long: String = (1..=8).map(|number| format!("line {number}\n")).collect();
    let last = human_lines(
        &[
            turn("inProgress", Value::Null),
            message("m1", "Looking."),
            command("item/started", "inProgress", None, None),
            command("item/completed", "failed", Some(&long), Some(2)),
            warning("Switched."),
            switched(Some("Switched.")),
            error(true),
            tokens(),
            message("m2", "Done.\x1b[2J"),
            turn("completed", Value::Null),
        ],
        "Looking.\n$ ls\n  … 2 lines above\n  line 3\n  line 4\n  line 5\n  line 6\n  line 7\n  line 8\n  \
         exit code 2 · 1.2 s\n⇄ Switched.\nTrying again (it broke off)\ntokens: 1,200 in (200 cached), 10 out\n",
    );
    assert_eq!(last, Some(FinalMessage("Done.\x1b[2J".to_owned())));
}

#[test]
fn a_message_that_grows_is_shown_as_it_grows_and_marked_when_it_is_cut_off() {
    let delta = |item: &str, text: &str| {
        let params = json!({"threadId": "t", "turnId": "u", "itemId": item, "delta": text});
        notification("item/agentMessage/delta", &params.to_string())
    };
    let last = human_lines(
        &[
            delta("m1", "Half a "),
            switched(Some("Switched.")),
            delta("m2", "All of "),
            delta("m2", "it.\x07"),
            message("m2", "All of it.\x07"),
        ],
        "Half a  — cut off\n⇄ Switched.\nAll of it.\n",
    );
    assert_eq!(last, None, "it has been shown");
}
