//! Settings (wire-facts §5, §8).

use std::collections::BTreeMap;

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
    /// Where each that is set comes from, by its dotted name.
    pub origins: BTreeMap<String, ConfigLayerMetadata>,
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
    /// Whether a table is merged with what is there. Any other value takes the old one's place either way.
    #[serde(default)]
    pub merge_strategy: MergeStrategy,
    /// The file; only the person's `config.toml` is written.
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
    /// It is replaced. Not built for tables.
    #[default]
    Replace,
    /// Tables are merged, setting by setting.
    Upsert,
}

/// `config/batchWrite`: all of it is written, or nothing.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigBatchWriteParams {
    /// The settings.
    pub edits: Vec<ConfigEdit>,
    /// The file; only the person's `config.toml` is written.
    #[serde(default)]
    pub file_path: Option<String>,
    /// The version the client has seen; refused if another is there.
    #[serde(default)]
    pub expected_version: Option<String>,
}

/// One setting of a `config/batchWrite`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigEdit {
    /// The dotted key, quoted as in TOML where needed.
    pub key_path: String,
    /// The new value; `null` removes it.
    pub value: Value,
    /// Whether a table is merged with what is there.
    #[serde(default)]
    pub merge_strategy: MergeStrategy,
}

impl ConfigBatchWriteParams {
    /// Sets these keys in the person's `config.toml`.
    pub fn set<const N: usize>(edits: [(&str, Value); N]) -> Self {
        let edit = |(key_path, value): (&str, Value)| ConfigEdit {
            key_path: key_path.to_owned(),
            value,
            merge_strategy: MergeStrategy::Replace,
        };
        ConfigBatchWriteParams {
            edits: edits.into_iter().map(edit).collect(),
            file_path: None,
            expected_version: None,
        }
    }
}

impl From<ConfigValueWriteParams> for ConfigBatchWriteParams {
    fn from(params: ConfigValueWriteParams) -> Self {
        let ConfigValueWriteParams { key_path, value, merge_strategy, file_path, expected_version } = params;
        let edits = vec![ConfigEdit { key_path, value, merge_strategy }];
        ConfigBatchWriteParams { edits, file_path, expected_version }
    }
}

/// The answer to `config/value/write` and `config/batchWrite`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfigWriteResponse {
    /// `ok`, or `okOverridden` where another layer still wins.
    pub status: ConfigWriteStatus,
    /// The file's version after it.
    pub version: String,
    /// The file, absolute.
    pub file_path: String,
    /// The layer that wins, where one does.
    pub overridden_metadata: Option<OverriddenMetadata>,
}

/// Why a value that was written does not count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverriddenMetadata {
    /// For people.
    pub message: String,
    /// The layer that wins.
    pub overriding_layer: ConfigLayerMetadata,
    /// Its value.
    pub effective_value: Value,
}

/// A layer of settings as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigLayerMetadata {
    /// Which one.
    pub name: ConfigLayerSource,
    /// Its version, for `expectedVersion`.
    pub version: String,
}

/// A layer of settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum ConfigLayerSource {
    /// The administrator's file.
    System {
        /// Absolute.
        file: String,
    },
    /// The person's `config.toml`, or the profile beside it.
    User {
        /// Absolute.
        file: String,
        /// The profile's name, if it is one.
        profile: Option<String>,
    },
    /// A trusted project's.
    Project {
        /// The project's `.codex` folder, absolute.
        dot_codex_folder: String,
    },
    /// The command line's.
    SessionFlags,
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
