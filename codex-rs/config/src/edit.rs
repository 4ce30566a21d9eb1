//! Changes single settings in `config.toml` and leaves everything else in it as it is.

mod comments;

use std::path::Path;
use std::time::Duration;

use codex_durable_fs::Lock;
use codex_redact::key_shape::contains_key_shape;
use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

use crate::config::Config;
use crate::error::{ConfigError, Origin};
use crate::in_force::version_of;
use crate::layer::{self, Author, Layer, Reading};
use crate::load;
use crate::mcp_servers;
use crate::settings::{self, Found, Header, Kind};

use comments::Orphans;

/// A value to be written, or that there shall be none.
#[derive(Debug, Clone, PartialEq)]
pub enum PersistedValue {
    /// Text, also for settings that take a word.
    Text(String),
    /// A whole number.
    WholeNumber(i64),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Truth(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// A whole table, in place of what is there: of a name of the person's choice, such as an MCP server, or the value
    /// of a setting that takes one.
    Table(Vec<(String, PersistedValue)>),
    /// Remove the setting, so that its default counts; or such a table.
    Absent,
}

/// What the file must be for a write to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected<'a> {
    /// Anything.
    Any,
    /// The state with this version (see [`crate::version_of`]).
    Version(&'a str),
}

const LOCK_WAIT: Duration = Duration::from_secs(10);

/// Sets each dotted key in the person's `config.toml`, or none of them if one is not valid.
///
/// Comments, order and unknown keys are kept, a symbolic link stays one. A file that does not parse is left
/// alone and the error says where it is wrong. Blocks for the disk, and up to 10 s for another writer.
pub fn set_persistent(codex_home: &Path, changes: &[(&str, PersistedValue)]) -> Result<(), ConfigError> {
    write(codex_home, changes, Expected::Any).map(drop)
}

/// The same if the file is as expected; gives the file's version afterwards.
pub fn write(
    codex_home: &Path,
    changes: &[(&str, PersistedValue)],
    expected: Expected<'_>,
) -> Result<String, ConfigError> {
    let path = codex_home.join("config.toml");
    let _lock = Lock::acquire(&codex_home.join("config.toml.lock"), LOCK_WAIT)?;
    let old = load::read_text(&path)?.unwrap_or_default();
    match expected {
        Expected::Version(version) if version != version_of(&old) => {
            return Err(ConfigError::Changed { path });
        }
        Expected::Version(_) | Expected::Any => {}
    }
    let mut document: DocumentMut = old.parse().map_err(|error| layer::syntax_error(&path, &old, &error))?;
    for (key, value) in changes {
        change(&mut document, &path, key, value)?;
    }
    let new = with_line_ends_of(&old, document.to_string());
    let parsed = layer::parse(&path, new.clone())?;
    let layer = Layer {
        origin: Origin::File(path.clone()),
        text: &new,
        folder: path.parent(),
        author: Author::Person,
    };
    let mut reading = Reading::default();
    layer.apply(parsed.as_table(), &mut reading)?;
    if reading.config.model_provider != "openai" {
        return Err(ConfigError::CustomProvider);
    }
    for (key, _) in changes {
        check_server(key, &reading.config)?;
    }
    if new != old {
        codex_durable_fs::write_private(&path, new.as_bytes())?;
    }
    Ok(version_of(&new))
}

/// Whether the person's `config.toml` has something at the dotted key, whatever other layers say.
pub fn is_written(codex_home: &Path, key: &str) -> Result<bool, ConfigError> {
    let path = codex_home.join("config.toml");
    let text = load::read_text(&path)?.unwrap_or_default();
    let document: DocumentMut = text.parse().map_err(|error| layer::syntax_error(&path, &text, &error))?;
    let names = names(key).unwrap_or_default();
    let mut found = Some(document.as_item());
    for name in &names {
        found = found.and_then(|item| item.as_table_like()?.get(name));
    }
    Ok(found.is_some() && !names.is_empty())
}

/// The names in a dotted key; `None` where it is none.
pub fn names(key: &str) -> Option<Vec<String>> {
    let names = toml_edit::Key::parse(key).ok()?;
    Some(names.iter().map(|name| name.get().to_owned()).collect())
}

/// A name as it stands in a dotted key: in quotes where it needs them.
pub fn quoted(name: &str) -> String {
    toml_edit::Key::new(name).display_repr().into_owned()
}

/// Whether the dotted key is that of a table with a name of the person's choice, which can be written as a whole.
pub fn is_named_table(key: &str) -> bool {
    let names = names(key).unwrap_or_default();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    matches!(settings::find(&names), Found::Table(Header::Theirs))
}

/// Whether the dotted key is that of a setting whose value can be a table.
pub fn takes_table(key: &str) -> bool {
    let names = names(key).unwrap_or_default();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    matches!(settings::find(&names), Found::Setting(setting, _) if setting.kind == Kind::Approval)
}

/// A server that makes no sense is not written, though one that is there already stops nobody.
fn check_server(key: &str, config: &Config) -> Result<(), ConfigError> {
    let names = names(key).unwrap_or_default();
    let [table, name, ..] = names.as_slice() else { return Ok(()) };
    match config.mcp_servers.get(name).filter(|_| table == "mcp_servers") {
        Some(server) => mcp_servers::check(name, server)
            .map_err(|problem| ConfigError::McpServer { name: layer::shown(&[name]), problem }),
        None => Ok(()),
    }
}

fn change(
    document: &mut DocumentMut,
    path: &Path,
    key: &str,
    value: &PersistedValue,
) -> Result<(), ConfigError> {
    let not_a_setting = || ConfigError::NotASetting { key: layer::shown(&[key]) };
    let names = names(key).ok_or_else(not_a_setting)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (last, above) = names.split_last().ok_or_else(not_a_setting)?;
    let named = match (settings::find(&names), value) {
        (Found::Setting(setting, _), PersistedValue::Table(_)) if setting.kind != Kind::Approval => {
            return Err(not_a_setting());
        }
        (Found::Setting(setting, _), _) => setting.key,
        (Found::Table(Header::Theirs), PersistedValue::Table(members)) => {
            check_members(&names, members)?;
            key
        }
        (Found::Table(Header::Theirs), PersistedValue::Absent) => key,
        (Found::Table(_) | Found::Unknown, _) => return Err(not_a_setting()),
    };
    if value.holds_a_key() {
        return Err(ConfigError::HoldsAKey { key: layer::shown(&[named]) });
    }
    let change = Change { value, is_whole_table: matches!(settings::find(&names), Found::Table(_)) };
    let orphans = table_of(document, path, above, &change)?.and_then(|table| put(table, last, &change));
    comments::keep(document, orphans);
    Ok(())
}

/// What is to be written.
struct Change<'a> {
    value: &'a PersistedValue,
    /// Whether it is a table with a header of its own.
    is_whole_table: bool,
}
/// Every member of a table to be written has to be a setting, or a table of settings.
fn check_members(path: &[&str], members: &[(String, PersistedValue)]) -> Result<(), ConfigError> {
    for (name, value) in members {
        let mut path = path.to_vec();
        path.push(name);
        match (settings::find(&path), value) {
            (Found::Table(_), PersistedValue::Table(members)) => check_members(&path, members)?,
            (Found::Setting(..), _) => {}
            (Found::Table(_) | Found::Unknown, _) => {
                return Err(ConfigError::NotASetting { key: layer::shown(&path) });
            }
        }
    }
    Ok(())
}

