//! The settings in force for a command, and the sentences about those that were ignored.

use std::io::Write;
use std::path::Path;

use codex_config::{Config, Sources};

use crate::arguments::Globals;
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
        project: Project<'_>,
    ) -> Result<Self, CommandError> {
        let sources = Sources {
            codex_home: environment.codex_home.clone(),
            system: Some(SYSTEM_FILE.into()),
            profile: globals.profile.clone(),
            cwd: match project {
                Project::Around(folder) => Some(folder.to_path_buf()),
                Project::Ignored => None,
            },
            overrides: globals.overrides.clone(),
            ..Sources::default()
        };
        let (config, warnings) = codex_config::load(&sources)?;
        Ok(Settings { config, warnings: warnings.iter().map(ToString::to_string).collect(), sources })
    }

    /// Says on standard error what was ignored.
    pub(crate) fn tell_warnings(&self) {
        for warning in &self.warnings {
            // With standard error closed there is nobody to tell.
            let _ = writeln!(std::io::stderr(), "warning: {warning}");
        }
    }
}
