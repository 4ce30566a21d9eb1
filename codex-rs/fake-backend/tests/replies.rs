//! What scripted answers, failures and limits look like from the outside.
#![allow(clippy::unwrap_used, reason = "tests")]

mod support;

use std::time::Duration;

use codex_fake_backend::{
    At, Cut, Door, KeyState, Limit, LimitVariant, Payer, Reply, Script, Side, Transport, Usage,
};
use serde_json::{Value, json};
use support::{Answer, KEY, NOW, body, builder, client, finish, key, plan, plan_request, provider, user};

/// The one reply of a fresh backend, asked by the plan.
async fn answer_of(reply: Reply) -> Answer {
    let backend = builder().script(Script::conversation([reply])).start().unwrap();
    plan(&backend, &body(&[user("Hi")])).await
}

#[tokio::test]
async fn every_variant_is_sent_as_its_shape_says() {
    for variant in LimitVariant::ALL {
        let backend = builder().limit(Limit::after_requests(0, *variant)).start().unwrap();
        let answer = match variant.side() {
            Side::Plan => plan(&backend, &body(&[user("Hi")])).await,
            Side::Key => key(&backend, &body(&[user("Hi")])).await,
        };
        let shape = variant.shape(NOW, NOW, "gpt-5.5");
        match shape.transport {
            Transport::Http(status) => {
                assert_eq!((answer.status, &answer.text), (status, &shape.body), "{}", variant.name());
            }
            Transport::StreamFailed | Transport::StreamError => {
                let event: Value = serde_json::from_str(&shape.body).unwrap();
                assert_eq!(answer.status, 200, "{}", variant.name());
                assert_eq!(answer.events().last(), Some(&event), "{}", variant.name());
            }
        }
        for (name, value) in &shape.headers {
            assert_eq!(answer.header(name), Some(value.as_str()), "{} {name}", variant.name());
        }
        let recorded = &backend.requests()[0];
        assert_eq!(recorded.refusal, Some(format!("scripted: {}", variant.name())));
        assert!(recorded.scripted && !recorded.was_served());
        assert!(backend.verdict().is_clean(), "{:?}", backend.verdict());
    }
}

#[tokio::test]
async fn any_variant_can_strike_inside_a_stream() {
    for variant in LimitVariant::ALL {
        let reply = Reply::answer().message(&["One."]).exec_command("ls").then_limit(*variant);
        let answer = answer_of(reply).await;
        assert_eq!(answer.items().len(), 2, "{}", variant.name());
        let last = answer.kinds().last().cloned().unwrap();
        let expected =
            if variant.transport() == Transport::StreamError { "error" } else { "response.failed" };
        assert_eq!(last, expected, "{}", variant.name());
    }
}

#[tokio::test]
async fn limits_count_requests_or_tokens_and_end_at_their_reset() {
    let usage = Usage { input: 60, cached: 0, output: 40, reasoning: 0 };
    let script = Script::new().otherwise(Reply::text("ok").usage(usage));
    let rows = [
        (Limit::after_requests(2, LimitVariant::UsageLimitPremium), [200, 200, 429, 429]),
        (Limit::after_tokens(150, LimitVariant::UsageLimitPremium), [200, 200, 429, 429]),
        (Limit::after_requests(1, LimitVariant::ShortThrottle).times(2), [200, 429, 429, 200]),
        (Limit::after_requests(0, LimitVariant::UsageLimitPremium).of("acct-2"), [200, 200, 200, 200]),
        (Limit::after_requests(0, LimitVariant::KeyThrottle), [200, 200, 200, 200]),
    ];
    for (limit, expected) in rows {
        let backend = builder().script(script.clone()).limit(limit.clone()).start().unwrap();
        for status in expected {
            assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, status, "{limit:?}");
        }
        backend.set_now(NOW + 13_871);
        let again = plan(&backend, &body(&[user("Hi")])).await.status;
        assert_eq!(again, expected[3], "{limit:?}");
        backend.set_now(NOW + 13_872);
        assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 200, "{limit:?}");
        backend.add_limit(Limit::after_requests(0, LimitVariant::UsageNotIncluded));
        assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 429);
        backend.lift_limits();
        assert_eq!(plan(&backend, &body(&[user("Hi")])).await.status, 200);
    }
}

