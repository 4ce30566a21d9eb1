//! The desk: one change per switch, the remembered limit, spending, and that a key change is always noticed.

use codex_config::{Config, Price};
use codex_fallback::{Decision, KeyFailure, Ticket, Tried};

use super::*;
use crate::endpoints::IssuerOverrides;

const NOW: i64 = 1_795_430_000;

fn desk(key: Option<&str>) -> PayerDesk {
    let endpoints = Endpoints::new(&Config::default(), &IssuerOverrides::default()).unwrap();
    PayerDesk::new(PolicySettings::default(), Host::Session, endpoints, key.map(Secret::new), NOW)
}

fn send(desk: &mut PayerDesk) -> Ticket {
    match desk.report(Event::Sending { turn: "t" }, NOW).decision {
        Decision::Send(ticket) => ticket,
        other => panic!("{other:?}"),
    }
}

fn answer(desk: &mut PayerDesk, ticket: Ticket, signal: Signal) -> Reported {
    desk.report(Event::Answered { turn: "t", ticket, signal, tried: Tried::default() }, NOW)
}

const LIMIT: Signal = Signal::Limit { resets_at: Some(NOW + 60) };

#[test]
fn a_limit_makes_one_change_with_everything_the_notice_needs() {
    let mut desk = desk(Some("sk-0123456789012345abcd"));
    let (first, second) = (send(&mut desk), send(&mut desk));
    let reported = answer(&mut desk, first, LIMIT);
    assert_eq!(reported.decision, Decision::Resend);
    let change = reported.change.unwrap();
    assert_eq!((change.payer, change.reason, change.epoch), (Payer::Key, Reason::Limit, 1));
    assert_eq!(
        (change.key_last4.as_deref(), change.resets_at, change.at),
        (Some("abcd"), Some(NOW + 60), NOW)
    );
    assert_eq!(desk.last_change(), Some(change));
    let late = answer(&mut desk, second, LIMIT);
    assert_eq!((late.decision, late.change), (Decision::Resend, None));
}

#[test]
fn the_limit_is_remembered_until_the_plan_is_known_to_be_free() {
    let limit = || CodexErr::UsageNotIncluded;
    let check = |then: &dyn Fn(&mut PayerDesk), expect: Option<CodexErr>| {
        let mut desk = desk(Some("sk-0123456789012345abcd"));
        let ticket = send(&mut desk);
        desk.remember_limit(limit());
        answer(&mut desk, ticket, LIMIT);
        then(&mut desk);
        assert_eq!(desk.limit_remembered(), expect);
    };
    check(&|_| {}, Some(limit()));
    let refused = |desk: &mut PayerDesk| {
        let ticket = send(desk);
        let reported = answer(desk, ticket, Signal::KeyRefused);
        assert_eq!(reported.decision, Decision::StopKeyFailed(KeyFailure::Refused));
    };
    check(&refused, Some(limit()));
    let refused_then_free = |desk: &mut PayerDesk| {
        refused(desk);
        let ticket = send(desk);
        answer(desk, ticket, Signal::Success);
    };
    check(&refused_then_free, None);
    check(&|desk| drop(desk.key_found(None, NOW)), None);
}

#[test]
fn another_key_sends_the_payer_back_and_grows_the_epoch() {
    let mut desk = desk(Some("sk-0123456789012345abcd"));
    let ticket = send(&mut desk);
    answer(&mut desk, ticket, LIMIT);
    let change = desk.key_found(Some(Secret::new("sk-0123456789012345wxyz")), NOW).change.unwrap();
    assert_eq!((change.payer, change.reason, change.epoch), (Payer::Plan, Reason::KeyChanged, 2));
    let status = desk.status();
    assert_eq!((status.key_state, status.key_last4.as_deref()), (KeyState::Unchecked, Some("wxyz")));
    assert_eq!(desk.key_found(None, NOW).change, None, "the plan pays already");
    assert_eq!((desk.status().key_state, desk.status().epoch), (KeyState::None, 3));
}

#[test]
fn spending_is_summed_for_the_process_and_since_the_switch() {
    let usage = TokenUsage {
        input_tokens: 1_000_000,
        cached_input_tokens: 400_000,
        output_tokens: 100_000,
        ..TokenUsage::default()
    };
    let mut desk = desk(Some("sk-0123456789012345abcd"));
    assert_eq!((desk.status().tokens, desk.status().usd), (0, None));
    let price = Price { input: Some(2.0), cached_input: Some(0.5), output: Some(10.0) };
    desk.settings.prices.insert("priced".into(), price);
    desk.book(&usage, "priced");
    assert_eq!((desk.status().tokens, desk.status().usd), (1_100_000, Some(1.2 + 0.2 + 1.0)));
    let ticket = send(&mut desk);
    answer(&mut desk, ticket, LIMIT);
    assert_eq!((desk.status().tokens_since_switch, desk.status().usd_since_switch), (0, Some(0.0)));
    desk.book(&usage, "unknown");
    assert_eq!((desk.status().tokens, desk.status().usd), (2_200_000, None));
    assert_eq!((desk.status().tokens_since_switch, desk.status().usd_since_switch), (1_100_000, None));
}

#[test]
fn the_person_hears_once_that_the_plan_is_free() {
    let mut desk = desk(Some("sk-0123456789012345abcd"));
    let ticket = send(&mut desk);
    answer(&mut desk, ticket, LIMIT);
    let started = |desk: &mut PayerDesk| desk.report(Event::TurnStarted, NOW + 61).notice;
    assert_eq!(started(&mut desk), Some(PLAN_IS_FREE));
    assert_eq!(started(&mut desk), None);
}
