//! `update_plan`: the model's list of steps, for people to follow (wire-facts §10.1). Nothing is done with it here.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::arguments::{self, BadCall};

/// The tool's name.
pub const NAME: &str = "update_plan";
/// What the model is told.
pub const DONE: &str = "Plan updated";
/// The most steps a person can follow.
const MOST_STEPS: usize = 100;

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Shows the person a plan of steps and how far each is. Send the whole plan each time; at most one \
            step is in_progress.",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {
                "explanation": {"type": "string", "description": "Why the plan changed."},
                "plan": {
                    "type": "array",
                    "description": "The steps in order.",
                    "items": {
                        "type": "object",
                        "properties": {
                            "step": {"type": "string"},
                            "status": {"type": "string", "enum": ["pending", "in_progress", "completed"]},
                        },
                        "required": ["step", "status"],
                        "additionalProperties": false,
                    },
                },
            },
            "required": ["plan"],
            "additionalProperties": false,
        },
    })
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Plan {
    /// Why it changed.
    pub explanation: Option<String>,
    /// The steps in order.
    #[serde(rename = "plan")]
    pub steps: Vec<Step>,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Step {
    /// What is to be done.
    pub step: String,
    /// How far it is.
    pub status: Status,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not begun.
    Pending,
    /// Being done.
    InProgress,
    /// Done.
    Completed,
}

impl Plan {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str) -> Result<Self, BadCall> {
        let shape = "a JSON object with the list `plan` of objects with `step` and `status`";
        let plan: Plan = arguments::read(NAME, arguments, shape)?;
        if plan.steps.len() > MOST_STEPS {
            let problem = format!("`plan` has more than {MOST_STEPS} steps; name fewer.");
            return Err(BadCall { tool: NAME, problem });
        }
        Ok(plan)
    }
}
