//! What is refused, with which code and sentence; and what is not even answered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{FakeBackend, KeyState, PlatformKey};
use serde_json::{Value, json};
use support::{KEY, SignedIn, World, backend, methods, turn_start};

/// The code and message of an error.
fn error(answer: &Value) -> (i64, &str) {
    match (answer["error"]["code"].as_i64(), answer["error"]["message"].as_str()) {
        (Some(code), Some(message)) => (code, message),
        _ => panic!("not refused: {answer}"),
    }
}

#[tokio::test]
async fn the_handshake_comes_first_and_once() {
    let world = World::new(backend(), "");
    let mut client = world.pipe();
    for method in ["thread/start", "account/read", "account/fallback/read"] {
        let answer = client.call(method, json!({})).await;
        assert_eq!(error(&answer), (-32600, "Not initialized"), "{method}");
    }
    client.handshake(json!(null)).await;
    let again = json!({"clientInfo": {"name": "x", "version": "1"}});
    assert_eq!(error(&client.call("initialize", again).await), (-32600, "Already initialized"));
    assert!(client.call("account/read", json!({})).await["result"].is_object());
    client.close().await;
}

#[tokio::test]
async fn a_client_whose_name_cannot_stand_in_a_header_is_refused() {
    let world = World::new(backend(), "");
    for name in ["", "a\nb", "naïve", &"x".repeat(129)] {
        let mut client = world.pipe();
        let info = json!({"clientInfo": {"name": name, "version": "1"}});
        let answer = client.call("initialize", info).await;
        let (code, message) = error(&answer);
        assert_eq!(code, -32600);
        assert!(message.starts_with("clientInfo.name becomes part of a request header"), "{message}");
        client.close().await;
    }
}

#[tokio::test]
async fn every_bad_request_is_told_what_is_wrong() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let thread = client.thread(&world).await;
    let file = world.home.path().join("config.toml");
    let table: Vec<(&str, Value, i64, &str)> = vec![
        (
            "no/such",
            json!({}),
            -32600,
            "unknown method `no/such`; this server knows: initialize, thread/start, ",
        ),
        ("turn/start", json!({"input": []}), -32600, "missing field `threadId`"),
        ("turn/start", json!([1]), -32600, "invalid params: "),
        ("turn/start", json!("x"), -32600, "invalid params: "),
        ("account/fallback/setMode", json!({"mode": "sometimes"}), -32600, "unknown variant"),
        ("account/fallback/setPayer", json!({}), -32600, "missing field `payer`"),
        ("account/addFallbackApiKey", json!({}), -32600, "missing field `apiKey`"),
        (
            "account/addFallbackApiKey",
            json!({"apiKey": 7}),
            -32600,
            "invalid type: a number, expected a string",
        ),
        ("turn/start", turn_start("nobody", "hi"), -32600, "thread not found: nobody;"),
        ("turn/interrupt", json!({"threadId": thread, "turnId": "t"}), -32600, "No turn is running"),
        ("turn/interrupt", json!({"threadId": "x", "turnId": "t"}), -32600, "thread not found: x;"),
        ("turn/start", json!({"threadId": thread, "input": []}), -32600, "The input is empty"),
        ("thread/start", json!({"cwd": "relative"}), -32600, "is not an absolute path"),
        ("thread/start", json!({"cwd": "/no/such/folder"}), -32600, "does not exist"),
        ("thread/start", json!({"cwd": file}), -32600, "is not a directory"),
        ("thread/start", json!({"modelProvider": "acme"}), -32600, "is not supported yet"),
        ("account/fallback/setPayer", json!({"payer": "key"}), -32600, "store a fallback API key"),
    ];
    for (method, params, code, message) in table {
        let answer = client.call(method, params.clone()).await;
        let found = error(&answer);
        assert_eq!(found.0, code, "{method} {params}: {answer}");
        assert!(found.1.contains(message), "{method} {params}: {answer}");
    }
    assert!(client.call("account/read", json!(null)).await["result"].is_object(), "the connection lives");
    client.close().await;
}

#[tokio::test]
async fn too_much_text_is_told_apart() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let thread = client.thread(&world).await;
    let answer = client.call("turn/start", turn_start(&thread, &"é".repeat((1 << 20) + 1))).await;
    assert_eq!(error(&answer).0, -32602);
    assert_eq!(answer["error"]["data"]["input_error_code"], "input_too_large");
    assert_eq!(answer["error"]["data"]["actual_chars"], (1 << 20) + 1);
    client.close().await;
}

#[tokio::test]
async fn keys_that_cannot_be_added() {
    let custom = "forced_login_method = \"chatgpt\"";
    let refused = "sk-proj-refused-0123456789abcdefghijklmnopqr";
    let table = [
        (SignedIn::Plan, "", "sk-two words-0123456789abcdef", -32600, "one word"),
        (SignedIn::Plan, "", "", -32600, "one word"),
        (SignedIn::Plan, "", refused, -32600, "was refused by 127.0.0.1"),
        (SignedIn::Nobody, "", KEY, -32600, "run the official `codex login` first"),
        (SignedIn::ApiKey, "", KEY, -32600, "signed in with an API key"),
        (SignedIn::Plan, custom, KEY, -32600, "`forced_login_method = \"chatgpt\"` is set"),
    ];
    for (who, settings, key, code, message) in table {
        let backend = backend().key(PlatformKey::new(refused).with_state(KeyState::Revoked));
        let world = World::signed_in(backend, settings, who);
        let stored = std::fs::read(world.home.path().join("auth.json")).ok();
        let mut client = world.client(json!({"fallback": {}})).await;
        let answer = client.call("account/addFallbackApiKey", json!({"apiKey": key})).await;
        let found = error(&answer);
        assert_eq!(found.0, code, "{answer}");
        assert!(found.1.contains(message), "{answer}");
        assert!(found.1.ends_with('.') && found.1.starts_with(char::is_uppercase), "no sentence: {answer}");
        assert!(key.is_empty() || !client.transcript.concat().contains(key), "the key came back");
        assert_eq!(
            client.call("account/fallback/read", json!({})).await["result"]["fallback"]["keyState"],
            "none"
        );
        assert_eq!(methods(&client.close().await), Vec::<String>::new(), "nothing changed, nothing is told");
        assert_eq!(std::fs::read(world.home.path().join("auth.json")).ok(), stored, "the file is untouched");
    }
}

