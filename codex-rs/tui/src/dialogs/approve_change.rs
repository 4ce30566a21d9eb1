//! May these files be changed?

use codex_app_server_protocol::{
    FileChangeApprovalDecision, FileChangeRequestApprovalParams, FileUpdateChange, RequestId,
};
use codex_render::diff::FileDiff;
use codex_render::{Form, Tone, wrap};
use crossterm::event::KeyEvent;
use ratatui_core::text::{Line, Span};

use super::Dialog;
use super::question::{self, Offer, Question};
use super::sheet::Sheet;
use crate::app_event::{AppEvent, Reply};
use crate::changes::{self, Places};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// Lines that are laid out; the transcript has all of them.
const MOST_LINES: usize = 400;

/// The question.
#[derive(Debug)]
pub(crate) struct ApproveChange {
    question: Question,
    reason: Option<String>,
    files: Vec<FileDiff>,
    /// About how many lines they take.
    rows: usize,
}

impl ApproveChange {
    /// As the engine asks it, about the changes of an item that it told before.
    pub(crate) fn new(
        id: RequestId,
        params: FileChangeRequestApprovalParams,
        changes: &[FileUpdateChange],
        facts: Facts<'_>,
        now: Now,
    ) -> Self {
        let answers = [
            (FileChangeApprovalDecision::Accept, 'y', "Yes", "Yes"),
            (
                FileChangeApprovalDecision::AcceptForSession,
                'a',
                "Yes, and these files again in this conversation without asking",
                "Yes, again without asking",
            ),
            (
                FileChangeApprovalDecision::Decline,
                'n',
                "No; the agent goes on without it",
                "No, go on without",
            ),
            (FileChangeApprovalDecision::Cancel, 'c', "No, and stop the turn", "No, and stop the turn"),
        ];
        let offer = |(decision, letter, words, brief): (_, _, &str, &str)| Offer {
            letter,
            words: words.to_owned(),
            brief: brief.to_owned(),
            reply: Reply::Change(decision),
        };
        let rows = changes.iter().map(|change| 2 + change.diff.lines().count()).sum();
        ApproveChange {
            question: Question::new(id, answers.into_iter().map(offer).collect(), now),
            reason: params.reason,
            files: Places::of(facts).files(changes),
            rows,
        }
    }

    fn body(&self, scene: &Scene) -> Vec<Line<'static>> {
        let margin = if scene.look.form == Form::Drawn { "  " } else { "" };
        let indent = wrap::Indent::every(vec![Span::raw(margin)]);
        let mut lines = Vec::new();
        for file in &self.files {
            lines.extend(wrap::wrap(&file.header(scene.look), scene.width, &indent));
            let body = file.body(scene.look, scene.width, MOST_LINES.saturating_sub(lines.len()));
            lines.extend(body.lines);
            if body.left_out > 0 {
                lines.push(changes::more(scene, body.left_out));
            }
        }
        lines
    }
}

impl Dialog for ApproveChange {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        self.question.key(key, now, self.rows)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn question_mut(&mut self) -> Option<&mut Question> {
        Some(&mut self.question)
    }

    fn view(&self, scene: &Scene, _facts: Facts<'_>, room: usize) -> Picture {
        let title = match self.files.len() {
            1 => "May this file be changed?".to_owned(),
            0 => "May files be changed?".to_owned(),
            count => format!("May these {count} files be changed?"),
        };
        let mut sheet = Sheet::titled(scene, &title);
        if let Some(reason) = &self.reason {
            sheet.needed(Tone::Normal, &question::shown(reason));
        }
        self.question.picture(sheet, self.body(scene), room)
    }
}
