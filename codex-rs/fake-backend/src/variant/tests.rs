//! The table of variants: names, forms and the two real bodies.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;

const STRUCK_AT: i64 = 1_775_000_000;

fn shape(variant: LimitVariant) -> Shape {
    variant.shape(STRUCK_AT, STRUCK_AT, "gpt-5.5")
}

fn header<'a>(shape: &'a Shape, name: &str) -> Option<&'a str> {
    shape.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
}

#[test]
fn names_are_unique_and_kebab_case() {
    let names: HashSet<&str> = LimitVariant::ALL.iter().map(|variant| variant.name()).collect();
    assert_eq!(names.len(), LimitVariant::ALL.len());
    for name in names {
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
    }
}

#[test]
fn bodies_are_json_or_meant_to_be_text() {
    for variant in LimitVariant::ALL {
        let shape = shape(*variant);
        let json: Result<Value, _> = serde_json::from_str(&shape.body);
        let text = matches!(
            variant,
            LimitVariant::PlainThrottle | LimitVariant::KeyThrottlePlain | LimitVariant::QuotaText502
        );
        assert_eq!(json.is_err(), text, "{}: {}", variant.name(), shape.body);
    }
}

#[test]
fn the_real_429_has_its_body_and_headers() {
    let shape = shape(LimitVariant::UsageLimitReached);
    let body: Value = serde_json::from_str(&shape.body).unwrap();
    assert_eq!(
        body,
        json!({"error": {"type": "usage_limit_reached", "message": "The usage limit has been reached",
            "plan_type": "free", "resets_at": STRUCK_AT + 602_705, "resets_in_seconds": 602_705}})
    );
    assert_eq!(header(&shape, "x-codex-active-limit"), Some("codex"));
    assert_eq!(header(&shape, "x-codex-secondary-reset-at"), Some(""));
    assert_eq!(header(&shape, "x-codex-credits-has-credits"), Some("False"));
}

#[test]
fn the_real_frame_has_its_error_and_headers() {
    let shape = shape(LimitVariant::StreamErrorFrame);
    let body: Value = serde_json::from_str(&shape.body).unwrap();
    assert_eq!(
        body["error"],
        json!({"type": "usage_limit_reached", "message": "The usage limit has been reached", "plan_type": "plus",
            "resets_at": STRUCK_AT + 13_872, "eligible_promo": null, "resets_in_seconds": 13_872})
    );
    assert_eq!(body["status_code"], 429);
    assert_eq!(body["headers"]["X-Codex-Active-Limit"], "premium");
    assert_eq!(body["headers"]["X-Codex-Primary-Used-Percent"], "100");
}

#[test]
fn a_reset_stays_where_the_first_strike_put_it() {
    let shape = LimitVariant::UsageLimitPremium.shape(STRUCK_AT + 100, STRUCK_AT, "gpt-5.5");
    let body: Value = serde_json::from_str(&shape.body).unwrap();
    assert_eq!(body["error"]["resets_at"], STRUCK_AT + 13_872);
    assert_eq!(body["error"]["resets_in_seconds"], 13_772);
}

#[test]
fn scoped_limits_bring_their_own_family() {
    let spark = shape(LimitVariant::ScopedSpark);
    assert_eq!(header(&spark, "x-codex-active-limit"), Some("codex_bengalfox"));
    assert_eq!(header(&spark, "x-codex-bengalfox-primary-used-percent"), Some("100"));
    let image = shape(LimitVariant::ScopedImageGen);
    assert_eq!(header(&image, "x-image-gen-limit-name"), Some("Image generation"));
    let cap = LimitVariant::ScopedModelCap.shape(STRUCK_AT, STRUCK_AT, "gpt-x");
    assert_eq!(header(&cap, "x-codex-model-cap-model"), Some("gpt-x"));
}

/// Status (or kind of event), `error.type`, `error.code` of every variant, and what it means.
#[test]
fn the_whole_table() {
    let rows: Vec<String> = LimitVariant::ALL
        .iter()
        .map(|variant| {
            let shape = shape(*variant);
            let body: Value = serde_json::from_str(&shape.body).unwrap_or(Value::Null);
            let error = [&body["error"], &body["response"]["error"], &body["body"]["error"], &body]
                .into_iter()
                .find(|value| value.is_object())
                .cloned()
                .unwrap_or(Value::Null);
            let transport = match shape.transport {
                Transport::Http(status) => status.to_string(),
                Transport::StreamFailed => "failed".to_owned(),
                Transport::StreamError => "error".to_owned(),
            };
            let word = |name: &str| error[name].as_str().unwrap_or("-").to_owned();
            format!(
                "{} {transport} {} {} {:?}",
                variant.name(),
                word("type"),
                word("code"),
                variant.meaning()
            )
        })
        .collect();
    assert_eq!(rows.join("\n"), include_str!("table.txt").trim_end());
}
