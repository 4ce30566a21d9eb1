//! One small test for each row of the table of `fallback-spec` §2.

mod return_and_force;

use super::*;

const NOW: i64 = 1_800_000_000;
const MINUTE: i64 = 60;
const HOUR: i64 = 3600;
/// When the plan is free again in most tests.
const RESET: i64 = NOW + 2 * HOUR;

const PLAN_LIMIT: Signal = Signal::Limit { resets_at: Some(RESET) };
const UNKNOWN_LIMIT: Signal = Signal::Limit { resets_at: None };

/// A state, the settings and a clock, so that tests read like the rows.
struct Case {
    state: State,
    policy: Policy,
    now: i64,
}

impl Case {
    fn new(mode: Mode) -> Case {
        let policy = Policy {
            mode,
            return_policy: ReturnPolicy::Session,
            host: Host::Session,
            substitute: Substitute::None,
            block: None,
        };
        Case { state: State::new(KeyState::Ready, NOW), policy, now: NOW }
    }

    /// `auto`, and the plan's limit was just reached in turn `t`.
    fn switched() -> Case {
        let mut case = Case::new(Mode::Auto);
        case.hit("t", PLAN_LIMIT);
        assert_eq!(case.state.payer(), Payer::Key);
        case
    }

    fn returning(mut self, return_policy: ReturnPolicy) -> Case {
        self.policy.return_policy = return_policy;
        self
    }

    fn in_server(mut self) -> Case {
        self.policy.host = Host::Server;
        self
    }

    fn happens(&mut self, event: Event<'_>) -> Outcome {
        step(&mut self.state, event, &self.policy, self.now)
    }

    /// Sends a request that must be allowed to go.
    #[track_caller]
    fn send(&mut self, turn: &str) -> Ticket {
        match self.happens(Event::Sending { turn }).decision {
            Decision::Send(ticket) => ticket,
            other => panic!("not sent: {other:?}"),
        }
    }

    fn answer(&mut self, turn: &str, ticket: Ticket, signal: Signal) -> Outcome {
        self.happens(Event::Answered { turn, ticket, signal, tried: Tried::default() })
    }

    /// Sends a request and reports its answer.
    #[track_caller]
    fn hit(&mut self, turn: &str, signal: Signal) -> Outcome {
        let ticket = self.send(turn);
        self.answer(turn, ticket, signal)
    }

    fn consent(&mut self, turn: &str, ticket: Ticket, consent: Consent) -> Outcome {
        self.happens(Event::Consented { turn, ticket, consent })
    }

    /// Reaches the limit in the turn and answers the question.
    #[track_caller]
    fn asked(&mut self, turn: &str, signal: Signal, consent: Consent) -> Outcome {
        let ticket = self.send(turn);
        assert_eq!(self.answer(turn, ticket, signal), Decision::Ask.into());
        self.consent(turn, ticket, consent)
    }

    fn force(&mut self, force: Force) -> Outcome {
        self.happens(Event::Forced(force))
    }

    fn turn_starts_after(&mut self, seconds: i64) -> Outcome {
        self.now += seconds;
        self.happens(Event::TurnStarted)
    }
}

fn changed(payer: Payer, reason: Reason, decision: Decision) -> Outcome {
    let change = Change { payer, reason, resets_at: Some(RESET) };
    Outcome { decision, change: Some(change), notice: None }
}

#[test]
fn auto_switches_and_sends_the_same_request_again() {
    let mut case = Case::new(Mode::Auto);
    assert_eq!(case.hit("t", PLAN_LIMIT), changed(Payer::Key, Reason::Limit, Decision::Resend));
    assert_eq!(case.send("t"), Ticket { payer: Payer::Key, epoch: 1 });
    assert_eq!((case.state.since(), case.state.resets_at()), (NOW, Some(RESET)));
}

#[test]
fn off_stops_with_the_original_error() {
    let mut case = Case::new(Mode::Off);
    assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(WhyNot::ModeOff).into());
    assert_eq!(case.send("t").payer, Payer::Plan);
}

