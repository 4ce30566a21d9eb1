//! Commands: asked about where the settings say so, run behind the thread's walls, told as they go, and looked at again
//! while they run on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_app_server_protocol::{
    CommandAction, CommandApprovalDecision, CommandApprovalKind, CommandExecutionRequestApprovalParams,
    CommandSource, CommandStatus, ThreadItem,
};
use codex_exec_policy::{
    self as exec_policy, Action, Command, Context, Found, FoundKind, Judgement, Repository,
};
use codex_sandbox::Policy;
use codex_tools::environment::{Inherited, Reach};
use codex_tools::exec_command::{Invocation, Place};
use codex_tools::sessions::{Begin, Cause, Outcome, SessionId, Telling, Watcher};

use super::{Desk, Output};
use crate::permissions::{self, Access, Escalation, Start, Verdict, Walls};
use crate::teller::Teller;
use crate::thread::ThreadState;
use crate::walls;

/// Runs one command, to its end or until it is time to look at something else.
pub(super) async fn exec(desk: &mut Desk<'_>, call_id: &str, arguments: &str) -> Output {
    let place = Place {
        cwd: desk.thread.settings.cwd.clone(),
        shell: desk.thread.options.shell.clone(),
        login: desk.thread.login,
        output_tokens: desk.thread.output_tokens,
    };
    let invocation = match Invocation::read(arguments, call_id, &place) {
        Ok(invocation) => invocation,
        Err(bad) => return desk.bad(&bad).await,
    };
    let sessions = desk.thread.sessions.clone();
    let session = sessions.next_id();
    let shown = Shown::of(desk.thread.item_ids.claim(Some(call_id)), session, &invocation);
    let inside = environment(desk.thread, call_id, reach(desk.thread, Walls::Inside));
    desk.teller.item_started(shown.item(CommandStatus::InProgress, None)).await;
    let (walls, start) = match allow(desk, &invocation, &inside, &shown).await {
        Ok(allowed) => allowed,
        Err(why) => {
            desk.teller.item_completed(shown.item(CommandStatus::Declined, None)).await;
            return Output::text(why);
        }
    };
    let wait = invocation.wait().clone();
    let begin = Begin {
        id: session,
        invocation,
        environment: match walls {
            Walls::Inside => inside,
            Walls::Outside => environment(desk.thread, call_id, reach(desk.thread, walls)),
        },
        policy: match walls {
            Walls::Inside => Arc::clone(&desk.thread.policy),
            Walls::Outside => Arc::new(Policy::full()),
        },
        turn: desk.teller.turn_id.clone(),
        item_id: shown.id.clone(),
        watcher: Box::new(ItemWatcher { teller: desk.teller.clone(), shown: shown.clone() }),
    };
    if let Err(error) = sessions.start(begin) {
        desk.teller.item_completed(shown.item(CommandStatus::Failed, None)).await;
        return Output::text(error.to_string());
    }
    let told = sessions.wait(session, &wait, &desk.teller.turn_id, desk.control.interrupted()).await;
    desk.thread.started.note(&sessions, session, place_of(desk.thread, walls), start);
    match remark(desk.thread, walls) {
        Some(remark) => Output::Text(format!("{told}\n\n{remark}")),
        None => Output::Text(told),
    }
}

/// What the model has to know of these walls; once per thread, with the first command behind them that has somewhere to
/// write.
fn remark(thread: &mut ThreadState, walls: Walls) -> Option<&'static str> {
    let may_write_somewhere = !thread.policy.roots().is_empty();
    if walls == Walls::Outside || !may_write_somewhere || std::mem::replace(&mut thread.remarked, true) {
        return None;
    }
    thread.options.sandbox.mechanism().ok()?.remark()
}

