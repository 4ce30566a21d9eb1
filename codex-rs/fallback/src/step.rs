//! The decision: one event in, one outcome out, and the state that remembers who pays (`fallback-spec` §2).

use std::collections::BTreeSet;

use crate::answer::Signal;
use crate::event::{
    Change, Consent, Decision, Event, Force, KeyFailure, KeyState, Notice, Outcome, Payer, Reason, Ticket,
    Tried,
};
use crate::policy::{Block, Host, Mode, Policy, ReturnPolicy, Substitute, WhyNot};

/// What lets the key pay at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allowance {
    Auto,
    UntilReset,
    Process,
}

/// A payer forced by the person, and when the force ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Forced {
    payer: Payer,
    until: Option<i64>,
}

/// When the plan's exhausted windows are free again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Exhausted {
    /// The latest known reset.
    until: Option<i64>,
    /// When a limit without a believable reset was last seen.
    unknown_since: Option<i64>,
}

/// Where the plan is tried again when nobody says when it resets, in seconds.
const TRY_PLAN_AFTER: i64 = 3600;
/// How long a force lasts in a server when no window was exhausted, in seconds.
const FORCE_LASTS: i64 = 5 * 3600;

/// Who pays, since when and why. Held by one owner for the whole process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    payer: Payer,
    epoch: u64,
    since: i64,
    key: KeyState,
    allowance: Option<Allowance>,
    forced: Option<Forced>,
    exhausted: Exhausted,
    told_plan_is_free: bool,
    allowed_for_process: bool,
    allowed_turns: BTreeSet<String>,
    /// Answers to requests of earlier epochs say nothing about the key as it is now: it was replaced or forced.
    key_epoch: u64,
    /// The last turn that asked the plan since the limit: only its success, not an older request's, proves that
    /// the plan is free.
    probe: Option<String>,
}

/// Decides. `now` is unix seconds. The one place where the payer changes.
pub fn step(state: &mut State, event: Event<'_>, policy: &Policy, now: i64) -> Outcome {
    // These two put another force, or none, in the place of the old one themselves.
    let force_ended = match event {
        Event::Forced(_) | Event::KeyChanged(_) => None,
        _ => state.end_force(now),
    };
    let outcome = match event {
        Event::TurnStarted => state.turn_started(policy, now),
        Event::TurnEnded { turn } => {
            state.allowed_turns.remove(turn);
            Decision::None.into()
        }
        Event::Sending { turn } => state.sending(turn, policy, now),
        Event::Answered { turn, ticket, signal, tried } => match ticket.payer {
            Payer::Plan => state.plan_answered(turn, ticket, signal, tried, policy, now),
            Payer::Key => state.key_answered(turn, ticket, signal, tried, policy, now),
        },
        Event::Consented { turn, ticket, consent } => state.consented(turn, ticket, consent, policy, now),
        Event::KeyChanged(key) => state.key_changed(key, now),
        Event::Forced(force) => state.force(force, policy, now),
        Event::ModeSet => state.mode_set(policy, now),
    };
    Outcome { change: outcome.change.or(force_ended), ..outcome }
}

/// The decision for a credential that has no fallback, and for every signal that never changes the payer.
pub fn ordinary(signal: Signal, tried: Tried, substitute: Substitute) -> Decision {
    match signal {
        Signal::Success => Decision::None,
        Signal::Throttle | Signal::ServerTrouble => Decision::Retry,
        Signal::Unauthorized if !tried.refreshed_sign_in => Decision::RefreshSignIn,
        Signal::ForeignCiphertext if !tried.without_foreign => Decision::ResendWithoutForeign,
        Signal::SummariesUnavailable if !tried.without_summaries => Decision::ResendWithoutSummaries,
        Signal::ModelUnavailable if substitute == Substitute::Named && !tried.substitute => {
            Decision::ResendWithSubstitute
        }
        Signal::HandshakeThrottled => Decision::ResendOverHttp,
        Signal::TooLarge if !tried.compacted => Decision::Compact,
        Signal::Limit { .. }
        | Signal::ScopedLimit
        | Signal::AdministratorCap
        | Signal::Unauthorized
        | Signal::ModelUnavailable
        | Signal::SummariesUnavailable
        | Signal::KeyRefused
        | Signal::KeyOutOfCredit
        | Signal::ForeignCiphertext
        | Signal::TooLarge
        | Signal::Other => Decision::Stop,
    }
}

impl State {
    /// The plan pays. `now` is unix seconds.
    pub fn new(key: KeyState, now: i64) -> Self {
        State {
            payer: Payer::Plan,
            epoch: 0,
            since: now,
            key,
            allowance: None,
            forced: None,
            exhausted: Exhausted::default(),
            told_plan_is_free: false,
            allowed_for_process: false,
            allowed_turns: BTreeSet::new(),
            key_epoch: 0,
            probe: None,
        }
    }

