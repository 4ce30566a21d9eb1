//! Owns the way from a scripted answer to bytes: server-sent events, minted ids and ciphertexts, pace and cuts.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use hyper::body::{Body, Frame};
use serde_json::{Value, json};
use tokio::time::Sleep;

use crate::cipher::mint_ciphertext;
use crate::reply::{Answer, At, Cut, Item, Pace, Usage};
use crate::strict::Minted;
use crate::variant::LimitVariant;

/// Who asks and when: what a template needs to become an answer.
pub(crate) struct Occasion<'a> {
    pub(crate) organisation: &'a str,
    pub(crate) model: &'a str,
    pub(crate) wants_summary: bool,
    pub(crate) request_bytes: usize,
    pub(crate) number: u64,
    pub(crate) now: i64,
}

/// An answer ready to be sent, and what of it will have arrived.
pub(crate) struct Rendered {
    pub(crate) emission: Emission,
    pub(crate) usage: Usage,
    pub(crate) calls: Vec<String>,
    pub(crate) texts: Vec<String>,
}

/// Turns a template into the bytes of a stream.
pub(crate) fn render(answer: &Answer, pace: Pace, occasion: &Occasion<'_>, minted: &mut Minted) -> Rendered {
    let mut writer =
        Writer { occasion, minted, steps: Vec::new(), last_reasoning: None, output_index: 0, letters: 0 };
    writer.begin();
    for item in &answer.items {
        writer.item(item);
    }
    let usage = answer.usage.unwrap_or(Usage {
        input: (occasion.request_bytes / 4).max(1) as u64,
        cached: 0,
        output: (writer.letters / 4).max(1) as u64,
        reasoning: 0,
    });
    let mut steps = writer.steps;
    let mut end = End::Clean;
    match &answer.cut {
        None => steps.push(closing(answer, occasion, usage)),
        Some((at, cut)) => {
            match at {
                At::End => {}
                At::Events(count) => truncate_events(&mut steps, *count),
                At::Bytes(count) => truncate_bytes(&mut steps, *count),
            }
            end = apply_cut(&mut steps, cut, occasion);
        }
    }
    let calls = steps.iter().filter_map(|step| step.call.clone()).collect();
    let texts = steps.iter().filter_map(|step| step.text.clone()).collect();
    Rendered { emission: Emission::new(steps, pace, end), usage, calls, texts }
}

/// One event, sent `times` times, and what it delivers.
struct Step {
    bytes: Bytes,
    times: usize,
    call: Option<String>,
    text: Option<String>,
}

struct Writer<'a> {
    occasion: &'a Occasion<'a>,
    minted: &'a mut Minted,
    steps: Vec<Step>,
    last_reasoning: Option<String>,
    output_index: usize,
    letters: usize,
}

