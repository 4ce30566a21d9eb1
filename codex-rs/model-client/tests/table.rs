//! Every documented failure of a model request, the decision taken, and how many requests each payer received.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Limit, LimitVariant, Side};
use codex_model_client::PaidBy;
use codex_protocol::CodexErr;

use support::{Desk, KEY, Setup, Told, backend, hello, prompt};

/// Name of the failure, what became of the request (an error, and why the key did not take over or how it failed),
/// requests the plan received, requests the key received.
type Row = (&'static str, &'static str, usize, usize);

/// The failure strikes every request of the plan; a key is stored and `mode = "auto"`.
#[rustfmt::skip]
const PLAN: &[Row] = &[
    ("usage-limit-reached", "the key takes over", 1, 1),
    ("usage-limit-premium", "the key takes over", 1, 1),
    ("usage-limit-resets-in-only", "the key takes over", 1, 1),
    ("usage-limit-header-reset-only", "the key takes over", 1, 1),
    ("usage-limit-no-reset", "the key takes over", 1, 1),
    ("usage-limit-by-code", "the key takes over", 1, 1),
    ("usage-limit-402", "the key takes over", 1, 1),
    ("usage-limit-beside-other-family", "the key takes over", 1, 1),
    ("usage-limit-promo", "the key takes over", 1, 1),
    ("usage-not-included", "the key takes over", 1, 1),
    ("usage-limit-exceeded", "the key takes over", 1, 1),
    ("credit-balance-exhausted", "the key takes over", 1, 1),
    ("credit-balance-exhausted-402", "the key takes over", 1, 1),
    ("reached-rate-limit", "the key takes over", 1, 1),
    ("reached-owner-credits", "the key takes over", 1, 1),
    ("reached-member-credits", "the key takes over", 1, 1),
    ("reached-owner-cap", "UsageLimitReached + AdministratorCap", 1, 0),
    ("reached-member-cap", "UsageLimitReached + AdministratorCap", 1, 0),
    ("organization-spend-limit", "UsageLimitReached + AdministratorCap", 1, 0),
    ("organization-spend-limit-402", "UsageLimitReached + AdministratorCap", 1, 0),
    ("project-spend-limit", "UsageLimitReached + AdministratorCap", 1, 0),
    ("organization-usage-limit", "UsageLimitReached + AdministratorCap", 1, 0),
    ("workspace-access-denied", "UnexpectedStatus + AdministratorCap", 1, 0),
    ("entitlement-missing", "UnexpectedStatus + AdministratorCap", 1, 0),
    ("payment-required", "UnexpectedStatus", 1, 0),
    ("scoped-spark", "UsageLimitReached + ScopedLimit", 1, 0),
    ("scoped-image-gen", "UsageLimitReached + ScopedLimit", 1, 0),
    ("scoped-model-cap", "UsageLimitReached + ScopedLimit", 1, 0),
    ("short-throttle", "RateLimited", 6, 0),
    ("short-throttle-retry-after", "RateLimited", 6, 0),
    ("slow-down", "RateLimited", 6, 0),
    ("slow-down-503", "RateLimited", 6, 0),
    ("plain-throttle", "RetryLimit", 6, 0),
    ("server-error", "InternalServerError", 6, 0),
    ("quota-text-502", "UnexpectedStatus", 6, 0),
    ("quota-body-500", "InternalServerError", 6, 0),
    ("overloaded", "ServerOverloaded", 6, 0),
    ("insufficient-quota", "QuotaExceeded", 1, 0),
    ("forbidden", "UnexpectedStatus", 1, 0),
    ("stream-failed-by-code", "the key takes over", 1, 1),
    ("stream-failed-by-type", "the key takes over", 1, 1),
    ("stream-failed-not-included", "the key takes over", 1, 1),
    ("stream-failed-credit", "the key takes over", 1, 1),
    ("stream-error-by-code", "the key takes over", 1, 1),
    ("stream-error-by-type", "the key takes over", 1, 1),
    ("stream-error-status", "the key takes over", 1, 1),
    ("stream-error-frame", "the key takes over", 1, 1),
    ("stream-error-nested", "the key takes over", 1, 1),
    ("stream-error-flat", "the key takes over", 1, 1),
    ("stream-error-scoped", "UsageLimitReached + ScopedLimit", 1, 0),
    ("stream-failed-cap", "UsageLimitReached + AdministratorCap", 1, 0),
    ("stream-failed-quota", "QuotaExceeded", 1, 0),
    ("stream-failed-throttle", "RateLimited", 6, 0),
    ("stream-failed-slow-down", "RateLimited", 6, 0),
    ("stream-failed-overloaded", "ServerOverloaded", 6, 0),
];

