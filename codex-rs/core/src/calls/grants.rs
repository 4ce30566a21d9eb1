//! The model asks for more permissions than the walls give.

use std::path::PathBuf;

use codex_app_server_protocol::{
    FileSystemPermissions, NetworkPermissions, PermissionGrantScope, Permissions,
    PermissionsRequestApprovalParams,
};
use codex_tools::request_permissions::Wish;

use super::{Desk, Output};
use crate::granted::{Grant, Scope};
use crate::permissions::{self, Access, Kind};
use crate::walls;

/// Asks the person, and widens the walls by what is granted.
pub(super) async fn request(desk: &mut Desk<'_>, call_id: &str, arguments: &str) -> Output {
    let wish = match Wish::read(arguments) {
        Ok(wish) => wish,
        Err(bad) => return desk.bad(&bad).await,
    };
    match granted(desk, call_id, wish).await {
        Ok(words) | Err(words) => Output::Text(words),
    }
}

async fn granted(desk: &mut Desk<'_>, call_id: &str, wish: Wish) -> Result<String, String> {
    if walls::access(&desk.thread.settings) == Access::Full {
        return Err("Nothing was asked: there is no sandbox here, so nothing more is needed.".to_owned());
    }
    let asked = asked_for(desk, &wish)?;
    permissions::may_ask(&desk.thread.settings.approval, Kind::Permissions)
        .map_err(|why| format!("Nothing was granted: {why}. Go on with what the sandbox allows."))?;
    let params = PermissionsRequestApprovalParams {
        thread_id: desk.teller.thread_id.clone(),
        turn_id: desk.teller.turn_id.clone(),
        item_id: desk.thread.item_ids.claim(Some(call_id)),
        environment_id: None,
        started_at_ms: desk.teller.clock.millis(),
        cwd: desk.thread.settings.cwd.display().to_string(),
        reason: Some(wish.reason),
        permissions: told(&asked),
    };
    let answer = desk.ask(params).await;
    let (grant, scope) = match answer {
        Some(answer) => (
            within(&asked, &answer.permissions),
            match answer.scope {
                PermissionGrantScope::Turn => Scope::Turn,
                PermissionGrantScope::Session => Scope::Thread,
            },
        ),
        None => (Grant::default(), Scope::Turn),
    };
    if grant == Grant::default() {
        return Err("The person granted nothing. Go on with what the sandbox allows.".to_owned());
    }
    let words = words(&grant, scope);
    desk.thread.granted.add(grant, scope);
    desk.thread.build_walls();
    Ok(words)
}

/// The folders as they really are: what the person sees is what is granted.
fn asked_for(desk: &Desk<'_>, wish: &Wish) -> Result<Grant, String> {
    let hidden = codex_sandbox::credential_folders(&desk.thread.options.hidden);
    let mut write = Vec::new();
    for named in &wish.write {
        let refused = |why: &str| format!("Nothing was asked: {} {why}.", named.display());
        let folder = desk.thread.settings.cwd.join(named).canonicalize();
        let folder = folder.map_err(|_| refused("does not exist"))?;
        if !folder.is_dir() {
            return Err(refused("is not a folder"));
        }
        if hidden.iter().any(|hidden| folder.starts_with(hidden)) {
            return Err(refused("holds credentials and is never granted"));
        }
        write.push(folder);
    }
    Ok(Grant { write, network: wish.network })
}

fn told(grant: &Grant) -> Permissions {
    let write: Vec<String> = grant.write.iter().map(|folder| folder.display().to_string()).collect();
    Permissions {
        network: grant.network.then_some(NetworkPermissions { enabled: Some(true) }),
        file_system: (!write.is_empty()).then_some(FileSystemPermissions { read: None, write: Some(write) }),
    }
}

/// What is granted of what was asked for; a client cannot grant more by mistake.
fn within(asked: &Grant, granted: &Permissions) -> Grant {
    let files = granted.file_system.as_ref().and_then(|files| files.write.as_ref());
    let is_granted = |folder: &&PathBuf| {
        files.is_some_and(|files| files.iter().any(|file| *file == folder.display().to_string()))
    };
    Grant {
        write: asked.write.iter().filter(is_granted).cloned().collect(),
        network: asked.network && granted.network.is_some_and(|network| network.enabled == Some(true)),
    }
}

fn words(grant: &Grant, scope: Scope) -> String {
    let folders = grant.write.iter().map(|folder| format!("writing in {}", folder.display()));
    let network = grant.network.then(|| "the network".to_owned());
    let granted: Vec<String> = folders.chain(network).collect();
    let time = match scope {
        Scope::Turn => "until this turn ends",
        Scope::Thread => "for the rest of this conversation",
    };
    format!("Granted {time}: {}.", granted.join(", "))
}
