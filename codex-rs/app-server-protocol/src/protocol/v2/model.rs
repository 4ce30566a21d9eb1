//! The models one can choose (`model/list`).

use serde::{Deserialize, Serialize};

/// `model/list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelListParams {
    /// Where the last page ended; there is only one.
    pub cursor: Option<String>,
    /// Ignored: all models fit on a page.
    pub limit: Option<u32>,
}

/// The answer to `model/list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelListResponse {
    /// The models, the default first.
    pub data: Vec<Model>,
    /// Always `null`: there is one page.
    pub next_cursor: Option<String>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The same as `model`.
    pub id: String,
    /// The slug that requests name.
    pub model: String,
    /// Always `null` here.
    pub upgrade: Option<String>,
    /// For people.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// Whether lists leave it out.
    pub hidden: bool,
    /// From the quickest to the most thorough.
    pub supported_reasoning_efforts: Vec<ReasoningEffortOption>,
    /// The model's own.
    pub default_reasoning_effort: String,
    /// `text` and `image`.
    pub input_modalities: Vec<String>,
    /// Always `false` here.
    pub supports_personality: bool,
    /// Whether it answers where nothing is set.
    pub is_default: bool,
}

/// An effort that a model can take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReasoningEffortOption {
    /// Its name in requests.
    pub reasoning_effort: String,
    /// For people.
    pub description: String,
}
