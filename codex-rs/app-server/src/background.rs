//! `thread/backgroundTerminals/*`: the commands of a thread that run on in the background.

use codex_app_server_protocol::{
    BackgroundTerminal, BackgroundTerminalsCleanResponse, BackgroundTerminalsListResponse,
    BackgroundTerminalsTerminateResponse, ClientResponse, RequestId, RpcError, ThreadId,
};
use codex_core::{Background, Ended, SessionId, Sessions};

use crate::connection::ConnectionTask;
use crate::refusal;

impl ConnectionTask {
    pub(crate) async fn background_terminals(&self, id: RequestId, thread: &ThreadId) {
        let listed = self.sessions_of(thread).map(|sessions| {
            let data = sessions.list().into_iter().map(told).collect();
            let response = BackgroundTerminalsListResponse { data, next_cursor: None };
            ClientResponse::BackgroundTerminalsList(response)
        });
        self.answer(id, listed).await;
    }

    pub(crate) async fn end_background_terminal(&mut self, id: RequestId, thread: &ThreadId, process: &str) {
        let session = SessionId::parse(process);
        let ended = self.sessions_of(thread).map(|sessions| async move {
            let terminated = match session {
                Some(session) => sessions.terminate(session).await == Ended::Now,
                None => false,
            };
            ClientResponse::BackgroundTerminalsTerminate(BackgroundTerminalsTerminateResponse { terminated })
        });
        self.end_beside(id, ended).await;
    }

    pub(crate) async fn end_background_terminals(&mut self, id: RequestId, thread: &ThreadId) {
        let ended = self.sessions_of(thread).map(|sessions| async move {
            sessions.clean().await;
            ClientResponse::BackgroundTerminalsClean(BackgroundTerminalsCleanResponse {})
        });
        self.end_beside(id, ended).await;
    }

    /// Commands may take their time to end.
    async fn end_beside(
        &mut self,
        id: RequestId,
        work: Result<impl Future<Output = ClientResponse> + Send + 'static, RpcError>,
    ) {
        match work {
            Ok(work) => self.beside(id, async move { Ok(work.await) }).await,
            Err(refusal) => self.answer(id, Err(refusal)).await,
        }
    }

    fn sessions_of(&self, thread: &ThreadId) -> Result<Sessions, RpcError> {
        let thread = self.threads.get(thread).ok_or_else(|| refusal::unknown_thread(thread))?;
        Ok(thread.sessions().clone())
    }
}

fn told(running: Background) -> BackgroundTerminal {
    BackgroundTerminal {
        item_id: running.item_id,
        process_id: running.id.to_string(),
        command: running.script,
        cwd: running.cwd.display().to_string(),
        os_pid: Some(running.process.into()),
        cpu_percent: None,
        rss_kb: None,
    }
}
