//! Tests: where an account is routed.

use codex_config::{BaseUrl, Config};
use codex_login::{Endpoints, IssuerOverrides};
use serde_json::{Value, json};

use super::base_of;

fn endpoints(chatgpt: &str) -> Endpoints {
    let config = Config { chatgpt_base_url: BaseUrl::parse(chatgpt).unwrap(), ..Config::default() };
    Endpoints::new(&config, &IssuerOverrides::default()).unwrap()
}

fn accounts(origin: Value) -> Value {
    json!({"default_account_id": "a", "accounts": [
        {"id": "b", "workspace_backend_origin": "https://wrong.chatgpt.com"},
        {"id": "a", "workspace_backend_origin": origin, "account_routing_override": "us"},
    ]})
}

#[test]
fn where_an_account_is_routed() {
    const REAL: &str = "https://chatgpt.com/backend-api";
    const LOCAL: &str = "http://127.0.0.1:7/backend-api";
    let rows = [
        (REAL, json!("https://us.chatgpt.com"), Some("https://us.chatgpt.com/backend-api/codex")),
        (REAL, json!("https://chatgpt.com"), Some("https://chatgpt.com/backend-api/codex")),
        (REAL, json!(null), Some("https://chatgpt.com/backend-api/codex")),
        (REAL, json!(7), Some("https://chatgpt.com/backend-api/codex")),
        (REAL, json!("http://chatgpt.com"), None),
        (REAL, json!("https://chatgpt.com.example.com"), None),
        (REAL, json!("https://example.com"), None),
        (REAL, json!("http://127.0.0.1:8"), None),
        (REAL, json!("nonsense"), None),
        (LOCAL, json!("http://127.0.0.1:8"), Some("http://127.0.0.1:8/backend-api/codex")),
        (LOCAL, json!("https://localhost:8"), Some("https://localhost:8/backend-api/codex")),
        (LOCAL, json!("https://us.chatgpt.com"), Some("http://127.0.0.1:7/backend-api/codex")),
    ];
    for (chatgpt, origin, expected) in rows {
        for account in [Some("a"), None] {
            let base = base_of(&accounts(origin.clone()), &endpoints(chatgpt), account).ok();
            assert_eq!(base.as_deref(), expected, "{chatgpt} {origin} {account:?}");
        }
    }
    for odd in [json!({}), json!([]), json!({"accounts": []}), json!({"accounts": {"c": {}}}), json!("x")] {
        let base = base_of(&odd, &endpoints(REAL), Some("a")).unwrap();
        assert_eq!(base, "https://chatgpt.com/backend-api/codex", "{odd}");
    }
}
