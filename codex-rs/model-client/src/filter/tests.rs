//! Tests: what of a history crosses over.

use codex_protocol::{CodexErr, HistoryItem, Minter, ResponseItem};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Unknown, for_payer};

/// Items of all kinds, as a plan or a key mints them.
fn kinds() -> Vec<Value> {
    vec![
        json!({"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "t"}]}),
        json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "t"}]}),
        json!({"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c"}),
        json!({"type": "reasoning", "id": "rs_2", "summary": []}),
        json!({"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "n", "arguments": "{}"}),
        json!({"type": "function_call", "call_id": "c2", "name": "n", "arguments": "{}", "encrypted_function_args": "c"}),
        json!({"type": "function_call_output", "call_id": "c1", "output": "o", "id": "fco_1"}),
        json!({"type": "custom_tool_call", "id": "ctc_1", "call_id": "c3", "name": "n", "input": "i"}),
        json!({"type": "custom_tool_call_output", "call_id": "c3", "output": "o"}),
        json!({"type": "web_search_call", "id": "ws_1", "status": "completed"}),
        json!({"type": "agent_message", "id": "am_1", "encrypted_content": "c"}),
        json!({"type": "agent_message", "content": [{"type": "encrypted", "encrypted_content": "c"}]}),
    ]
}

fn item(json: Value, minter: Option<&str>) -> HistoryItem {
    HistoryItem {
        minter: minter.map(Minter::new),
        ..HistoryItem::ours(serde_json::from_value(json).unwrap())
    }
}

fn sent(history: &[HistoryItem], payer: &str, unknown: Unknown) -> Vec<Value> {
    let input = for_payer(history, &Minter::new(payer), unknown).unwrap();
    input.iter().map(|item| serde_json::to_value(item).unwrap()).collect()
}

#[test]
fn own_items_go_as_they_are() {
    let own: Vec<_> = kinds().into_iter().map(|json| item(json, Some("me"))).collect();
    assert_eq!(sent(&own, "me", Unknown::Own), kinds());
    assert_eq!(sent(&own, "me", Unknown::Foreign), kinds(), "proven items are never unknown");
    let unknown: Vec<_> = kinds().into_iter().map(|json| item(json, None)).collect();
    assert_eq!(sent(&unknown, "me", Unknown::Own), kinds());
}

#[test]
fn foreign_items_lose_reasoning_ids_and_ciphertext_and_nothing_else() {
    let expected = json!([
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "t"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "t"}]},
        {"type": "function_call", "call_id": "c1", "name": "n", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "n", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "o"},
        {"type": "custom_tool_call", "call_id": "c3", "name": "n", "input": "i"},
        {"type": "custom_tool_call_output", "call_id": "c3", "output": "o"},
        {"type": "web_search_call", "status": "completed"},
    ]);
    let foreign: Vec<_> = kinds().into_iter().map(|json| item(json, Some("other"))).collect();
    assert_eq!(json!(sent(&foreign, "me", Unknown::Own)), expected);
    let unknown: Vec<_> = kinds().into_iter().map(|json| item(json, None)).collect();
    assert_eq!(json!(sent(&unknown, "me", Unknown::Foreign)), expected);
}

#[test]
fn compaction_is_told_in_words_or_not_at_all() {
    let compaction = json!({"type": "compaction", "encrypted_content": "c"});
    let own = [item(compaction.clone(), Some("me"))];
    assert_eq!(sent(&own, "me", Unknown::Foreign), std::slice::from_ref(&compaction));

    let mut foreign = [item(compaction, Some("other"))];
    let refused = for_payer(&foreign, &Minter::new("me"), Unknown::Own);
    assert_eq!(refused.map(|_| ()), Err(CodexErr::ForeignCompaction));
    foreign[0].readable_summary = Some("so far".into());
    let told = for_payer(&foreign, &Minter::new("me"), Unknown::Own).unwrap();
    assert_eq!(told.iter().map(|item| item.text()).collect::<Vec<_>>(), ["so far"]);
}

proptest! {
    /// Whatever crosses over: nothing that another organisation minted is readable by nobody but it, order stays,
    /// and every call keeps its output.
    #[test]
    fn nothing_foreign_crosses(picks in prop::collection::vec((0..11_usize, 0..3_usize), 0..30)) {
        let history: Vec<_> = picks
            .iter()
            .map(|(kind, who)| item(kinds().swap_remove(*kind), [Some("me"), Some("other"), None][*who]))
            .collect();
        let sent = sent(&history, "me", Unknown::Foreign);
        let own = |name: &str| history.iter().filter(|entry| {
            entry.minter == Some(Minter::new("me")) && serde_json::to_value(&*entry.item).unwrap().get(name).is_some()
        }).count();
        for name in ["id", "encrypted_content", "encrypted_function_args"] {
            prop_assert_eq!(sent.iter().filter(|item| item.get(name).is_some()).count(), own(name), "{}", name);
        }
        let calls = |items: &mut dyn Iterator<Item = Value>| {
            items.filter_map(|item| item.get("call_id").cloned()).collect::<Vec<_>>()
        };
        let before = calls(&mut history.iter().map(|entry| serde_json::to_value(&*entry.item).unwrap()));
        prop_assert_eq!(calls(&mut sent.into_iter()), before);
    }

    /// Filtering for one payer changes nothing that is kept: going back finds everything again.
    #[test]
    fn history_itself_is_untouched(picks in prop::collection::vec(0..11_usize, 0..20)) {
        let history: Vec<_> = picks.iter().map(|kind| item(kinds().swap_remove(*kind), Some("plan"))).collect();
        let before = history.clone();
        let _ = for_payer(&history, &Minter::new("key"), Unknown::Foreign);
        prop_assert_eq!(&history, &before);
        let borrowed = for_payer(&history, &Minter::new("plan"), Unknown::Own).unwrap();
        prop_assert!(borrowed.iter().zip(&history).all(|(sent, kept)| std::ptr::eq(sent.as_ref(), &raw const *kept.item)));
    }
}

#[test]
fn a_filtered_item_is_still_the_item() {
    let kept = item(json!({"type": "message", "role": "user", "content": []}), Some("other"));
    let input = for_payer(std::slice::from_ref(&kept), &Minter::new("me"), Unknown::Own).unwrap();
    assert!(
        matches!(input.as_slice(), [std::borrow::Cow::Borrowed(ResponseItem::Message { .. })]),
        "no needless copy"
    );
}
