//! Where a thread's notifications and questions go.

use std::future::Future;
use std::pin::Pin;

use codex_app_server_protocol::{ServerNotification, ServerRequest, ThreadId};
use codex_login::PayerChange;
use serde_json::Value;

/// A future of a sink.
pub type SinkFuture<'a, T = ()> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The receiver of one thread's notifications, in order. The thread waits for each future, so a slow receiver slows
/// the thread down instead of filling memory. A sink whose reader is gone returns at once.
pub trait EventSink: Send + Sync {
    /// Takes one notification.
    fn emit(&self, notification: ServerNotification) -> SinkFuture<'_>;

    /// Puts a question of this thread to its client and waits for the answer, however long that takes. `None` where
    /// nobody answers: the client refuses, or is gone. Dropping the future withdraws the question.
    fn ask(&self, thread: ThreadId, request: ServerRequest) -> SinkFuture<'_, Option<Value>>;

    /// Hears that this thread's payer changed, right after the thread's own `warning` about it and before anything
    /// that the new payer pays for. Once per thread and change: with several threads the same change comes several
    /// times, told apart by its epoch.
    fn payer_changed(&self, change: PayerChange) -> SinkFuture<'_>;
}
