//! All connected clients, and the news that goes to every one of them: `account/fallback/updated`.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server_protocol::{FallbackStatus, FallbackUpdated, ServerNotification};
use codex_login::{AuthManager, PayerChange};

use crate::account;
use crate::fallback::status;
use crate::subscriber::{ConnectionId, Subscriber};

/// All connected clients, and what they know about the payer.
#[derive(Debug)]
pub(crate) struct Audience {
    auth: Arc<AuthManager>,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    subscribers: BTreeMap<ConnectionId, Arc<Subscriber>>,
    told: News,
}

/// What counts as a change; the counters that grow with every request do not.
#[derive(Debug, PartialEq)]
struct News {
    status: FallbackStatus,
    change: Option<PayerChange>,
}

impl Audience {
    pub(crate) fn new(auth: Arc<AuthManager>) -> Self {
        let told = News::of(&auth);
        Audience { auth, inner: Mutex::new(Inner { subscribers: BTreeMap::new(), told }) }
    }

    pub(crate) fn join(&self, subscriber: Arc<Subscriber>) {
        self.inner().subscribers.insert(subscriber.id, subscriber);
    }

    pub(crate) fn leave(&self, id: ConnectionId) {
        self.inner().subscribers.remove(&id);
    }

    /// Tells every client with the capability what changed since it was told last, if anything. Every thread
    /// notices a change of payer for itself; whoever comes first tells it, for all clients in the same order.
    pub(crate) fn tell_changes(&self) {
        // The state is read under the lock so that news cannot overtake each other. Queueing does not wait.
        let mut inner = self.inner();
        let news = News::of(&self.auth);
        if news == inner.told {
            return;
        }
        let message = match &news.change {
            Some(change) if news.change != inner.told.change => Some(change.sentence()),
            Some(_) | None => None,
        };
        let update = FallbackUpdated { fallback: status(self.auth.status()), message };
        for subscriber in inner.subscribers.values().filter(|subscriber| subscriber.knows_fallback()) {
            subscriber.notify_now(ServerNotification::FallbackUpdated(update.clone()));
        }
        inner.told = news;
    }

    /// Tells every client who is signed in now.
    pub(crate) fn tell_account(&self) {
        let updated = account::updated(&self.auth);
        for subscriber in self.inner().subscribers.values() {
            subscriber.notify_now(ServerNotification::AccountUpdated(updated.clone()));
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl News {
    fn of(auth: &AuthManager) -> Self {
        let status = status(auth.status());
        let status =
            FallbackStatus { tokens: 0, usd: None, tokens_since_switch: 0, usd_since_switch: None, ..status };
        News { status, change: auth.last_change() }
    }
}
