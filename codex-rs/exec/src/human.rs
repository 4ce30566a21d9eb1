//! Notifications → short lines for people on standard error. The final message goes to standard output, by the caller.

use std::io::Write;

use codex_app_server_protocol::{
    CommandStatus, FallbackStatus, FileChangeKind, FileChangeStatus, FileUpdateChange, McpToolCallItem,
    McpToolCallStatus, PayerName, ServerNotification, ThreadItem, TokenUsage, TurnPlanStep,
    TurnPlanStepStatus, TurnStatus,
};

use crate::json::reasoning_words;
use crate::style::{Colour, Style, wrapped};
use codex_app_server_client::Notices;
use codex_render::words::{count, duration, plural, printable};

/// Lines of a command's output that are shown.
const SHOWN_LINES: usize = 6;
/// Characters of one line that are shown.
const SHOWN_CHARACTERS: usize = 160;

/// Who works where.
#[derive(Debug, Clone)]
pub struct Introduction {
    /// This program's version.
    pub version: String,
    /// Model slug.
    pub model: String,
    /// The working folder.
    pub folder: String,
    /// Who is signed in, and whether a fallback key waits.
    pub account: String,
    /// What commands may do.
    pub commands: String,
}

/// The agent's last word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalMessage(pub String);

/// Writes progress. A broken standard error stops nothing, so its errors are not reported.
pub struct HumanPrinter<W> {
    out: W,
    colour: Colour,
    /// The newest message: final, unless something follows it.
    message: Option<String>,
    /// A message that is shown as it grows, where its deltas are asked for.
    growing: Option<String>,
    tokens: TokenUsage,
    notices: Notices,
}

impl<W: Write> HumanPrinter<W> {
    /// Writes to `out`.
    pub fn new(out: W, colour: Colour) -> Self {
        HumanPrinter {
            out,
            colour,
            message: None,
            growing: None,
            tokens: TokenUsage::default(),
            notices: Notices::default(),
        }
    }

    /// Says who works where.
    pub fn introduce(&mut self, introduction: &Introduction) {
        let Introduction { version, model, folder, account, commands } = introduction;
        let head = self.colour.paint(Style::Strong, &format!("codex {version}"));
        self.line(&format!("{head} · {model} · {}", printable(folder)));
        self.say(Style::Faint, &format!("{account} · {commands}"));
    }

    /// Says what a notification means, if anything.
    pub fn print(&mut self, notification: &ServerNotification) {
        let (warning, _) = self.notices.sift(notification);
        if let Some(message) = warning {
            self.warn(&message);
        }
        match notification {
            ServerNotification::ItemStarted(started) => self.item_started(&started.item),
            ServerNotification::ItemCompleted(completed) => self.item_completed(&completed.item),
            ServerNotification::AgentMessageDelta(added) => self.grow(&added.item_id, &added.delta),
            ServerNotification::ThreadTokenUsageUpdated(updated) => self.tokens = updated.token_usage.total,
            ServerNotification::FallbackUpdated(updated) => {
                if let Some(message) = &updated.message {
                    self.notice(message);
                }
            }
            ServerNotification::ConfigWarning(warning) => self.warn(&warning.summary),
            ServerNotification::TurnPlanUpdated(updated) => self.planned(&updated.plan),
            ServerNotification::McpServerStartupUpdated(server) => {
                if let Some(error) = &server.error {
                    self.warn(&format!("the MCP server {} did not start: {error}", server.name));
                }
            }
            ServerNotification::Error(error) if error.will_retry => {
                let words = error.error.words();
                self.say(Style::Faint, &words);
            }
            ServerNotification::TurnCompleted(completed) => self.turn_completed(completed.turn.status),
            // The error that ends the turn is told by whoever ends the program, a warning by way of `notices`.
            ServerNotification::Error(_)
            | ServerNotification::Warning(_)
            | ServerNotification::ThreadStarted(_)
            | ServerNotification::TurnStarted(_)
            | ServerNotification::ThreadStatusChanged(_)
            | ServerNotification::ReasoningSummaryPartAdded(_)
            | ServerNotification::ReasoningSummaryDelta(_)
            | ServerNotification::ReasoningTextDelta(_)
            | ServerNotification::CommandOutputDelta(_)
            | ServerNotification::TerminalInteraction(_)
            | ServerNotification::TurnDiffUpdated(_)
            | ServerNotification::AccountRateLimitsUpdated(_)
            | ServerNotification::LoginCompleted(_)
            | ServerNotification::AccountUpdated(_)
            | ServerNotification::ServerRequestResolved(_) => {}
        }
    }

