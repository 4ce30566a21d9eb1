//! Reads the claims of a JWT without checking its signature: only the service judges tokens (wire-facts §2.6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use codex_redact::Secret;
use serde::Deserialize;

/// What we read from id and access tokens. Members of an odd type count as absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) email: Option<String>,
    pub(crate) expires_at: Option<i64>,
    pub(crate) plan_type: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) fedramp: bool,
}

/// `None` where the text is no JWT: three parts, the middle one base64url of a JSON object.
pub(crate) fn claims(token: &Secret) -> Option<Claims> {
    let mut parts = token.expose().split('.');
    let (_, body, _, None) = (parts.next()?, parts.next()?, parts.next()?, parts.next()) else { return None };
    let bytes = URL_SAFE_NO_PAD.decode(body.trim_end_matches('=')).ok()?;
    let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(&bytes) else { return None };
    let text = |value: Option<&serde_json::Value>| value?.as_str().map(str::to_owned);
    let auth = members.get("https://api.openai.com/auth");
    let claim = |name: &str| auth.and_then(|auth| auth.get(name));
    let profile = members.get("https://api.openai.com/profile").and_then(|profile| profile.get("email"));
    Some(Claims {
        email: text(members.get("email")).or_else(|| text(profile)),
        expires_at: members.get("exp").and_then(|exp| i64::deserialize(exp).ok()),
        plan_type: text(claim("chatgpt_plan_type")),
        account_id: text(claim("chatgpt_account_id")),
        user_id: text(claim("chatgpt_user_id")).or_else(|| text(claim("user_id"))),
        fedramp: claim("chatgpt_account_is_fedramp").and_then(serde_json::Value::as_bool).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn claims_are_read_where_they_stand() {
        let token = |claims| Secret::new(codex_fake_backend::jwt(&claims));
        let full = json!({"email": "a@b.c", "exp": 1_800_000_000, "https://api.openai.com/auth": {
            "chatgpt_plan_type": "plus", "chatgpt_account_id": "acct-1", "chatgpt_user_id": "u-1",
            "chatgpt_account_is_fedramp": true}});
        let expect = Claims {
            email: Some("a@b.c".into()),
            expires_at: Some(1_800_000_000),
            plan_type: Some("plus".into()),
            account_id: Some("acct-1".into()),
            user_id: Some("u-1".into()),
            fedramp: true,
        };
        assert_eq!(claims(&token(full)), Some(expect));
        let nested = json!({"https://api.openai.com/profile": {"email": "p@b.c"},
            "https://api.openai.com/auth": {"user_id": "u-2", "chatgpt_plan_type": 7}, "exp": "soon"});
        let expect = Claims { email: Some("p@b.c".into()), user_id: Some("u-2".into()), ..Claims::default() };
        assert_eq!(claims(&token(nested)), Some(expect));
    }

    #[test]
    fn what_is_no_jwt_has_no_claims() {
        for text in ["", "sk-abc", "a.b.c", "a.b", "a.e30.c.d", "..", "a.W10.c"] {
            assert_eq!(claims(&Secret::new(text)), None, "{text}");
        }
        assert_eq!(claims(&Secret::new("a.e30.c")), Some(Claims::default()));
    }
}
