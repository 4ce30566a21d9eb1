//! What the engine's answers change, beside what each part takes over by itself.

use codex_app_server_protocol::{
    BackgroundTerminalsCleanResponse, GitDiffResponse, McpServerConnectionStatus, McpServerStatus,
    McpServerStatusListResponse, RpcError, TurnInterruptResponse, TurnStartResponse,
};
use codex_render::diff::FileDiff;

use super::start::{Asked, Folder};
use super::{App, Outcome};
use crate::account::Account;
use crate::app_event::{AppEvent, NoticeKind};
use crate::clean::clean;
use crate::conversation::{Cell, Changes, Rows};
use crate::effect::Answer;
use crate::now::Now;
use crate::setup::Trusted;

impl App {
    pub(super) fn answered(&mut self, answer: Answer, now: Now, outcome: &mut Outcome) {
        self.account.answered(&answer);
        self.composer.answered(&answer);
        outcome.events.extend(self.dialogs.answered(&answer));
        match answer {
            Answer::ReadAccount(read) => {
                self.told(read.err(), outcome);
                self.start.account = Asked::Done;
                self.go_on(outcome);
            }
            Answer::ReadConfig(read) => {
                self.start.folder = match read {
                    _ if self.setup.trust == Trusted::Already => Folder::Known,
                    Ok(read) if read.trust_level(&self.setup.folder).is_some() => Folder::Known,
                    Ok(_) => Folder::Unknown,
                    Err(error) => {
                        self.told(Some(error), outcome);
                        Folder::Unknown
                    }
                };
                self.go_on(outcome);
            }
            Answer::StartThread(Ok(response)) => {
                self.session.started(&response);
                self.conversation.introduce(&self.setup, &response);
                self.next_message(now, outcome);
            }
            Answer::StartThread(Err(error)) => {
                self.start.thread = Asked::NotYet;
                self.told(Some(error), outcome);
            }
            // Refused when the turn ended a moment before.
            Answer::Interrupt(Ok(TurnInterruptResponse {}) | Err(_)) => {}
            Answer::WriteConfig(written) => self.told(written.err(), outcome),
            Answer::AddKey(result) => {
                outcome.events.push_back(AppEvent::Say(self.account.key_added(&result, &self.session.model)))
            }
            Answer::RemoveKey(result) => {
                outcome.events.push_back(AppEvent::Say(Account::key_removed(&result)))
            }
            Answer::SignIn(Ok(_)) | Answer::Logout(Ok(_)) => {
                self.start.account = Asked::NotYet;
                outcome.effects.extend(self.begin());
            }
            // The dialog that asked shows the refusal; where none is open, the transcript does.
            Answer::SetMode(result) | Answer::SetPayer(result) => {
                self.told_without_dialog(result.err(), outcome)
            }
            Answer::SignIn(Err(error)) | Answer::Logout(Err(error)) => {
                self.told_without_dialog(Some(error), outcome);
            }
            Answer::ListBackground(Ok(list)) => {
                self.session.background = list.data.into_iter().map(|command| command.item_id).collect();
            }
            Answer::ListBackground(Err(error)) => self.told_without_dialog(Some(error), outcome),
            Answer::StopCommand(Ok(_)) => {
                self.list_background(outcome);
            }
            Answer::StopBackground(Ok(BackgroundTerminalsCleanResponse {})) => {
                self.session.background.clear();
                outcome.say(NoticeKind::Done, "No command runs in the background any more.");
            }
            Answer::StopCommand(Err(error)) | Answer::StopBackground(Err(error)) => {
                self.told(Some(error), outcome);
            }
            Answer::GitDiff(Ok(answer)) => self.show_diff(answer, outcome),
            Answer::ListMcpServers(Ok(list)) => {
                let starts = |server: &McpServerStatus| {
                    server.runtime_status == Some(McpServerConnectionStatus::Starting)
                };
                let rows = if list.data.iter().any(starts) { Rows::Change } else { Rows::Hold };
                self.conversation.show_servers(mcp_rows(&list), rows);
            }
            Answer::GitDiff(Err(error)) | Answer::ListMcpServers(Err(error)) => {
                self.told(Some(error), outcome);
            }
            Answer::ListModels(result) => self.told_without_dialog(result.err(), outcome),
            // They say what they know; that something is not known is seen where it is missing.
            Answer::ReadFallback(_) | Answer::ReadRateLimits(_) | Answer::SearchFiles(_) => {}
        }
    }

    pub(super) fn message_answered(
        &mut self,
        id: &str,
        answer: Result<TurnStartResponse, RpcError>,
        now: Now,
        outcome: &mut Outcome,
    ) {
        match answer {
            Ok(response) => {
                self.session.joined(response.turn.id, now);
                if self.session.stop_waits() {
                    outcome.events.push_back(AppEvent::Interrupt);
                }
            }
            Err(error) => {
                self.composer.give_back(self.session.refused(id));
                self.told(Some(error), outcome);
            }
        }
    }

    fn show_diff(&mut self, answer: GitDiffResponse, outcome: &mut Outcome) {
        let files = FileDiff::of_git(&clean(&answer.diff));
        match answer.unavailable {
            Some(why) => outcome.say(NoticeKind::Warning, why),
            None if files.is_empty() => outcome.say(NoticeKind::Info, "Nothing has changed in this folder."),
            None => self.conversation.show(Cell::Changes(Changes::known(files))),
        }
    }

    fn told(&mut self, error: Option<RpcError>, outcome: &mut Outcome) {
        if let Some(error) = error {
            outcome.say(NoticeKind::Error, error.message);
        }
    }

    fn told_without_dialog(&mut self, error: Option<RpcError>, outcome: &mut Outcome) {
        if self.dialogs.is_empty() {
            self.told(error, outcome);
        }
    }
}

/// A row for each server.
fn mcp_rows(list: &McpServerStatusListResponse) -> Vec<String> {
    if list.data.is_empty() {
        return vec!["None. `codex mcp add NAME -- COMMAND` adds one.".to_owned()];
    }
    let row = |server: &McpServerStatus| {
        let status = match server.runtime_status {
            Some(McpServerConnectionStatus::Connected) => "connected",
            Some(McpServerConnectionStatus::Starting) => "starting",
            Some(McpServerConnectionStatus::Failed) => "failed",
            Some(McpServerConnectionStatus::AuthenticationRequired) => "wants a sign-in",
            Some(McpServerConnectionStatus::Disabled) => "disabled",
            Some(McpServerConnectionStatus::Cancelled) => "cancelled",
            Some(McpServerConnectionStatus::NotStarted) | None => "not started",
        };
        let tools: Vec<&str> = server.tools.keys().map(String::as_str).collect();
        let what = match (&server.tools_error, tools.as_slice()) {
            (Some(error), _) => format!(": {error}"),
            (None, []) => String::new(),
            (None, tools) => format!(": {}", tools.join(", ")),
        };
        format!("{}, {status}{what}", server.name)
    };
    list.data.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