/// Where the command may run, and on whose word; else why it may not, for the model.
async fn allow(
    desk: &mut Desk<'_>,
    invocation: &Invocation,
    environment: &[(String, String)],
    shown: &Shown,
) -> Result<(Walls, Start), String> {
    let thread = &*desk.thread;
    let escalation = match invocation.escalation() {
        Some(_) => Escalation::Wanted,
        None => Escalation::No,
    };
    let access = walls::access(&thread.settings);
    let wanted = match (escalation, access) {
        (Escalation::Wanted, Access::Walled) => Walls::Outside,
        (Escalation::Wanted, Access::Full) | (Escalation::No, _) => Walls::Inside,
    };
    let command = Command { argv: invocation.argv(), cwd: invocation.cwd() };
    let (judgement, proposal) = judged(thread, invocation, environment, &command, wanted);
    let (reason, then) = match permissions::command(&thread.settings.approval, access, &judgement, escalation)
    {
        Verdict::Go(walls) if judgement == Judgement::Safe => return Ok((walls, Start::Safe)),
        Verdict::Go(walls) => return Ok((walls, Start::Unasked)),
        Verdict::Refuse(why) => return Err(why),
        Verdict::Ask { reason, then } => (reason, then),
    };
    let justification = invocation.escalation().map(|escalation| escalation.justification.as_deref());
    let params = shown.question(desk.teller, question(access, then, reason, justification), proposal);
    let decision = desk.ask(params).await.map(|answer| answer.decision);
    match decision {
        Some(CommandApprovalDecision::Accept) => Ok((then, Start::Asked)),
        Some(CommandApprovalDecision::AcceptForSession) => {
            desk.thread.allowed.allow_command(&command, then);
            Ok((then, Start::Asked))
        }
        Some(CommandApprovalDecision::AcceptWithExecpolicyAmendment { execpolicy_amendment }) => {
            if let Err(error) = desk.thread.allowed.allow_prefix(execpolicy_amendment, then) {
                desk.teller
                    .warning(format!("This command runs, but later ones will be asked about: {error}"))
                    .await;
            }
            Ok((then, Start::Asked))
        }
        Some(CommandApprovalDecision::Cancel) => {
            desk.cancel();
            Err("The command was not run: the person ended the turn.".to_owned())
        }
        Some(CommandApprovalDecision::Decline) | None => Err(
            "The command was not run: the person declined. Go on without it, or ask what they want instead."
                .to_owned(),
        ),
    }
}

/// What the person has to know, a line each: where the command would run, what is to be feared of it, and last, as nobody
/// vouches for it, what the model says of it.
fn question(
    access: Access,
    walls: Walls,
    reason: Option<String>,
    justification: Option<Option<&str>>,
) -> String {
    let place = match (access, walls) {
        (Access::Full, _) => "Without a sandbox.",
        (Access::Walled, Walls::Inside) => "Inside the sandbox.",
        (Access::Walled, Walls::Outside) => "Outside of the sandbox.",
    };
    let words = match justification {
        None => None,
        Some(None) => Some("The agent does not say why.".to_owned()),
        Some(Some(words)) => {
            let words: Vec<&str> = words.split_whitespace().collect();
            Some(format!("The agent says: {}", words.join(" ")))
        }
    };
    [Some(place.to_owned()), reason, words].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// What is to be thought of the command, and the first words that could be allowed with it.
fn judged(
    thread: &ThreadState,
    invocation: &Invocation,
    environment: &[(String, String)],
    command: &Command<'_>,
    walls: Walls,
) -> (Judgement, Option<Vec<String>>) {
    let path = environment.iter().find(|(name, _)| name == "PATH");
    let folders: Vec<&Path> =
        path.map(|(_, value)| value.split(':').map(Path::new).collect()).unwrap_or_default();
    let find_program = |name: &str| find_program(&folders, name);
    let writable: Vec<PathBuf> = thread.policy.roots().iter().map(|root| root.path.clone()).collect();
    let context = Context {
        find_program: &find_program,
        look_up: &look_up,
        writable: &writable,
        hidden: &thread.options.hidden,
        // Below the folder that the person trusts may lie somebody else's repository.
        repository: match command.cwd == thread.settings.cwd {
            true => thread.repository,
            false => Repository::Untrusted,
        },
        allowances: thread.allowed.commands(walls),
    };
    let judgement = exec_policy::judge(command, &context);
    let proposed = invocation.escalation().and_then(|escalation| escalation.prefix_rule.as_deref());
    let proposal = proposed.and_then(|words| exec_policy::proposal(command, &context, words));
    let own = match &judgement {
        Judgement::Unknown { prefix } => prefix.clone(),
        Judgement::Safe | Judgement::Allowed | Judgement::Dangerous { .. } | Judgement::Forbidden { .. } => {
            None
        }
    };
    (judgement, proposal.or(own))
}

/// What is at a path now. A link that is made later is not seen: under walls it leads to nothing hidden either.
fn look_up(path: &Path) -> Option<Found> {
    let real = path.canonicalize().ok()?;
    let kind = if real.is_dir() { FoundKind::Folder } else { FoundKind::Other };
    Some(Found { path: real, kind })
}

/// Where a shell finds a program of this name.
fn find_program(folders: &[&Path], name: &str) -> Option<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let runs = |path: &PathBuf| {
        path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    folders.iter().map(|folder| folder.join(name)).find(runs)
}

/// How far a command reaches.
fn reach(thread: &ThreadState, walls: Walls) -> Reach {
    match (walls, walls::access(&thread.settings)) {
        (Walls::Inside, Access::Walled) => Reach::Walled,
        (Walls::Inside, Access::Full) | (Walls::Outside, _) => Reach::Free,
    }
}

/// Whether there are walls around a command that starts now.
fn place_of(thread: &ThreadState, walls: Walls) -> Walls {
    match reach(thread, walls) {
        Reach::Walled => Walls::Inside,
        Reach::Free => Walls::Outside,
    }
}

/// The environment of one command.
fn environment(thread: &ThreadState, call_id: &str, reach: Reach) -> Vec<(String, String)> {
    let options = &thread.options;
    let stored = options.auth.stored_secrets();
    let inherited = Inherited {
        variables: &options.environment,
        policy: &thread.environment,
        reach,
        stored: &stored,
        thread_id: &thread.id,
        call_id,
        version: &options.version,
    };
    inherited.for_command()
}

/// Tells a command's item as it grows, also after its turn.
struct ItemWatcher {
    teller: Teller,
    shown: Shown,
}

impl Watcher for ItemWatcher {
    fn output(&mut self, text: String) -> Telling<'_> {
        Box::pin(self.teller.command_output(&self.shown.id, text))
    }

    fn ended(&mut self, outcome: Outcome) -> Telling<'_> {
        let status = match (outcome.exit_code, outcome.cause) {
            (Some(0), Cause::Itself) => CommandStatus::Completed,
            (_, Cause::Itself | Cause::Interrupted | Cause::Stopped) => CommandStatus::Failed,
        };
        Box::pin(async move { self.teller.item_completed(self.shown.item(status, Some(outcome))).await })
    }
}

