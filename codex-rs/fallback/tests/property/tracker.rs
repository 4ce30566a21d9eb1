//! Judges a history by `fallback-spec` §2 alone: it keeps its own book of limits, consents, forces and key states,
//! and takes from the decision only what it said and how payer and epoch read afterwards.
//!
//! Where the spec leaves room (does a success on the plan prove that its windows are free?) the book keeps both
//! readings, and a rule is asserted only where they agree.

use std::collections::BTreeSet;

use codex_fallback::{
    Change, Consent, Decision, Event, Force, Host, KeyState, Mode, Notice, Outcome, Payer, Policy, Reason,
    ReturnPolicy, Signal, State, Substitute, Ticket, Tried, step,
};

use crate::history::{Action, Answer, TURNS};

const START: i64 = 1_800_000_000;
const HOUR: i64 = 3600;

/// A request that was sent and not yet answered, or a question about one.
#[derive(Debug, Clone, Copy)]
struct Sent {
    turn: &'static str,
    ticket: Ticket,
    /// Which key, or which word of the person about it, the request was sent under.
    key_generation: u32,
}

/// When the windows that the plan called exhausted are free.
#[derive(Debug, Clone, Default)]
struct Windows {
    known: Vec<i64>,
    unknown: Option<i64>,
}

impl Windows {
    fn told(&mut self, resets_at: Option<i64>, now: i64) {
        match resets_at {
            Some(reset) => self.known.push(reset),
            None => self.unknown = Some(now + HOUR),
        }
    }

    /// When all of them are free; `None` where none is exhausted.
    fn free_at(&self, now: i64) -> Option<i64> {
        self.exhausted(now).max()
    }

    /// When the first of them is.
    fn first_free(&self, now: i64) -> Option<i64> {
        self.exhausted(now).min()
    }

    fn exhausted(&self, now: i64) -> impl Iterator<Item = i64> {
        self.known.iter().copied().chain(self.unknown).filter(move |free| *free > now)
    }
}

/// A force and the earliest and the latest moment at which it may end by itself.
#[derive(Debug, Clone, Copy)]
struct Forced {
    payer: Payer,
    ends: Option<(i64, i64)>,
}

/// How often the histories reached what they are to test.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    paid: u64,
    switches: u64,
    late_limits: u64,
    consents: u64,
    forced_key: u64,
    key_failures: u64,
    returns: u64,
    stopped_before_paying: u64,
}

impl Tally {
    pub(crate) fn plus(self, one: Tally) -> Tally {
        let seen = |before: u64, now: u64| before + u64::from(now > 0);
        Tally {
            paid: seen(self.paid, one.paid),
            switches: seen(self.switches, one.switches),
            late_limits: seen(self.late_limits, one.late_limits),
            consents: seen(self.consents, one.consents),
            forced_key: seen(self.forced_key, one.forced_key),
            key_failures: seen(self.key_failures, one.key_failures),
            returns: seen(self.returns, one.returns),
            stopped_before_paying: seen(self.stopped_before_paying, one.stopped_before_paying),
        }
    }

    pub(crate) fn rows(&self) -> [(&'static str, u64); 8] {
        [
            ("a request was paid", self.paid),
            ("a limit switched", self.switches),
            ("a limit came late", self.late_limits),
            ("a consent let the key pay", self.consents),
            ("the key was forced", self.forced_key),
            ("the key failed", self.key_failures),
            ("the payer returned after a reset", self.returns),
            ("a paid request was stopped", self.stopped_before_paying),
        ]
    }
}

pub(crate) struct Tracker {
    state: State,
    policy: Policy,
    now: i64,
    open: Vec<Sent>,
    questions: Vec<Sent>,

    payer: Payer,
    epoch: u64,
    key: KeyState,
    key_generation: u32,
    forced: Option<Forced>,
    /// Told by the plan since the payer last came back to it: without one only a force lets the key pay.
    limit_told: bool,
    /// No success counts.
    all_windows: Windows,
    /// Every success on the plan counts.
    fewest_windows: Windows,
    process_allowed: bool,
    until_reset_allowed: bool,
    turns_allowed: BTreeSet<&'static str>,
    told_free: bool,
    pub(crate) tally: Tally,
}

type Verdict = Result<(), String>;

fn rule(kept: bool, text: &str) -> Verdict {
    if kept { Ok(()) } else { Err(text.to_owned()) }
}

impl Tracker {
    pub(crate) fn new() -> Tracker {
        let policy = Policy {
            mode: Mode::Auto,
            return_policy: ReturnPolicy::Session,
            host: Host::Session,
            substitute: Substitute::None,
            block: None,
        };
        Tracker {
            state: State::new(KeyState::Ready, START),
            policy,
            now: START,
            open: Vec::new(),
            questions: Vec::new(),
            payer: Payer::Plan,
            epoch: 0,
            key: KeyState::Ready,
            key_generation: 0,
            forced: None,
            limit_told: false,
            all_windows: Windows::default(),
            fewest_windows: Windows::default(),
            process_allowed: false,
            until_reset_allowed: false,
            turns_allowed: BTreeSet::new(),
            told_free: false,
            tally: Tally::default(),
        }
    }

