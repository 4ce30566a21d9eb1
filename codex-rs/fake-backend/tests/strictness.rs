//! What the two sides refuse in a model request, and with which words.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use codex_fake_backend::{
    Finding, KeyState, PlatformKey, RefreshRefusal, Reply, Script, Side, mint_ciphertext,
};
use serde_json::{Value, json};
use support::{Answer, KEY, body, builder, client, finish, key, key_request, plan, plan_request, user};

const PLAN_ORGANISATION: &str = "org-of-acct-1";

fn reasoning(id: &str, ciphertext: Option<String>) -> Value {
    let mut item = json!({"type": "reasoning", "id": id, "summary": []});
    if let Some(ciphertext) = ciphertext {
        item["encrypted_content"] = json!(ciphertext);
    }
    item
}

fn call(call_id: &str) -> Value {
    json!({"type": "function_call", "call_id": call_id, "name": "exec_command", "arguments": "{}"})
}

fn output(call_id: &str) -> Value {
    json!({"type": "function_call_output", "call_id": call_id, "output": "fine"})
}

/// Sends the input to a fresh backend on one side and compares status and message.
async fn check(side: Side, input: &[Value], status: u16, message: &str) {
    let backend = builder().start().unwrap();
    let answer = match side {
        Side::Plan => plan(&backend, &body(input)).await,
        Side::Key => key(&backend, &body(input)).await,
    };
    assert_eq!((answer.status, answer.message().as_str()), (status, message), "{side:?} {input:?}");
    let recorded = backend.requests();
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].refusal.is_none(), status == 200);
}

#[tokio::test]
async fn ciphertext_is_bound_to_its_organisation() {
    let own = |organisation: &str| [user("Hi"), reasoning("rs_1", Some(mint_ciphertext(organisation, 3)))];
    check(Side::Plan, &own(PLAN_ORGANISATION), 200, "").await;
    check(Side::Key, &own("org-key"), 200, "").await;
    for (side, organisation) in [(Side::Plan, "org-key"), (Side::Key, PLAN_ORGANISATION)] {
        let ciphertext = mint_ciphertext(organisation, 3);
        let message = format!(
            "The encrypted content gAAA...{} could not be verified. Reason: Encrypted content organization_id did not match the target organization.",
            &ciphertext[ciphertext.len() - 4..]
        );
        check(side, &own(organisation), 400, &message).await;
    }
    let garbage = [user("Hi"), reasoning("rs_1", Some("gAAAAABgarbage==".to_owned()))];
    let message = "The encrypted content gAAA...ge== could not be verified. Reason: Encrypted content could not be decrypted or parsed.";
    check(Side::Plan, &garbage, 400, message).await;
}

#[tokio::test]
async fn the_ciphertext_refusal_has_the_real_body() {
    let backend = builder().start().unwrap();
    let foreign = mint_ciphertext(PLAN_ORGANISATION, 1);
    let answer = key(&backend, &body(&[reasoning("rs_1", Some(foreign))])).await;
    let error = answer.json()["error"].clone();
    assert_eq!(
        (&error["type"], &error["param"], &error["code"]),
        (&json!("invalid_request_error"), &Value::Null, &json!("invalid_encrypted_content"))
    );
}

#[tokio::test]
async fn compaction_items_are_checked_like_reasoning() {
    for kind in ["compaction", "compaction_summary", "context_compaction"] {
        let item = |text: String| [json!({"type": kind, "encrypted_content": text}), user("Hi")];
        check(Side::Key, &item(mint_ciphertext("org-key", 9)), 200, "").await;
        let backend = builder().start().unwrap();
        let answer = key(&backend, &body(&item(mint_ciphertext(PLAN_ORGANISATION, 9)))).await;
        assert_eq!(answer.json()["error"]["code"], "invalid_encrypted_content");
        let without = [json!({"type": kind}), user("Hi")];
        let message =
            "Could not decode the compaction blob. Ensure it is unmodified from the compact response.";
        check(Side::Plan, &without, 400, message).await;
    }
}

