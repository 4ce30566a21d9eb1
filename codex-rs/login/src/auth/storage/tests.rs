//! Reading and writing `auth.json`: what is kept, what is refused, what errors and `Debug` never show.

use std::path::PathBuf;

use codex_durable_fs::Exposure;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

const CANARY: &str = "sk-canary-0123456789abcdefghij";

fn parse(text: &str) -> Result<AuthDotJson, LoginError> {
    let file = PrivateFile { bytes: text.as_bytes().to_vec(), exposure: Exposure::Private };
    AuthDotJson::parse(&PathBuf::from("/home/a/auth.json"), file)
}

fn written(auth: &AuthDotJson) -> String {
    String::from_utf8(auth.to_bytes().unwrap().to_vec()).unwrap()
}

fn session() -> Value {
    json!({"id_token": "a.e30.c", "access_token": "at-1", "refresh_token": "rt-1", "account_id": "acct-1"})
}

#[test]
fn official_files_are_written_back_byte_for_byte() {
    for text in [
        "{\n  \"auth_mode\": \"apikey\",\n  \"OPENAI_API_KEY\": \"sk-1\"\n}",
        "{\n  \"OPENAI_API_KEY\": null,\n  \"tokens\": {\n    \"id_token\": \"a.e30.c\",\n    \"access_token\": \"at\",\n    \
         \"refresh_token\": \"rt\",\n    \"oauth_provenance\": {\n      \"issuer\": \"https://auth.openai.com\"\n    },\n    \
         \"account_id\": \"acct-1\"\n  },\n  \"last_refresh\": \"2026-11-23T06:51:53.472461428Z\"\n}",
        "{\n  \"future\": [1.50, 1e400, 123456789012345678901234567890],\n  \"OPENAI_API_KEY\": null\n}",
    ] {
        assert_eq!(written(&parse(text).unwrap()), text);
    }
}