#[tokio::test]
async fn replies_come_from_the_door_the_conversation_the_responder_and_then_the_rest() {
    let script = Script::conversation([Reply::text("first"), Reply::text("second")])
        .at(Door::KeyResponses, Reply::text("key only"))
        .respond(|request| Reply::text(&request.user_texts().join("+")));
    let backend = builder().script(script).start().unwrap();
    let said = |answer: &Answer| answer.items()[0]["content"][0]["text"].as_str().unwrap().to_owned();
    let body = body(&[user("a"), user("b")]);
    let mut texts = vec![said(&plan(&backend, &body).await)];
    texts.push(said(&key(&backend, &body).await));
    texts.push(said(&key(&backend, &body).await));
    texts.push(said(&plan(&backend, &body).await));
    backend.set_script(Script::new());
    texts.push(said(&plan(&backend, &body).await));
    assert_eq!(texts, ["first", "key only", "second", "a+b", "Done."]);
}

#[tokio::test]
async fn an_answer_has_the_items_usage_and_headers_it_was_given() {
    let usage = Usage { input: 100, cached: 20, output: 30, reasoning: 5 };
    let reply = Reply::answer()
        .reasoning(&["Hm."])
        .custom_call("apply_patch", "*** Begin Patch")
        .call_with("call_x", "exec_command", "not json")
        .done(json!({"type": "compaction", "encrypted_content": "mint"}))
        .usage(usage)
        .model("gpt-5.4")
        .rate_limits(97.5, 40.0)
        .turn_state("ts-9")
        .header("Retry-After", "3");
    let answer = answer_of(reply).await;
    let items = answer.items();
    assert_eq!(items[1]["input"], "*** Begin Patch");
    assert_eq!((&items[2]["call_id"], &items[2]["arguments"]), (&json!("call_x"), &json!("not json")));
    assert!(items[3]["encrypted_content"].as_str().unwrap().starts_with("gAAAA"));
    let completed = answer.events().last().cloned().unwrap();
    assert_eq!(
        completed["response"]["usage"],
        json!({"input_tokens": 100, "input_tokens_details": {"cached_tokens": 20}, "output_tokens": 30,
            "output_tokens_details": {"reasoning_tokens": 5}, "total_tokens": 130})
    );
    let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
    assert_eq!(header("openai-model"), "gpt-5.4");
    assert_eq!(header("x-codex-primary-used-percent"), "97.5");
    assert_eq!(header("x-codex-turn-state"), "ts-9");
    assert_eq!(header("retry-after"), "3");
    let incomplete = answer_of(Reply::text("Hm").incomplete("max_output_tokens")).await;
    let last = incomplete.events().last().cloned().unwrap();
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
}

#[tokio::test]
async fn summaries_come_only_to_those_who_ask() {
    let backend =
        builder().script(Script::new().otherwise(Reply::answer().reasoning(&["Hm."]))).start().unwrap();
    let mut quiet = body(&[user("Hi")]);
    assert_eq!(plan(&backend, &quiet).await.items()[0]["summary"][0]["text"], "Hm.");
    quiet["reasoning"] = json!({"effort": "low"});
    assert_eq!(plan(&backend, &quiet).await.items()[0]["summary"], json!([]));
}

#[tokio::test]
async fn streams_are_cut_where_the_script_says() {
    let reply = || Reply::answer().message(&["a", "b"]);
    let failed = answer_of(reply().cut(At::Events(3), Cut::Failed(json!({"code": "x"})))).await;
    assert_eq!(failed.kinds().len(), 4);
    assert_eq!(failed.events()[3]["response"]["error"]["code"], "x");
    let error = answer_of(reply().cut(At::Events(1), Cut::ErrorEvent(json!({"message": "m"})))).await;
    assert_eq!(error.kinds(), ["response.created", "error"]);
    let ended = answer_of(reply().cut(At::End, Cut::CleanEnd)).await;
    assert_eq!(ended.kinds().last().map(String::as_str), Some("response.output_item.done"));
    let bytes = answer_of(reply().cut(At::Bytes(100), Cut::CleanEnd)).await;
    assert_eq!(bytes.text.len(), 100);
    let bulk = answer_of(Reply::answer().bulk(1_000, "x").cut(At::Events(504), Cut::CleanEnd)).await;
    assert_eq!(bulk.kinds().len(), 504);
}

#[tokio::test]
async fn what_a_cut_delivered_is_in_the_record() {
    let reply = Reply::answer().message(&["One."]).exec_command("ls");
    let rows = [(usize::MAX, 1, 1), (8, 1, 0), (7, 0, 0)];
    for (events, texts, calls) in rows {
        let reply = reply.clone().cut(At::Events(events), Cut::Disconnect);
        let backend = builder().script(Script::conversation([reply])).start().unwrap();
        let response = plan_request(&backend, &body(&[user("Hi")])).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert!(response.text().await.is_err(), "the body must end in an error");
        let recorded = &backend.requests()[0];
        assert_eq!((recorded.texts.len(), recorded.calls.len()), (texts, calls), "{events}");
    }
}