#[test]
fn a_key_that_cannot_pay_stops_with_the_original_error() {
    let table = [
        (KeyState::None, None, WhyNot::NoKey),
        (KeyState::None, Some(Block::CustomBaseUrl), WhyNot::NoKey),
        (KeyState::None, Some(Block::ForcedLogin), WhyNot::Blocked(Block::ForcedLogin)),
        (KeyState::Refused, None, WhyNot::KeyRefused),
        (KeyState::OutOfCredit, None, WhyNot::KeyOutOfCredit),
        (
            KeyState::Ready,
            Some(Block::CapReached("max_usd_per_day")),
            WhyNot::Blocked(Block::CapReached("max_usd_per_day")),
        ),
        (
            KeyState::Ready,
            Some(Block::CapNotBuilt("max_usd_per_day")),
            WhyNot::Blocked(Block::CapNotBuilt("max_usd_per_day")),
        ),
        (KeyState::Unchecked, Some(Block::ForcedLogin), WhyNot::Blocked(Block::ForcedLogin)),
        (KeyState::Ready, Some(Block::ForcedWorkspace), WhyNot::Blocked(Block::ForcedWorkspace)),
        (KeyState::Ready, Some(Block::CustomBaseUrl), WhyNot::Blocked(Block::CustomBaseUrl)),
    ];
    for mode in [Mode::Auto, Mode::Ask] {
        for (key, block, why) in table {
            let mut case = Case::new(mode);
            case.state = State::new(key, NOW);
            case.policy.block = block;
            assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(why).into());
            assert_eq!(case.send("t").payer, Payer::Plan);
        }
    }
}

#[test]
fn a_cap_ends_with_its_period() {
    let mut case = Case::new(Mode::Auto);
    case.policy.block = Some(Block::CapReached("max_tokens_per_day"));
    case.hit("t", PLAN_LIMIT);
    case.policy.block = None;
    assert_eq!(case.hit("t", PLAN_LIMIT).decision, Decision::Resend);
    assert_eq!(case.send("t").payer, Payer::Key);
}

#[test]
fn an_unchecked_key_pays_and_is_ready_once_it_worked() {
    let mut case = Case::new(Mode::Auto);
    case.state = State::new(KeyState::Unchecked, NOW);
    case.hit("t", PLAN_LIMIT);
    case.hit("t", Signal::Success);
    assert_eq!(case.state.key(), KeyState::Ready);
}

#[test]
fn scoped_limits_and_administrators_caps_never_switch() {
    for mode in [Mode::Auto, Mode::Ask, Mode::Off] {
        let mut case = Case::new(mode);
        assert_eq!(case.hit("t", Signal::ScopedLimit), Decision::StopBecause(WhyNot::ScopedLimit).into());
        assert_eq!(
            case.hit("t", Signal::AdministratorCap),
            Decision::StopBecause(WhyNot::AdministratorCap).into()
        );
        assert_eq!(case.state, Case::new(mode).state);
    }
}

#[test]
fn what_is_no_limit_never_switches() {
    let table = [
        (Signal::Throttle, Decision::Retry),
        (Signal::ServerTrouble, Decision::Retry),
        (Signal::Unauthorized, Decision::RefreshSignIn),
        (Signal::Other, Decision::Stop),
        (Signal::ForeignCiphertext, Decision::ResendWithoutForeign),
        (Signal::HandshakeThrottled, Decision::ResendOverHttp),
        (Signal::Success, Decision::None),
    ];
    for (signal, decision) in table {
        let mut case = Case::new(Mode::Auto);
        assert_eq!(case.hit("t", signal), decision.into(), "{signal:?}");
        assert_eq!(case.state, Case::new(Mode::Auto).state, "{signal:?}");
    }
}

#[test]
fn special_resends_are_allowed_once() {
    let all = Tried {
        substitute: true,
        without_summaries: true,
        without_foreign: true,
        refreshed_sign_in: true,
        compacted: true,
    };
    let table = [
        (Payer::Plan, Signal::Unauthorized, Decision::RefreshSignIn, Decision::Stop),
        (Payer::Plan, Signal::ForeignCiphertext, Decision::ResendWithoutForeign, Decision::Stop),
        (Payer::Key, Signal::ForeignCiphertext, Decision::ResendWithoutForeign, Decision::Stop),
        (Payer::Key, Signal::SummariesUnavailable, Decision::ResendWithoutSummaries, Decision::Stop),
        (Payer::Key, Signal::TooLarge, Decision::Compact, Decision::Stop),
        (Payer::Key, Signal::ModelUnavailable, Decision::ResendWithSubstitute, Decision::StopNameSubstitute),
    ];
    for (payer, signal, first, then) in table {
        let mut case = if payer == Payer::Key { Case::switched() } else { Case::new(Mode::Auto) };
        case.policy.substitute = Substitute::Named;
        let ticket = case.send("t");
        for (tried, decision) in [(Tried::default(), first), (all, then)] {
            let event = Event::Answered { turn: "t", ticket, signal, tried };
            assert_eq!(case.happens(event), decision.into(), "{payer:?} {signal:?} {tried:?}");
        }
        assert_eq!(case.state.payer(), payer);
    }
}