#[test]
fn members_keep_their_places_and_new_ones_come_last() {
    let mut auth = parse(r#"{"z":1,"tokens":null,"auth_mode":"chatgpt","a":{"b":2}}"#).unwrap();
    auth.fallback_openai_api_key = Some(Secret::new("sk-f"));
    assert_eq!(
        written(&auth),
        "{\n  \"z\": 1,\n  \"auth_mode\": \"chatgpt\",\n  \"a\": {\"b\":2},\n  \"OPENAI_API_KEY\": null,\n  \
         \"fallback_openai_api_key\": \"sk-f\"\n}"
    );
}

#[test]
fn damaged_files_are_refused_with_the_place_and_without_the_content() {
    let check = |text: &str, expect: &str| {
        let told = parse(text).unwrap_err().to_string();
        assert!(told.contains("/home/a/auth.json"), "{told}");
        assert!(told.contains(expect), "{text}: {told}");
        assert!(!told.contains("canary"), "{told}");
    };
    check("", "is empty");
    check(" \n\t", "is empty");
    check(&format!("{{\n  \"OPENAI_API_KEY\": \"{CANARY}"), "ends too early at line 2, column");
    check(CANARY, "not valid JSON at line 1, column 1");
    check(&format!("{{\"OPENAI_API_KEY\":\n[\"{CANARY}\"]}}"), "wrong type at line 2, column 1");
    check(&format!("{{\"fallback_openai_api_key\": {{\"{CANARY}\": 1}}}}"), "wrong type at line 1");
    check("{\"tokens\": {\"id_token\": \"a.e30.c\"}}", "missing");
    check("{\"tokens\": [\"a.e30.c\", \"at\", \"rt\", null]}", "wrong type");
    check("{\"last_refresh\": 7}", "wrong type");
    check("{\"tokens\": null, \"tokens\": null}", "twice");
    check("[]", "wrong type");
    check("null", "wrong type");
    check("{} {}", "not valid JSON at line 1, column 4");
    check("\u{0}\u{1}\u{2}", "not valid JSON");
    check(&format!("{{\"auth_mode\": \"{CANARY}\"}}"), "does not know");
}

#[test]
fn the_mode_is_read_or_inferred() {
    let check = |value: Value, expect: AuthMode| {
        assert_eq!(parse(&value.to_string()).unwrap().mode(), expect, "{value}");
    };
    check(json!({}), AuthMode::ChatGpt);
    check(json!({"auth_mode": "chatgpt", "OPENAI_API_KEY": "sk-1"}), AuthMode::ChatGpt);
    check(json!({"OPENAI_API_KEY": "sk-1", "tokens": session()}), AuthMode::ApiKey);
    check(json!({"OPENAI_API_KEY": null, "tokens": session()}), AuthMode::ChatGpt);
    check(json!({"auth_mode": "apikey"}), AuthMode::ApiKey);
    check(
        json!({"OPENAI_API_KEY": null, "personal_access_token": "at-1"}),
        AuthMode::Unsupported("a personal access token"),
    );
    check(json!({"auth_mode": "agentIdentity"}), AuthMode::Unsupported("an agent identity"));
    check(json!({"agent_identity": "jwt"}), AuthMode::Unsupported("an agent identity"));
    check(json!({"auth_mode": "bedrockApiKey"}), AuthMode::Unsupported("Amazon Bedrock"));
}

#[test]
fn signing_in_with_a_key_replaces_credentials_and_keeps_the_rest() {
    let mut auth = parse(
        &json!({"auth_mode": "chatgpt", "tokens": session(), "last_refresh": "2026-01-01T00:00:00Z",
            "fallback_openai_api_key": "sk-f", "personal_access_token": "at-x", "future": {"kept": true}})
        .to_string(),
    )
    .unwrap();
    auth.sign_in_with_api_key(Secret::new("sk-new"));
    let found: Value = serde_json::from_str(&written(&auth)).unwrap();
    assert_eq!(found, json!({"auth_mode": "apikey", "OPENAI_API_KEY": "sk-new", "future": {"kept": true}}));
}

#[test]
fn debug_shows_no_member_that_may_be_secret() {
    let mut tokens = session();
    for name in ["id_token", "access_token", "refresh_token", "unknown"] {
        tokens[name] = json!(CANARY);
    }
    let text = json!({"OPENAI_API_KEY": CANARY, "fallback_openai_api_key": CANARY, "tokens": tokens,
        "agent_identity": {"key": CANARY}, CANARY: 1});
    let auth = parse(&text.to_string()).unwrap();
    assert!(!format!("{auth:?} {auth:#?}").contains("canary"));
}

/// Any JSON, numbers of any size and form included.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            members(inner).prop_map(Value::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(any::<String>(), value, 0..4).prop_map(|map| map.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn unknown_members_survive_every_rewrite(top in members(any_json()), inner in members(any_json()), pretty: bool) {
        let known = ["auth_mode", "OPENAI_API_KEY", "tokens", "last_refresh", "fallback_openai_api_key",
            "id_token", "access_token", "refresh_token", "account_id"];
        let unknown = |map: Map<String, Value>| map.into_iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let mut tokens = session();
        tokens.as_object_mut().unwrap().extend(unknown(inner));
        let mut document = json!({"auth_mode": "chatgpt", "tokens": tokens});
        document.as_object_mut().unwrap().extend(unknown(top));
        let text = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let text = text.unwrap();
        // Through text once: the parser's own rounding of floats is not what is judged here.
        let mut document: Value = serde_json::from_str(&text).unwrap();

        let mut auth = parse(&text).unwrap();
        auth.tokens.as_mut().unwrap().access_token = Secret::new("at-2");
        auth.fallback_openai_api_key = Some(Secret::new("sk-f"));
        document["tokens"]["access_token"] = json!("at-2");
        document["fallback_openai_api_key"] = json!("sk-f");
        document["OPENAI_API_KEY"] = Value::Null;
        let once = written(&auth);
        prop_assert_eq!(serde_json::from_str::<Value>(&once).unwrap(), document);
        prop_assert_eq!(written(&parse(&once).unwrap()), once);
    }
}
