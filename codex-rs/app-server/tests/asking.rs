//! `mode = "ask"` over pipes: the turn waits for the answer, and obeys it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Limit, LimitVariant, Reply, Script};
use serde_json::{Value, json};
use support::{ACCOUNT, KEY, Pipe, World, backend, methods};

const ASKED: &str = "account/fallback/requestApproval";

/// A plan that is used up, a key, and `mode = "ask"`.
async fn used_up(answers: usize) -> (World, Pipe) {
    let script = Script::conversation((0..answers).map(|_| Reply::text("done")));
    let limit = Limit::after_requests(0, LimitVariant::UsageLimitPremium).of(ACCOUNT);
    let world = World::new(backend().script(script).limit(limit), "");
    let mut client = world.client(json!({"fallback": {"ask": true}})).await;
    client.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
    client.call("account/fallback/setMode", json!({"mode": "ask"})).await;
    client.until("account/fallback/updated").await;
    (world, client)
}

fn payers(world: &World) -> Vec<String> {
    let word = |request: &codex_fake_backend::Recorded| {
        let payer = format!("{:?}", request.payer);
        payer.split('(').next().unwrap_or_default().to_owned()
    };
    world.backend.model_requests().iter().map(word).collect()
}

fn last_turn(messages: &[Value]) -> &Value {
    &messages.last().unwrap()["params"]["turn"]
}

#[tokio::test]
async fn one_answer_counts_for_its_turn_and_the_next_turn_asks_again() {
    let (world, mut client) = used_up(2).await;
    let thread = client.thread(&world).await;
    let turn = client.turn(&thread, "hi").await;
    let asked = client.until(ASKED).await;
    let (status, question) = (&asked[asked.len() - 2], &asked[asked.len() - 1]);
    assert_eq!(status["params"]["status"], json!({"type": "active", "activeFlags": ["waitingOnApproval"]}));
    let params = &question["params"];
    assert_eq!((&params["threadId"], &params["turnId"]), (&json!(thread), &json!(turn)));
    assert_eq!((&params["model"], &params["keyLast4"]), (&json!("gpt-5.5"), &json!("WXYZ")));
    assert!(
        params["reason"].as_str().unwrap().contains("usage limit") && params["resetsAt"].is_i64(),
        "{params}"
    );
    let tokens = params["contextTokens"].as_u64().unwrap();
    assert!(tokens > 500, "instructions and tools are billed as well: {params}");

    client.send(&json!({"id": question["id"], "result": {"answer": "turn"}})).await;
    let rest = client.until("turn/completed").await;
    assert_eq!(methods(&rest)[..2], ["serverRequest/resolved", "thread/status/changed"]);
    assert_eq!(rest[0]["params"], json!({"threadId": thread, "requestId": question["id"]}));
    assert_eq!(rest[1]["params"]["status"], json!({"type": "active", "activeFlags": []}));
    assert_eq!(last_turn(&rest)["status"], "completed");
    assert_eq!(last_turn(&rest)["id"], json!(turn));

    client.turn(&thread, "and again").await;
    let question = client.until(ASKED).await.pop().unwrap();
    client.send(&json!({"id": question["id"], "result": {"answer": "no"}})).await;
    let rest = client.until("turn/completed").await;
    assert_eq!(last_turn(&rest)["status"], "failed");
    assert_eq!(last_turn(&rest)["error"]["codexErrorInfo"], "usageLimitExceeded");
    assert_eq!(payers(&world), ["Plan", "Key", "Plan"]);
    client.close().await;
}