    fn warn(&mut self, message: &str) {
        let text = format!("warning: {}", printable(message));
        let text = wrapped(&text, "  ", self.colour);
        let mark = self.colour.paint(Style::Bad, "warning:");
        self.line(&text.replacen("warning:", &mark, 1));
    }

    /// The agent's last word, once the turn has ended.
    pub fn final_message(&mut self) -> Option<FinalMessage> {
        self.message.take().map(FinalMessage)
    }

    fn item_started(&mut self, item: &ThreadItem) {
        match item {
            ThreadItem::CommandExecution { command, command_actions, .. } => {
                self.commentary();
                // What was asked for reads better than the shell line that carries it.
                match command_actions.as_slice() {
                    [only] => self.command(only.command()),
                    _ => self.command(command),
                }
            }
            ThreadItem::McpToolCall(call) => {
                self.commentary();
                self.command(&format!("{}.{} {}", call.server, call.tool, call.arguments));
            }
            ThreadItem::UserMessage { .. }
            | ThreadItem::AgentMessage { .. }
            | ThreadItem::Reasoning { .. }
            | ThreadItem::FileChange { .. }
            | ThreadItem::WebSearch { .. }
            | ThreadItem::ImageView { .. } => {}
        }
    }

    fn item_completed(&mut self, item: &ThreadItem) {
        match item {
            ThreadItem::UserMessage { .. } => {}
            ThreadItem::AgentMessage { id, .. } if self.growing.as_ref() == Some(id) => {
                self.growing = None;
                self.line("");
            }
            ThreadItem::AgentMessage { text, .. } => {
                self.commentary();
                self.message = Some(text.clone());
            }
            ThreadItem::Reasoning { summary, content, .. } => {
                if let Some(text) = reasoning_words(summary, content) {
                    self.say(Style::Faint, &text);
                }
            }
            ThreadItem::CommandExecution { status, aggregated_output, exit_code, duration_ms, .. } => {
                self.outcome(
                    *status,
                    *exit_code,
                    *duration_ms,
                    aggregated_output.as_deref().unwrap_or_default(),
                );
            }
            ThreadItem::FileChange { changes, status, .. } => self.files(changes, *status),
            ThreadItem::McpToolCall(call) => self.called(call),
            ThreadItem::WebSearch { query, .. } => {
                self.commentary();
                self.say(Style::Faint, &format!("searched the web: {query}"));
            }
            ThreadItem::ImageView { path, .. } => {
                self.commentary();
                self.say(Style::Faint, &format!("looked at {path}"));
            }
        }
    }

    fn files(&mut self, changes: &[FileUpdateChange], status: FileChangeStatus) {
        self.commentary();
        for change in changes {
            let (sign, to) = match &change.kind {
                FileChangeKind::Add => ("A", None),
                FileChangeKind::Delete => ("D", None),
                FileChangeKind::Update { move_path } => ("M", move_path.as_deref()),
            };
            let to = to.map(|to| format!(" → {to}")).unwrap_or_default();
            let path = self.colour.paint(Style::Strong, &printable(&format!("{}{to}", change.path)));
            self.line(&format!("{sign} {path}"));
        }
        let words = match status {
            FileChangeStatus::Completed => self.colour.paint(Style::Good, "ok"),
            FileChangeStatus::Failed => self.colour.paint(Style::Bad, "failed, nothing changed"),
            FileChangeStatus::Declined => self.colour.paint(Style::Bad, "not changed: declined"),
            FileChangeStatus::InProgress => return,
        };
        self.line(&format!("  {words}"));
    }

    fn called(&mut self, call: &McpToolCallItem) {
        let time = call.duration_ms.map(|time| format!(" · {}", duration(time))).unwrap_or_default();
        let words = match (&call.error, call.status) {
            (Some(error), _) => self.colour.paint(Style::Bad, &shortened(&printable(&error.message))),
            (None, McpToolCallStatus::Failed) => self.colour.paint(Style::Bad, "failed"),
            (None, _) => self.colour.paint(Style::Good, "ok"),
        };
        self.line(&format!("  {words}{time}"));
    }

    fn planned(&mut self, plan: &[TurnPlanStep]) {
        self.commentary();
        for step in plan {
            let (sign, style) = match step.status {
                TurnPlanStepStatus::Completed => ("[x]", Style::Faint),
                TurnPlanStepStatus::InProgress => ("[>]", Style::Strong),
                TurnPlanStepStatus::Pending => ("[ ]", Style::Faint),
            };
            let text = format!("{sign} {}", step.step);
            self.say(style, &text);
        }
    }

