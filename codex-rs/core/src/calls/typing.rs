//! What the model types into a command that runs: asked about where the command is beyond the walls or had to be asked
//! about itself, as what is typed into a shell is a command too.

use std::collections::BTreeMap;

use codex_app_server_protocol::{
    CommandApprovalDecision, CommandApprovalKind, CommandExecutionRequestApprovalParams,
};
use codex_tools::sessions::{Background, SessionId, Sessions};
use codex_tools::write_stdin::Typing;

use super::{Desk, Output};
use crate::permissions::{self, Start, Verdict, Walls};
use crate::walls;

/// How the commands of a thread that outlived their call came to run.
#[derive(Debug, Default)]
pub(crate) struct Started(BTreeMap<SessionId, (Walls, Start)>);

impl Started {
    /// Keeps it while the command runs. `place`: whether there are walls around it.
    pub(crate) fn note(&mut self, sessions: &Sessions, session: SessionId, place: Walls, start: Start) {
        self.0.retain(|session, _| sessions.find_running(*session).is_some());
        if sessions.find_running(session).is_some() {
            self.0.insert(session, (place, start));
        }
    }

    fn of(&self, session: SessionId) -> (Walls, Start) {
        self.0.get(&session).copied().unwrap_or((Walls::Outside, Start::Asked))
    }
}

/// Types into a command that runs on, or only looks at it.
pub(super) async fn write(desk: &mut Desk<'_>, call_id: &str, arguments: &str) -> Output {
    let typing = match Typing::read(arguments, call_id, desk.thread.output_tokens) {
        Ok(typing) => typing,
        Err(bad) => return desk.bad(&bad).await,
    };
    let sessions = desk.thread.sessions.clone();
    // Into what has ended, or has no terminal, nothing can be typed; that is told without a question.
    if let Some(running) = sessions.find_terminal(typing.session).filter(|_| !typing.chars.is_empty()) {
        if let Err(why) = allow(desk, &typing, &running).await {
            return Output::Text(why);
        }
        desk.teller.terminal_interaction(&running.item_id, typing.session, typing.chars.clone()).await;
    }
    Output::text(sessions.write(&typing, &desk.teller.turn_id, desk.control.interrupted()).await)
}

/// Whether it may be typed; else why not, for the model.
async fn allow(desk: &mut Desk<'_>, typing: &Typing, running: &Background) -> Result<(), String> {
    let settings = &desk.thread.settings;
    let (place, start) = desk.thread.started.of(typing.session);
    let access = walls::access(settings);
    match permissions::typing(&settings.approval, access, place, start) {
        Verdict::Go(_) => return Ok(()),
        Verdict::Refuse(why) => return Err(why),
        Verdict::Ask { .. } if desk.thread.allowed.has_typing(typing.session) => return Ok(()),
        Verdict::Ask { .. } => {}
    }
    let place = match place {
        Walls::Inside => "Inside the sandbox.",
        Walls::Outside => "Outside of the sandbox.",
    };
    let params = CommandExecutionRequestApprovalParams {
        kind: CommandApprovalKind::WriteStdin,
        thread_id: desk.teller.thread_id.clone(),
        turn_id: desk.teller.turn_id.clone(),
        item_id: running.item_id.clone(),
        started_at_ms: desk.teller.clock.millis(),
        environment_id: None,
        reason: Some(format!("{place}\nInto: {}", one_line(&running.script))),
        command: Some(visible(&typing.chars)),
        cwd: Some(running.cwd.display().to_string()),
        command_actions: None,
        proposed_execpolicy_amendment: None,
        available_decisions: Some(vec![
            CommandApprovalDecision::Accept,
            CommandApprovalDecision::AcceptForSession,
            CommandApprovalDecision::Decline,
            CommandApprovalDecision::Cancel,
        ]),
    };
    match desk.ask(params).await.map(|answer| answer.decision) {
        Some(CommandApprovalDecision::Accept) => Ok(()),
        Some(CommandApprovalDecision::AcceptForSession) => {
            desk.thread.allowed.allow_typing(typing.session);
            Ok(())
        }
        Some(CommandApprovalDecision::Cancel) => {
            desk.cancel();
            Err("Nothing was typed: the person ended the turn.".to_owned())
        }
        // First words were not offered.
        Some(
            CommandApprovalDecision::AcceptWithExecpolicyAmendment { .. } | CommandApprovalDecision::Decline,
        )
        | None => {
            Err("Nothing was typed: the person declined. Go on without it, or ask what they want instead."
                .to_owned())
        }
    }
}

/// The keys as a person reads them: Enter and control keys are seen.
fn visible(chars: &str) -> String {
    let mut text = String::new();
    for char in chars.chars() {
        match char {
            '\n' | '\r' => text.push_str("⏎\n"),
            '\t' => text.push('⇥'),
            '\0'..='\x1f' => text.extend(['^', char::from(char as u8 + b'@')]),
            '\x7f' => text.push_str("^?"),
            other => text.push(other),
        }
    }
    text.trim_end_matches('\n').to_owned()
}

fn one_line(script: &str) -> String {
    script.split_whitespace().collect::<Vec<_>>().join(" ")
}
