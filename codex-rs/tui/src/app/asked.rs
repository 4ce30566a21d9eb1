//! What the engine asks the person, each as a dialog. Questions wait for each other in the order in which they came.

use codex_app_server_protocol::{
    CommandApprovalKind, McpElicitation, McpElicitationAction, McpServerElicitationRequestParams,
    McpServerElicitationRequestResponse, RequestId, ServerRequest,
};

use super::{App, Outcome};
use crate::app_event::{NoticeKind, Reply};
use crate::dialogs::approve_change::ApproveChange;
use crate::dialogs::approve_command::{ApproveCommand, asked_about};
use crate::dialogs::approve_permissions::ApprovePermissions;
use crate::dialogs::ask::Ask;
use crate::dialogs::elicitation::Elicitation;
use crate::dialogs::mcp_call::ApproveMcpCall;
use crate::effect::Effect;
use crate::facts::Facts;
use crate::now::Now;

impl App {
    pub(super) fn asked(&mut self, id: RequestId, request: ServerRequest, now: Now, outcome: &mut Outcome) {
        // Behind the transcript nobody would see that the turn waits.
        self.pager = None;
        let line = in_a_line(&request);
        match request {
            ServerRequest::FallbackApproval(question) => self.dialogs.ask(Ask::new(id, question, now)),
            ServerRequest::CommandApproval(params) => {
                match params.kind {
                    CommandApprovalKind::Command | CommandApprovalKind::HumanCommand => {
                        self.conversation.command_is_asked_about(&params.item_id);
                    }
                    // That command runs already.
                    CommandApprovalKind::WriteStdin => {}
                }
                self.dialogs.ask(ApproveCommand::new(id, params, now));
            }
            ServerRequest::FileChangeApproval(params) => {
                let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
                let changes = self.conversation.changes(&params.item_id);
                self.dialogs.ask(ApproveChange::new(id, params, changes, facts, now));
            }
            ServerRequest::PermissionsApproval(params) => {
                self.dialogs.ask(ApprovePermissions::new(id, params, now));
            }
            ServerRequest::McpElicitation(params) => self.asked_by_server(id, params, now, outcome),
        }
        // One that cannot be shown was answered at once.
        if !self.dialogs.is_empty() {
            outcome.effects.extend(self.person.asked(&line, self.setup.attention));
        }
    }

    fn asked_by_server(
        &mut self,
        id: RequestId,
        params: McpServerElicitationRequestParams,
        now: Now,
        outcome: &mut Outcome,
    ) {
        let server = params.server_name;
        match params.request {
            McpElicitation::Form { meta, message, .. } if ApproveMcpCall::is_it(meta.as_ref()) => {
                self.conversation.tool_is_asked_about();
                self.dialogs.ask(ApproveMcpCall::new(id, message, meta.as_ref(), now));
            }
            McpElicitation::Form { message, requested_schema, .. } => {
                match Elicitation::form(id.clone(), server.clone(), message, &requested_schema, now) {
                    Some(form) => self.dialogs.ask(form),
                    None => {
                        let answer = McpServerElicitationRequestResponse {
                            action: McpElicitationAction::Decline,
                            content: None,
                            meta: None,
                        };
                        outcome.effects.push(Effect::Reply(id, Reply::Mcp(answer)));
                        let text = format!(
                            "The MCP server {server} asked for something that cannot be shown here; it was told no."
                        );
                        outcome.say(NoticeKind::Warning, text);
                    }
                }
            }
            McpElicitation::Url { message, url, .. } => {
                self.dialogs.ask(Elicitation::address(id, server, message, url, now));
            }
        }
    }
}

/// What is asked, for who does not see it.
fn in_a_line(request: &ServerRequest) -> String {
    match request {
        ServerRequest::FallbackApproval(params) => format!("may the key …{} pay?", params.key_last4),
        ServerRequest::CommandApproval(params) => {
            format!("may this be done? {}", asked_about(params))
        }
        ServerRequest::FileChangeApproval(_) => "may files be changed?".to_owned(),
        ServerRequest::PermissionsApproval(_) => "may the agent do more than the sandbox allows?".to_owned(),
        ServerRequest::McpElicitation(params) => {
            let (McpElicitation::Form { message, .. } | McpElicitation::Url { message, .. }) =
                &params.request;
            format!("the MCP server {} asks: {message}", params.server_name)
        }
    }
}
