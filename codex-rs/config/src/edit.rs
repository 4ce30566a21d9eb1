//! Changes single settings in `config.toml` and leaves everything else in it as it is.

use std::path::Path;
use std::time::Duration;

use codex_durable_fs::Lock;
use codex_redact::key_shape::contains_key_shape;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::error::{ConfigError, Origin};
use crate::in_force::version_of;
use crate::layer::{self, Author, Layer, Reading};
use crate::load;
use crate::settings::{self, Found};

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
    /// Remove the setting, so that its default counts.
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
    let layer = Layer { origin: Origin::File(path.clone()), text: &new, author: Author::Person };
    let mut reading = Reading::default();
    layer.apply(parsed.as_table(), &mut reading)?;
    if reading.config.model_provider != "openai" {
        return Err(ConfigError::CustomProvider);
    }
    if new != old {
        codex_durable_fs::write_private(&path, new.as_bytes())?;
    }
    Ok(version_of(&new))
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

fn change(
    document: &mut DocumentMut,
    path: &Path,
    key: &str,
    value: &PersistedValue,
) -> Result<(), ConfigError> {
    let not_a_setting = || ConfigError::NotASetting { key: layer::shown(&[key]) };
    let names = names(key).ok_or_else(not_a_setting)?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (Some((last, above)), Found::Setting(setting, _)) = (names.split_last(), settings::find(&names))
    else {
        return Err(not_a_setting());
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for name in above {
        if *value == PersistedValue::Absent && !table.contains_key(name) {
            return Ok(());
        }
        let below = table.entry(name).or_insert_with(|| {
            let mut table = Table::new();
            // Only the innermost table shows its header: no empty [fallback] above [fallback.prices.x].
            table.set_implicit(Some(name) != above.last());
            Item::Table(table)
        });
        table = below.as_table_like_mut().ok_or_else(|| ConfigError::Invalid {
            origin: Origin::File(path.to_path_buf()),
            position: None,
            key: (*name).to_owned(),
            expected: "a table".to_owned(),
        })?;
    }
    if value.holds_a_key() {
        return Err(ConfigError::HoldsAKey { key: setting.key.to_owned() });
    }
    let mut new = match value {
        PersistedValue::Truth(truth) => Value::from(*truth),
        PersistedValue::Texts(texts) => Value::Array(texts.iter().map(String::as_str).collect()),
        PersistedValue::Text(text) => Value::from(text.as_str()),
        PersistedValue::WholeNumber(number) => Value::from(*number),
        PersistedValue::Number(number) => Value::from(*number),
        PersistedValue::Absent => {
            table.remove(last);
            return Ok(());
        }
    };
    match table.get_mut(last).and_then(Item::as_value_mut) {
        Some(old) => {
            // The comment behind the old value stays.
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        None => {
            table.insert(last, Item::Value(new));
        }
    }
    Ok(())
}

impl PersistedValue {
    /// Whether it looks like an OpenAI API key: settings are shown and shared, keys are neither.
    fn holds_a_key(&self) -> bool {
        match self {
            PersistedValue::Text(text) => contains_key_shape(text),
            PersistedValue::Texts(texts) => texts.iter().any(|text| contains_key_shape(text)),
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
