//! Host rules: where a credential may go.

use super::*;

const LOOPBACK: &str = "http://127.0.0.1:4000";

fn config(chatgpt: Option<&str>, openai: Option<&str>, fallback: Option<&str>) -> Config {
    let url = |text: Option<&str>| text.map(|text| BaseUrl::parse(text).unwrap());
    let mut config = Config::default();
    if let Some(chatgpt) = url(chatgpt) {
        config.chatgpt_base_url = chatgpt;
    }
    config.openai_base_url = url(openai);
    config.fallback.base_url = url(fallback);
    config
}

fn endpoints(chatgpt: Option<&str>, openai: Option<&str>, fallback: Option<&str>) -> Endpoints {
    Endpoints::new(&config(chatgpt, openai, fallback), &IssuerOverrides::default()).unwrap()
}

#[test]
fn requests_go_where_the_settings_say() {
    let built_in = endpoints(None, None, None);
    assert_eq!(built_in.plan_base(), "https://chatgpt.com/backend-api/codex");
    assert_eq!(built_in.api_key_base(), "https://api.openai.com/v1");
    assert_eq!(built_in.key_base(), Ok("https://api.openai.com/v1"));
    assert_eq!(built_in.chatgpt_base(), "https://chatgpt.com/backend-api");
    assert!(
        !built_in.key_base_is_custom()
            && !built_in.openai_base_is_custom()
            && !built_in.chatgpt_is_loopback()
    );

    let local =
        endpoints(Some("http://127.0.0.1:4000/backend-api/"), None, Some("http://127.0.0.1:4000/v1/"));
    assert_eq!(local.plan_base(), "http://127.0.0.1:4000/backend-api/codex");
    assert_eq!(local.key_base(), Ok("http://127.0.0.1:4000/v1"));
    assert!(local.chatgpt_is_loopback() && local.key_base_is_custom());

    let custom = endpoints(None, Some("https://gateway.example/v1"), None);
    assert_eq!(custom.plan_base(), "https://gateway.example/v1");
    assert_eq!(custom.api_key_base(), "https://gateway.example/v1");
    assert_eq!(custom.key_base(), Err(Block::CustomBaseUrl), "no key to a host nobody named for it");

    let named = endpoints(None, Some("https://gateway.example/v1"), Some("https://keys.example/v1"));
    assert_eq!((named.key_base(), named.key_host()), (Ok("https://keys.example/v1"), "keys.example"));
}

#[test]
fn routing_answers_stay_with_chatgpt_or_this_machine() {
    let accepted =
        |chatgpt: Option<&str>, origin: &str| endpoints(chatgpt, None, None).routed_plan_base(origin).ok();
    for origin in ["https://chatgpt.com", "https://us.chatgpt.com", "https://chatgpt.com/"] {
        let expect = format!("{}/backend-api/codex", origin.trim_end_matches('/'));
        assert_eq!(accepted(None, origin), Some(expect));
    }
    for origin in [
        "http://chatgpt.com",
        "https://chatgpt.com.evil.example",
        "https://evilchatgpt.com",
        "https://chatgpt.com:8443",
        "https://user:pass@chatgpt.com",
        "https://chatgpt.com@evil.example",
        "https://chatgpt.com/path",
        "https://chatgpt.com?x",
        "https://chatgpt.com#x",
        "https://evil.example/.chatgpt.com",
        LOOPBACK,
        "https://localhost",
        "javascript:alert(1)",
        "",
    ] {
        assert_eq!(accepted(None, origin), None, "{origin}");
    }
    let local = Some("http://127.0.0.1:4000/backend-api/");
    assert_eq!(accepted(local, LOOPBACK).as_deref(), Some("http://127.0.0.1:4000/backend-api/codex"));
    assert_eq!(accepted(local, "http://[::1]:9"), Some("http://[::1]:9/backend-api/codex".into()));
    assert!(accepted(local, "https://us.chatgpt.com").is_some());
    assert_eq!(accepted(local, "http://127.0.0.1:4000/elsewhere"), None);
    assert_eq!(accepted(local, "http://10.0.0.1"), None);
}

#[test]
fn the_issuer_moves_only_to_safe_addresses() {
    let make = |token: &str, revoke: &str| {
        let given = |text: &str| Some(text.to_owned());
        let overrides = IssuerOverrides { token_url: given(token), revoke_url: given(revoke) };
        Endpoints::new(&Config::default(), &overrides)
    };
    let check = |token: &str, revoke: &str, expect: [&str; 2]| {
        let made = make(token, revoke).unwrap();
        assert_eq!([made.token_url(), made.revoke_url()], expect);
    };
    check("", " ", [TOKEN_URL, REVOKE_URL]);
    let local = "http://127.0.0.1:4000/oauth/token";
    check(local, "", [local, "http://127.0.0.1:4000/oauth/revoke"]);
    check(local, "https://other.example/revoke", [local, "https://other.example/revoke"]);
    for bad in ["http://auth.example/token", "ftp://x/y", "nonsense", "https://user:secret@auth.example/t"] {
        let told = make(bad, "").unwrap_err().to_string();
        assert!(told.contains(TOKEN_VARIABLE) && !told.contains("secret"), "{told}");
        assert!(make("", bad).unwrap_err().to_string().contains(REVOKE_VARIABLE));
    }
}
