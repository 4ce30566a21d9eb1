//! Owns what the caller pulls: the events of one sampling, in order, made only as fast as they are taken.

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use codex_login::PayerChange;
use codex_protocol::{CodexErr, HistoryItem, RateLimitSnapshot, ResponseItem, TokenUsage};

/// One step of a sampling, in the order in which it happened.
#[derive(Debug, Clone, PartialEq)]
pub enum SampleEvent {
    /// A request is about to be sent, paid by this credential.
    Request {
        /// Who pays for it.
        payer: PaidBy,
    },
    /// Who pays for this thread is another than it was told last. Once per thread and change, before the first
    /// request that the new payer carries.
    PayerChanged(PayerChange),
    /// The request is sent again after a wait.
    Retrying {
        /// What went wrong.
        cause: CodexErr,
        /// Which retry this is, from 1.
        attempt: u32,
        /// How many there are at the most.
        of: u32,
        /// How long it waits.
        wait: Duration,
    },
    /// What was shown of an unfinished item is void; another takes its place, or none.
    Discarded {
        /// What cut it off. A `Retrying` just before has told it already.
        cause: CodexErr,
    },
    /// An item has begun.
    ItemStarted(ResponseItem),
    /// Assistant text.
    TextDelta {
        /// `msg_…`, where the service names it.
        item_id: Option<String>,
        /// The text.
        text: String,
    },
    /// A further paragraph of a reasoning summary begins.
    ReasoningSummaryPart {
        /// `rs_…`, where the service names it.
        item_id: Option<String>,
        /// Its place among the paragraphs.
        summary_index: u32,
    },
    /// Text of a reasoning summary.
    ReasoningSummaryDelta {
        /// `rs_…`, where the service names it.
        item_id: Option<String>,
        /// The paragraph it belongs to.
        summary_index: u32,
        /// The text.
        text: String,
    },
    /// Raw reasoning text.
    ReasoningDelta {
        /// `rs_…`, where the service names it.
        item_id: Option<String>,
        /// The part it belongs to.
        content_index: u32,
        /// The text.
        text: String,
    },
    /// A finished item, with who minted it. It stays, whatever happens to the rest of the answer.
    ItemDone(HistoryItem),
    /// What an answer says about a limit. May be sparse: absent members are unknown, not free.
    RateLimits(RateLimitSnapshot),
    /// The service answers with another model than the one asked for.
    ServerModel(String),
    /// The answer is complete; the last event.
    Completed {
        /// Tokens of this answer.
        usage: TokenUsage,
        /// Whether the model says that its turn is over, where it says so.
        end_turn: Option<bool>,
        /// Who paid for it.
        payer: PaidBy,
    },
    /// The answer ended early, after finished items; the last event. Run their tool calls and sample again.
    CutOff,
}

/// Who pays for one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaidBy {
    /// The ChatGPT plan.
    Plan,
    /// The fallback API key.
    FallbackKey,
    /// The API key of a sign-in without a plan; there is no fallback.
    ApiKeySignIn,
}

/// A sampling under way. Dropping it cancels whatever is in flight.
pub struct Sampling<'a> {
    progress: Progress<'a>,
    outbox: Outbox,
}

enum Progress<'a> {
    Working(Pin<Box<dyn Future<Output = Result<(), CodexErr>> + Send + 'a>>),
    Ended(Result<(), CodexErr>),
}

/// Where the sampling's work leaves its events.
#[derive(Clone, Default)]
pub(crate) struct Outbox(Arc<Mutex<VecDeque<SampleEvent>>>);

/// Events that may wait to be taken before the work pauses.
const MOST_WAITING: usize = 256;

impl<'a> Sampling<'a> {
    pub(crate) fn new<W>(work: impl FnOnce(Outbox) -> W) -> Self
    where
        W: Future<Output = Result<(), CodexErr>> + Send + 'a,
    {
        let outbox = Outbox::default();
        Sampling { progress: Progress::Working(Box::pin(work(outbox.clone()))), outbox }
    }

    /// The next event; `None` after the last. After an error there is nothing more. May be dropped and called
    /// again without losing anything.
    pub async fn next(&mut self) -> Result<Option<SampleEvent>, CodexErr> {
        poll_fn(|context| {
            loop {
                // What was left on the way comes before the error that ended it.
                if let Some(event) = self.outbox.take() {
                    return Poll::Ready(Ok(Some(event)));
                }
                match &mut self.progress {
                    Progress::Ended(result) => {
                        return Poll::Ready(std::mem::replace(result, Ok(())).map(|()| None));
                    }
                    Progress::Working(work) => match work.as_mut().poll(context) {
                        Poll::Ready(result) => self.progress = Progress::Ended(result),
                        Poll::Pending if self.outbox.is_empty() => return Poll::Pending,
                        Poll::Pending => {}
                    },
                }
            }
        })
        .await
    }
}

impl fmt::Debug for Sampling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sampling")
    }
}

impl Outbox {
    /// Leaves an event for the caller; pauses while too many wait.
    pub(crate) async fn emit(&self, event: SampleEvent) {
        let waiting = {
            let mut queue = self.queue();
            queue.push_back(event);
            queue.len()
        };
        if waiting >= MOST_WAITING {
            self.drained().await;
        }
    }

    /// Waits until everything left so far was taken. No waker is needed: [`Sampling::next`] polls the work again
    /// as soon as nothing waits.
    async fn drained(&self) {
        poll_fn(|_| if self.is_empty() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn is_empty(&self) -> bool {
        self.queue().is_empty()
    }

    fn take(&self) -> Option<SampleEvent> {
        self.queue().pop_front()
    }

    fn queue(&self) -> MutexGuard<'_, VecDeque<SampleEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
