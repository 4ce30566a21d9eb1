//! The question of `mode = "ask"`: one open per process, put to the client whose turn waits (fallback-spec §5).

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use codex_app_server_protocol::{RequestId, RpcError, ThreadId};
use serde_json::Value;

use crate::subscriber::{ConnectionId, Subscriber};

/// Asks whether the key may pay. Give it to the model client as its `ConsentPrompt` and to the server.
#[derive(Debug, Default)]
pub struct ConsentDesk {
    owners: Mutex<HashMap<ThreadId, Arc<Subscriber>>>,
}

impl ConsentDesk {
    /// A desk with nothing to ask.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn owns(&self, thread: ThreadId, subscriber: Arc<Subscriber>) {
        if let Ok(mut owners) = self.owners.lock() {
            owners.insert(thread, subscriber);
        }
    }

    pub(crate) async fn answered(
        &self,
        subscriber: &Subscriber,
        id: RequestId,
        result: Result<Value, RpcError>,
    ) {
        let _ = (subscriber, id, result);
    }

    pub(crate) fn left(&self, id: ConnectionId) {
        let _ = id;
    }
}
