//! One tool of a server, and its name for the model.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::schema;

/// The longest name of a function that the Responses API takes.
const NAME_LIMIT: usize = 64;
/// Digits of the hash that tells names apart which the rules made alike.
const HASH_DIGITS: usize = 8;
/// The longest description that is passed on, in bytes: every request carries it.
const DESCRIPTION_LIMIT: usize = 8 * 1024;
/// The largest schema that is passed on, in bytes.
const SCHEMA_LIMIT: usize = 64 * 1024;

/// A tool that a server offers.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// The server's name in the settings.
    pub server: String,
    /// The server's own name for it.
    pub name: String,
    /// Its name for the model: `mcp__SERVER__TOOL`, at most 64 of `[A-Za-z0-9_-]`, unique among all servers.
    pub model_name: String,
    /// A title for people.
    pub title: Option<String>,
    /// What it does, in the server's words.
    pub description: Option<String>,
    /// JSON Schema of its arguments, cleaned to what the Responses API takes.
    pub input_schema: Value,
    /// What the server says about its effects.
    pub annotations: Annotations,
    /// The tool as the server described it.
    pub raw: Value,
}

/// What a server says about the effects of a tool; absent where it says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Annotations {
    /// It changes nothing.
    pub read_only: Option<bool>,
    /// It may destroy something.
    pub destructive: Option<bool>,
    /// It deals with the world outside of this machine.
    pub open_world: Option<bool>,
}

impl Tool {
    /// The tool as an entry of a model request.
    pub fn spec(&self) -> Value {
        json!({
            "type": "function",
            "name": self.model_name,
            "description": self.description.as_deref().unwrap_or_default(),
            "strict": false,
            "parameters": self.input_schema,
        })
    }

    /// Whether a call is asked about: always, unless the server says that the tool only reads, and not that it destroys.
    pub fn needs_approval(&self) -> bool {
        self.annotations.read_only != Some(true) || self.annotations.destructive == Some(true)
    }

    /// Reads what a server says about a tool (an object of `tools/list`); a sentence where it cannot be offered.
    pub(crate) fn read(server: &str, raw: Value) -> Result<Tool, String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let name = text(&raw["name"]).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| "a tool without a name is left out".to_owned())?;
        let input_schema = schema::clean(&raw["inputSchema"]);
        if input_schema.to_string().len() > SCHEMA_LIMIT {
            return Err(format!(
                "the tool `{name}` is left out: its schema is longer than {SCHEMA_LIMIT} bytes"
            ));
        }
        let hint = |hint: &str| raw["annotations"][hint].as_bool();
        Ok(Tool {
            server: server.to_owned(),
            model_name: model_name(server, &name),
            title: text(&raw["title"]).or_else(|| text(&raw["annotations"]["title"])),
            description: text(&raw["description"]).map(|text| cut(text, DESCRIPTION_LIMIT)),
            input_schema,
            annotations: Annotations {
                read_only: hint("readOnlyHint"),
                destructive: hint("destructiveHint"),
                open_world: hint("openWorldHint"),
            },
            name,
            raw,
        })
    }
}

/// Gives every tool its name for the model, such that no two are alike, and sorts by it.
///
/// Where two would be alike both get a hash, so that neither can pass for the other, whoever came first.
pub(crate) fn catalog(tools: impl Iterator<Item = Tool>) -> Vec<Tool> {
    let mut by_name: BTreeMap<String, Vec<Tool>> = BTreeMap::new();
    for tool in tools {
        by_name.entry(model_name(&tool.server, &tool.name)).or_default().push(tool);
    }
    let mut named: BTreeMap<String, Tool> = BTreeMap::new();
    for (name, alike) in by_name {
        let is_shared = alike.len() > 1;
        for tool in alike {
            let model_name = if is_shared { hashed(&name, &tool.server, &tool.name) } else { name.clone() };
            // Whoever forges a hash to pass for another tool is not offered at all.
            named.entry(model_name.clone()).or_insert(Tool { model_name, ..tool });
        }
    }
    named.into_values().collect()
}

/// The name for the model, as long as no other tool has the same.
fn model_name(server: &str, tool: &str) -> String {
    let plain = format!("mcp__{server}__{tool}");
    let fits = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '-';
    let clean: String =
        plain.chars().map(|character| if fits(character) { character } else { '_' }).collect();
    if clean == plain && clean.len() <= NAME_LIMIT { clean } else { hashed(&clean, server, tool) }
}

/// The name with a hash of what it stands for at its end, cut where it is too long. All of it is ASCII.
fn hashed(name: &str, server: &str, tool: &str) -> String {
    let digest = Sha256::digest(format!("{server}\0{tool}"));
    let hash: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let kept = name.len().min(NAME_LIMIT - HASH_DIGITS - 1);
    format!("{}_{}", &name[..kept], &hash[..HASH_DIGITS])
}

/// The text up to `limit` bytes, whole characters.
pub(crate) fn cut(mut text: String, limit: usize) -> String {
    text.truncate(text.floor_char_boundary(limit));
    text
}

#[cfg(test)]
mod tests;
