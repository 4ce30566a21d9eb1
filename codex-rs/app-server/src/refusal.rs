//! Errors as JSON-RPC tells them: one sentence and the code of wire-facts §5.3.

use codex_app_server_protocol::methods::ParseError;
use codex_app_server_protocol::{ClientRequest, RpcError, ThreadId};
use codex_core::{CoreError, INPUT_CHARACTER_LIMIT};
use serde_json::json;

/// Characters of something a client sent that come back in an error.
const ECHO_LIMIT: usize = 80;

/// What the engine refused. All of it is the client's to mend.
pub(crate) fn core(error: CoreError) -> RpcError {
    match error {
        CoreError::InputTooLarge { characters } => RpcError {
            code: RpcError::INVALID_PARAMS,
            message: error.to_string(),
            data: Some(json!({
                "input_error_code": "input_too_large",
                "max_chars": INPUT_CHARACTER_LIMIT,
                "actual_chars": characters,
            })),
        },
        CoreError::ThreadEnded
        | CoreError::NoActiveTurn
        | CoreError::WrongTurn { .. }
        | CoreError::EmptyInput
        | CoreError::WorkingDirectory { .. }
        | CoreError::Image { .. }
        | CoreError::UnknownProvider(_)
        | CoreError::UnknownValue { .. } => {
            RpcError::invalid_request(codex_redact::redact(&error.to_string()))
        }
    }
}

/// A method or parameters that do not fit.
pub(crate) fn parse(error: ParseError) -> RpcError {
    match error {
        ParseError::UnknownMethod(method) => RpcError::invalid_request(format!(
            "unknown method `{}`; this server knows: {}",
            echo(&method),
            ClientRequest::METHODS.join(", ")
        )),
        ParseError::Params(_) => RpcError::invalid_request(error.to_string()),
    }
}

/// A thread that this connection did not start.
pub(crate) fn unknown_thread(id: &ThreadId) -> RpcError {
    RpcError::invalid_request(format!(
        "thread not found: {}; start one on this connection with thread/start",
        echo(id.as_str())
    ))
}

/// More requests than the queue holds.
pub(crate) fn overloaded() -> RpcError {
    RpcError {
        code: RpcError::OVERLOADED,
        message: "Too many requests are waiting; send this one again a little later.".to_owned(),
        data: None,
    }
}

/// Something a client sent, fit to come back to it.
fn echo(text: &str) -> String {
    let text = codex_redact::redact(text);
    let shown: String = text.chars().filter(|character| !character.is_control()).take(ECHO_LIMIT).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}
