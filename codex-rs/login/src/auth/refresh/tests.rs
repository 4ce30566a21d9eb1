//! When a refresh is due, what refusals mean, and what new tokens change.

use serde_json::json;

use super::*;

const NOW: i64 = 1_795_430_000; // 2026-11-23T10:33:20Z

fn auth(expires_at: Option<i64>, last_refresh: Option<&str>) -> AuthDotJson {
    let claims = expires_at.map_or_else(|| json!({}), |at| json!({"exp": at}));
    let mut text = json!({"tokens": {"id_token": codex_fake_backend::jwt(&json!({})),
        "access_token": codex_fake_backend::jwt(&claims), "refresh_token": "rt"}, "future": 1});
    if let Some(last) = last_refresh {
        text["last_refresh"] = json!(last);
    }
    serde_json::from_value::<serde_json::Value>(text)
        .and_then(|text| serde_json::from_str(&text.to_string()))
        .unwrap()
}

#[test]
fn a_refresh_is_due_before_the_expiry_or_after_eight_days() {
    use RefreshReason::{ProactiveExpiry, Scheduled};
    let check = |expires_at: Option<i64>, last: Option<&str>, expect: Option<RefreshReason>| {
        assert_eq!(due(&auth(expires_at, last), NOW), expect, "{expires_at:?} {last:?}");
    };
    check(Some(NOW + 301), None, None);
    check(Some(NOW + 300), None, Some(ProactiveExpiry));
    check(Some(NOW - 1), None, Some(ProactiveExpiry));
    check(Some(NOW + 3600), Some("2026-10-01T00:00:00Z"), None);
    check(None, Some("2026-11-16T00:00:00.472461428Z"), None);
    check(None, Some("2026-11-14T00:00:00Z"), Some(Scheduled));
    check(None, None, Some(Scheduled));
    check(None, Some("yesterday"), Some(Scheduled));
    check(Some(i64::MAX), None, None);
    assert_eq!(due(&AuthDotJson::default(), NOW), None);
}

#[test]
fn refusals_are_final_or_worth_another_try() {
    let check = |status: u16, body: &str, expect: Refusal| {
        assert_eq!(refusal(status, body.as_bytes()), expect, "{status} {body}");
    };
    let over = Refusal::Over;
    let later = |status: u16| Refusal::Later(format!("the sign-in service answered {status}"));
    check(401, r#"{"error":{"code":"refresh_token_expired"}}"#, over(SessionEnd::Expired));
    check(401, r#"{"error":{"code":"Refresh_Token_Reused"}}"#, over(SessionEnd::Reused));
    check(400, r#"{"error":"refresh_token_invalidated"}"#, over(SessionEnd::Revoked));
    check(403, r#"{"code":"refresh_token_expired"}"#, over(SessionEnd::Expired));
    check(400, r#"{"error":"invalid_grant"}"#, over(SessionEnd::Refused));
    check(401, r#"{"error":{"code":"something"}}"#, over(SessionEnd::Refused));
    check(401, "<html>", over(SessionEnd::Refused));
    check(400, r#"{"error":"invalid_request"}"#, later(400));
    check(500, r#"{"error":{"code":"server_error"}}"#, later(500));
    check(503, "", later(503));
    check(302, "", later(302));
}

#[test]
fn new_tokens_replace_what_came_and_keep_the_rest() {
    let check = |reply: serde_json::Value, expect: [&str; 2], id_token_changes: bool| {
        let mut auth = auth(None, None);
        let before = auth.tokens.clone().unwrap();
        let new: NewTokens = serde_json::from_value(reply.clone()).unwrap();
        new.put_into(&mut auth, NOW * 1000 + 7);
        let tokens = auth.tokens.as_ref().unwrap();
        let access = if expect[0].is_empty() { before.access_token.clone() } else { Secret::new(expect[0]) };
        assert_eq!(tokens.access_token, access, "{reply}");
        assert_eq!(tokens.refresh_token, Secret::new(expect[1]), "{reply}");
        assert_eq!(tokens.id_token != before.id_token, id_token_changes, "{reply}");
        assert_eq!(auth.last_refresh.as_deref(), Some("2026-11-23T10:33:20.007000000Z"));
    };
    let id_token = codex_fake_backend::jwt(&json!({"email": "new@b.c"}));
    check(json!({"id_token": id_token, "access_token": "a2", "refresh_token": "r2"}), ["a2", "r2"], true);
    check(json!({"access_token": "a2"}), ["a2", "rt"], false);
    check(json!({"id_token": "nonsense", "refresh_token": "r2", "more": 1}), ["", "r2"], false);
    check(json!({"id_token": null}), ["", "rt"], false);
}

#[test]
fn answers_without_tokens_are_none() {
    for body in [
        "",
        "{}",
        "[]",
        "null",
        r#"["a.e30.c", "b", "c"]"#,
        r#"{"access_token": 7}"#,
        r#"{"access_token": null}"#,
    ] {
        assert!(new_tokens(body.as_bytes()).is_none(), "{body}");
    }
    assert!(new_tokens(b" {\"refresh_token\": \"r\"}").is_some());
}
