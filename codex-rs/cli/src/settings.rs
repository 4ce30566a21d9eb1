//! The settings in force for a command, and the sentences about those that were ignored.

use std::io::Write;
use std::path::{Path, PathBuf};

use codex_config::{Config, SandboxMode, Sources, Strictness, UserFile};

use crate::arguments::{Globals, Reach, Sandbox};
use crate::environment::Environment;
use crate::error::CommandError;

/// The administrator's file.
const SYSTEM_FILE: &str = "/etc/codex/config.toml";

/// Whether settings of a project count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Project<'a> {
    /// Those of the project around this folder, as far as it is trusted.
    Around(&'a Path),
    /// The command has nothing to do with a project.
    Ignored,
}

/// What a command says about settings beside the options of all commands.
#[derive(Debug, Clone)]
pub(crate) struct Request<'a> {
    pub(crate) project: Project<'a>,
    pub(crate) user_file: UserFile,
    /// As arguments of `-c`; they win over those.
    pub(crate) overrides: Vec<String>,
    /// Folders that commands may also write in.
    pub(crate) writable_roots: Vec<PathBuf>,
}

impl Request<'_> {
    /// Of a command that has nothing to say.
    pub(crate) fn plain(project: Project<'_>) -> Request<'_> {
        Request { project, user_file: UserFile::Read, overrides: Vec::new(), writable_roots: Vec::new() }
    }
}

impl Reach {
    /// As settings, so that every door sees them and no project can loosen them.
    pub(crate) fn overrides(&self) -> Vec<String> {
        match (self.bypass, self.sandbox) {
            (true, _) => {
                vec!["sandbox_mode=\"danger-full-access\"".to_owned(), "approval_policy=\"never\"".to_owned()]
            }
            (false, Some(Sandbox::DangerFullAccess)) => {
                vec!["sandbox_mode=\"danger-full-access\"".to_owned()]
            }
            (false, Some(Sandbox::WorkspaceWrite)) => vec!["sandbox_mode=\"workspace-write\"".to_owned()],
            (false, Some(Sandbox::ReadOnly)) => vec!["sandbox_mode=\"read-only\"".to_owned()],
            (false, None) => Vec::new(),
        }
    }

    /// The folders of `--add-dir`, seen from `folder`.
    pub(crate) fn writable_roots(&self, folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
        let root = |named: &PathBuf| {
            let path = folder.join(named).canonicalize();
            let problem = match path {
                Ok(path) if path.is_dir() => return Ok(path),
                Ok(_) => "it is not a folder".to_owned(),
                Err(error) => error.to_string(),
            };
            Err(CommandError::failed(format!("--add-dir {} cannot be used: {problem}", named.display())))
        };
        self.add_dir.iter().map(root).collect()
    }
}

/// Settings, and what should be said about them.
pub(crate) struct Settings {
    pub(crate) config: Config,
    pub(crate) warnings: Vec<String>,
    /// Where they were read, to read them again.
    pub(crate) sources: Sources,
}

impl Settings {
    /// Reads all layers.
    pub(crate) fn load(
        globals: &Globals,
        environment: &Environment,
        request: Request<'_>,
    ) -> Result<Self, CommandError> {
        let Request { project, user_file, overrides, writable_roots } = request;
        let sources = Sources {
            codex_home: environment.codex_home.clone(),
            system: Some(SYSTEM_FILE.into()),
            profile: globals.profile.clone(),
            cwd: match project {
                Project::Around(folder) => Some(folder.to_path_buf()),
                Project::Ignored => None,
            },
            overrides: globals.overrides.iter().cloned().chain(overrides).collect(),
            writable_roots,
            user_file,
            strictness: if globals.strict_config { Strictness::Strict } else { Strictness::Lenient },
        };
        let (config, warnings) = codex_config::load(&sources)?;
        let mut warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
        if !sources.writable_roots.is_empty() && config.sandbox_mode == Some(SandboxMode::ReadOnly) {
            warnings.push("--add-dir does nothing under the sandbox \"read-only\"".to_owned());
        }
        Ok(Settings { config, warnings, sources })
    }

    /// Says on standard error what was ignored.
    pub(crate) fn tell_warnings(&self) {
        for warning in &self.warnings {
            // With standard error closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "warning: {warning}");
        }
    }
}
