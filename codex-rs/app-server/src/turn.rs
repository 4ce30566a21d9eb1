//! `turn/start`, `turn/steer` and `turn/interrupt`.

use codex_app_server_protocol::{
    ClientResponse, RequestId, RpcError, ThreadId, TurnInterruptParams, TurnInterruptResponse,
    TurnStartParams, TurnStartResponse, TurnSteerParams, TurnSteerResponse,
};
use codex_core::{Announcement, ThreadHandle};

use crate::connection::ConnectionTask;
use crate::refusal;

impl ConnectionTask {
    pub(crate) async fn turn_start(&self, id: RequestId, params: TurnStartParams) {
        let started = match self.thread(&params.thread_id) {
            Ok(thread) => thread.start_turn(params).await.map_err(refusal::core),
            Err(refusal) => Err(refusal),
        };
        self.answer_then_announce(
            id,
            started.map(|(turn, hold)| (ClientResponse::TurnStart(TurnStartResponse { turn }), hold)),
        )
        .await;
    }

    pub(crate) async fn turn_steer(&self, id: RequestId, params: TurnSteerParams) {
        let steered = match self.thread(&params.thread_id) {
            Ok(thread) => thread.steer(params).await.map_err(refusal::core),
            Err(refusal) => Err(refusal),
        };
        self.answer_then_announce(
            id,
            steered.map(|(turn, hold)| {
                (ClientResponse::TurnSteer(TurnSteerResponse { turn_id: turn.id }), hold)
            }),
        )
        .await;
    }

    pub(crate) async fn turn_interrupt(&self, id: RequestId, params: TurnInterruptParams) {
        let interrupted = match self.thread(&params.thread_id) {
            Ok(thread) => thread.interrupt(params.turn_id).await.map_err(refusal::core),
            Err(refusal) => Err(refusal),
        };
        self.answer_then_announce(
            id,
            interrupted.map(|hold| (ClientResponse::TurnInterrupt(TurnInterruptResponse {}), hold)),
        )
        .await;
    }

    /// The answer is queued before the turn's first notification (wire-facts §5.5): the thread waits for `hold`.
    async fn answer_then_announce(
        &self,
        id: RequestId,
        result: Result<(ClientResponse, Announcement), RpcError>,
    ) {
        match result {
            Err(refusal) => self.answer(id, Err(refusal)).await,
            Ok((response, hold)) => {
                self.answer(id, Ok(response)).await;
                drop(hold);
            }
        }
    }

    fn thread(&self, id: &ThreadId) -> Result<&ThreadHandle, RpcError> {
        self.threads.get(id).ok_or_else(|| refusal::unknown_thread(id))
    }
}