    /// Who pays for requests of turns without a consent of their own.
    pub fn payer(&self) -> Payer {
        self.payer
    }

    /// Grows at every change of payer.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// When the payer last changed, unix seconds.
    pub fn since(&self) -> i64 {
        self.since
    }

    /// What is known about the key.
    pub fn key(&self) -> KeyState {
        self.key
    }

    /// When the plan's limit resets, if one is reached and the time is known, unix seconds.
    pub fn resets_at(&self) -> Option<i64> {
        self.exhausted.until
    }

    /// Whether a limit of the plan was reached and nothing has shown since that it is over.
    pub fn limit_stands(&self) -> bool {
        self.exhausted != Exhausted::default()
    }

    /// The payer the person forced.
    pub fn forced(&self) -> Force {
        match self.forced {
            None => Force::Auto,
            Some(Forced { payer: Payer::Plan, .. }) => Force::Plan,
            Some(Forced { payer: Payer::Key, .. }) => Force::Key,
        }
    }

    /// The mode that counts: a consent for the whole process is as good as `auto`.
    fn mode(&self, policy: &Policy) -> Mode {
        match policy.mode {
            Mode::Ask if self.allowed_for_process => Mode::Auto,
            mode => mode,
        }
    }

    /// Whether the key may pay at all, whatever the plan said.
    fn key_usable(&self, policy: &Policy) -> Result<(), WhyNot> {
        match (policy.block, self.key) {
            // Where no key may be stored at all, advice to store one would be wrong.
            (Some(block @ (Block::ForcedLogin | Block::ForcedWorkspace)), _) => Err(WhyNot::Blocked(block)),
            (_, KeyState::None) => Err(WhyNot::NoKey),
            (Some(block), _) => Err(WhyNot::Blocked(block)),
            (None, KeyState::Refused) => Err(WhyNot::KeyRefused),
            (None, KeyState::OutOfCredit) => Err(WhyNot::KeyOutOfCredit),
            (None, KeyState::Ready | KeyState::Unchecked) => Ok(()),
        }
    }

    /// Who carries the next request of this turn.
    fn ticket(&self, turn: &str) -> Ticket {
        let payer = if self.allowed_turns.contains(turn) { Payer::Key } else { self.payer };
        Ticket { payer, epoch: self.epoch }
    }

    fn turn_started(&mut self, policy: &Policy, now: i64) -> Outcome {
        if !self.exhausted.free(now) {
            return Decision::None.into();
        }
        if self.payer == Payer::Plan {
            self.exhausted = Exhausted::default();
        }
        if self.payer == Payer::Plan || self.forced.is_some() {
            return Decision::None.into();
        }
        let returns =
            policy.return_policy == ReturnPolicy::Reset || self.allowance == Some(Allowance::UntilReset);
        if returns {
            self.exhausted = Exhausted::default();
            return self.change(Payer::Plan, Reason::Reset, now).and(Decision::None);
        }
        let notice =
            (!self.told_plan_is_free && self.exhausted.until.is_some()).then_some(Notice::PlanIsFree);
        self.told_plan_is_free = true;
        Outcome { decision: Decision::None, change: None, notice }
    }

    fn sending(&mut self, turn: &str, policy: &Policy, now: i64) -> Outcome {
        let ticket = self.ticket(turn);
        if ticket.payer == Payer::Plan {
            if self.limit_stands() {
                self.probe = Some(turn.to_owned());
            }
            return Decision::Send(ticket).into();
        }
        if let Err(why) = self.key_usable(policy) {
            self.give_key_up();
            return self.change(Payer::Plan, Reason::Blocked, now).and(Decision::StopBecause(why));
        }
        let turn_allowed = policy.mode != Mode::Off && self.allowed_turns.contains(turn);
        if turn_allowed || self.mode_backs_key(policy) {
            return Decision::Send(ticket).into();
        }
        let changed = self.mode_withdrawn(policy, now);
        changed.and(Decision::Send(self.ticket(turn)))
    }

    /// Whether the mode, as it stands now, still backs what the key was allowed under.
    fn mode_backs_key(&self, policy: &Policy) -> bool {
        if self.forced() == Force::Key {
            return true;
        }
        match (policy.mode, self.allowance) {
            (Mode::Off, _) => false,
            (Mode::Auto, _) | (Mode::Ask, Some(Allowance::UntilReset)) => true,
            (Mode::Ask, Some(Allowance::Process)) => self.allowed_for_process,
            (Mode::Ask, Some(Allowance::Auto) | None) => false,
        }
    }

    fn mode_set(&mut self, policy: &Policy, now: i64) -> Outcome {
        self.allowed_for_process = false;
        if self.mode_backs_key(policy) { Decision::None.into() } else { self.mode_withdrawn(policy, now) }
    }

