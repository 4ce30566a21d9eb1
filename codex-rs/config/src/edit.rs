//! Changes single settings in `config.toml` and leaves everything else in it as it is.

use std::path::Path;
use std::time::Duration;

use codex_durable_fs::Lock;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::config::Config;
use crate::error::{ConfigError, Origin};
use crate::layer::{self, Author, Layer};
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
    /// Remove the setting, so that its default counts.
    Absent,
}

const LOCK_WAIT: Duration = Duration::from_secs(10);

/// Sets each dotted key in the person's `config.toml`, or none of them if one is not valid.
///
/// Comments, order and unknown keys are kept, a symbolic link stays one. A file that does not parse is left
/// alone and the error says where it is wrong. Blocks for the disk, and up to 10 s for another writer.
pub fn set_persistent(codex_home: &Path, changes: &[(&str, PersistedValue)]) -> Result<(), ConfigError> {
    let path = codex_home.join("config.toml");
    let _lock = Lock::acquire(&codex_home.join("config.toml.lock"), LOCK_WAIT)?;
    let old = load::read_text(&path)?.unwrap_or_default();
    let mut document: DocumentMut = old.parse().map_err(|error| layer::syntax_error(&path, &old, &error))?;
    for (key, value) in changes {
        change(&mut document, &path, key, value)?;
    }
    let new = with_line_ends_of(&old, document.to_string());
    let parsed = layer::parse(&path, new.clone())?;
    let layer = Layer { origin: Origin::File(path.clone()), text: &new, author: Author::Person };
    layer.apply(parsed.as_table(), &mut Config::default(), &mut Vec::new())?;
    if new != old {
        codex_durable_fs::write_private(&path, new.as_bytes())?;
    }
    Ok(())
}

fn change(
    document: &mut DocumentMut,
    path: &Path,
    key: &str,
    value: &PersistedValue,
) -> Result<(), ConfigError> {
    let not_a_setting = || ConfigError::NotASetting { key: key.to_owned() };
    let names = toml_edit::Key::parse(key).map_err(|_| not_a_setting())?;
    let names: Vec<&str> = names.iter().map(|name| name.get()).collect();
    let (Some((last, above)), Found::Setting(..)) = (names.split_last(), settings::find(&names)) else {
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
    let mut new = match value {
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

/// The TOML library writes line feeds only.
fn with_line_ends_of(old: &str, new: String) -> String {
    let is_windows = old.contains("\r\n") && !old.replace("\r\n", "").contains('\n');
    if is_windows { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new }
}
