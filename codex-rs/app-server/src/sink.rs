//! Where a thread's notifications go: to the client that started it, and news of the payer to all.

use std::sync::Arc;

use codex_app_server_protocol::ServerNotification;
use codex_core::{EventSink, SinkFuture};

use crate::audience::Audience;
use crate::subscriber::Subscriber;

/// The sink of one client's threads.
pub(crate) struct ClientSink {
    pub(crate) subscriber: Arc<Subscriber>,
    pub(crate) audience: Arc<Audience>,
}

impl EventSink for ClientSink {
    fn emit(&self, notification: ServerNotification) -> SinkFuture<'_> {
        Box::pin(async move {
            match notification {
                ServerNotification::FallbackUpdated(update) => self.audience.tell_if_new(update),
                notification => self.subscriber.notify(notification).await,
            }
        })
    }
}
