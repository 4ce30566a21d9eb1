//! A thread's history as the model gets it: items with their minter, every call followed by its output.

use std::sync::Arc;

use codex_protocol::{HistoryItem, ResponseItem};

/// Bytes counted as one token, the usual estimate for text.
const BYTES_PER_TOKEN: u64 = 4;

/// The items so far, oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    items: Vec<HistoryItem>,
    bytes: u64,
}

impl History {
    pub(crate) fn push(&mut self, item: HistoryItem) {
        self.bytes += weight(&item.item);
        self.items.push(item);
    }

    /// An item of ours: the person's words, tool outputs, context.
    pub(crate) fn push_ours(&mut self, item: ResponseItem) {
        self.push(HistoryItem::ours(item));
    }

    /// A copy for a prompt; the items themselves are shared.
    pub(crate) fn items(&self) -> Vec<HistoryItem> {
        self.items.clone()
    }

    /// About how many tokens are sent with it and these bytes beside it.
    pub(crate) fn tokens_estimate(&self, beside: usize) -> u64 {
        (self.bytes + beside as u64) / BYTES_PER_TOKEN
    }

    /// Makes what an answer left behind fit to be sent again, when the answer did not come to its end: reasoning that
    /// nothing follows is refused by the service, so it is dropped.
    pub(crate) fn drop_trailing_reasoning(&mut self) {
        while let Some(last) = self.items.last()
            && matches!(*last.item, ResponseItem::Reasoning { .. })
        {
            self.bytes = self.bytes.saturating_sub(weight(&last.item));
            self.items.pop();
        }
    }
}

/// A rough size, without writing the item out.
fn weight(item: &Arc<ResponseItem>) -> u64 {
    let bytes = match &**item {
        ResponseItem::Message { .. } => item.text().len(),
        ResponseItem::Reasoning { encrypted_content, .. }
        | ResponseItem::Compaction { encrypted_content, .. } => {
            encrypted_content.as_ref().map_or(0, String::len)
        }
        ResponseItem::FunctionCall { name, arguments, .. } => name.len() + arguments.len(),
        ResponseItem::CustomToolCall { name, input, .. } => name.len() + input.len(),
        ResponseItem::FunctionCallOutput { output, .. }
        | ResponseItem::CustomToolCallOutput { output, .. } => {
            output.as_str().map_or_else(|| output.to_string().len(), str::len)
        }
        ResponseItem::Other(value) => value.to_string().len(),
    };
    bytes as u64
}