    /// Lets it happen and judges what was decided.
    pub(crate) fn play(&mut self, action: Action) -> Verdict {
        match action {
            Action::Start { mode, return_policy, host } => {
                self.settle(|tracker| tracker.policy = Policy { mode, return_policy, host, ..tracker.policy })
            }
            Action::Send { turn } => self.send(TURNS[turn]),
            Action::Answer { open, answer, tried } => {
                if self.open.is_empty() {
                    return Ok(());
                }
                let sent = self.open.remove(open % self.open.len());
                let signal = match (answer, sent.ticket.payer) {
                    (Answer::Limit { resets_in }, Payer::Plan) => {
                        Signal::Limit { resets_at: resets_in.map(|seconds| self.now + seconds) }
                    }
                    (Answer::Limit { resets_in: None }, Payer::Key) => Signal::KeyOutOfCredit,
                    (Answer::Limit { resets_in: Some(_) }, Payer::Key) => Signal::Success,
                    (Answer::Is(signal), Payer::Plan | Payer::Key) => signal,
                };
                self.answer(sent, signal, tried)
            }
            Action::Consent { question, consent } => match self.questions.len() {
                0 => Ok(()),
                count => self.consent(self.questions[question % count], consent),
            },
            Action::ConsentUnasked { open, consent } => match self.open.len() {
                0 => Ok(()),
                count => self.consent(self.open[open % count], consent),
            },
            Action::TurnStarts => self.turn_starts(),
            Action::TurnEnds { turn } => {
                let outcome = self.happens(Event::TurnEnded { turn: TURNS[turn] })?;
                self.turns_allowed.remove(TURNS[turn]);
                self.only_a_force_may_have_ended(outcome)
            }
            Action::Force(force) => self.force(force),
            Action::SetMode(mode) => self.set_mode(mode),
            Action::KeyChanges(key) => self.key_changes(key),
            Action::ReloadMode(mode) => self.settle(|tracker| tracker.policy.mode = mode),
            Action::Block(block) => self.settle(|tracker| tracker.policy.block = block),
            Action::Return(policy) => self.settle(|tracker| tracker.policy.return_policy = policy),
            Action::Host(host) => self.settle(|tracker| tracker.policy.host = host),
            Action::Substitute(substitute) => self.settle(|tracker| tracker.policy.substitute = substitute),
            Action::Clock { seconds } => self.settle(|tracker| tracker.now += seconds),
        }
    }

    fn settle(&mut self, change: impl FnOnce(&mut Tracker)) -> Verdict {
        change(self);
        Ok(())
    }

    /// Reports the event; checks what holds for every event, and follows payer and epoch.
    fn happens(&mut self, event: Event<'_>) -> Result<Outcome, String> {
        let (payer, epoch) = (self.payer, self.epoch);
        let outcome = step(&mut self.state, event, &self.policy, self.now);
        (self.payer, self.epoch) = (self.state.payer(), self.state.epoch());

        let change = outcome.change.filter(|change| change.reason != Reason::AllowedForTurn);
        let grows = change.is_some() || matches!(event, Event::KeyChanged(_));
        rule(
            self.epoch == epoch + u64::from(grows),
            "the epoch grows by one with every change, and only then",
        )?;
        let expected = change.map_or(payer, |change| change.payer);
        rule(self.payer == expected, "the payer is who the change says")?;
        rule(change.is_none_or(|change| change.payer != payer), "a change changes the payer")?;

        let to_key = outcome.change.is_some_and(|change| change.payer == Payer::Key);
        let forces_key = matches!(event, Event::Forced(Force::Key));
        let may_switch = matches!(
            event,
            Event::Answered { ticket: Ticket { payer: Payer::Plan, .. }, signal: Signal::Limit { .. }, .. }
                | Event::Consented { .. }
        );
        rule(!to_key || may_switch || forces_key, "only a limit, a consent or a force brings the key in")?;
        rule(!to_key || forces_key || !self.forced_surely(Payer::Plan), "a forced plan never switches")?;
        rule(!to_key || self.usable(), "a key that may not pay is never brought in")?;

        if !matches!(event, Event::Forced(_) | Event::KeyChanged(_)) {
            self.end_force();
        }
        if change.is_some_and(|change| change.payer == Payer::Plan) {
            self.limit_told = false;
            self.until_reset_allowed = false;
        }
        Ok(outcome)
    }

