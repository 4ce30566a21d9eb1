//! The demo's conversation, driven by a small obedient client that really runs the commands.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;
use std::process::Command;

use codex_fake_backend::{FakeBackend, Payer, demo};
use serde_json::{Value, json};
use support::{Answer, body, client, finish, user};

/// The smallest thing that behaves as the real program must.
struct Client<'a> {
    backend: &'a FakeBackend,
    folder: &'a Path,
    history: Vec<(bool, Value)>,
    on_key: bool,
}

impl Client<'_> {
    async fn turn(&mut self, text: &str) {
        self.history.push((false, user(text)));
        loop {
            let answer = self.sample().await;
            let mut calls = Vec::new();
            for item in answer.items() {
                if item["type"] == "function_call" {
                    calls.push(item.clone());
                }
                self.history.push((self.on_key, item));
            }
            if calls.is_empty() {
                return;
            }
            for call in calls {
                let arguments: Value = serde_json::from_str(call["arguments"].as_str().unwrap()).unwrap();
                let command = arguments["cmd"].as_str().unwrap();
                let ran =
                    Command::new("sh").arg("-c").arg(command).current_dir(self.folder).output().unwrap();
                assert!(ran.status.success(), "{call}");
                let output = String::from_utf8(ran.stdout).unwrap();
                let item =
                    json!({"type": "function_call_output", "call_id": call["call_id"], "output": output});
                self.history.push((false, item));
            }
        }
    }

    async fn sample(&mut self) -> Answer {
        let answer = self.send().await;
        if answer.status != 429 {
            assert_eq!(answer.status, 200, "{}", answer.text);
            return answer;
        }
        assert!(!self.on_key, "the key is not limited");
        self.on_key = true;
        self.send().await
    }

    async fn send(&self) -> Answer {
        let input: Vec<Value> =
            self.history.iter().filter_map(|(by_key, item)| self.portable(*by_key, item)).collect();
        let mut body = body(&input);
        body["model"] = json!(demo::MODEL);
        let request = if self.on_key {
            let request = client().post(format!("{}/responses", self.backend.platform_base_url()));
            request.header("authorization", format!("Bearer {}", demo::KEY))
        } else {
            let token = self.backend.current_tokens(demo::ACCOUNT).unwrap().access_token;
            let request = client().post(format!("{}codex/responses", self.backend.chatgpt_base_url()));
            request
                .header("authorization", format!("Bearer {token}"))
                .header("chatgpt-account-id", demo::ACCOUNT)
        };
        finish(request.body(body.to_string()).send().await.unwrap()).await
    }

    fn portable(&self, by_key: bool, item: &Value) -> Option<Value> {
        let mut item = item.clone();
        if by_key != self.on_key {
            if item["type"] == "reasoning" {
                return None;
            }
            item.as_object_mut().unwrap().remove("id");
        }
        Some(item)
    }
}

async fn play(spoil: impl Fn(&mut Client<'_>, usize)) -> (FakeBackend, tempfile::TempDir) {
    let backend = demo::builder(support::NOW, demo::Pace::Instant).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client { backend: &backend, folder: folder.path(), history: Vec::new(), on_key: false };
    for (turn, text) in demo::USER_MESSAGES.iter().enumerate() {
        spoil(&mut client, turn);
        client.turn(text).await;
    }
    (backend, folder)
}

#[tokio::test]
async fn an_obedient_client_gets_a_clean_verdict() {
    let (backend, folder) = play(|_, _| {}).await;
    let verdict = backend.verdict();
    assert!(verdict.is_clean(), "{verdict:?}");
    let payers: String = verdict
        .requests
        .iter()
        .map(|request| match (&request.payer, request.status) {
            (Payer::Plan(_), 200) => 'p',
            (Payer::Plan(_), _) => 'L',
            (Payer::Key(_), _) => 'k',
            (Payer::Nobody, _) => '?',
        })
        .collect();
    assert_eq!(payers, "ppppLkkkk");
    assert_eq!(
        verdict.to_string(),
        format!(
            "Nothing was lost, repeated or leaked: the plan paid 4 requests ({} tokens), the key 4 ({} tokens).",
            verdict.plan_tokens, verdict.key_tokens
        )
    );
    let diary = std::fs::read_to_string(folder.path().join("diary.txt")).unwrap();
    assert_eq!(diary, "test written\ntest passed\n");
    assert_eq!(backend.switch_times().len(), 1);
}

#[tokio::test]
async fn the_verdict_sees_what_a_sloppy_client_does() {
    let forgets = play(|client, turn| {
        if turn == 2 {
            client.history.remove(0);
        }
    });
    let verdict = forgets.await.0.verdict();
    assert!(verdict.lost.iter().any(|text| text.contains("lacks a user message")), "{verdict:?}");

    let runs_twice = play(|client, turn| {
        let outputs = client.history.iter_mut().filter(|(_, item)| item["type"] == "function_call_output");
        for (_, item) in outputs {
            item["output"] = json!(format!("run {turn}"));
        }
    });
    let verdict = runs_twice.await.0.verdict();
    assert!(verdict.repeated.iter().any(|text| text.contains("has another output")), "{verdict:?}");

    let forgets_call = play(|client, turn| {
        if turn == 1 {
            client
                .history
                .retain(|(_, item)| !item["type"].as_str().is_some_and(|kind| kind.contains("call")));
        }
    });
    let verdict = forgets_call.await.0.verdict();
    assert!(verdict.lost.iter().any(|text| text.contains("lacks the output of call")), "{verdict:?}");

    let says_twice = play(|client, turn| {
        if turn == 1 {
            let said = client.history.iter().find(|(_, item)| item["role"] == "assistant").cloned().unwrap();
            let mut copy = said.1;
            copy.as_object_mut().unwrap().remove("id");
            client.history.push((false, copy));
        }
    });
    let verdict = says_twice.await.0.verdict();
    assert!(verdict.repeated.iter().any(|text| text.contains("too often")), "{verdict:?}");
}
