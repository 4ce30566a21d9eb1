//! `mcpServerStatus/list` and `config/mcpServer/reload`.

use std::collections::BTreeMap;

use codex_app_server_protocol::{
    ClientResponse, McpAuthStatus, McpServerConnectionStatus, McpServerReloadResponse, McpServerStatus,
    McpServerStatusListParams, McpServerStatusListResponse, RequestId, RpcError,
};
use codex_core::ThreadHandle;
use codex_mcp_client::{ServerStatus, SignIn, State, Tool};

use crate::connection::ConnectionTask;
use crate::{config, refusal};

impl ConnectionTask {
    /// The servers of a thread, with their tools; without a thread those that the settings name, none of them started.
    pub(crate) async fn mcp_servers(&self, id: RequestId, params: McpServerStatusListParams) {
        let listed = match &params.thread_id {
            Some(thread) => match self.threads.get(thread) {
                Some(thread) => Ok(running(thread)),
                None => Err(refusal::unknown_thread(thread)),
            },
            None => self.configured().await,
        };
        let listed = listed.map(|mut data| {
            data.retain(|server| params.server_name.as_ref().is_none_or(|name| *name == server.name));
            ClientResponse::McpServerStatusList(McpServerStatusListResponse { data, next_cursor: None })
        });
        self.answer(id, listed).await;
    }

    /// Every thread of this connection takes over what the settings say now.
    pub(crate) async fn reload_mcp_servers(&self, id: RequestId) {
        let mut reloaded = Ok(ClientResponse::McpServerReload(McpServerReloadResponse {}));
        for thread in self.threads.values() {
            let settings = self.server.options.settings.clone();
            match config::load(settings, thread.started_in().to_path_buf()).await {
                Ok((config, _)) => thread.reload_servers(&config),
                Err(error) => reloaded = Err(error),
            }
        }
        self.answer(id, reloaded).await;
    }

    async fn configured(&self) -> Result<Vec<McpServerStatus>, RpcError> {
        let options = &self.server.options;
        let folder = options.engine.options().working_directory.clone();
        let (config, _) = config::load(options.settings.clone(), folder).await?;
        let names = config.mcp_servers.iter();
        Ok(names
            .map(|(name, server)| {
                let status = (!server.enabled).then_some(McpServerConnectionStatus::Disabled);
                unstarted(name.clone(), status)
            })
            .collect())
    }
}

fn running(thread: &ThreadHandle) -> Vec<McpServerStatus> {
    let servers = thread.servers();
    let tools = servers.tools();
    servers.status().into_iter().map(|server| told(server, &tools)).collect()
}

fn told(server: ServerStatus, tools: &[Tool]) -> McpServerStatus {
    let ServerStatus { name, state, sign_in, http_origin } = server;
    let of_it = tools.iter().filter(|tool| tool.server == name);
    let tools = of_it.map(|tool| (tool.name.clone(), tool.raw.clone())).collect();
    let auth_status = match sign_in {
        SignIn::Unsupported => McpAuthStatus::Unsupported,
        SignIn::BearerToken => McpAuthStatus::BearerToken,
        SignIn::Wanted => McpAuthStatus::NotLoggedIn,
    };
    let unstarted = |status| McpServerStatus { http_origin, auth_status, ..unstarted(name, Some(status)) };
    match state {
        State::Disabled => unstarted(McpServerConnectionStatus::Disabled),
        State::Starting => unstarted(McpServerConnectionStatus::Starting),
        State::Cancelled => unstarted(McpServerConnectionStatus::Cancelled),
        State::Failed { why } => {
            McpServerStatus { tools_error: Some(why), ..unstarted(McpServerConnectionStatus::Failed) }
        }
        State::Ready(ready) => McpServerStatus {
            server_info: ready.server_info,
            server_capabilities: Some(ready.capabilities),
            tools,
            ..unstarted(McpServerConnectionStatus::Connected)
        },
    }
}

fn unstarted(name: String, runtime_status: Option<McpServerConnectionStatus>) -> McpServerStatus {
    McpServerStatus {
        name,
        runtime_status,
        plugin_id: None,
        http_origin: None,
        server_info: None,
        server_capabilities: None,
        tool_list_meta: None,
        tools: BTreeMap::new(),
        tools_error: None,
        resources: Vec::new(),
        resource_templates: Vec::new(),
        auth_status: McpAuthStatus::Unknown,
    }
}
