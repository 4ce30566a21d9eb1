//! The fallback methods: key, mode and payer, and who is told of their changes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Door, Limit, LimitVariant, Reply, Script};
use serde_json::{Value, json};
use support::{ACCOUNT, KEY, World, backend, methods};

const UPDATED: &str = "account/fallback/updated";

fn status(message: &Value) -> &Value {
    let inside = if message["result"].is_null() { &message["params"] } else { &message["result"] };
    &inside["fallback"]
}

#[tokio::test]
async fn a_key_comes_and_goes_and_everybody_who_cares_is_told() {
    let world = World::new(backend(), "");
    let mut one = world.client(json!({"fallback": {"ask": true}})).await;
    let mut two = world.client(json!({"fallback": {}})).await;
    let mut plain = world.client(json!({})).await;
    let deaf = world.client(json!({"fallback": {}, "optOutNotificationMethods": [UPDATED]})).await;

    let added = one
        .call("account/addFallbackApiKey", json!({"apiKey": format!(" {KEY}\n"), "model": "gpt-5.5"}))
        .await;
    assert_eq!(added["result"]["modelAvailable"], true);
    assert_eq!((&status(&added)["keyState"], &status(&added)["keyLast4"]), (&json!("ready"), &json!("WXYZ")));
    for client in [&mut one, &mut two] {
        let told = client.until(UPDATED).await;
        assert_eq!(methods(&told), [UPDATED]);
        assert_eq!(status(&told[0]), status(&added));
        assert_eq!(told[0]["params"]["message"], Value::Null);
    }
    let stored = |answer: Value| answer["result"]["fallbackKeyStored"].clone();
    assert_eq!(stored(two.call("account/read", json!({})).await), true);
    assert_eq!(stored(plain.call("account/read", json!({})).await), Value::Null);

    let removed = two.call("account/removeFallbackApiKey", json!({})).await;
    assert_eq!(status(&removed)["keyState"], "none");
    assert_eq!(methods(&two.until(UPDATED).await), [UPDATED]);
    assert_eq!(methods(&one.until(UPDATED).await), [UPDATED]);
    assert_eq!(stored(one.call("account/read", json!({})).await), false);
    let again = two.call("account/removeFallbackApiKey", json!({})).await;
    assert_eq!(status(&again)["keyState"], "none", "nothing to remove is no error");

    for client in [one, two, plain, deaf] {
        assert!(!client.transcript.concat().contains(KEY));
        assert_eq!(client.close().await, Vec::<Value>::new(), "nothing more was told");
    }
}

#[tokio::test]
async fn account_read_shows_the_plan() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({"fallback": {}})).await;
    for params in [json!({}), json!({"refreshToken": true})] {
        let answer = client.call("account/read", params).await;
        assert_eq!(answer["result"]["account"]["type"], "chatgpt", "{answer}");
        assert_eq!(answer["result"]["account"]["planType"], "plus");
        assert_eq!(answer["result"]["requiresOpenaiAuth"], true);
        assert_eq!(answer["result"]["fallbackKeyStored"], false);
    }
    client.close().await;
}

#[tokio::test]
async fn a_mode_is_kept_only_when_asked_and_the_settings_keep_their_comments() {
    let world = World::new(backend(), "");
    let before = world.config();
    let mut client = world.client(json!({"fallback": {}})).await;
    let set = client.call("account/fallback/setMode", json!({"mode": "off"})).await;
    assert_eq!(status(&set)["mode"], "off");
    assert_eq!(status(&client.until(UPDATED).await[0])["mode"], "off");
    assert_eq!(world.config(), before);

    client.call("account/fallback/setMode", json!({"mode": "ask", "persist": true})).await;
    assert_eq!(status(&client.until(UPDATED).await[0])["mode"], "ask");
    assert_eq!(world.config(), format!("{before}mode = \"ask\"\n"));

    let same = client.call("account/fallback/setMode", json!({"mode": "ask"})).await;
    assert_eq!(status(&same)["mode"], "ask");
    assert_eq!(client.close().await, Vec::<Value>::new(), "no change, no news");
}

#[tokio::test]
async fn a_mode_that_cannot_be_kept_is_not_set() {
    let world = World::new(backend(), "");
    let mut client = world.client(json!({"fallback": {}})).await;
    let file = world.home.path().join("config.toml");
    std::fs::write(&file, "[fallback\n").unwrap();
    let refused = client.call("account/fallback/setMode", json!({"mode": "off", "persist": true})).await;
    assert_eq!(refused["error"]["code"], -32600);
    assert!(refused["error"]["message"].as_str().unwrap().contains("line 1"), "{refused}");
    assert_eq!(status(&client.call("account/fallback/read", json!({})).await)["mode"], "auto");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "[fallback\n");
    client.close().await;
}