impl Writer<'_> {
    fn begin(&mut self) {
        let response = response_object(self.occasion, "in_progress");
        self.event("response.created", json!({"response": response}));
        self.event("response.in_progress", json!({"response": response}));
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Reasoning { deltas } => self.reasoning(deltas),
            Item::Message { deltas } => {
                let text = deltas.concat();
                self.message(&text, |writer, id, index| {
                    for delta in deltas {
                        writer.event("response.output_text.delta", text_delta(id, index, delta));
                    }
                });
            }
            Item::Bulk { deltas, text } => {
                let whole = text.repeat(*deltas);
                self.message(&whole, |writer, id, index| {
                    let step = event("response.output_text.delta", text_delta(id, index, text));
                    writer.steps.push(Step { times: *deltas, ..step });
                });
            }
            Item::Call { call_id, name, arguments } => {
                let call_id = call_id.clone().unwrap_or_else(|| self.id("call"));
                let id = self.minted_id("fc");
                let done = json!({
                    "type": "function_call", "id": id, "call_id": call_id, "name": name, "arguments": arguments,
                    "status": "completed",
                });
                self.call(&done, &call_id, "arguments", "response.function_call_arguments", arguments);
            }
            Item::CustomCall { call_id, name, input } => {
                let call_id = call_id.clone().unwrap_or_else(|| self.id("call"));
                let id = self.minted_id("ctc");
                let done = json!({
                    "type": "custom_tool_call", "id": id, "call_id": call_id, "name": name, "input": input,
                    "status": "completed",
                });
                self.call(&done, &call_id, "input", "response.custom_tool_call_input", input);
            }
            Item::Done(item) => {
                let mut item = item.clone();
                if item["encrypted_content"] == "mint" {
                    item["encrypted_content"] = Value::String(self.ciphertext());
                }
                self.added(&item);
                self.done(&item);
            }
            Item::RawBytes(bytes) => {
                self.steps.push(Step { bytes: bytes.clone(), times: 1, call: None, text: None });
            }
        }
    }

    fn reasoning(&mut self, deltas: &[String]) {
        let id = self.id("rs");
        let index = self.output_index;
        let ciphertext = self.ciphertext();
        self.added(&json!({"type": "reasoning", "id": id, "summary": [], "encrypted_content": ciphertext}));
        let mut summary = json!([]);
        if self.occasion.wants_summary && !deltas.is_empty() {
            let place = json!({"item_id": id, "output_index": index, "summary_index": 0});
            let with = |name: &str, value: Value| {
                let mut data = place.clone();
                data[name] = value;
                data
            };
            let text = deltas.concat();
            let part = json!({"type": "summary_text", "text": ""});
            self.event("response.reasoning_summary_part.added", with("part", part));
            for delta in deltas {
                self.event("response.reasoning_summary_text.delta", with("delta", json!(delta)));
            }
            self.event("response.reasoning_summary_text.done", with("text", json!(text)));
            let part = json!({"type": "summary_text", "text": text});
            self.event("response.reasoning_summary_part.done", with("part", part.clone()));
            summary = json!([part]);
        }
        self.done(
            &json!({"type": "reasoning", "id": id, "summary": summary, "encrypted_content": ciphertext}),
        );
        self.last_reasoning = Some(id);
    }

    fn message(&mut self, text: &str, deltas: impl FnOnce(&mut Self, &str, usize)) {
        let id = self.minted_id("msg");
        let index = self.output_index;
        let item = |status: &str, content: Value| json!({"type": "message", "id": id, "role": "assistant", "status": status, "content": content});
        let part =
            |text: &str| json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text});
        let place = json!({"item_id": id, "output_index": index, "content_index": 0});
        let with = |name: &str, value: Value| {
            let mut data = place.clone();
            data[name] = value;
            data
        };
        self.added(&item("in_progress", json!([])));
        self.event("response.content_part.added", with("part", part("")));
        deltas(self, &id, index);
        self.event("response.output_text.done", with("text", json!(text)));
        self.event("response.content_part.done", with("part", part(text)));
        self.done(&item("completed", json!([part(text)])));
        self.letters += text.len();
        if let Some(step) = self.steps.last_mut() {
            step.text = Some(text.to_owned());
        }
    }

    fn call(&mut self, done: &Value, call_id: &str, field: &str, events: &str, input: &str) {
        let mut added = done.clone();
        added[field] = json!("");
        added["status"] = json!("in_progress");
        let place = json!({"item_id": done["id"], "output_index": self.output_index});
        let with = |name: &str, value: &str| {
            let mut data = place.clone();
            data[name] = json!(value);
            data
        };
        self.added(&added);
        self.event(&format!("{events}.delta"), with("delta", input));
        self.event(&format!("{events}.done"), with(field, input));
        self.done(done);
        self.letters += input.len();
        if let Some(step) = self.steps.last_mut() {
            step.call = Some(call_id.to_owned());
        }
    }

    fn added(&mut self, item: &Value) {
        self.event("response.output_item.added", json!({"output_index": self.output_index, "item": item}));
    }

    fn done(&mut self, item: &Value) {
        self.event("response.output_item.done", json!({"output_index": self.output_index, "item": item}));
        self.output_index += 1;
    }

    fn event(&mut self, kind: &str, data: Value) {
        self.steps.push(event(kind, data));
    }

    fn id(&self, prefix: &str) -> String {
        format!("{prefix}_{}_{}", self.occasion.number, self.output_index)
    }

    /// An id that the backend will not take back without the reasoning item that came before it.
    fn minted_id(&mut self, prefix: &str) -> String {
        let id = self.id(prefix);
        if let Some(reasoning) = &self.last_reasoning {
            self.minted.needs_reasoning.insert(id.clone(), reasoning.clone());
        }
        id
    }

    fn ciphertext(&self) -> String {
        mint_ciphertext(self.occasion.organisation, self.occasion.number * 1_000 + self.output_index as u64)
    }
}

