//! The settings in force by name, each with the layer it comes from: for clients that show them.

use std::collections::BTreeMap;

use codex_redact::REDACTED;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use toml_edit::{Item, Value};

use crate::error::Origin;
use crate::settings::{self, Kind};

/// What the layers set. A setting that no layer sets is not in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InForce {
    settings: BTreeMap<Vec<String>, Set>,
}

/// One setting as the layer that wins sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// To what.
    pub value: Json,
    /// Where.
    pub origin: Origin,
    /// Of the file, or of the command line, as [`version_of`] makes it.
    pub version: String,
}

impl InForce {
    /// By the names that lead to each, such as `["fallback", "mode"]`.
    pub fn iter(&self) -> impl Iterator<Item = (&[String], &Set)> {
        self.settings.iter().map(|(path, set)| (path.as_slice(), set))
    }

    /// Nested as in `config.toml`, the defaults of the others included; a setting without either is null.
    pub fn tree(&self) -> Map<String, Json> {
        let mut tree = Map::new();
        for setting in settings::all().filter(|setting| !setting.key.contains('*')) {
            let default = setting.default.parse::<Value>().ok();
            let default = default.map_or(Json::Null, |value| to_json(&Item::Value(value)));
            put(&mut tree, setting.key.split('.'), default);
        }
        for (path, set) in &self.settings {
            put(&mut tree, path.iter().map(String::as_str), set.value.clone());
        }
        tree
    }

    pub(crate) fn set(&mut self, path: &[&str], kind: Kind, item: &Item, origin: &Origin, version: &str) {
        let value = shown(kind, item);
        let set = Set { value, origin: origin.clone(), version: version.to_owned() };
        self.settings.insert(path.iter().map(|name| (*name).to_owned()).collect(), set);
    }
}

/// Tells one state of a file from another.
pub fn version_of(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().fold("sha256:".to_owned(), |version, byte| format!("{version}{byte:02x}"))
}

fn put<'a>(tree: &mut Map<String, Json>, mut path: impl Iterator<Item = &'a str>, value: Json) {
    let Some(mut name) = path.next() else { return };
    let mut table = tree;
    for below in path {
        let entry = table.entry(name).or_insert_with(|| Json::Object(Map::new()));
        // A name is a setting or a table, never both: the table of settings says so, and a test of it.
        let Json::Object(next) = entry else { return };
        (table, name) = (next, below);
    }
    table.insert(name.to_owned(), value);
}

/// What a client may see of a value.
fn shown(kind: Kind, item: &Item) -> Json {
    match kind {
        Kind::Hidden => Json::from(REDACTED),
        // What stands behind the question mark may be a key.
        Kind::ServerAddress => {
            Json::from(item.as_str().map(|url| url.split('?').next().unwrap_or_default()).unwrap_or_default())
        }
        Kind::Text
        | Kind::Address
        | Kind::Path
        | Kind::Paths
        | Kind::WholeNumber
        | Kind::Seconds
        | Kind::Truth
        | Kind::Dollars
        | Kind::Texts
        | Kind::Names
        | Kind::FileNames
        | Kind::TextOrTexts
        | Kind::Word(_)
        | Kind::Approval
        | Kind::Notifications => to_json(item),
    }
}

/// No setting takes a date.
fn to_json(item: &Item) -> Json {
    if let Some(table) = item.as_table_like() {
        return Json::Object(table.iter().map(|(name, item)| (name.to_owned(), to_json(item))).collect());
    }
    match item.as_value() {
        Some(Value::String(text)) => Json::from(text.value().as_str()),
        Some(Value::Integer(number)) => Json::from(*number.value()),
        Some(Value::Float(number)) => Json::from(*number.value()),
        Some(Value::Boolean(truth)) => Json::from(*truth.value()),
        Some(Value::Array(members)) => {
            members.iter().map(|member| to_json(&Item::Value(member.clone()))).collect()
        }
        Some(Value::Datetime(_) | Value::InlineTable(_)) | None => Json::Null,
    }
}
