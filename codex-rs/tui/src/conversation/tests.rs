//! The cells as they are drawn, the films of a turn, and what may never get lost between scrollback and live area.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod cells;
mod films;
mod nothing_lost;

use std::time::Duration;

use codex_app_server_protocol::ServerNotification;
use codex_render::{Colour, Form, Look, wrap};
use jiff::tz::TimeZone;
use ratatui_core::text::Line;
use serde_json::{Value, json};

use super::Conversation;
use crate::now::Now;
use crate::picture::Scene;

/// A scene of full look.
pub(crate) fn scene(width: u16, rows: u16) -> Scene {
    Scene { width, rows, look: Look::FULL, now: Now::default(), zone: TimeZone::UTC }
}

/// A scene in words only.
fn in_words(width: u16) -> Scene {
    Scene { look: Look { colour: Colour::None, form: Form::Words }, ..scene(width, 24) }
}

/// A conversation that hears what an engine would say.
#[derive(Debug, Default)]
pub(crate) struct Film {
    pub(crate) conversation: Conversation,
    scrollback: Vec<String>,
}

impl Film {
    pub(crate) fn hear(&mut self, method: &str, mut params: Value) {
        params["threadId"] = json!("thread");
        if method.starts_with("item/") || method == "error" {
            params["turnId"] = json!("turn");
        }
        let notification: ServerNotification =
            serde_json::from_value(json!({ "method": method, "params": params })).expect("a notification");
        self.conversation.notified(&notification, Now::default());
    }

    pub(crate) fn item(&mut self, when: &str, item: Value) {
        self.hear(&format!("item/{when}"), json!({ "item": item, "startedAtMs": 0, "completedAtMs": 0 }));
    }

    fn says(&mut self, id: &str, delta: &str) {
        self.hear("item/agentMessage/delta", json!({ "itemId": id, "delta": delta }));
    }

    fn prints(&mut self, id: &str, delta: &str) {
        self.hear("item/commandExecution/outputDelta", json!({ "itemId": id, "delta": delta }));
    }

    fn error(&mut self, message: &str, will_retry: bool) {
        let error = json!({ "message": message, "codexErrorInfo": null, "additionalDetails": null, "misalignment": null });
        self.hear("error", json!({ "error": error, "willRetry": will_retry }));
    }

    /// The plan's limit strikes amid an answer.
    fn limit_strikes(&mut self) {
        let error = json!({
            "message": "The answer was cut off and is asked for again.", "codexErrorInfo": "usageLimitExceeded",
            "additionalDetails": "The plan's limit is reached.", "misalignment": null,
        });
        self.hear("error", json!({ "error": error, "willRetry": true }));
    }

    fn turn_ends(&mut self, status: &str, error: Option<&str>) {
        let error = error.map(|message| {
            json!({ "message": message, "codexErrorInfo": null, "additionalDetails": null, "misalignment": null })
        });
        self.hear(
            "turn/completed",
            json!({ "turn": { "id": "turn", "items": [], "itemsView": "notLoaded", "status": status, "error": error } }),
        );
    }

    /// What the frame shows: the scrollback above the line, the live area below it.
    fn frame(&mut self, scene: &Scene, room: usize) -> String {
        let left = self.conversation.settle(scene, room);
        self.scrollback.extend(drawn(&left, scene.width));
        let live = self.conversation.view(scene, room);
        assert!(live.rows() <= room, "{} rows in {room}", live.rows());
        format!("{}\n~~~\n{}", self.scrollback.join("\n"), drawn(&live.lines, scene.width).join("\n"))
    }

    /// Everything there is, as one picture.
    fn picture(&mut self, scene: &Scene) -> String {
        let left = self.conversation.settle(scene, 1000);
        let live = self.conversation.view(scene, 1000);
        drawn(&[left, live.lines].concat(), scene.width).join("\n")
    }
}

pub(crate) fn agent(id: &str, text: &str) -> Value {
    json!({ "type": "agentMessage", "id": id, "text": text, "phase": null })
}

pub(crate) fn command(id: &str, line: &str, output: Option<&str>, exit_code: Option<i32>) -> Value {
    let status = match exit_code {
        None => "inProgress",
        Some(0) => "completed",
        Some(_) => "failed",
    };
    json!({
        "type": "commandExecution", "id": id, "command": format!("bash -lc '{line}'"), "cwd": "/work", "processId": null,
        "source": "agent", "status": status, "commandActions": [{ "type": "unknown", "command": line }],
        "aggregatedOutput": output, "exitCode": exit_code, "durationMs": exit_code.map(|_| 2100),
    })
}

fn reasoning(id: &str, summary: &[&str]) -> Value {
    json!({ "type": "reasoning", "id": id, "summary": summary, "content": [] })
}

fn user(text: &str) -> Value {
    let content = json!([
        { "type": "text", "text": text },
        { "type": "localImage", "path": "/home/me/pictures/plan.png" },
    ]);
    json!({ "type": "userMessage", "id": "user", "clientId": null, "content": content })
}

/// The lines as text, each shown to fit.
pub(crate) fn drawn(lines: &[Line<'_>], width: u16) -> Vec<String> {
    lines
        .iter()
        .map(|line| {
            assert!(wrap::line_width(line) <= usize::from(width), "too wide for {width}: {line}");
            let text: String = line.spans.iter().map(|span| span.content.as_ref()).collect();
            text.trim_end().to_owned()
        })
        .collect()
}

/// A second later and on.
fn after(scene: &Scene, seconds: u64) -> Scene {
    Scene { now: Now { since_start: Duration::from_secs(seconds), unix: 0 }, ..scene.clone() }
}
