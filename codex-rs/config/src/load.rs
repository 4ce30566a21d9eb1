//! Reads the layers in their order: system, person, profile, trusted project, command line.

use std::path::{Path, PathBuf};

use toml_edit::{Document, Item, Table, Value};

use crate::config::Config;
use crate::error::{ConfigError, Origin, UnknownKey, Warning};
use crate::in_force::InForce;
use crate::layer::{self, Author, Layer, Reading};
use crate::project;

/// Where settings are looked for. Files that do not exist are no error.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The folder of `config.toml`.
    pub codex_home: PathBuf,
    /// The administrator's file.
    pub system: Option<PathBuf>,
    /// `-p NAME`: `<NAME>.config.toml` beside `config.toml`.
    pub profile: Option<String>,
    /// The working folder, to find the project by; `None`: no project's settings are read.
    pub cwd: Option<PathBuf>,
    /// The arguments of `-c`: `key=value`, the value in TOML, else taken as text.
    pub overrides: Vec<String>,
    /// `--add-dir`: more folders for `sandbox_workspace_write.writable_roots`, absolute.
    pub writable_roots: Vec<PathBuf>,
    /// Whether the person's `config.toml` counts.
    pub user_file: UserFile,
    /// What an unknown key is.
    pub strictness: Strictness,
}

/// Whether the person's `config.toml` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserFile {
    /// It does.
    #[default]
    Read,
    /// It does not (`--ignore-user-config`); a profile that is asked for still does.
    Ignored,
}

/// What a key is that neither this nor the official program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// A warning.
    #[default]
    Lenient,
    /// An error (`--strict-config`).
    Strict,
}

impl Sources {
    /// The same for another working folder, unless projects count for nothing here.
    #[must_use]
    pub fn around(self, folder: &Path) -> Self {
        Sources { cwd: self.cwd.is_some().then(|| folder.to_path_buf()), ..self }
    }
}

/// The largest settings file that is read.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024;

/// Reads all layers. A later one wins, setting by setting.
pub fn load(sources: &Sources) -> Result<(Config, Vec<Warning>), ConfigError> {
    read(sources).map(|Reading { config, warnings, .. }| (config, warnings))
}

/// As [`load`], but gives the settings by name and where each comes from.
pub fn in_force(sources: &Sources) -> Result<InForce, ConfigError> {
    read(sources).map(|reading| reading.in_force)
}

fn read(sources: &Sources) -> Result<Reading, ConfigError> {
    let mut reading = Reading::default();
    for path in person_files(sources)? {
        apply_file(&path, Author::Person, &mut reading)?;
    }
    let overrides = parse_overrides(&sources.overrides)?;
    let own_markers = if let Some(cwd) = &sources.cwd {
        // The command line may trust a project; what else it says comes after the project's settings, which it bounds.
        let mut person = Reading { config: reading.config.clone(), ..Reading::default() };
        apply_overrides(&overrides, sources, &mut person)?;
        let person = person.config;
        for path in project::files(cwd, &sources.codex_home, &person, &mut reading.warnings) {
            apply_file(&path, Author::Project(&person), &mut reading)?;
        }
        Some(person.project_root_markers)
    } else {
        None
    };
    apply_overrides(&overrides, sources, &mut reading)?;
    reading.config.trust_markers = own_markers.unwrap_or_else(|| reading.config.project_root_markers.clone());
    if reading.config.model_provider != "openai" {
        return Err(ConfigError::CustomProvider);
    }
    let roots = &mut reading.config.sandbox_workspace_write.writable_roots;
    roots.extend(sources.writable_roots.iter().cloned());
    layer::leave_out_useless_servers(&mut reading.config, &mut reading.warnings);
    match sources.strictness {
        Strictness::Lenient => Ok(reading),
        Strictness::Strict => match reading.warnings.iter().find_map(unknown_key) {
            Some(unknown) => Err(ConfigError::UnknownKey(unknown.clone())),
            None => Ok(reading),
        },
    }
}

fn unknown_key(warning: &Warning) -> Option<&UnknownKey> {
    match warning {
        Warning::UnknownKey(unknown) => Some(unknown),
        Warning::NotForProjects { .. }
        | Warning::NotBuilt { .. }
        | Warning::McpServer { .. }
        | Warning::Ignored { .. }
        | Warning::UntrustedProject { .. } => None,
    }
}

fn person_files(sources: &Sources) -> Result<Vec<PathBuf>, ConfigError> {
    let mut files: Vec<PathBuf> = sources.system.iter().cloned().collect();
    match sources.user_file {
        UserFile::Read => files.push(sources.codex_home.join("config.toml")),
        UserFile::Ignored => {}
    }
    if let Some(profile) = &sources.profile {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if profile.is_empty() || profile.starts_with('.') || !profile.bytes().all(is_plain) {
            return Err(ConfigError::ProfileName);
        }
        files.push(sources.codex_home.join(format!("{profile}.config.toml")));
    }
    Ok(files)
}

fn apply_file(path: &Path, author: Author<'_>, reading: &mut Reading) -> Result<(), ConfigError> {
    let Some(text) = read_text(path)? else { return Ok(()) };
    let document: Document<String> = layer::parse(path, text)?;
    let layer = Layer {
        origin: Origin::File(path.to_path_buf()),
        text: document.raw(),
        folder: path.parent(),
        author,
    };
    layer.apply(document.as_table(), reading)
}

/// The text of a settings file; `None` if there is none.
pub(crate) fn read_text(path: &Path) -> Result<Option<String>, ConfigError> {
    let Some(file) = codex_durable_fs::read_private(path, MAX_BYTES)? else { return Ok(None) };
    match String::from_utf8(file.bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = good.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            Err(ConfigError::NotUtf8 { path: path.to_path_buf(), line, column })
        }
    }
}

fn parse_overrides(overrides: &[String]) -> Result<Vec<Table>, ConfigError> {
    let parse = |argument: &String| {
        let (key, text) = argument.split_once('=')?;
        let text = text.trim();
        let value = text.parse::<Value>().unwrap_or_else(|_| Value::from(text));
        layer::nested(key.trim(), Item::Value(value))
    };
    overrides.iter().map(|argument| parse(argument).ok_or(ConfigError::Override)).collect()
}

fn apply_overrides(overrides: &[Table], sources: &Sources, reading: &mut Reading) -> Result<(), ConfigError> {
    let text = sources.overrides.join("\n");
    let layer = Layer {
        origin: Origin::CommandLine,
        text: &text,
        folder: sources.cwd.as_deref(),
        author: Author::Person,
    };
    overrides.iter().try_for_each(|table| layer.apply(table, reading))
}
