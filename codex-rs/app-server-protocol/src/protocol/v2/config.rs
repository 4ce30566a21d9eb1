//! Settings (wire-facts §5, §8).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `config/read`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfigReadParams {
    /// Also list the layers. Not built: the answer's `layers` is always `null`.
    pub include_layers: bool,
    /// The folder whose project's settings count, as far as it is trusted.
    pub cwd: Option<String>,
}

/// The answer to `config/read`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConfigReadResponse {
    /// The settings in force, by their names in `config.toml`; those that are not set are absent or `null`.
    pub config: Map<String, Value>,
    /// Where each comes from. Not built: always empty.
    pub origins: Map<String, Value>,
    /// Not built: always `null`.
    pub layers: Option<Value>,
}

impl ConfigReadResponse {
    /// `projects."<folder>".trust_level`, where the person has said.
    pub fn trust_level(&self, folder: &str) -> Option<&str> {
        self.config.get("projects")?.get(folder)?.get("trust_level")?.as_str()
    }
}

/// `config/value/write`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigValueWriteParams {
    /// The dotted key, quoted as in TOML where needed.
    pub key_path: String,
    /// The new value; `null` removes it.
    pub value: Value,
    /// `replace` or `upsert`; the same here, as values are not merged.
    #[serde(default)]
    pub merge_strategy: MergeStrategy,
    /// Only the person's `config.toml` is written.
    #[serde(default)]
    pub file_path: Option<String>,
    /// The version the client has seen; refused if another is there.
    #[serde(default)]
    pub expected_version: Option<String>,
}

/// What happens to a value that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MergeStrategy {
    /// It is replaced.
    #[default]
    Replace,
    /// Tables are merged.
    Upsert,
}

impl ConfigValueWriteParams {
    /// Sets one key in the person's `config.toml`.
    pub fn set(key_path: impl Into<String>, value: Value) -> Self {
        ConfigValueWriteParams {
            key_path: key_path.into(),
            value,
            merge_strategy: MergeStrategy::Replace,
            file_path: None,
            expected_version: None,
        }
    }
}

/// The answer to `config/value/write`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigWriteResponse {
    /// `ok`, or `okOverridden` where another layer still wins.
    pub status: ConfigWriteStatus,
    /// The file's version after it.
    pub version: String,
    /// The file, absolute.
    pub file_path: String,
    /// Not built: always `null`.
    pub overridden_metadata: Option<Value>,
}

/// Whether what was written counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConfigWriteStatus {
    /// It does.
    Ok,
    /// Another layer wins over it.
    OkOverridden,
}