#[tokio::test]
async fn longer_answers_are_not_asked_about_again() {
    for answer in ["untilReset", "process"] {
        let (world, mut client) = used_up(2).await;
        let thread = client.thread(&world).await;
        client.turn(&thread, "hi").await;
        let question = client.until(ASKED).await.pop().unwrap();
        client.send(&json!({"id": question["id"], "result": {"answer": answer}})).await;
        assert_eq!(last_turn(&client.until("turn/completed").await)["status"], "completed", "{answer}");
        client.turn(&thread, "more").await;
        let messages = client.until("turn/completed").await;
        assert_eq!(last_turn(&messages)["status"], "completed", "{answer}");
        assert!(!methods(&messages).contains(&ASKED.to_owned()), "{answer}");
        assert_eq!(payers(&world), ["Plan", "Key", "Key"], "{answer}");
        assert!(!world.config().contains("mode"), "an answer is never written");
        client.close().await;
    }
}

#[tokio::test]
async fn a_client_that_cannot_be_asked_gets_the_error_and_a_hint() {
    for capabilities in [json!({}), json!({"fallback": {"ask": false}})] {
        let (world, asker) = used_up(0).await;
        let mut client = world.client(capabilities).await;
        let thread = client.thread(&world).await;
        client.turn(&thread, "hi").await;
        let messages = client.until("turn/completed").await;
        assert!(!methods(&messages).contains(&ASKED.to_owned()));
        let message = last_turn(&messages)["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("limit") && message.contains("fallback.mode=auto"), "{message}");
        client.close().await;
        asker.close().await;
    }
}

#[tokio::test]
async fn an_interrupted_turn_withdraws_its_question() {
    let (world, mut client) = used_up(0).await;
    let thread = client.thread(&world).await;
    let turn = client.turn(&thread, "hi").await;
    let question = client.until(ASKED).await.pop().unwrap();
    client.request("turn/interrupt", json!({"threadId": thread, "turnId": turn})).await;
    let rest = client.until("turn/completed").await;
    assert!(methods(&rest).contains(&"serverRequest/resolved".to_owned()), "{rest:?}");
    assert_eq!(last_turn(&rest)["status"], "interrupted");
    client.send(&json!({"id": question["id"], "result": {"answer": "process"}})).await;
    client.turn(&thread, "again").await;
    client.until(ASKED).await;
    assert_eq!(payers(&world), ["Plan", "Plan"], "a late answer allows nothing");
    client.close().await;
}

#[tokio::test]
async fn others_join_and_a_leaving_client_means_no() {
    let (world, mut one) = used_up(0).await;
    let mut two = world.client(json!({"fallback": {"ask": true}})).await;
    let (first, second) = (one.thread(&world).await, two.thread(&world).await);
    one.turn(&first, "hi").await;
    one.until(ASKED).await;
    two.turn(&second, "hi").await;
    let waiting =
        |message: &Value| message["params"]["status"]["activeFlags"] == json!(["waitingOnApproval"]);
    while !waiting(&two.next().await) {}
    one.close().await;
    let rest = two.until("turn/completed").await;
    assert!(!methods(&rest).contains(&ASKED.to_owned()), "it joined: {:?}", methods(&rest));
    assert_eq!(last_turn(&rest)["status"], "failed");
    assert_eq!(last_turn(&rest)["error"]["codexErrorInfo"], "usageLimitExceeded");
    assert_eq!(payers(&world), ["Plan", "Plan"]);
    two.close().await;
}

#[tokio::test]
async fn choosing_the_key_counts_for_the_turn_that_waits_whatever_the_question_is_answered() {
    for answer in ["untilReset", "no"] {
        let (world, mut client) = used_up(1).await;
        let thread = client.thread(&world).await;
        client.turn(&thread, "hi").await;
        let question = client.until(ASKED).await.pop().unwrap();
        client.call("account/fallback/setPayer", json!({"payer": "key"})).await;
        client.send(&json!({"id": question["id"], "result": {"answer": answer}})).await;
        let rest = client.until("turn/completed").await;
        assert_eq!(last_turn(&rest)["status"], "completed", "{answer}");
        assert_eq!(payers(&world), ["Plan", "Key"], "{answer}");
        client.close().await;
    }
}
