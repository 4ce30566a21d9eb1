//! `/model`: the models, then how long the chosen one thinks.

use codex_app_server_protocol::{Model, ReasoningEffortOption};
use codex_render::{Tone, words};
use crossterm::event::KeyEvent;

use super::Dialog;
use super::list::{self, Pick};
use super::sheet::{Choice, Sheet};
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::session::Session;

/// The picker.
#[derive(Debug)]
pub(crate) struct ModelPicker {
    state: State,
    selected: usize,
}

#[derive(Debug)]
enum State {
    /// The engine has not told the models yet.
    Waiting,
    /// Why it did not.
    Refused(String),
    /// Choosing the model.
    Models(Vec<Model>),
    /// Choosing the effort of one of them.
    Efforts { models: Vec<Model>, of: usize },
}

impl ModelPicker {
    /// Waits for the engine's list.
    pub(crate) fn new() -> Self {
        ModelPicker { state: State::Waiting, selected: 0 }
    }

    fn choose_model(&mut self, models: Vec<Model>, row: usize, session: &Session) -> Vec<AppEvent> {
        let Some(model) = models.get(row) else {
            self.state = State::Models(models);
            return Vec::new();
        };
        if model.supported_reasoning_efforts.is_empty() {
            return chosen(model, None);
        }
        let current = session.effort.as_deref().filter(|_| session.model == model.model);
        let wanted = current.unwrap_or(&model.default_reasoning_effort);
        let options = &model.supported_reasoning_efforts;
        self.selected =
            options.iter().position(|option| option.reasoning_effort == wanted).unwrap_or_default();
        self.state = State::Efforts { models, of: row };
        Vec::new()
    }
}

impl Dialog for ModelPicker {
    fn key(&mut self, key: KeyEvent, facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let rows = match &self.state {
            State::Waiting | State::Refused(_) => 0,
            State::Models(models) => models.len(),
            State::Efforts { models, of } => {
                models.get(*of).map_or(0, |model| model.supported_reasoning_efforts.len())
            }
        };
        let pick = list::key(key, &mut self.selected, rows);
        if pick == Pick::Nothing {
            return Vec::new();
        }
        match (std::mem::replace(&mut self.state, State::Waiting), pick) {
            (State::Models(models), Pick::Row(row)) => self.choose_model(models, row, facts.session),
            (State::Efforts { models, of }, Pick::Row(row)) => {
                let model = models.get(of);
                let effort = model.and_then(|model| model.supported_reasoning_efforts.get(row));
                match (model, effort) {
                    (Some(model), Some(effort)) => chosen(model, Some(effort.reasoning_effort.clone())),
                    (Some(_) | None, _) => vec![AppEvent::CloseDialog],
                }
            }
            (State::Efforts { models, of }, Pick::Leave | Pick::Nothing) => {
                self.selected = of;
                self.state = State::Models(models);
                Vec::new()
            }
            (State::Waiting | State::Refused(_) | State::Models(_), _) => vec![AppEvent::CloseDialog],
        }
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        if let (State::Waiting, Answer::ListModels(result)) = (&self.state, answer) {
            self.state = match result {
                Ok(list) => State::Models(list.data.iter().filter(|model| !model.hidden).cloned().collect()),
                Err(error) => State::Refused(error.message.clone()),
            };
            self.selected = 0;
        }
        Vec::new()
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        match &self.state {
            State::Waiting => {
                let mut sheet = Sheet::titled(scene, "Model");
                sheet.text(Tone::Faint, "Asking which models there are…");
                sheet.picture(room)
            }
            State::Refused(why) => {
                let mut sheet = Sheet::titled(scene, "Model");
                sheet.needed(Tone::Bad, &words::printable(why));
                sheet.hint(&["Esc leaves"]);
                sheet.picture(room)
            }
            State::Models(models) => self.models(models, scene, facts.session).picture(room),
            State::Efforts { models, of } => match models.get(*of) {
                Some(model) => self.efforts(model, scene, facts.session).picture(room),
                None => Picture::default(),
            },
        }
    }
}

impl ModelPicker {
    fn models<'a>(&self, models: &[Model], scene: &'a Scene, session: &Session) -> Sheet<'a> {
        let mut sheet = Sheet::titled(scene, "Model");
        if models.is_empty() {
            sheet.needed(Tone::Warning, "The engine knows no models; name one with `codex --model`.");
        }
        let name = |model: &Model| match model.model == session.model {
            true => format!("{} (current)", model.model),
            false => model.model.clone(),
        };
        let width = models.iter().map(|model| name(model).chars().count()).max().unwrap_or_default();
        for (place, model) in models.iter().enumerate() {
            let text = format!("{:<width$}  {}", name(model), model.description);
            sheet.choice(
                &number(place),
                words::printable(&text).trim_end(),
                Choice::at(place, self.selected),
            );
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc leaves", "used from the next turn on"]);
        sheet
    }

    fn efforts<'a>(&self, model: &Model, scene: &'a Scene, session: &Session) -> Sheet<'a> {
        let mut sheet = Sheet::titled(scene, &format!("How long {} thinks", words::printable(&model.model)));
        let name = |option: &ReasoningEffortOption| {
            let name = &option.reasoning_effort;
            let is_current = session.model == model.model && session.effort.as_ref() == Some(name);
            match (is_current, *name == model.default_reasoning_effort) {
                (true, _) => format!("{name} (current)"),
                (false, true) => format!("{name} (default)"),
                (false, false) => name.clone(),
            }
        };
        let options = &model.supported_reasoning_efforts;
        let width = options.iter().map(|option| name(option).chars().count()).max().unwrap_or_default();
        for (place, option) in options.iter().enumerate() {
            let text = format!("{:<width$}  {}", name(option), option.description);
            sheet.choice(
                &number(place),
                words::printable(&text).trim_end(),
                Choice::at(place, self.selected),
            );
        }
        sheet.blank();
        sheet.hint(&["Enter chooses", "Esc goes back"]);
        sheet
    }
}

fn chosen(model: &Model, effort: Option<String>) -> Vec<AppEvent> {
    vec![AppEvent::CloseDialog, AppEvent::SetModel { model: model.model.clone(), effort }]
}

/// The digit that chooses a row; rows past the ninth have none.
fn number(place: usize) -> String {
    if place < 9 { (place + 1).to_string() } else { " ".to_owned() }
}
