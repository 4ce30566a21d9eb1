//! Adding, testing and removing the fallback key against a platform that accepts, refuses, hesitates and babbles.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_config::{BaseUrl, LoginMethod};
use codex_fake_backend::{Door, KeyState as PlatformState, Reply, Script};
use codex_fallback::{Block, KeyState, Payer, Reason};
use codex_login::{AddError, Checked, LoginError, Tested, fallback_key};
use serde_json::json;
use support::{ACCOUNT, API_KEY, Home, KEY, OTHER_KEY, issued, payer, secret, switch};

#[tokio::test]
async fn a_working_key_is_stored_in_field_and_mirror() {
    let home = Home::signed_in();
    home.edit("auth.json", |auth| auth["future"] = json!({"kept": 1.5}));
    let before = home.json("auth.json");
    let auth = home.open();
    for (model, available) in [(None, None), (Some("gpt-5.5"), Some(true)), (Some("gpt-0"), Some(false))] {
        let added = fallback_key::add(&auth, secret(&format!("  {KEY}\n")), model).await.unwrap();
        assert_eq!(added.last4, "ghij");
        assert_eq!(added.check, Checked::Works { model_available: available });
        assert_eq!(added.change, None);
    }
    let mut expect = before;
    expect["fallback_openai_api_key"] = json!(KEY);
    assert_eq!(home.json("auth.json"), expect, "only the field is new");
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: KEY}));
    assert_eq!(auth.status().key_state, KeyState::Ready);
    assert_eq!(auth.status().key_last4.as_deref(), Some("ghij"));
    let asked = home.backend.requests_at(Door::KeyModels);
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|request| request.header("chatgpt-account-id").is_none()));
    assert!(home.backend.findings().is_empty());
}

#[tokio::test]
async fn what_neither_lists_models_nor_refuses_is_stored_unchecked() {
    let door = Door::KeyModels;
    let check = async |reply: Option<Reply>, expect: &str| {
        let script = reply.map_or_else(Script::new, |reply| Script::new().at(door, reply));
        let home = Home::signed_in_with(script);
        if expect.contains("403") {
            home.backend.set_key_state(KEY, PlatformState::RestrictedNoModelList);
        }
        let auth = home.open();
        let added = fallback_key::add(&auth, secret(KEY), Some("gpt-5.5")).await.unwrap();
        let Checked::Unchecked { reason } = added.check else { panic!("{expect}: {:?}", added.check) };
        assert!(reason.contains(expect), "{reason}");
        assert!(!reason.contains("canary") && !reason.contains("127.0.0.1"), "{reason}");
        assert_eq!(home.json("auth.json")["fallback_openai_api_key"], KEY);
        assert_eq!(auth.status().key_state, KeyState::Unchecked);
    };
    check(None, "may not list models (403)").await;
    check(Some(Reply::status(500, "{}")), "answered 500").await;
    check(Some(Reply::status(429, "{}")), "answered 429").await;
    check(Some(Reply::status(307, "").header("location", "/v1/models")), "answered 307").await;
    check(Some(Reply::html_page()), "cannot be read").await;
    check(Some(Reply::status(200, "{\"data\": 7}")), "cannot be read").await;
    check(Some(Reply::status(200, "x".repeat(5 * 1024 * 1024))), "cannot be read").await;
    check(Some(Reply::raw(&b"nonsense\r\n\r\n"[..])), "broke off").await;
}

#[tokio::test]
async fn an_unreachable_platform_leaves_the_key_unchecked() {
    let mut home = Home::signed_in();
    // Port 1 of loopback: nobody listens there.
    home.config.fallback.base_url = BaseUrl::parse("http://127.0.0.1:1/v1").ok();
    let added = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap();
    assert_eq!(added.check, Checked::Unchecked { reason: "the API cannot be reached".into() });
}

#[tokio::test(start_paused = true)]
async fn a_platform_that_does_not_answer_is_left_after_five_seconds() {
    let home = Home::signed_in_with(Script::new().at(Door::KeyModels, Reply::hang()));
    let auth = home.open();
    let start = tokio::time::Instant::now();
    let added = fallback_key::add(&auth, secret(KEY), None).await.unwrap();
    let waited = start.elapsed();
    assert_eq!(added.check, Checked::Unchecked { reason: "the API did not answer within 5 seconds".into() });
    assert!((5..6).contains(&waited.as_secs()), "{waited:?}");
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: KEY}));
}

#[tokio::test]
async fn a_refused_key_is_not_stored() {
    let home = Home::with_key();
    let before = (home.bytes("auth.json"), home.bytes("fallback-keys.json"));
    let auth = home.open();
    home.backend.set_key_state(OTHER_KEY, PlatformState::Revoked);
    for key in [OTHER_KEY, "sk-never-heard-of-0123456789"] {
        let told = fallback_key::add(&auth, secret(key), None).await.unwrap_err();
        assert!(matches!(&told, AddError::Refused { host } if host == "127.0.0.1"), "{told}");
        assert!(!told.to_string().contains(key), "{told}");
    }
    assert_eq!((home.bytes("auth.json"), home.bytes("fallback-keys.json")), before);
    assert_eq!(auth.status().key_last4.as_deref(), Some("ghij"), "the old one stays");
}

