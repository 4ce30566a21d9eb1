//! The question that the engine asks under `mode = "ask"`: may the key pay? Nothing is chosen by accident.

use std::time::Duration;

use codex_app_server_protocol::{FallbackApproval, FallbackApprovalParams, RequestId, ServerNotification};
use codex_render::{Tone, words};
use crossterm::event::{KeyCode, KeyEvent};

use super::Dialog;
use super::sheet::{Choice, Sheet};
use crate::app_event::AppEvent;
use crate::dialogs::list::{self, Pick};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::plan_limits;

const ANSWERS: [FallbackApproval; 4] =
    [FallbackApproval::Turn, FallbackApproval::UntilReset, FallbackApproval::Process, FallbackApproval::No];

/// The question.
#[derive(Debug)]
pub(crate) struct Ask {
    id: RequestId,
    question: FallbackApprovalParams,
    /// Keys before this moment belong to a draft.
    deaf_until: Duration,
    /// Past the last answer while none is chosen.
    selected: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Enter was pressed and nothing was chosen.
    NothingChosen,
    /// Somebody else has answered, or nobody in time.
    Over,
}

impl Ask {
    /// As the engine asks it.
    pub(crate) fn new(id: RequestId, question: FallbackApprovalParams, now: Now) -> Self {
        Ask {
            id,
            question,
            deaf_until: now.since_start + list::TYPING,
            selected: ANSWERS.len(),
            state: State::Open,
        }
    }

    fn answer(&self, answer: FallbackApproval) -> Vec<AppEvent> {
        let (id, turn) = (self.id.clone(), self.question.turn_id.clone());
        vec![AppEvent::AnswerFallback { id, turn, answer }, AppEvent::CloseDialog]
    }
}

impl Dialog for Ask {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        if now.since_start < self.deaf_until {
            self.deaf_until = now.since_start + list::TYPING;
            return Vec::new();
        }
        if self.selected == ANSWERS.len() {
            match key.code {
                KeyCode::Enter => self.state = State::NothingChosen,
                KeyCode::Up => {
                    self.selected = ANSWERS.len() - 1;
                    return Vec::new();
                }
                KeyCode::Down | KeyCode::Tab => {
                    self.selected = 0;
                    return Vec::new();
                }
                _ => {}
            }
        }
        match list::key(key, &mut self.selected, ANSWERS.len()) {
            Pick::Nothing => Vec::new(),
            Pick::Row(row) => self.answer(ANSWERS.get(row).copied().unwrap_or(FallbackApproval::No)),
            Pick::Leave => self.answer(FallbackApproval::No),
        }
    }

    fn notified(&mut self, notification: &ServerNotification) {
        if let ServerNotification::ServerRequestResolved(resolved) = notification
            && resolved.request_id == self.id
        {
            self.state = State::Over;
        }
    }

    fn uncovered(&mut self, now: Now) {
        self.deaf_until = now.since_start + list::TYPING;
    }

    fn is_question(&self) -> bool {
        true
    }

    fn is_over(&self) -> bool {
        self.state == State::Over
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let question = &self.question;
        let key = &question.key_last4;
        let mut sheet = Sheet::titled(scene, &format!("May the key …{key} pay?"));
        sheet.text(Tone::Strong, &words::printable(&question.reason));
        if let Some(resets_at) = question.resets_at {
            sheet.text(
                Tone::Normal,
                &format!("The plan is free again at {}.", plan_limits::moment(scene, resets_at)),
            );
        }
        let size = match question.context_tokens {
            Some(tokens) => format!("The next request sends about {} tokens to", words::count(tokens)),
            None => "The next request goes to".to_owned(),
        };
        let model = words::printable(&question.model);
        sheet.needed(Tone::Normal, &format!("{size} {model}, billed to the key."));
        if self.state == State::NothingChosen {
            sheet.needed(Tone::Warning, "Choose an answer first: 1 to 4, or the arrow keys.");
        }
        sheet.blank();
        for (place, answer) in ANSWERS.into_iter().enumerate() {
            sheet.choice(&format!("{}", place + 1), words_of(answer), Choice::at(place, self.selected));
        }
        sheet.blank();
        sheet.hint(&["1–4, or arrows and Enter", "Esc means no"]);
        sheet.picture(room)
    }
}

fn words_of(answer: FallbackApproval) -> &'static str {
    match answer {
        FallbackApproval::Turn => "Yes, for this turn",
        FallbackApproval::UntilReset => "Yes, until the plan is free again",
        FallbackApproval::Process => "Yes, until codex ends",
        FallbackApproval::No => "No, stop here",
    }
}
