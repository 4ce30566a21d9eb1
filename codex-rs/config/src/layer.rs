//! Puts one layer of settings, as parsed TOML, into the typed settings.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use toml_edit::{Item, Table, TableLike, Value};

use crate::config::Config;
use crate::error::{ConfigError, Origin, Warning};
use crate::in_force::{InForce, version_of};
use crate::settings::{self, Found, KNOWN_ELSEWHERE, Scope};
use crate::value::{Field, Refusal};

/// Whose settings a layer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Author {
    /// The system's administrator or the person, by file or command line.
    Person,
    /// A project or a client: not trusted with money, credentials and trust itself.
    Project,
}

pub(crate) struct Layer<'a> {
    pub(crate) origin: Origin,
    /// The file's text, to find lines and columns in.
    pub(crate) text: &'a str,
    pub(crate) author: Author,
}

/// What the layers come to so far.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) config: Config,
    pub(crate) in_force: InForce,
    pub(crate) warnings: Vec<Warning>,
}

impl Layer<'_> {
    /// Sets everything that `table` holds.
    pub(crate) fn apply(&self, table: &dyn TableLike, reading: &mut Reading) -> Result<(), ConfigError> {
        self.apply_below(&mut Vec::new(), table, &version_of(self.text), reading)
    }

    fn apply_below<'t>(
        &self,
        path: &mut Vec<&'t str>,
        table: &'t dyn TableLike,
        version: &str,
        reading: &mut Reading,
    ) -> Result<(), ConfigError> {
        for (name, item) in table.iter() {
            path.push(name);
            self.apply_item(path, item, version, reading)?;
            path.pop();
        }
        Ok(())
    }

    fn apply_item<'t>(
        &self,
        path: &mut Vec<&'t str>,
        item: &'t Item,
        version: &str,
        reading: &mut Reading,
    ) -> Result<(), ConfigError> {
        let Reading { config, in_force, warnings } = reading;
        let (origin, key) = (self.origin.clone(), shown(path));
        let is_project = self.author == Author::Project;
        if is_project && path.len() == 1 && settings::is_for_the_person_only(path[0]) {
            warnings.push(Warning::NotForProjects { origin, key });
            return Ok(());
        }
        match settings::find(path) {
            Found::Setting(setting, _)
                if is_project
                    && matches!(setting.scope, Scope::AnyoneExcept(word) if item.as_str() == Some(word)) =>
            {
                warnings.push(Warning::NotForProjects { origin, key });
            }
            Found::Setting(setting, name) => match (setting.set)(config, &name, &Field(item)) {
                Ok(()) => in_force.set(path, item, &self.origin, version),
                Err(Refusal::NotBuilt) => warnings.push(Warning::NotBuilt { origin, key }),
                Err(Refusal::MustBe(expected)) => return Err(self.invalid(key, item, expected)),
            },
            Found::Table => match item.as_table_like() {
                Some(table) => self.apply_below(path, table, version, reading)?,
                None => return Err(self.invalid(key, item, "a table".to_owned())),
            },
            Found::Unknown => {
                let is_known = KNOWN_ELSEWHERE.contains(&path[0]) || path[0].starts_with("experimental_");
                if !is_known {
                    warnings.push(Warning::UnknownKey { origin, key });
                }
            }
        }
        Ok(())
    }

    fn invalid(&self, key: String, item: &Item, expected: String) -> ConfigError {
        let position = item.span().map(|span| position(self.text, span.start));
        ConfigError::Invalid { origin: self.origin.clone(), position, key, expected }
    }
}

/// Applies the settings that a client sent with `thread/start`, nested or by dotted keys, under the same
/// restrictions as a project's. Nothing in them stops the thread: what is wrong or forbidden is a warning.
pub fn apply_untrusted(config: &mut Config, settings: &Map<String, Json>) -> Vec<Warning> {
    let layer = Layer { origin: Origin::Thread, text: "", author: Author::Project };
    let mut warnings = Vec::new();
    for (key, value) in settings {
        let Some(item) = from_json(value) else { continue };
        let mut reading = Reading { config: config.clone(), ..Reading::default() };
        let table = nested(key, item).ok_or(ConfigError::Override);
        let applied = table.and_then(|table| layer.apply(&table, &mut reading));
        warnings.append(&mut reading.warnings);
        match applied {
            Ok(()) => *config = reading.config,
            Err(ConfigError::Override) => {
                warnings.push(Warning::UnknownKey { origin: Origin::Thread, key: shown(&[key.as_str()]) });
            }
            Err(error) => warnings.push(Warning::Ignored { problem: error.to_string() }),
        }
    }
    warnings
}

/// A table that holds `item` at the dotted `key`; none if that is not a key.
pub(crate) fn nested(key: &str, item: Item) -> Option<Table> {
    let names = toml_edit::Key::parse(key).ok()?;
    let mut item = item;
    for name in names.iter().rev() {
        let mut table = Table::new();
        table.insert(name.get(), item);
        item = Item::Table(table);
    }
    item.into_table().ok()
}

/// Parses the text of a settings file into a form that knows where everything stands.
pub(crate) fn parse(path: &Path, text: String) -> Result<toml_edit::Document<String>, ConfigError> {
    toml_edit::Document::parse(text.clone()).map_err(|error| syntax_error(path, &text, &error))
}

pub(crate) fn syntax_error(path: &Path, text: &str, error: &toml_edit::TomlError) -> ConfigError {
    let (line, column) = position(text, error.span().map_or(0, |span| span.start));
    // The parser's sentence names a key where one is there twice, and a person may have put a secret there.
    let problem = codex_redact::redact(error.message()).replace('\n', ", ");
    ConfigError::Syntax { path: PathBuf::from(path), line, column, problem }
}

/// Line and column, from 1, of the byte at `offset`.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The dotted key for a message: it may come from a stranger's file.
pub(crate) fn shown(path: &[&str]) -> String {
    let dotted: String =
        path.join(".").chars().filter(|character| !character.is_control()).take(120).collect();
    codex_redact::redact(&dotted).into_owned()
}

/// JSON's null is no setting.
fn from_json(json: &Json) -> Option<Item> {
    match json {
        Json::Object(members) => {
            let mut table = Table::new();
            for (name, member) in members {
                if let Some(item) = from_json(member) {
                    table.insert(name, item);
                }
            }
            Some(Item::Table(table))
        }
        Json::Null => None,
        scalar_or_list => value_from_json(scalar_or_list).map(Item::Value),
    }
}

fn value_from_json(json: &Json) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::Bool(boolean) => Some(Value::from(*boolean)),
        Json::Number(number) => number.as_i64().map(Value::from).or_else(|| number.as_f64().map(Value::from)),
        Json::String(text) => Some(Value::from(text.as_str())),
        Json::Array(members) => Some(Value::Array(members.iter().filter_map(value_from_json).collect())),
        Json::Object(members) => {
            let values = members.iter().filter_map(|(name, value)| Some((name, value_from_json(value)?)));
            Some(Value::InlineTable(values.collect()))
        }
    }
}
