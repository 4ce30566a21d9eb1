//! One turn, top to bottom: the person's words, then sampling and tool calls until the agent has its last word.

use std::sync::Arc;
use std::time::Duration;

use codex_app_server_protocol::{
    RateLimitSnapshot, ThreadItem, ThreadStatus, Turn, TurnItemsView, TurnStatus,
};
use codex_model_client::{SampleEvent, TurnContext};
use codex_protocol::{CodexErr, TokenUsage, TurnId};
use serde_json::Value;

use crate::calls::{self, Call, Unrun};
use crate::control::{Control, Said};
use crate::items::ItemStream;
use crate::notify;
use crate::teller::{Teller, turn_error};
use crate::thread::ThreadState;
use crate::turn_diff::TurnDiff;

/// How long a turn waits for MCP servers that are still starting; those that come later join the next request.
const SERVERS_PATIENCE: Duration = Duration::from_secs(10);

/// One turn while it runs.
pub(crate) struct RunningTurn<'a> {
    thread: &'a mut ThreadState,
    control: &'a Control,
    teller: Teller,
    model: TurnContext,
    output_schema: Option<Arc<Value>>,
    turn: Turn,
    started_at_ms: i64,
    last_message: Option<ThreadItem>,
    /// What the person said in it, for `notify`.
    said: Vec<String>,
}

/// How a turn ended.
enum End {
    Completed,
    Interrupted,
    Failed(CodexErr),
}

/// One answer of the model.
#[derive(Default)]
struct Answer {
    calls: Vec<Call>,
    /// `None` where it was cut off: nobody knows what it cost.
    usage: Option<TokenUsage>,
    /// `None` where nothing answered.
    limits: Option<RateLimitSnapshot>,
    /// Whether it brought any item.
    brought_items: bool,
    /// It wants another sampling even without calls.
    goes_on: bool,
}

/// Why there is no answer. What was finished of it is in history.
enum NoAnswer {
    Interrupted,
    Failed(CodexErr),
}

/// A turn as it stands at its start.
pub(crate) fn new_turn(now: i64) -> Turn {
    let id = TurnId::generate();
    Turn {
        root_turn_id: Some(id.clone()),
        id,
        items: Vec::new(),
        items_view: TurnItemsView::NotLoaded,
        status: TurnStatus::InProgress,
        error: None,
        started_at: Some(now),
        completed_at: None,
        duration_ms: None,
    }
}

impl<'a> RunningTurn<'a> {
    pub(crate) fn new(
        thread: &'a mut ThreadState,
        control: &'a Control,
        turn: Turn,
        output_schema: Option<Value>,
    ) -> Self {
        RunningTurn {
            teller: thread.teller(turn.id.clone()),
            model: TurnContext::new(Arc::clone(&thread.context), turn.id.clone()),
            output_schema: output_schema.map(Arc::new),
            started_at_ms: thread.options.clock.millis(),
            last_message: None,
            said: Vec::new(),
            thread,
            control,
            turn,
        }
    }

    /// Runs the turn to its end, whatever that is.
    pub(crate) async fn run(mut self, said: Said) {
        self.begin(said).await;
        let end = self.work().await;
        self.finish(end).await;
    }

    async fn begin(&mut self, said: Said) {
        self.thread.turn_diff = TurnDiff::default();
        self.teller.status(ThreadStatus::Active { active_flags: Vec::new() }).await;
        self.teller.turn_started(self.turn.clone()).await;
        // A change of payer that shows here is told with the first request that it concerns.
        let reported = self.thread.options.auth.turn_started();
        let notice = reported.notice.map(str::to_owned);
        for message in self.thread.options.auth.take_warnings().into_iter().chain(notice) {
            self.teller.warning(message).await;
        }
        self.hear(said).await;
    }

    async fn work(&mut self) -> End {
        // A tool that is not there yet would not be thought of.
        let servers = self.thread.servers.clone();
        tokio::select! {
            () = servers.wait_started(SERVERS_PATIENCE) => {}
            () = self.control.interrupted() => return End::Interrupted,
        }
        loop {
            for said in self.control.take_said() {
                self.hear(said).await;
            }
            let mut answer = Answer::default();
            let sampled = self.sample(&mut answer).await;
            let Answer { calls, usage, limits, goes_on, .. } = answer;
            let sample_again = goes_on || !calls.is_empty();
            match sampled {
                Ok(()) => {
                    calls::run(calls, self.thread, &self.teller, self.control).await;
                    self.tell_usage(usage, limits.unwrap_or_default()).await;
                }
                Err(NoAnswer::Interrupted) => {
                    calls::close(calls, self.thread, Unrun::Interrupted);
                    return End::Interrupted;
                }
                Err(NoAnswer::Failed(error)) => {
                    calls::close(calls, self.thread, Unrun::Failed);
                    if let Some(limits) = limits {
                        self.teller.rate_limits(limits).await;
                    }
                    return End::Failed(error);
                }
            }
            if self.control.is_interrupted() {
                return End::Interrupted;
            }
            if !sample_again && self.control.close_if_nothing_waits() {
                return End::Completed;
            }
        }
    }