/// The table that holds what is to be written; `None` if there is none and nothing is to be in it.
fn table_of<'d>(
    document: &'d mut DocumentMut,
    path: &Path,
    above: &[&str],
    change: &Change<'_>,
) -> Result<Option<&'d mut dyn TableLike>, ConfigError> {
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for (depth, name) in above.iter().enumerate() {
        if *change.value == PersistedValue::Absent && !table.contains_key(name) {
            return Ok(None);
        }
        let is_innermost = depth + 1 == above.len();
        let below = table.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            // Only the innermost table shows its header: no empty [fallback] above [fallback.prices.x].
            table.set_implicit(!is_innermost || change.is_whole_table);
            Item::Table(table)
        });
        table = below.as_table_like_mut().ok_or_else(|| ConfigError::Invalid {
            origin: Origin::File(path.to_path_buf()),
            position: None,
            key: (*name).to_owned(),
            expected: "a table".to_owned(),
        })?;
    }
    Ok(Some(table))
}

/// Puts the value at `name`; gives the comments that would be lost with what was there.
fn put(table: &mut dyn TableLike, name: &str, change: &Change<'_>) -> Option<Orphans> {
    if *change.value == PersistedValue::Absent {
        return table.remove(name).as_ref().and_then(comments::orphans);
    }
    if change.is_whole_table {
        let mut new = whole_table(change.value, table.is_dotted());
        if let Some(old) = table.get(name).and_then(Item::as_table) {
            // The comments above it, and its place in the file.
            *new.decor_mut() = old.decor().clone();
            new.set_position(old.position());
        }
        table.insert(name, Item::Table(new));
        return None;
    }
    let mut new = value_of(change.value);
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            // The comment behind the old value stays.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(name, Item::Value(new));
        }
    }
    None
}