#[tokio::test]
async fn a_reasoning_id_without_ciphertext_is_not_found() {
    let message = "Item with id 'rs_7' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.";
    check(Side::Plan, &[reasoning("rs_7", None)], 404, message).await;
    check(Side::Key, &[reasoning("rs_7", None)], 404, message).await;
}

#[tokio::test]
async fn an_item_minted_after_reasoning_needs_it_back() {
    let script = Script::conversation([Reply::answer().reasoning(&[]).exec_command("ls"), Reply::text("ok")]);
    let backend = builder().script(script).start().unwrap();
    let items = plan(&backend, &body(&[user("Hi")])).await.items();
    let result = output(items[1]["call_id"].as_str().unwrap());
    let answer = plan(&backend, &body(&[user("Hi"), items[1].clone(), result.clone()])).await;
    assert_eq!(
        answer.message(),
        "Item 'fc_1_1' of type 'function_call' was provided without its required 'reasoning' item: 'rs_1_0'."
    );
    let mut stripped = items[1].clone();
    stripped.as_object_mut().unwrap().remove("id");
    let answer = plan(&backend, &body(&[user("Hi"), stripped, result.clone()])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = plan(&backend, &body(&[user("Hi"), items[0].clone(), items[1].clone(), result])).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn calls_and_outputs_come_in_pairs() {
    for side in [Side::Plan, Side::Key] {
        check(side, &[call("call_1"), output("call_1")], 200, "").await;
        check(side, &[call("call_1"), call("call_2"), output("call_2"), output("call_1")], 200, "").await;
        check(side, &[call("call_1")], 400, "No tool output found for function call call_1.").await;
        let orphan = "No tool call found for function call output with call_id call_1.";
        check(side, &[output("call_1")], 400, orphan).await;
        check(side, &[output("call_1"), call("call_1")], 400, orphan).await;
        let twice = [call("call_1"), output("call_1"), output("call_1")];
        check(side, &twice, 400, "Duplicate output for function call with call_id call_1.").await;
        let again = [call("call_1"), output("call_1"), call("call_1"), output("call_1")];
        check(side, &again, 400, "Duplicate function call with call_id call_1.").await;
    }
    let custom = json!({"type": "custom_tool_call_output", "call_id": "call_1", "output": "x"});
    check(Side::Key, &[custom], 400, "No tool call found for custom tool call output with call_id call_1.")
        .await;
}

#[tokio::test]
async fn items_have_only_known_members_of_the_right_kind() {
    let with = |name: &str, value: Value| {
        let mut item = user("Hi");
        item[name] = value;
        [item]
    };
    let side = Side::Key;
    check(side, &with("minted_by", json!("plan")), 400, "Unknown parameter: 'input[0].minted_by'.").await;
    check(side, &with("internal_chat_message_metadata_passthrough", json!({})), 200, "").await;
    check(side, &with("role", json!("robot")), 400, "Invalid value: 'robot'.").await;
    let message = "Invalid 'input[0].id': 'x1'. Expected an ID that begins with 'msg'.";
    check(side, &with("id", json!("x1")), 400, message).await;
    let message = "Invalid value: 'input_text'. Supported values are: 'output_text', 'refusal'.";
    check(side, &with("role", json!("assistant")), 400, message).await;
    check(side, &with("type", json!("ghost_snapshot")), 400, "Invalid value: 'ghost_snapshot'.").await;
    check(side, &[json!("text")], 400, "Invalid type for 'input[0]': expected an object.").await;
    let mut same = user("Hi");
    same["id"] = json!("msg_1");
    let message = "Duplicate item found with id msg_1. Remove duplicate items from your input and try again.";
    check(side, &[same.clone(), same], 400, message).await;
    let mut no_summary = reasoning("rs_1", Some(mint_ciphertext("org-key", 1)));
    no_summary.as_object_mut().unwrap().remove("summary");
    check(side, &[no_summary], 400, "Missing required parameter: 'input[0].summary'.").await;
}

#[tokio::test]
async fn parameters_are_checked_in_each_sides_words() {
    let rows = [
        ("store", json!(true), "Store must be set to false"),
        ("stream", json!(false), "Stream must be set to true"),
        ("include", json!([]), "Include must contain reasoning.encrypted_content"),
        ("input", json!("Hi"), "Input must be a list"),
    ];
    for (name, value, message) in rows {
        let backend = builder().start().unwrap();
        let mut spoiled = body(&[user("Hi")]);
        spoiled[name] = value;
        let answer = plan(&backend, &spoiled).await;
        assert_eq!((answer.status, answer.json()), (400, json!({"detail": message})));
        let answer = key(&backend, &spoiled).await;
        assert_eq!((answer.status, answer.message().as_str()), (400, message));
        assert_eq!(answer.json()["error"]["param"], name);
    }
    let backend = builder().start().unwrap();
    let mut extra = body(&[user("Hi")]);
    extra["fallback"] = json!(true);
    assert_eq!(plan(&backend, &extra).await.json()["detail"], "Unsupported parameter: fallback");
    assert_eq!(key(&backend, &extra).await.message(), "Unknown parameter: 'fallback'.");
    let mut capped = body(&[user("Hi")]);
    capped["max_output_tokens"] = json!(16);
    assert_eq!(plan(&backend, &capped).await.json()["detail"], "Unsupported parameter: max_output_tokens");
    assert_eq!(key(&backend, &capped).await.status, 200);
}

#[tokio::test]
async fn models_are_per_credential() {
    let backend = builder().start().unwrap();
    let mut other = body(&[user("Hi")]);
    other["model"] = json!("gpt-9");
    let answer = plan(&backend, &other).await;
    let detail = "The 'gpt-9' model is not supported when using Codex with a ChatGPT account.";
    assert_eq!((answer.status, answer.json()), (400, json!({"detail": detail})));
    let answer = key(&backend, &other).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("model_not_found")));
}