#[tokio::test]
async fn a_key_in_the_wrong_place_does_not_come_back() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    client.call(KEY, json!({})).await;
    client.call("account/fallback/setPayer", json!({"payer": KEY})).await;
    client.call("account/addFallbackApiKey", json!({"apiKey": {"value": KEY}})).await;
    client.call("turn/start", turn_start(KEY, "hi")).await;
    client.call("thread/start", json!({"cwd": KEY})).await;
    client.call("thread/start", json!({"modelProvider": KEY})).await;
    assert!(!client.transcript.concat().contains("0123456789abcdefghijklm"), "{:?}", client.transcript);
    client.close().await;
}

#[tokio::test]
async fn what_is_no_message_is_not_answered() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let deep = format!("{{\"id\":9,\"result\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    let deep_params = format!(
        "{{\"id\":99,\"method\":\"thread/start\",\"params\":{{\"config\":{}{}}}}}\n",
        "{\"a\":".repeat(50_000),
        "1"
    );
    let silent: [&[u8]; 14] = [
        b"\n",
        b"hello\n",
        b"{\n",
        b"{\"id\":1}}\n",
        b"[]\n",
        b"[{\"id\":1,\"method\":\"account/read\"}]\n",
        b"null\n",
        b"{}\n",
        b"{\"method\":\"no/such/notification\"}\n",
        b"{\"id\":1.5,\"method\":\"account/read\"}\n",
        b"{\"id\":55,\"result\":{\"answer\":\"process\"}}\n",
        b"\xff\xfe{\"id\":1,\"method\":\"account/read\"}\n",
        deep.as_bytes(),
        deep_params.as_bytes(),
    ];
    for line in silent {
        client.send_raw(line).await;
    }
    let nested = format!(
        "{{\"id\":\"deep\",\"method\":\"thread/start\",\"params\":{{\"config\":{{\"a\":{}1{}}}}}}}\n",
        "[".repeat(500),
        "]".repeat(500)
    );
    client.send_raw(nested.as_bytes()).await;
    let answer = client.next().await;
    assert_eq!((answer["id"].as_str(), error(&answer).0), (Some("deep"), -32600), "{answer}");
    assert!(client.call("account/read", json!({})).await["result"].is_object());
    assert_eq!(client.close().await, Vec::<Value>::new());
}

#[tokio::test]
async fn lines_over_the_cap_are_skipped_whole() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    client.send_raw(b"{\"id\":1,\"method\":\"account/read\",\"params\":\"").await;
    for _ in 0..=codex_app_server::stdio::LINE_CAP / (1 << 20) {
        client.send_raw(&vec![b'x'; 1 << 20]).await;
    }
    client.send_raw(b"\"}\n").await;
    assert!(client.call("account/read", json!({})).await["result"].is_object());
    client.close().await;
}

#[tokio::test]
async fn half_a_message_at_the_end_is_nothing_and_a_whole_one_counts() {
    for (last, expect) in
        [("{\"id\":7,\"method\":\"account/re", 0), ("{\"id\":7,\"method\":\"account/read\"}", 1)]
    {
        let world = World::new(backend(), "");
        let mut client = world.client(json!({})).await;
        client.send_raw(last.as_bytes()).await;
        assert_eq!(client.close().await.len(), expect, "{last}");
    }
}

#[tokio::test]
async fn a_flood_is_answered_with_overload() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({})).await;
    let flood: String =
        (1000..1400).map(|id| format!("{{\"id\":{id},\"method\":\"account/read\"}}\n")).collect();
    client.send_raw(flood.as_bytes()).await;
    let (mut served, mut refused, mut ids) = (0, 0, Vec::new());
    for _ in 0..400 {
        let answer = client.next().await;
        ids.push(answer["id"].as_i64().unwrap());
        if answer["result"].is_object() {
            served += 1;
        } else {
            assert_eq!(error(&answer).0, -32001, "{answer}");
            refused += 1;
        }
    }
    ids.sort_unstable();
    assert_eq!(ids, (1000..1400).collect::<Vec<_>>(), "each is answered once");
    assert!(
        served >= codex_app_server::INGRESS_CAPACITY && refused > 0,
        "{served} served, {refused} refused"
    );
    assert!(client.call("account/read", json!({})).await["result"].is_object(), "and then it is over");
    client.close().await;
}

#[tokio::test]
async fn nobody_signed_in_is_told_by_the_turn() {
    let world = World::signed_in(FakeBackend::builder(), "", SignedIn::Nobody);
    let mut client = world.client(json!({})).await;
    let account = client.call("account/read", json!({})).await;
    assert_eq!(account["result"], json!({"account": null, "userId": null, "requiresOpenaiAuth": true}));
    let thread = client.thread(&world).await;
    client.turn(&thread, "hi").await;
    let messages = client.until("turn/completed").await;
    let turn = &messages.last().unwrap()["params"]["turn"];
    assert_eq!(turn["status"], "failed");
    assert!(turn["error"]["message"].as_str().unwrap().contains("codex login"), "{turn}");
    client.close().await;
}
