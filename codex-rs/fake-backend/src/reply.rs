//! Owns what one answer of a script says: items, pace, headers, and how it ends or breaks.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::variant::LimitVariant;

/// One scripted answer. A template: ids and ciphertexts are minted when it is given.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) kind: Kind,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) pace: Pace,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Answer(Answer),
    Status { status: u16, body: Bytes },
    Raw(Bytes),
    Variant(LimitVariant),
    Hang,
}

/// A streamed answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answer {
    pub(crate) items: Vec<Item>,
    pub(crate) usage: Option<Usage>,
    pub(crate) model: Option<String>,
    pub(crate) incomplete: Option<String>,
    pub(crate) cut: Option<(At, Cut)>,
}

#[derive(Debug, Clone)]
pub(crate) enum Item {
    Reasoning { deltas: Vec<String> },
    Message { deltas: Vec<String> },
    Bulk { deltas: usize, text: String },
    Call { call_id: Option<String>, name: String, arguments: String },
    CustomCall { call_id: Option<String>, name: String, input: String },
    Done(Value),
    RawBytes(Bytes),
}

/// How fast the bytes of a stream leave.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pace {
    pub(crate) per_event: Duration,
    pub(crate) slice: Option<(usize, Duration)>,
}

/// Token counts of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// All input tokens.
    pub input: u64,
    /// Of these, read from the cache.
    pub cached: u64,
    /// All output tokens.
    pub output: u64,
    /// Of these, reasoning.
    pub reasoning: u64,
}

impl Usage {
    /// Input and output together.
    pub fn total(self) -> u64 {
        self.input + self.output
    }
}

/// Where a stream is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// After the last item, in place of `response.completed`.
    End,
    /// After this many events, `response.created` being the first.
    Events(usize),
    /// After this many bytes of the body.
    Bytes(usize),
}

/// What happens where a stream is cut.
#[derive(Debug, Clone, PartialEq)]
pub enum Cut {
    /// The failure of a variant: as `response.failed` or `error` event. A variant that is an HTTP answer is
    /// put into a `response.failed` here, because headers are long gone.
    Limit(LimitVariant),
    /// `response.failed` with this `error` object.
    Failed(Value),
    /// An event `error` with this whole object as data.
    ErrorEvent(Value),
    /// The connection breaks without the end of the body.
    Disconnect,
    /// The body ends properly, without `response.completed`.
    CleanEnd,
    /// Nothing more comes, the connection stays open.
    Hang,
}

impl Reply {
    /// An empty successful answer to add items to.
    pub fn answer() -> Self {
        Self::of(Kind::Answer(Answer::default()))
    }

    /// A successful answer with one message, in one delta.
    pub fn text(text: &str) -> Self {
        Self::answer().message(&[text])
    }

