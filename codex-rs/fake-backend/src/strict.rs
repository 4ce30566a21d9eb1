//! Owns the strictness of `POST …/responses`: what the real services refuse, with their words.

use std::collections::{HashMap, HashSet};

use serde_json::{Value, json};

use crate::cipher::{Opened, open_ciphertext};
use crate::record::{is_call, is_call_output};
use crate::variant::Side;

/// An answer that is not a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) reason: String,
}

impl Refusal {
    pub(crate) fn new(status: u16, body: &Value, reason: impl Into<String>) -> Self {
        Self { status, body: body.to_string(), reason: reason.into() }
    }

    /// `{"error":{…}}` with `type` `invalid_request_error`, as both sides write about input.
    pub(crate) fn invalid(status: u16, message: &str, param: Option<&str>, code: Option<&str>) -> Self {
        let error =
            json!({"message": message, "type": "invalid_request_error", "param": param, "code": code});
        Self::new(status, &json!({"error": error}), message)
    }

    /// `{"detail":"…"}`, as the plan's side writes about parameters.
    pub(crate) fn detail(status: u16, detail: &str) -> Self {
        Self::new(status, &json!({"detail": detail}), detail)
    }
}

/// What the backend remembers of the items it minted.
#[derive(Debug, Default)]
pub(crate) struct Minted {
    /// Item id → id of the reasoning item directly before it in the same response.
    pub(crate) needs_reasoning: HashMap<String, String>,
}

const TOP_LEVEL: &[&str] = &[
    "model",
    "stream",
    "store",
    "tool_choice",
    "parallel_tool_calls",
    "include",
    "reasoning",
    "text",
    "prompt_cache_key",
    "client_metadata",
    "tools",
    "input",
    "instructions",
    "service_tier",
    "previous_response_id",
    "max_output_tokens",
    "metadata",
    "temperature",
    "top_p",
    "truncation",
    "user",
    "safety_identifier",
    "prompt_cache_retention",
    "stream_options",
    "max_tool_calls",
    "background",
];

const PLAN_REFUSES: &[&str] = &[
    "max_output_tokens",
    "metadata",
    "temperature",
    "top_p",
    "truncation",
    "user",
    "background",
    "max_tool_calls",
];

const ITEM_FIELDS: &[(&str, &[&str])] = &[
    ("message", &["type", "id", "role", "content", "status", "phase"]),
    ("reasoning", &["type", "id", "summary", "content", "encrypted_content", "status"]),
    ("function_call", &["type", "id", "call_id", "name", "arguments", "status", "namespace"]),
    ("function_call_output", &["type", "id", "call_id", "output", "status"]),
    ("custom_tool_call", &["type", "id", "call_id", "name", "input", "status"]),
    ("custom_tool_call_output", &["type", "id", "call_id", "output", "status"]),
    ("local_shell_call", &["type", "id", "call_id", "action", "status"]),
    ("local_shell_call_output", &["type", "id", "call_id", "output", "status"]),
    ("web_search_call", &["type", "id", "action", "status"]),
    ("compaction", &["type", "id", "encrypted_content"]),
    ("compaction_summary", &["type", "id", "encrypted_content"]),
    ("context_compaction", &["type", "id", "encrypted_content"]),
    ("additional_tools", &["type", "id", "role", "tools"]),
];

/// Seen on items of the official program on both sides (wire-facts §3.3).
const PASSTHROUGH: &str = "internal_chat_message_metadata_passthrough";

/// Checks the parameters and the model-independent shape of a body.
pub(crate) fn check_parameters(side: Side, body: &Value) -> Result<(), Refusal> {
    let Value::Object(fields) = body else {
        return Err(Refusal::invalid(400, "We could not parse the JSON body of your request.", None, None));
    };
    for name in fields.keys() {
        if !TOP_LEVEL.contains(&name.as_str()) {
            return Err(unknown_parameter(side, name));
        }
        if side == Side::Plan && PLAN_REFUSES.contains(&name.as_str()) {
            return Err(Refusal::detail(400, &format!("Unsupported parameter: {name}")));
        }
    }
    if body["store"] != json!(false) {
        return Err(parameter(side, "Store must be set to false", "store"));
    }
    if body["stream"] != json!(true) {
        return Err(parameter(side, "Stream must be set to true", "stream"));
    }
    let include = body["include"].as_array().map_or(&[][..], Vec::as_slice);
    if !include.iter().any(|name| name == "reasoning.encrypted_content") {
        return Err(parameter(side, "Include must contain reasoning.encrypted_content", "include"));
    }
    if !body["model"].is_string() {
        return Err(Refusal::invalid(
            400,
            "Missing required parameter: 'model'.",
            Some("model"),
            Some("missing_required_parameter"),
        ));
    }
    if !body["input"].is_array() {
        return Err(parameter(side, "Input must be a list", "input"));
    }
    match &body["previous_response_id"] {
        Value::Null => Ok(()),
        Value::String(id) => Err(Refusal::invalid(
            400,
            &format!("Previous response with id '{id}' not found."),
            Some("previous_response_id"),
            Some("previous_response_not_found"),
        )),
        _ => Err(parameter(side, "previous_response_id must be a string", "previous_response_id")),
    }
}

