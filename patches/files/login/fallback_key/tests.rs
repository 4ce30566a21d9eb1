//! The store, the settings, the switch and the filter of the fallback key, without a network.

use std::sync::Arc;

use codex_fallback::Signal;
use serde_json::json;

use super::settings::may_receive_a_key;
use super::*;
use crate::CodexAuth;

const KEY: &str = "sk-test-0123456789abcdefghij";

/// A home where the dummy account is signed in and has a key.
fn home_with_key() -> (tempfile::TempDir, Arc<AuthManager>) {
    let home = tempfile::tempdir().expect("a folder");
    let auth = CodexAuth::create_dummy_chatgpt_auth_for_testing();
    let account = auth.get_account_id().expect("an account");
    let stored = json!({
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": ID_TOKEN, "access_token": "access", "refresh_token": "refresh", "account_id": account,
        },
        "fallback_openai_api_key": KEY,
    });
    std::fs::write(home.path().join("auth.json"), stored.to_string()).expect("a file");
    let manager = AuthManager::from_auth_for_testing_with_home(auth, home.path().to_path_buf());
    (home, manager)
}

/// No signature, no claims: enough to be read.
const ID_TOKEN: &str = "eyJhbGciOiJub25lIn0.e30.c2ln";

/// What the plan's limit does to the desk; whether the request is sent again.
fn limit(manager: &AuthManager) -> bool {
    limit_of(manager, manager.fallback_carrier(false))
}

fn limit_of(manager: &AuthManager, carrier: Carrier) -> bool {
    let mut held = manager.held();
    let held = held.get_or_insert_with(|| Held::new(manager.stored_for_fallback()));
    let policy = manager.fallback_policy(held, &Settings::read(manager.fallback_home()), false);
    held.sync(manager.stored_for_fallback(), &policy);
    let event = Event::Answered {
        turn: ANY_TURN,
        ticket: carrier.ticket(),
        signal: Signal::Limit { resets_at: None },
        tried: Tried::default(),
    };
    held.report(event, &policy) == Decision::Resend
}

#[tokio::test]
async fn the_key_takes_over_and_no_reload_takes_it_back() {
    let (home, manager) = home_with_key();
    let before = std::fs::read(home.path().join("auth.json")).expect("a file");
    assert!(manager.fallback_paid(false).is_none());
    assert!(limit(&manager));
    let _ = manager.auth().await;
    let paid = manager.fallback_paid(false).expect("the key pays");
    assert_eq!(paid.key.expose(), KEY);
    let notice = manager.take_fallback_notices().expect("a notice");
    assert!(notice.contains("(…ghij) now pays per token"), "{notice}");
    assert!(!notice.contains(KEY));
    assert_eq!(
        std::fs::read(home.path().join("auth.json")).expect("a file"),
        before
    );
}

#[test]
fn a_late_limit_does_not_switch_twice() {
    let (_home, manager) = home_with_key();
    let plan = manager.fallback_carrier(false);
    assert!(limit_of(&manager, plan));
    let key = manager.fallback_carrier(false);
    assert!(key.is_key());
    let _ = manager.take_fallback_notices();
    assert!(limit_of(&manager, plan), "it is sent again by whoever pays now");
    assert_eq!(manager.fallback_carrier(false), key);
    assert_eq!(manager.take_fallback_notices(), None);
}

#[test]
fn a_refused_key_does_not_pay_again() {
    let (_home, manager) = home_with_key();
    assert!(limit(&manager));
    let carrier = manager.fallback_carrier(false);
    let _ = manager.take_fallback_notices();
    assert!(!manager.fallback_key_failed(carrier, 500, "", false));
    assert!(manager.fallback_key_failed(
        carrier,
        401,
        r#"{"error":{"code":"invalid_api_key"}}"#,
        false
    ));
    let notice = manager.take_fallback_notices().expect("a notice");
    assert!(
        notice.contains("usage limit") && notice.contains("refused"),
        "{notice}"
    );
    assert!(manager.fallback_paid(false).is_none());
    assert!(!limit(&manager));
}

