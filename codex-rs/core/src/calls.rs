//! The tool calls of one answer: run in order, each exactly once, each with an output in history.

use std::sync::Arc;

use codex_app_server_protocol::{CommandAction, CommandSource, CommandStatus, ThreadItem};
use codex_protocol::ResponseItem;
use codex_sandbox::Policy;
use codex_tools::environment::Inherited;
use codex_tools::exec_command::{self, Invocation, Place};
use codex_tools::sessions::{Begin, Cause, Outcome, Telling, Watcher};
use codex_tools::write_stdin::{self, Typing};
use serde_json::Value;

use crate::control::Control;
use crate::teller::Teller;
use crate::thread::ThreadState;

/// What stands in history for a call that the person's interrupt kept from running.
const ABORTED: &str = "aborted by the person";
/// What stands in history for a call of an answer that failed before its calls could run.
const NOT_RUN: &str = "not run: the turn ended with an error before this call";

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
    /// Free text; none of our tools takes it.
    Custom,
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
            ResponseItem::CustomToolCall { call_id, name, .. } => {
                Some(Call { call_id: call_id.clone(), name: name.clone(), kind: Kind::Custom })
            }
            ResponseItem::Message { .. }
            | ResponseItem::Reasoning { .. }
            | ResponseItem::FunctionCallOutput { .. }
            | ResponseItem::CustomToolCallOutput { .. }
            | ResponseItem::Compaction { .. }
            | ResponseItem::Other(_) => None,
        }
    }

    fn output(self, text: String) -> ResponseItem {
        match self.kind {
            Kind::Function(_) => ResponseItem::function_output(self.call_id, text),
            Kind::Custom => ResponseItem::CustomToolCallOutput {
                call_id: self.call_id,
                output: Value::String(text),
                extra: Default::default(),
            },
        }
    }
}

/// Runs the calls. After an interrupt the rest get an output that says so, and nothing more is started.
pub(crate) async fn run(calls: Vec<Call>, thread: &mut ThreadState, teller: &Teller, control: &Control) {
    for call in calls {
        let text = if control.is_interrupted() {
            ABORTED.to_owned()
        } else {
            match &call.kind {
                Kind::Function(arguments) if call.name == exec_command::NAME => {
                    exec(arguments, &call.call_id, thread, teller, control).await
                }
                Kind::Function(arguments) if call.name == write_stdin::NAME => {
                    match Typing::read(arguments, &call.call_id, thread.output_tokens) {
                        Ok(typing) => {
                            thread.sessions.write(&typing, &teller.turn_id, control.interrupted()).await
                        }
                        Err(bad) => bad.to_string(),
                    }
                }
                Kind::Function(_) | Kind::Custom => codex_tools::unsupported_call(&call.name),
            }
        };
        thread.history.push_ours(call.output(text));
    }
}

/// Keeps history valid when calls are not run: the service refuses a call without its output.
pub(crate) fn close(calls: Vec<Call>, thread: &mut ThreadState, why: Unrun) {
    let text = match why {
        Unrun::Interrupted => ABORTED,
        Unrun::Failed => NOT_RUN,
    };
    for call in calls {
        thread.history.push_ours(call.output(text.to_owned()));
    }
}

/// Runs one command and tells it; gives the output for the model.
async fn exec(
    arguments: &str,
    call_id: &str,
    thread: &mut ThreadState,
    teller: &Teller,
    control: &Control,
) -> String {
    let place = Place {
        cwd: thread.settings.cwd.clone(),
        shell: thread.options.shell.clone(),
        output_tokens: thread.output_tokens,
    };
    let invocation = match Invocation::read(arguments, call_id, &place) {
        Ok(invocation) => invocation,
        Err(bad) => return bad.to_string(),
    };
    let id = thread.sessions.next_id();
    let shown = Shown {
        id: thread.item_ids.claim(Some(call_id)),
        command: invocation.command_line(),
        script: invocation.script().to_owned(),
        cwd: invocation.cwd().display().to_string(),
        process_id: id.to_string(),
    };
    teller.item_started(shown.item(CommandStatus::InProgress, None)).await;
    if let Some(why) = thread.settings.why_no_commands() {
        teller.item_completed(shown.item(CommandStatus::Declined, None)).await;
        return why;
    }
    let wait = invocation.wait().clone();
    let begin = Begin {
        id,
        invocation,
        environment: environment(thread, call_id),
        policy: Arc::new(Policy::full()),
        turn: teller.turn_id.clone(),
        item_id: shown.id.clone(),
        watcher: Box::new(Told { shown: shown.clone(), teller: teller.clone() }),
    };
    if let Err(error) = thread.sessions.start(begin) {
        teller.item_completed(shown.item(CommandStatus::Failed, None)).await;
        return error.to_string();
    }
    thread.sessions.wait(id, &wait, &teller.turn_id, control.interrupted()).await
}

fn environment(thread: &ThreadState, call_id: &str) -> Vec<(String, String)> {
    let options = &thread.options;
    let stored = options.auth.stored_secrets();
    let inherited = Inherited {
        variables: &options.environment,
        stored: &stored,
        thread_id: &thread.id,
        call_id,
        version: &options.version,
    };
    inherited.for_command()
}

/// Tells people what becomes of a command, during its turn and afterwards.
struct Told {
    shown: Shown,
    teller: Teller,
}

impl Watcher for Told {
    fn output(&mut self, text: String) -> Telling<'_> {
        Box::pin(self.teller.command_output(&self.shown.id, text))
    }

    fn ended(&mut self, outcome: Outcome) -> Telling<'_> {
        let status = match (outcome.exit_code, outcome.cause) {
            (Some(0), Cause::Itself) => CommandStatus::Completed,
            (_, Cause::Itself | Cause::Interrupted | Cause::Stopped) => CommandStatus::Failed,
        };
        Box::pin(async move { self.teller.item_completed(self.shown.item(status, Some(outcome))).await })
    }
}

/// What people see of a command.
#[derive(Clone)]
struct Shown {
    id: String,
    command: String,
    script: String,
    cwd: String,
    process_id: String,
}

impl Shown {
    fn item(&self, status: CommandStatus, outcome: Option<Outcome>) -> ThreadItem {
        let (exit_code, duration) =
            outcome.as_ref().map_or((None, None), |outcome| (outcome.exit_code, Some(outcome.duration)));
        ThreadItem::CommandExecution {
            id: self.id.clone(),
            command: self.command.clone(),
            cwd: self.cwd.clone(),
            process_id: Some(self.process_id.clone()),
            source: CommandSource::Agent,
            status,
            command_actions: vec![CommandAction::Unknown { command: self.script.clone() }],
            aggregated_output: outcome.map(|outcome| outcome.output),
            exit_code,
            duration_ms: duration.map(|duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        }
    }
}
