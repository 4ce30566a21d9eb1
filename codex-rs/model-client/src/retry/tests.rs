//! Tests: budgets and waits.

use std::time::Duration;

use codex_protocol::{Clock, TurnId};

use super::{Budget, Retry, try_again_in};
use crate::answer::{Failure, FailureKind};
use crate::sampling::PaidBy;
use crate::settings::RetrySettings;

fn broken(began: bool) -> Failure {
    let kind = FailureKind::Broken { cause: "x".to_owned() };
    if began { Failure::inside(kind) } else { Failure::at_once(kind) }
}

fn take(budget: &mut Budget, failure: &Failure, paid_by: PaidBy) -> Option<Retry> {
    budget.take(&RetrySettings::default(), failure, paid_by, &TurnId::from("turn"), &Clock::fixed(0))
}

#[test]
fn the_budget_ends() {
    for (paid_by, began, most) in [
        (PaidBy::Plan, false, 5),
        (PaidBy::Plan, true, 5),
        (PaidBy::FallbackKey, false, 5),
        (PaidBy::FallbackKey, true, 2),
        (PaidBy::ApiKeySignIn, true, 2),
    ] {
        let mut budget = Budget::default();
        let taken = std::iter::from_fn(|| take(&mut budget, &broken(began), paid_by)).count();
        assert_eq!((taken, budget.attempts()), (most, most as u32 + 1), "{paid_by:?} {began}");
    }
}

#[test]
fn waits_double_with_a_jitter_that_is_the_turns_own() {
    let mut budget = Budget::default();
    for retry in 0..5 {
        let wait = take(&mut budget, &broken(false), PaidBy::Plan).unwrap().wait.as_secs_f64();
        let middle = 0.2 * f64::from(1 << retry);
        assert!((0.9 * middle..=1.1 * middle).contains(&wait), "retry {retry}: {wait}");
    }
    let first = |turn: &str| {
        let mut budget = Budget::default();
        let settings = RetrySettings::default();
        budget
            .take(&settings, &broken(false), PaidBy::Plan, &TurnId::from(turn), &Clock::fixed(0))
            .unwrap()
            .wait
    };
    assert_eq!(first("a"), first("a"));
    assert_ne!(first("a"), first("b"));
}

#[test]
fn waits_in_words() {
    let millis = |text| try_again_in(text).map(|wait| wait.as_millis());
    for (text, expected) in [
        ("Rate limit reached. Please try again in 11.054s. Visit x.", Some(11_054)),
        ("Please try again in 20ms.", Some(20)),
        ("Please try again in 1m2.5s.", Some(62_500)),
        ("Please try again in 6m0s", Some(360_000)),
        ("Please try again in 3 seconds.", Some(3_000)),
        ("Please try again in 1h.", Some(3_600_000)),
        ("Please try again in a moment.", None),
        ("Please try again in 5 fortnights.", None),
        ("Please try again in 99999999999999999999999999999s.", None),
        ("Please try again later.", None),
    ] {
        assert_eq!(millis(text), expected, "{text}");
    }
}

#[test]
fn no_wait_is_longer_than_allowed() {
    let settings = RetrySettings { most: 40, ..RetrySettings::default() };
    let mut budget = Budget::default();
    let turn = TurnId::from("turn");
    while let Some(retry) = budget.take(&settings, &broken(false), PaidBy::Plan, &turn, &Clock::fixed(0)) {
        assert!(retry.wait <= Duration::from_secs(66), "{:?}", retry.wait);
    }
}
