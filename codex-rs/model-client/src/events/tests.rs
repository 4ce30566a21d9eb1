//! Tests: what events mean.

use codex_protocol::{ResponseItem, TokenUsage};
use serde_json::json;

use super::{StreamEvent, read};
use crate::sampling::SampleEvent;

fn of(event: serde_json::Value) -> Option<StreamEvent> {
    read(event.to_string().as_bytes())
}

#[test]
fn parts_of_unfinished_items() {
    let id = || Some("i".to_owned());
    let text = || "a \"b\" ü\n".to_owned();
    let rows = [
        (
            json!({"type": "response.output_text.delta", "item_id": "i", "delta": text(), "logprobs": []}),
            SampleEvent::TextDelta { item_id: id(), text: text() },
        ),
        (
            json!({"type": "response.output_text.delta", "delta": text()}),
            SampleEvent::TextDelta { item_id: None, text: text() },
        ),
        (
            json!({"type": "response.reasoning_summary_part.added", "item_id": "i", "summary_index": 2, "part": {}}),
            SampleEvent::ReasoningSummaryPart { item_id: id(), summary_index: 2 },
        ),
        (
            json!({"type": "response.reasoning_summary_text.delta", "item_id": "i", "summary_index": 1, "delta": text()}),
            SampleEvent::ReasoningSummaryDelta { item_id: id(), summary_index: 1, text: text() },
        ),
        (
            json!({"type": "response.reasoning_text.delta", "item_id": "i", "content_index": 3, "delta": text()}),
            SampleEvent::ReasoningDelta { item_id: id(), content_index: 3, text: text() },
        ),
    ];
    for (event, expected) in rows {
        assert_eq!(of(event.clone()), Some(StreamEvent::Unfinished(expected)), "{event}");
    }
}

#[test]
fn items_and_the_end() {
    let item = json!({"type": "function_call", "id": "fc", "call_id": "c", "name": "n", "arguments": "{}"});
    let done = of(json!({"type": "response.output_item.done", "item": item}));
    assert!(matches!(done, Some(StreamEvent::ItemDone(ResponseItem::FunctionCall { .. }))), "{done:?}");
    let unknown = json!({"type": "new_kind", "x": 1});
    let done = of(json!({"type": "response.output_item.done", "item": unknown}));
    assert_eq!(done, Some(StreamEvent::ItemDone(ResponseItem::Other(unknown))));

    let usage = json!({"input_tokens": 10, "input_tokens_details": {"cached_tokens": 4}, "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 15});
    let counted = TokenUsage {
        total_tokens: 15,
        input_tokens: 10,
        cached_input_tokens: 4,
        cache_write_input_tokens: 0,
        output_tokens: 5,
        reasoning_output_tokens: 2,
    };
    let rows = [
        (json!({"usage": usage, "end_turn": true}), counted, Some(true)),
        (
            json!({"usage": {"input_tokens": 1, "output_tokens": 2}}),
            TokenUsage { total_tokens: 3, input_tokens: 1, output_tokens: 2, ..TokenUsage::default() },
            None,
        ),
        (json!({"usage": null}), TokenUsage::default(), None),
        (json!({}), TokenUsage::default(), None),
    ];
    for (response, usage, end_turn) in rows {
        let event = of(json!({"type": "response.completed", "response": response}));
        assert_eq!(event, Some(StreamEvent::Completed { usage, end_turn }));
    }
    let reason = json!({"incomplete_details": {"reason": "max_output_tokens"}, "usage": usage});
    let event = of(json!({"type": "response.incomplete", "response": reason}));
    let expected = StreamEvent::Incomplete { reason: "max_output_tokens".to_owned(), usage: Some(counted) };
    assert_eq!(event, Some(expected));
}

#[test]
fn what_cannot_be_read_is_skipped() {
    for data in [
        "",
        "not json",
        "[DONE]",
        "null",
        "[]",
        "{}",
        r#"{"type":5}"#,
        r#"{"type":"response.brand_new","delta":{"odd":[1]}}"#,
        r#"{"type":"response.output_text.delta"}"#,
        r#"{"type":"response.output_text.delta","delta":7}"#,
        r#"{"type":"response.output_item.done"}"#,
        r#"{"type":"response.output_text.delta","delta":"cut"#,
    ] {
        assert_eq!(read(data.as_bytes()), None, "{data}");
    }
    assert_eq!(read(b"{\"type\":\"response.output_text.delta\",\"delta\":\"\xff\"}"), None);
}