#[tokio::test]
async fn a_broken_connection_delivers_what_came_before() {
    let reply = Reply::answer().message(&["One."]).cut(At::Bytes(300), Cut::Disconnect);
    let backend = builder().script(Script::conversation([reply])).start().unwrap();
    let mut response = plan_request(&backend, &body(&[user("Hi")])).send().await.unwrap();
    let mut received = 0;
    while let Ok(Some(chunk)) = response.chunk().await {
        received += chunk.len();
    }
    assert_eq!(received, 300);
}

#[tokio::test]
async fn a_drip_sends_small_slices() {
    let reply = Reply::text("Grüße").drip(1, Duration::ZERO);
    let backend = builder().script(Script::conversation([reply])).start().unwrap();
    let answer = plan(&backend, &body(&[user("Hi")])).await;
    assert_eq!(answer.items()[0]["content"][0]["text"], "Grüße");
    let slow = answer_of(Reply::text("Hi").delay(Duration::from_millis(1))).await;
    assert_eq!(slow.kinds().last().map(String::as_str), Some("response.completed"));
}

#[tokio::test]
async fn garbage_is_sent_as_it_is() {
    let reply = Reply::answer()
        .garbage("data: {not json\n\n")
        .garbage(vec![b'd', b'a', 0xff, 0xfe, b'\n', b'\n'])
        .event("codex.unknown", &json!({"type": "codex.unknown"}))
        .message(&["Still here."]);
    let backend = builder().script(Script::conversation([reply])).start().unwrap();
    let bytes = plan_request(&backend, &body(&[user("Hi")])).send().await.unwrap().bytes().await.unwrap();
    assert!(bytes.windows(4).any(|window| window == [b'd', b'a', 0xff, 0xfe]));
    let page = answer_of(Reply::html_page()).await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let status = answer_of(Reply::status(500, "oops").header("retry-after", "1")).await;
    assert_eq!((status.status, status.text.as_str(), status.header("retry-after")), (500, "oops", Some("1")));
    let raw = Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello");
    assert_eq!(answer_of(raw).await.text, "hello");
    let nonsense = Reply::raw(vec![0_u8, 1, 2, 3]);
    let backend = builder().script(Script::conversation([nonsense])).start().unwrap();
    assert!(plan_request(&backend, &body(&[user("Hi")])).send().await.is_err());
    assert_eq!(backend.requests()[0].status, 0);
}

#[tokio::test]
async fn a_hang_is_recorded_and_waits() {
    let backend = builder().script(Script::conversation([Reply::hang()])).start().unwrap();
    let request = plan_request(&backend, &body(&[user("Hi")])).send();
    let recorded = tokio::select! {
        recorded = backend.wait_for(1) => recorded.unwrap(),
        _ = request => unreachable!("it must not be answered"),
    };
    assert_eq!(recorded[0].refusal.as_deref(), Some("scripted: hang"));
}

#[tokio::test]
async fn a_bulk_answer_has_every_delta() {
    let answer = answer_of(Reply::answer().bulk(20_000, "word ")).await;
    let deltas = answer.kinds().iter().filter(|kind| *kind == "response.output_text.delta").count();
    assert_eq!(deltas, 20_000);
    assert_eq!(answer.items()[0]["content"][0]["text"].as_str().unwrap().len(), 100_000);
}