#[test]
fn a_late_limit_of_the_plan_changes_nothing_and_is_sent_again() {
    let mut case = Case::new(Mode::Auto);
    let tickets = [case.send("a"), case.send("b"), case.send("c")];
    assert!(case.answer("a", tickets[0], PLAN_LIMIT).change.is_some());
    let after = case.state.clone();
    assert_eq!(case.answer("b", tickets[1], PLAN_LIMIT), Decision::Resend.into());
    assert_eq!(case.answer("c", tickets[2], Signal::ScopedLimit), Decision::Resend.into());
    assert_eq!(case.state, after);
    // An administrator's cap comes before the question whether it is late.
    assert_eq!(
        case.answer("b", tickets[1], Signal::AdministratorCap),
        Decision::StopBecause(WhyNot::AdministratorCap).into()
    );
}

#[test]
fn a_late_limit_is_known_by_its_epoch_also_when_the_plan_pays_again() {
    let mut case = Case::new(Mode::Auto);
    let early = case.send("a");
    case.hit("b", PLAN_LIMIT);
    case.force(Force::Plan);
    case.force(Force::Auto);
    assert_eq!(case.answer("a", early, PLAN_LIMIT), Decision::Resend.into());
    assert_eq!(case.send("a"), Ticket { payer: Payer::Plan, epoch: 2 });
}

#[test]
fn ask_no_ends_the_turn_and_the_next_one_asks_again() {
    let mut case = Case::new(Mode::Ask);
    assert_eq!(case.asked("t", PLAN_LIMIT, Consent::No), Decision::StopBecause(WhyNot::Declined).into());
    assert_eq!(case.state.payer(), Payer::Plan);
    assert_eq!(case.hit("t2", PLAN_LIMIT), Decision::Ask.into());
}

#[test]
fn ask_turn_lets_only_the_turns_that_waited_send_to_the_key() {
    let mut case = Case::new(Mode::Ask);
    let (a, b) = (case.send("a"), case.send("b"));
    assert_eq!(case.answer("a", a, PLAN_LIMIT), Decision::Ask.into());
    assert_eq!(case.answer("b", b, PLAN_LIMIT), Decision::Ask.into());
    assert_eq!(
        case.consent("a", a, Consent::Turn),
        changed(Payer::Key, Reason::AllowedForTurn, Decision::Resend)
    );
    // It joined the open question: one question, one notice.
    assert_eq!(case.consent("b", b, Consent::Turn), Decision::Resend.into());
    assert_eq!(case.consent("b", b, Consent::Turn), Decision::Resend.into());
    assert_eq!([case.send("a").payer, case.send("b").payer], [Payer::Key, Payer::Key]);
    assert_eq!(case.state.payer(), Payer::Plan);
    assert_eq!(case.hit("c", PLAN_LIMIT), Decision::Ask.into());
    case.happens(Event::TurnEnded { turn: "a" });
    assert_eq!([case.send("a").payer, case.send("b").payer], [Payer::Plan, Payer::Key]);
}

#[test]
fn ask_until_reset_returns_at_the_first_turn_after_the_reset_whatever_return_says() {
    let mut case = Case::new(Mode::Ask);
    let outcome = case.asked("t", PLAN_LIMIT, Consent::UntilReset);
    assert_eq!(outcome, changed(Payer::Key, Reason::Limit, Decision::Resend));
    assert_eq!(case.send("other").payer, Payer::Key);
    assert_eq!(case.turn_starts_after(2 * HOUR - 1), Decision::None.into());
    let returned = case.turn_starts_after(1).change.unwrap();
    assert_eq!((returned.payer, returned.reason), (Payer::Plan, Reason::Reset));
    assert_eq!(case.hit("t", UNKNOWN_LIMIT), Decision::Ask.into());
}

