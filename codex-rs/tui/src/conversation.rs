//! What was said and done, as cells: those that grow are drawn in the live area, finished ones leave for the terminal's
//! scrollback, in the order in which they began.

mod cell;
mod entry;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;

use codex_app_server_protocol::{
    ErrorNotification, FileUpdateChange, ItemDelta, McpServerStartup, McpServerStartupUpdated,
    ServerNotification, ThreadItem, ThreadStartResponse, TurnError, TurnStatus,
};
use codex_render::Form;
use ratatui_core::text::Line;

use crate::app_event::{Notice, NoticeKind};
use crate::changes::Places;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::setup::{Setup, Thoughts};

pub(crate) use cell::{Cell, Changes, Head, Rows};
pub(crate) use entry::Entry;

use cell::{Command, Drawn, End, McpCall, Outcome, Reasoning, User};

/// The cells of the thread that is shown.
#[derive(Debug, Default)]
pub(crate) struct Conversation {
    entries: Vec<Entry>,
    /// Entries before this one are wholly in the scrollback.
    first_live: usize,
    /// Open items: where they are among the entries.
    open: HashMap<String, usize>,
    last_answer: Option<String>,
    /// Whether the error that ends the turn has been told.
    error: Told,
    thoughts: Thoughts,
    servers: Servers,
    /// From where paths are told.
    places: Places,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Told {
    #[default]
    NotYet,
    Already,
}

/// The list of MCP servers that the person asked for. It is kept up to date until all of them have started, or something
/// else happens below it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Servers {
    #[default]
    Closed,
    /// The engine has not answered yet.
    Awaited,
    /// The place among the entries.
    Open(usize),
}