    fn send(&mut self, turn: &'static str) -> Verdict {
        let wanted_key = self.payer == Payer::Key || self.turns_allowed.contains(turn);
        let turn_allowed = self.turns_allowed.contains(turn) && self.policy.mode != Mode::Off;
        // Before the step: what may be paid for, by the book.
        let expired_latest =
            self.forced.and_then(|forced| forced.ends).is_some_and(|(_, last)| self.now >= last);
        let forced_key = !expired_latest && self.forced.is_some_and(|forced| forced.payer == Payer::Key);
        let by_mode = match self.policy.mode {
            Mode::Auto => true,
            Mode::Ask => self.process_allowed || self.until_reset_allowed,
            Mode::Off => false,
        };
        let leave = forced_key || turn_allowed || (self.limit_told && by_mode);
        let forced_plan = self.forced_surely(Payer::Plan);

        let outcome = self.happens(Event::Sending { turn })?;
        match outcome.decision {
            Decision::Send(ticket) => {
                rule(ticket.epoch == self.epoch, "a ticket is of the present epoch")?;
                if ticket.payer == Payer::Key {
                    rule(self.policy.block.is_none(), "nothing is paid past a cap or a block")?;
                    rule(
                        self.usable(),
                        "nothing is paid with a key that is missing, refused or out of credit",
                    )?;
                    rule(!forced_plan, "nothing is paid while the plan is forced")?;
                    rule(leave, "nothing is paid without a limit and a leave, or a force")?;
                    self.tally.paid += 1;
                } else {
                    rule(self.payer == Payer::Plan, "while the key pays the plan carries nothing")?;
                    rule(!turn_allowed, "a turn that was allowed sends to the key")?;
                }
                self.open.push(Sent { turn, ticket, key_generation: self.key_generation });
            }
            Decision::StopBecause(_) => {
                rule(!self.usable(), "a request is stopped only when the key may not pay")?;
                rule(self.payer == Payer::Plan, "a stopped request gives the payer back to the plan")?;
                self.give_up();
                self.tally.stopped_before_paying += 1;
            }
            _ => return Err("a request is sent or stopped".to_owned()),
        }
        if wanted_key && self.policy.mode == Mode::Off && !forced_key {
            // `off` was met by a request that would have been paid: it ends the consents, also if it is lifted.
            self.turns_allowed.clear();
        }
        Ok(())
    }

    fn answer(&mut self, sent: Sent, signal: Signal, tried: Tried) -> Verdict {
        let Sent { turn, ticket, key_generation } = sent;
        let present = ticket == self.present_ticket(turn);
        let (usable, forced_surely_plan) = (self.usable(), self.forced_surely(Payer::Plan));
        let force_may_end =
            self.forced.and_then(|forced| forced.ends).is_some_and(|(first, _)| self.now >= first);
        let outcome = self.happens(Event::Answered { turn, ticket, signal, tried })?;
        match (ticket.payer, signal) {
            (Payer::Plan, Signal::Limit { .. }) if !present => {
                self.tally.late_limits += 1;
                rule(outcome.decision == Decision::Resend, "a late limit is sent again")?;
                self.only_a_force_may_have_ended(outcome)
            }
            (Payer::Plan, Signal::Limit { resets_at }) => {
                self.all_windows.told(resets_at, self.now);
                self.fewest_windows.told(resets_at, self.now);
                self.limit_told = true;
                self.told_free = false;
                let mode = match self.policy.mode {
                    Mode::Ask if self.process_allowed => Mode::Auto,
                    mode => mode,
                };
                let switched = outcome.change.is_some_and(|change| change.payer == Payer::Key);
                rule(!switched || mode == Mode::Auto, "a limit alone switches only under auto")?;
                if forced_surely_plan || force_may_end {
                    return Ok(());
                }
                match outcome.decision {
                    Decision::Resend => {
                        rule(
                            usable && mode == Mode::Auto && switched,
                            "a limit is sent again when it switched",
                        )?;
                        self.tally.switches += 1;
                    }
                    Decision::Ask => {
                        rule(usable && mode == Mode::Ask, "a question needs `ask` and a key")?;
                        self.questions.push(sent);
                    }
                    Decision::StopBecause(_) => {
                        rule(
                            !usable || mode == Mode::Off,
                            "a limit stops only without a key or under `off`",
                        )?;
                    }
                    _ => return Err("a limit switches, asks or stops".to_owned()),
                }
                Ok(())
            }
            (Payer::Plan, Signal::Success) => {
                self.fewest_windows = Windows::default();
                self.only_a_force_may_have_ended(outcome)
            }
            (Payer::Key, Signal::KeyRefused | Signal::KeyOutOfCredit) => {
                if key_generation == self.key_generation {
                    self.tally.key_failures += 1;
                    self.key = match (signal, self.key) {
                        (Signal::KeyOutOfCredit, KeyState::Refused) | (Signal::KeyRefused, _) => {
                            KeyState::Refused
                        }
                        _ => KeyState::OutOfCredit,
                    };
                    self.give_up();
                    rule(self.payer == Payer::Plan, "a key that failed gives back to the plan")?;
                    rule(self.state.key() == self.key, "a key that failed is known as failed")
                } else {
                    self.only_a_force_may_have_ended(outcome)
                }
            }
            (Payer::Key, Signal::Success) => {
                if self.key == KeyState::Unchecked && key_generation == self.key_generation {
                    self.key = KeyState::Ready;
                }
                self.only_a_force_may_have_ended(outcome)
            }
            (Payer::Plan | Payer::Key, _) => self.only_a_force_may_have_ended(outcome),
        }
    }

