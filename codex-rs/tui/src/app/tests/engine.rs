//! What an engine says in these tests, in the protocol's words.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use serde_json::{Value, json};

use super::stage::{NOON, Stage};

impl Stage {
    /// Signed in with a Plus plan, in a folder that is known, without a key; the thread has started.
    pub(super) fn opened(&mut self) {
        self.begin();
        self.signed_in();
        self.answers("account/fallback/read", json!({ "fallback": fallback(json!({})) }));
        self.knows_the_folder();
        self.thread_starts();
        self.forget();
    }

    /// The same with a key that is ready.
    pub(super) fn opened_with_key(&mut self) {
        self.opened();
        self.told("account/fallback/updated", json!({ "fallback": fallback(with_key()), "message": null }));
    }

    pub(super) fn signed_in(&mut self) {
        let account = json!({
            "type": "chatgpt", "email": "ada@example.com", "planType": "plus", "workspaceName": null,
        });
        self.answers(
            "account/read",
            json!({ "account": account, "userId": null, "requiresOpenaiAuth": true }),
        );
    }

    pub(super) fn knows_the_folder(&mut self) {
        let projects = json!({ "/home/ada/work/engine": { "trust_level": "trusted" } });
        self.answers(
            "config/read",
            json!({ "config": { "projects": projects }, "origins": {}, "layers": null }),
        );
    }

    /// In a thread whose commands may do everything; elsewhere a sentence in the head says what they may not.
    pub(super) fn thread_starts(&mut self) {
        self.thread_starts_with(json!({ "type": "dangerFullAccess" }), "never");
    }

    pub(super) fn thread_starts_with(&mut self, sandbox: Value, approval_policy: &str) {
        let thread = json!({
            "id": THREAD, "sessionId": THREAD, "preview": "", "ephemeral": false, "historyMode": "full",
            "modelProvider": "openai", "createdAt": NOON, "updatedAt": NOON, "status": { "type": "idle" },
            "cwd": "/home/ada/work/engine", "cliVersion": "0.1.0", "source": "cli", "turns": [],
        });
        self.answers(
            "thread/start",
            json!({
                "thread": thread, "model": "gpt-5.5", "modelProvider": "openai", "disabledPluginIds": [],
                "cwd": "/home/ada/work/engine", "instructionSources": [], "approvalPolicy": approval_policy,
                "approvalsReviewer": "user", "sandbox": sandbox,
                "reasoningEffort": "high",
            }),
        );
    }

    /// The plan's windows, in percent that are used.
    pub(super) fn plan_used(&mut self, short: i64, long: i64) {
        self.told("account/rateLimits/updated", json!({ "rateLimits": limits(short, long) }));
    }

    /// Says something, and the engine begins the turn.
    pub(super) fn say(&mut self, text: &str) {
        self.paste(text);
        self.press("enter");
        let id = self.app.session.sent.last().unwrap().id.clone();
        self.turn_begins();
        let content = json!([{ "type": "text", "text": text }]);
        let item =
            json!({ "type": "userMessage", "id": format!("user-{id}"), "clientId": id, "content": content });
        self.item("started", item.clone());
        self.item("completed", item);
    }

    pub(super) fn turn_begins(&mut self) {
        self.answers("turn/start", json!({ "turn": turn("inProgress", Value::Null) }));
        self.told("turn/started", json!({ "threadId": THREAD, "turn": turn("inProgress", Value::Null) }));
    }

    pub(super) fn turn_ends(&mut self) {
        self.told("turn/completed", json!({ "threadId": THREAD, "turn": turn("completed", Value::Null) }));
    }

    pub(super) fn turn_fails(&mut self, message: &str) {
        self.told("turn/completed", json!({ "threadId": THREAD, "turn": turn("failed", error(message)) }));
    }

    pub(super) fn turn_is_interrupted(&mut self) {
        self.told("turn/completed", json!({ "threadId": THREAD, "turn": turn("interrupted", Value::Null) }));
    }

    pub(super) fn item(&mut self, when: &str, item: Value) {
        self.told(
            &format!("item/{when}"),
            json!({ "item": item, "threadId": THREAD, "turnId": TURN, "startedAtMs": 0, "completedAtMs": 0 }),
        );
    }

    /// An item that begins and ends at once.
    pub(super) fn whole(&mut self, item: Value) {
        self.item("started", item.clone());
        self.item("completed", item);
    }

    /// The answer grows.
    pub(super) fn answer_grows(&mut self, id: &str, delta: &str) {
        self.told(
            "item/agentMessage/delta",
            json!({ "threadId": THREAD, "turnId": TURN, "itemId": id, "delta": delta }),
        );
    }

    /// A command prints.
    pub(super) fn prints(&mut self, id: &str, delta: &str) {
        self.told(
            "item/commandExecution/outputDelta",
            json!({ "threadId": THREAD, "turnId": TURN, "itemId": id, "delta": delta }),
        );
    }

