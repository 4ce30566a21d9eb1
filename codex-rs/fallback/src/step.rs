//! The decision: one event in, one outcome out, and the state that remembers who pays.

use std::collections::BTreeSet;

use crate::answer::Signal;
use crate::policy::{Host, Mode, Policy, ReturnPolicy, Substitute, WhyNot};

/// The credential that pays for a model request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payer {
    /// The ChatGPT session.
    Plan,
    /// The fallback API key.
    Key,
}

impl Payer {
    /// The word used in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Payer::Plan => "plan",
            Payer::Key => "key",
        }
    }
}

/// Who carries one request, and in which epoch it was sent. A report gives it back, so that a late one is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// Who carries the request.
    pub payer: Payer,
    /// Grows at every change of payer.
    pub epoch: u64,
}

/// What is known about the stored key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// No key is stored.
    None,
    /// It worked, or the platform listed its models.
    Ready,
    /// Stored without a proof that it works.
    Unchecked,
    /// The platform refused it; ends only by adding a key again.
    Refused,
    /// It has no credit; ends by adding again or by force.
    OutOfCredit,
}

/// Who the person says must pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Only the plan; a limit stops the turn.
    Plan,
    /// The key at once, whatever the mode.
    Key,
    /// No force: signals and policy decide.
    Auto,
}

/// The person's answer to the question of `mode = "ask"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The key pays for the turns that waited, and for nothing else.
    Turn,
    /// The key pays until the plan's limit resets.
    UntilReset,
    /// As `auto`, for this process.
    Process,
    /// The waiting turns end with the original error.
    No,
}

/// Special resends this request has already had; each is allowed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tried {
    /// `fallback.model` was used.
    pub substitute: bool,
    /// Reasoning summaries were left out.
    pub without_summaries: bool,
    /// Items not proven this payer's were left out.
    pub without_foreign: bool,
    /// The session's token was refreshed.
    pub refreshed_sign_in: bool,
}

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// A `turn/start` of any thread: the moment at which the payer may go back to the plan.
    TurnStarted,
    /// A turn is over; a consent given for it alone ends.
    TurnEnded {
        /// The turn's id.
        turn: &'a str,
    },
    /// A model request is about to be sent. The only event that hands out tickets.
    Sending {
        /// The turn it belongs to.
        turn: &'a str,
    },
    /// A model request was answered, or broke off.
    Answered {
        /// The turn it belongs to.
        turn: &'a str,
        /// The ticket it was sent with.
        ticket: Ticket,
        /// What the answer says.
        signal: Signal,
        /// The special resends it already had.
        tried: Tried,
    },
    /// The person answered the question that [`Decision::Ask`] asked for this request.
    Consented {
        /// The turn that waited.
        turn: &'a str,
        /// The ticket of the request that hit the limit.
        ticket: Ticket,
        /// The answer.
        consent: Consent,
    },
    /// The key was added, replaced or removed, somebody signed out, or the plan's account changed.
    KeyChanged(KeyState),
    /// The person forces a payer, or ends a force.
    Forced(Force),
    /// The person set the mode (the new one is in the policy); an allowance for this process ends.
    ModeSet,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    None,
    /// Send the request with this ticket.
    Send(Ticket),
    /// Build the same request again for whoever pays now, and send it.
    Resend,
    /// Ask the person, then report [`Event::Consented`].
    Ask,
    /// Ordinary finite retry with the same payer, after a wait.
    Retry,
    /// Refresh the session's token, then resend.
    RefreshSignIn,
    /// Resend once with `fallback.model`.
    ResendWithSubstitute,
    /// Resend once without reasoning summaries.
    ResendWithoutSummaries,
    /// Resend once with every item that is not proven this payer's left out.
    ResendWithoutForeign,
    /// Send once over HTTP; that answer decides.
    ResendOverHttp,
    /// Compact the history once and resend; where there is no compaction, stop and say so.
    Compact,
    /// Stop with the original error.
    Stop,
    /// Stop with the original error, and say why the key does not take over.
    StopBecause(WhyNot),
    /// Stop: the key cannot be used on this model until `fallback.model` names one it offers.
    StopNameSubstitute,
    /// Stop: the key failed. The limit that led to it is told first, then this.
    StopKeyFailed(KeyFailure),
}

/// How the key failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFailure {
    /// The platform refused it.
    Refused,
    /// It has no credit.
    OutOfCredit,
}

/// Why the payer changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The plan's limit was reached.
    Limit,
    /// The person allowed it when asked, for one turn only.
    AllowedForTurn,
    /// The person forced it, or a force ended.
    Forced,
    /// The plan's limit has reset.
    Reset,
    /// The platform refused the key.
    KeyRefused,
    /// The key ran out of credit.
    KeyOutOfCredit,
    /// A setting forbids further paid requests.
    Blocked,
    /// The mode no longer allows it.
    Mode,
    /// The stored key or the plan's account changed.
    KeyChanged,
}

/// A change of payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Who pays now.
    pub payer: Payer,
    /// Why.
    pub reason: Reason,
    /// When the plan is free again, where known, unix seconds.
    pub resets_at: Option<i64>,
}

/// Something to tell the person that is not a change of payer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The plan is free again, and the key still pays (`return = "session"`).
    PlanIsFree,
}

/// What one event led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What to do.
    pub decision: Decision,
    /// The change of payer it made, if any.
    pub change: Option<Change>,
    /// A thing to tell, if any.
    pub notice: Option<Notice>,
}

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
}