    fn command(&mut self, command: &str) {
        for (place, line) in printable(command).lines().enumerate() {
            let mark = if place == 0 { "$" } else { " " };
            let line = self.colour.paint(Style::Strong, &shortened(line));
            self.line(&format!("{mark} {line}"));
        }
    }

    fn outcome(&mut self, status: CommandStatus, exit_code: Option<i32>, time: Option<i64>, output: &str) {
        let output = printable(output);
        let lines: Vec<&str> = output.lines().collect();
        let hidden = lines.len().saturating_sub(SHOWN_LINES);
        if hidden > 0 {
            self.faint(&format!("  … {} above", plural(hidden as u64, "line", "lines")));
        }
        for line in &lines[hidden..] {
            self.faint(&format!("  {}", shortened(line)));
        }
        let time = time.map(|time| format!(" · {}", duration(time))).unwrap_or_default();
        let words = match (status, exit_code) {
            (CommandStatus::Declined, _) => self.colour.paint(Style::Bad, "not run: declined"),
            (CommandStatus::Completed, _) => self.colour.paint(Style::Good, "ok"),
            (CommandStatus::Failed, Some(code)) => {
                self.colour.paint(Style::Bad, &format!("exit code {code}"))
            }
            (CommandStatus::Failed, None) => self.colour.paint(Style::Bad, "failed"),
            (CommandStatus::InProgress, _) => "still running".to_owned(),
        };
        self.line(&format!("  {words}{time}"));
    }

    /// A message that something follows was no final one.
    fn commentary(&mut self) {
        if let Some(message) = self.message.take() {
            self.line(&printable(&message));
        }
    }

    fn notice(&mut self, message: &str) {
        let text = format!("⇄ {}", printable(message));
        let text = self.colour.paint(Style::Payer, &wrapped(&text, "  ", self.colour));
        self.line(&text);
    }

    fn turn_completed(&mut self, status: TurnStatus) {
        if status != TurnStatus::Completed {
            self.commentary();
        }
        let TokenUsage { input_tokens, cached_input_tokens, output_tokens, .. } = self.tokens;
        if input_tokens + output_tokens == 0 {
            return;
        }
        let cached = match cached_input_tokens {
            0 => String::new(),
            cached => format!(" ({} cached)", count(cached)),
        };
        self.faint(&format!("tokens: {} in{cached}, {} out", count(input_tokens), count(output_tokens)));
    }

    /// Who paid, told at the end when it was not the plan alone.
    pub fn paid(&mut self, fallback: &FallbackStatus) {
        if fallback.tokens == 0 && fallback.payer == PayerName::Plan {
            return;
        }
        let key = fallback.key_last4.as_deref().map(|last4| format!(" (…{last4})")).unwrap_or_default();
        let cost = fallback.usd.map(|usd| format!(", ${usd:.4}")).unwrap_or_default();
        self.faint(&format!("of these the fallback key{key} paid {}{cost}", count(fallback.tokens)));
    }

    /// Whether a change of payer, key or mode was told.
    pub fn saw_a_change(&self) -> bool {
        self.notices.saw_a_change()
    }

    /// A line of the caller's own, between those that notifications make.
    pub fn say(&mut self, style: Style, text: &str) {
        let text = self.colour.paint(style, &wrapped(&printable(text), "", self.colour));
        self.line(&text);
    }

    /// An empty line.
    pub fn blank(&mut self) {
        self.line("");
    }

    fn grow(&mut self, item: &str, delta: &str) {
        if self.growing.as_deref() != Some(item) {
            self.commentary();
            self.cut_off();
            self.growing = Some(item.to_owned());
        }
        let _ = self.out.write_all(printable(delta).as_bytes()).and_then(|()| self.out.flush());
    }

    /// Whatever comes next, a message that has not ended was cut off, and its text does not count.
    fn cut_off(&mut self) {
        if self.growing.take().is_some() {
            let mark = self.colour.paint(Style::Faint, " — cut off");
            let _ = writeln!(self.out, "{mark}");
        }
    }

    fn faint(&mut self, text: &str) {
        let text = self.colour.paint(Style::Faint, &printable(text));
        self.line(&text);
    }

    fn line(&mut self, text: &str) {
        self.cut_off();
        // Progress is a courtesy: a closed standard error must not end the work.
        let _ = writeln!(self.out, "{text}").and_then(|()| self.out.flush());
    }
}

fn shortened(line: &str) -> String {
    match line.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}
