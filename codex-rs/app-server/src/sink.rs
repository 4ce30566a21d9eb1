//! Where a thread's notifications and questions go: to the client that started it, and news of the payer to all.

use std::sync::Arc;

use codex_app_server_protocol::{ServerNotification, ServerRequest, ThreadId};
use codex_core::{EventSink, SinkFuture};
use codex_login::PayerChange;
use serde_json::Value;

use crate::audience::Audience;
use crate::questions;
use crate::subscriber::Subscriber;

/// The sink of one client's threads.
pub(crate) struct ClientSink {
    pub(crate) subscriber: Arc<Subscriber>,
    pub(crate) audience: Arc<Audience>,
}

impl EventSink for ClientSink {
    fn emit(&self, notification: ServerNotification) -> SinkFuture<'_> {
        Box::pin(async move {
            // A key that was refused changes nothing that the thread has to be told apart from its error.
            if let ServerNotification::TurnCompleted(_) = notification {
                self.audience.tell_changes();
            }
            self.subscriber.notify(notification).await;
        })
    }

    fn ask(&self, thread: ThreadId, request: ServerRequest) -> SinkFuture<'_, Option<Value>> {
        Box::pin(questions::ask(&self.subscriber, thread, request))
    }

    fn payer_changed(&self, _: PayerChange) -> SinkFuture<'_> {
        Box::pin(async move { self.audience.tell_changes() })
    }
}
