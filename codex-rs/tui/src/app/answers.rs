//! What the engine's answers change, beside what each part takes over by itself.

use codex_app_server_protocol::{RpcError, TurnInterruptResponse, TurnStartResponse};

use super::start::{Asked, Folder};
use super::{App, Outcome};
use crate::account::Account;
use crate::app_event::{AppEvent, NoticeKind};
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

#[cfg(test)]
mod tests;
