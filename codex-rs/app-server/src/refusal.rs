//! Errors as JSON-RPC tells them: one sentence and the code of wire-facts §5.3.

use codex_app_server_protocol::methods::ParseError;
use codex_app_server_protocol::{ClientRequest, RpcError, ThreadId};
use codex_config::ConfigError;
use codex_core::{CoreError, INPUT_CHARACTER_LIMIT};
use codex_login::{AddError, LoginError, UsageError};
use serde_json::{Value, json};

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
        | CoreError::McpServer(_)
        | CoreError::UnknownValue { .. } => {
            RpcError::invalid_request(codex_redact::redact(&error.to_string()))
        }
    }
}

/// A key that was not stored.
pub(crate) fn add(error: AddError) -> RpcError {
    match error {
        AddError::NotOneWord
        | AddError::NotAnOpenAiKey
        | AddError::NotSignedIn
        | AddError::SignedInWithApiKey
        | AddError::Forbidden(_)
        | AddError::Refused { .. } => RpcError::invalid_request(sentence(&error)),
        AddError::Store(error) => login(error),
    }
}

/// Something about the sign-in: ours or the service's to mend if another try may work, else the person's.
pub(crate) fn login(error: LoginError) -> RpcError {
    if error.is_transient() {
        RpcError::internal(sentence(&error))
    } else {
        RpcError::invalid_request(sentence(&error))
    }
}

/// A plan whose usage is not known.
pub(crate) fn usage(error: UsageError) -> RpcError {
    match error {
        UsageError::NoPlan => RpcError::invalid_request(sentence(&error)),
        UsageError::Login(error) => login(error),
        UsageError::Failed(_) => RpcError::internal(sentence(&error)),
    }
}

/// A value that `config/value/write` or `config/batchWrite` did not write; the data names the kind as the official server does.
pub(crate) fn config_write(error: ConfigError) -> RpcError {
    let code = match error {
        ConfigError::File(_) => None,
        ConfigError::Changed { .. } => Some("configVersionConflict"),
        ConfigError::NotUtf8 { .. }
        | ConfigError::Syntax { .. }
        | ConfigError::Invalid { .. }
        | ConfigError::UnknownKey(_)
        | ConfigError::McpServer { .. }
        | ConfigError::Override
        | ConfigError::CustomProvider
        | ConfigError::ProfileName
        | ConfigError::HoldsAKey { .. }
        | ConfigError::NotASetting { .. } => Some("configValidationError"),
    };
    RpcError { data: code.map(write_error_code), ..config(error) }
}

/// A write that is refused before the file is looked at.
pub(crate) fn config_write_because(code: &str, message: &str) -> RpcError {
    RpcError { data: Some(write_error_code(code)), ..RpcError::invalid_request(message) }
}

fn write_error_code(code: &str) -> Value {
    json!({"config_write_error_code": code})
}

/// Settings that cannot be read or written.
pub(crate) fn config(error: ConfigError) -> RpcError {
    match error {
        ConfigError::File(_) => RpcError::internal(sentence(&error)),
        ConfigError::NotUtf8 { .. }
        | ConfigError::Syntax { .. }
        | ConfigError::Invalid { .. }
        | ConfigError::UnknownKey(_)
        | ConfigError::McpServer { .. }
        | ConfigError::Override
        | ConfigError::CustomProvider
        | ConfigError::ProfileName
        | ConfigError::HoldsAKey { .. }
        | ConfigError::Changed { .. }
        | ConfigError::NotASetting { .. } => RpcError::invalid_request(sentence(&error)),
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

/// An error's text as a sentence of its own.
fn sentence(error: &impl ToString) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    let end = if text.ends_with('.') { "" } else { "." };
    first.chain(characters).chain(end.chars()).collect()
}

/// Something a client sent, fit to come back to it.
fn echo(text: &str) -> String {
    let text = codex_redact::redact(text);
    let shown: String = text.chars().filter(|character| !character.is_control()).take(ECHO_LIMIT).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}
