//! Status, signing in with an API key, signing out, and what damaged or foreign files are answered with.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::os::unix::fs::PermissionsExt;

use codex_config::{CredentialsStore, LoginMethod};
use codex_fake_backend::{Door, Reply, Script};
use codex_login::auth::{LoggedOut, status};
use codex_login::{AuthManager, CodexAuth, FallbackKeyFate, KeyAtLogout, LoginError, LoginStatus, SignIn};
use serde_json::{Value, json};
use support::{ACCOUNT, API_KEY, Home, KEY, OTHER_KEY, issued, payer, secret, switch, turn};

fn status_of(home: &Home) -> Result<LoginStatus, LoginError> {
    status(home.folder.path(), CredentialsStore::File)
}

#[test]
fn status_tells_who_is_signed_in_and_whether_a_key_is_stored() {
    let nobody = LoginStatus { sign_in: SignIn::Nobody, fallback_key_last4: None };
    let home = Home::empty(Script::new());
    assert_eq!(status_of(&home).unwrap(), nobody);
    for unusable in
        [json!({}), json!({"auth_mode": "chatgpt", "tokens": null}), json!({"auth_mode": "apikey"})]
    {
        home.write("auth.json", &unusable);
        assert_eq!(status_of(&home).unwrap(), nobody, "{unusable}");
    }
    home.write("auth.json", &json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY}));
    let masked = "sk-canar***defgh".to_owned();
    assert_eq!(status_of(&home).unwrap().sign_in, SignIn::ApiKey { masked });

    let home = Home::signed_in();
    let found = status_of(&home).unwrap();
    let SignIn::ChatGpt(chatgpt) = found.sign_in else { panic!("{found:?}") };
    assert_eq!((chatgpt.email.as_deref(), chatgpt.plan_type.as_str()), (Some("acct-1@example.com"), "plus"));
    assert_eq!(
        (chatgpt.account_id.as_deref(), chatgpt.user_id.as_deref()),
        (Some(ACCOUNT), Some("user-acct-1"))
    );
    assert_eq!(found.fallback_key_last4, None);
    home.write("fallback-keys.json", &json!({ACCOUNT: KEY}));
    assert_eq!(status_of(&home).unwrap().fallback_key_last4.as_deref(), Some("ghij"));
}

#[test]
fn damaged_files_are_told_by_place_and_left_alone() {
    let check = |write: &dyn Fn(&Home), expect: &str| {
        let home = Home::empty(Script::new());
        write(&home);
        let before = home.bytes("auth.json");
        for told in [status_of(&home).unwrap_err(), home.try_open().unwrap_err()] {
            let told = told.to_string();
            assert!(told.contains("auth.json") && told.contains(expect), "{expect}: {told}");
            assert!(!told.contains("canary"), "{told}");
        }
        assert_eq!(home.bytes("auth.json"), before);
    };
    check(&|home| home.write_text("auth.json", ""), "is empty");
    check(&|home| home.write_text("auth.json", "{\"OPENAI_API_KEY\": \"sk-canary"), "line 1");
    check(&|home| home.write_text("auth.json", "sk-canary"), "line 1, column 1");
    check(&|home| home.write_text("auth.json", "{\n\"tokens\": \"sk-canary\"\n}"), "line 2");
    check(&|home| home.write_text("auth.json", &"x".repeat(1024 * 1024 + 1)), "larger than 1048576 bytes");
    check(&|home| std::fs::write(home.path("auth.json"), [0xff, 0xfe, 0x00]).unwrap(), "line 1");
    check(&|home| std::fs::create_dir(home.path("auth.json")).unwrap(), "regular file");
    check(&|home| home.write("auth.json", &json!({"auth_mode": "canary"})), "does not know");
    let damaged = |home: &Home| {
        home.write("auth.json", &home.backend.auth_json(ACCOUNT).unwrap());
        home.edit("auth.json", |auth| auth["tokens"]["id_token"] = json!("canary"));
    };
    check(&damaged, "id_token");
}