#[tokio::test]
async fn keys_of_a_wrong_shape_are_refused_without_asking_anybody() {
    let mut home = Home::signed_in();
    let auth = home.open();
    for bad in ["", "  \n", "sk-two words", "sk-line\nbreak", "sk-ünïcode", "sk-\u{7f}"] {
        let told = fallback_key::add(&auth, secret(bad), None).await.unwrap_err();
        assert!(matches!(told, AddError::NotOneWord), "{bad:?}: {told}");
    }
    // A custom host may have keys of another shape; the default one has not.
    fallback_key::add(&auth, secret("gw_0123456789"), None).await.unwrap_err();
    assert_eq!(home.backend.requests_at(Door::KeyModels).len(), 1);
    home.config.fallback.base_url = None;
    let told = fallback_key::add(&home.open(), secret("gw_0123456789"), None).await.unwrap_err();
    assert!(matches!(told, AddError::NotAnOpenAiKey), "{told}");
    assert_eq!(home.json("fallback-keys.json"), json!(null));
}

#[tokio::test]
async fn a_key_needs_a_chatgpt_sign_in_and_no_rule_against_it() {
    let home = Home::empty(Script::new());
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::NotSignedIn), "{told}");
    assert!(told.to_string().contains("codex login"), "{told}");
    assert_eq!(home.bytes("auth.json"), None);

    home.write("auth.json", &json!({}));
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::NotSignedIn), "{told}");

    home.write("auth.json", &json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY}));
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::SignedInWithApiKey), "{told}");

    home.write("auth.json", &json!({"OPENAI_API_KEY": null, "personal_access_token": "at-1"}));
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::Store(LoginError::UnsupportedMode { .. })), "{told}");

    let mut home = Home::signed_in();
    home.config.forced_login_method = Some(LoginMethod::ChatGpt);
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::Forbidden(Block::ForcedLogin)), "{told}");
    home.config.forced_login_method = None;
    home.config.forced_chatgpt_workspace_id = vec![ACCOUNT.into()];
    let told = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::Forbidden(Block::ForcedWorkspace)), "{told}");
    assert!(home.backend.requests().is_empty());
}

#[tokio::test]
async fn a_key_is_never_shown_to_a_host_nobody_named_for_it() {
    let mut home = Home::signed_in();
    home.config.openai_base_url = BaseUrl::parse(&home.backend.platform_base_url()).ok();
    home.config.fallback.base_url = None;
    let added = fallback_key::add(&home.open(), secret(KEY), None).await.unwrap();
    let Checked::Unchecked { reason } = added.check else { panic!("{:?}", added.check) };
    assert!(reason.contains("base_url"), "{reason}");
    assert!(home.backend.requests().is_empty());
}

#[tokio::test]
async fn adding_again_replaces_the_key_and_the_plan_pays_again() {
    let home = Home::with_key();
    let auth = home.open();
    switch(&auth, &home);
    assert_eq!(payer(&issued(&auth)), Some(Payer::Key));
    let added = fallback_key::add(&auth, secret(OTHER_KEY), None).await.unwrap();
    let change = added.change.unwrap();
    assert_eq!((change.payer, change.reason), (Payer::Plan, Reason::KeyChanged));
    assert_eq!(payer(&issued(&auth)), Some(Payer::Plan));
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: OTHER_KEY}));
}

#[tokio::test]
async fn removing_deletes_field_and_entry_of_this_account_only() {
    let home = Home::with_key();
    home.write("fallback-keys.json", &json!({ACCOUNT: KEY, "acct-2": OTHER_KEY}));
    let auth = home.open();
    switch(&auth, &home);
    let removed = fallback_key::remove(&auth).await.unwrap().unwrap();
    assert_eq!(removed.last4, "ghij");
    assert_eq!(removed.change.map(|change| change.payer), Some(Payer::Plan));
    assert_eq!(home.json("auth.json").get("fallback_openai_api_key"), None);
    assert_eq!(home.json("fallback-keys.json"), json!({"acct-2": OTHER_KEY}));
    assert_eq!(auth.status().key_state, KeyState::None);
    assert_eq!(fallback_key::remove(&auth).await.unwrap(), None);
}

#[tokio::test]
async fn testing_asks_the_platform_and_changes_nothing() {
    let home = Home::with_key();
    let before = home.bytes("auth.json");
    let auth = home.open();
    let works = Tested::Accepted(Checked::Works { model_available: Some(true) });
    assert_eq!(fallback_key::test(&auth, Some("gpt-5.4")).await.unwrap(), works);
    home.backend.set_key_state(KEY, PlatformState::Revoked);
    assert_eq!(fallback_key::test(&auth, None).await.unwrap(), Tested::Refused);
    assert_eq!(home.bytes("auth.json"), before);
    let without = Home::signed_in();
    let told = fallback_key::test(&without.open(), None).await.unwrap_err();
    assert!(matches!(told, LoginError::NoFallbackKey), "{told}");
}

#[tokio::test]
async fn a_key_is_for_the_account_this_process_works_with() {
    let home = Home::signed_in();
    let auth = home.open();
    home.write("auth.json", &home.backend.auth_json("acct-2").unwrap());
    let told = fallback_key::add(&auth, secret(KEY), None).await.unwrap_err();
    assert!(matches!(told, AddError::Store(LoginError::AccountChanged)), "{told}");
    assert_eq!(home.json("fallback-keys.json"), json!(null));
    assert!(home.backend.requests().is_empty());
}