    /// A request failed; the engine sends it again.
    pub(super) fn tries_again(&mut self, message: &str) {
        self.will_retry(error(message));
    }

    /// The limit has cut the answer off; the engine sends the request again.
    pub(super) fn limit_hits(&mut self) {
        let mut error = error("The answer was cut off and is asked for again.");
        error["codexErrorInfo"] = json!("usageLimitExceeded");
        error["additionalDetails"] =
            json!("The usage limit of your ChatGPT plan is reached. Try again at 14:20.");
        self.will_retry(error);
    }

    fn will_retry(&mut self, error: Value) {
        self.told("error", json!({ "error": error, "willRetry": true, "threadId": THREAD, "turnId": TURN }));
    }

    /// The thread's tokens: of its last request, and of all together.
    pub(super) fn used(&mut self, last: u64, all: u64) {
        let tokens = |total: u64| {
            json!({
                "totalTokens": total, "inputTokens": total - total / 10, "cachedInputTokens": total / 2,
                "cacheWriteInputTokens": 0, "outputTokens": total / 10, "reasoningOutputTokens": 0,
            })
        };
        self.told(
            "thread/tokenUsage/updated",
            json!({
                "threadId": THREAD, "turnId": TURN,
                "tokenUsage": { "total": tokens(all), "last": tokens(last), "modelContextWindow": 272_000 },
            }),
        );
    }

    /// The key takes over.
    pub(super) fn switches(&mut self) {
        self.told("warning", json!({ "threadId": THREAD, "message": SWITCH }));
        self.told(
            "account/fallback/updated",
            json!({ "fallback": fallback(key_pays(0, 0.0)), "message": SWITCH }),
        );
    }
}

pub(super) const THREAD: &str = "0199a213-81c0-7800-8aa1-bbab2a035a53";
pub(super) const TURN: &str = "0199a213-9fd4-7f13-a1de-2b1c9c4a7d10";

/// The notice of the switch, as `login` words it.
pub(super) const SWITCH: &str = "The usage limit of your ChatGPT plan is reached until 14:20. The fallback API key (…d3m0) \
    now pays per token. The plan pays again when the limit resets; to go back at once, choose the plan as payer.";

/// The state of payer and key, with what `changes` says otherwise.
pub(super) fn fallback(changes: Value) -> Value {
    let mut status = json!({
        "mode": "auto", "payer": "plan", "payerSince": NOON - 3_600, "keyLast4": null, "keyState": "none",
        "resetsAt": null, "tokens": 0, "usd": null, "tokensSinceSwitch": 0, "usdSinceSwitch": null,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        status[name] = value.clone();
    }
    status
}

pub(super) fn with_key() -> Value {
    json!({ "keyLast4": "d3m0", "keyState": "ready" })
}

pub(super) fn key_pays(tokens: u64, usd: f64) -> Value {
    json!({
        "payer": "key", "payerSince": NOON - 600, "keyLast4": "d3m0", "keyState": "ready", "resetsAt": NOON + 8_400,
        "tokens": tokens, "usd": usd, "tokensSinceSwitch": tokens, "usdSinceSwitch": usd,
    })
}

pub(super) fn limits(short: i64, long: i64) -> Value {
    json!({
        "primary": { "usedPercent": short, "windowDurationMins": 300, "resetsAt": NOON + 8_400 },
        "secondary": { "usedPercent": long, "windowDurationMins": 10_080, "resetsAt": NOON + 3 * 86_400 },
    })
}

pub(super) fn agent(id: &str, text: &str) -> Value {
    json!({ "type": "agentMessage", "id": id, "text": text, "phase": null })
}

pub(super) fn reasoning(id: &str, summary: &[&str]) -> Value {
    json!({ "type": "reasoning", "id": id, "summary": summary, "content": [] })
}

/// A command; without an exit code it runs.
pub(super) fn command(id: &str, line: &str, output: Option<&str>, exit_code: Option<i32>) -> Value {
    let status = match exit_code {
        None => "inProgress",
        Some(0) => "completed",
        Some(_) => "failed",
    };
    json!({
        "type": "commandExecution", "id": id, "command": format!("bash -lc '{line}'"), "cwd": "/home/ada/work/engine",
        "processId": null, "source": "agent", "status": status,
        "commandActions": [{ "type": "unknown", "command": line }],
        "aggregatedOutput": output, "exitCode": exit_code, "durationMs": exit_code.map(|_| 2_100),
    })
}

fn turn(status: &str, error: Value) -> Value {
    json!({ "id": TURN, "items": [], "itemsView": "notLoaded", "status": status, "error": error })
}

fn error(message: &str) -> Value {
    json!({ "message": message, "codexErrorInfo": null, "additionalDetails": null, "misalignment": null })
}