#[test]
fn ask_process_is_auto_until_the_person_sets_the_mode() {
    let mut case = Case::new(Mode::Ask).returning(ReturnPolicy::Reset);
    case.asked("t", PLAN_LIMIT, Consent::Process);
    assert_eq!(case.send("t").payer, Payer::Key);
    case.turn_starts_after(2 * HOUR);
    assert_eq!(case.state.payer(), Payer::Plan);
    assert_eq!(case.hit("t", UNKNOWN_LIMIT).decision, Decision::Resend);
    assert_eq!(case.send("t").payer, Payer::Key);
    let outcome = case.happens(Event::ModeSet);
    assert_eq!(outcome.change.map(|change| change.reason), Some(Reason::Mode));
    assert_eq!(case.hit("t", UNKNOWN_LIMIT), Decision::Ask.into());
}

#[test]
fn one_answer_serves_all_who_joined_the_question() {
    let mut case = Case::new(Mode::Ask);
    let (a, b) = (case.send("a"), case.send("b"));
    case.answer("a", a, PLAN_LIMIT);
    case.answer("b", b, PLAN_LIMIT);
    assert!(case.consent("a", a, Consent::UntilReset).change.is_some());
    assert_eq!(case.consent("b", b, Consent::UntilReset), Decision::Resend.into());
    assert_eq!(case.state.epoch(), 1);
}

#[test]
fn an_answer_is_judged_by_what_holds_when_it_comes() {
    type Meanwhile = fn(&mut Case);
    let ways: [(&str, Meanwhile, Decision); 5] = [
        ("mode off", |case| case.policy.mode = Mode::Off, Decision::StopBecause(WhyNot::ModeOff)),
        (
            "blocked",
            |case| case.policy.block = Some(Block::CustomBaseUrl),
            Decision::StopBecause(WhyNot::Blocked(Block::CustomBaseUrl)),
        ),
        ("plan forced", |case| _ = case.force(Force::Plan), Decision::StopBecause(WhyNot::ForcedPlan)),
        ("key removed", |case| _ = case.happens(Event::KeyChanged(KeyState::None)), Decision::Resend),
        ("reset passed", |case| case.now = RESET, Decision::Resend),
    ];
    for consent in [Consent::Turn, Consent::UntilReset, Consent::Process] {
        for (name, meanwhile, decision) in ways {
            let mut case = Case::new(Mode::Ask);
            let ticket = case.send("t");
            case.answer("t", ticket, PLAN_LIMIT);
            meanwhile(&mut case);
            assert_eq!(case.consent("t", ticket, consent), decision.into(), "{name}");
            assert_eq!(case.send("t").payer, Payer::Plan, "{name}");
        }
        let mut case = Case::new(Mode::Ask);
        let ticket = case.send("t");
        assert_eq!(case.consent("t", ticket, consent), Decision::Resend.into(), "nothing was asked");
    }
}

#[test]
fn a_success_of_an_older_request_does_not_lift_the_limit() {
    let mut case = Case::new(Mode::Ask);
    let (older, limited) = (case.send("older"), case.send("t"));
    case.answer("t", limited, PLAN_LIMIT);
    case.answer("older", older, Signal::Success);
    assert_eq!(case.state.resets_at(), Some(RESET));
    assert!(case.consent("t", limited, Consent::UntilReset).change.is_some());
    // One that was sent after the limit does.
    let mut case = Case::new(Mode::Off);
    case.hit("t", PLAN_LIMIT);
    case.hit("t2", Signal::Success);
    assert_eq!(case.state.resets_at(), None);
}

#[test]
fn the_key_lacks_the_model() {
    let mut case = Case::switched();
    assert_eq!(case.hit("t", Signal::ModelUnavailable), Decision::StopNameSubstitute.into());
    case.policy.substitute = Substitute::Named;
    assert_eq!(case.hit("t", Signal::ModelUnavailable), Decision::ResendWithSubstitute.into());
    assert_eq!(case.state.payer(), Payer::Key);
}

#[test]
fn what_the_key_lacks_is_nothing_to_a_plan_that_pays_again() {
    for signal in [Signal::ModelUnavailable, Signal::SummariesUnavailable, Signal::TooLarge] {
        let mut case = Case::switched();
        case.policy.substitute = Substitute::Named;
        let ticket = case.send("t");
        case.force(Force::Plan);
        assert_eq!(case.answer("t", ticket, signal), Decision::Resend.into(), "{signal:?}");
    }
}

