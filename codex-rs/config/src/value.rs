//! One value of a settings file, read as the type that its setting asks for.

use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_redact::Secret;
use toml_edit::{Item, TableLike, Value};

use crate::approval::{ApprovalPolicy, Asked, Granular};
use crate::base_url::{BaseUrl, BaseUrlError};
use crate::choices::NotificationKind;
use crate::config::Notifications;
use crate::mcp_servers::ServerUrl;

/// A value together with the readers for each type; a reader's error tells what was expected instead.
pub(crate) struct Field<'a> {
    pub(crate) item: &'a Item,
    /// What relative paths count from, where something is.
    pub(crate) folder: Option<&'a Path>,
}

/// Why a value was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The words that fit behind "must be".
    MustBe(String),
    /// Valid in the official program, not built here.
    NotBuilt,
}

impl Field<'_> {
    pub(crate) fn text(&self) -> Result<String, Refusal> {
        match self.item.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(must_be("text in quotes")),
        }
    }

    pub(crate) fn whole_number(&self) -> Result<u64, Refusal> {
        let number = self.item.as_integer().and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| must_be("a whole number, 0 or more"))
    }

    pub(crate) fn truth(&self) -> Result<bool, Refusal> {
        self.item.as_bool().ok_or_else(|| must_be("true or false"))
    }

    /// A finite number, 0 or more: money.
    pub(crate) fn amount(&self) -> Result<f64, Refusal> {
        let number = match self.item.as_value() {
            Some(Value::Float(number)) => Some(*number.value()),
            Some(Value::Integer(number)) => Some(*number.value() as f64),
            _ => None,
        };
        let amount = number.filter(|number| number.is_finite() && *number >= 0.0);
        amount.ok_or_else(|| must_be("a number, 0 or more"))
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Refusal> {
        let texts = self.item.as_array().and_then(|array| {
            array.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.ok_or_else(|| must_be("a list of texts in quotes"))
    }

    pub(crate) fn text_or_texts(&self) -> Result<Vec<String>, Refusal> {
        match self.item.as_str() {
            Some(text) => Ok(vec![text.to_owned()]),
            None => self.texts().map_err(|_| must_be("text in quotes, or a list of such texts")),
        }
    }

    pub(crate) fn base_url(&self) -> Result<BaseUrl, Refusal> {
        BaseUrl::parse(&self.text()?).map_err(|error: BaseUrlError| must_be(error.to_string()))
    }

    pub(crate) fn word<T>(&self, words: &[&str], parse: impl Fn(&str) -> Option<T>) -> Result<T, Refusal> {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let parsed = self.item.as_str().and_then(parse);
        parsed.ok_or_else(|| must_be(format!("one of {}", quoted.join(", "))))
    }

    pub(crate) fn server_url(&self) -> Result<ServerUrl, Refusal> {
        ServerUrl::parse(&self.text()?).map_err(|error: BaseUrlError| must_be(error.to_string()))
    }

    pub(crate) fn secret(&self) -> Result<Secret, Refusal> {
        self.text().map(Secret::new)
    }

    /// A finite number of seconds above 0.
    pub(crate) fn seconds(&self) -> Result<Duration, Refusal> {
        let positive = self.amount().ok().filter(|seconds| *seconds > 0.0);
        let duration = positive.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        duration.ok_or_else(|| must_be("a number of seconds above 0"))
    }

    pub(crate) fn milliseconds(&self) -> Result<Duration, Refusal> {
        let positive = self.whole_number().ok().filter(|number| *number > 0);
        positive.map(Duration::from_millis).ok_or_else(|| must_be("a whole number of milliseconds above 0"))
    }

    pub(crate) fn path(&self) -> Result<PathBuf, Refusal> {
        let path = self.item.as_str().and_then(|text| self.absolute(text));
        path.ok_or_else(|| must_be("an absolute path in quotes (`~` is not resolved)"))
    }

    pub(crate) fn paths(&self) -> Result<Vec<PathBuf>, Refusal> {
        let texts = self.texts().unwrap_or_else(|_| vec![String::new()]);
        let paths = texts.iter().map(|text| self.absolute(text)).collect::<Option<Vec<_>>>();
        paths.ok_or_else(|| must_be("a list of absolute paths in quotes (`~` is not resolved)"))
    }

    /// Neither empty nor `~`, which a shell would have resolved and nobody else does.
    fn absolute(&self, text: &str) -> Option<PathBuf> {
        let path = Path::new(text);
        let is_plain = !text.is_empty() && !text.contains('\0') && !path.starts_with("~");
        let whole = if path.is_absolute() { path.to_path_buf() } else { self.folder?.join(path) };
        is_plain.then_some(whole)
    }

    /// Names of variables. The official program also takes tables with a name and a source.
    pub(crate) fn names(&self) -> Result<Vec<String>, Refusal> {
        let has_table = |array: &toml_edit::Array| array.iter().any(Value::is_inline_table);
        if self.item.as_array().is_some_and(has_table) || self.item.is_array_of_tables() {
            return Err(Refusal::NotBuilt);
        }
        self.texts()
    }

    /// Names of files beside each other: a path would lead elsewhere.
    pub(crate) fn file_names(&self) -> Result<Vec<String>, Refusal> {
        let is_name =
            |name: &String| !["", ".", ".."].contains(&name.as_str()) && !name.contains(['/', '\\']);
        let names = self.texts().ok().filter(|names| names.iter().all(is_name));
        names.ok_or_else(|| must_be("a list of file names in quotes, without folders"))
    }

    pub(crate) fn approval_policy(&self) -> Result<ApprovalPolicy, Refusal> {
        let refused = || {
            let words: Vec<String> = ApprovalPolicy::WORDS.iter().map(|word| format!("\"{word}\"")).collect();
            must_be(format!(
                "one of {}, or {{ granular = {{ sandbox_approval = …, rules = …, mcp_elicitations = … }} }} with \
                 true or false",
                words.join(", ")
            ))
        };
        let policy = match self.item.as_table_like() {
            Some(table) => granular(table).map(ApprovalPolicy::Granular),
            None => self.item.as_str().and_then(ApprovalPolicy::parse),
        };
        policy.ok_or_else(refused)
    }

    pub(crate) fn notifications(&self) -> Result<Notifications, Refusal> {
        if let Some(truth) = self.item.as_bool() {
            return Ok(if truth { Notifications::ALL } else { Notifications::NONE });
        }
        let kinds = self.texts().ok().and_then(|texts| {
            texts.iter().map(|text| NotificationKind::parse(text)).collect::<Option<Vec<_>>>()
        });
        let quoted: Vec<String> = NotificationKind::WORDS.iter().map(|word| format!("\"{word}\"")).collect();
        let kinds =
            kinds.ok_or_else(|| must_be(format!("true, false or a list of {}", quoted.join(", "))))?;
        Ok(kinds.into_iter().fold(Notifications::NONE, Notifications::and))
    }
}

/// The table of `{ granular = { … } }`: three of its members have to be there, as in the official program, and no
/// unknown one may, since who writes it relies on it.
fn granular(table: &dyn TableLike) -> Option<Granular> {
    let members = table.get("granular").filter(|_| table.len() == 1)?.as_table_like()?;
    let known = ["sandbox_approval", "rules", "mcp_elicitations", "skill_approval", "request_permissions"];
    if members.iter().any(|(name, item)| !known.contains(&name) || !item.is_bool()) {
        return None;
    }
    let asked = |name: &str| members.get(name).and_then(Item::as_bool).map(Asked::from);
    Some(Granular {
        sandbox_approval: asked("sandbox_approval")?,
        rules: asked("rules")?,
        mcp_elicitations: asked("mcp_elicitations")?,
        skill_approval: asked("skill_approval").unwrap_or(Asked::Refused),
        request_permissions: asked("request_permissions").unwrap_or(Asked::Refused),
    })
}

fn must_be(what: impl Into<String>) -> Refusal {
    Refusal::MustBe(what.into())
}
