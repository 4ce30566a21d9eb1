//! The tool calls of one answer: run in order, each exactly once, each with an output in history.

mod command;
mod files;
mod grants;
mod image;
mod mcp;
mod plan;
mod typing;

use codex_app_server_protocol::Ask;
use codex_protocol::ResponseItem;
use codex_tools::{
    BadCall, Offered, apply_patch, exec_command, request_permissions, update_plan, view_image, write_stdin,
};
use serde_json::Value;

use crate::control::Control;
use crate::teller::Teller;
use crate::thread::ThreadState;

pub(crate) use typing::Started;

/// What stands in history for a call that the person's interrupt kept from running.
const ABORTED: &str = "aborted by the person";
/// What stands in history for a call of an answer that failed before its calls could run.
const NOT_RUN: &str = "not run: the turn ended with an error before this call";
/// Characters of a sentence for the person about a call without an item.
const SHORT: usize = 300;

/// A call that an answer made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    call_id: String,
    name: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// With JSON text.
    Function(String),
    /// With free text.
    Custom(String),
}

/// What a call gives the model.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Output {
    /// Words.
    Text(String),
    /// Content parts, such as images.
    Parts(Vec<Value>),
}

/// What answering a call takes.
pub(crate) struct Desk<'a> {
    pub(crate) thread: &'a mut ThreadState,
    pub(crate) teller: &'a Teller,
    pub(crate) control: &'a Control,
}

/// Why calls are not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unrun {
    Interrupted,
    Failed,
}

impl Call {
    pub(crate) fn of(item: &ResponseItem) -> Option<Self> {
        match item {
            ResponseItem::FunctionCall { call_id, name, arguments, .. } => Some(Call {
                call_id: call_id.clone(),
                name: name.clone(),
                kind: Kind::Function(arguments.clone()),
            }),
            ResponseItem::CustomToolCall { call_id, name, input, .. } => {
                Some(Call { call_id: call_id.clone(), name: name.clone(), kind: Kind::Custom(input.clone()) })
            }
            ResponseItem::Message { .. }
            | ResponseItem::Reasoning { .. }
            | ResponseItem::FunctionCallOutput { .. }
            | ResponseItem::CustomToolCallOutput { .. }
            | ResponseItem::Compaction { .. }
            | ResponseItem::Other(_) => None,
        }
    }

    fn output(self, output: Output) -> ResponseItem {
        let (call_id, extra) = (self.call_id, Default::default());
        let output = match output {
            Output::Text(text) => Value::String(text),
            Output::Parts(parts) => Value::Array(parts),
        };
        match self.kind {
            Kind::Function(_) => ResponseItem::FunctionCallOutput { call_id, output, extra },
            Kind::Custom(_) => ResponseItem::CustomToolCallOutput { call_id, output, extra },
        }
    }
}

/// Runs the calls. After an interrupt the rest get an output that says so, and nothing more is started.
pub(crate) async fn run(calls: Vec<Call>, thread: &mut ThreadState, teller: &Teller, control: &Control) {
    for call in calls {
        let output = match control.is_interrupted() {
            true => Output::text(ABORTED),
            false => Desk { thread, teller, control }.answer(&call).await,
        };
        thread.history.push_ours(call.output(output));
    }
}

impl Desk<'_> {
    /// One arm per tool.
    async fn answer(&mut self, call: &Call) -> Output {
        let id = call.call_id.as_str();
        match (&call.kind, call.name.as_str()) {
            (Kind::Function(arguments), exec_command::NAME) => command::exec(self, id, arguments).await,
            (Kind::Function(arguments), write_stdin::NAME) => typing::write(self, id, arguments).await,
            (Kind::Custom(patch), apply_patch::NAME) => files::apply(self, id, patch).await,
            (Kind::Function(arguments), update_plan::NAME)
                if self.thread.offer.update_plan == Offered::Yes =>
            {
                plan::update(self, arguments).await
            }
            (Kind::Function(arguments), request_permissions::NAME) => {
                grants::request(self, id, arguments).await
            }
            (Kind::Function(arguments), view_image::NAME) => image::view(self, id, arguments).await,
            (Kind::Function(arguments), name) => match self.thread.servers.find(name) {
                Some(tool) => mcp::call(self, id, &tool, arguments).await,
                None => self.unknown(name).await,
            },
            (Kind::Custom(_), name) => self.unknown(name).await,
        }
    }

    async fn unknown(&self, name: &str) -> Output {
        self.without_item("A tool was called that is not there", name).await;
        Output::Text(codex_tools::unsupported_call(name))
    }

    /// A call that cannot be done as it came.
    async fn bad(&self, bad: &BadCall) -> Output {
        self.without_item(&format!("A call of {} was not done", bad.tool), &bad.problem).await;
        Output::text(bad.to_string())
    }

    /// Tells the person of a call that ended before there was an item of it. `why` is what the model is told.
    async fn without_item(&self, what: &str, why: &str) {
        self.teller.warning(format!("{what}, and the agent was told so: {}.", in_short(why))).await;
    }

    /// Asks the person. `None` where there is no answer; an interrupt withdraws the question.
    async fn ask<P: Ask>(&self, params: P) -> Option<P::Answer> {
        tokio::select! {
            biased;
            () = self.control.interrupted() => None,
            answer = self.teller.ask(params) => answer,
        }
    }

    /// The person ends the turn.
    fn cancel(&self) {
        self.control.interrupt(None);
    }
}

/// The first sentence of what is meant for the model, for people: without its full stop, on one line, not endless, and
/// without a key that the model put into its call.
fn in_short(why: &str) -> String {
    let line = why.lines().next().unwrap_or_default();
    let sentence = line.split(". ").next().unwrap_or(line).trim_end_matches(['.', ':', ' ']);
    // Before it is cut: half a key is not known as one.
    let sentence = codex_redact::redact(sentence);
    match sentence.char_indices().nth(SHORT) {
        Some((end, _)) => format!("{}…", sentence.get(..end).unwrap_or_default()),
        None => sentence.into_owned(),
    }
}

impl Output {
    fn text(text: impl Into<String>) -> Self {
        Output::Text(text.into())
    }
}

/// Keeps history valid when calls are not run: the service refuses a call without its output.
pub(crate) fn close(calls: Vec<Call>, thread: &mut ThreadState, why: Unrun) {
    let text = match why {
        Unrun::Interrupted => ABORTED,
        Unrun::Failed => NOT_RUN,
    };
    for call in calls {
        thread.history.push_ours(call.output(Output::text(text)));
    }
}