/// Decides. `now` is unix seconds. The one place where the payer changes.
pub fn step(state: &mut State, event: Event<'_>, policy: &Policy, now: i64) -> Outcome {
    let force_ended = state.end_force(now);
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
        Event::ModeSet => {
            state.allowed_for_process = false;
            Decision::None.into()
        }
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
        Signal::TooLarge => Decision::Compact,
        Signal::Limit { .. }
        | Signal::ScopedLimit
        | Signal::AdministratorCap
        | Signal::Unauthorized
        | Signal::ModelUnavailable
        | Signal::SummariesUnavailable
        | Signal::KeyRefused
        | Signal::KeyOutOfCredit
        | Signal::ForeignCiphertext
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
            (_, KeyState::None) => Err(WhyNot::NoKey),
            (Some(block), _) => Err(WhyNot::Blocked(block)),
            (None, KeyState::Refused) => Err(WhyNot::KeyRefused),
            (None, KeyState::OutOfCredit) => Err(WhyNot::KeyOutOfCredit),
            (None, KeyState::Ready | KeyState::Unchecked) => Ok(()),
        }
    }

    /// Who carries the next request of this turn.
    fn ticket(&self, turn: &str) -> Ticket {
        let forced_plan = self.forced() == Force::Plan;
        let payer = if !forced_plan && self.allowed_turns.contains(turn) { Payer::Key } else { self.payer };
        Ticket { payer, epoch: self.epoch }
    }

    fn turn_started(&mut self, policy: &Policy, now: i64) -> Outcome {
        if self.payer == Payer::Plan || self.forced.is_some() || !self.exhausted.free(now) {
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
            return Decision::Send(ticket).into();
        }
        if let Err(why) = self.key_usable(policy) {
            self.allowed_turns.clear();
            return self.change(Payer::Plan, Reason::Blocked, now).and(Decision::StopBecause(why));
        }
        if !self.still_allowed(turn, policy) {
            self.allowed_turns.clear();
            let changed = self.change(Payer::Plan, Reason::Mode, now);
            return changed.and(Decision::Send(self.ticket(turn)));
        }
        Decision::Send(ticket).into()
    }

    /// Whether the mode, as it stands now, still backs what the key was allowed under.
    fn still_allowed(&self, turn: &str, policy: &Policy) -> bool {
        if self.forced() == Force::Key {
            return true;
        }
        match (policy.mode, self.allowance) {
            (Mode::Off, _) => false,
            (Mode::Auto, _) => true,
            (Mode::Ask, Some(Allowance::UntilReset)) => true,
            (Mode::Ask, Some(Allowance::Process)) if self.allowed_for_process => true,
            (Mode::Ask, _) => self.allowed_turns.contains(turn),
        }
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
                self.told_plan_is_free = false;
                self.plan_ran_out(policy, now)
            }
            Signal::Success => {
                if ticket == self.ticket(turn) {
                    self.exhausted = Exhausted::default();
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
        if consent == Consent::No {
            return Decision::StopBecause(WhyNot::Declined).into();
        }
        if ticket != self.ticket(turn) {
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
                self.allowed_turns.insert(turn.to_owned());
                let change = Change {
                    payer: Payer::Key,
                    reason: Reason::AllowedForTurn,
                    resets_at: self.exhausted.until,
                };
                Outcome { decision: Decision::Resend, change: Some(change), notice: None }
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
        match signal {
            Signal::Success => {
                if !late && self.key == KeyState::Unchecked {
                    self.key = KeyState::Ready;
                }
                Decision::None.into()
            }
            // What a replaced key, or one already given up, answers says nothing about the one in use.
            Signal::KeyRefused | Signal::KeyOutOfCredit if late => Decision::Resend.into(),
            Signal::KeyRefused => {
                self.key_failed(KeyState::Refused, KeyFailure::Refused, Reason::KeyRefused, now)
            }
            Signal::KeyOutOfCredit => {
                self.key_failed(KeyState::OutOfCredit, KeyFailure::OutOfCredit, Reason::KeyOutOfCredit, now)
            }
            Signal::ModelUnavailable => match ordinary(signal, tried, policy.substitute) {
                Decision::Stop => Decision::StopNameSubstitute.into(),
                decision => decision.into(),
            },
            other => ordinary(other, tried, policy.substitute).into(),
        }
    }

    fn key_failed(&mut self, key: KeyState, failure: KeyFailure, reason: Reason, now: i64) -> Outcome {
        self.key = key;
        self.allowed_turns.clear();
        self.forced = None;
        self.change(Payer::Plan, reason, now).and(Decision::StopKeyFailed(failure))
    }

    fn key_changed(&mut self, key: KeyState, now: i64) -> Outcome {
        self.key = key;
        self.exhausted = Exhausted::default();
        self.allowed_turns.clear();
        self.allowed_for_process = false;
        self.forced = None;
        let outcome = self.change(Payer::Plan, Reason::KeyChanged, now);
        if outcome.change.is_none() {
            // Answers to requests that carried the old key or account must be known as late.
            self.epoch += 1;
        }
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
        self.change(Payer::Plan, Reason::Forced, now).change
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

impl Outcome {
    /// The same outcome with another decision.
    fn and(self, decision: Decision) -> Outcome {
        Outcome { decision, ..self }
    }
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        Outcome { decision, change: None, notice: None }
    }
}
