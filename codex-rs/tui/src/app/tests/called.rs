//! Who has left the window is called when a turn has ended and when they are asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_config::{NotificationCondition, Notifications};
use codex_render::Form;
use serde_json::json;

use super::engine::{THREAD, TURN, agent};
use super::stage::{KEY, Stage};
use crate::attention::{Attention, Focus, Way};

/// A thread whose person wants to be called, in another window.
fn left() -> Stage {
    let mut stage = Stage::new(80, 24, Form::Drawn);
    let (to, when) = (Notifications::ALL, NotificationCondition::Unfocused);
    stage.app.setup.attention = Attention { to, when, way: Way::Bell };
    stage.opened();
    stage.say("Mend it");
    stage.focus(Focus::Elsewhere);
    stage.forget();
    stage
}

/// The calls since the last time.
fn calls(stage: &mut Stage) -> Vec<String> {
    let effects = stage.effects();
    effects.lines().filter(|line| line.starts_with("CallPerson")).map(str::to_owned).collect()
}

#[test]
fn a_turn_that_ends_calls_with_its_answer() {
    let mut stage = left();
    stage.whole(agent("a", "Mended.\n\nThe clock is read **once** now."));
    assert_eq!(calls(&mut stage), [""; 0], "it goes on");
    stage.turn_ends();
    assert_eq!(calls(&mut stage), [r#"CallPerson("Mended. The clock is read **once** now.")"#]);
}

#[test]
fn the_answer_of_a_turn_before_is_not_told_again() {
    let mut stage = left();
    stage.whole(agent("a", "Mended."));
    stage.turn_ends();
    stage.say("And now?");
    stage.focus(Focus::Elsewhere);
    stage.forget();
    stage.turn_ends();
    assert_eq!(calls(&mut stage), [r#"CallPerson("the turn has ended")"#]);
}

#[test]
fn a_turn_that_fails_says_so_and_one_that_was_stopped_says_nothing() {
    let mut stage = left();
    stage.turn_fails("The service is busy.");
    assert_eq!(calls(&mut stage), [r#"CallPerson("the turn failed. The service is busy.")"#]);
    let mut stage = left();
    stage.turn_is_interrupted();
    assert_eq!(calls(&mut stage), [""; 0]);
}

#[test]
fn nobody_is_called_for_a_turn_that_another_follows() {
    let mut stage = left();
    stage.keys("and then this");
    stage.press("tab");
    stage.focus(Focus::Elsewhere);
    stage.forget();
    stage.turn_ends();
    assert_eq!(calls(&mut stage), [""; 0]);
}

#[test]
fn who_types_is_here() {
    let mut stage = left();
    stage.keys("n");
    stage.turn_ends();
    assert_eq!(calls(&mut stage), [""; 0]);
    let mut stage = left();
    stage.focus(Focus::Here);
    stage.turn_ends();
    assert_eq!(calls(&mut stage), [""; 0]);
}

#[test]
fn a_question_calls_without_the_key_that_it_holds() {
    let mut stage = left();
    let params = json!({
        "threadId": THREAD, "turnId": TURN, "itemId": "push", "startedAtMs": 0, "kind": "command",
        "environmentId": null, "command": format!("echo {KEY}"), "cwd": "/home/ada/work/engine",
        "reason": null, "commandActions": [], "proposedExecpolicyAmendment": null,
    });
    // The stage looks for the key in every effect.
    stage.asked(0, "item/commandExecution/requestApproval", params);
    stage.screen();
    assert_eq!(calls(&mut stage), [r#"CallPerson("may this be done? echo [redacted]")"#]);
}

#[test]
fn each_kind_of_question_calls_in_its_own_words() {
    let of_turn = json!({ "threadId": THREAD, "turnId": TURN, "itemId": "edit", "startedAtMs": 0 });
    let mut change = of_turn.clone();
    change["reason"] = json!(null);
    let url = json!({
        "threadId": THREAD, "turnId": TURN, "serverName": "notes", "mode": "url", "_meta": null,
        "message": "Sign in\u{7} here", "url": "https://example.com", "elicitationId": "one",
    });
    for (method, params, expect) in [
        ("item/fileChange/requestApproval", change, "may files be changed?"),
        ("mcpServer/elicitation/request", url, "the MCP server notes asks: Sign in here"),
    ] {
        let mut stage = left();
        stage.asked(0, method, params);
        assert_eq!(calls(&mut stage), [format!("CallPerson({expect:?})")]);
    }
}

#[test]
fn a_question_that_is_answered_at_once_calls_nobody() {
    let mut stage = left();
    let form = json!({
        "threadId": THREAD, "turnId": TURN, "serverName": "notes", "mode": "form", "_meta": null,
        "message": "Which?",
        "requestedSchema": { "type": "object", "properties": { "a": { "type": "object" } } },
    });
    stage.asked(0, "mcpServer/elicitation/request", form);
    assert!(stage.effects().contains("Reply"), "it was declined");
    assert_eq!(calls(&mut stage), [""; 0]);
}