fn event(kind: &str, mut data: Value) -> Step {
    data["type"] = json!(kind);
    Step { bytes: Bytes::from(format!("event: {kind}\ndata: {data}\n\n")), times: 1, call: None, text: None }
}

fn text_delta(id: &str, index: usize, delta: &str) -> Value {
    json!({"item_id": id, "output_index": index, "content_index": 0, "delta": delta})
}

fn response_object(occasion: &Occasion<'_>, status: &str) -> Value {
    json!({
        "id": format!("resp_{}", occasion.number), "object": "response", "created_at": occasion.now,
        "status": status, "model": occasion.model, "output": [], "error": null, "incomplete_details": null,
    })
}

fn closing(answer: &Answer, occasion: &Occasion<'_>, usage: Usage) -> Step {
    let status = if answer.incomplete.is_some() { "incomplete" } else { "completed" };
    let mut response = response_object(occasion, status);
    if let Some(reason) = &answer.incomplete {
        response["incomplete_details"] = json!({"reason": reason});
    }
    response["usage"] = json!({
        "input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.total(),
    });
    event(&format!("response.{status}"), json!({"response": response}))
}

fn apply_cut(steps: &mut Vec<Step>, cut: &Cut, occasion: &Occasion<'_>) -> End {
    match cut {
        Cut::Limit(variant) => {
            steps.push(failure_of(*variant, occasion));
            End::Clean
        }
        Cut::Failed(error) => {
            steps.push(failed(error, occasion));
            End::Clean
        }
        Cut::ErrorEvent(data) => {
            steps.push(event("error", data.clone()));
            End::Clean
        }
        Cut::CleanEnd => End::Clean,
        Cut::Disconnect => End::Abort,
        Cut::Hang => End::Hang,
    }
}

/// A variant as an event. One that is an HTTP answer becomes a `response.failed` with its error object.
fn failure_of(variant: LimitVariant, occasion: &Occasion<'_>) -> Step {
    match variant.transport() {
        crate::variant::Transport::Http(_) | crate::variant::Transport::StreamFailed => {
            failed(&variant.error_object(occasion.now, occasion.now, occasion.model), occasion)
        }
        crate::variant::Transport::StreamError => {
            let body = variant.shape(occasion.now, occasion.now, occasion.model).body;
            Step {
                bytes: Bytes::from(format!("event: error\ndata: {body}\n\n")),
                times: 1,
                call: None,
                text: None,
            }
        }
    }
}

fn failed(error: &Value, occasion: &Occasion<'_>) -> Step {
    let mut response = response_object(occasion, "failed");
    response["error"] = error.clone();
    event("response.failed", json!({"response": response}))
}

fn truncate_events(steps: &mut Vec<Step>, count: usize) {
    let mut left = count;
    for step in steps.iter_mut() {
        step.times = step.times.min(left);
        left -= step.times;
    }
    steps.retain(|step| step.times > 0);
}