#[tokio::test]
async fn bearer_and_account_must_belong_together() {
    let backend = builder().account(codex_fake_backend::Account::new("acct-2")).start().unwrap();
    let url = format!("{}/backend-api/codex/responses", backend.url());
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    let send = async |bearer: Option<&str>, account: Option<&str>| -> Answer {
        let mut request = client().post(&url).body(body(&[user("Hi")]).to_string());
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        if let Some(account) = account {
            request = request.header("chatgpt-account-id", account);
        }
        finish(request.send().await.unwrap()).await
    };
    assert_eq!(send(None, Some("acct-1")).await.status, 401);
    assert_eq!(send(Some(&token), None).await.status, 403);
    assert_eq!(send(Some(&token), Some("acct-2")).await.status, 403);
    assert_eq!(send(Some("nonsense"), Some("acct-1")).await.json()["error"]["code"], "token_expired");
    let answer = send(Some(KEY), Some("acct-1")).await;
    assert_eq!(answer.json()["detail"], "API keys are not supported by this endpoint.");
    assert_eq!(send(Some(&token), Some("acct-1")).await.status, 200);
    backend.invalidate_access_tokens("acct-1");
    assert_eq!(send(Some(&token), Some("acct-1")).await.status, 401);
    let leaks = [(4, Finding::Leak("the key …ghij is in the header authorization".to_owned()))];
    assert_eq!(backend.findings(), leaks);
}

#[tokio::test]
async fn an_access_token_expires_by_the_backends_clock() {
    let backend = builder().start().unwrap();
    let file = backend.auth_json_expiring("acct-1", 100).unwrap();
    assert_eq!(file["tokens"]["refresh_token"], "rt-acct-1-2");
    assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 200);
    backend.set_now(backend.now() + 100);
    assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 401);
}