/// Checks every item of `input` on behalf of the organisation that pays.
pub(crate) fn check_input(organisation: &str, input: &[Value], minted: &Minted) -> Result<(), Refusal> {
    let mut ids = HashSet::new();
    for (index, item) in input.iter().enumerate() {
        check_fields(index, item)?;
        if let Some(id) = item["id"].as_str()
            && !ids.insert(id)
        {
            return Err(Refusal::invalid(
                400,
                &format!(
                    "Duplicate item found with id {id}. Remove duplicate items from your input and try again."
                ),
                Some("input"),
                None,
            ));
        }
        check_ciphertext(organisation, item)?;
    }
    check_reasoning_neighbours(input, &ids, minted)?;
    check_calls(input)
}

fn check_fields(index: usize, item: &Value) -> Result<(), Refusal> {
    let Value::Object(fields) = item else {
        return Err(Refusal::invalid(
            400,
            &format!("Invalid type for 'input[{index}]': expected an object."),
            Some("input"),
            Some("invalid_type"),
        ));
    };
    let kind = item["type"].as_str().unwrap_or("message");
    let Some((_, known)) = ITEM_FIELDS.iter().find(|(name, _)| *name == kind) else {
        return Err(Refusal::invalid(
            400,
            &format!("Invalid value: '{kind}'."),
            Some(&format!("input[{index}]")),
            Some("invalid_value"),
        ));
    };
    for name in fields.keys() {
        if !known.contains(&name.as_str()) && name != PASSTHROUGH {
            let param = format!("input[{index}].{name}");
            let message = format!("Unknown parameter: '{param}'.");
            return Err(Refusal::invalid(400, &message, Some(&param), Some("unknown_parameter")));
        }
    }
    check_values(index, kind, item)
}

/// Types of members, prefixes of ids, kinds of content parts.
fn check_values(index: usize, kind: &str, item: &Value) -> Result<(), Refusal> {
    let invalid = |name: &str, message: String, code: &str| {
        Err(Refusal::invalid(400, &message, Some(&format!("input[{index}].{name}")), Some(code)))
    };
    let missing = |name: &str| {
        invalid(
            name,
            format!("Missing required parameter: 'input[{index}].{name}'."),
            "missing_required_parameter",
        )
    };
    let texts: &[&str] = match kind {
        "function_call" => &["call_id", "name", "arguments"],
        "custom_tool_call" => &["call_id", "name", "input"],
        "function_call_output" | "custom_tool_call_output" => &["call_id"],
        "message" => &["role"],
        _ => &[],
    };
    if let Some(name) = texts.iter().find(|name| !item[**name].is_string()) {
        return missing(name);
    }
    if kind == "reasoning" && !item["summary"].is_array() {
        return missing("summary");
    }
    if kind.ends_with("_call_output") && !(item["output"].is_string() || item["output"].is_array()) {
        return missing("output");
    }
    let prefix = match kind {
        "message" => "msg",
        "reasoning" => "rs",
        "function_call" => "fc",
        _ => "",
    };
    if let Some(id) = item["id"].as_str()
        && !id.starts_with(prefix)
    {
        let message =
            format!("Invalid 'input[{index}].id': '{id}'. Expected an ID that begins with '{prefix}'.");
        return invalid("id", message, "invalid_value");
    }
    check_content(index, item)
}

fn check_content(index: usize, item: &Value) -> Result<(), Refusal> {
    let allowed: &[&str] = match item["role"].as_str() {
        None => return Ok(()),
        Some("assistant") => &["output_text", "refusal"],
        Some("user" | "system" | "developer") => &["input_text", "input_image", "input_file"],
        Some(other) => {
            let message = format!("Invalid value: '{other}'.");
            return Err(Refusal::invalid(
                400,
                &message,
                Some(&format!("input[{index}].role")),
                Some("invalid_value"),
            ));
        }
    };
    let parts = item["content"].as_array().map_or(&[][..], Vec::as_slice);
    for (place, part) in parts.iter().enumerate() {
        let kind = part["type"].as_str().unwrap_or_default();
        if !allowed.contains(&kind) {
            let names: Vec<String> = allowed.iter().map(|name| format!("'{name}'")).collect();
            let message = format!("Invalid value: '{kind}'. Supported values are: {}.", names.join(", "));
            let param = format!("input[{index}].content[{place}]");
            return Err(Refusal::invalid(400, &message, Some(&param), Some("invalid_value")));
        }
    }
    Ok(())
}

