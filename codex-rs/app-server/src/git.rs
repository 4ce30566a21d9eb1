//! `gitDiff`: what has changed in a folder. Without the person's trust git is not run.

use std::path::PathBuf;

use codex_app_server_protocol::{ClientResponse, GitDiffParams, GitDiffResponse, RpcError};
use codex_config::Sources;
use codex_core::Engine;

use crate::config;

pub(crate) async fn diff(
    engine: Engine,
    settings: Sources,
    params: GitDiffParams,
) -> Result<ClientResponse, RpcError> {
    let folder = PathBuf::from(params.cwd);
    if !folder.is_absolute() {
        return Err(RpcError::invalid_request("`cwd` is not an absolute path; give the full path."));
    }
    // Read anew: the person may have trusted the folder, or thought better of it, since the thread began.
    let (config, _) = config::load(settings, folder.clone()).await?;
    let response = match engine.git_diff(&config, &folder).await {
        Ok(diff) => GitDiffResponse { diff, unavailable: None },
        Err(why) => GitDiffResponse { diff: String::new(), unavailable: Some(why.to_string()) },
    };
    Ok(ClientResponse::GitDiff(response))
}