#[tokio::test]
async fn zstd_is_for_the_plan_alone() {
    let backend = builder().start().unwrap();
    let text = body(&[user("Hi, compressed")]);
    let packed = zstd::encode_all(text.to_string().as_bytes(), 3).unwrap();
    let request = plan_request(&backend, &text).header("content-encoding", "zstd").body(packed.clone());
    assert_eq!(finish(request.send().await.unwrap()).await.status, 200);
    let recorded = &backend.requests()[0];
    assert_eq!((&recorded.body, recorded.bytes), (&text, packed.len()));
    let request = key_request(&backend, &text).header("content-encoding", "zstd").body(packed);
    assert_eq!(finish(request.send().await.unwrap()).await.status, 400);
    assert_eq!(backend.findings(), [(1, Finding::Leak("a zstd body reached the platform".to_owned()))]);
    let bomb = zstd::encode_all(&vec![b' '; 65 * 1024 * 1024][..], 1).unwrap();
    for wrong in [b"no zstd".to_vec(), bomb] {
        let request = plan_request(&backend, &text).header("content-encoding", "zstd").body(wrong);
        let answer = finish(request.send().await.unwrap()).await;
        assert_eq!(answer.json()["detail"], "The zstd body could not be decompressed.");
    }
}

#[tokio::test]
async fn what_is_the_plans_never_reaches_the_platform_unnoticed() {
    let backend = builder().start().unwrap();
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    let plain = body(&[user("Hi")]);
    let header = key_request(&backend, &plain).header("chatgpt-account-id", "acct-1");
    assert_eq!(finish(header.send().await.unwrap()).await.status, 200);
    let header = key_request(&backend, &plain).header("x-codex-turn-state", "x");
    assert_eq!(finish(header.send().await.unwrap()).await.status, 200);
    let mut tier = plain.clone();
    tier["service_tier"] = json!("priority");
    assert_eq!(key(&backend, &tier).await.status, 200);
    let mut chained = plain.clone();
    chained["previous_response_id"] = json!("resp_1");
    assert_eq!(key(&backend, &chained).await.json()["error"]["code"], "previous_response_not_found");
    key(&backend, &body(&[user(&format!("my token is {token}"))])).await;
    key(&backend, &body(&[user(&format!("my key is {KEY}"))])).await;
    plan(&backend, &body(&[user(&format!("my key is {KEY}"))])).await;
    let leaks: Vec<String> = backend
        .findings()
        .into_iter()
        .map(|(number, finding)| match finding {
            Finding::Leak(text) | Finding::State(text) => format!("{number} {text}"),
        })
        .collect();
    let expected = [
        "0 the plan's header chatgpt-account-id reached the platform",
        "0 the account id acct-1 reached the platform",
        "1 the plan's header x-codex-turn-state reached the platform",
        "2 service_tier reached the platform",
        "3 previous_response_id reached the platform",
        "4 a token of account acct-1 reached the platform",
        "5 the key …ghij is in the body",
        "6 the key …ghij is in the body",
    ];
    assert_eq!(leaks, expected);
    assert!(!backend.verdict().is_clean());
    let allowed = builder().service_tier_allowed().start().unwrap();
    key(&allowed, &tier).await;
    assert_eq!(allowed.findings(), []);
}

#[tokio::test]
async fn turn_state_belongs_to_its_turn() {
    let backend = builder().start().unwrap();
    let of_turn = |turn: &str| {
        let mut body = body(&[user("Hi")]);
        body["client_metadata"]["turn_id"] = json!(turn);
        body
    };
    let first = plan(&backend, &of_turn("turn-1")).await;
    let state = first.header("x-codex-turn-state").unwrap().to_owned();
    let echo = async |turn: &str, state: &str| {
        let request = plan_request(&backend, &of_turn(turn)).header("x-codex-turn-state", state);
        finish(request.send().await.unwrap()).await
    };
    assert_eq!(echo("turn-1", &state).await.header("x-codex-turn-state"), None);
    echo("turn-2", &state).await;
    echo("turn-2", "invented").await;
    assert_eq!(
        backend.findings(),
        [
            (2, Finding::State("the x-codex-turn-state of another turn".to_owned())),
            (3, Finding::State("an x-codex-turn-state that was never issued".to_owned())),
        ]
    );
}

