//! `write_stdin`: types into a running command, or waits for more of its output (wire-facts §10.1).

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::arguments::{self, BadCall};
use crate::exec_command::{DEFAULT_OUTPUT_TOKENS, LONGEST_YIELD, SHORTEST_YIELD};
use crate::sessions::{SessionId, Wait};

/// The tool's name.
pub const NAME: &str = "write_stdin";
/// How long to wait for an answer to what was typed, when the model does not say.
const DEFAULT_YIELD: Duration = SHORTEST_YIELD;
/// The shortest wait when nothing is typed: asking more often only costs.
pub const SHORTEST_POLL: Duration = Duration::from_secs(5);
/// The longest.
pub const LONGEST_POLL: Duration = Duration::from_secs(300);

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Types into a command that exec_command left running, and gives the output since the last call. \
            With empty chars it only waits: until the command ends or yield_time_ms is over.",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {
                "session_id": {"type": "number", "description": "The session ID that exec_command gave."},
                "chars": {
                    "type": "string",
                    "description": "What to type, exactly: a line ends with \\n, Ctrl-C is \\u0003. Only a command that \
                        was started with tty takes it. Default empty.",
                },
                "yield_time_ms": {
                    "type": "number",
                    "description": format!(
                        "How long to wait, in milliseconds: {} to {} after typing (default {}), {} to {} with empty chars.",
                        SHORTEST_YIELD.as_millis(),
                        LONGEST_YIELD.as_millis(),
                        DEFAULT_YIELD.as_millis(),
                        SHORTEST_POLL.as_millis(),
                        LONGEST_POLL.as_millis(),
                    ),
                },
                "max_output_tokens": {
                    "type": "number",
                    "description": format!(
                        "The most output to return; longer output loses its middle. Default {DEFAULT_OUTPUT_TOKENS}."
                    ),
                },
            },
            "required": ["session_id"],
            "additionalProperties": false,
        },
    })
}

/// One call, understood.
#[derive(Debug, Clone)]
pub struct Typing {
    /// The command.
    pub session: SessionId,
    /// What is typed; empty only waits.
    pub chars: String,
    /// How long the call waits, and how much output it gives.
    pub wait: Wait,
}

#[derive(Deserialize)]
struct Arguments {
    session_id: f64,
    chars: Option<String>,
    yield_time_ms: Option<f64>,
    max_output_tokens: Option<f64>,
}

impl Typing {
    /// Reads the arguments of a call. `output_tokens` is the settings' limit, if there is one.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str, call_id: &str, output_tokens: Option<usize>) -> Result<Self, BadCall> {
        let shape = "a JSON object with the number `session_id`";
        let asked: Arguments = arguments::read(NAME, arguments, shape)?;
        let session = SessionId::of(asked.session_id).ok_or_else(|| BadCall {
            tool: NAME,
            problem: "`session_id` is not a whole number that exec_command gave.".to_owned(),
        })?;
        let chars = asked.chars.unwrap_or_default();
        let time = if chars.is_empty() {
            arguments::milliseconds(asked.yield_time_ms, SHORTEST_POLL, SHORTEST_POLL, LONGEST_POLL)
        } else {
            arguments::milliseconds(asked.yield_time_ms, DEFAULT_YIELD, SHORTEST_YIELD, LONGEST_YIELD)
        };
        let output_tokens = arguments::output_tokens(asked.max_output_tokens, output_tokens);
        Ok(Typing { session, chars, wait: Wait { call_id: call_id.to_owned(), time, output_tokens } })
    }
}

#[cfg(test)]
mod tests;
