//! `thread/start`.

use std::path::Path;
use std::sync::Arc;

use codex_app_server_protocol::{
    ClientResponse, ConfigWarning, RequestId, RpcError, ServerNotification, ThreadStartParams, ThreadStarted,
    Warning,
};
use codex_core::{Originator, StartedThread};

use crate::connection::ConnectionTask;
use crate::sink::ClientSink;
use crate::{config, refusal};

impl ConnectionTask {
    /// Answers, then tells `thread/started` and what could not be read or was ignored.
    pub(crate) async fn thread_start(&mut self, id: RequestId, params: ThreadStartParams) {
        match self.start_thread(params).await {
            Err(refusal) => self.answer(id, Err(refusal)).await,
            Ok((StartedThread { handle, response, warnings, announcement }, oddities)) => {
                let thread = response.thread.clone();
                self.threads.insert(thread.id.clone(), handle);
                self.server.consent().owns(thread.id.clone(), self.subscriber.clone());
                self.answer(id, Ok(ClientResponse::ThreadStart(response))).await;
                let thread_id = thread.id.clone();
                self.subscriber.notify(ServerNotification::ThreadStarted(ThreadStarted { thread })).await;
                for summary in self.server.untold(oddities) {
                    let oddity = ConfigWarning { summary, details: None, path: None };
                    self.subscriber.notify(ServerNotification::ConfigWarning(oddity)).await;
                }
                for message in warnings {
                    let warning = Warning { thread_id: Some(thread_id.clone()), message };
                    self.subscriber.notify(ServerNotification::Warning(warning)).await;
                }
                drop(announcement);
            }
        }
    }

    /// With what is odd about the settings of its folder.
    async fn start_thread(
        &self,
        params: ThreadStartParams,
    ) -> Result<(StartedThread, Vec<String>), RpcError> {
        let handshake = self.subscriber.handshake()?;
        let originator = Originator {
            name: handshake.originator.clone(),
            user_agent: handshake.user_agent.clone(),
            source: source(&handshake.originator).to_owned(),
        };
        let sink = ClientSink { subscriber: self.subscriber.clone(), audience: self.server.audience.clone() };
        let options = &self.server.options;
        let folder =
            params.cwd.as_ref().map_or(options.engine.options().working_directory.as_path(), Path::new);
        let (settings, oddities) = config::load(options.settings.clone(), folder.to_path_buf()).await?;
        let started = options.engine.start_thread(settings, params, originator, Arc::new(sink)).await;
        Ok((started.map_err(refusal::core)?, oddities))
    }
}

/// `thread.source` of a client's threads; whoever is not one of our own front ends reads `vscode` (wire-facts §5.5).
fn source(originator: &str) -> &'static str {
    match originator {
        "codex_exec" => "exec",
        "codex-tui" | "codex_cli_rs" => "cli",
        _ => "vscode",
    }
}
