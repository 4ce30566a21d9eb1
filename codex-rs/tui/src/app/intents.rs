//! What the person wants, and what is done about it.

use codex_app_server_protocol::{
    AccountRateLimitsReadParams, AddFallbackApiKeyParams, ConfigValueWriteParams, FallbackReadParams,
    FuzzyFileSearchParams, LogoutAccountParams, ModelListParams,
};
use codex_redact::{Secret, key_shape};

use super::start::Folder;
use super::{App, Outcome};
use crate::app_event::{KeyOnLogout, Message, NoticeKind, Trust};
use crate::dialogs::{fallback_panel, model_picker, send_guard};
use crate::effect::{Call, Effect};
use crate::facts::Facts;
use crate::now::Now;
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
        outcome.call(write("model", model.as_str().into()));
        outcome.call(write("model_reasoning_effort", effort.as_deref().into()));
        self.setup.model = Some(model.clone());
        self.session.model = model;
        self.session.effort = effort;
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
        outcome.call(write(&format!("projects.{key}.trust_level"), level.into()));
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

fn write(key_path: &str, value: serde_json::Value) -> Call {
    Call::WriteConfig(ConfigValueWriteParams::set(key_path, value))
}
