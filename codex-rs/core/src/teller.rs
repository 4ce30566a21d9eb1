//! Tells a turn's notifications to its sink, each with the ids and times it needs.

use std::collections::HashSet;
use std::sync::Arc;

use codex_app_server_protocol::{
    AccountRateLimitsUpdated, Ask, ErrorNotification, ItemCompleted, ItemDelta, ItemStarted,
    RateLimitSnapshot, ReasoningSummaryDelta, ReasoningSummaryPartAdded, ReasoningTextDelta,
    ServerNotification, TerminalInteraction, ThreadActiveFlag, ThreadItem, ThreadStatus, ThreadStatusChanged,
    ThreadTokenUsage, ThreadTokenUsageUpdated, Turn, TurnChanged, TurnDiffUpdated, TurnError, TurnPlanStep,
    TurnPlanUpdated, Warning,
};
use codex_login::PayerChange;
use codex_protocol::{Clock, CodexErr, ThreadId, TurnId};
use codex_tools::sessions::SessionId;

use crate::EventSink;

/// One turn's voice.
#[derive(Clone)]
pub(crate) struct Teller {
    pub(crate) thread_id: ThreadId,
    pub(crate) turn_id: TurnId,
    pub(crate) clock: Clock,
    pub(crate) sink: Arc<dyn EventSink>,
}

/// The ids of a thread's items so far: none is given twice, whatever the service does.
#[derive(Debug, Default)]
pub(crate) struct ItemIds(HashSet<String>);

impl ItemIds {
    /// The wanted id if it is still free, else a fresh one.
    pub(crate) fn claim(&mut self, wanted: Option<&str>) -> String {
        let wanted = wanted.filter(|id| !id.is_empty() && !self.0.contains(*id));
        let id = wanted.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
        self.0.insert(id.clone());
        id
    }
}

impl Teller {
    pub(crate) async fn status(&self, status: ThreadStatus) {
        let thread_id = self.thread_id.clone();
        let changed = ThreadStatusChanged { thread_id, status };
        self.sink.emit(ServerNotification::ThreadStatusChanged(changed)).await;
    }

    /// Asks the person. `None` where there is no answer, or none that can be understood: that counts as no. Dropping the
    /// future withdraws the question.
    pub(crate) async fn ask<P: Ask>(&self, params: P) -> Option<P::Answer> {
        let waiting = vec![ThreadActiveFlag::WaitingOnApproval];
        self.status(ThreadStatus::Active { active_flags: waiting }).await;
        let answer = self.sink.ask(self.thread_id.clone(), params.into_request()).await;
        self.status(ThreadStatus::Active { active_flags: Vec::new() }).await;
        match serde_json::from_value(answer?) {
            Ok(answer) => Some(answer),
            Err(_) => {
                let message = "The client's answer could not be understood, so it counts as no.";
                self.warning(message.to_owned()).await;
                None
            }
        }
    }

    pub(crate) async fn turn_started(&self, turn: Turn) {
        let changed = TurnChanged { thread_id: self.thread_id.clone(), turn };
        self.sink.emit(ServerNotification::TurnStarted(changed)).await;
    }

    pub(crate) async fn turn_completed(&self, turn: Turn) {
        let changed = TurnChanged { thread_id: self.thread_id.clone(), turn };
        self.sink.emit(ServerNotification::TurnCompleted(changed)).await;
    }

    pub(crate) async fn item_started(&self, item: ThreadItem) {
        let (thread_id, turn_id) = self.ids();
        let started = ItemStarted { item, thread_id, turn_id, started_at_ms: self.clock.millis() };
        self.sink.emit(ServerNotification::ItemStarted(started)).await;
    }

    pub(crate) async fn item_completed(&self, item: ThreadItem) {
        let (thread_id, turn_id) = self.ids();
        let completed = ItemCompleted { item, thread_id, turn_id, completed_at_ms: self.clock.millis() };
        self.sink.emit(ServerNotification::ItemCompleted(completed)).await;
    }

    pub(crate) async fn agent_message_delta(&self, item_id: &str, delta: String) {
        self.sink.emit(ServerNotification::AgentMessageDelta(self.delta(item_id, delta))).await;
    }

    pub(crate) async fn command_output(&self, item_id: &str, delta: String) {
        self.sink.emit(ServerNotification::CommandOutputDelta(self.delta(item_id, delta))).await;
    }