    /// Asks the model once. Items are told and remembered as they come; calls are collected, not run.
    async fn sample(&mut self, answer: &mut Answer) -> Result<(), NoAnswer> {
        let prompt = self.thread.prompt(self.output_schema.clone());
        let client = self.thread.options.model_client.clone();
        let mut sampling = client.sample(&mut self.model, prompt);
        let ThreadState { item_ids, history, settings, other_model, .. } = &mut *self.thread;
        let mut items = ItemStream::new(&self.teller, item_ids);
        loop {
            let event = tokio::select! {
                biased;
                () = self.control.interrupted() => Err(NoAnswer::Interrupted),
                event = sampling.next() => event.map_err(NoAnswer::Failed),
            };
            let event = match event {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(()),
                Err(none) => {
                    history.drop_trailing_reasoning();
                    return Err(none);
                }
            };
            match event {
                SampleEvent::Request { .. } => {}
                SampleEvent::PayerChanged(change) => {
                    items.tell_cut_off().await;
                    self.teller.payer_changed(change).await;
                }
                SampleEvent::Retrying { cause, attempt, of, wait: _ } => {
                    items.retrying(&cause, attempt, of).await;
                }
                SampleEvent::Discarded { cause } => items.discarded(cause),
                SampleEvent::ItemStarted(item) => items.started(&item).await,
                SampleEvent::TextDelta { text, .. } => items.text(text).await,
                SampleEvent::ReasoningSummaryPart { summary_index, .. } => {
                    items.summary_part(summary_index).await;
                }
                SampleEvent::ReasoningSummaryDelta { summary_index, text, .. } => {
                    items.summary(summary_index, text).await;
                }
                SampleEvent::ReasoningDelta { content_index, text, .. } => {
                    items.reasoning(content_index, text).await;
                }
                SampleEvent::ItemDone(done) => {
                    let seen = items.done(&done.item).await;
                    if let Some(message @ ThreadItem::AgentMessage { .. }) = seen {
                        self.last_message = Some(message);
                    }
                    answer.brought_items = true;
                    answer.calls.extend(Call::of(&done.item));
                    history.push(done);
                }
                SampleEvent::RateLimits(limits) => answer.limits.get_or_insert_default().merge(&limits),
                SampleEvent::ServerModel(model) => {
                    if other_model.as_ref() != Some(&model) {
                        let asked = &settings.model;
                        let message =
                            format!("The service answers with the model {model} instead of {asked}.");
                        self.teller.warning(message).await;
                        *other_model = Some(model);
                    }
                }
                SampleEvent::Completed { usage, end_turn, payer: _ } => {
                    answer.usage = Some(usage);
                    // An empty answer that wants to go on would go on for ever, and each may be paid.
                    answer.goes_on = end_turn == Some(false) && answer.brought_items;
                }
                SampleEvent::CutOff => {
                    items.tell_cut_off().await;
                    answer.goes_on = true;
                    history.drop_trailing_reasoning();
                }
            }
        }
    }

    /// The person's words join: shown, and part of history.
    async fn hear(&mut self, said: Said) {
        if let Some(context) = self.thread.take_over(said.settings) {
            for warning in context.warnings {
                self.teller.warning(warning).await;
            }
            self.thread.history.push_ours(context.message);
        }
        self.said.push(notify::words(&said.input));
        let id = self.thread.item_ids.claim(None);
        let shown = ThreadItem::UserMessage { id, client_id: said.client_id, content: said.input };
        self.teller.item_started(shown.clone()).await;
        self.teller.item_completed(shown).await;
        self.thread.history.push_ours(said.item);
    }

    /// Once per answer, after its calls (wire-facts §5.5).
    async fn tell_usage(&mut self, usage: Option<TokenUsage>, limits: RateLimitSnapshot) {
        if let Some(last) = usage {
            self.thread.usage.total += last;
            self.thread.usage.last = last;
            self.teller.token_usage(self.thread.usage.clone()).await;
        }
        self.teller.rate_limits(limits).await;
    }

    async fn finish(mut self, end: End) {
        if matches!(end, End::Interrupted) {
            self.thread.sessions.interrupt(&self.turn.id).await;
        }
        // What was said too late for this turn is not lost: the next one finds it in history.
        for said in self.control.close() {
            self.hear(said).await;
        }
        // What this turn has started runs on, unless the person interrupted it.
        if matches!(end, End::Interrupted) {
            self.thread.sessions.interrupt(&self.turn.id).await;
        }
        if self.thread.granted.end_turn() {
            self.thread.build_walls();
        }
        self.thread.options.auth.turn_ended(&self.turn.id);
        let clock = &self.thread.options.clock;
        self.turn.completed_at = Some(clock.unix());
        self.turn.duration_ms = Some(clock.millis().saturating_sub(self.started_at_ms).max(0));
        self.turn.items_view = TurnItemsView::Summary;
        self.turn.items = self.last_message.iter().cloned().collect();
        let is_completed = matches!(end, End::Completed);
        self.turn.status = match end {
            End::Completed => TurnStatus::Completed,
            End::Interrupted => TurnStatus::Interrupted,
            End::Failed(error) => {
                let error = turn_error(&error);
                self.teller.failed(error.clone()).await;
                self.turn.error = Some(error);
                TurnStatus::Failed
            }
        };
        self.control.answers_sent().await;
        self.teller.status(ThreadStatus::Idle).await;
        self.teller.turn_completed(self.turn.clone()).await;
        if is_completed {
            let ThreadState { id, settings, options, notify, .. } = &mut *self.thread;
            let ended = notify::Ended {
                thread: id,
                turn: &self.turn.id,
                cwd: &settings.cwd,
                said: &self.said,
                last_message: self.last_message.as_ref(),
            };
            notify.tell(&ended, options, &self.teller).await;
        }
    }
}