    fn mode_withdrawn(&mut self, policy: &Policy, now: i64) -> Outcome {
        if policy.mode == Mode::Off {
            self.allowed_turns.clear();
        }
        self.change(Payer::Plan, Reason::Mode, now)
    }

    fn plan_answered(
        &mut self,
        turn: &str,
        ticket: Ticket,
        signal: Signal,
        tried: Tried,
        policy: &Policy,
        now: i64,
    ) -> Outcome {
        match signal {
            Signal::AdministratorCap => Decision::StopBecause(WhyNot::AdministratorCap).into(),
            Signal::Limit { .. } | Signal::ScopedLimit if ticket != self.ticket(turn) => {
                Decision::Resend.into()
            }
            Signal::ScopedLimit => Decision::StopBecause(WhyNot::ScopedLimit).into(),
            Signal::Limit { resets_at } => {
                self.exhausted.add(resets_at, now);
                self.probe = None;
                self.told_plan_is_free = false;
                self.plan_ran_out(policy, now)
            }
            Signal::Success => {
                if ticket == self.ticket(turn) && self.probe.as_deref() == Some(turn) {
                    self.exhausted = Exhausted::default();
                    self.probe = None;
                }
                Decision::None.into()
            }
            other => ordinary(other, tried, Substitute::None).into(),
        }
    }

    fn plan_ran_out(&mut self, policy: &Policy, now: i64) -> Outcome {
        if self.forced() == Force::Plan {
            return Decision::StopBecause(WhyNot::ForcedPlan).into();
        }
        if let Err(why) = self.key_usable(policy) {
            return Decision::StopBecause(why).into();
        }
        match self.mode(policy) {
            Mode::Off => Decision::StopBecause(WhyNot::ModeOff).into(),
            Mode::Ask => Decision::Ask.into(),
            Mode::Auto => {
                let allowance = if policy.mode == Mode::Ask { Allowance::Process } else { Allowance::Auto };
                self.switch(allowance, now)
            }
        }
    }

    fn consented(
        &mut self,
        turn: &str,
        ticket: Ticket,
        consent: Consent,
        policy: &Policy,
        now: i64,
    ) -> Outcome {
        // Whoever forced the key meanwhile has answered already, and a no may only be the time running out.
        if consent == Consent::No && self.forced() != Force::Key {
            return Decision::StopBecause(WhyNot::Declined).into();
        }
        // An answer that came after the reset costs nothing to try on the plan first.
        let limit_stands = ticket.payer == Payer::Plan && !self.exhausted.free(now);
        if ticket != self.ticket(turn) || !limit_stands {
            return Decision::Resend.into();
        }
        if self.forced() == Force::Plan {
            return Decision::StopBecause(WhyNot::ForcedPlan).into();
        }
        if let Err(why) = self.key_usable(policy) {
            return Decision::StopBecause(why).into();
        }
        match (policy.mode, consent) {
            (Mode::Off, _) => Decision::StopBecause(WhyNot::ModeOff).into(),
            (Mode::Auto, _) => self.switch(Allowance::Auto, now),
            (Mode::Ask, Consent::UntilReset) => self.switch(Allowance::UntilReset, now),
            (Mode::Ask, Consent::Process) => {
                self.allowed_for_process = true;
                self.switch(Allowance::Process, now)
            }
            (Mode::Ask, Consent::Turn | Consent::No) => {
                let change = Change {
                    payer: Payer::Key,
                    reason: Reason::AllowedForTurn,
                    resets_at: self.exhausted.until,
                };
                // Turns that waited on the same question make one notice.
                let change = self.allowed_turns.is_empty().then_some(change);
                self.allowed_turns.insert(turn.to_owned());
                Outcome { decision: Decision::Resend, change, notice: None }
            }
        }
    }

    fn key_answered(
        &mut self,
        turn: &str,
        ticket: Ticket,
        signal: Signal,
        tried: Tried,
        policy: &Policy,
        now: i64,
    ) -> Outcome {
        let late = ticket != self.ticket(turn);
        let about_this_key = ticket.epoch >= self.key_epoch;
        match signal {
            Signal::Success => {
                if about_this_key && self.key == KeyState::Unchecked {
                    self.key = KeyState::Ready;
                }
                Decision::None.into()
            }
            Signal::KeyRefused | Signal::KeyOutOfCredit if !about_this_key => Decision::Resend.into(),
            Signal::KeyRefused => self.key_failed(turn, KeyFailure::Refused, now),
            Signal::KeyOutOfCredit => self.key_failed(turn, KeyFailure::OutOfCredit, now),
            // What the key's organisation lacks does not concern whoever pays now.
            Signal::ModelUnavailable | Signal::SummariesUnavailable | Signal::TooLarge if late => {
                Decision::Resend.into()
            }
            Signal::ModelUnavailable => match ordinary(signal, tried, policy.substitute) {
                Decision::Stop => Decision::StopNameSubstitute.into(),
                decision => decision.into(),
            },
            other => ordinary(other, tried, policy.substitute).into(),
        }
    }

