//! A conversation that crosses from the plan to the key, on both wires, and what the record says of it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use codex_fake_backend::{Limit, LimitVariant, Payer, Reply, Script};
use serde_json::{Value, json};
use support::{body, builder, key, plan, user};

fn conversation() -> Script {
    Script::conversation([
        Reply::answer().reasoning(&["Hm, ", "a file."]).message(&["I ", "look."]).exec_command("ls"),
        Reply::text("One file."),
    ])
}

#[tokio::test]
async fn a_turn_goes_on_by_the_key_and_the_verdict_is_clean() {
    let limit = Limit::after_requests(1, LimitVariant::UsageLimitPremium);
    let backend = builder().script(conversation()).limit(limit).start().unwrap();
    let mut input = vec![user("What is here?")];

    let first = plan(&backend, &body(&input)).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.header("openai-model"), Some("gpt-5.5"));
    assert_eq!(first.header("x-codex-plan-type"), Some("plus"));
    let kinds = first.kinds();
    assert_eq!(kinds.first().map(String::as_str), Some("response.created"));
    assert_eq!(kinds.last().map(String::as_str), Some("response.completed"));
    let items = first.items();
    let names: Vec<&str> = items.iter().filter_map(|item| item["type"].as_str()).collect();
    assert_eq!(names, ["reasoning", "message", "function_call"]);
    assert_eq!(items[0]["summary"][0]["text"], "Hm, a file.");
    assert_eq!(items[2]["arguments"], r#"{"cmd":"ls"}"#);

    input.extend(items.clone());
    input.push(json!({"type": "function_call_output", "call_id": items[2]["call_id"], "output": "a.txt"}));
    let refused = plan(&backend, &body(&input)).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.json()["error"]["type"], "usage_limit_reached");

    let foreign = key(&backend, &body(&input)).await;
    assert_eq!(foreign.status, 400);
    let portable: Vec<Value> =
        input.iter().filter(|item| item["type"] != "reasoning").cloned().map(without_id).collect();
    let paid = key(&backend, &body(&portable)).await;
    assert_eq!((paid.status, paid.items()[0]["content"][0]["text"].as_str()), (200, Some("One file.")));
    assert_eq!(paid.header("x-codex-plan-type"), None);

    let verdict = backend.verdict();
    let payers: Vec<(&Payer, u16)> =
        verdict.requests.iter().map(|request| (&request.payer, request.status)).collect();
    let (the_plan, the_key) = (Payer::Plan("acct-1".to_owned()), Payer::Key("…ghij".to_owned()));
    assert_eq!(payers, [(&the_plan, 200), (&the_plan, 429), (&the_key, 400), (&the_key, 200)]);
    assert_eq!(verdict.refused.len(), 1, "{verdict:?}");
    assert_eq!(verdict.leaked, ["request 2: ciphertext of account acct-1 reached the platform"]);
    assert!(verdict.lost.is_empty() && verdict.repeated.is_empty(), "{verdict:?}");
    assert!(verdict.plan_tokens > 0 && verdict.key_tokens > 0);
    assert_eq!(backend.switch_times().len(), 1);
}

fn without_id(mut item: Value) -> Value {
    if let Value::Object(fields) = &mut item {
        fields.remove("id");
    }
    item
}
