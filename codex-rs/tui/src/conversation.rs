//! What was said and done, as cells: those that grow are drawn in the live area, finished ones leave for the terminal's
//! scrollback, in the order in which they began.

mod cell;
mod entry;

use std::collections::HashMap;

use codex_app_server_protocol::{
    CommandStatus, ItemDelta, ServerNotification, ThreadItem, ThreadStartResponse, TurnStatus,
};
use ratatui_core::text::Line;

use crate::app::Setup;
use crate::app_event::{Notice, NoticeKind};
use crate::now::Now;
use crate::picture::{Picture, Scene};

pub(crate) use cell::{Agent, Cell, Command, Detail, Outcome, Reasoning, User};
pub(crate) use entry::Entry;

/// The cells of the thread that is shown.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    entries: Vec<Entry>,
    /// Entries before this one are wholly in the scrollback.
    first_live: usize,
    /// Open items: where they are among the entries.
    open: HashMap<String, usize>,
    last_answer: Option<String>,
    /// The final error of the turn, so that the turn's end does not tell it again.
    told_error: Option<String>,
}

impl Conversation {
    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification, now: Now) {
        match notification {
            ServerNotification::ItemStarted(started) => self.started(&started.item, now),
            ServerNotification::ItemCompleted(completed) => self.completed(&completed.item, now),
            ServerNotification::AgentMessageDelta(delta) => self.answer_grows(delta),
            ServerNotification::ReasoningSummaryPartAdded(part) => {
                self.thought(&part.item_id, |reasoning| reasoning.begin_part());
            }
            ServerNotification::ReasoningSummaryDelta(delta) => {
                self.thought(&delta.item_id, |reasoning| reasoning.push(&delta.delta));
            }
            ServerNotification::CommandOutputDelta(delta) => self.output_grows(delta),
            ServerNotification::Error(error) => {
                if error.will_retry {
                    self.cut_off();
                    self.note(NoticeKind::Info, format!("{} Trying again.", error.error.message));
                } else {
                    self.told_error = Some(error.error.message.clone());
                    self.note(NoticeKind::Error, error.error.message.clone());
                }
            }
            ServerNotification::Warning(warning) => self.note(NoticeKind::Warning, warning.message.clone()),
            ServerNotification::ConfigWarning(warning) => {
                self.note(NoticeKind::Warning, warning.summary.clone());
            }
            ServerNotification::FallbackUpdated(updated) => {
                if let Some(message) = &updated.message {
                    // The unfinished words belong to whoever paid for them.
                    self.cut_off();
                    self.note(NoticeKind::Payer, message.clone());
                }
            }
            ServerNotification::TurnStarted(_) => self.told_error = None,
            ServerNotification::TurnCompleted(ended) => {
                let error = ended.turn.error.as_ref().map(|error| error.message.as_str());
                self.turn_ended(ended.turn.status, error);
            }
            ServerNotification::ThreadStarted(_)
            | ServerNotification::ThreadStatusChanged(_)
            | ServerNotification::ThreadTokenUsageUpdated(_)
            | ServerNotification::ReasoningTextDelta(_)
            | ServerNotification::AccountRateLimitsUpdated(_)
            | ServerNotification::LoginCompleted(_)
            | ServerNotification::AccountUpdated(_)
            | ServerNotification::ServerRequestResolved(_) => {}
        }
    }

    /// Adds a sentence of the program's own.
    pub(crate) fn say(&mut self, notice: Notice) {
        self.entries.push(Entry::finished(Cell::Notice(notice)));
    }

    /// Adds something of the program's own that is laid out anew for each width, such as the answer to `/status`.
    pub(crate) fn show(&mut self, cell: Cell) {
        self.entries.push(Entry::finished(cell));
    }

    /// The head of a thread.
    pub(crate) fn introduce(&mut self, setup: &Setup, thread: &ThreadStartResponse) {
        self.entries.push(Entry::finished(Cell::Head {
            version: setup.version.clone(),
            model: thread.model.clone(),
            effort: thread.reasoning_effort.clone(),
            folder: setup.shown_folder(&thread.cwd),
            hints: setup.hints.clone(),
        }));
    }

    /// Begins anew: `/new` and `/clear`. What is in the scrollback stays there; what was not there yet goes there first.
    pub(crate) fn begin(&mut self) {
        self.close_all();
        self.open.clear();
        self.last_answer = None;
    }

    /// The agent's last whole answer, for `/copy`.
    pub(crate) fn last_answer(&self) -> Option<&str> {
        self.last_answer.as_deref()
    }

    /// The cells, for the transcript.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Lays out what changed, and gives what belongs to the scrollback now: finished cells, and what no longer fits into
    /// `room` rows of the cells that grow (only lines that cannot change any more).
    pub(crate) fn settle(&mut self, scene: &Scene, room: usize) -> Vec<Line<'static>> {
        let mut leaving = Vec::new();
        while let Some(entry) = self.entries.get_mut(self.first_live) {
            entry.lay_out(scene);
            if !entry.is_finished() {
                break;
            }
            leaving.extend(entry.leave_wholly());
            self.first_live += 1;
        }
        let mut rows = 0;
        for entry in self.entries.iter_mut().skip(self.first_live) {
            entry.lay_out(scene);
            rows += entry.live_lines().len();
        }
        if let Some(first) = self.entries.get_mut(self.first_live) {
            leaving.extend(first.leave_stable(rows.saturating_sub(room)));
        }
        leaving
    }

    /// The cells that grow: their last `room` rows.
    pub(crate) fn view(&self, scene: &Scene, room: usize) -> Picture {
        let mut lines: Vec<Line<'static>> = Vec::new();
        for entry in self.entries.iter().skip(self.first_live).rev() {
            let shown = entry.shown_lines(scene);
            let wanted = room.saturating_sub(lines.len());
            if wanted == 0 {
                break;
            }
            let from = shown.len().saturating_sub(wanted);
            lines.splice(0..0, shown[from..].iter().cloned());
        }
        Picture::of(lines)
    }

    fn started(&mut self, item: &ThreadItem, now: Now) {
        let cell = match item {
            ThreadItem::UserMessage { content, .. } => Cell::User(User::of(content)),
            ThreadItem::AgentMessage { .. } => Cell::Agent(Agent::default()),
            ThreadItem::Reasoning { .. } => Cell::Reasoning(Reasoning::default()),
            ThreadItem::CommandExecution { command, .. } => Cell::Command(Command::running(command, now)),
        };
        self.open.insert(item.id().to_owned(), self.entries.len());
        self.entries.push(Entry::growing(cell));
    }

    fn completed(&mut self, item: &ThreadItem, now: Now) {
        if !self.open.contains_key(item.id()) {
            self.started(item, now);
        }
        let Some(place) = self.open.remove(item.id()) else { return };
        let Some(entry) = self.entries.get_mut(place) else { return };
        match (item, entry.cell_mut()) {
            (ThreadItem::AgentMessage { text, .. }, Cell::Agent(agent)) => {
                agent.complete(text);
                self.last_answer = Some(text.clone());
            }
            (ThreadItem::Reasoning { summary, .. }, Cell::Reasoning(reasoning)) => {
                reasoning.complete(summary)
            }
            (
                ThreadItem::CommandExecution { status, aggregated_output, exit_code, duration_ms, .. },
                Cell::Command(command),
            ) => {
                let outcome = match status {
                    CommandStatus::Declined => Outcome::Declined,
                    CommandStatus::InProgress | CommandStatus::Completed | CommandStatus::Failed => {
                        Outcome::Ended { exit_code: *exit_code, duration_ms: *duration_ms }
                    }
                };
                command.complete(aggregated_output.as_deref(), outcome);
            }
            _ => {}
        }
        entry.finish();
    }

    fn answer_grows(&mut self, delta: &ItemDelta) {
        if let Some(Cell::Agent(agent)) = self.open_cell(&delta.item_id) {
            agent.push(&delta.delta);
        }
    }

    fn output_grows(&mut self, delta: &ItemDelta) {
        if let Some(Cell::Command(command)) = self.open_cell(&delta.item_id) {
            command.push(&delta.delta);
        }
    }

    fn thought(&mut self, id: &str, change: impl FnOnce(&mut Reasoning)) {
        if let Some(Cell::Reasoning(reasoning)) = self.open_cell(id) {
            change(reasoning);
        }
    }

    fn open_cell(&mut self, id: &str) -> Option<&mut Cell> {
        let place = *self.open.get(id)?;
        self.entries.get_mut(place).map(Entry::cell_mut)
    }

    /// Closes what is unfinished: its answer will not come any more (fallback-spec §3.3).
    fn cut_off(&mut self) {
        for (_, place) in self.open.drain() {
            if let Some(entry) = self.entries.get_mut(place) {
                entry.cell_mut().cut_off();
                entry.finish();
            }
        }
    }

    fn close_all(&mut self) {
        for entry in &mut self.entries[self.first_live..] {
            entry.finish();
        }
    }

    fn turn_ended(&mut self, status: TurnStatus, error: Option<&str>) {
        match status {
            TurnStatus::Completed | TurnStatus::InProgress => self.close_all(),
            TurnStatus::Interrupted => {
                self.cut_off();
                self.note(NoticeKind::Info, "You interrupted the turn.".to_owned());
            }
            TurnStatus::Failed => {
                self.cut_off();
                let error = error.unwrap_or("The turn failed.");
                if self.told_error.as_deref() != Some(error) {
                    self.note(NoticeKind::Error, error.to_owned());
                }
            }
        }
        self.open.clear();
        self.told_error = None;
    }

    fn note(&mut self, kind: NoticeKind, text: String) {
        self.say(Notice { kind, text });
    }
}
