//! `initialize`: who connects and what it can do (wire-facts §5.2).

use codex_app_server_protocol::{ClientInfo, InitializeParams, InitializeResponse, RpcError};

use crate::connection::ConnectionTask;
use crate::server::Program;
use crate::subscriber::Handshake;

impl ConnectionTask {
    pub(crate) fn initialize(&self, params: InitializeParams) -> Result<InitializeResponse, RpcError> {
        let InitializeParams { client_info, capabilities } = params;
        let capabilities = capabilities.unwrap_or_default();
        for (member, text) in [("name", &client_info.name), ("version", &client_info.version)] {
            if !fits_a_header(text) {
                return Err(RpcError::invalid_request(format!(
                    "clientInfo.{member} becomes part of a request header: use 1 to 128 printable ASCII characters"
                )));
            }
        }
        let program = &self.server.options.program;
        let user_agent = user_agent(program, &client_info);
        let response = InitializeResponse {
            user_agent: user_agent.clone(),
            codex_home: self.server.options.codex_home.display().to_string(),
            platform_family: std::env::consts::FAMILY.to_owned(),
            platform_os: std::env::consts::OS.to_owned(),
        };
        self.subscriber.shake_hands(Handshake {
            originator: client_info.name,
            user_agent,
            fallback: capabilities.fallback,
            opted_out: capabilities.opt_out_notification_methods.unwrap_or_default().into_iter().collect(),
        })?;
        Ok(response)
    }
}

/// `<originator>/<version> (<OS> <osver>; <arch>) <terminal> (<client>; <clientver>)` (wire-facts §3.2).
fn user_agent(program: &Program, client: &ClientInfo) -> String {
    let Program { version, system, terminal } = program;
    let ClientInfo { name, version: client_version, .. } = client;
    format!("{name}/{version} ({system}) {terminal} ({name}; {client_version})")
}

fn fits_a_header(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}
