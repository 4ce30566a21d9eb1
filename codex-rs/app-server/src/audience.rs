//! All connected clients, and the news that goes to every one of them: `account/fallback/updated`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server_protocol::{FallbackStatus, FallbackUpdated, ServerNotification};

use crate::subscriber::{ConnectionId, Subscriber};

/// All connected clients.
#[derive(Debug, Default)]
pub(crate) struct Audience(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    subscribers: BTreeMap<ConnectionId, Arc<Subscriber>>,
    /// What was told last, without the counters that grow with every request.
    told: Option<FallbackStatus>,
}

impl Audience {
    pub(crate) fn join(&self, subscriber: Arc<Subscriber>) {
        self.inner().subscribers.insert(subscriber.id, subscriber);
    }

    pub(crate) fn leave(&self, id: ConnectionId) {
        self.inner().subscribers.remove(&id);
    }

    /// What counts as told before anything happened.
    pub(crate) fn assume_told(&self, status: &FallbackStatus) {
        self.inner().told = Some(without_counters(status));
    }

    /// Tells every client with the capability, in the same order for all.
    pub(crate) fn tell(&self, update: FallbackUpdated) {
        let mut inner = self.inner();
        inner.told = Some(without_counters(&update.fallback));
        // Queueing does not wait, so the lock keeps the order and is never held over IO.
        for subscriber in inner.subscribers.values().filter(|subscriber| subscriber.knows_fallback()) {
            subscriber.notify_now(ServerNotification::FallbackUpdated(update.clone()));
        }
    }

    /// The same, unless it was told before: every thread notices a change of payer for itself, and one of them
    /// is enough to tell it.
    pub(crate) fn tell_if_new(&self, update: FallbackUpdated) {
        if self.inner().told.as_ref() != Some(&without_counters(&update.fallback)) {
            self.tell(update);
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn without_counters(status: &FallbackStatus) -> FallbackStatus {
    FallbackStatus { tokens: 0, usd: None, ..status.clone() }
}