/// What people see of a command.
#[derive(Debug, Clone)]
struct Shown {
    id: String,
    command: String,
    cwd: String,
    session: SessionId,
    actions: Vec<CommandAction>,
}

impl Shown {
    fn of(id: String, session: SessionId, invocation: &Invocation) -> Self {
        let command = Command { argv: invocation.argv(), cwd: invocation.cwd() };
        Shown {
            id,
            session,
            command: invocation.command_line(),
            cwd: invocation.cwd().display().to_string(),
            actions: exec_policy::actions(&command).into_iter().map(action).collect(),
        }
    }

    fn item(&self, status: CommandStatus, outcome: Option<Outcome>) -> ThreadItem {
        let (exit_code, duration) =
            outcome.as_ref().map_or((None, None), |outcome| (outcome.exit_code, Some(outcome.duration)));
        ThreadItem::CommandExecution {
            id: self.id.clone(),
            command: self.command.clone(),
            cwd: self.cwd.clone(),
            process_id: Some(self.session.to_string()),
            source: CommandSource::Agent,
            status,
            command_actions: self.actions.clone(),
            aggregated_output: outcome.map(|outcome| outcome.output),
            exit_code,
            duration_ms: duration.map(|duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        }
    }

    fn question(
        &self,
        teller: &Teller,
        reason: String,
        proposal: Option<Vec<String>>,
    ) -> CommandExecutionRequestApprovalParams {
        let amendment = proposal.clone().map(|execpolicy_amendment| {
            CommandApprovalDecision::AcceptWithExecpolicyAmendment { execpolicy_amendment }
        });
        let available = [CommandApprovalDecision::Accept, CommandApprovalDecision::AcceptForSession]
            .into_iter()
            .chain(amendment)
            .chain([CommandApprovalDecision::Decline, CommandApprovalDecision::Cancel]);
        CommandExecutionRequestApprovalParams {
            kind: CommandApprovalKind::Command,
            thread_id: teller.thread_id.clone(),
            turn_id: teller.turn_id.clone(),
            item_id: self.id.clone(),
            started_at_ms: teller.clock.millis(),
            environment_id: None,
            reason: Some(reason),
            command: Some(self.command.clone()),
            cwd: Some(self.cwd.clone()),
            command_actions: Some(self.actions.clone()),
            proposed_execpolicy_amendment: proposal,
            available_decisions: Some(available.collect()),
        }
    }
}

fn action(action: Action) -> CommandAction {
    match action {
        Action::Read { command, name, path } => {
            CommandAction::Read { command, name, path: path.display().to_string() }
        }
        Action::ListFiles { command, path } => CommandAction::ListFiles { command, path },
        Action::Search { command, query, path } => CommandAction::Search { command, query, path },
        Action::Unknown { command } => CommandAction::Unknown { command },
    }
}