#[tokio::test]
async fn key_states_show_on_both_doors() {
    let rows = [
        (KeyState::Ready, 200, 200, ""),
        (KeyState::Revoked, 401, 401, "invalid_api_key"),
        (KeyState::NoCredit, 429, 200, "insufficient_quota"),
        (KeyState::RestrictedNoModelList, 200, 403, ""),
        (KeyState::Throttled, 429, 200, "rate_limit_exceeded"),
        (KeyState::UnverifiedSummaries, 400, 200, "unsupported_value"),
    ];
    for (state, responses, models, code) in rows {
        let backend = codex_fake_backend::FakeBackend::builder()
            .key(PlatformKey::new(KEY).with_state(state))
            .start()
            .unwrap();
        let answer = key(&backend, &body(&[user("Hi")])).await;
        assert_eq!(answer.status, responses, "{state:?}");
        assert_eq!(answer.json()["error"]["code"].as_str().unwrap_or_default(), code, "{state:?}");
        let list = client().get(format!("{}/v1/models", backend.url()));
        let list = list.header("authorization", format!("Bearer {KEY}")).send().await.unwrap();
        assert_eq!(list.status().as_u16(), models, "{state:?}");
    }
    let backend = builder().start().unwrap();
    backend.set_key_state(KEY, KeyState::UnverifiedSummaries);
    let mut quiet = body(&[user("Hi")]);
    quiet["reasoning"] = json!({"effort": "medium"});
    assert_eq!(key(&backend, &quiet).await.status, 200);
    let refused = key(&backend, &body(&[user("Hi")])).await.json();
    assert_eq!(refused["error"]["param"], "reasoning.summary");
}

#[tokio::test]
async fn refresh_tokens_are_for_one_use() {
    let backend = builder().start().unwrap();
    let refresh = async |token: &str| {
        let body = json!({"client_id": "app_x", "grant_type": "refresh_token", "refresh_token": token});
        finish(client().post(backend.token_url()).body(body.to_string()).send().await.unwrap()).await
    };
    let before = backend.current_tokens("acct-1").unwrap();
    let renewed = refresh(&before.refresh_token).await.json();
    assert_eq!(renewed["refresh_token"], "rt-acct-1-2");
    assert_ne!(renewed["access_token"], before.access_token.as_str());
    assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 200);
    let reused = refresh(&before.refresh_token).await;
    assert_eq!((reused.status, reused.json()["error"]["code"].as_str()), (401, Some("refresh_token_reused")));
    let unknown = refresh("rt-x").await;
    assert_eq!((unknown.status, unknown.json()["error"]["code"].as_str()), (400, Some("invalid_grant")));
    backend.refuse_refresh("acct-1", RefreshRefusal::Expired);
    assert_eq!(refresh("rt-acct-1-2").await.json()["error"]["code"], "refresh_token_expired");

    let backend = builder().start().unwrap();
    let revoke = json!({"token": "rt-acct-1-1", "token_type_hint": "refresh_token", "client_id": "app_x"});
    let url = format!("{}/oauth/revoke", backend.url());
    assert_eq!(client().post(url).body(revoke.to_string()).send().await.unwrap().status(), 200);
    let body = json!({"client_id": "app_x", "grant_type": "refresh_token", "refresh_token": "rt-acct-1-1"});
    let answer =
        finish(client().post(backend.token_url()).body(body.to_string()).send().await.unwrap()).await;
    assert_eq!(answer.json()["error"]["code"], "refresh_token_invalidated");
}
