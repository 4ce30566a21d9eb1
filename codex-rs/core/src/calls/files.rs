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
    let (read, patch, cwd) = (files.clone(), patch.to_owned(), desk.thread.settings.cwd.clone());
    let planned = blocking(move || {
        let invocation = Invocation::read(&patch, &cwd, &read)?;
        let judged = read.judge(invocation.paths());
        Ok((invocation, judged))
    });
    let (invocation, judged) = match planned.await {
        Ok(planned) => planned,
        Err(bad) => {
            desk.without_item("A patch was not done", &bad).await;
            return Output::Text(bad);
        }
    };
    let id = desk.thread.item_ids.claim(Some(call_id));
    let changes: Vec<FileUpdateChange> = invocation.changes().iter().map(change).collect();
    let item = |status| ThreadItem::FileChange { id: id.clone(), changes: changes.clone(), status };
    desk.teller.item_started(item(FileChangeStatus::InProgress)).await;
    let consent = match allow(desk, &id, judged, invocation.paths()).await {
        Ok(consent) => consent,
        Err(why) => {
            desk.teller.item_completed(item(FileChangeStatus::Declined)).await;
            return Output::Text(why);
        }
    };
    let made = blocking(move || match invocation.apply(&files, &consent) {
        Applied::Done(words) => Ok((invocation, words)),
        Applied::Failed(words) => Err(words),
    });
    match made.await {
        Ok((invocation, words)) => {
            desk.teller.item_completed(item(FileChangeStatus::Completed)).await;
            desk.thread.turn_diff.add(invocation.changes());
            let diff = desk.thread.turn_diff.text(&desk.thread.settings.cwd);
            desk.teller.turn_diff(diff).await;
            Output::Text(words)
        }
        Err(words) => {
            desk.teller.item_completed(item(FileChangeStatus::Failed)).await;
            Output::Text(words)
        }
    }
}

/// Work that waits for the disk, beside the turns of others.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let ended = |_| {
        "The patch was not done: its task ended early. Look at the files before you try again.".to_owned()
    };
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

/// The paths that the person consents to beyond the walls; else why nothing may be changed, for the model.
async fn allow(
    desk: &mut Desk<'_>,
    item_id: &str,
    judged: Judged,
    named: &[PathBuf],
) -> Result<Vec<PathBuf>, String> {
    // What lies within the walls needs no consent of the door's, but can be allowed for the thread all the same.
    let (beyond, asked_about, refused) = match judged {
        Judged::Allowed => (Vec::new(), named.to_vec(), None),
        Judged::Outside { paths, why } => (paths.clone(), paths, Some(why)),
        Judged::Never { why, .. } => return Err(format!("patch rejected: {why}. Nothing was changed.")),
    };
    let reason = match permissions::change(&desk.thread.settings.approval, refused.as_deref()) {
        Verdict::Go(_) => return Ok(Vec::new()),
        Verdict::Refuse(why) => return Err(why),
        Verdict::Ask { .. } if desk.thread.allowed.has_files(&asked_about) => return Ok(beyond),
        Verdict::Ask { reason, .. } => reason.map(|why| format!("{why}.")),
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
        Some(FileChangeApprovalDecision::Accept) => Ok(beyond),
        Some(FileChangeApprovalDecision::AcceptForSession) => {
            desk.thread.allowed.allow_files(&asked_about);
            Ok(beyond)
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