fn truncate_bytes(steps: &mut Vec<Step>, count: usize) {
    let mut left = count;
    let mut kept = Vec::new();
    for step in steps.drain(..) {
        let whole = (left / step.bytes.len().max(1)).min(step.times);
        left -= whole * step.bytes.len();
        let torn = whole < step.times;
        let rest = step.bytes.slice(..left.min(step.bytes.len()));
        if whole > 0 {
            kept.push(Step { times: whole, ..step });
        }
        if torn {
            kept.push(Step { bytes: rest, times: 1, call: None, text: None });
            break;
        }
    }
    *steps = kept;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Clean,
    Abort,
    Hang,
}

/// The connection is to break here.
#[derive(Debug, thiserror::Error)]
#[error("the script breaks the connection here")]
pub(crate) struct Broken;

/// The body of an answer, sent at its pace.
pub(crate) struct Emission {
    steps: VecDeque<(Bytes, usize)>,
    pace: Pace,
    end: End,
    torn: Bytes,
    sleep: Option<Pin<Box<Sleep>>>,
    rested: bool,
    flushed: bool,
}

/// Copies of a repeated event that leave in one piece when there is no delay.
const BATCH: usize = 64;

impl Emission {
    fn new(steps: Vec<Step>, pace: Pace, end: End) -> Self {
        let steps = steps.into_iter().map(|step| (step.bytes, step.times)).collect();
        Self { steps, pace, end, torn: Bytes::new(), sleep: None, rested: false, flushed: false }
    }

    /// A body that is there at once.
    pub(crate) fn whole(bytes: Bytes, pace: Pace) -> Self {
        let step = Step { bytes, times: 1, call: None, text: None };
        Self::new(vec![step], Pace { per_event: Duration::ZERO, ..pace }, End::Clean)
    }

    fn next_bytes(&mut self) -> Option<Bytes> {
        loop {
            let (bytes, times) = self.steps.front_mut()?;
            let batch = if self.pace.per_event.is_zero() { (*times).min(BATCH) } else { 1.min(*times) };
            *times -= batch;
            let chunk = match batch {
                0 => Bytes::new(),
                1 => bytes.clone(),
                _ => {
                    let mut many = BytesMut::with_capacity(bytes.len() * batch);
                    (0..batch).for_each(|_| many.extend_from_slice(bytes));
                    many.freeze()
                }
            };
            if *times == 0 {
                self.steps.pop_front();
            }
            if !chunk.is_empty() {
                return Some(chunk);
            }
        }
    }

    /// Waits the pause once before each piece; true when it has passed.
    fn pause_is_over(&mut self, pause: Duration, cx: &mut Context<'_>) -> bool {
        if pause.is_zero() || self.rested {
            return true;
        }
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause)));
        if sleep.as_mut().poll(cx).is_pending() {
            return false;
        }
        self.sleep = None;
        self.rested = true;
        true
    }
}

impl Body for Emission {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        if this.torn.is_empty() {
            if !this.steps.is_empty() && !this.pause_is_over(this.pace.per_event, cx) {
                return Poll::Pending;
            }
            this.rested = false;
            match this.next_bytes() {
                Some(bytes) => this.torn = bytes,
                None => return this.finish(cx),
            }
        } else if let Some((_, pause)) = this.pace.slice {
            if !this.pause_is_over(pause, cx) {
                return Poll::Pending;
            }
            this.rested = false;
        }
        let size = this.pace.slice.map_or(this.torn.len(), |(size, _)| size.min(this.torn.len()));
        let piece = this.torn.split_to(size);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.end == End::Clean && self.steps.is_empty() && self.torn.is_empty()
    }
}

impl Emission {
    fn finish(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.end {
            End::Clean => Poll::Ready(None),
            End::Hang => Poll::Pending,
            End::Abort if self.flushed => Poll::Ready(Some(Err(Broken))),
            End::Abort => {
                // One turn for the HTTP layer to write what it holds, which it would drop with the connection.
                self.flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }
}
