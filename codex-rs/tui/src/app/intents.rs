//! What the person wants, and what is done about it.

use codex_app_server_protocol::{
    AccountRateLimitsReadParams, AddFallbackApiKeyParams, BackgroundTerminalsCleanParams,
    BackgroundTerminalsListParams, BackgroundTerminalsTerminateParams, ConfigBatchWriteParams,
    FallbackReadParams, FuzzyFileSearchParams, LogoutAccountParams, ModelListParams,
};
use codex_redact::{Secret, key_shape};

use super::start::Folder;
use super::{App, Outcome};
use crate::app_event::{Keep, KeyOnLogout, Message, NoticeKind, Trust};
use crate::dialogs::{background, fallback_panel, model_picker, permissions_picker, send_guard};
use crate::effect::{Call, Effect};
use crate::facts::Facts;
use crate::now::Now;
use crate::permissions::Preset;
use crate::status_card::StatusCard;
use crate::terminal::clipboard;

/// The newest of these searches counts; the engine drops the older ones.
const SEARCH_TOKEN: &str = "composer";

impl App {
    /// Sends, unless it holds something that looks like a key: then the person is asked first.
    pub(super) fn submit(&mut self, message: Message, now: Now, outcome: &mut Outcome) {
        if key_shape::contains_key_shape(&message.text) {
            self.dialogs.open(send_guard::SendGuard::new(message, now));
            return;
        }
        self.composer.sent(&message.text);
        outcome.effects.push(Effect::Remember(message.text.clone()));
        self.send(message, now, outcome);
    }

    pub(super) fn queue(&mut self, message: Message, now: Now, outcome: &mut Outcome) {
        self.session.queue.push_back(message);
        self.next_message(now, outcome);
    }

    pub(super) fn interrupt(&mut self, outcome: &mut Outcome) {
        if let Some(params) = self.session.stop() {
            outcome.call(Call::Interrupt(params));
        }
    }

    pub(super) fn add_fallback_api_key(&mut self, key: Secret, outcome: &mut Outcome) {
        self.account.key_is_checked();
        let model = Some(self.session.model.clone()).filter(|model| !model.is_empty());
        outcome.call(Call::AddKey(AddFallbackApiKeyParams { api_key: key, model }));
    }

    pub(super) fn open_fallback_panel(&mut self, outcome: &mut Outcome) {
        self.dialogs.open(fallback_panel::FallbackPanel::default());
        self.ask_for_state(outcome);
    }

    /// Key, payer and limits as they are now.
    fn ask_for_state(&mut self, outcome: &mut Outcome) {
        outcome.call(Call::ReadFallback(FallbackReadParams {}));
        if self.account.is_chatgpt() {
            outcome.call(Call::ReadRateLimits(AccountRateLimitsReadParams {}));
        }
    }

    pub(super) fn open_model_picker(&mut self, outcome: &mut Outcome) {
        self.dialogs.open(model_picker::ModelPicker::new());
        outcome.call(Call::ListModels(ModelListParams::default()));
    }

    /// From the next turn on, and in the settings.
    pub(super) fn set_model(&mut self, model: String, effort: Option<String>, outcome: &mut Outcome) {
        let words = effort.as_ref().map_or_else(String::new, |effort| format!(", effort {effort}"));
        outcome.say(NoticeKind::Info, format!("Model from the next turn on: {model}{words}."));
        outcome.call(write([
            ("model", model.as_str().into()),
            ("model_reasoning_effort", effort.as_deref().into()),
        ]));
        self.setup.model = Some(model.clone());
        self.session.model = model;
        self.session.effort = effort;
    }

    pub(super) fn open_permissions(&mut self) {
        let (sandbox, approval) = (self.session.sandbox.as_ref(), self.session.approval.as_ref());
        let current = sandbox.zip(approval).and_then(|(sandbox, approval)| Preset::of(sandbox, approval));
        self.dialogs.open(permissions_picker::PermissionsPicker::new(current));
    }

    /// From the next turn on, and in the settings if the person said so.
    pub(super) fn set_permissions(&mut self, preset: Preset, keep: Keep, outcome: &mut Outcome) {
        self.session.permit(preset);
        let (kind, name) = match preset {
            Preset::ReadOnly | Preset::Auto => (NoticeKind::Info, preset.name()),
            Preset::FullAccess => (NoticeKind::Warning, preset.name()),
        };
        let text = format!("Permissions from the next turn on: {name}, {}.", preset.description());
        outcome.say(kind, text);
        if keep == Keep::Written {
            outcome.call(write([
                ("sandbox_mode", serde_json::json!(preset.sandbox())),
                ("approval_policy", serde_json::json!(preset.approval())),
            ]));
        }
    }

