//! Reading the arguments of a call: what every tool with JSON arguments has in common.

use std::time::Duration;

use serde::de::DeserializeOwned;

/// Why a call cannot be done. The text is for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{tool} was not done: {problem}")]
pub struct BadCall {
    /// The tool.
    pub tool: &'static str,
    /// What is wrong and how to mend it, a sentence.
    pub problem: String,
}

/// Reads JSON arguments. `shape` says what they should be, as in "a JSON object with the string `cmd`".
pub(crate) fn read<T: DeserializeOwned>(
    tool: &'static str,
    arguments: &str,
    shape: &str,
) -> Result<T, BadCall> {
    serde_json::from_str(arguments).map_err(|error| {
        // serde quotes offending values, and a model may have put a key into one.
        let error = codex_redact::redact(&error.to_string()).into_owned();
        BadCall { tool, problem: format!("its arguments cannot be read ({error}). Send {shape}.") }
    })
}

/// A number of milliseconds within limits; what is no number of milliseconds is the default.
pub(crate) fn milliseconds(asked: Option<f64>, default: Duration, from: Duration, to: Duration) -> Duration {
    let asked = asked.map(|milliseconds| {
        if milliseconds.is_nan() {
            default
        } else {
            Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or(if milliseconds < 0.0 {
                from
            } else {
                to
            })
        }
    });
    asked.unwrap_or(default).clamp(from, to)
}

/// A number of tokens of output: what the model asks for, within what can be kept and what the settings allow.
pub(crate) fn output_tokens(asked: Option<f64>, settings: Option<usize>) -> usize {
    // Float to integer saturates: a negative count is 0, a huge one the largest.
    let asked = asked.map_or(crate::exec_command::DEFAULT_OUTPUT_TOKENS, |tokens| tokens as usize);
    let kept = crate::output::KEPT / crate::output::BYTES_PER_TOKEN;
    asked.min(kept).min(settings.unwrap_or(usize::MAX))
}