    fn consent(&mut self, asked: Sent, consent: Consent) -> Verdict {
        let Sent { turn, ticket, .. } = asked;
        let present = ticket == self.present_ticket(turn) && ticket.payer == Payer::Plan;
        let limit_may_stand = self.all_windows.free_at(self.now).is_some();
        let another_turn_is_allowed = !self.turns_allowed.is_empty();
        let before = self.state.clone();
        let outcome = self.happens(Event::Consented { turn, ticket, consent })?;
        rule(outcome.notice.is_none(), "a consent is no notice")?;
        let Some(Change { payer: Payer::Key, reason, .. }) = outcome.change else {
            // Whether an older success lifted the limit is the state's reading; that it changed says: it did not.
            let joined = another_turn_is_allowed && self.state != before;
            if joined
                && present
                && consent == Consent::Turn
                && self.policy.mode == Mode::Ask
                && limit_may_stand
            {
                self.turns_allowed.insert(turn);
            }
            return Ok(());
        };
        rule(present, "a late consent changes nothing")?;
        rule(limit_may_stand, "a consent needs a limit that stands")?;
        rule(consent != Consent::No, "no means no")?;
        rule(self.policy.mode != Mode::Off, "`off` beats a consent")?;
        rule(outcome.decision == Decision::Resend, "what was allowed is sent")?;
        self.tally.consents += 1;
        self.limit_told = true;
        let only_this_turn = self.policy.mode == Mode::Ask && consent == Consent::Turn;
        rule((reason == Reason::AllowedForTurn) == only_this_turn, "a consent reaches as far as it says")?;
        if self.policy.mode == Mode::Ask {
            match consent {
                Consent::Turn => {
                    rule(!another_turn_is_allowed, "turns that join make no second notice")?;
                    self.turns_allowed.insert(turn);
                }
                Consent::UntilReset => self.until_reset_allowed = true,
                Consent::Process => self.process_allowed = true,
                Consent::No => {}
            }
        }
        Ok(())
    }

    fn turn_starts(&mut self) -> Verdict {
        let key_pays = self.payer == Payer::Key && self.forced.is_none();
        let returns = self.policy.return_policy == ReturnPolicy::Reset || self.until_reset_allowed;
        let surely_free = self.all_windows.free_at(self.now).is_none();
        let surely_exhausted = self.fewest_windows.free_at(self.now).is_some();
        let outcome = self.happens(Event::TurnStarted)?;
        let returned = outcome.change.is_some_and(|change| change.reason == Reason::Reset);
        rule(
            returned || !(key_pays && returns && surely_free),
            "after the reset a turn gives back to the plan",
        )?;
        rule(!returned || (key_pays && returns && !surely_exhausted), "nothing returns before the reset")?;
        if returned {
            self.tally.returns += 1;
            self.all_windows = Windows::default();
        }
        if !surely_exhausted {
            // What was once seen free stays so when the clock is set back.
            self.fewest_windows = Windows::default();
        }
        if outcome.notice == Some(Notice::PlanIsFree) {
            rule(key_pays && !returns && !surely_exhausted, "the plan is called free only when it is")?;
            rule(!self.told_free, "the plan is called free once")?;
            self.told_free = true;
        }
        Ok(())
    }

