//! Calling the person who has left the terminal: what for, when, and the bytes that do it.

use codex_app_server_protocol::{ServerNotification, ThreadItem, Turn, TurnError, TurnStatus};
use codex_config::{NotificationCondition, NotificationMethod, Notifications};
use codex_render::wrap;
use ratatui_core::text::Line;

use crate::clean::clean;
use crate::effect::Effect;
use crate::terminal::clipboard::Route;

/// Columns of a call; desktops show no more of it.
const MOST_COLUMNS: u16 = 120;
/// Characters of an answer that are kept for them.
const MOST_CHARACTERS: usize = 4096;

/// What the settings say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attention {
    /// What the person is called for.
    pub to: Notifications,
    /// When they are.
    pub when: NotificationCondition,
    /// How they are.
    pub way: Way,
}

impl Default for Attention {
    fn default() -> Self {
        Attention { to: Notifications::NONE, when: NotificationCondition::Unfocused, way: Way::Bell }
    }
}

/// How a terminal is told to call somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// OSC 9: a notification of the desktop.
    Osc9,
    /// OSC 777, by which some terminals do the same.
    Osc777,
    /// The bell, which every terminal has.
    Bell,
}

impl Way {
    /// The way that was set, or the one that suits the terminal as `TERM_PROGRAM` and `TERM` name it. Inside of tmux the
    /// bell is what reaches the person: tmux marks the window by it, and passes it on.
    pub fn of(method: NotificationMethod, program: Option<&str>, term: Option<&str>, route: Route) -> Way {
        let program = program.unwrap_or_default();
        let term = term.unwrap_or_default();
        let begins = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
        match (method, route) {
            (NotificationMethod::Osc9, _) => Way::Osc9,
            (NotificationMethod::Osc777, _) => Way::Osc777,
            (NotificationMethod::Bell, _) | (NotificationMethod::Auto, Route::Tmux) => Way::Bell,
            (NotificationMethod::Auto, Route::Direct) if begins(&["screen", "tmux"]) => Way::Bell,
            (NotificationMethod::Auto, Route::Direct) if begins(&["foot", "rxvt-unicode"]) => Way::Osc777,
            (NotificationMethod::Auto, Route::Direct)
                if begins(&["xterm-kitty", "xterm-ghostty", "wezterm"])
                    || ["iTerm.app", "WezTerm", "ghostty", "WarpTerminal"].contains(&program) =>
            {
                Way::Osc9
            }
            (NotificationMethod::Auto, Route::Direct) => Way::Bell,
        }
    }

    /// The bytes of a call.
    pub(crate) fn command(self, text: &str, route: Route) -> String {
        match self {
            // The name in front also keeps a text that begins with a number from being one of the commands that some
            // terminals have under 9, such as a progress bar.
            Way::Osc9 => route.carry(format!("\x1b]9;codex: {text}\x07")),
            // A semicolon parts title and text.
            Way::Osc777 => route.carry(format!("\x1b]777;notify;codex;{}\x07", text.replace(';', ","))),
            Way::Bell => "\x07".to_owned(),
        }
    }
}

/// Where the person is, as far as the terminal tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Focus {
    /// Here. One that tells nothing counts as this.
    #[default]
    Here,
    /// In another window.
    Elsewhere,
}

/// The person: where they are, and what there is to tell them.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) focus: Focus,
    /// The beginning of the running turn's last answer.
    answer: Option<String>,
}

impl Person {
    /// Takes over what the engine tells.
    pub(crate) fn notified(&mut self, notification: &ServerNotification) {
        match notification {
            ServerNotification::TurnStarted(_) => self.answer = None,
            ServerNotification::ItemCompleted(completed) => {
                if let ThreadItem::AgentMessage { text, .. } = &completed.item {
                    self.answer = Some(beginning(text));
                }
            }
            _ => {}
        }
    }

    /// The call when a turn has ended and nothing follows.
    pub(crate) fn turn_ended(&mut self, turn: &Turn, attention: Attention) -> Option<Effect> {
        let answer = self.answer.take();
        let text = match turn.status {
            TurnStatus::Completed | TurnStatus::InProgress => {
                answer.unwrap_or_else(|| "the turn has ended".to_owned())
            }
            TurnStatus::Failed => {
                let why = turn.error.as_ref().map(TurnError::words).unwrap_or_default();
                format!("the turn failed. {}", beginning(&why))
            }
            // They have stopped it themselves.
            TurnStatus::Interrupted => return None,
        };
        let is_wanted = attention.to.turn_complete;
        self.call(&text, attention.when).filter(|_| is_wanted)
    }

    /// The call when they are asked something.
    pub(crate) fn asked(&self, question: &str, attention: Attention) -> Option<Effect> {
        let is_wanted = attention.to.approval_requested;
        self.call(question, attention.when).filter(|_| is_wanted)
    }

    fn call(&self, text: &str, when: NotificationCondition) -> Option<Effect> {
        match (self.focus, when) {
            (Focus::Here, NotificationCondition::Unfocused) => None,
            (Focus::Elsewhere, _) | (Focus::Here, NotificationCondition::Always) => {
                Some(Effect::CallPerson(brief(text)))
            }
        }
    }
}

/// As much of a text as a call can need.
fn beginning(text: &str) -> String {
    // Whole, so that no key is cut in two and taken for none.
    let text = clean(text);
    text.trim_start().chars().take(MOST_CHARACTERS).collect()
}

/// One short line that can be drawn.
fn brief(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = clean(&words.join(" ")).into_owned();
    wrap::truncate(&Line::from(line), MOST_COLUMNS).to_string().trim_end().to_owned()
}

#[cfg(test)]
mod tests;