fn check_ciphertext(organisation: &str, item: &Value) -> Result<(), Refusal> {
    let kind = item["type"].as_str().unwrap_or("message");
    if !matches!(kind, "reasoning" | "compaction" | "compaction_summary" | "context_compaction") {
        return Ok(());
    }
    let Some(ciphertext) = item["encrypted_content"].as_str() else {
        return match item["id"].as_str() {
            Some(id) => Err(Refusal::invalid(
                404,
                &format!(
                    "Item with id '{id}' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input."
                ),
                Some("input"),
                None,
            )),
            None if kind == "reasoning" => Err(Refusal::invalid(
                400,
                "Reasoning item without `encrypted_content` and without a stored item.",
                Some("input"),
                None,
            )),
            None => Err(Refusal::invalid(
                400,
                "Could not decode the compaction blob. Ensure it is unmodified from the compact response.",
                Some("input"),
                None,
            )),
        };
    };
    let reason = match open_ciphertext(organisation, ciphertext) {
        Opened::Own => return Ok(()),
        Opened::Foreign => "Encrypted content organization_id did not match the target organization.",
        Opened::Garbage => "Encrypted content could not be decrypted or parsed.",
    };
    let message =
        format!("The encrypted content {} could not be verified. Reason: {reason}", shortened(ciphertext));
    Err(Refusal::invalid(400, &message, None, Some("invalid_encrypted_content")))
}

fn check_reasoning_neighbours(input: &[Value], ids: &HashSet<&str>, minted: &Minted) -> Result<(), Refusal> {
    for item in input {
        let Some(id) = item["id"].as_str() else { continue };
        let Some(reasoning) = minted.needs_reasoning.get(id) else { continue };
        if !ids.contains(reasoning.as_str()) {
            let kind = item["type"].as_str().unwrap_or("message");
            return Err(Refusal::invalid(
                400,
                &format!(
                    "Item '{id}' of type '{kind}' was provided without its required 'reasoning' item: '{reasoning}'."
                ),
                Some("input"),
                None,
            ));
        }
    }
    Ok(())
}

fn check_calls(input: &[Value]) -> Result<(), Refusal> {
    let mut open: Vec<&str> = Vec::new();
    let mut answered: HashSet<&str> = HashSet::new();
    for item in input {
        let call_id = item["call_id"].as_str().unwrap_or_default();
        if is_call(item) {
            if open.contains(&call_id) || answered.contains(call_id) {
                return Err(about_calls(format!("Duplicate function call with call_id {call_id}.")));
            }
            open.push(call_id);
        } else if is_call_output(item) {
            if answered.contains(call_id) {
                return Err(about_calls(format!(
                    "Duplicate output for function call with call_id {call_id}."
                )));
            }
            let Some(place) = open.iter().position(|other| *other == call_id) else {
                let kind = if item["type"] == "custom_tool_call_output" {
                    "custom tool call"
                } else {
                    "function call"
                };
                return Err(about_calls(format!(
                    "No tool call found for {kind} output with call_id {call_id}."
                )));
            };
            open.remove(place);
            answered.insert(call_id);
        }
    }
    match open.first() {
        None => Ok(()),
        Some(call_id) => Err(about_calls(format!("No tool output found for function call {call_id}."))),
    }
}

fn about_calls(message: String) -> Refusal {
    Refusal::invalid(400, &message, Some("input"), None)
}

fn parameter(side: Side, message: &str, param: &str) -> Refusal {
    match side {
        Side::Plan => Refusal::detail(400, message),
        Side::Key => Refusal::invalid(400, message, Some(param), Some("unsupported_value")),
    }
}

fn unknown_parameter(side: Side, name: &str) -> Refusal {
    match side {
        Side::Plan => Refusal::detail(400, &format!("Unsupported parameter: {name}")),
        Side::Key => Refusal::invalid(
            400,
            &format!("Unknown parameter: '{name}'."),
            Some(name),
            Some("unknown_parameter"),
        ),
    }
}

/// `gAAA...0A==`, as the real message shortens a ciphertext.
fn shortened(ciphertext: &str) -> String {
    let letters: Vec<char> = ciphertext.chars().collect();
    if letters.len() <= 8 {
        return ciphertext.to_owned();
    }
    let head: String = letters[..4].iter().collect();
    let tail: String = letters[letters.len() - 4..].iter().collect();
    format!("{head}...{tail}")
}