#[test]
fn the_keys_throttles_and_troubles_are_waited_for() {
    for (signal, decision) in [
        (Signal::Throttle, Decision::Retry),
        (Signal::ServerTrouble, Decision::Retry),
        (Signal::SummariesUnavailable, Decision::ResendWithoutSummaries),
        (Signal::TooLarge, Decision::Compact),
        (Signal::HandshakeThrottled, Decision::ResendOverHttp),
        (Signal::Other, Decision::Stop),
    ] {
        let mut case = Case::switched();
        assert_eq!(case.hit("t", signal), decision.into(), "{signal:?}");
        assert_eq!(case.send("t").payer, Payer::Key);
    }
}

#[test]
fn a_refused_key_gives_back_to_the_plan_until_it_is_added_again() {
    let mut case = Case::switched();
    let failed = Decision::StopKeyFailed(KeyFailure::Refused);
    assert_eq!(case.hit("t", Signal::KeyRefused), changed(Payer::Plan, Reason::KeyRefused, failed));
    assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(WhyNot::KeyRefused).into());
    assert_eq!(case.force(Force::Key), Decision::StopBecause(WhyNot::KeyRefused).into());
    assert_eq!(case.state.forced(), Force::Auto);
    case.happens(Event::KeyChanged(KeyState::Ready));
    assert_eq!(case.hit("t", PLAN_LIMIT).decision, Decision::Resend);
    assert_eq!(case.send("t").payer, Payer::Key);
}

#[test]
fn a_key_out_of_credit_gives_back_until_it_is_forced_or_added_again() {
    let failed = Decision::StopKeyFailed(KeyFailure::OutOfCredit);
    let mut case = Case::switched();
    let in_flight = case.send("slow");
    assert_eq!(case.hit("t", Signal::KeyOutOfCredit), changed(Payer::Plan, Reason::KeyOutOfCredit, failed));
    // No ping-pong: the plan's limit stops.
    assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(WhyNot::KeyOutOfCredit).into());
    assert_eq!(case.force(Force::Key).change.map(|change| change.payer), Some(Payer::Key));
    assert_eq!((case.send("t").payer, case.state.key()), (Payer::Key, KeyState::Unchecked));
    // What a request from before the force says is old news.
    assert_eq!(case.answer("slow", in_flight, Signal::KeyOutOfCredit), Decision::Resend.into());
    assert_eq!(case.send("t").payer, Payer::Key);
    assert_eq!(case.hit("t", Signal::KeyOutOfCredit).decision, failed);
    assert_eq!((case.state.key(), case.state.forced()), (KeyState::OutOfCredit, Force::Auto));
}

#[test]
fn several_requests_of_a_failing_key_make_one_change() {
    let mut case = Case::switched();
    let (a, b) = (case.send("a"), case.send("b"));
    assert!(case.answer("a", a, Signal::KeyRefused).change.is_some());
    assert_eq!(case.answer("b", b, Signal::KeyRefused), Decision::Resend.into());
    // Credit can be added, a refusal stays.
    assert_eq!(case.answer("b", b, Signal::KeyOutOfCredit), Decision::Resend.into());
    assert_eq!((case.state.key(), case.state.epoch()), (KeyState::Refused, 2));
}

#[test]
fn a_refusal_counts_also_when_the_plan_pays_again() {
    let mut case = Case::switched();
    let ticket = case.send("t");
    case.force(Force::Plan);
    assert_eq!(case.answer("t", ticket, Signal::KeyRefused), Decision::Resend.into());
    assert_eq!((case.state.key(), case.state.forced()), (KeyState::Refused, Force::Plan));
    case.force(Force::Auto);
    assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(WhyNot::KeyRefused).into());
}

#[test]
fn a_failing_key_ends_the_consents_for_turns() {
    let mut case = Case::new(Mode::Ask);
    let (a, b) = (case.send("a"), case.send("b"));
    case.answer("a", a, PLAN_LIMIT);
    case.answer("b", b, PLAN_LIMIT);
    case.consent("a", a, Consent::Turn);
    case.consent("b", b, Consent::Turn);
    assert_eq!(case.hit("a", Signal::KeyRefused), Decision::StopKeyFailed(KeyFailure::Refused).into());
    assert_eq!(case.send("b").payer, Payer::Plan);
}

