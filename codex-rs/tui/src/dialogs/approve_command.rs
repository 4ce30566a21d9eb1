//! May this command run?

use codex_app_server_protocol::{
    CommandApprovalDecision, CommandApprovalKind, CommandExecutionRequestApprovalParams, RequestId,
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
pub(crate) struct ApproveCommand {
    question: Question,
    params: CommandExecutionRequestApprovalParams,
    command: String,
}

impl ApproveCommand {
    /// As the engine asks it.
    pub(crate) fn new(id: RequestId, params: CommandExecutionRequestApprovalParams, now: Now) -> Self {
        let command = asked_about(&params);
        let answers = offered(&params).into_iter().map(|decision| offer(decision, params.kind)).collect();
        ApproveCommand { question: Question::new(id, answers, now), params, command }
    }
}

impl Dialog for ApproveCommand {
    fn key(&mut self, key: KeyEvent, _facts: Facts<'_>, now: Now) -> Vec<AppEvent> {
        self.question.key(key, now, self.command.lines().count() + self.command.len() / 20)
    }

    fn question(&self) -> Option<&Question> {
        Some(&self.question)
    }

    fn question_mut(&mut self) -> Option<&mut Question> {
        Some(&mut self.question)
    }

    fn view(&self, scene: &Scene, facts: Facts<'_>, room: usize) -> Picture {
        let title = match self.params.kind {
            CommandApprovalKind::Command => "May this command run?",
            CommandApprovalKind::HumanCommand => "May your command run?",
            CommandApprovalKind::WriteStdin => "May this be typed into a command?",
        };
        let mut sheet = Sheet::titled(scene, title);
        let reason = self.params.reason.as_deref().map(question::shown).unwrap_or_default();
        let mut reasons = reason.lines();
        // Where it would run; the engine says so first.
        if let Some(first) = reasons.next() {
            sheet.subtitle(Tone::Normal, first);
        }
        reasons.for_each(|reason| sheet.needed(Tone::Normal, reason));
        if let Some(folder) = &self.params.cwd {
            let folder = question::shown(&facts.setup.shown_folder(folder));
            sheet.text(Tone::Faint, &format!("In {folder}"));
        }
        if let Some(walls) = question::walls(facts) {
            sheet.text(Tone::Faint, &walls);
        }
        let body = question::lines(scene, Tone::Strong, &self.command);
        self.question.picture(sheet, body, room)
    }
}

/// The line as it runs. The shell that carries it is left out only where nothing else is lost: a best-effort reading
/// must not hide what the person says yes to.
pub(crate) fn asked_about(params: &CommandExecutionRequestApprovalParams) -> String {
    let line = params.command.clone().unwrap_or_default();
    let Some([only]) = params.command_actions.as_deref() else { return line };
    let carried = line.strip_suffix('\'').unwrap_or(&line).strip_suffix(only.command());
    match carried {
        Some(shell) if shell.trim_end_matches('\'').split_whitespace().count() == 2 => {
            only.command().to_owned()
        }
        Some(_) | None => line,
    }
}

/// What the engine offers, in its order; declining always is.
fn offered(params: &CommandExecutionRequestApprovalParams) -> Vec<CommandApprovalDecision> {
    let mut decisions = params.available_decisions.clone().unwrap_or_else(|| {
        let amendment = params.proposed_execpolicy_amendment.clone().map(|execpolicy_amendment| {
            CommandApprovalDecision::AcceptWithExecpolicyAmendment { execpolicy_amendment }
        });
        let mut all = vec![CommandApprovalDecision::Accept, CommandApprovalDecision::AcceptForSession];
        all.extend(amendment);
        all.extend([CommandApprovalDecision::Decline, CommandApprovalDecision::Cancel]);
        all
    });
    if !decisions.contains(&CommandApprovalDecision::Decline) {
        let cancel = decisions.iter().position(|decision| *decision == CommandApprovalDecision::Cancel);
        decisions.insert(cancel.unwrap_or(decisions.len()), CommandApprovalDecision::Decline);
    }
    decisions
}

fn offer(decision: CommandApprovalDecision, kind: CommandApprovalKind) -> Offer {
    let plainly = |letter, words: &str, brief: &str| (letter, words.to_owned(), brief.to_owned());
    let (letter, words, brief) = match &decision {
        CommandApprovalDecision::Accept => plainly('y', "Yes", "Yes"),
        CommandApprovalDecision::AcceptForSession => match kind {
            CommandApprovalKind::Command | CommandApprovalKind::HumanCommand => plainly(
                'a',
                "Yes, and this command again in this conversation without asking",
                "Yes, again without asking",
            ),
            CommandApprovalKind::WriteStdin => plainly(
                'a',
                "Yes, and all that is typed into this command without asking",
                "Yes, all typed into it",
            ),
        },
        CommandApprovalDecision::AcceptWithExecpolicyAmendment { execpolicy_amendment } => {
            let words = question::shown(&execpolicy_amendment.join(" ").replace('\n', " "));
            (
                'p',
                format!("Yes, and do not ask again for commands that start with `{words}`"),
                format!("Yes, also all that start `{words}`"),
            )
        }
        CommandApprovalDecision::Decline => {
            plainly('n', "No; the agent goes on without it", "No, go on without")
        }
        CommandApprovalDecision::Cancel => plainly('c', "No, and stop the turn", "No, and stop the turn"),
    };
    Offer { letter, words, brief, reply: Reply::Command(decision) }
}