    /// The stored key failed, also where the payer has changed since: it must not pay again by itself.
    fn key_failed(&mut self, turn: &str, failure: KeyFailure, now: i64) -> Outcome {
        let paying = self.ticket(turn).payer == Payer::Key;
        let reason = match (failure, self.key) {
            (KeyFailure::Refused, _) => {
                self.key = KeyState::Refused;
                Reason::KeyRefused
            }
            // Credit can be added, a refusal stays: the worse of two answers counts.
            (KeyFailure::OutOfCredit, KeyState::Refused) => Reason::KeyOutOfCredit,
            (KeyFailure::OutOfCredit, _) => {
                self.key = KeyState::OutOfCredit;
                Reason::KeyOutOfCredit
            }
        };
        self.give_key_up();
        let decision = if paying { Decision::StopKeyFailed(failure) } else { Decision::Resend };
        self.change(Payer::Plan, reason, now).and(decision)
    }

    /// Ends every consent for one turn and a force of the key; a force of the plan stands.
    fn give_key_up(&mut self) {
        self.allowed_turns.clear();
        if self.forced() == Force::Key {
            self.forced = None;
        }
    }

    fn key_changed(&mut self, key: KeyState, now: i64) -> Outcome {
        self.key = key;
        self.exhausted = Exhausted::default();
        self.probe = None;
        self.allowed_turns.clear();
        self.allowed_for_process = false;
        self.forced = None;
        let outcome = self.change(Payer::Plan, Reason::KeyChanged, now);
        if outcome.change.is_none() {
            // Answers to requests that carried the old key or account must be known as late.
            self.epoch += 1;
        }
        self.key_epoch = self.epoch;
        outcome
    }

    fn force(&mut self, force: Force, policy: &Policy, now: i64) -> Outcome {
        let payer = match force {
            Force::Auto if self.forced.is_none() => return Decision::None.into(),
            Force::Auto => {
                self.forced = None;
                return self.change(Payer::Plan, Reason::Forced, now);
            }
            Force::Plan => Payer::Plan,
            Force::Key => Payer::Key,
        };
        if payer == Payer::Key {
            if self.key == KeyState::OutOfCredit && policy.block.is_none() {
                self.key = KeyState::Unchecked;
                // The key does not pay while it is out of credit, so this force makes the next epoch.
                self.key_epoch = self.epoch + 1;
            }
            if let Err(why) = self.key_usable(policy) {
                return Decision::StopBecause(why).into();
            }
        }
        let until = match policy.host {
            Host::Session => None,
            Host::Server => Some(self.exhausted.free_at(now).unwrap_or(now + FORCE_LASTS)),
        };
        self.allowed_turns.clear();
        self.forced = Some(Forced { payer, until });
        self.change(payer, Reason::Forced, now)
    }

    /// A force that has run its time ends, and with it a key that only the force let pay.
    fn end_force(&mut self, now: i64) -> Option<Change> {
        let over = self.forced.and_then(|forced| forced.until).is_some_and(|until| now >= until);
        if !over {
            return None;
        }
        self.forced = None;
        self.change(Payer::Plan, Reason::ForceEnded, now).change
    }

    fn switch(&mut self, allowance: Allowance, now: i64) -> Outcome {
        let outcome = self.change(Payer::Key, Reason::Limit, now);
        self.allowance = Some(allowance);
        outcome.and(Decision::Resend)
    }

    fn change(&mut self, payer: Payer, reason: Reason, now: i64) -> Outcome {
        if self.payer == payer {
            return Decision::None.into();
        }
        self.payer = payer;
        self.epoch += 1;
        self.since = now;
        self.allowance = None;
        let change = Change { payer, reason, resets_at: self.exhausted.until };
        Outcome { decision: Decision::None, change: Some(change), notice: None }
    }
}

impl Exhausted {
    fn add(&mut self, resets_at: Option<i64>, now: i64) {
        match resets_at {
            Some(reset) => self.until = Some(self.until.map_or(reset, |until| until.max(reset))),
            None => self.unknown_since = Some(now),
        }
    }

    /// When every exhausted window is free; `None` where none is exhausted.
    fn free_at(&self, now: i64) -> Option<i64> {
        let unknown = self.unknown_since.map(|since| since + TRY_PLAN_AFTER);
        self.until.into_iter().chain(unknown).max().filter(|free| *free > now)
    }

    fn free(&self, now: i64) -> bool {
        self.free_at(now).is_none()
    }
}

#[cfg(test)]
mod tests;
