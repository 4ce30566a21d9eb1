//! `/ps`: the commands that run on in the background, and how to stop one.

use codex_app_server_protocol::BackgroundTerminal;
use codex_render::Tone;
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::list::{self, Pick};
use super::question;
use super::sheet::{Choice, Sheet};
use crate::app_event::AppEvent;
use crate::effect::Answer;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Background {
    state: State,
    selected: usize,
}

#[derive(Debug, Default)]
enum State {
    /// The engine has not told yet.
    #[default]
    Waiting,
    /// Why it did not.
    Refused(String),
    Known(Vec<BackgroundTerminal>),
}

impl Dialog for Background {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, _now: Now) -> Vec<AppEvent> {
        let commands = match &self.state {
            State::Known(commands) => commands.as_slice(),
            State::Waiting | State::Refused(_) => &[],
        };
        if key.code == KeyCode::Char('s') && list::plain(key) && !commands.is_empty() {
            return vec![AppEvent::CloseDialog, AppEvent::StopBackground];
        }
        match list::key(key, &mut self.selected, commands.len()) {
            Pick::Nothing => Vec::new(),
            Pick::Leave => vec![AppEvent::CloseDialog],
            Pick::Row(row) => {
                let process = commands.get(row).map(|command| command.process_id.clone());
                process.map(|process| AppEvent::StopCommand { process }).into_iter().collect()
            }
        }
    }

    fn answered(&mut self, answer: &Answer) -> Vec<AppEvent> {
        if let Answer::ListBackground(result) = answer {
            self.state = match result {
                Ok(list) => State::Known(list.data.clone()),
                Err(error) => State::Refused(error.message.clone()),
            };
            if let State::Known(commands) = &self.state {
                self.selected = self.selected.min(commands.len().saturating_sub(1));
            }
        }
        Vec::new()
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "Commands in the background");
        match &self.state {
            State::Waiting => sheet.text(Tone::Faint, "Asking which commands run…"),
            State::Refused(why) => sheet.needed(Tone::Bad, &question::shown(why)),
            State::Known(commands) if commands.is_empty() => sheet.needed(Tone::Normal, "None runs."),
            State::Known(commands) => {
                for (place, command) in commands.iter().enumerate() {
                    let mark = if place < 9 { (place + 1).to_string() } else { " ".to_owned() };
                    let line = question::shown(command.command.lines().next().unwrap_or_default());
                    let folder = question::shown(&facts.setup.shown_folder(&command.cwd));
                    let pid = command.os_pid.map_or_else(String::new, |pid| format!(", process {pid}"));
                    let text = format!("{line} (in {folder}{pid})");
                    sheet.choice(&mark, &text, Choice::at(place, self.selected));
                }
                sheet.blank();
                sheet.hint(&["Enter stops the chosen one", "s stops all", "Esc leaves"]);
                return sheet.picture(room);
            }
        }
        sheet.blank();
        sheet.hint(&["Esc leaves"]);
        sheet.picture(room)
    }
}
