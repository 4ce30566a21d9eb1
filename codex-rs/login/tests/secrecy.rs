//! No public type shows a secret in `Debug`, no error repeats one (reliability bar 17).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::fmt::Debug;

use codex_config::CredentialsStore;
use codex_login::auth::{AuthDotJson, status};
use codex_login::fallback_key;
use serde_json::json;
use support::{ACCOUNT, API_KEY, Home, KEY, OTHER_KEY, issued, secret, switch, turn};

/// Every secret of these tests holds this word.
const CANARY: &str = "canary";

fn silent(what: &str, value: &dyn Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}")] {
        assert!(!text.contains(CANARY), "{what} shows a secret: {text}");
    }
}

#[tokio::test]
async fn debug_shows_no_secret_of_any_public_type() {
    let home = Home::with_key();
    home.edit("auth.json", |auth| {
        for name in ["access_token", "refresh_token"] {
            auth["tokens"][name] = json!(format!("{CANARY}-{name}"));
        }
        auth["future_secret"] = json!(CANARY);
        auth["tokens"]["future_secret"] = json!(CANARY);
    });
    let mut options = home.options();
    options.api_key_override = Some(secret(API_KEY));
    silent("AuthOptions", &options);
    silent("Endpoints", &options.endpoints);
    silent("HttpClient", &options.http);
    silent("PolicySettings", &options.policy);

    let text = home.bytes("auth.json").unwrap();
    let stored: AuthDotJson = serde_json::from_slice(&text).unwrap();
    silent("AuthDotJson", &stored);
    silent("TokenData", &stored.tokens);

    let auth = home.open();
    silent("AuthManager", &auth);
    silent("CodexAuth", &auth.auth());
    silent("Credential of the plan", &issued(&auth));
    let reported = switch(&auth, &home);
    silent("Reported", &reported);
    silent("PayerChange", &reported.change.unwrap().sentence());
    silent("Credential of the key", &issued(&auth));
    silent("Issued", &auth.credential(&turn("t")));
    silent("FallbackState", &auth.status());
    silent("AuthManager that pays by key", &auth);
    silent("Tested", &fallback_key::test(&auth, None).await);
    silent("Added", &fallback_key::add(&auth, secret(OTHER_KEY), None).await);
    let refused = fallback_key::add(&auth, secret("sk-canary-refused-0123456789"), None).await.unwrap_err();
    silent("AddError", &refused);
    silent("AddError in words", &refused.to_string());
    silent("Removed", &fallback_key::remove(&auth).await);
    silent("refusal of a refresh", &auth.refresh_after_401(&secret("canary-access_token")).await);
    auth.login_with_api_key(secret(API_KEY)).await.unwrap();
    silent("AuthManager signed in with a key", &auth);
    silent("Credential of a sign-in", &issued(&auth));
    silent("refusal of an API key", &auth.refresh_after_401(&secret(API_KEY)).await);
    silent("LoggedOut", &auth.logout(codex_login::KeyAtLogout::Keep).await);
}

#[tokio::test]
async fn nothing_but_the_two_files_holds_a_key() {
    let home = Home::signed_in();
    let auth = home.open();
    fallback_key::add(&auth, secret(KEY), None).await.unwrap();
    switch(&auth, &home);
    let mut holding: Vec<_> = std::fs::read_dir(home.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(KEY))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    holding.sort();
    assert_eq!(holding, ["auth.json", "fallback-keys.json"]);
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: KEY}));
}

#[test]
fn status_shows_a_masked_key_only() {
    let home = Home::with_key();
    let shown = format!("{:?}", status(home.folder.path(), CredentialsStore::File));
    assert!(!shown.contains(CANARY) && shown.contains("ghij"), "{shown}");
}
