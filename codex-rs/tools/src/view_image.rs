//! `view_image`: shows the model an image file (wire-facts §10.1). The file is read through [`codex_sandbox::Files`] only.

use std::path::{Path, PathBuf};

use codex_sandbox::{Files, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::arguments::{self, BadCall};
use crate::image::{self, LARGEST, NoImage};

/// The tool's name.
pub const NAME: &str = "view_image";

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Shows you an image file of this machine: PNG, JPEG, GIF or WebP. Use it only for images that are \
            not in the conversation yet.",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {
                "path": {
                    "type": "string",
                    "description": "The file; a relative path starts from the working directory of this conversation.",
                },
            },
            "required": ["path"],
            "additionalProperties": false,
        },
    })
}

/// One call, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewing {
    path: PathBuf,
}

#[derive(Deserialize)]
struct Arguments {
    path: String,
}

impl Viewing {
    /// Reads the arguments of a call. `cwd` is where relative paths start from, absolute.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str, cwd: &Path) -> Result<Self, BadCall> {
        let asked: Arguments = arguments::read(NAME, arguments, "a JSON object with the string `path`")?;
        let bad = |problem: &str| BadCall { tool: NAME, problem: problem.to_owned() };
        if asked.path.trim().is_empty() {
            return Err(bad("`path` is empty."));
        }
        if asked.path.contains('\0') {
            return Err(bad("`path` holds a NUL character, which no path can."));
        }
        Ok(Viewing { path: cwd.join(asked.path) })
    }

    /// The file, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the model gets: content parts. Blocks.
    ///
    /// # Errors
    /// When the file may not be read or is no image that can be sent; the text goes to the model.
    pub fn parts(&self, files: &Files) -> Result<Vec<Value>, BadCall> {
        let wrong = |problem: String| BadCall {
            tool: NAME,
            problem: format!("`{}` {problem}.", self.path.display()),
        };
        let bytes = files.read(&self.path, LARGEST).map_err(|error| match error.problem {
            Problem::TooLarge { .. } => wrong(NoImage::TooLarge.to_string()),
            problem => wrong(problem.to_string()),
        })?;
        let bytes = bytes.ok_or_else(|| wrong("does not exist".to_owned()))?;
        let image_url = image::data_url(&bytes).map_err(|problem| wrong(problem.to_string()))?;
        Ok(vec![json!({"type": "input_image", "image_url": image_url})])
    }
}

#[cfg(test)]
mod tests;
