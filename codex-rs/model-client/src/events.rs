//! Owns the meaning of a stream's events: JSON → what happened (wire-facts §3.5). Unknown types and data that
//! cannot be read are skipped.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use codex_protocol::{RateLimitSnapshot, ResponseItem, TokenUsage};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::Refusal;
use crate::rate_limits;
use crate::sampling::SampleEvent;

/// What one event says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum StreamEvent {
    /// A part of an item that is not finished.
    Unfinished(SampleEvent),
    /// A finished item; the authority on what it holds.
    ItemDone(ResponseItem),
    /// The plan's windows.
    RateLimits(RateLimitSnapshot),
    /// The answer is complete.
    Completed { usage: TokenUsage, end_turn: Option<bool> },
    /// The answer failed.
    Failed { refusal: Box<Refusal>, usage: Option<TokenUsage> },
    /// The answer stops short.
    Incomplete { reason: String, usage: Option<TokenUsage> },
}

/// The members of any event, unread: deltas come by the ten thousand and need only two of them.
#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    item_id: Option<&'a RawValue>,
    #[serde(borrow)]
    summary_index: Option<&'a RawValue>,
    #[serde(borrow)]
    content_index: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
}

/// Reads the data of one event.
pub(crate) fn read(data: &[u8]) -> Option<StreamEvent> {
    let frame: Frame<'_> = serde_json::from_slice(data).ok()?;
    let text = || inner::<String>(frame.delta);
    let item_id = || inner::<String>(frame.item_id);
    let summary_index = || inner::<u32>(frame.summary_index).unwrap_or_default();
    let content_index = || inner::<u32>(frame.content_index).unwrap_or_default();
    let unfinished = |event| Some(StreamEvent::Unfinished(event));
    match frame.kind.as_ref() {
        "response.output_text.delta" => {
            unfinished(SampleEvent::TextDelta { item_id: item_id(), text: text()? })
        }
        "response.output_item.added" => unfinished(SampleEvent::ItemStarted(inner(frame.item)?)),
        "response.output_item.done" => Some(StreamEvent::ItemDone(inner(frame.item)?)),
        "response.reasoning_summary_part.added" => unfinished(SampleEvent::ReasoningSummaryPart {
            item_id: item_id(),
            summary_index: summary_index(),
        }),
        "response.reasoning_summary_text.delta" => unfinished(SampleEvent::ReasoningSummaryDelta {
            item_id: item_id(),
            summary_index: summary_index(),
            text: text()?,
        }),
        "response.reasoning_text.delta" => unfinished(SampleEvent::ReasoningDelta {
            item_id: item_id(),
            content_index: content_index(),
            text: text()?,
        }),
        "response.completed" => {
            let response: Value = inner(frame.response).unwrap_or_default();
            let usage = usage(&response).unwrap_or_default();
            Some(StreamEvent::Completed { usage, end_turn: response["end_turn"].as_bool() })
        }
        "response.failed" => {
            let response: Value = inner(frame.response).unwrap_or_default();
            Some(StreamEvent::Failed {
                usage: usage(&response),
                refusal: Box::new(Refusal::of_frame(&serde_json::from_slice(data).ok()?)),
            })
        }
        "error" => {
            let refusal = Box::new(Refusal::of_frame(&serde_json::from_slice(data).ok()?));
            Some(StreamEvent::Failed { refusal, usage: None })
        }
        "response.incomplete" => {
            let response: Value = inner(frame.response).unwrap_or_default();
            let reason = response["incomplete_details"]["reason"].as_str().unwrap_or("no reason given");
            Some(StreamEvent::Incomplete { reason: reason.to_owned(), usage: usage(&response) })
        }
        "codex.rate_limits" => {
            let event: Value = serde_json::from_slice(data).ok()?;
            Some(StreamEvent::RateLimits(rate_limits::from_event(&event)))
        }
        _ => None,
    }
}

fn inner<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

fn usage(response: &Value) -> Option<TokenUsage> {
    let usage = response.get("usage").filter(|usage| usage.is_object())?;
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let (input, output) = (count(&usage["input_tokens"]), count(&usage["output_tokens"]));
    Some(TokenUsage {
        total_tokens: usage["total_tokens"].as_u64().unwrap_or(input.saturating_add(output)),
        input_tokens: input,
        cached_input_tokens: count(&usage["input_tokens_details"]["cached_tokens"]),
        cache_write_input_tokens: count(&usage["input_tokens_details"]["cache_write_tokens"]),
        output_tokens: output,
        reasoning_output_tokens: count(&usage["output_tokens_details"]["reasoning_tokens"]),
    })
}
