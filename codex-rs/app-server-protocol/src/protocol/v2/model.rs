//! The models one can choose (`model/list`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `model/list`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ModelListParams {
    /// Ignored: all models fit on a page.
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
    /// The slug that is offered in its place; always `null` here.
    pub upgrade: Option<String>,
    /// Always `null` here.
    pub upgrade_info: Option<Value>,
    /// Always `null` here.
    pub availability_nux: Option<Value>,
    /// For people.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// Always `null` here.
    pub model_specialty: Option<String>,
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
    /// Always `null` here.
    pub multi_agent_version: Option<String>,
    /// Always empty here.
    pub additional_speed_tiers: Vec<String>,
    /// Always empty here.
    pub service_tiers: Vec<Value>,
    /// Always `null` here.
    pub default_service_tier: Option<String>,
    /// Always `null` here.
    pub available_access_programs: Option<Value>,
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