#[test]
fn a_key_that_another_program_erased_comes_back_from_the_mirror_until_it_is_removed() {
    let (home, manager) = home_with_key();
    assert!(limit(&manager));
    let mut stored = manager
        .load_for_fallback()
        .expect("readable")
        .expect("a record");
    stored.fallback_openai_api_key = None;
    manager.save_for_fallback(&stored).expect("writable");
    assert!(manager.fallback_paid(false).is_some());
    assert!(manager.remove_fallback_key().expect("removable").is_some());
    assert!(manager.fallback_paid(false).is_none());
    assert!(manager.remove_fallback_key().expect("removable").is_none());
    let mirror = std::fs::read_to_string(home.path().join("fallback-keys.json")).expect("a file");
    assert!(!mirror.contains(KEY));
}

#[test]
fn settings_forbid() {
    let forbidding = [
        "forced_login_method = \"chatgpt\"",
        "forced_chatgpt_workspace_id = \"w\"",
        "[fallback]\nmode = \"off\"",
        "[fallback]\nmode = \"ask\"",
        "[fallback]\nmode = \"sometimes\"",
        "[fallback]\nmax_tokens_per_day = 5",
        "[fallback]\nbase_url = \"http://example.com/v1\"",
        "not toml",
    ];
    for text in forbidding {
        let (home, manager) = home_with_key();
        std::fs::write(home.path().join("config.toml"), text).expect("a file");
        assert!(!limit(&manager), "{text}");
    }
    for text in [
        "",
        "[fallback]\nmode = \"auto\"\nmax_tokens_per_day = 0\nreturn = \"reset\"",
    ] {
        let (home, manager) = home_with_key();
        std::fs::write(home.path().join("config.toml"), text).expect("a file");
        assert!(limit(&manager), "{text}");
    }
}

#[test]
fn a_key_goes_only_where_it_is_safe() {
    for good in [
        "https://api.openai.com/v1",
        "http://127.0.0.1:8080/v1",
        "http://localhost",
        "http://[::1]:1/v1",
    ] {
        assert!(may_receive_a_key(good), "{good}");
    }
    for bad in [
        "http://10.0.0.1/v1",
        "ftp://a",
        "https://",
        "http://localhost.example.com",
        "http://a@127.0.0.1",
        "",
    ] {
        assert!(!may_receive_a_key(bad), "{bad}");
    }
}

#[test]
fn the_filter_leaves_out_what_the_payer_cannot_read() {
    let plan = Carrier::default();
    let key = Carrier {
        by_key: true,
        epoch: 1,
    };
    let reasoning =
        |text: &str| json!({"type": "reasoning", "summary": [], "encrypted_content": text});
    let message = json!({"type": "message", "id": "msg_1", "role": "assistant", "content": []});
    let mut minted = Minted::default();
    minted.by.insert(hash("k"), Payer::Key);
    minted.by.insert(hash("p"), Payer::Plan);
    let history = vec![
        reasoning("p"),
        reasoning("k"),
        reasoning("?"),
        message.clone(),
    ];
    let mut filtered = |carrier, history: &[Value]| {
        let mut items = history.to_vec();
        minted.filter(carrier, &mut items).map(|()| items)
    };
    let without_id = json!({"type": "message", "role": "assistant", "content": []});
    assert_eq!(
        filtered(key, &history),
        Ok(vec![reasoning("k"), without_id.clone()])
    );
    assert_eq!(
        filtered(plan, &history),
        Ok(vec![reasoning("p"), reasoning("?"), without_id])
    );
    assert_eq!(
        filtered(plan, &[reasoning("?"), message.clone()]),
        Ok(vec![reasoning("?"), message.clone()])
    );
    // A summary that the plan had is the history itself.
    let summary = [
        json!({"type": "compaction", "encrypted_content": "s"}),
        message,
    ];
    assert!(filtered(key, &summary).is_ok());
    assert!(filtered(plan, &summary).is_ok());
    assert!(filtered(key, &summary).is_err());
    minted.distrust_in = Some(0);
    let mut items = history;
    minted.filter(plan, &mut items).expect("no summary");
    assert_eq!(items.len(), 2);
}
