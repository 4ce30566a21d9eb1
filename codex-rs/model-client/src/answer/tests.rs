//! Tests: what refusals say and become.

use codex_fallback::Signal;
use codex_protocol::{CodexErr, Payer};
use serde_json::{Value, json};

use super::{Failure, FailureKind, Refusal};
use crate::rate_limits::Headers;

const NOW: i64 = 1_775_000_000;

fn frame(frame: Value) -> Refusal {
    Refusal::of_frame(&frame)
}

fn answer(status: u16, body: &str) -> Refusal {
    Refusal::of_answer(status, Headers::default(), body.as_bytes())
}

#[test]
fn every_form_of_the_same_limit_says_the_same() {
    let error = json!({"type": "usage_limit_reached", "message": "m", "resets_at": NOW + 60});
    for (form, status) in [
        (json!({"type": "error", "error": error}), None),
        (json!({"type": "error", "error": error, "status": 429}), Some(429)),
        (json!({"type": "error", "error": error, "status_code": 429}), Some(429)),
        (json!({"type": "error", "status": 429, "body": {"error": error}}), Some(429)),
        (json!({"type": "response.failed", "response": {"status": "failed", "error": error}}), None),
        (
            json!({"type": "error", "code": "usage_limit_reached", "message": "m", "resets_at": NOW + 60}),
            None,
        ),
        // A frame that says 200 beside its error says nothing about the status.
        (json!({"type": "error", "status": 200, "error": error}), None),
    ] {
        let refusal = frame(form.clone());
        assert_eq!((refusal.status, refusal.message.as_deref()), (status, Some("m")), "{form}");
        let failure = Failure::inside(FailureKind::Refused(Box::new(refusal)));
        let signal = failure.signal(Payer::Plan, NOW);
        assert_eq!(signal, Signal::Limit { resets_at: Some(NOW + 60) }, "{form}");
        let CodexErr::UsageLimitReached(error) = failure.error(signal, Payer::Plan, 1, NOW) else {
            panic!("{form}");
        };
        assert_eq!(error.resets_at, Some(NOW + 60), "{form}");
    }
}

#[test]
fn the_real_frame_gives_its_windows_and_plan() {
    let refusal = frame(json!({
        "type": "error",
        "error": {"type": "usage_limit_reached", "message": "m", "plan_type": "plus", "resets_at": NOW + 9,
            "eligible_promo": null, "resets_in_seconds": 13872},
        "status_code": 429,
        "headers": {"X-Codex-Active-Limit": "premium", "X-Codex-Primary-Used-Percent": "100",
            "X-Codex-Primary-Window-Minutes": 300, "X-Codex-Promo-Message": "Get more."},
    }));
    let failure = Failure::inside(FailureKind::Refused(Box::new(refusal)));
    let signal = failure.signal(Payer::Plan, NOW);
    let CodexErr::UsageLimitReached(error) = failure.error(signal, Payer::Plan, 1, NOW) else { panic!() };
    assert_eq!(error.plan_type.map(|plan| plan.to_string()), Some("plus".to_owned()));
    assert_eq!(error.promo_message.as_deref(), Some("Get more."));
    let window = error.rate_limits.unwrap().primary.unwrap();
    assert_eq!((window.used_percent, window.window_duration_mins), (100, Some(300)));
}

#[test]
fn each_refusal_becomes_its_error() {
    let rows = [
        (
            Payer::Plan,
            400,
            r#"{"detail":"The 'x' model is not supported."}"#,
            "BadRequest { message: \"The 'x' model is not supported.\" }",
        ),
        (Payer::Plan, 400, "plain words", "BadRequest { message: \"plain words\" }"),
        (
            Payer::Plan,
            400,
            r#"{"error":{"code":"context_length_exceeded","message":"m"}}"#,
            "ContextWindowExceeded",
        ),
        (
            Payer::Plan,
            400,
            r#"{"error":{"code":"cyber_policy","message":"m"}}"#,
            "CyberPolicy { message: \"m\" }",
        ),
        (
            Payer::Plan,
            404,
            r#"{"error":{"code":"model_not_found","message":"m"}}"#,
            "ModelNotFound { message: \"m\" }",
        ),
        (
            Payer::Plan,
            404,
            "<html>page</html>",
            "UnexpectedStatus { status: 404, message: \"a web page in place of an answer\", request_id: None }",
        ),
        (
            Payer::Plan,
            302,
            "",
            "UnexpectedStatus { status: 302, message: \"no reason given\", request_id: None }",
        ),
        (Payer::Plan, 429, r#"{"error":{"type":"usage_not_included","message":"m"}}"#, "UsageNotIncluded"),
        (Payer::Plan, 429, r#"{"error":{"code":"insufficient_quota","message":"m"}}"#, "QuotaExceeded"),
        (Payer::Plan, 429, "", "RetryLimit { attempts: 6, status: 429, message: \"no reason given\" }"),
        (Payer::Plan, 503, r#"{"error":{"code":"server_is_overloaded","message":"m"}}"#, "ServerOverloaded"),
        (
            Payer::Plan,
            500,
            "{\"error\":\"words\"}",
            "InternalServerError { status: 500, message: \"words\" }",
        ),
        (Payer::Key, 402, "", "QuotaExceeded"),
        (
            Payer::Key,
            429,
            r#"{"error":{"code":"rate_limit_exceeded","message":"Request too large: Limit 10, Requested 20."}}"#,
            "TooLargeForKey { message: \"Request too large: Limit 10, Requested 20.\" }",
        ),
    ];
    for (payer, status, body, expected) in rows {
        let failure = Failure::at_once(FailureKind::Refused(Box::new(answer(status, body))));
        let signal = failure.signal(payer, NOW);
        assert_eq!(format!("{:?}", failure.error(signal, payer, 6, NOW)), expected, "{status} {body}");
    }
}

#[test]
fn services_words_are_shown_without_secrets_and_in_measure() {
    let key = "sk-proj-abcdefghijklmnopqrstuvwxyz0123";
    let body = json!({"error": {"message": format!("Incorrect API key provided: {key}.")}}).to_string();
    let failure = Failure::at_once(FailureKind::Refused(Box::new(answer(400, &body))));
    let text = failure.error(Signal::Other, Payer::Key, 1, NOW).to_string();
    assert!(text.contains("Incorrect API key") && !text.contains(key), "{text}");

    let failure = Failure::at_once(FailureKind::Refused(Box::new(answer(400, &"ü".repeat(60_000)))));
    assert!(failure.error(Signal::Other, Payer::Key, 1, NOW).to_string().chars().count() < 2100);
}