#[tokio::test]
async fn sign_ins_of_other_kinds_are_named_and_can_be_signed_out() {
    for (file, expect) in [
        (json!({"OPENAI_API_KEY": null, "personal_access_token": "at-canary"}), "personal access token"),
        (json!({"auth_mode": "agentIdentity", "agent_identity": "canary"}), "agent identity"),
        (json!({"auth_mode": "bedrockApiKey", "bedrock_api_key": {}}), "Bedrock"),
        (json!({"auth_mode": "chatgptAuthTokens"}), "another program"),
    ] {
        let home = Home::empty(Script::new());
        home.write("auth.json", &file);
        let auth = home.open();
        for told in [status_of(&home).unwrap_err(), auth.credential(&turn("t")).unwrap_err()] {
            assert!(told.to_string().contains(expect) && !told.to_string().contains("canary"), "{told}");
        }
        assert_eq!(auth.auth(), None);
        let out = auth.logout(KeyAtLogout::Remove).await.unwrap();
        assert_eq!(out, LoggedOut { was_signed_in: true, fallback_key: FallbackKeyFate::NoneStored });
        assert_eq!(home.bytes("auth.json"), None);
    }
}

#[tokio::test]
async fn signing_out_revokes_and_removes_the_key_unless_told_to_keep_it() {
    let check = async |home: Home, keep: KeyAtLogout, fate: FallbackKeyFate, mirror: Value| {
        let auth = home.open();
        let token = home.json("auth.json")["tokens"]["refresh_token"].clone();
        let out = auth.logout(keep).await.unwrap();
        assert_eq!(out, LoggedOut { was_signed_in: true, fallback_key: fate });
        assert_eq!((home.bytes("auth.json"), home.json("fallback-keys.json")), (None, mirror));
        let revoked = &home.backend.requests_at(Door::OauthRevoke)[0].body;
        let client_id = "app_EMoamEEZ73f0CkXaXp7hrann";
        assert_eq!(
            *revoked,
            json!({"token": token, "token_type_hint": "refresh_token", "client_id": client_id})
        );
        assert!(matches!(auth.credential(&turn("t")), Err(LoginError::NotSignedIn)));
        let again = auth.logout(keep).await.unwrap();
        assert_eq!(again, LoggedOut { was_signed_in: false, fallback_key: FallbackKeyFate::NoneStored });
    };
    let others = || {
        let home = Home::with_key();
        home.write("fallback-keys.json", &json!({ACCOUNT: KEY, "acct-2": OTHER_KEY}));
        home
    };
    let field_only = || {
        let home = Home::with_key();
        std::fs::remove_file(home.path("fallback-keys.json")).unwrap();
        home
    };
    check(Home::signed_in(), KeyAtLogout::Remove, FallbackKeyFate::NoneStored, Value::Null).await;
    check(Home::signed_in(), KeyAtLogout::Keep, FallbackKeyFate::NoneStored, Value::Null).await;
    check(others(), KeyAtLogout::Remove, FallbackKeyFate::Removed, json!({"acct-2": OTHER_KEY})).await;
    check(others(), KeyAtLogout::Keep, FallbackKeyFate::Kept, json!({ACCOUNT: KEY, "acct-2": OTHER_KEY}))
        .await;
    check(field_only(), KeyAtLogout::Remove, FallbackKeyFate::Removed, Value::Null).await;
    check(field_only(), KeyAtLogout::Keep, FallbackKeyFate::Kept, json!({ACCOUNT: KEY})).await;
}

#[tokio::test]
async fn a_kept_key_counts_at_this_accounts_next_sign_in_only() {
    let home = Home::with_key();
    home.open().logout(KeyAtLogout::Keep).await.unwrap();
    home.write("auth.json", &home.backend.auth_json("acct-2").unwrap());
    assert_eq!(home.open().status().key_last4, None);
    home.write("auth.json", &home.backend.auth_json_expiring(ACCOUNT, 9000).unwrap());
    assert_eq!(home.open().status().key_last4.as_deref(), Some("ghij"));
}

#[tokio::test]
async fn signing_out_works_without_the_issuer() {
    for reply in [Reply::status(500, ""), Reply::raw(&b"x"[..])] {
        let home = Home::signed_in_with(Script::new().at(Door::OauthRevoke, reply));
        home.open().logout(KeyAtLogout::Remove).await.unwrap();
        assert_eq!(home.bytes("auth.json"), None);
    }
}

#[tokio::test]
async fn a_damaged_mirror_stops_the_sign_out_before_anything_is_lost() {
    let home = Home::with_key();
    home.write_text("fallback-keys.json", "{");
    let before = home.bytes("auth.json");
    let auth = home.open();
    assert!(auth.take_warnings().iter().any(|warning| warning.contains("fallback-keys.json")));
    auth.logout(KeyAtLogout::Remove).await.unwrap_err();
    assert_eq!(home.bytes("auth.json"), before);
    assert!(home.backend.requests().is_empty());
}

