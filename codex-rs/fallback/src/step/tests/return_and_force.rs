//! The rows about the way back to the plan and about the person's force.

use super::*;

#[test]
fn return_reset_gives_back_at_the_first_turn_after_every_window_is_free() {
    let mut case = Case::new(Mode::Auto).returning(ReturnPolicy::Reset);
    case.policy.mode = Mode::Off;
    case.hit("t", Signal::Limit { resets_at: Some(NOW + HOUR) });
    case.policy.mode = Mode::Auto;
    case.hit("t", PLAN_LIMIT);
    assert_eq!(case.turn_starts_after(HOUR), Decision::None.into());
    case.now = RESET;
    // Time alone does not return, a turn/start does; running turns follow with their next request.
    assert_eq!(case.send("running").payer, Payer::Key);
    let returned = case.turn_starts_after(0);
    assert_eq!(
        returned.change.map(|change| (change.payer, change.reason)),
        Some((Payer::Plan, Reason::Reset))
    );
    assert_eq!(case.send("running").payer, Payer::Plan);
    assert_eq!(case.state.resets_at(), None);
}

#[test]
fn an_unknown_reset_is_tried_at_the_first_turn_after_one_hour() {
    let mut case = Case::new(Mode::Auto).returning(ReturnPolicy::Reset);
    case.hit("t", UNKNOWN_LIMIT);
    assert_eq!(case.turn_starts_after(HOUR - 1).change, None);
    assert_eq!(case.turn_starts_after(1).change.map(|change| change.payer), Some(Payer::Plan));
    // Its refusal costs nothing: the key pays for another hour.
    case.hit("t", UNKNOWN_LIMIT);
    assert_eq!(case.turn_starts_after(HOUR - 1).change, None);
    assert_eq!(case.send("t").payer, Payer::Key);
}

#[test]
fn return_session_keeps_the_key_and_tells_once_that_the_plan_is_free() {
    let mut case = Case::switched();
    assert_eq!(case.turn_starts_after(HOUR), Decision::None.into());
    let told = Outcome { notice: Some(Notice::PlanIsFree), ..Decision::None.into() };
    assert_eq!(case.turn_starts_after(HOUR), told);
    assert_eq!(case.turn_starts_after(MINUTE), Decision::None.into());
    assert_eq!(case.send("t").payer, Payer::Key);
}

#[test]
fn the_default_return_is_by_host() {
    assert_eq!(Host::Session.default_return(), ReturnPolicy::Session);
    assert_eq!(Host::Server.default_return(), ReturnPolicy::Reset);
}

#[test]
fn a_forced_plan_never_switches() {
    for mode in [Mode::Auto, Mode::Ask, Mode::Off] {
        let mut case = Case::new(mode);
        case.force(Force::Plan);
        assert_eq!(case.hit("t", PLAN_LIMIT), Decision::StopBecause(WhyNot::ForcedPlan).into());
        assert_eq!((case.send("t").payer, case.state.forced()), (Payer::Plan, Force::Plan));
    }
    let mut case = Case::switched();
    assert_eq!(case.force(Force::Plan), changed(Payer::Plan, Reason::Forced, Decision::None));
    case.force(Force::Auto);
    assert_eq!(case.hit("t", PLAN_LIMIT).decision, Decision::Resend);
}

#[test]
fn a_forced_key_beats_off_but_no_block() {
    let mut case = Case::new(Mode::Off);
    assert_eq!(case.force(Force::Key).change.map(|change| change.reason), Some(Reason::Forced));
    assert_eq!((case.send("t").payer, case.state.forced()), (Payer::Key, Force::Key));
    assert_eq!(case.happens(Event::ModeSet), Decision::None.into());
    assert_eq!(case.send("t").payer, Payer::Key);
    assert_eq!(case.force(Force::Auto).change.map(|change| change.payer), Some(Payer::Plan));
    assert_eq!(case.force(Force::Auto), Decision::None.into());

    for block in [Block::ForcedLogin, Block::ForcedWorkspace, Block::CustomBaseUrl, Block::CapReached("x")] {
        let mut case = Case::new(Mode::Auto);
        case.policy.block = Some(block);
        assert_eq!(case.force(Force::Key), Decision::StopBecause(WhyNot::Blocked(block)).into());
        case.state = State::new(KeyState::OutOfCredit, NOW);
        case.force(Force::Key);
        assert_eq!(case.state, State::new(KeyState::OutOfCredit, NOW));
    }
    let mut without = Case::new(Mode::Auto);
    without.state = State::new(KeyState::None, NOW);
    assert_eq!(without.force(Force::Key), Decision::StopBecause(WhyNot::NoKey).into());
}

#[test]
fn a_force_in_a_session_lasts_as_long_as_the_process() {
    for force in [Force::Plan, Force::Key] {
        let mut case = Case::new(Mode::Auto).returning(ReturnPolicy::Reset);
        case.force(force);
        assert_eq!(case.turn_starts_after(90 * 24 * HOUR), Decision::None.into());
        assert_eq!(case.state.forced(), force);
    }
}

#[test]
fn a_force_in_a_server_ends_when_the_windows_of_that_moment_are_free() {
    // What the plan said before, and how long a force then lasts.
    for (limit, lasts) in [(None, 5 * HOUR), (Some(PLAN_LIMIT), 2 * HOUR), (Some(UNKNOWN_LIMIT), HOUR)] {
        for force in [Force::Plan, Force::Key] {
            let mut case = Case::new(Mode::Off).in_server();
            if let Some(limit) = limit {
                case.hit("t", limit);
            }
            case.force(force);
            let payer = case.send("t").payer;
            case.now += lasts - 1;
            assert_eq!((case.send("t").payer, case.state.forced()), (payer, force), "{limit:?}");
            case.now += 1;
            let ended = case.happens(Event::Sending { turn: "t" });
            let back = (force == Force::Key).then_some((Payer::Plan, Reason::ForceEnded));
            assert_eq!(ended.change.map(|change| (change.payer, change.reason)), back, "{limit:?}");
            assert_eq!(ended.decision, Decision::Send(case.send("t")));
            assert_eq!((case.send("t").payer, case.state.forced()), (Payer::Plan, Force::Auto));
        }
    }
}

#[test]
fn a_new_force_takes_the_place_of_one_that_ran_out() {
    let mut case = Case::new(Mode::Off).in_server();
    case.force(Force::Key);
    case.now += 5 * HOUR;
    assert_eq!(case.force(Force::Key), Decision::None.into());
    assert_eq!((case.send("t").payer, case.state.epoch()), (Payer::Key, 1));
}
