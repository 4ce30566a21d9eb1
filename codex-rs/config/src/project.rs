//! Finds the settings files that a project brings along, and whether the person trusts them.

use std::path::{Path, PathBuf};

use crate::choices::TrustLevel;
use crate::config::Config;
use crate::error::Warning;

/// The project's settings files, from its root down to `cwd`, that `config` trusts. A file without trust is a
/// warning. The person's own `config.toml` is never taken for a project's.
pub(crate) fn files(
    cwd: &Path,
    codex_home: &Path,
    config: &Config,
    warnings: &mut Vec<Warning>,
) -> Vec<PathBuf> {
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_path_buf());
    let home = codex_home.canonicalize().unwrap_or_else(|_| codex_home.to_path_buf());
    let folders = folders_of_project(&cwd, &config.project_root_markers);
    let mut trust = None;
    let mut files = Vec::new();
    for folder in folders.iter().rev() {
        trust = trust_of(folder, config).or(trust);
        let settings = folder.join(".codex");
        if settings.canonicalize().is_ok_and(|settings| settings == home) {
            continue;
        }
        let path = settings.join("config.toml");
        match trust {
            // What cannot be looked at is not skipped in silence.
            _ if !path.try_exists().unwrap_or(true) => {}
            Some(TrustLevel::Trusted) => files.push(path),
            Some(TrustLevel::Untrusted) | None => warnings.push(Warning::UntrustedProject { path }),
        }
    }
    files
}

/// What the person has said of a folder, or of the project that it is a part of; the nearest word counts.
pub fn trust(cwd: &Path, config: &Config) -> Option<TrustLevel> {
    let cwd = cwd.canonicalize().unwrap_or_else(|_| cwd.to_path_buf());
    let folders = folders_of_project(&cwd, &config.trust_markers);
    folders.into_iter().find_map(|folder| trust_of(folder, config))
}

/// From `cwd` up to the nearest folder that holds one of the markers; without one, `cwd` alone.
fn folders_of_project<'a>(cwd: &'a Path, markers: &[String]) -> Vec<&'a Path> {
    let is_root = |folder: &Path| markers.iter().any(|marker| folder.join(marker).exists());
    match cwd.ancestors().position(is_root) {
        Some(above) => cwd.ancestors().take(above + 1).collect(),
        None => vec![cwd],
    }
}

/// Paths are compared after links are resolved, since people write them either way.
fn trust_of(folder: &Path, config: &Config) -> Option<TrustLevel> {
    let is_this = |path: &str| {
        let path = Path::new(path);
        path == folder || path.canonicalize().is_ok_and(|path| path == folder)
    };
    let levels: Vec<TrustLevel> =
        config.projects.iter().filter(|(path, _)| is_this(path)).map(|(_, level)| *level).collect();
    // Two spellings of one folder that disagree: the careful one counts.
    if levels.contains(&TrustLevel::Untrusted) {
        Some(TrustLevel::Untrusted)
    } else {
        levels.first().copied()
    }
}
