//! May the agent do more than its walls allow, for a turn or for the conversation?

use codex_app_server_protocol::{
    PermissionGrantScope, Permissions, PermissionsRequestApprovalParams, PermissionsRequestApprovalResponse,
    RequestId,
};
use codex_render::Tone;
use crossterm::event::KeyEvent;

use super::Dialog;
use super::question::{self, Offer, Question};
use super::sheet::Sheet;
use crate::app_event::{AppEvent, Reply};
use crate::facts::Facts;
use crate::now::Now;
use crate::picture::{Picture, Scene};

/// The question.
#[derive(Debug)]
pub(crate) struct ApprovePermissions {
    question: Question,
    reason: Option<String>,
    wanted: String,
}

impl ApprovePermissions {
    /// As the engine asks it.
    pub(crate) fn new(id: RequestId, params: PermissionsRequestApprovalParams, now: Now) -> Self {
        let offer = |letter, words: &str, brief: &str, permissions: &Permissions, scope| Offer {
            letter,
            words: words.to_owned(),
            brief: brief.to_owned(),
            reply: Reply::Permissions(PermissionsRequestApprovalResponse {
                permissions: permissions.clone(),
                scope,
            }),
        };
        let wanted = &params.permissions;
        let nothing = Permissions::default();
        let answers = vec![
            offer('y', "Yes, for this turn", "Yes, for this turn", wanted, PermissionGrantScope::Turn),
            offer(
                'a',
                "Yes, for this conversation",
                "Yes, for this conversation",
                wanted,
                PermissionGrantScope::Session,
            ),
            offer(
                'n',
                "No; the agent goes on without it",
                "No, go on without",
                &nothing,
                PermissionGrantScope::Turn,
            ),
        ];
        ApprovePermissions {
            question: Question::new(id, answers, now),
            reason: params.reason,
            wanted: listed(&params.permissions),
        }
    }
}

impl Dialog for ApprovePermissions {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        self.question.key(key, now, self.wanted.lines().count() + self.wanted.len() / 20)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn question_mut(&mut self) -> Option<&mut Question> {
        Some(&mut self.question)
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let mut sheet = Sheet::titled(scene, "May the agent do more than the sandbox allows?");
        if let Some(reason) = &self.reason {
            sheet.needed(Tone::Normal, &question::agent_says(reason));
        }
        if let Some(walls) = question::walls(facts) {
            sheet.text(Tone::Faint, &walls);
        }
        let body = question::lines(scene, Tone::Strong, &self.wanted);
        self.question.picture(sheet, body, room)
    }
}

/// What is wanted, one thing on each line.
fn listed(permissions: &Permissions) -> String {
    let mut lines = Vec::new();
    if permissions.network.and_then(|network| network.enabled) == Some(true) {
        lines.push("use the network".to_owned());
    }
    let files = permissions.file_system.clone().unwrap_or_default();
    lines.extend(files.write.unwrap_or_default().iter().map(|path| format!("write {}", one_line(path))));
    lines.extend(files.read.unwrap_or_default().iter().map(|path| format!("read {}", one_line(path))));
    lines.join("\n")
}

fn one_line(path: &str) -> String {
    path.replace('\n', " ")
}
