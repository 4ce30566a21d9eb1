//! Where a thread's notifications go: to the client that started it, and news of the payer to all.

use std::sync::Arc;

use codex_app_server_protocol::ServerNotification;
use codex_core::{EventSink, SinkFuture};
use codex_login::PayerChange;

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
            // A change of payer shows up in a thread as one of these; everybody hears of it before the thread goes on.
            match &notification {
                ServerNotification::FallbackUpdated(_) => return self.audience.tell_changes(),
                ServerNotification::Warning(_)
                | ServerNotification::Error(_)
                | ServerNotification::TurnStarted(_)
                | ServerNotification::TurnCompleted(_) => self.audience.tell_changes(),
                ServerNotification::ThreadStarted(_)
                | ServerNotification::ThreadStatusChanged(_)
                | ServerNotification::ThreadTokenUsageUpdated(_)
                | ServerNotification::ItemStarted(_)
                | ServerNotification::ItemCompleted(_)
                | ServerNotification::AgentMessageDelta(_)
                | ServerNotification::ReasoningSummaryPartAdded(_)
                | ServerNotification::ReasoningSummaryDelta(_)
                | ServerNotification::ReasoningTextDelta(_)
                | ServerNotification::CommandOutputDelta(_)
                | ServerNotification::ConfigWarning(_)
                | ServerNotification::AccountRateLimitsUpdated(_)
                | ServerNotification::ServerRequestResolved(_) => {}
            }
            self.subscriber.notify(notification).await;
        })
    }

    fn payer_changed(&self, _: PayerChange) -> SinkFuture<'_> {
        Box::pin(async move { self.audience.tell_changes() })
    }
}
