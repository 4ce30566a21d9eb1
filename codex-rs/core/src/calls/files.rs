//! Changes of files by `apply_patch`: read, shown as a diff, asked about where the walls would not let them through, made
//! through the one door for files.

use std::path::PathBuf;

use codex_app_server_protocol::{
    FileChangeApprovalDecision, FileChangeKind, FileChangeRequestApprovalParams, FileChangeStatus,
    FileUpdateChange, ThreadItem,
};
use codex_apply_patch::{Change, Kind};
use codex_sandbox::{Files, Judged};
use codex_tools::apply_patch::{Applied, Invocation};

use super::{Desk, Output};
use crate::permissions::{self, Verdict};

/// Applies one patch.
pub(super) async fn apply(desk: &mut Desk<'_>, call_id: &str, patch: &str) -> Output {
    let files = Files::new(desk.thread.policy.clone(), &desk.thread.options.hidden);
    let invocation = match Invocation::read(patch, &desk.thread.settings.cwd, &files) {
        Ok(invocation) => invocation,
        Err(bad) => return Output::Text(bad),
    };
    let id = desk.thread.item_ids.claim(Some(call_id));
    let changes: Vec<FileUpdateChange> = invocation.changes().iter().map(change).collect();
    let item = |status| ThreadItem::FileChange { id: id.clone(), changes: changes.clone(), status };
    desk.teller.item_started(item(FileChangeStatus::InProgress)).await;
    let consent = match allow(desk, &id, files.judge(invocation.paths()), invocation.paths()).await {
        Ok(consent) => consent,
        Err(why) => {
            desk.teller.item_completed(item(FileChangeStatus::Declined)).await;
            return Output::Text(why);
        }
    };
    let (status, words) = match invocation.apply(&files, &consent) {
        Applied::Done(words) => (FileChangeStatus::Completed, words),
        Applied::Failed(words) => (FileChangeStatus::Failed, words),
    };
    desk.teller.item_completed(item(status)).await;
    if status == FileChangeStatus::Completed {
        desk.thread.turn_diff.add(invocation.changes());
        let diff = desk.thread.turn_diff.text(&desk.thread.settings.cwd);
        desk.teller.turn_diff(diff).await;
    }
    Output::Text(words)
}

/// The paths that the person consents to beyond the walls; else why nothing may be changed, for the model.
async fn allow(
    desk: &mut Desk<'_>,
    item_id: &str,
    judged: Judged,
    paths: &[PathBuf],
) -> Result<Vec<PathBuf>, String> {
    let refused = match judged {
        Judged::Allowed => None,
        Judged::Outside { why, .. } => Some(why),
        Judged::Never { why, .. } => return Err(format!("patch rejected: {why} Nothing was changed.")),
    };
    let beyond = || match refused {
        Some(_) => paths.to_vec(),
        None => Vec::new(),
    };
    let reason = match permissions::change(&desk.thread.settings.approval, refused.as_deref()) {
        Verdict::Go(_) => return Ok(Vec::new()),
        Verdict::Refuse(why) => return Err(why),
        Verdict::Ask { .. } if desk.thread.allowed.has_files(paths.iter()) => return Ok(beyond()),
        Verdict::Ask { reason, .. } => reason,
    };
    let params = FileChangeRequestApprovalParams {
        thread_id: desk.teller.thread_id.clone(),
        turn_id: desk.teller.turn_id.clone(),
        item_id: item_id.to_owned(),
        started_at_ms: desk.teller.clock.millis(),
        reason,
        grant_root: None,
    };
    match desk.ask(params).await.map(|answer| answer.decision) {
        Some(FileChangeApprovalDecision::Accept) => Ok(beyond()),
        Some(FileChangeApprovalDecision::AcceptForSession) => {
            desk.thread.allowed.allow_files(paths.iter().cloned());
            Ok(beyond())
        }
        Some(FileChangeApprovalDecision::Cancel) => {
            desk.cancel();
            Err("patch rejected: the person ended the turn. Nothing was changed.".to_owned())
        }
        Some(FileChangeApprovalDecision::Decline) | None => {
            Err("patch rejected: the person declined. Nothing was changed; go on without it, or ask what they want."
                .to_owned())
        }
    }
}

fn change(change: &Change) -> FileUpdateChange {
    let shown = |path: &PathBuf| path.display().to_string();
    FileUpdateChange {
        path: shown(&change.path),
        kind: match &change.kind {
            Kind::Add => FileChangeKind::Add,
            Kind::Delete => FileChangeKind::Delete,
            Kind::Update { move_to } => FileChangeKind::Update { move_path: move_to.as_ref().map(shown) },
        },
        diff: change.diff.clone(),
    }
}
