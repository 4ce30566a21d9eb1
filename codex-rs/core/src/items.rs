//! The one translation: what the model streams → the items that people see.

use codex_app_server_protocol::{ThreadItem, WebSearchAction};
use codex_protocol::{CodexErr, ResponseItem, SummaryPart};
use serde_json::Value;

use crate::teller::{ItemIds, Teller};

/// The items of one answer as they grow.
pub(crate) struct ItemStream<'a> {
    teller: &'a Teller,
    ids: &'a mut ItemIds,
    open: Option<Open>,
    /// An item was cut off and nobody was told yet that another takes its place.
    cut_off: Option<CodexErr>,
    /// A retry was told since the last item.
    retry_told: bool,
}

/// An item that has begun and not ended.
struct Open {
    id: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Message,
    Reasoning,
    WebSearch,
}

impl<'a> ItemStream<'a> {
    pub(crate) fn new(teller: &'a Teller, ids: &'a mut ItemIds) -> Self {
        ItemStream { teller, ids, open: None, cut_off: None, retry_told: false }
    }

    /// An item has begun. Those that people do not see until they are done (tool calls) show nothing yet.
    pub(crate) async fn started(&mut self, item: &ResponseItem) {
        self.tell_cut_off().await;
        if let Some(kind) = kind(item) {
            self.open(kind, service_id(item)).await;
        }
    }

    pub(crate) async fn text(&mut self, text: String) {
        let id = self.growing(Kind::Message).await;
        self.teller.agent_message_delta(&id, text).await;
    }

    pub(crate) async fn summary_part(&mut self, index: u32) {
        let id = self.growing(Kind::Reasoning).await;
        self.teller.summary_part(&id, index).await;
    }

    pub(crate) async fn summary(&mut self, index: u32, text: String) {
        let id = self.growing(Kind::Reasoning).await;
        self.teller.summary_delta(&id, index, text).await;
    }

    pub(crate) async fn reasoning(&mut self, index: u32, text: String) {
        let id = self.growing(Kind::Reasoning).await;
        self.teller.reasoning_delta(&id, index, text).await;
    }

    /// An item is finished. Gives what people see of it, if anything.
    pub(crate) async fn done(&mut self, item: &ResponseItem) -> Option<ThreadItem> {
        let kind = kind(item)?;
        let id = match self.open.take() {
            Some(open) if open.kind == kind => open.id,
            // The service skipped the start.
            Some(_) | None => {
                self.tell_cut_off().await;
                self.open(kind, service_id(item)).await
            }
        };
        self.open = None;
        let seen = finished(item, id)?;
        self.teller.item_completed(seen.clone()).await;
        Some(seen)
    }

    /// The request is sent again after a wait.
    pub(crate) async fn retrying(&mut self, cause: &CodexErr, attempt: u32, of: u32) {
        self.teller.will_retry(format!("Reconnecting… {attempt}/{of}"), cause).await;
        self.retry_told = true;
        self.cut_off = None;
    }

    /// What was shown of the open item is void. It gets no `item/completed`; an `error` that says the request is sent
    /// again comes before whatever takes its place (fallback-spec §3.3).
    pub(crate) fn discarded(&mut self, cause: CodexErr) {
        if self.open.take().is_some() && !self.retry_told {
            self.cut_off = Some(cause);
        }
    }

    /// To be called before anything is told that the cut-off item must not seem to be part of.
    pub(crate) async fn tell_cut_off(&mut self) {
        if let Some(cause) = self.cut_off.take() {
            self.teller.will_retry("The answer was cut off and is asked for again.".to_owned(), &cause).await;
            self.retry_told = true;
        }
    }

    async fn growing(&mut self, kind: Kind) -> String {
        match &self.open {
            Some(open) if open.kind == kind => open.id.clone(),
            Some(_) | None => self.open(kind, None).await,
        }
    }

