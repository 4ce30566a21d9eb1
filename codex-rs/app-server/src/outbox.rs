//! The queue of messages to one client: ordered, bounded, with a few places kept free for what must not wait.

use std::sync::Arc;

use codex_app_server_protocol::ServerMessage;
use tokio::sync::{Semaphore, mpsc};

/// Places for answers and notifications of a client's own threads that may lie unread before their senders wait.
const ORDINARY: usize = 512;
/// Bytes of text that take a place of their own, so that a slow reader cannot pile up long messages.
const PLACE_BYTES: usize = 256;
/// Messages that may lie unread beside those without anybody waiting: news of other connections' making.
const RESERVED: usize = 64;

/// Sends to one client. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Outbox {
    queue: mpsc::Sender<Queued>,
    room: Arc<Semaphore>,
}

/// What the server has for one client, in order. Dropping it closes the connection.
#[derive(Debug)]
pub struct Inbox {
    queue: mpsc::Receiver<Queued>,
    room: Arc<Semaphore>,
}

/// The client is gone or far behind, and the message is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Behind;

#[derive(Debug)]
struct Queued {
    message: ServerMessage,
    /// How many ordinary places it takes; none for what has a reserved one.
    places: u16,
}

/// Both ends of a new queue.
pub(crate) fn outbox() -> (Outbox, Inbox) {
    let (sender, receiver) = mpsc::channel(ORDINARY + RESERVED);
    let room = Arc::new(Semaphore::new(ORDINARY));
    (Outbox { queue: sender, room: room.clone() }, Inbox { queue: receiver, room })
}

impl Outbox {
    /// Queues a message, waiting for room. What a client that is gone would have got is forgotten.
    pub(crate) async fn send(&self, message: ServerMessage) {
        let places = places(&message);
        let Ok(permit) = self.room.acquire_many(places.into()).await else { return };
        permit.forget();
        // An error means that the client is gone.
        let _ = self.queue.send(Queued { message, places }).await;
    }

    /// Queues a message without waiting: for senders that must not hang on a client that is not theirs.
    ///
    /// # Errors
    /// When the client is gone, or has left all reserved places unread.
    pub(crate) fn send_now(&self, message: ServerMessage) -> Result<(), Behind> {
        self.queue.try_send(Queued { message, places: 0 }).map_err(|_| Behind)
    }

    /// Waits until the client is gone.
    pub(crate) async fn closed(&self) {
        self.queue.closed().await;
    }
}

impl Inbox {
    /// The next message; `None` when the connection has ended.
    pub async fn recv(&mut self) -> Option<ServerMessage> {
        let queued = self.queue.recv().await?;
        Some(self.take(queued).message)
    }

    /// Waits for a message and moves those that are ready to `messages`, until they have taken `limit` places. 0 when the
    /// connection has ended.
    pub(crate) async fn recv_batch(&mut self, messages: &mut Vec<ServerMessage>, limit: usize) -> usize {
        let before = messages.len();
        let mut next = self.queue.recv().await;
        let mut taken = 0;
        while let Some(queued) = next {
            let Queued { message, places } = self.take(queued);
            messages.push(message);
            taken += usize::from(places.max(1));
            next = if taken < limit { self.queue.try_recv().ok() } else { None };
        }
        messages.len() - before
    }

    /// Whether nothing waits to be read.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    fn take(&self, queued: Queued) -> Queued {
        self.room.add_permits(queued.places.into());
        queued
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.room.close();
    }
}

/// One place for being there, more for long texts; never more than there are.
fn places(message: &ServerMessage) -> u16 {
    let places = (1 + message.text_bytes() / PLACE_BYTES).min(ORDINARY);
    u16::try_from(places).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
