//! The models that can be chosen. A list of our own: the service's catalogue is not asked for.

use codex_app_server_protocol::{Model, ReasoningEffortOption};

use crate::DEFAULT_MODEL;

/// Efforts, from the quickest to the most thorough, and what to say of them.
const EFFORTS: &[(&str, &str)] = &[
    ("low", "Answers quickly"),
    ("medium", "A balance for everyday work"),
    ("high", "Thinks longer, for hard problems"),
    ("xhigh", "Thinks longest; slow, and uses up a limit soonest"),
];

const DEFAULT_EFFORT: &str = "medium";

/// Slug, name, description.
const MODELS: &[(&str, &str, &str)] = &[
    (DEFAULT_MODEL, "GPT-5.5", "The default, and the model that this program is tested with"),
    ("gpt-6.1-sol", "GPT-6.1 Sol", "The official program's default; unverified here"),
];

/// The models, the default first. Other slugs can be typed and are passed on as they are.
pub fn models() -> Vec<Model> {
    MODELS.iter().map(|(slug, name, description)| model(slug, name, description)).collect()
}

fn model(slug: &str, name: &str, description: &str) -> Model {
    let effort = |(effort, description): &(&str, &str)| ReasoningEffortOption {
        reasoning_effort: (*effort).to_owned(),
        description: (*description).to_owned(),
    };
    Model {
        id: slug.to_owned(),
        model: slug.to_owned(),
        upgrade: None,
        upgrade_info: None,
        availability_nux: None,
        display_name: name.to_owned(),
        description: description.to_owned(),
        model_specialty: None,
        hidden: false,
        supported_reasoning_efforts: EFFORTS.iter().map(effort).collect(),
        default_reasoning_effort: DEFAULT_EFFORT.to_owned(),
        input_modalities: vec!["text".to_owned(), "image".to_owned()],
        supports_personality: false,
        multi_agent_version: None,
        additional_speed_tiers: Vec::new(),
        service_tiers: Vec::new(),
        default_service_tier: None,
        available_access_programs: None,
        is_default: slug == DEFAULT_MODEL,
    }
}
