//! Tests: limits in headers and events.

use codex_protocol::{CreditsSnapshot, RateLimitWindow};
use http::HeaderMap;
use serde_json::json;

use super::{Headers, active, from_event, snapshots};

fn headers(pairs: &[(&'static str, &str)]) -> Headers {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(*name, value.parse().unwrap());
    }
    Headers::of_answer(&map)
}

const REAL: &[(&str, &str)] = &[
    ("x-codex-active-limit", "codex"),
    ("x-codex-plan-type", "free"),
    ("x-codex-primary-used-percent", "100"),
    ("x-codex-primary-window-minutes", "10080"),
    ("x-codex-primary-reset-at", "1775317531"),
    ("x-codex-secondary-used-percent", "0"),
    ("x-codex-secondary-window-minutes", "0"),
    ("x-codex-secondary-reset-at", ""),
    ("x-codex-credits-has-credits", "False"),
    ("x-codex-credits-balance", ""),
    ("x-codex-credits-unlimited", "False"),
];

#[test]
fn the_real_headers() {
    let all = snapshots(&headers(REAL));
    assert_eq!(all.len(), 1);
    let limit = &all[0];
    assert_eq!(limit.limit_id.as_deref(), Some("codex"));
    let window = RateLimitWindow {
        used_percent: 100,
        window_duration_mins: Some(10080),
        resets_at: Some(1_775_317_531),
    };
    assert_eq!((limit.primary, limit.secondary), (Some(window), None));
    let credits = CreditsSnapshot { has_credits: false, unlimited: false, balance: None };
    assert_eq!(limit.credits, Some(credits));
    assert_eq!(limit.plan_type.as_ref().map(|plan| plan.as_str()), Some("free"));
}

#[test]
fn an_answer_without_any_gives_an_empty_one() {
    let all = snapshots(&headers(&[("content-type", "text/event-stream")]));
    assert_eq!(all.len(), 1);
    assert!(all[0].is_empty());
    assert_eq!(all[0].limit_id.as_deref(), Some("codex"));
}

#[test]
fn further_families_stand_beside_it() {
    let mut pairs = REAL.to_vec();
    pairs.extend([
        ("x-codex-bengalfox-primary-used-percent", "42.9"),
        ("x-codex-bengalfox-limit-name", "Spark"),
        ("x-image-gen-primary-used-percent", "0"),
    ]);
    let all = snapshots(&headers(&pairs));
    let told: Vec<_> = all
        .iter()
        .map(|limit| {
            (
                limit.limit_id.as_deref().unwrap(),
                limit.limit_name.as_deref(),
                limit.primary.map(|w| w.used_percent),
            )
        })
        .collect();
    assert_eq!(told, [("codex", None, Some(100)), ("codex_bengalfox", Some("Spark"), Some(42))]);
    assert_eq!(all[1].credits, None, "credits belong to the account");
}

#[test]
fn the_active_limit_falls_back_to_the_account_wide_one() {
    let rows = [
        ("premium", "codex"),
        ("codex", "codex"),
        ("codex_bengalfox", "codex_bengalfox"),
        ("image_gen", "codex"),
    ];
    for (named, expected) in rows {
        let mut pairs = REAL[1..].to_vec();
        pairs.push(("x-codex-active-limit", named));
        pairs.push(("x-codex-bengalfox-primary-used-percent", "100"));
        assert_eq!(active(&headers(&pairs)).limit_id.as_deref(), Some(expected), "{named}");
    }
}

#[test]
fn nonsense_counts_as_absent() {
    for value in ["", " ", "NaN", "inf", "-", "lots"] {
        let limit = &snapshots(&headers(&[("x-codex-primary-used-percent", value)]))[0];
        assert_eq!(limit.primary, None, "{value:?}");
    }
    let limit =
        &snapshots(&headers(&[("x-codex-primary-used-percent", "5"), ("x-codex-primary-reset-at", "soon")]))
            [0];
    assert_eq!(limit.primary.map(|window| window.resets_at), Some(None));
}

#[test]
fn events_tell_windows_too() {
    let limit = from_event(&json!({
        "type": "codex.rate_limits", "plan_type": "plus", "metered_limit_name": "codex",
        "rate_limits": {"primary": {"used_percent": 12.5, "window_minutes": 300, "reset_at": 9}, "secondary": null},
        "credits": {"has_credits": true, "unlimited": false, "balance": "3.20"},
    }));
    let window = RateLimitWindow { used_percent: 12, window_duration_mins: Some(300), resets_at: Some(9) };
    assert_eq!((limit.primary, limit.secondary), (Some(window), None));
    assert_eq!(limit.credits.and_then(|credits| credits.balance).as_deref(), Some("3.20"));
    assert!(from_event(&json!({"type": "codex.rate_limits"})).is_empty());
}
