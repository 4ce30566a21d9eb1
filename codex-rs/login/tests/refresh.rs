//! Token refresh against an issuer with single-use tokens: when, by whom, what is kept, what is final.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::sync::Arc;

use codex_fake_backend::{Door, RefreshRefusal, Reply, Script};
use codex_fallback::Payer;
use codex_login::{AuthManager, CredentialKind, LoginError, SessionEnd};
use serde_json::{Value, json};
use support::{ACCOUNT, HeldIssuer, Home, KEY, OTHER_KEY, bearer, issued, payer, secret, switch};

fn expiring(seconds: i64) -> Home {
    expiring_with(seconds, Script::new())
}

fn expiring_with(seconds: i64, script: Script) -> Home {
    let home = Home::empty(script);
    home.write("auth.json", &home.backend.auth_json_expiring(ACCOUNT, seconds).unwrap());
    home
}

fn redemptions(home: &Home) -> usize {
    home.backend.requests_at(Door::OauthToken).len()
}

#[tokio::test]
async fn tokens_that_expire_soon_are_refreshed_once_and_everything_else_stays() {
    let home = expiring(200);
    home.edit("auth.json", |auth| {
        auth["future"] = json!({"deep": [1, 2.5]});
        auth["tokens"]["login_owner_id"] = json!("owner");
        auth["fallback_openai_api_key"] = json!(KEY);
    });
    let before = home.json("auth.json");
    let auth = home.open();
    auth.refresh_if_due().await.unwrap();
    auth.refresh_if_due().await.unwrap();

    let request = &home.backend.requests_at(Door::OauthToken)[0];
    assert_eq!(
        request.body,
        json!({"client_id": "app_EMoamEEZ73f0CkXaXp7hrann", "grant_type": "refresh_token",
            "refresh_reason": "proactive_expiry", "refresh_token": before["tokens"]["refresh_token"]})
    );
    assert_eq!(request.header("originator"), Some("codex_test"));
    assert_eq!(request.header("user-agent"), Some("codex_test/1"));
    assert_eq!(redemptions(&home), 1);

    let new = home.backend.current_tokens(ACCOUNT).unwrap();
    let mut expect = before;
    expect["tokens"]["id_token"] = json!(new.id_token);
    expect["tokens"]["access_token"] = json!(new.access_token);
    expect["tokens"]["refresh_token"] = json!(new.refresh_token);
    expect["last_refresh"] = json!("2026-06-01T00:00:00.000000000Z");
    assert_eq!(home.json("auth.json"), expect);
    assert_eq!(*bearer(&issued(&auth)), secret(&new.access_token));
}

#[tokio::test]
async fn tokens_that_last_are_left_alone() {
    let home = expiring(3600);
    let before = home.bytes("auth.json");
    home.open().refresh_if_due().await.unwrap();
    assert_eq!((redemptions(&home), home.bytes("auth.json")), (0, before));
}

#[tokio::test]
async fn after_a_401_tokens_are_bought_and_the_key_put_back() {
    let home = Home::with_key();
    let auth = home.open();
    home.rewrite_as_another_program();
    let used = bearer(&issued(&auth)).clone();
    auth.refresh_after_401(&used).await.unwrap();
    assert_eq!(home.backend.requests_at(Door::OauthToken)[0].body["refresh_reason"], "unauthorized_recovery");
    assert_ne!(*bearer(&issued(&auth)), used);
    assert_eq!(home.json("auth.json")["fallback_openai_api_key"], KEY, "put back from the mirror");
    // A second request that was sent with the old token finds the work done.
    auth.refresh_after_401(&used).await.unwrap();
    assert_eq!(redemptions(&home), 1);
}

#[tokio::test]
async fn a_removed_key_is_not_put_back_from_memory() {
    let home = Home::with_key();
    let auth = home.open();
    home.rewrite_as_another_program();
    std::fs::remove_file(home.path("fallback-keys.json")).unwrap();
    let used = bearer(&issued(&auth)).clone();
    auth.refresh_after_401(&used).await.unwrap();
    assert_eq!(home.json("auth.json").get("fallback_openai_api_key"), None);
}