#[test]
fn a_cap_or_block_stops_before_the_next_paid_request() {
    let why = WhyNot::Blocked(Block::CapReached("max_tokens_per_process"));
    let block = Some(Block::CapReached("max_tokens_per_process"));
    let mut case = Case::switched();
    case.policy.block = block;
    let stopped = case.happens(Event::Sending { turn: "t" });
    assert_eq!(stopped, changed(Payer::Plan, Reason::Blocked, Decision::StopBecause(why)));
    assert_eq!(case.send("t").payer, Payer::Plan);

    let mut forced = Case::new(Mode::Auto);
    forced.force(Force::Key);
    forced.policy.block = block;
    assert_eq!(forced.happens(Event::Sending { turn: "t" }).decision, Decision::StopBecause(why));
    assert_eq!((forced.state.payer(), forced.state.forced()), (Payer::Plan, Force::Auto));

    let mut allowed = Case::new(Mode::Ask);
    allowed.asked("t", PLAN_LIMIT, Consent::Turn);
    allowed.policy.block = block;
    assert_eq!(allowed.happens(Event::Sending { turn: "t" }).decision, Decision::StopBecause(why));
    assert_eq!(allowed.send("t").payer, Payer::Plan);
}

#[test]
fn a_changed_key_or_account_gives_back_and_clears_all_marks() {
    let mut case = Case::switched();
    let paid = case.send("t");
    let outcome = case.happens(Event::KeyChanged(KeyState::Unchecked));
    assert_eq!(outcome.change.map(|change| change.reason), Some(Reason::KeyChanged));
    assert_eq!((case.state.epoch(), case.state.resets_at()), (2, None));
    // The old key's request is still in flight; its answer says nothing about the new key.
    for signal in [Signal::KeyRefused, Signal::KeyOutOfCredit] {
        assert_eq!(case.answer("t", paid, signal), Decision::Resend.into());
    }
    assert_eq!(case.answer("t", paid, Signal::Success), Decision::None.into());
    assert_eq!(case.state.key(), KeyState::Unchecked);

    let mut waiting = Case::new(Mode::Ask);
    let ticket = waiting.send("t");
    waiting.answer("t", ticket, PLAN_LIMIT);
    waiting.consent("t", ticket, Consent::Turn);
    assert_eq!(waiting.happens(Event::KeyChanged(KeyState::Ready)), Decision::None.into());
    assert_eq!((waiting.state.epoch(), waiting.send("t").payer), (1, Payer::Plan));
    // The limit of the account that was signed in before is late.
    assert_eq!(waiting.answer("t", ticket, PLAN_LIMIT), Decision::Resend.into());
}

#[test]
fn a_changed_key_ends_every_allowance_and_force() {
    let mut case = Case::new(Mode::Ask);
    case.asked("t", PLAN_LIMIT, Consent::Process);
    case.happens(Event::KeyChanged(KeyState::Ready));
    assert_eq!(case.hit("t", PLAN_LIMIT), Decision::Ask.into());
    for force in [Force::Plan, Force::Key] {
        case.force(force);
        case.happens(Event::KeyChanged(KeyState::Ready));
        assert_eq!((case.state.forced(), case.send("t").payer), (Force::Auto, Payer::Plan));
    }
}

#[test]
fn a_mode_changed_while_the_key_pays_counts_at_the_next_request() {
    for (mode, payer) in [(Mode::Auto, Payer::Key), (Mode::Ask, Payer::Plan), (Mode::Off, Payer::Plan)] {
        let mut case = Case::switched();
        case.policy.mode = mode;
        let outcome = case.happens(Event::Sending { turn: "t" });
        assert!(matches!(outcome.decision, Decision::Send(ticket) if ticket.payer == payer), "{mode:?}");
        let change = outcome.change.map(|change| (change.payer, change.reason));
        assert_eq!(change, (payer == Payer::Plan).then_some((Payer::Plan, Reason::Mode)), "{mode:?}");
    }
}

#[test]
fn setting_the_mode_ends_at_once_what_it_no_longer_backs() {
    for consent in [Consent::Turn, Consent::UntilReset, Consent::Process] {
        let mut case = Case::new(Mode::Ask);
        case.asked("t", PLAN_LIMIT, consent);
        assert_eq!(case.send("t").payer, Payer::Key);
        case.policy.mode = Mode::Off;
        case.happens(Event::ModeSet);
        case.policy.mode = Mode::Ask;
        case.happens(Event::ModeSet);
        assert_eq!(case.send("t").payer, Payer::Plan, "{consent:?}");
        assert_eq!(case.hit("t", PLAN_LIMIT), Decision::Ask.into(), "{consent:?}");
    }
}
