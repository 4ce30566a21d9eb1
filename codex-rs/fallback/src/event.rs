//! The words of a decision: what can happen, what to do about it, and who carries a request.

use crate::answer::Signal;
use crate::policy::WhyNot;

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
    /// The history was compacted because the request was too large.
    pub compacted: bool,
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
    /// The person set the mode (the new one is in the policy); an allowance for this process ends, and so does
    /// everything the new mode no longer backs.
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
    /// The person allowed it when asked, for the turns that waited only. Nobody else's payer changes, so the
    /// epoch does not grow; turns that join while another one is so allowed make no further change.
    AllowedForTurn,
    /// The person forced it, or took a force back.
    Forced,
    /// A force had run its time.
    ForceEnded,
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

impl Outcome {
    /// The same outcome with another decision.
    pub(crate) fn and(self, decision: Decision) -> Outcome {
        Outcome { decision, ..self }
    }
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        Outcome { decision, change: None, notice: None }
    }
}