#[tokio::test]
async fn the_person_chooses_who_pays() {
    let script = Script::new().otherwise(Reply::text("done"));
    let world = World::new(backend().script(script), "");
    let mut client = world.client(json!({"fallback": {}})).await;
    client.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
    client.until(UPDATED).await;
    let forced = client.call("account/fallback/setPayer", json!({"payer": "key"})).await;
    assert_eq!(status(&forced)["payer"], "key");
    let told = client.until(UPDATED).await;
    assert!(
        told[0]["params"]["message"].as_str().unwrap().contains("(…WXYZ) now pays per token, as you chose")
    );
    let thread = client.thread(&world).await;
    client.turn(&thread, "hi").await;
    let messages = methods(&client.until("turn/completed").await);
    assert!(!messages.contains(&UPDATED.to_owned()), "told before: {messages:?}");
    let back = client.call("account/fallback/setPayer", json!({"payer": "auto"})).await;
    assert_eq!(status(&back)["payer"], "plan");
    client.until(UPDATED).await;
    client.turn(&thread, "hi").await;
    client.until("turn/completed").await;
    let payers: Vec<_> =
        world.backend.model_requests().iter().map(|request| format!("{:?}", request.payer)).collect();
    assert_eq!(payers, ["Key(\"…WXYZ\")", "Plan(\"acct-test-0001\")"]);
    assert_eq!(world.backend.findings(), []);
    client.close().await;
}

#[tokio::test]
async fn a_switch_in_one_clients_turn_is_told_to_all_once() {
    let script = Script::new().otherwise(Reply::text("done"));
    let limit = Limit::after_requests(0, LimitVariant::UsageLimitPremium).of(ACCOUNT);
    let world = World::new(backend().script(script).limit(limit), "");
    let mut one = world.client(json!({"fallback": {}})).await;
    let mut two = world.client(json!({"fallback": {}})).await;
    one.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
    one.until(UPDATED).await;
    two.until(UPDATED).await;
    let (first, second) = (one.thread(&world).await, two.thread(&world).await);
    one.turn(&first, "hi").await;
    let seen = methods(&one.until("turn/completed").await);
    assert_eq!(seen.iter().filter(|method| *method == UPDATED).count(), 1, "{seen:?}");
    let told = two.until(UPDATED).await;
    assert_eq!(methods(&told), [UPDATED], "and nothing of the other client's thread");
    assert_eq!(told[0]["params"]["fallback"]["payer"], "key");
    two.turn(&second, "hi").await;
    let seen = methods(&two.until("turn/completed").await);
    assert_eq!(seen.iter().filter(|method| *method == UPDATED).count(), 0, "known already: {seen:?}");
    one.close().await;
    two.close().await;
}

#[tokio::test]
async fn a_server_goes_back_to_the_plan_when_the_limit_resets_also_from_a_forced_key() {
    for forced in [false, true] {
        let limit = Limit::after_requests(1, LimitVariant::UsageLimitPremium).of(ACCOUNT);
        let world =
            World::new(backend().script(Script::new().otherwise(Reply::text("done"))).limit(limit), "");
        let mut client = world.client(json!({"fallback": {}})).await;
        client.call("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
        let thread = client.thread(&world).await;
        for text in ["plan", "switch", "key"] {
            client.turn(&thread, text).await;
            client.until("turn/completed").await;
        }
        if forced {
            client.call("account/fallback/setPayer", json!({"payer": "key"})).await;
        }
        let resets_at =
            status(&client.call("account/fallback/read", json!({})).await)["resetsAt"].as_i64().unwrap();
        world.pass(resets_at - world.backend.now() - 1);
        client.turn(&thread, "a second too early").await;
        client.until("turn/completed").await;
        world.pass(1);
        client.turn(&thread, "plan").await;
        let told = client.until("turn/completed").await;
        let updates: Vec<_> = told.iter().filter(|message| message["method"] == UPDATED).collect();
        assert_eq!(updates.len(), 1, "forced {forced}: {updates:?}");
        assert_eq!(updates[0]["params"]["fallback"]["payer"], "plan");
        let sentence = updates[0]["params"]["message"].as_str().unwrap();
        let why = if forced { "The time for which you chose the key is over" } else { "has reset" };
        assert!(sentence.contains(why), "{sentence}");
        let asked = world.backend.model_requests();
        let payers: Vec<_> = asked.iter().map(|request| format!("{:?}", request.payer)).collect();
        let payers: String = payers.iter().filter_map(|payer| payer.chars().next()).collect();
        assert_eq!(payers, "PPKKKP", "forced {forced}");
        assert_eq!(world.backend.findings(), []);
        client.close().await;
    }
}

#[tokio::test]
async fn a_slow_key_check_holds_nobody_up() {
    let script = Script::new().at(Door::KeyModels, Reply::hang()).otherwise(Reply::text("done"));
    let world = World::new(backend().script(script), "");
    let mut client = world.client(json!({"fallback": {}})).await;
    let thread = client.thread(&world).await;
    let adding = client.request("account/addFallbackApiKey", json!({"apiKey": KEY})).await;
    world.backend.wait_for(1).await.unwrap();
    assert!(client.call("account/fallback/read", json!({})).await["result"].is_object());
    client.turn(&thread, "hi").await;
    let turn = client.until("turn/completed").await;
    assert_eq!(turn.last().unwrap()["params"]["turn"]["status"], "completed");
    // The platform goes away: the key is stored without its word.
    let World { backend, .. } = world;
    drop(backend);
    let added = client.answer_to(adding).await;
    assert_eq!(status(&added)["keyState"], "unchecked", "{added}");
    assert!(added["result"]["uncheckedReason"].is_string());
    client.close().await;
}
