//! `config/read` and `config/value/write`: the settings in force, and lossless changes of the person's file.

use std::path::{Path, PathBuf};

use codex_app_server_protocol::{
    ClientResponse, ConfigReadParams, ConfigReadResponse, ConfigValueWriteParams, ConfigWriteResponse,
    ConfigWriteStatus, RpcError,
};
use codex_config::{Config, PersistedValue};
use serde_json::{Map, Value, json};

use crate::refusal;
use crate::server::SettingsSource;

/// Reads all layers anew.
pub(crate) async fn read(
    source: SettingsSource,
    default_folder: PathBuf,
    params: ConfigReadParams,
) -> Result<ClientResponse, RpcError> {
    let folder = params.cwd.map_or(default_folder, PathBuf::from);
    let config = load(source, folder).await?;
    let response = ConfigReadResponse { config: members(&config), origins: Map::new(), layers: None };
    Ok(ClientResponse::ConfigRead(response))
}

/// The settings in force for a folder, read on a thread that may wait for the disk.
pub(crate) async fn load(source: SettingsSource, folder: PathBuf) -> Result<Config, RpcError> {
    tokio::task::spawn_blocking(move || source.load(&folder))
        .await
        .map_err(|_| RpcError::internal("The settings were not read; try again."))?
        .map_err(refusal::config)
}

/// Changes one setting in the person's `config.toml`.
pub(crate) async fn write(
    codex_home: PathBuf,
    params: ConfigValueWriteParams,
) -> Result<ClientResponse, RpcError> {
    let path = codex_home.join("config.toml");
    if params.file_path.as_ref().is_some_and(|named| Path::new(named) != path) {
        let why = format!("Only {} can be written; leave `filePath` out.", path.display());
        return Err(RpcError::invalid_request(why));
    }
    if params.expected_version.is_some() {
        return Err(RpcError::invalid_request(
            "Versions of settings files are not built; leave `expectedVersion` out.",
        ));
    }
    let value = persisted(&params.value)?;
    tokio::task::spawn_blocking(move || {
        codex_config::set_persistent(&codex_home, &[(params.key_path.as_str(), value)])
    })
    .await
    .map_err(|_| RpcError::internal("The setting was not written; try again."))?
    .map_err(refusal::config)?;
    Ok(ClientResponse::ConfigValueWrite(ConfigWriteResponse {
        status: ConfigWriteStatus::Ok,
        version: String::new(),
        file_path: path.display().to_string(),
        overridden_metadata: None,
    }))
}

fn persisted(value: &Value) -> Result<PersistedValue, RpcError> {
    match value {
        Value::Null => Ok(PersistedValue::Absent),
        Value::String(text) => Ok(PersistedValue::Text(text.clone())),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(PersistedValue::WholeNumber(whole)),
            (None, Some(number)) => Ok(PersistedValue::Number(number)),
            (None, None) => Err(RpcError::invalid_request("That number is too large for a setting.")),
        },
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            Err(RpcError::invalid_request("Only text, numbers and `null` can be written as a setting."))
        }
    }
}

/// The settings that clients ask for, by their names in `config.toml`.
fn members(config: &Config) -> Map<String, Value> {
    let projects: Map<String, Value> = config
        .projects
        .iter()
        .map(|(path, level)| (path.clone(), json!({ "trust_level": level.as_str() })))
        .collect();
    let members = json!({
        "model": config.model,
        "model_provider": config.model_provider,
        "model_reasoning_effort": config.model_reasoning_effort,
        "model_reasoning_summary": config.model_reasoning_summary.map(|summary| summary.as_str()),
        "model_verbosity": config.model_verbosity.map(|verbosity| verbosity.as_str()),
        "service_tier": config.service_tier,
        "approval_policy": config.approval_policy.map(|policy| policy.as_str()),
        "sandbox_mode": config.sandbox_mode.map(|mode| mode.as_str()),
        "projects": projects,
        "fallback": { "mode": config.fallback.mode.as_str(), "model": config.fallback.model },
    });
    match members {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
