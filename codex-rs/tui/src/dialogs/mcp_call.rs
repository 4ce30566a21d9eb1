//! May the agent call this tool of an MCP server?

use codex_app_server_protocol::{McpElicitationAction, McpServerElicitationRequestResponse, RequestId};
use codex_render::Tone;
use crossterm::event::KeyEvent;
use serde_json::{Value, json};

use super::Dialog;
use super::question::{self, Offer, Question};
use super::sheet::Sheet;
use crate::app_event::{AppEvent, Reply};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// What `_meta.codex_approval_kind` says of such a question.
const KIND: &str = "mcp_tool_call";

/// The question.
#[derive(Debug)]
pub(crate) struct ApproveMcpCall {
    question: Question,
    message: String,
    description: Option<String>,
    arguments: String,
}

impl ApproveMcpCall {
    /// Whether a server's question with this `_meta` is ours about a call.
    pub(crate) fn is_it(meta: Option<&Value>) -> bool {
        meta.is_some_and(|meta| meta["codex_approval_kind"] == KIND)
    }

    /// As the engine asks it.
    pub(crate) fn new(id: RequestId, message: String, meta: Option<&Value>, now: Now) -> Self {
        let meta = meta.cloned().unwrap_or_default();
        let offer = |letter, words: &str, brief: &str, action, meta| Offer {
            letter,
            words: words.to_owned(),
            brief: brief.to_owned(),
            reply: Reply::Mcp(McpServerElicitationRequestResponse { action, content: None, meta }),
        };
        let mut answers = vec![offer('y', "Yes", "Yes", McpElicitationAction::Accept, None)];
        let may_persist = match &meta["persist"] {
            Value::Array(scopes) => scopes.iter().any(|scope| scope == "session"),
            scope => scope == "session",
        };
        if may_persist {
            let words = "Yes, and this tool again in this conversation without asking";
            answers.push(offer(
                'a',
                words,
                "Yes, again without asking",
                McpElicitationAction::Accept,
                Some(json!({"persist": "session"})),
            ));
        }
        answers.push(offer(
            'n',
            "No; the agent goes on without it",
            "No, go on without",
            McpElicitationAction::Decline,
            None,
        ));
        answers.push(offer(
            'c',
            "No, and stop the turn",
            "No, and stop the turn",
            McpElicitationAction::Cancel,
            None,
        ));
        let arguments = match &meta["tool_params"] {
            Value::Null => String::new(),
            arguments => serde_json::to_string_pretty(arguments).unwrap_or_default(),
        };
        ApproveMcpCall {
            question: Question::new(id, answers, now),
            message,
            description: meta["tool_description"].as_str().map(str::to_owned),
            arguments,
        }
    }
}

impl Dialog for ApproveMcpCall {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        self.question.key(key, now, self.arguments.lines().count() + self.arguments.len() / 20)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn question_mut(&mut self) -> Option<&mut Question> {
        Some(&mut self.question)
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "May this tool be called?");
        sheet.subtitle(Tone::Strong, &question::in_a_line(&self.message));
        if let Some(description) = &self.description {
            sheet.text(Tone::Faint, &format!("The server says of it: {}", question::in_a_line(description)));
        }
        sheet.text(Tone::Faint, "It runs outside of the sandbox.");
        let body = question::lines(scene, Tone::Normal, &self.arguments);
        self.question.picture(sheet, body, room)
    }
}