#[tokio::test]
async fn the_quiet_doors_answer() {
    let limit = Limit::after_requests(0, LimitVariant::UsageLimitPremium);
    let backend = builder().limit(limit).start().unwrap();
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    let ask = async |path: &str| {
        let request = client().get(format!("{}{path}", backend.url()));
        let request = request.header("authorization", format!("Bearer {token}"));
        finish(request.header("chatgpt-account-id", "acct-1").send().await.unwrap()).await
    };
    let models = ask("/backend-api/codex/models?client_version=0.1.0").await.json();
    assert_eq!(models["models"][0]["slug"], "gpt-5.5");
    assert_eq!(ask("/backend-api/codex/models").await.status, 400);
    assert_eq!(ask("/backend-api/wham/usage").await.json()["rate_limit"]["limit_reached"], false);
    plan(&backend, &body(&[user("Hi")])).await;
    let usage = ask("/backend-api/wham/usage").await.json();
    assert_eq!(usage["rate_limit"]["limit_reached"], true);
    assert_eq!(usage["rate_limit"]["primary_window"]["reset_at"], NOW + 13_872);
    let routing = ask("/backend-api/wham/accounts/check").await.json();
    assert_eq!(routing["accounts"][0]["workspace_backend_origin"], backend.url());
    assert_eq!(routing["default_account_id"], "acct-1");
    assert_eq!(ask("/backend-api/elsewhere").await.status, 404);
    let socket = client().get(format!("{}/backend-api/codex/responses", backend.url()));
    let socket = socket.header("connection", "upgrade").header("upgrade", "websocket").send().await.unwrap();
    assert_eq!(socket.status(), 426);
    let payers: Vec<Payer> = backend.requests().into_iter().map(|request| request.payer).collect();
    assert_eq!(payers.len(), 8);
    assert_eq!((&payers[0], &payers[7]), (&Payer::Plan("acct-1".to_owned()), &Payer::Nobody));
    let bad = client().get(format!("{}/v1/models", backend.url())).header("authorization", "Bearer sk-wrong");
    let bad = finish(bad.send().await.unwrap()).await;
    assert_eq!((bad.status, bad.json()["error"]["code"].as_str()), (401, Some("invalid_api_key")));
    backend.set_key_state(KEY, KeyState::Ready);
}

#[tokio::test]
async fn the_usage_door_says_what_the_last_answer_said() {
    let script = Script::conversation([Reply::text("Hello.").rate_limits(97.5, 40.0)]);
    let backend = builder().script(script).start().unwrap();
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    let used = async || {
        let request = client().get(format!("{}/backend-api/wham/usage", backend.url()));
        let request = request.header("authorization", format!("Bearer {token}"));
        let usage = finish(request.header("chatgpt-account-id", "acct-1").send().await.unwrap()).await.json();
        ["primary_window", "secondary_window"]
            .map(|window| usage["rate_limit"][window]["used_percent"].clone())
    };
    assert_eq!(used().await, [12, 34]);
    plan(&backend, &body(&[user("Hi")])).await;
    assert_eq!(used().await, [97, 40]);
}

#[tokio::test]
async fn other_doors_take_scripted_replies() {
    let script = Script::new()
        .at(Door::OauthToken, Reply::status(500, "down"))
        .at(Door::KeyModels, Reply::html_page());
    let backend = builder().script(script).start().unwrap();
    let body = json!({"client_id": "app_x", "grant_type": "refresh_token", "refresh_token": "rt-acct-1-1"})
        .to_string();
    let ask = async || {
        client().post(backend.token_url()).body(body.clone()).send().await.unwrap().status().as_u16()
    };
    assert_eq!((ask().await, ask().await), (500, 200));
    let page = finish(client().get(format!("{}/v1/models", backend.url())).send().await.unwrap()).await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
}

#[tokio::test]
async fn the_same_world_is_behind_tls() {
    provider();
    let backend = builder().start().unwrap();
    let certificate = reqwest::Certificate::from_pem(backend.ca_pem().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([certificate]).build().unwrap();
    let token = backend.current_tokens("acct-1").unwrap().access_token;
    let request = client.get(format!("{}/backend-api/wham/accounts/check", backend.tls_url()));
    let request =
        request.header("authorization", format!("Bearer {token}")).header("chatgpt-account-id", "acct-1");
    let routing = finish(request.send().await.unwrap()).await.json();
    assert_eq!(routing["accounts"][0]["workspace_backend_origin"], backend.tls_url());
    assert!(backend.requests()[0].tls);
    let stranger = support::client().get(backend.tls_url()).send().await;
    assert!(stranger.is_err(), "a client without the CA must refuse");
}

#[tokio::test]
async fn instants_are_kept_per_request() {
    let backend = builder().start().unwrap();
    let client = client();
    for _ in 0..2 {
        let token = backend.current_tokens("acct-1").unwrap().access_token;
        let request = client.get(format!("{}/backend-api/wham/usage", backend.url()));
        finish(request.header("authorization", format!("Bearer {token}")).send().await.unwrap()).await;
    }
    let requests = backend.requests();
    assert_eq!(requests[0].connection, requests[1].connection);
    let written = requests[0].last_byte_written().unwrap();
    assert!(requests[0].at <= written && written <= requests[1].at);
    assert!(requests[1].last_byte_written().unwrap() >= requests[1].at);
}