    pub(crate) async fn terminal_interaction(&self, item_id: &str, session: SessionId, stdin: String) {
        let (thread_id, turn_id) = self.ids();
        let (item_id, process_id) = (item_id.to_owned(), session.to_string());
        let typed = TerminalInteraction { thread_id, turn_id, item_id, process_id, stdin };
        self.sink.emit(ServerNotification::TerminalInteraction(typed)).await;
    }

    pub(crate) async fn plan(&self, explanation: Option<String>, plan: Vec<TurnPlanStep>) {
        let (thread_id, turn_id) = self.ids();
        let updated = TurnPlanUpdated { thread_id, turn_id, explanation, plan };
        self.sink.emit(ServerNotification::TurnPlanUpdated(updated)).await;
    }

    pub(crate) async fn turn_diff(&self, diff: String) {
        let (thread_id, turn_id) = self.ids();
        self.sink
            .emit(ServerNotification::TurnDiffUpdated(TurnDiffUpdated { thread_id, turn_id, diff }))
            .await;
    }

    pub(crate) async fn summary_part(&self, item_id: &str, summary_index: u32) {
        let (thread_id, turn_id) = self.ids();
        let added = ReasoningSummaryPartAdded {
            thread_id,
            turn_id,
            item_id: item_id.to_owned(),
            summary_index: summary_index.into(),
        };
        self.sink.emit(ServerNotification::ReasoningSummaryPartAdded(added)).await;
    }

    pub(crate) async fn summary_delta(&self, item_id: &str, summary_index: u32, delta: String) {
        let (thread_id, turn_id) = self.ids();
        let (item_id, summary_index) = (item_id.to_owned(), summary_index.into());
        let delta = ReasoningSummaryDelta { thread_id, turn_id, item_id, delta, summary_index };
        self.sink.emit(ServerNotification::ReasoningSummaryDelta(delta)).await;
    }

    pub(crate) async fn reasoning_delta(&self, item_id: &str, content_index: u32, delta: String) {
        let (thread_id, turn_id) = self.ids();
        let (item_id, content_index) = (item_id.to_owned(), content_index.into());
        let delta = ReasoningTextDelta { thread_id, turn_id, item_id, delta, content_index };
        self.sink.emit(ServerNotification::ReasoningTextDelta(delta)).await;
    }

    pub(crate) async fn token_usage(&self, token_usage: ThreadTokenUsage) {
        let (thread_id, turn_id) = self.ids();
        let updated = ThreadTokenUsageUpdated { thread_id, turn_id, token_usage };
        self.sink.emit(ServerNotification::ThreadTokenUsageUpdated(updated)).await;
    }

    pub(crate) async fn rate_limits(&self, rate_limits: RateLimitSnapshot) {
        let updated = AccountRateLimitsUpdated { rate_limits };
        self.sink.emit(ServerNotification::AccountRateLimitsUpdated(updated)).await;
    }

    pub(crate) async fn warning(&self, message: String) {
        let warning = Warning { thread_id: Some(self.thread_id.clone()), message };
        self.sink.emit(ServerNotification::Warning(warning)).await;
    }

    pub(crate) async fn payer_changed(&self, change: PayerChange) {
        self.warning(change.sentence()).await;
        self.sink.payer_changed(change).await;
    }

    /// The error that ends the turn.
    pub(crate) async fn failed(&self, error: TurnError) {
        self.error(error, false).await;
    }

    /// The request is sent again; `message` says so and `cause` why.
    pub(crate) async fn will_retry(&self, message: String, cause: &CodexErr) {
        let error = TurnError {
            message,
            codex_error_info: Some(cause.info()),
            additional_details: Some(cause.to_string()),
            misalignment: None,
        };
        self.error(error, true).await;
    }

    async fn error(&self, error: TurnError, will_retry: bool) {
        let (thread_id, turn_id) = self.ids();
        let notification = ErrorNotification { error, will_retry, thread_id, turn_id };
        self.sink.emit(ServerNotification::Error(notification)).await;
    }

    fn delta(&self, item_id: &str, delta: String) -> ItemDelta {
        let (thread_id, turn_id) = self.ids();
        ItemDelta { thread_id, turn_id, item_id: item_id.to_owned(), delta }
    }

    fn ids(&self) -> (ThreadId, TurnId) {
        (self.thread_id.clone(), self.turn_id.clone())
    }
}

/// The wire's form of a turn's error.
pub(crate) fn turn_error(error: &CodexErr) -> TurnError {
    TurnError {
        message: error.to_string(),
        codex_error_info: Some(error.info()),
        additional_details: None,
        misalignment: None,
    }
}
