//! Where a thread's notifications go.

use std::future::Future;
use std::pin::Pin;

use codex_app_server_protocol::ServerNotification;

/// A future of a sink.
pub type SinkFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// The receiver of one thread's notifications, in order. The thread waits for each future, so a slow receiver slows
/// the thread down instead of filling memory. A sink whose reader is gone returns at once.
pub trait EventSink: Send + Sync {
    /// Takes one notification.
    fn emit(&self, notification: ServerNotification) -> SinkFuture<'_>;
}