#[tokio::test]
async fn an_api_key_replaces_the_session_and_leaves_the_rest() {
    let home = Home::with_key();
    home.edit("auth.json", |auth| auth["future"] = json!([1, "two"]));
    let auth = home.open();
    switch(&auth, &home);
    for bad in ["", " ", "two words", "line\nbreak"] {
        let told = auth.login_with_api_key(secret(bad)).await.unwrap_err();
        assert!(matches!(told, LoginError::ApiKeyShape), "{bad:?}: {told}");
    }
    auth.login_with_api_key(secret(&format!("{API_KEY}\n"))).await.unwrap();
    assert_eq!(
        home.json("auth.json"),
        json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY, "future": [1, "two"]})
    );
    assert_eq!(home.json("fallback-keys.json"), json!({ACCOUNT: KEY}));
    assert_eq!(std::fs::metadata(home.path("auth.json")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(auth.auth(), Some(CodexAuth::ApiKey));
    assert_eq!(payer(&issued(&auth)), None);
    assert!(home.backend.requests().is_empty(), "saved unverified");
}

#[tokio::test]
async fn an_api_key_does_not_replace_a_file_that_cannot_be_read() {
    let home = Home::empty(Script::new());
    let auth = home.open();
    home.write_text("auth.json", "{");
    auth.login_with_api_key(secret(API_KEY)).await.unwrap_err();
    assert_eq!(home.bytes("auth.json").unwrap(), b"{");
}

#[tokio::test]
async fn forced_sign_ins_are_obeyed_without_deleting_anything() {
    let check = |home: &Home, expect: fn(&LoginError) -> bool| {
        let told = home.open().credential(&turn("t")).unwrap_err();
        assert!(expect(&told), "{told}");
        assert!(told.to_string().contains("codex logout"), "{told}");
    };
    let mut home = Home::empty(Script::new());
    home.config.forced_login_method = Some(LoginMethod::ChatGpt);
    let told = home.open().login_with_api_key(secret(API_KEY)).await.unwrap_err();
    assert!(matches!(told, LoginError::ChatGptSignInForced), "{told}");
    home.write("auth.json", &json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY}));
    check(&home, |told| matches!(told, LoginError::ChatGptSignInForced));
    assert!(home.bytes("auth.json").is_some());

    let mut home = Home::signed_in();
    home.config.forced_login_method = Some(LoginMethod::Api);
    check(&home, |told| matches!(told, LoginError::ApiKeySignInForced));
    home.config.forced_login_method = None;
    home.config.forced_chatgpt_workspace_id = vec!["acct-9".into()];
    check(&home, |told| matches!(told, LoginError::WrongWorkspace));
    home.config.forced_chatgpt_workspace_id.push(ACCOUNT.into());
    home.open().credential(&turn("t")).unwrap();
}

#[test]
fn files_that_others_may_read_are_told() {
    let home = Home::with_key();
    assert!(home.open().take_warnings().is_empty());
    std::fs::set_permissions(home.path("auth.json"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = home.open().take_warnings();
    assert!(told.len() == 1 && told[0].contains("auth.json"), "{told:?}");
}

#[test]
fn stores_that_are_not_built_are_refused() {
    let home = Home::signed_in();
    for store_mode in [CredentialsStore::Keyring, CredentialsStore::Auto, CredentialsStore::Ephemeral] {
        let mut options = home.options();
        options.store_mode = store_mode;
        for told in
            [AuthManager::open(options).unwrap_err(), status(home.folder.path(), store_mode).unwrap_err()]
        {
            assert!(told.to_string().contains("cli_auth_credentials_store = \"file\""), "{told}");
        }
    }
}

#[test]
fn a_sign_in_elsewhere_is_seen_by_a_process_without_one() {
    let home = Home::empty(Script::new());
    let auth = home.open();
    assert!(matches!(auth.credential(&turn("t")), Err(LoginError::NotSignedIn)));
    home.write("auth.json", &home.backend.auth_json(ACCOUNT).unwrap());
    home.write("fallback-keys.json", &json!({ACCOUNT: KEY}));
    auth.turn_started();
    assert!(auth.auth().is_some_and(|who| who.chatgpt().is_some()));
    switch(&auth, &home);
}
