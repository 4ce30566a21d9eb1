//! The list of models, then of the efforts of the chosen one.

use codex_app_server_protocol::{Model, ModelListResponse};
use codex_render::Tone;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choice, Choices, Pick};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// Where one is in choosing.
#[derive(Debug)]
pub(crate) struct ModelPicker {
    /// The model that is used now, to be marked.
    current: String,
    step: Step,
}

#[derive(Debug)]
enum Step {
    /// The engine has not answered yet.
    Waiting,
    Models(Choices<Box<Model>>),
    Efforts(Box<Model>, Choices<String>),
    /// The reason, for people.
    Refused(String),
}

impl ModelPicker {
    /// Before the engine has answered.
    pub(crate) fn new(current: &str) -> Self {
        ModelPicker { current: current.to_owned(), step: Step::Waiting }
    }

    fn models(&self, list: &ModelListResponse) -> Choices<Box<Model>> {
        let shown: Vec<&Model> = list.data.iter().filter(|model| !model.hidden).collect();
        let at = shown.iter().position(|model| model.model == self.current).unwrap_or_default();
        let choice = |model: &&Model| {
            let mark = if model.model == self.current { " (now)" } else { "" };
            Choice {
                value: Box::new((*model).clone()),
                label: format!("{}{mark}", model.model),
                detail: model.description.clone(),
            }
        };
        Choices::new(shown.iter().map(choice).collect()).starting_at(at)
    }
}

fn efforts(model: &Model) -> Choices<String> {
    let options = &model.supported_reasoning_efforts;
    let own = |effort: &str| if effort == model.default_reasoning_effort { " (the model's own)" } else { "" };
    let at = options.iter().position(|option| option.reasoning_effort == model.default_reasoning_effort);
    let items = options.iter().map(|option| Choice {
        value: option.reasoning_effort.clone(),
        label: format!("{}{}", option.reasoning_effort, own(&option.reasoning_effort)),
        detail: option.description.clone(),
    });
    Choices::new(items.collect()).starting_at(at.unwrap_or_default())
}

impl Dialog for ModelPicker {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        match &mut self.step {
            Step::Waiting | Step::Refused(_) => match key.code {
                crossterm::event::KeyCode::Esc | crossterm::event::KeyCode::Enter => {
                    vec![AppEvent::CloseDialog]
                }
                _ => Vec::new(),
            },
            Step::Models(choices) => match choices.key(key) {
                Pick::Taken(model) => {
                    let choices = efforts(&model);
                    if choices.is_empty() {
                        let chosen = AppEvent::SetModel { model: model.model.clone(), effort: None };
                        return vec![AppEvent::CloseDialog, chosen];
                    }
                    self.step = Step::Efforts(model, choices);
                    Vec::new()
                }
                Pick::Left => vec![AppEvent::CloseDialog],
                Pick::Open => Vec::new(),
            },
            Step::Efforts(model, choices) => match choices.key(key) {
                Pick::Taken(effort) => {
                    let chosen = AppEvent::SetModel { model: model.model.clone(), effort: Some(effort) };
                    vec![AppEvent::CloseDialog, chosen]
                }
                Pick::Left => vec![AppEvent::CloseDialog],
                Pick::Open => Vec::new(),
            },
        }
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        if let Answer::ListModels(result) = answer {
            self.step = match result {
                Ok(list) => Step::Models(self.models(list)),
                Err(error) => Step::Refused(error.message.clone()),
            };
        }
        Vec::new()
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let (title, body) = match &self.step {
            Step::Waiting => ("Model", sentence_lines(scene, Tone::Faint, "Asking…")),
            Step::Refused(why) => ("Model", sentence_lines(scene, Tone::Bad, why)),
            Step::Models(choices) => ("Which model, from the next turn on?", choices.lines(scene)),
            Step::Efforts(_, choices) => ("How long shall it think?", choices.lines(scene)),
        };
        let mut lines = heading(scene, title, &[]);
        if let Step::Efforts(model, _) = &self.step {
            lines.extend(sentence_lines(scene, Tone::Faint, &model.model));
        }
        lines.push(Line::default());
        lines.extend(body);
        lines.extend(sentence_lines(
            scene,
            Tone::Faint,
            "Enter chooses and keeps it in config.toml · Esc leaves · another one: codex -m NAME",
        ));
        Picture::of(lines)
    }
}