impl Conversation {
    /// Without a cell.
    pub(crate) fn new(thoughts: Thoughts) -> Self {
        Conversation { thoughts, ..Conversation::default() }
    }

    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification, now: Now) {
        match notification {
            ServerNotification::ItemStarted(started) => self.started(&started.item, now),
            ServerNotification::ItemCompleted(completed) => self.completed(&completed.item, now),
            ServerNotification::AgentMessageDelta(delta) => self.answer_grows(delta),
            ServerNotification::ReasoningSummaryPartAdded(part) => {
                self.thought(&part.item_id, Reasoning::begin_part);
            }
            ServerNotification::ReasoningSummaryDelta(delta) => {
                self.thought(&delta.item_id, |reasoning| reasoning.push(&delta.delta));
            }
            ServerNotification::CommandOutputDelta(delta) => self.output_grows(delta),
            ServerNotification::Error(error) => self.failed(error),
            ServerNotification::Warning(warning) => self.note(NoticeKind::Warning, warning.message.clone()),
            ServerNotification::ConfigWarning(warning) => {
                let text = match &warning.details {
                    Some(details) => format!("{} ({details}).", warning.summary.trim_end_matches('.')),
                    None => warning.summary.clone(),
                };
                self.note(NoticeKind::Warning, text);
            }
            ServerNotification::FallbackUpdated(updated) => {
                if let Some(message) = &updated.message {
                    let cell = Cell::Payer(updated.fallback.payer, message.clone());
                    self.entries.push(Entry::finished(cell));
                }
            }
            ServerNotification::TurnPlanUpdated(plan) => self.show(Cell::Plan(plan.clone())),
            ServerNotification::McpServerStartupUpdated(server) => self.server_started(server),
            ServerNotification::ServerRequestResolved(_) => self.question_is_settled(now),
            ServerNotification::TurnStarted(_) => self.error = Told::NotYet,
            ServerNotification::TurnCompleted(ended) => {
                self.turn_ended(ended.turn.status, ended.turn.error.as_ref());
            }
            ServerNotification::ThreadStarted(_)
            | ServerNotification::ThreadStatusChanged(_)
            | ServerNotification::ThreadTokenUsageUpdated(_)
            | ServerNotification::ReasoningTextDelta(_)
            | ServerNotification::AccountRateLimitsUpdated(_)
            | ServerNotification::LoginCompleted(_)
            | ServerNotification::AccountUpdated(_)
            | ServerNotification::TerminalInteraction(_)
            | ServerNotification::TurnDiffUpdated(_) => {}
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

    /// The person wants to see the MCP servers.
    pub(crate) fn await_servers(&mut self) {
        self.close_servers();
        self.servers = Servers::Awaited;
    }

    /// Whether news of them is to be shown.
    pub(crate) fn shows_servers(&self) -> bool {
        self.servers != Servers::Closed
    }

    /// The servers as they are now; asked for by nobody any more, it is not shown.
    pub(crate) fn show_servers(&mut self, shown: Vec<String>, rows: Rows) {
        let cell = Cell::List("MCP servers".to_owned(), shown, rows);
        let place = match self.servers {
            Servers::Closed => return,
            Servers::Awaited => {
                self.entries.push(Entry::growing(cell));
                self.entries.len() - 1
            }
            Servers::Open(place) => {
                if let Some(entry) = self.entries.get_mut(place) {
                    *entry.cell_mut() = cell;
                    entry.make_anew();
                }
                place
            }
        };
        self.servers = Servers::Open(place);
        if rows == Rows::Hold {
            self.close_servers();
        }
    }

    /// They stay as they were told last.
    fn close_servers(&mut self) {
        if let Servers::Open(place) = std::mem::take(&mut self.servers)
            && let Some(entry) = self.entries.get_mut(place)
        {
            if let Cell::List(_, _, rows) = entry.cell_mut() {
                *rows = Rows::Hold;
            }
            entry.make_anew();
            entry.finish();
        }
    }

    /// The head of a thread.
    pub(crate) fn introduce(&mut self, setup: &Setup, thread: &ThreadStartResponse) {
        self.places = Places::new(&thread.cwd, setup);
        self.show(Cell::Head(Head {
            version: setup.version.clone(),
            model: thread.model.clone(),
            effort: thread.reasoning_effort.clone(),
            folder: setup.shown_folder(&thread.cwd),
            hints: setup.hints.clone(),
        }));
    }

    /// Begins anew: `/new` and `/clear`. What is in the scrollback stays there; what was not there yet goes there first.
    pub(crate) fn begin(&mut self) {
        self.close(End::CutOff);
        self.close_tools(Outcome::Unknown);
        self.close_servers();
        self.last_answer = None;
    }

    /// The agent's last whole answer, for `/copy`.
    pub(crate) fn last_answer(&self) -> Option<&str> {
        self.last_answer.as_deref()
    }

    /// The changes of files of an item that is open, for the question about them.
    pub(crate) fn changes(&self, item: &str) -> &[FileUpdateChange] {
        let entry = self.open.get(item).and_then(|place| self.entries.get(*place));
        match entry.map(Entry::cell) {
            Some(Cell::Changes(changes)) => changes.raw(),
            Some(_) | None => &[],
        }
    }

    /// The person is asked whether the command of an item may run.
    pub(crate) fn command_is_asked_about(&mut self, item: &str) {
        if let Some(Cell::Command(command)) = self.open_cell(item) {
            command.asked();
        }
    }

    /// The person is asked whether a tool of a server may be called. The question does not say by which item.
    pub(crate) fn tool_is_asked_about(&mut self) {
        for entry in self.entries.iter_mut().skip(self.first_live) {
            if let Cell::McpCall(call) = entry.cell_mut() {
                call.asked();
            }
        }
    }

    /// The cells, for the transcript, which reads those that it shows.
    pub(crate) fn entries_mut(&mut self) -> &mut [Entry] {
        &mut self.entries
    }

    /// Lays out what changed, and gives what belongs to the scrollback now: finished cells, and what no longer fits into
    /// `room` rows of the cells that grow (only lines that cannot change any more).
    pub(crate) fn settle(&mut self, scene: &Scene, room: usize) -> Vec<Line<'static>> {
        if scene.look.form == Form::Words && matches!(self.servers, Servers::Open(_)) {
            // Nothing repaints by itself there.
            self.close_servers();
        }
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
        let mut parts = Vec::new();
        let mut wanted = room;
        for entry in self.entries.iter().skip(self.first_live).rev() {
            let shown = entry.shown_lines(scene);
            let part = &shown[shown.len().saturating_sub(wanted)..];
            wanted -= part.len();
            parts.push(part);
            if wanted == 0 {
                break;
            }
        }
        Picture::of(parts.into_iter().rev().flatten().cloned().collect())
    }

    fn started(&mut self, item: &ThreadItem, now: Now) {
        if let Servers::Open(_) = self.servers {
            self.close_servers();
        }
        let cell = match item {
            ThreadItem::UserMessage { content, .. } => Cell::User(User::of(content)),
            ThreadItem::AgentMessage { .. } => Cell::Agent(Box::default()),
            ThreadItem::Reasoning { .. } if self.thoughts == Thoughts::Hidden => return,
            ThreadItem::Reasoning { .. } => Cell::Reasoning(Reasoning::default()),
            ThreadItem::CommandExecution { command, command_actions, .. } => {
                Cell::Command(Command::running(command, command_actions, now))
            }
            ThreadItem::FileChange { changes, .. } => Cell::Changes(Changes::begun(changes, &self.places)),
            ThreadItem::McpToolCall(call) => Cell::McpCall(Box::new(McpCall::new(call))),
            ThreadItem::WebSearch { query, action, .. } => {
                Cell::Search { query: query.clone(), action: action.clone() }
            }
            ThreadItem::ImageView { path, .. } => Cell::Image(self.places.shown(path)),
        };
        self.open.insert(item.id().to_owned(), self.entries.len());
        self.entries.push(Entry::growing(cell));
    }

    fn completed(&mut self, item: &ThreadItem, now: Now) {
        if let ThreadItem::AgentMessage { text, .. } = item {
            self.last_answer = Some(text.clone());
        }
        if !self.open.contains_key(item.id()) {
            self.started(item, now);
        }
        let Some(place) = self.open.remove(item.id()) else { return };
        let Some(entry) = self.entries.get_mut(place) else { return };
        match (item, entry.cell_mut()) {
            (ThreadItem::AgentMessage { text, .. }, Cell::Agent(agent)) => match agent.complete(text) {
                Drawn::Holds => {}
                Drawn::Anew => entry.make_anew(),
            },
            (ThreadItem::Reasoning { summary, content, .. }, Cell::Reasoning(reasoning)) => {
                reasoning.complete(if summary.is_empty() { content } else { summary });
            }
            (
                ThreadItem::CommandExecution { status, aggregated_output, exit_code, duration_ms, .. },
                Cell::Command(command),
            ) => {
                let outcome = Outcome::of(*status, *exit_code, *duration_ms);
                command.complete(aggregated_output.as_deref(), outcome);
            }
            (ThreadItem::FileChange { changes, status, .. }, Cell::Changes(cell)) => {
                cell.complete(changes, *status, &self.places);
            }
            (ThreadItem::McpToolCall(call), Cell::McpCall(cell)) => **cell = McpCall::new(call),
            (ThreadItem::WebSearch { query, action, .. }, cell @ Cell::Search { .. }) => {
                *cell = Cell::Search { query: query.clone(), action: action.clone() };
            }
            _ => {}
        }
        entry.finish();
    }

    /// A command that was asked about runs now; what was declined is told as completed at once.
    fn question_is_settled(&mut self, now: Now) {
        for entry in self.entries.iter_mut().skip(self.first_live) {
            match entry.cell_mut() {
                Cell::Command(command) => command.settled(now),
                Cell::McpCall(call) => call.settled(),
                _ => {}
            }
        }
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

    fn failed(&mut self, error: &ErrorNotification) {
        if error.will_retry {
            // That it is tried again stands where it says that a turn runs, until it goes on.
            self.close(End::GoesOnBelow);
        } else {
            self.error = Told::Already;
            self.note(NoticeKind::Error, error.error.words());
        }
    }

    /// Closes what the model had begun to say: nothing more of it will come (fallback-spec §3.3). Commands run on.
    fn close(&mut self, end: End) {
        let entries = &mut self.entries;
        self.open.retain(|_, place| {
            let Some(entry) = entries.get_mut(*place) else { return false };
            match entry.cell() {
                Cell::Agent(_) | Cell::Reasoning(_) => {}
                Cell::Command(_) | Cell::Changes(_) | Cell::McpCall(_) => return true,
                Cell::Head(_)
                | Cell::User(_)
                | Cell::Notice(_)
                | Cell::Payer(..)
                | Cell::Plan(_)
                | Cell::Search { .. }
                | Cell::Image(_)
                | Cell::List(..)
                | Cell::Status(_) => {}
            }
            if let Cell::Agent(agent) = entry.cell_mut() {
                agent.cut_off(end);
                entry.make_anew();
            }
            entry.finish();
            false
        });
    }

    /// Commands that outlive their turn are never completed (wire-facts §5.5).
    fn close_tools(&mut self, outcome: Outcome) {
        for (_, place) in self.open.drain() {
            let Some(entry) = self.entries.get_mut(place) else { continue };
            match entry.cell_mut() {
                Cell::Command(command) => command.end(outcome),
                Cell::Changes(changes) => changes.end(),
                Cell::McpCall(call) => call.end(),
                Cell::Agent(_)
                | Cell::Reasoning(_)
                | Cell::Head(_)
                | Cell::User(_)
                | Cell::Notice(_)
                | Cell::Payer(..)
                | Cell::Plan(_)
                | Cell::Search { .. }
                | Cell::Image(_)
                | Cell::List(..)
                | Cell::Status(_) => {}
            }
            entry.finish();
        }
    }

    /// Said only where a server is missing: one that starts as it ought to is nothing to read.
    fn server_started(&mut self, server: &McpServerStartupUpdated) {
        if server.status == McpServerStartup::Failed {
            let why = server.error.as_deref().unwrap_or("no reason was given");
            let why = why.trim_end_matches('.');
            self.note(NoticeKind::Warning, format!("The MCP server {} did not start: {why}.", server.name));
        }
    }

    fn turn_ended(&mut self, status: TurnStatus, error: Option<&TurnError>) {
        self.close(End::CutOff);
        self.close_tools(match status {
            TurnStatus::Completed | TurnStatus::InProgress => Outcome::Background,
            TurnStatus::Interrupted | TurnStatus::Failed => Outcome::Unknown,
        });
        match status {
            TurnStatus::Completed | TurnStatus::InProgress => {}
            TurnStatus::Interrupted => self.note(NoticeKind::Info, "You interrupted the turn.".to_owned()),
            TurnStatus::Failed if self.error == Told::Already => {}
            TurnStatus::Failed => {
                let words = error.map_or_else(|| "The turn failed.".to_owned(), TurnError::words);
                self.note(NoticeKind::Error, words);
            }
        }
        self.error = Told::NotYet;
    }

    fn note(&mut self, kind: NoticeKind, text: String) {
        self.say(Notice { kind, text });
    }
}
