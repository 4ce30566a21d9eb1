//! A small client for the tests: requests as an obedient program would send them, and the parts to spoil.
#![allow(dead_code, clippy::unwrap_used, reason = "each test binary uses its own part")]

use codex_fake_backend::{Account, Builder, FakeBackend, PlatformKey};
use serde_json::{Value, json};

pub(crate) const KEY: &str = "sk-test-0123456789abcdefghij";
pub(crate) const NOW: i64 = 1_775_000_000;

pub(crate) fn builder() -> Builder {
    FakeBackend::builder().account(Account::new("acct-1")).key(PlatformKey::new(KEY)).now(NOW)
}

pub(crate) fn client() -> reqwest::Client {
    provider();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub(crate) fn provider() {
    // Only the first test of a process installs it.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

pub(crate) fn user(text: &str) -> Value {
    json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
}

pub(crate) fn body(input: &[Value]) -> Value {
    json!({
        "model": "gpt-5.5", "stream": true, "store": false, "tool_choice": "auto", "parallel_tool_calls": true,
        "include": ["reasoning.encrypted_content"], "reasoning": {"effort": "medium", "summary": "auto"},
        "prompt_cache_key": "thread-1", "client_metadata": {"turn_id": "turn-1"}, "tools": [], "input": input,
    })
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The data of every event.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.text
            .lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .filter_map(|data| serde_json::from_str(data).ok())
            .collect()
    }

    pub(crate) fn kinds(&self) -> Vec<String> {
        self.events().iter().filter_map(|event| event["type"].as_str().map(str::to_owned)).collect()
    }

    /// The finished items.
    pub(crate) fn items(&self) -> Vec<Value> {
        let events = self.events();
        let done = events.iter().filter(|event| event["type"] == "response.output_item.done");
        done.map(|event| event["item"].clone()).collect()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }
}

pub(crate) async fn finish(response: reqwest::Response) -> Answer {
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        text: response.text().await.unwrap(),
    }
}

pub(crate) fn plan_request(backend: &FakeBackend, body: &Value) -> reqwest::RequestBuilder {
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    client()
        .post(format!("{}/backend-api/codex/responses", backend.url()))
        .header("authorization", format!("Bearer {token}"))
        .header("chatgpt-account-id", "acct-1")
        .header("content-type", "application/json")
        .body(body.to_string())
}

pub(crate) fn key_request(backend: &FakeBackend, body: &Value) -> reqwest::RequestBuilder {
    client()
        .post(format!("{}/v1/responses", backend.url()))
        .header("authorization", format!("Bearer {KEY}"))
        .header("content-type", "application/json")
        .body(body.to_string())
}

pub(crate) async fn plan(backend: &FakeBackend, body: &Value) -> Answer {
    finish(plan_request(backend, body).send().await.unwrap()).await
}

pub(crate) async fn key(backend: &FakeBackend, body: &Value) -> Answer {
    finish(key_request(backend, body).send().await.unwrap()).await
}