/// The plan is used up, and the failure strikes every request of the key.
#[rustfmt::skip]
const KEY_AFTER_PLAN: &[Row] = &[
    ("key-insufficient-quota", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-payment-required", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-billing-hard-limit", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-stream-quota", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-invalid", "UsageLimitReached + Refused", 1, 1),
    ("key-forbidden", "UsageLimitReached + Refused", 1, 1),
    ("key-model-not-found", "ModelNotOnKey", 1, 1),
    ("key-model-forbidden", "ModelNotOnKey", 1, 1),
    ("key-model-unverified", "ModelNotOnKey", 1, 1),
    ("key-model-unverified-404", "ModelNotOnKey", 1, 1),
    ("key-summaries", "BadRequest", 1, 2),
    ("key-summaries-403", "UnexpectedStatus", 1, 2),
    ("key-throttle", "RateLimited", 1, 6),
    ("key-throttle-retry-after", "RateLimited", 1, 6),
    ("key-throttle-plain", "RetryLimit", 1, 6),
    ("key-stream-throttle", "RateLimited", 1, 3),
    ("key-too-large", "TooLargeForKey", 1, 1),
    ("key-stream-too-large", "TooLargeForKey", 1, 1),
    ("key-server-error", "InternalServerError", 1, 6),
    ("key-overloaded", "ServerOverloaded", 1, 6),
    ("key-foreign-ciphertext", "BadRequest", 1, 2),
    ("key-usage-limit", "UsageLimitReached + OutOfCredit", 1, 1),
];