    fn force(&mut self, force: Force) -> Verdict {
        if force == Force::Key && self.key == KeyState::OutOfCredit && self.policy.block.is_none() {
            self.key = KeyState::Unchecked;
            self.key_generation += 1;
        }
        let (usable, was_forced) = (self.usable(), self.forced.is_some());
        let outcome = self.happens(Event::Forced(force))?;
        match force {
            Force::Key if !usable => {
                rule(
                    matches!(outcome.decision, Decision::StopBecause(_)),
                    "a key that may not pay is not forced",
                )?;
                return rule(outcome.change.is_none(), "a refused force changes nothing");
            }
            Force::Key => {
                rule(self.payer == Payer::Key, "a forced key pays")?;
                self.tally.forced_key += 1;
            }
            Force::Plan => rule(self.payer == Payer::Plan, "a forced plan pays")?,
            Force::Auto => {
                rule(!was_forced || self.payer == Payer::Plan, "the end of a force gives back to the plan")?;
                rule(was_forced || outcome.change.is_none(), "without a force there is none to end")?;
                self.forced = None;
                return Ok(());
            }
        }
        let ends = (self.policy.host == Host::Server).then(|| {
            let five_hours = self.now + 5 * HOUR;
            let last = self.all_windows.free_at(self.now).unwrap_or(five_hours);
            match self.fewest_windows.free_at(self.now) {
                Some(first) => (first, last),
                // Any of the windows may be the one that counts, or none.
                None => {
                    let first = self.all_windows.first_free(self.now).unwrap_or(five_hours);
                    (first.min(five_hours), last.max(five_hours))
                }
            }
        });
        self.turns_allowed.clear();
        self.forced =
            Some(Forced { payer: if force == Force::Key { Payer::Key } else { Payer::Plan }, ends });
        Ok(())
    }

    fn set_mode(&mut self, mode: Mode) -> Verdict {
        self.policy.mode = mode;
        self.process_allowed = false;
        if mode == Mode::Off {
            self.turns_allowed.clear();
            self.until_reset_allowed = false;
        }
        let outcome = self.happens(Event::ModeSet)?;
        let allowed = outcome.change.is_none_or(|change| change.payer == Payer::Plan);
        rule(allowed && outcome.notice.is_none(), "a mode never brings the key in")
    }

    fn key_changes(&mut self, key: KeyState) -> Verdict {
        self.happens(Event::KeyChanged(key))?;
        rule(self.payer == Payer::Plan, "another key or account gives back to the plan")?;
        rule(self.state.resets_at().is_none(), "another key or account clears the windows")?;
        self.key = key;
        self.key_generation += 1;
        self.forced = None;
        self.limit_told = false;
        (self.process_allowed, self.until_reset_allowed) = (false, false);
        self.turns_allowed.clear();
        (self.all_windows, self.fewest_windows) = Default::default();
        Ok(())
    }

    /// Nothing changed, but for a force that has run its time.
    fn only_a_force_may_have_ended(&self, outcome: Outcome) -> Verdict {
        let kept = outcome
            .change
            .is_none_or(|change| change.payer == Payer::Plan && change.reason == Reason::ForceEnded);
        rule(kept && outcome.notice.is_none(), "this event changes no payer")
    }

    fn usable(&self) -> bool {
        self.policy.block.is_none() && matches!(self.key, KeyState::Ready | KeyState::Unchecked)
    }

    fn forced_surely(&self, payer: Payer) -> bool {
        self.forced.is_some_and(|forced| {
            forced.payer == payer && forced.ends.is_none_or(|(first, _)| self.now < first)
        })
    }

    /// The state knows which of the two readings of the windows was right.
    fn end_force(&mut self) {
        let possible = self.forced.and_then(|forced| forced.ends).is_some_and(|(first, _)| self.now >= first);
        if possible && self.state.forced() == Force::Auto {
            self.forced = None;
        }
    }

    fn give_up(&mut self) {
        self.turns_allowed.clear();
        if self.forced.is_some_and(|forced| forced.payer == Payer::Key) {
            self.forced = None;
        }
    }

    fn present_ticket(&self, turn: &str) -> Ticket {
        let payer = if self.turns_allowed.contains(turn) { Payer::Key } else { self.payer };
        Ticket { payer, epoch: self.epoch }
    }
}
