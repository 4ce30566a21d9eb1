//! What is said of keys that were added and removed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_app_server_protocol::{AddFallbackApiKeyResponse, FallbackMode, FallbackResponse, RpcError};

use super::Account;
use crate::app_event::NoticeKind;
use crate::effect::Answer;
use crate::test_facts::{KEY, World};

fn added(model_available: Option<bool>, unchecked_reason: Option<&str>) -> AddFallbackApiKeyResponse {
    AddFallbackApiKeyResponse {
        fallback: World::with_key().account.fallback.unwrap(),
        model_available,
        unchecked_reason: unchecked_reason.map(str::to_owned),
    }
}

fn refusal(message: &str) -> RpcError {
    RpcError::invalid_request(message)
}

#[test]
fn what_became_of_a_key_is_told() {
    let account = World::plus().account;
    for (result, kind, text) in [
        (
            Ok(added(Some(true), None)),
            NoticeKind::Done,
            "The API accepts it, and gpt-5.5 is available to it. It pays only",
        ),
        (
            Ok(added(Some(false), None)),
            NoticeKind::Warning,
            "The API accepts it, but gpt-5.5 is not available to it;",
        ),
        (Ok(added(None, None)), NoticeKind::Done, "The API accepts it. It pays only when the plan runs out;"),
        (
            Ok(added(None, Some("no answer"))),
            NoticeKind::Warning,
            "It could not be checked: no answer. It pays",
        ),
        (Err(refusal("nobody is signed in")), NoticeKind::Error, "nobody is signed in"),
        (Err(refusal(&format!("not {KEY}"))), NoticeKind::Error, "not [redacted]"),
    ] {
        let notice = account.key_added(&result, "gpt-5.5");
        assert_eq!(notice.kind, kind, "{text}");
        assert!(notice.text.contains(text), "{}", notice.text);
        assert!(!notice.text.contains(KEY));
        assert_eq!(result.is_ok(), notice.text.starts_with("The fallback API key …d3m0 is stored."));
    }
}

#[test]
fn what_is_promised_is_what_the_mode_does() {
    for (mode, words) in [
        (FallbackMode::Auto, "It pays only when the plan runs out;"),
        (FallbackMode::Ask, "You are asked before it pays,"),
        (FallbackMode::Off, "It does not pay: at the limit work stops"),
    ] {
        let mut response = added(Some(true), None);
        response.fallback.mode = mode;
        let notice = World::plus().account.key_added(&Ok(response), "gpt-5.5");
        assert!(notice.text.contains(words), "{}", notice.text);
    }
}

#[test]
fn a_key_that_is_replaced_is_named() {
    let mut account = World::with_key().account;
    account.key_is_checked();
    assert!(account.is_checking());
    let result = Ok(added(Some(true), None));
    let notice = account.key_added(&result, "gpt-5.5");
    assert!(
        notice.text.starts_with("The fallback API key …d3m0 took the place of the old one."),
        "{}",
        notice.text
    );
    account.answered(&Answer::AddKey(result));
    assert!(!account.is_checking());
    assert!(!format!("{account:?}").contains(KEY));
}

#[test]
fn a_key_that_was_deleted_is_told() {
    let fallback = World::plus().account.fallback.unwrap();
    assert_eq!(Account::key_removed(&Ok(FallbackResponse { fallback })).kind, NoticeKind::Done);
    assert_eq!(Account::key_removed(&Err(refusal("no"))).kind, NoticeKind::Error);
}

#[test]
fn who_is_signed_in_is_known() {
    let mut account = World::plus().account;
    assert!(account.is_chatgpt() && !account.nobody_is_signed_in());
    account.answered(&Answer::Logout(Ok(codex_app_server_protocol::LogoutAccountResponse {})));
    assert!(!account.is_chatgpt() && !account.nobody_is_signed_in() && account.fallback.is_none());
}
