//! Owns which history items a payer may be sent, and in what form (fallback-spec §4): pure.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use codex_protocol::{CodexErr, HistoryItem, Minter, ResponseItem};
use serde_json::Value;

/// Whose items without provenance are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The payer's own: the sign-in's history from before provenance was kept. A refusal is mended once.
    Own,
    /// Somebody else's: the key pays, or the payer refused this history once.
    Foreign,
}

/// Member names of ciphertext that only its own organisation can read, on items beside reasoning and compaction.
const CIPHERTEXT: [&str; 2] = ["encrypted_content", "encrypted_function_args"];

/// The history as this payer may see it.
///
/// Foreign reasoning is left out whole: an id without its ciphertext, and ciphertext of another organisation, are
/// both refused. Ids of foreign items go too, because the service would look for the reasoning beside them. A
/// foreign compaction item gives way to its readable summary; without one the history cannot be told.
pub(crate) fn for_payer<'a>(
    history: &'a [HistoryItem],
    payer: &Minter,
    unknown: Unknown,
) -> Result<Vec<Cow<'a, ResponseItem>>, CodexErr> {
    let mut input = Vec::with_capacity(history.len() + 1);
    for entry in history {
        let own = entry.minter.as_ref().map_or(unknown == Unknown::Own, |minter| minter == payer);
        let item: &ResponseItem = &entry.item;
        if own {
            input.push(Cow::Borrowed(item));
            continue;
        }
        match item {
            ResponseItem::Reasoning { .. } => {}
            ResponseItem::Compaction { .. } => {
                let summary = entry.readable_summary.as_deref().ok_or(CodexErr::ForeignCompaction)?;
                input.push(Cow::Owned(ResponseItem::message("user", summary)));
            }
            ResponseItem::Other(value) if holds_ciphertext(value) => {}
            ResponseItem::Message { .. }
            | ResponseItem::FunctionCall { .. }
            | ResponseItem::FunctionCallOutput { .. }
            | ResponseItem::CustomToolCall { .. }
            | ResponseItem::CustomToolCallOutput { .. }
            | ResponseItem::Other(_) => {
                if is_bound(item) {
                    input.push(Cow::Owned(unbound(item.clone())));
                } else {
                    input.push(Cow::Borrowed(item));
                }
            }
        }
    }
    Ok(input)
}

/// Whether ciphertext stands anywhere in an item of a kind we do not know: some hide it in their content.
fn holds_ciphertext(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| CIPHERTEXT.contains(&name.as_str()) || holds_ciphertext(value))
        }
        Value::Array(values) => values.iter().any(holds_ciphertext),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Whether the item carries an id or ciphertext of whoever minted it.
fn is_bound(item: &ResponseItem) -> bool {
    match item {
        ResponseItem::Message { id, extra, .. }
        | ResponseItem::Reasoning { id, extra, .. }
        | ResponseItem::FunctionCall { id, extra, .. }
        | ResponseItem::CustomToolCall { id, extra, .. }
        | ResponseItem::Compaction { id, extra, .. } => {
            id.is_some() || CIPHERTEXT.iter().any(|name| extra.contains_key(*name))
        }
        ResponseItem::FunctionCallOutput { extra, .. } | ResponseItem::CustomToolCallOutput { extra, .. } => {
            extra.contains_key("id") || CIPHERTEXT.iter().any(|name| extra.contains_key(*name))
        }
        ResponseItem::Other(value) => value.get("id").is_some(),
    }
}

fn unbound(item: ResponseItem) -> ResponseItem {
    let mut item = item.without_id();
    match &mut item {
        ResponseItem::Message { extra, .. }
        | ResponseItem::Reasoning { extra, .. }
        | ResponseItem::FunctionCall { extra, .. }
        | ResponseItem::FunctionCallOutput { extra, .. }
        | ResponseItem::CustomToolCall { extra, .. }
        | ResponseItem::CustomToolCallOutput { extra, .. }
        | ResponseItem::Compaction { extra, .. } => {
            for name in CIPHERTEXT {
                extra.remove(name);
            }
        }
        ResponseItem::Other(_) => {}
    }
    item
}