    pub(super) fn open_background(&mut self, outcome: &mut Outcome) {
        if self.list_background(outcome) {
            self.dialogs.open(background::Background::default());
        } else {
            outcome.say(NoticeKind::Info, "No command runs in the background.");
        }
    }

    /// Asks which commands run; whether there is a thread to ask about.
    pub(super) fn list_background(&mut self, outcome: &mut Outcome) -> bool {
        let Some(thread_id) = self.session.thread.clone() else { return false };
        outcome.call(Call::ListBackground(BackgroundTerminalsListParams { thread_id }));
        true
    }

    pub(super) fn stop_command(&mut self, process_id: String, outcome: &mut Outcome) {
        if let Some(thread_id) = self.session.thread.clone() {
            let params = BackgroundTerminalsTerminateParams { thread_id, process_id };
            outcome.call(Call::StopCommand(params));
        }
    }

    pub(super) fn stop_background(&mut self, outcome: &mut Outcome) {
        match self.session.thread.clone() {
            Some(thread_id) => {
                outcome.call(Call::StopBackground(BackgroundTerminalsCleanParams { thread_id }));
            }
            None => outcome.say(NoticeKind::Info, "No command runs in the background."),
        }
    }

    pub(super) fn show_status(&mut self, outcome: &mut Outcome) {
        let facts = Facts { account: &self.account, session: &self.session, setup: &self.setup };
        self.conversation.show(crate::conversation::Cell::Status(Box::new(StatusCard::of(facts))));
        self.ask_for_state(outcome);
    }

    pub(super) fn new_thread(&mut self, outcome: &mut Outcome) {
        self.conversation.begin();
        self.start_thread(outcome);
    }

    pub(super) fn copy_answer(&mut self, outcome: &mut Outcome) {
        match self.conversation.last_answer() {
            Some(answer) => {
                outcome.effects.push(Effect::Copy(answer.to_owned()));
                let (kind, text) = match clipboard::fitting(answer) == answer {
                    true => (NoticeKind::Info, "The last answer is handed to the terminal's clipboard."),
                    false => (
                        NoticeKind::Warning,
                        "The last answer is longer than a terminal's clipboard takes; only its beginning is handed to it.",
                    ),
                };
                outcome.say(kind, text);
            }
            None => outcome.say(NoticeKind::Info, "There is no answer to copy yet."),
        }
    }

    pub(super) fn logout(&mut self, key: KeyOnLogout, outcome: &mut Outcome) {
        let keep_fallback_key = key == KeyOnLogout::Kept;
        outcome.call(Call::Logout(LogoutAccountParams { keep_fallback_key }));
    }

    /// The choice is written before the thread starts, so that the folder's own settings count in it.
    pub(super) fn trust(&mut self, trust: Trust, outcome: &mut Outcome) {
        let level = match trust {
            Trust::Trusted => "trusted",
            Trust::Untrusted => "untrusted",
        };
        self.start.folder = Folder::Known;
        let key = codex_config::quoted(&self.setup.folder);
        outcome.call(write([(&format!("projects.{key}.trust_level"), level.into())]));
    }

    pub(super) fn search_files(&mut self, query: String, outcome: &mut Outcome) {
        outcome.call(Call::SearchFiles(FuzzyFileSearchParams {
            query,
            roots: vec![self.setup.folder.clone()],
            cancellation_token: Some(SEARCH_TOKEN.to_owned()),
        }));
    }

    pub(super) fn open_editor(&mut self, outcome: &mut Outcome) {
        match self.composer.draft() {
            Some(draft) => outcome.effects.push(Effect::OpenEditor(draft)),
            None => outcome.say(
                NoticeKind::Warning,
                "The draft holds an API key, so it is not written to a file for an editor.",
            ),
        }
    }
}

/// In one call: whatever ends the program, none of them stands there without the others.
fn write<const N: usize>(edits: [(&str, serde_json::Value); N]) -> Call {
    Call::WriteConfig(ConfigBatchWriteParams::set(edits))
}