#[tokio::test]
async fn a_field_that_differs_takes_the_mirror_along() {
    let home = Home::with_key();
    home.write("fallback-keys.json", &json!({ACCOUNT: OTHER_KEY, "acct-2": OTHER_KEY}));
    let auth = home.open();
    let used = bearer(&issued(&auth)).clone();
    auth.refresh_after_401(&used).await.unwrap();
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: KEY, "acct-2": OTHER_KEY}));
}

#[tokio::test]
async fn tokens_that_a_sibling_bought_are_adopted_without_asking() {
    let home = expiring(200);
    let auth = home.open();
    let used = bearer(&issued(&auth)).clone();
    home.write("auth.json", &home.backend.auth_json_expiring(ACCOUNT, 7200).unwrap());
    auth.refresh_if_due().await.unwrap();
    assert_eq!(redemptions(&home), 0);
    assert_ne!(*bearer(&issued(&auth)), used);
}

#[tokio::test]
async fn two_processes_on_one_home_buy_once() {
    let home = expiring(200);
    let (first, second) = (home.open(), home.open());
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let auth = Arc::clone(if number % 2 == 0 { &first } else { &second });
            tokio::spawn(async move { auth.refresh_if_due().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(redemptions(&home), 1);
    assert_eq!(bearer(&issued(&first)), bearer(&issued(&second)));
}

#[tokio::test]
async fn a_reuse_that_a_sibling_caused_is_no_failure() {
    // The sibling has no lock: it buys while our request is on the way.
    let mut home = expiring(200);
    let issuer = HeldIssuer::start(401, json!({"error": {"code": "refresh_token_reused"}}));
    home.token_url = Some(issuer.url.clone());
    let auth = home.open();
    let refreshing = start(&auth);
    let go = issuer.asked().await;
    let sibling = home.backend.auth_json_expiring(ACCOUNT, 7200).unwrap();
    home.write("auth.json", &sibling);
    go.send(()).unwrap();
    refreshing.await.unwrap().unwrap();
    assert_eq!(json!(sibling["tokens"]["access_token"]), access_token(&auth));
}

fn start(auth: &Arc<AuthManager>) -> tokio::task::JoinHandle<Result<(), LoginError>> {
    let auth = Arc::clone(auth);
    tokio::spawn(async move { auth.refresh_if_due().await })
}

/// What a held issuer answers.
fn new_tokens() -> Value {
    let access_token = codex_fake_backend::jwt(&json!({"exp": i64::from(u32::MAX)}));
    json!({"access_token": access_token, "refresh_token": "rt-new"})
}

fn access_token(auth: &AuthManager) -> Value {
    let credential = issued(auth);
    let CredentialKind::Plan { access_token, .. } = credential.kind else { panic!("not the plan") };
    json!(access_token.expose())
}

#[tokio::test]
async fn final_refusals_are_told_and_not_asked_for_again() {
    for (refusal, why) in [
        (RefreshRefusal::Reused, SessionEnd::Reused),
        (RefreshRefusal::Expired, SessionEnd::Expired),
        (RefreshRefusal::Invalidated, SessionEnd::Revoked),
        (RefreshRefusal::Unknown, SessionEnd::Refused),
    ] {
        let home = expiring(200);
        home.backend.refuse_refresh(ACCOUNT, refusal);
        let before = home.bytes("auth.json");
        let auth = home.open();
        for _ in 0..3 {
            let told = auth.refresh_if_due().await.unwrap_err();
            assert!(matches!(told, LoginError::SessionOver { why: found } if found == why), "{told}");
            assert!(told.to_string().contains("sign in again") && !told.is_transient(), "{told}");
        }
        assert_eq!((redemptions(&home), home.bytes("auth.json")), (1, before));
        // A new sign-in to the same account elsewhere heals it.
        home.write("auth.json", &home.backend.auth_json_expiring(ACCOUNT, 7200).unwrap());
        let used = bearer(&issued(&auth)).clone();
        match auth.refresh_after_401(&used).await {
            Ok(()) => assert_ne!(*bearer(&issued(&auth)), used),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test]
async fn passing_trouble_is_transient_and_changes_nothing() {
    for reply in [
        Reply::status(500, "{}"),
        Reply::status(429, "{}"),
        Reply::html_page(),
        Reply::status(200, "[]"),
        Reply::status(200, "{}"),
        Reply::raw(&b"nonsense\r\n\r\n"[..]),
    ] {
        let home = expiring_with(200, Script::new().at(Door::OauthToken, reply));
        let before = home.bytes("auth.json");
        let auth = home.open();
        let told = auth.refresh_if_due().await.unwrap_err();
        assert!(matches!(told, LoginError::RefreshFailed { .. }) && told.is_transient(), "{told}");
        assert_eq!(home.bytes("auth.json"), before);
        auth.refresh_if_due().await.unwrap();
        assert_eq!(redemptions(&home), 2);
    }
}

#[tokio::test]
async fn another_account_in_the_store_is_never_mixed_in() {
    let home = expiring(200);
    let auth = home.open();
    let other = home.backend.auth_json("acct-2").unwrap();
    home.write("auth.json", &other);
    let told = auth.refresh_if_due().await.unwrap_err();
    assert!(matches!(told, LoginError::AccountChanged), "{told}");
    assert_eq!(home.json("auth.json"), other);

    std::fs::remove_file(home.path("auth.json")).unwrap();
    let told = auth.refresh_if_due().await.unwrap_err();
    assert!(matches!(told, LoginError::SignedOutElsewhere), "{told}");
    assert_eq!((redemptions(&home), home.bytes("auth.json")), (0, None));
}

#[tokio::test]
async fn a_refresh_does_not_touch_who_pays() {
    let home = Home::with_key();
    let auth = home.open();
    let used = bearer(&issued(&auth)).clone();
    switch(&auth, &home);
    let epoch = auth.status().epoch;
    auth.refresh_after_401(&used).await.unwrap();
    assert_eq!((payer(&issued(&auth)), auth.status().epoch), (Some(Payer::Key), epoch));
    assert_eq!(redemptions(&home), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_lose_the_new_tokens() {
    let mut home = expiring(200);
    let issuer = HeldIssuer::start(200, new_tokens());
    home.token_url = Some(issuer.url.clone());
    let auth = home.open();
    let refreshing = start(&auth);
    let go = issuer.asked().await;
    refreshing.abort();
    assert!(refreshing.await.unwrap_err().is_cancelled());
    go.send(()).unwrap();
    // The next caller waits for the running one and finds its tokens; the issuer answers only once.
    auth.refresh_if_due().await.unwrap();
    assert_eq!(home.json("auth.json")["tokens"]["refresh_token"], "rt-new");
}

#[tokio::test]
async fn tokens_that_cannot_be_saved_serve_this_process() {
    let mut home = expiring(200);
    let issuer = HeldIssuer::start(200, new_tokens());
    home.token_url = Some(issuer.url.clone());
    let auth = home.open();
    let refreshing = start(&auth);
    let go = issuer.asked().await;
    std::fs::remove_file(home.path("auth.json")).unwrap();
    std::fs::create_dir(home.path("auth.json")).unwrap();
    go.send(()).unwrap();
    refreshing.await.unwrap().unwrap();
    assert_eq!(access_token(&auth), new_tokens()["access_token"]);
    let warnings = auth.take_warnings();
    assert!(warnings.len() == 1 && warnings[0].contains("could not be saved"), "{warnings:?}");
}

#[tokio::test]
async fn a_sign_out_during_the_refresh_stands() {
    let mut home = expiring(200);
    let issuer = HeldIssuer::start(200, new_tokens());
    home.token_url = Some(issuer.url.clone());
    let auth = home.open();
    let refreshing = start(&auth);
    let go = issuer.asked().await;
    std::fs::remove_file(home.path("auth.json")).unwrap();
    go.send(()).unwrap();
    let told = refreshing.await.unwrap().unwrap_err();
    assert!(matches!(told, LoginError::SignedOutElsewhere), "{told}");
    assert_eq!(home.bytes("auth.json"), None);
}
