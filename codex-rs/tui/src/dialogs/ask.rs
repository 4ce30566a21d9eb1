//! The question under `mode = "ask"`: the plan has run out; may the key pay?

use std::time::Duration;

use codex_app_server_protocol::{FallbackApproval, FallbackApprovalParams, RequestId, ServerNotification};
use codex_render::Tone;
use codex_render::words::count;
use crossterm::event::KeyEvent;
use ratatui_core::text::Line;

use super::choices::{Choices, Pick, choice};
use super::{Dialog, heading, sentence_lines};
use crate::app_event::AppEvent;
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};
use crate::reset;

/// Keys that come sooner were meant for the draft that the question covered.
const STARTLE: Duration = Duration::from_millis(300);

/// The question.
#[derive(Debug)]
pub(crate) struct Ask {
    id: RequestId,
    question: FallbackApprovalParams,
    choices: Choices<FallbackApproval>,
    asked: Duration,
}

impl Ask {
    /// As the engine asks it.
    pub(crate) fn new(id: RequestId, question: FallbackApprovalParams, now: Now) -> Self {
        let choices = Choices::new(vec![
            choice(FallbackApproval::No, "No: end the turn, ask again next time"),
            choice(FallbackApproval::Turn, "Yes, for this turn"),
            choice(FallbackApproval::UntilReset, "Yes, until the plan's limit resets"),
            choice(FallbackApproval::Process, "Yes, as long as codex runs"),
        ]);
        Ask { id, question, choices, asked: now.since_start }
    }

    fn answer(&self, answer: FallbackApproval) -> Vec<AppEvent> {
        vec![AppEvent::AnswerFallback { id: self.id.clone(), answer }, AppEvent::CloseDialog]
    }
}

impl Dialog for Ask {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        if now.since_start.saturating_sub(self.asked) < STARTLE {
            return Vec::new();
        }
        match self.choices.key(key) {
            Pick::Taken(answer) => self.answer(answer),
            Pick::Left => self.answer(FallbackApproval::No),
            Pick::Open => Vec::new(),
        }
    }

    fn is_over(&self, notification: &ServerNotification) -> bool {
        matches!(notification, ServerNotification::ServerRequestResolved(of) if of.request_id == self.id)
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>) -> Picture {
        let FallbackApprovalParams { reason, resets_at, model, key_last4, context_tokens, .. } =
            &self.question;
        let mut lines = heading(scene, "May the fallback API key pay?", &[reason.as_str()]);
        let size = match context_tokens {
            Some(tokens) => format!("about {} tokens", count(*tokens)),
            None => "a context of unknown size".to_owned(),
        };
        let until = resets_at
            .map_or_else(String::new, |at| format!(" The plan is free again {}.", reset::words(at, scene)));
        let what = format!(
            "The next request would send {size} to {model}, paid per token by the key …{key_last4}.{until}"
        );
        lines.extend(sentence_lines(scene, Tone::Normal, &what));
        lines.push(Line::default());
        lines.extend(self.choices.lines(scene));
        lines.extend(sentence_lines(scene, Tone::Faint, "Arrows and Enter, or the number · Esc means no"));
        Picture::of(lines)
    }
}
