//! Owns the deterministic programme of a backend: which reply is next, and when a limit strikes.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::record::Recorded;
use crate::reply::Reply;
use crate::variant::{LimitVariant, Side};

/// The doors of the backend that take scripted replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// `POST /backend-api/codex/responses`
    PlanResponses,
    /// `GET /backend-api/codex/models`
    PlanModels,
    /// `GET /backend-api/wham/usage`
    Usage,
    /// `GET /backend-api/wham/accounts/check`
    AccountsCheck,
    /// `POST /oauth/token`
    OauthToken,
    /// `POST /oauth/revoke`
    OauthRevoke,
    /// `POST /v1/responses`
    KeyResponses,
    /// `GET /v1/models`
    KeyModels,
    /// Everything else: 404.
    Unknown,
}

/// The programme. For a model request that is authorised, valid and under no limit the reply is, in this order:
/// the next one of that door, the next one of the conversation (whoever pays), the responder's, `otherwise`.
#[derive(Clone, Default)]
pub struct Script {
    pub(crate) doors: HashMap<Door, VecDeque<Reply>>,
    pub(crate) conversation: VecDeque<Reply>,
    pub(crate) responder: Option<Responder>,
    pub(crate) otherwise: Option<Reply>,
}

/// A function from the recorded request to its reply.
pub type Responder = Arc<dyn Fn(&Recorded) -> Reply + Send + Sync>;

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("conversation", &self.conversation.len()).finish_non_exhaustive()
    }
}

impl Script {
    /// No replies: every model request is answered with a short message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replies consumed in order by model requests of both sides, so that texts do not depend on the payer.
    pub fn conversation(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::new().then(replies)
    }

    /// Appends to the conversation.
    pub fn then(mut self, replies: impl IntoIterator<Item = Reply>) -> Self {
        self.conversation.extend(replies);
        self
    }

    /// The next reply of one door, before anything else is tried there. On doors other than the two of model
    /// requests it replaces the ordinary answer, also without a valid credential.
    pub fn at(mut self, door: Door, reply: Reply) -> Self {
        self.doors.entry(door).or_default().push_back(reply);
        self
    }

    /// Computes the reply from the request, once the lists are used up.
    pub fn respond(mut self, responder: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        self.responder = Some(Arc::new(responder));
        self
    }

    /// The reply when nothing else is left.
    pub fn otherwise(mut self, reply: Reply) -> Self {
        self.otherwise = Some(reply);
        self
    }

    pub(crate) fn next_at(&mut self, door: Door) -> Option<Reply> {
        self.doors.get_mut(&door).and_then(VecDeque::pop_front)
    }

    /// The next reply of a model request, or what computes it.
    pub(crate) fn next_model_reply(&mut self, door: Door) -> NextReply {
        if let Some(reply) = self.next_at(door).or_else(|| self.conversation.pop_front()) {
            return NextReply::Ready(Box::new(reply));
        }
        match (&self.responder, &self.otherwise) {
            (Some(responder), _) => NextReply::Compute(Arc::clone(responder)),
            (None, Some(reply)) => NextReply::Ready(Box::new(reply.clone())),
            (None, None) => NextReply::Ready(Box::new(Reply::text("Done."))),
        }
    }
}

pub(crate) enum NextReply {
    Ready(Box<Reply>),
    Compute(Responder),
}

/// A rule: after so much served on one credential, its model requests get this variant.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    pub(crate) after: After,
    pub(crate) variant: LimitVariant,
    pub(crate) payer: Option<String>,
    pub(crate) times: Option<u32>,
    pub(crate) struck_at: Option<i64>,
}

/// How much is served before a limit strikes, counted per credential since the last `lift_limits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Model requests that were answered from the script.
    Requests(u64),
    /// Input and output tokens.
    Tokens(u64),
}

impl Limit {
    /// Strikes model requests after `count` served ones, on the variant's side.
    pub fn after_requests(count: u64, variant: LimitVariant) -> Self {
        Self::new(After::Requests(count), variant)
    }

    /// Strikes once `count` tokens are used.
    pub fn after_tokens(count: u64, variant: LimitVariant) -> Self {
        Self::new(After::Tokens(count), variant)
    }

    /// Strikes only this account (its id) or key (its name).
    pub fn of(mut self, payer: &str) -> Self {
        self.payer = Some(payer.to_owned());
        self
    }

    /// Strikes only so many requests, then is gone: a throttle that waiting heals.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn new(after: After, variant: LimitVariant) -> Self {
        Self { after, variant, payer: None, times: None, struck_at: None }
    }

    /// Whether it strikes now; counts the strike. A limit whose reset time has passed is gone.
    pub(crate) fn strikes(&mut self, side: Side, payer: &str, served: Served, now: i64) -> bool {
        if self.variant.side() != side || self.payer.as_deref().is_some_and(|only| only != payer) {
            return false;
        }
        let reached = match self.after {
            After::Requests(count) => served.requests >= count,
            After::Tokens(count) => served.tokens >= count,
        };
        if !reached || self.times == Some(0) || self.is_over(now) {
            return false;
        }
        self.struck_at.get_or_insert(now);
        if let Some(times) = &mut self.times {
            *times -= 1;
        }
        true
    }

    pub(crate) fn is_over(&self, now: i64) -> bool {
        match (self.struck_at, self.variant.resets_in()) {
            (Some(struck_at), Some(seconds)) => now >= struck_at + seconds,
            (_, None) | (None, Some(_)) => false,
        }
    }
}

/// What one credential was served.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Served {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}
