//! Our side of the conversation: what a server may ask of us.

use std::sync::Arc;

use rmcp::ClientHandler;
use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ErrorData, FormElicitationCapability, Implementation, ProtocolVersion,
};
use rmcp::service::{NotificationContext, RequestContext, RoleClient};
use serde_json::Value;
use tokio::sync::Notify;

use crate::elicitation::{Answer, Elicitation};
use crate::servers::Host;
use crate::traffic::Traffic;

/// Answers one server.
pub(crate) struct Handler {
    pub(crate) server: String,
    pub(crate) version: String,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) traffic: Arc<Traffic>,
    /// Told when the server's list of tools is another one.
    pub(crate) tools_changed: Arc<Notify>,
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let mut capabilities = ClientCapabilities::default();
        // Forms only: an address to open is a way to be led astray, and there is no dialog for it yet.
        capabilities.elicitation =
            Some(ElicitationCapability::new().with_form(FormElicitationCapability::new()));
        let ours = Implementation::new("codex", self.version.clone()).with_title("Codex");
        let mut config = ClientConfig::new(capabilities, ours);
        config.protocol_version = ProtocolVersion::LATEST_WITH_INITIALIZE;
        config
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { meta, message, requested_schema } = request else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
        let Some(_waiting) = self.traffic.question() else {
            return Ok(ElicitResult::new(ElicitationAction::Decline));
        };
        let question = Elicitation {
            server: self.server.clone(),
            message,
            requested_schema: serde_json::to_value(requested_schema).unwrap_or(Value::Null),
            meta: meta.and_then(|meta| serde_json::to_value(meta).ok()),
        };
        let asked = async {
            let _turn = self.traffic.turn().acquire().await;
            self.host.ask(question).await
        };
        let answer = tokio::select! {
            answer = asked => answer,
            () = context.ct.cancelled() => Answer::Cancel,
        };
        Ok(match answer {
            Answer::Accept { content } => ElicitResult::new(ElicitationAction::Accept).with_content(content),
            Answer::Decline => ElicitResult::new(ElicitationAction::Decline),
            Answer::Cancel => ElicitResult::new(ElicitationAction::Cancel),
        })
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.tools_changed.notify_one();
    }
}