    /// An HTTP answer with this status and body; `content-type: application/json` unless a header is given.
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Self::of(Kind::Status { status, body: Bytes::from(body.into()) })
    }

    /// One of the documented failures.
    pub fn limit(variant: LimitVariant) -> Self {
        Self::of(Kind::Variant(variant))
    }

    /// Raw bytes in place of an HTTP answer; the connection closes after them.
    pub fn raw(bytes: impl Into<Bytes>) -> Self {
        Self::of(Kind::Raw(bytes.into()))
    }

    /// No answer at all: the request is read and the connection stays open.
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// An HTML page with status 200, as captive portals and proxies send.
    pub fn html_page() -> Self {
        Self::status(200, "<!doctype html><html><body><h1>Just a moment…</h1></body></html>")
            .header("content-type", "text/html; charset=utf-8")
    }

    /// Adds a reasoning item; its summary comes in these deltas, when the request asks for a summary.
    pub fn reasoning(self, deltas: &[&str]) -> Self {
        self.item(Item::Reasoning { deltas: owned(deltas) })
    }

    /// Adds an assistant message in these deltas.
    pub fn message(self, deltas: &[&str]) -> Self {
        self.item(Item::Message { deltas: owned(deltas) })
    }

    /// Adds a message of `deltas` deltas with the same text, made while it is sent.
    pub fn bulk(self, deltas: usize, text: &str) -> Self {
        self.item(Item::Bulk { deltas, text: text.to_owned() })
    }

    /// Adds a function call; its id is minted.
    pub fn call(self, name: &str, arguments: &Value) -> Self {
        self.item(Item::Call { call_id: None, name: name.to_owned(), arguments: arguments.to_string() })
    }

    /// Adds a call of `exec_command`.
    pub fn exec_command(self, command: &str) -> Self {
        self.call("exec_command", &serde_json::json!({"cmd": command}))
    }

    /// Adds a function call with this id and these argument bytes, which need not be JSON.
    pub fn call_with(self, call_id: &str, name: &str, arguments: &str) -> Self {
        self.item(Item::Call {
            call_id: Some(call_id.to_owned()),
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        })
    }

    /// Adds a custom tool call (`apply_patch`); its id is minted.
    pub fn custom_call(self, name: &str, input: &str) -> Self {
        self.item(Item::CustomCall { call_id: None, name: name.to_owned(), input: input.to_owned() })
    }

    /// Adds any finished item as it is: `output_item.added` and `.done` with it.
    pub fn done(self, item: Value) -> Self {
        self.item(Item::Done(item))
    }

    /// Puts these bytes into the stream at this place, whatever they are.
    pub fn garbage(self, bytes: impl Into<Bytes>) -> Self {
        self.item(Item::RawBytes(bytes.into()))
    }

    /// Puts an event of this type with this data into the stream at this place.
    pub fn event(self, kind: &str, data: &Value) -> Self {
        self.item(Item::RawBytes(Bytes::from(format!("event: {kind}\ndata: {data}\n\n"))))
    }

    /// Sets the token counts; else they are derived from the sizes of the body and the answer.
    pub fn usage(self, usage: Usage) -> Self {
        self.edit(|answer| answer.usage = Some(usage))
    }

    /// Answers with another model than the one asked for (`openai-model` header and `response.model`).
    pub fn model(self, model: &str) -> Self {
        self.edit(|answer| answer.model = Some(model.to_owned()))
    }

    /// Ends with `response.incomplete` for this reason in place of `response.completed`.
    pub fn incomplete(self, reason: &str) -> Self {
        self.edit(|answer| answer.incomplete = Some(reason.to_owned()))
    }

    /// Cuts the stream.
    pub fn cut(self, at: At, cut: Cut) -> Self {
        self.edit(|answer| answer.cut = Some((at, cut)))
    }

    /// The limit strikes after the items, in place of `response.completed`.
    pub fn then_limit(self, variant: LimitVariant) -> Self {
        self.cut(At::End, Cut::Limit(variant))
    }

    /// Adds a header; replaces a default one of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds `x-codex-turn-state`; without this call the plan side issues one of its own to requests that bring none.
    pub fn turn_state(self, state: &str) -> Self {
        self.header("x-codex-turn-state", state)
    }

    /// Sets the percentages of the plan's two windows in the `x-codex-*` headers.
    pub fn rate_limits(self, primary_percent: f64, secondary_percent: f64) -> Self {
        self.header("x-codex-primary-used-percent", &primary_percent.to_string())
            .header("x-codex-secondary-used-percent", &secondary_percent.to_string())
    }

    /// Waits this long before each event.
    pub fn delay(mut self, per_event: Duration) -> Self {
        self.pace.per_event = per_event;
        self
    }

    /// Sends the body in slices of `bytes` bytes with a pause after each: a slow drip, or torn UTF-8 with size 1.
    pub fn drip(mut self, bytes: usize, pause: Duration) -> Self {
        self.pace.slice = Some((bytes.max(1), pause));
        self
    }

    fn of(kind: Kind) -> Self {
        Self { kind, headers: Vec::new(), pace: Pace::default() }
    }

    fn item(self, item: Item) -> Self {
        self.edit(|answer| answer.items.push(item))
    }

    /// Builder calls about a stream turn any other reply into a streamed answer.
    fn edit(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        if let Kind::Answer(answer) = &mut self.kind {
            change(answer);
        } else {
            let mut answer = Answer::default();
            change(&mut answer);
            self.kind = Kind::Answer(answer);
        }
        self
    }
}

fn owned(deltas: &[&str]) -> Vec<String> {
    deltas.iter().map(|delta| (*delta).to_owned()).collect()
}
