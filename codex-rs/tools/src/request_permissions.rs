//! `request_permissions`: the model asks for more than its walls allow, for several commands at once.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::arguments::{self, BadCall};

/// The tool's name.
pub const NAME: &str = "request_permissions";
/// The most folders that a person can judge at once.
const MOST_FOLDERS: usize = 20;

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Asks the person for more permissions than the sandbox gives, where several commands need them: \
            to write in further folders, or to use the network. Tells what was granted. For a single command use \
            exec_command with require_escalated.",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {
                "reason": {"type": "string", "description": "What for, for the person, in a sentence."},
                "write": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Existing folders to write in.",
                },
                "network": {"type": "boolean", "description": "Whether the network is needed. Default false."},
            },
            "required": ["reason"],
            "additionalProperties": false,
        },
    })
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Wish {
    /// What for, in the model's words.
    pub reason: String,
    /// Folders to write in, as the model named them.
    #[serde(default)]
    pub write: Vec<PathBuf>,
    /// Whether the network is needed.
    #[serde(default)]
    pub network: bool,
}

impl Wish {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str) -> Result<Self, BadCall> {
        let wish: Wish = arguments::read(NAME, arguments, "a JSON object with the string `reason`")?;
        let bad = |problem: &str| Err(BadCall { tool: NAME, problem: problem.to_owned() });
        match (wish.write.len(), wish.network) {
            (0, false) => bad("it asks for nothing; name folders in `write`, or set `network`."),
            (folders, _) if folders > MOST_FOLDERS => {
                bad("it names too many folders; name those that are needed.")
            }
            _ => Ok(wish),
        }
    }
}
