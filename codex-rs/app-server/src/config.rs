//! `config/read`, `config/value/write`, `config/batchWrite`, and the settings that a new thread begins with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use codex_app_server_protocol::{
    ClientResponse, ConfigBatchWriteParams, ConfigEdit, ConfigLayerMetadata, ConfigLayerSource,
    ConfigReadParams, ConfigReadResponse, ConfigWriteResponse, ConfigWriteStatus, MergeStrategy,
    OverriddenMetadata, RpcError,
};
use codex_config::{Config, Expected, InForce, Origin, PersistedValue, Set, Sources};
use serde_json::Value;

use crate::refusal;

/// The settings in force for a folder, read on a thread that may wait for the disk, and what is odd about them, for
/// people.
pub(crate) async fn load(sources: Sources, folder: PathBuf) -> Result<(Config, Vec<String>), RpcError> {
    blocking(move || {
        let (config, warnings) = codex_config::load(&sources.around(&folder)).map_err(refusal::config)?;
        Ok((config, warnings.iter().map(ToString::to_string).collect()))
    })
    .await
}

/// The settings in force, by name, each with where it comes from. Without a folder no project's count.
pub(crate) async fn read(sources: Sources, params: ConfigReadParams) -> Result<ClientResponse, RpcError> {
    let ConfigReadParams { include_layers: _, cwd } = params;
    let sources = match cwd.map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => sources.around(&folder),
        Some(_) => {
            return Err(RpcError::invalid_request("`cwd` is not an absolute path; give the full path."));
        }
        None => Sources { cwd: None, ..sources },
    };
    blocking(move || {
        let in_force = codex_config::in_force(&sources).map_err(refusal::config)?;
        let origins = in_force.iter().map(|(path, set)| (path.join("."), layer(set, &sources)));
        Ok(ClientResponse::ConfigRead(ConfigReadResponse {
            config: in_force.tree(),
            origins: origins.collect::<BTreeMap<_, _>>(),
            layers: None,
        }))
    })
    .await
}

/// Writes settings to the person's `config.toml`: all of them or none.
pub(crate) async fn write(
    sources: Sources,
    params: ConfigBatchWriteParams,
) -> Result<ConfigWriteResponse, RpcError> {
    let ConfigBatchWriteParams { edits, file_path, expected_version } = params;
    let file = sources.codex_home.join("config.toml");
    if file_path.is_some_and(|named| Path::new(&named) != file) {
        return Err(refusal::config_write_because(
            "configLayerReadonly",
            "Only your own config.toml can be written; leave `filePath` out.",
        ));
    }
    let mut changes = Vec::new();
    for ConfigEdit { key_path, value, merge_strategy } in edits {
        flatten(key_path, value, merge_strategy, &mut changes)?;
    }
    blocking(move || {
        let expected = expected_version.as_deref().map_or(Expected::Any, Expected::Version);
        let written: Vec<_> = changes.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
        let version =
            codex_config::write(&sources.codex_home, &written, expected).map_err(refusal::config_write)?;
        // Another layer that cannot be read does not undo what is written; it is told when a thread starts.
        let in_force = codex_config::in_force(&sources).unwrap_or_default();
        let overridden = changes.iter().find_map(|(key, _)| overridden(key, &in_force, &sources));
        Ok(ConfigWriteResponse {
            status: match overridden {
                Some(_) => ConfigWriteStatus::OkOverridden,
                None => ConfigWriteStatus::Ok,
            },
            version,
            file_path: file.display().to_string(),
            overridden_metadata: overridden,
        })
    })
    .await
}

/// The layer that wins over the person's `config.toml`, if one does.
fn overridden(key: &str, in_force: &InForce, sources: &Sources) -> Option<OverriddenMetadata> {
    let names = codex_config::names(key)?;
    let (_, set) = in_force.iter().find(|(path, _)| *path == names)?;
    let overriding_layer = layer(set, sources);
    let because = match &overriding_layer.name {
        ConfigLayerSource::User { profile: None, .. } => return None,
        ConfigLayerSource::User { profile: Some(_), .. } => "the profile in use",
        ConfigLayerSource::System { .. } => "the administrator's settings",
        ConfigLayerSource::Project { .. } => "the project's settings",
        ConfigLayerSource::SessionFlags => "the command line (-c)",
    };
    Some(OverriddenMetadata {
        message: format!("It is written, but {because} wins over it."),
        overriding_layer,
        effective_value: set.value.clone(),
    })
}

fn layer(set: &Set, sources: &Sources) -> ConfigLayerMetadata {
    let home = sources.codex_home.as_path();
    let name = match &set.origin {
        Origin::CommandLine | Origin::Thread => ConfigLayerSource::SessionFlags,
        Origin::File(path) if sources.system.as_ref() == Some(path) => {
            ConfigLayerSource::System { file: path.display().to_string() }
        }
        Origin::File(path) if path.parent() == Some(home) => {
            let profile = sources.profile.clone().filter(|_| *path != home.join("config.toml"));
            ConfigLayerSource::User { file: path.display().to_string(), profile }
        }
        Origin::File(path) => {
            let folder = path.parent().unwrap_or(path);
            ConfigLayerSource::Project { dot_codex_folder: folder.display().to_string() }
        }
    };
    ConfigLayerMetadata { name, version: set.version.clone() }
}

/// A table as its settings, unless it is to be written as a whole; anything else as itself.
fn flatten(
    key: String,
    value: Value,
    strategy: MergeStrategy,
    changes: &mut Vec<(String, PersistedValue)>,
) -> Result<(), RpcError> {
    let Value::Object(members) = value else {
        changes.push((key, persisted(value)?));
        return Ok(());
    };
    let is_whole = match strategy {
        MergeStrategy::Replace => codex_config::is_named_table(&key) || codex_config::takes_table(&key),
        MergeStrategy::Upsert => codex_config::takes_table(&key),
    };
    if is_whole {
        changes.push((key, persisted(Value::Object(members))?));
        return Ok(());
    }
    if strategy == MergeStrategy::Replace {
        return Err(not_valid("This table can only be merged; use mergeStrategy `upsert`."));
    }
    for (name, member) in members {
        flatten(format!("{key}.{}", codex_config::quoted(&name)), member, strategy, changes)?;
    }
    Ok(())
}

fn persisted(value: Value) -> Result<PersistedValue, RpcError> {
    Ok(match value {
        Value::Null => PersistedValue::Absent,
        Value::Bool(truth) => PersistedValue::Truth(truth),
        Value::String(text) => PersistedValue::Text(text),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => PersistedValue::WholeNumber(number),
            (None, Some(number)) => PersistedValue::Number(number),
            (None, None) => return Err(not_valid("The number is too large for a setting.")),
        },
        Value::Array(members) => {
            let texts = members.into_iter().map(|member| match member {
                Value::String(text) => Some(text),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
            });
            let texts = texts.collect::<Option<Vec<_>>>();
            PersistedValue::Texts(texts.ok_or_else(|| not_valid("A list in the settings holds texts only."))?)
        }
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, member)| Ok((name, persisted(member)?)));
            PersistedValue::Table(members.collect::<Result<_, RpcError>>()?)
        }
    })
}

fn not_valid(why: &str) -> RpcError {
    refusal::config_write_because("configValidationError", why)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RpcError> + Send + 'static,
) -> Result<T, RpcError> {
    let ended = |_| RpcError::internal("The settings were not read to the end; try again.");
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}