/// As above, but only the key's first request is struck: what a second try mends.
#[rustfmt::skip]
const KEY_ONCE: &[Row] = &[
    ("key-insufficient-quota", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-payment-required", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-billing-hard-limit", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-stream-quota", "UsageLimitReached + OutOfCredit", 1, 1),
    ("key-invalid", "UsageLimitReached + Refused", 1, 1),
    ("key-forbidden", "UsageLimitReached + Refused", 1, 1),
    ("key-model-not-found", "ModelNotOnKey", 1, 1),
    ("key-model-forbidden", "ModelNotOnKey", 1, 1),
    ("key-model-unverified", "ModelNotOnKey", 1, 1),
    ("key-model-unverified-404", "ModelNotOnKey", 1, 1),
    ("key-summaries", "the key takes over", 1, 2),
    ("key-summaries-403", "the key takes over", 1, 2),
    ("key-throttle", "the key takes over", 1, 2),
    ("key-throttle-retry-after", "the key takes over", 1, 2),
    ("key-throttle-plain", "the key takes over", 1, 2),
    ("key-stream-throttle", "the key takes over", 1, 2),
    ("key-too-large", "TooLargeForKey", 1, 1),
    ("key-stream-too-large", "TooLargeForKey", 1, 1),
    ("key-server-error", "the key takes over", 1, 2),
    ("key-overloaded", "the key takes over", 1, 2),
    ("key-foreign-ciphertext", "the key takes over", 1, 2),
    ("key-usage-limit", "UsageLimitReached + OutOfCredit", 1, 1),
];

/// Signed in with the API key itself: there is nothing to fall back to.
#[rustfmt::skip]
const API_KEY_SIGN_IN: &[Row] = &[
    ("key-insufficient-quota", "QuotaExceeded", 0, 1),
    ("key-payment-required", "QuotaExceeded", 0, 1),
    ("key-billing-hard-limit", "QuotaExceeded", 0, 1),
    ("key-stream-quota", "QuotaExceeded", 0, 1),
    ("key-invalid", "Unauthorized", 0, 1),
    ("key-forbidden", "Unauthorized", 0, 1),
    ("key-model-not-found", "ModelNotFound", 0, 1),
    ("key-model-forbidden", "ModelNotFound", 0, 1),
    ("key-model-unverified", "BadRequest", 0, 1),
    ("key-model-unverified-404", "ModelNotFound", 0, 1),
    ("key-summaries", "BadRequest", 0, 2),
    ("key-summaries-403", "UnexpectedStatus", 0, 2),
    ("key-throttle", "RateLimited", 0, 6),
    ("key-throttle-retry-after", "RateLimited", 0, 6),
    ("key-throttle-plain", "RetryLimit", 0, 6),
    ("key-stream-throttle", "RateLimited", 0, 3),
    ("key-too-large", "TooLargeForKey", 0, 1),
    ("key-stream-too-large", "TooLargeForKey", 0, 1),
    ("key-server-error", "InternalServerError", 0, 6),
    ("key-overloaded", "ServerOverloaded", 0, 6),
    ("key-foreign-ciphertext", "BadRequest", 0, 2),
    ("key-usage-limit", "QuotaExceeded", 0, 1),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_of_the_plan() {
    check(Side::Plan, PLAN, |variant| (vec![Limit::after_requests(0, variant)], Setup::default())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_of_the_key() {
    let used_up = || Limit::after_requests(0, LimitVariant::UsageLimitReached);
    check(Side::Key, KEY_AFTER_PLAN, |variant| {
        (vec![used_up(), Limit::after_requests(0, variant)], Setup::default())
    })
    .await;
    check(Side::Key, KEY_ONCE, |variant| {
        (vec![used_up(), Limit::after_requests(0, variant).times(1)], Setup::default())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_failure_of_a_key_that_is_the_sign_in() {
    check(Side::Key, API_KEY_SIGN_IN, |variant| {
        let setup = Setup {
            api_key_sign_in: Some(KEY),
            config: |config, backend| {
                config.openai_base_url =
                    Some(codex_config::BaseUrl::parse(&backend.platform_base_url()).unwrap());
            },
            ..Setup::default()
        };
        (vec![Limit::after_requests(0, variant)], setup)
    })
    .await;
}

async fn check(side: Side, expected: &[Row], make: impl Fn(LimitVariant) -> (Vec<Limit>, Setup)) {
    let mut seen = Vec::new();
    for variant in LimitVariant::ALL.iter().filter(|variant| variant.side() == side) {
        let (limits, setup) = make(*variant);
        let backend = limits.into_iter().fold(backend(), |backend, limit| backend.limit(limit));
        let desk = Desk::with(backend, setup);
        let told = desk.ask(prompt(hello())).await;
        desk.assert_clean();
        let (plan, key) = desk.counts();
        assert_eq!(
            told.retries(),
            desk.waits.lock().unwrap().len(),
            "every retry is told: {}",
            variant.name()
        );
        seen.push((variant.name(), outcome(&told), plan, key));
    }
    let seen: Vec<_> =
        seen.iter().map(|(name, outcome, plan, key)| (*name, outcome.as_str(), *plan, *key)).collect();
    for (seen, expected) in seen.iter().zip(expected) {
        assert_eq!(seen, expected);
    }
    assert_eq!(seen.len(), expected.len(), "the table has a row for every failure: {seen:#?}");
}

fn outcome(told: &Told) -> String {
    match (&told.error, told.paid_by()) {
        (None, Some(PaidBy::Plan)) => "the plan answers".to_owned(),
        (None, Some(PaidBy::FallbackKey)) if told.changes().is_empty() => {
            "the key answers, untold".to_owned()
        }
        (None, Some(PaidBy::FallbackKey)) => "the key takes over".to_owned(),
        (None, Some(PaidBy::ApiKeySignIn)) => "the key answers".to_owned(),
        (None, None) => "no answer".to_owned(),
        (Some(error), _) => error_name(error),
    }
}

/// `Error`, or `Error + why the key did not take over`, or `Limit + how the key failed`.
fn error_name(error: &CodexErr) -> String {
    match error {
        CodexErr::NotTakenOver { error, why } => format!("{} + {why:?}", error_name(error)),
        CodexErr::KeyFailed { limit: Some(limit), failure, .. } => {
            format!("{} + {failure:?}", error_name(limit))
        }
        error => {
            let debug = format!("{error:?}");
            debug.split([' ', '(', '{']).next().unwrap().to_owned()
        }
    }
}
