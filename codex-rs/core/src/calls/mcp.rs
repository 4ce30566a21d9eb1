//! A call of a tool of an MCP server: asked about unless its server says that it only reads, then made.

use std::time::Instant;

use codex_app_server_protocol::{
    McpElicitation, McpElicitationAction, McpServerElicitationRequestParams, McpToolCallError,
    McpToolCallItem, McpToolCallResult, McpToolCallStatus, ThreadItem,
};
use codex_mcp_client::{CallOutput, Part, Tool};
use codex_tools::image;
use serde_json::{Value, json};

use super::{Desk, Output};
use crate::permissions::{self, Verdict};
use crate::walls;

/// Tokens of a result that the model gets when no setting says otherwise.
const RESULT_TOKENS: usize = 10_000;

/// Makes the call, if it may be made, and tells it.
pub(super) async fn call(desk: &mut Desk<'_>, call_id: &str, tool: &Tool, arguments: &str) -> Output {
    let arguments: Value =
        match serde_json::from_str(if arguments.trim().is_empty() { "{}" } else { arguments }) {
            Ok(arguments @ Value::Object(_)) => arguments,
            Ok(_) | Err(_) => {
                let bad = "its arguments must be a JSON object";
                desk.without_item(&format!("A call of {} was not done", tool.name), bad).await;
                return Output::text(format!("The tool was not called: {bad}."));
            }
        };
    let mut item = McpToolCallItem {
        id: desk.thread.item_ids.claim(Some(call_id)),
        server: tool.server.clone(),
        tool: tool.name.clone(),
        status: McpToolCallStatus::InProgress,
        arguments: arguments.clone(),
        app_context: None,
        mcp_app_ui: None,
        plugin_id: None,
        read_only_hint: tool.annotations.read_only,
        result: None,
        error: None,
        duration_ms: None,
    };
    desk.teller.item_started(ThreadItem::McpToolCall(item.clone())).await;
    let allowed = allow(desk, tool, &arguments).await;
    // What the person took to answer is not the server's.
    let started = Instant::now();
    let (result, output) = match allowed {
        Ok(()) => run(desk, tool, arguments).await,
        Err(why) => (Err(why.clone()), Output::text(why)),
    };
    item.duration_ms = Some(i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX));
    match result {
        Ok(result) => {
            item.status =
                if result.is_error { McpToolCallStatus::Failed } else { McpToolCallStatus::Completed };
            item.result = Some(McpToolCallResult {
                content: result.content,
                structured_content: result.structured,
                meta: result.meta,
            });
        }
        Err(message) => {
            item.status = McpToolCallStatus::Failed;
            item.error = Some(McpToolCallError { message });
        }
    }
    desk.teller.item_completed(ThreadItem::McpToolCall(item)).await;
    output
}

/// Whether the call may be made; else why not, for the model.
async fn allow(desk: &mut Desk<'_>, tool: &Tool, arguments: &Value) -> Result<(), String> {
    let settings = &desk.thread.settings;
    match permissions::mcp_call(&settings.approval, walls::access(settings), tool) {
        Verdict::Go(_) => return Ok(()),
        Verdict::Refuse(why) => return Err(why),
        Verdict::Ask { .. } if desk.thread.allowed.has_tool(&tool.server, &tool.name) => return Ok(()),
        Verdict::Ask { .. } => {}
    }
    let shown = tool.title.as_ref().unwrap_or(&tool.name);
    // A title is the server's own praise; the name is what is called.
    let called = match tool.title.as_ref().filter(|title| **title != tool.name) {
        Some(title) => format!("\"{}\" (\"{title}\")", tool.name),
        None => format!("\"{}\"", tool.name),
    };
    let params = McpServerElicitationRequestParams {
        thread_id: desk.teller.thread_id.clone(),
        turn_id: Some(desk.teller.turn_id.clone()),
        server_name: tool.server.clone(),
        request: McpElicitation::Form {
            meta: Some(json!({
                "codex_approval_kind": "mcp_tool_call",
                "persist": ["session"],
                "tool_title": shown,
                "tool_description": tool.description,
                "tool_params": arguments,
            })),
            message: format!("May the agent call the tool {called} of the MCP server {}?", tool.server),
            requested_schema: json!({"type": "object", "properties": {}}),
        },
    };
    let answer = desk.ask(params).await;
    match answer.as_ref().map(|answer| answer.action) {
        Some(McpElicitationAction::Accept) => {
            let persist =
                answer.and_then(|answer| answer.meta).is_some_and(|meta| meta["persist"] == "session");
            if persist {
                desk.thread.allowed.allow_tool(&tool.server, &tool.name);
            }
            Ok(())
        }
        Some(McpElicitationAction::Cancel) => {
            desk.cancel();
            Err("The tool was not called: the person ended the turn.".to_owned())
        }
        Some(McpElicitationAction::Decline) | None => {
            Err("The tool was not called: the person declined. Go on without it.".to_owned())
        }
    }
}

async fn run(desk: &Desk<'_>, tool: &Tool, arguments: Value) -> (Result<CallOutput, String>, Output) {
    let servers = desk.thread.servers.clone();
    let called = tokio::select! {
        biased;
        () = desk.control.interrupted() => {
            let why = "The person interrupted the call; the server was told to stop.".to_owned();
            return (Err(why.clone()), Output::text(why));
        }
        called = servers.call(&tool.server, &tool.name, arguments) => called,
    };
    match called {
        Ok(result) => {
            let output = for_model(&result, desk.thread.output_tokens.unwrap_or(RESULT_TOKENS));
            (Ok(result), output)
        }
        Err(error) => (Err(error.to_string()), Output::text(format!("{error}."))),
    }
}

/// The result as the model gets it.
fn for_model(result: &CallOutput, tokens: usize) -> Output {
    let mut texts = Vec::new();
    let mut images = Vec::new();
    for part in result.parts() {
        match part {
            Part::Text(text) => texts.push(text),
            Part::Image { data } => match image::data_url_of_base64(&data) {
                Ok(data_url) => images.push(json!({"type": "input_image", "image_url": data_url})),
                Err(problem) => texts.push(format!("[An image of the tool's was left out: it {problem}.]")),
            },
        }
    }
    let mut text = codex_tools::shortened(&texts.join("\n"), tokens);
    if result.is_error {
        text = format!("The tool failed: {text}");
    }
    if images.is_empty() {
        return Output::text(text);
    }
    let words = (!text.is_empty()).then(|| json!({"type": "input_text", "text": text}));
    Output::Parts(words.into_iter().chain(images).collect())
}
