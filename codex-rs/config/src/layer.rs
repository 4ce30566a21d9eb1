//! Puts one layer of settings, as parsed TOML, into the typed settings.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use toml_edit::{Item, Key, Table, TableLike, Value};

use crate::config::Config;
use crate::error::{ConfigError, Origin, UnknownKey, Warning};
use crate::in_force::{InForce, version_of};
use crate::mcp_servers;
use crate::settings::{self, Found, Heed, Scope};
use crate::value::{Field, Refusal};

/// Whose settings a layer holds.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Author<'a> {
    /// The system's administrator or the person, by file or command line.
    Person,
    /// A project or a client: not trusted with money, credentials and trust itself, and bound by these settings.
    Project(&'a Config),
}

pub(crate) struct Layer<'a> {
    pub(crate) origin: Origin,
    /// The file's text, to find lines and columns in.
    pub(crate) text: &'a str,
    /// What relative paths count from.
    pub(crate) folder: Option<&'a Path>,
    pub(crate) author: Author<'a>,
}

/// What the layers come to so far.
#[derive(Default)]
pub(crate) struct Reading {
    pub(crate) config: Config,
    pub(crate) in_force: InForce,
    pub(crate) warnings: Vec<Warning>,
}

/// A key with what it is set to, and where in the file the key stands.
struct Entry<'t> {
    item: &'t Item,
    position: Option<(usize, usize)>,
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
            let span = table.key(name).and_then(Key::span).filter(|_| !self.text.is_empty());
            let position = span.map(|span| position(self.text, span.start));
            path.push(name);
            self.apply_entry(path, &Entry { item, position }, version, reading)?;
            path.pop();
        }
        Ok(())
    }

    fn apply_entry<'t>(
        &self,
        path: &mut Vec<&'t str>,
        entry: &Entry<'t>,
        version: &str,
        reading: &mut Reading,
    ) -> Result<(), ConfigError> {
        let Reading { config, in_force, warnings } = reading;
        let (item, position) = (entry.item, entry.position);
        let (origin, key) = (self.origin.clone(), shown(path));
        if self.is_closed(path, item) {
            warnings.push(Warning::NotForProjects { origin, position, key });
            return Ok(());
        }
        match settings::find(path) {
            Found::Setting(setting, names) => {
                let field = Field { item, folder: self.folder };
                match (setting.set)(config, names, &field) {
                    Ok(()) => in_force.set(path, setting.kind, item, &self.origin, version),
                    Err(Refusal::NotBuilt) => warnings.push(Warning::NotBuilt { origin, position, key }),
                    Err(Refusal::MustBe(expected)) => return Err(self.invalid(key, item, expected)),
                }
            }
            Found::Table(_) => match item.as_table_like() {
                Some(table) => self.apply_below(path, table, version, reading)?,
                None => return Err(self.invalid(key, item, "a table".to_owned())),
            },
            Found::Unknown => match settings::elsewhere(path) {
                Some(Heed::Silent) if self.is_the_persons() || !settings::is_far_reaching(path) => {}
                Some(Heed::Silent | Heed::Told) => warnings.push(Warning::NotBuilt { origin, position, key }),
                None => {
                    let advice = settings::advice(path).map(|advice| shown(&[&advice]));
                    warnings.push(Warning::UnknownKey(UnknownKey { origin, position, key, advice }));
                }
            },
        }
        Ok(())
    }

    fn is_the_persons(&self) -> bool {
        match self.author {
            Author::Person => true,
            Author::Project(_) => false,
        }
    }

    /// Whether the layer's author may not set this, or not to this.
    fn is_closed(&self, path: &[&str], item: &Item) -> bool {
        let bound = match self.author {
            Author::Person => return false,
            Author::Project(bound) => bound,
        };
        if let [top] = path {
            return settings::is_for_the_person_only(top) || closes(path, item, bound);
        }
        closes(path, item, bound)
    }

    fn invalid(&self, key: String, item: &Item, expected: String) -> ConfigError {
        let position = item.span().map(|span| position(self.text, span.start));
        ConfigError::Invalid { origin: self.origin.clone(), position, key, expected }
    }
}

/// Whether a setting's scope keeps a project or thread from setting it so, where the person's settings are `bound`.
fn closes(path: &[&str], item: &Item, bound: &Config) -> bool {
    let Found::Setting(setting, names) = settings::find(path) else { return false };
    // Half of a server of the person's, such as its address, would get the other half, such as its token.
    let is_their_server =
        path.first() == Some(&"mcp_servers") && bound.mcp_servers.contains_key(&names.first());
    let switches_off = path.last() == Some(&"enabled") && item.as_bool() == Some(false);
    if is_their_server && !switches_off {
        return true;
    }
    match setting.scope {
        Scope::Anyone => false,
        Scope::Person => true,
        Scope::NoLooser(limit) => !limit.allows(word_of(item), bound),
    }
}

/// The value as a [`settings::Bound`] names it; the table of `approval_policy` asks as "on-request" does.
fn word_of(item: &Item) -> &str {
    match item.as_bool() {
        Some(true) => "true",
        Some(false) => "false",
        None if item.is_table_like() => "on-request",
        None => item.as_str().unwrap_or_default(),
    }
}

/// Applies the settings that a client sent with `thread/start`, nested or by dotted keys, under the same
/// restrictions as a project's. Nothing in them stops the thread: what is wrong or forbidden is a warning.
pub fn apply_untrusted(config: &mut Config, settings: &Map<String, Json>) -> Vec<Warning> {
    let bound = config.clone();
    let layer = Layer { origin: Origin::Thread, text: "", folder: None, author: Author::Project(&bound) };
    let mut warnings = Vec::new();
    for (key, value) in settings {
        let Some(item) = from_json(value) else { continue };
        let mut reading = Reading { config: config.clone(), ..Reading::default() };
        let table = nested(key, item).ok_or(ConfigError::Override);
        let applied = table.and_then(|table| layer.apply(&table, &mut reading));
        warnings.append(&mut reading.warnings);
        match applied {
            Ok(()) => *config = reading.config,
            Err(ConfigError::Override) => warnings.push(Warning::UnknownKey(UnknownKey {
                origin: Origin::Thread,
                position: None,
                key: shown(&[key.as_str()]),
                advice: None,
            })),
            Err(error) => warnings.push(Warning::Ignored { problem: error.to_string() }),
        }
    }
    leave_out_useless_servers(config, &mut warnings);
    warnings
}

/// An MCP server that makes no sense is told and not used: the others and the work go on.
pub(crate) fn leave_out_useless_servers(config: &mut Config, warnings: &mut Vec<Warning>) {
    config.mcp_servers.retain(|name, server| match mcp_servers::check(name, server) {
        Ok(()) => true,
        Err(problem) => {
            warnings.push(Warning::McpServer { name: shown(&[name.as_str()]), problem });
            false
        }
    });
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