    async fn open(&mut self, kind: Kind, service_id: Option<&str>) -> String {
        let id = self.ids.claim(service_id);
        self.retry_told = false;
        self.open = Some(Open { id: id.clone(), kind });
        let item = match kind {
            Kind::Message => ThreadItem::AgentMessage { id: id.clone(), text: String::new(), phase: None },
            Kind::Reasoning => {
                ThreadItem::Reasoning { id: id.clone(), summary: Vec::new(), content: Vec::new() }
            }
            Kind::WebSearch => {
                ThreadItem::WebSearch { id: id.clone(), query: String::new(), action: None, results: None }
            }
        };
        self.teller.item_started(item).await;
        id
    }
}

/// `None` for what people see otherwise (tool calls) or not at all.
fn kind(item: &ResponseItem) -> Option<Kind> {
    match item {
        ResponseItem::Message { role, .. } if role == "assistant" => Some(Kind::Message),
        ResponseItem::Reasoning { .. } => Some(Kind::Reasoning),
        ResponseItem::Other(value) if is_web_search(value) => Some(Kind::WebSearch),
        ResponseItem::Message { .. }
        | ResponseItem::FunctionCall { .. }
        | ResponseItem::FunctionCallOutput { .. }
        | ResponseItem::CustomToolCall { .. }
        | ResponseItem::CustomToolCallOutput { .. }
        | ResponseItem::Compaction { .. }
        | ResponseItem::Other(_) => None,
    }
}

fn service_id(item: &ResponseItem) -> Option<&str> {
    match item {
        ResponseItem::Message { id, .. } | ResponseItem::Reasoning { id, .. } => id.as_deref(),
        ResponseItem::Other(value) => value["id"].as_str(),
        ResponseItem::FunctionCall { .. }
        | ResponseItem::FunctionCallOutput { .. }
        | ResponseItem::CustomToolCall { .. }
        | ResponseItem::CustomToolCallOutput { .. }
        | ResponseItem::Compaction { .. } => None,
    }
}

fn finished(item: &ResponseItem, id: String) -> Option<ThreadItem> {
    match item {
        ResponseItem::Message { extra, .. } => {
            let phase = extra.get("phase").and_then(Value::as_str).map(str::to_owned);
            Some(ThreadItem::AgentMessage { id, text: item.text(), phase })
        }
        ResponseItem::Reasoning { summary, extra, .. } => {
            let summary = summary.iter().filter_map(|part| match part {
                SummaryPart::SummaryText { text } => Some(text.clone()),
                SummaryPart::Other(_) => None,
            });
            let parts = extra.get("content").and_then(Value::as_array);
            let texts = parts.into_iter().flatten().filter_map(|part| part["text"].as_str());
            let content = texts.map(str::to_owned).collect();
            Some(ThreadItem::Reasoning { id, summary: summary.collect(), content })
        }
        ResponseItem::Other(value) if is_web_search(value) => Some(web_search(value, id)),
        ResponseItem::FunctionCall { .. }
        | ResponseItem::FunctionCallOutput { .. }
        | ResponseItem::CustomToolCall { .. }
        | ResponseItem::CustomToolCallOutput { .. }
        | ResponseItem::Compaction { .. }
        | ResponseItem::Other(_) => None,
    }
}

/// A search that the service did by itself (`web_search`, a hosted tool).
fn is_web_search(value: &Value) -> bool {
    value["type"] == "web_search_call"
}

fn web_search(value: &Value, id: String) -> ThreadItem {
    let action = &value["action"];
    let text = |name: &str| action[name].as_str().map(str::to_owned);
    let queries = action["queries"].as_array();
    let queries =
        queries.map(|texts| texts.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>());
    let shown = match action["type"].as_str() {
        Some("search") => Some(WebSearchAction::Search { query: text("query"), queries: queries.clone() }),
        Some("open_page") => Some(WebSearchAction::OpenPage { url: text("url") }),
        Some("find_in_page") => {
            Some(WebSearchAction::FindInPage { url: text("url"), pattern: text("pattern") })
        }
        Some(_) => Some(WebSearchAction::Other),
        None => None,
    };
    let first = || queries.and_then(|queries| queries.into_iter().next());
    let query = text("query").or_else(first).or_else(|| text("url")).unwrap_or_default();
    ThreadItem::WebSearch { id, query, action: shown, results: None }
}