/// Values first, since what follows the header of a table below belongs to that one.
fn whole_table(value: &PersistedValue, is_dotted: bool) -> Table {
    let mut table = Table::new();
    table.set_dotted(is_dotted);
    let PersistedValue::Table(members) = value else { return table };
    for (name, member) in members {
        match member {
            PersistedValue::Table(_) => {
                table.insert(name, Item::Table(whole_table(member, is_dotted)));
            }
            PersistedValue::Absent => {}
            PersistedValue::Text(_)
            | PersistedValue::WholeNumber(_)
            | PersistedValue::Number(_)
            | PersistedValue::Truth(_)
            | PersistedValue::Texts(_) => {
                table.insert(name, Item::Value(value_of(member)));
            }
        }
    }
    table
}

fn value_of(value: &PersistedValue) -> Value {
    match value {
        PersistedValue::Truth(truth) => Value::from(*truth),
        PersistedValue::Texts(texts) => Value::Array(texts.iter().map(String::as_str).collect()),
        PersistedValue::Text(text) => Value::from(text.as_str()),
        PersistedValue::WholeNumber(number) => Value::from(*number),
        PersistedValue::Number(number) => Value::from(*number),
        PersistedValue::Table(members) => {
            let present = members.iter().filter(|(_, member)| *member != PersistedValue::Absent);
            Value::InlineTable(present.map(|(name, member)| (name.as_str(), value_of(member))).collect())
        }
        // Callers remove in place of writing nothing.
        PersistedValue::Absent => Value::InlineTable(InlineTable::new()),
    }
}

impl PersistedValue {
    /// Whether it looks like an OpenAI API key: settings are shown and shared, keys are neither.
    fn holds_a_key(&self) -> bool {
        match self {
            PersistedValue::Text(text) => contains_key_shape(text),
            PersistedValue::Texts(texts) => texts.iter().any(|text| contains_key_shape(text)),
            PersistedValue::Table(members) => members.iter().any(|(_, member)| member.holds_a_key()),
            PersistedValue::WholeNumber(_)
            | PersistedValue::Number(_)
            | PersistedValue::Truth(_)
            | PersistedValue::Absent => false,
        }
    }
}

/// The TOML library writes line feeds only.
fn with_line_ends_of(old: &str, new: String) -> String {
    let is_windows = old.contains("\r\n") && !old.replace("\r\n", "").contains('\n');
    if is_windows { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new }
}
