//! One value of a settings file, read as the type that its setting asks for.

use toml_edit::{Item, Value};

use crate::base_url::{BaseUrl, BaseUrlError};

/// A value together with the readers for each type; a reader's error tells what was expected instead.
pub(crate) struct Field<'a>(pub(crate) &'a Item);

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
        match self.0.as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(must_be("text in quotes")),
        }
    }

    pub(crate) fn whole_number(&self) -> Result<u64, Refusal> {
        let number = self.0.as_integer().and_then(|number| u64::try_from(number).ok());
        number.ok_or_else(|| must_be("a whole number, 0 or more"))
    }

    pub(crate) fn truth(&self) -> Result<bool, Refusal> {
        self.0.as_bool().ok_or_else(|| must_be("true or false"))
    }

    /// A finite number, 0 or more: money.
    pub(crate) fn amount(&self) -> Result<f64, Refusal> {
        let number = match self.0.as_value() {
            Some(Value::Float(number)) => Some(*number.value()),
            Some(Value::Integer(number)) => Some(*number.value() as f64),
            _ => None,
        };
        let amount = number.filter(|number| number.is_finite() && *number >= 0.0);
        amount.ok_or_else(|| must_be("a number, 0 or more"))
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Refusal> {
        let texts = self.0.as_array().and_then(|array| {
            array.iter().map(|value| value.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        });
        texts.ok_or_else(|| must_be("a list of texts in quotes"))
    }

    pub(crate) fn text_or_texts(&self) -> Result<Vec<String>, Refusal> {
        match self.0.as_str() {
            Some(text) => Ok(vec![text.to_owned()]),
            None => self.texts().map_err(|_| must_be("text in quotes, or a list of such texts")),
        }
    }

    pub(crate) fn base_url(&self) -> Result<BaseUrl, Refusal> {
        BaseUrl::parse(&self.text()?).map_err(|error: BaseUrlError| must_be(error.to_string()))
    }

    pub(crate) fn word<T>(&self, words: &[&str], parse: impl Fn(&str) -> Option<T>) -> Result<T, Refusal> {
        let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
        let parsed = self.0.as_str().and_then(parse);
        parsed.ok_or_else(|| must_be(format!("one of {}", quoted.join(", "))))
    }

    pub(crate) fn is_table(&self) -> bool {
        self.0.is_table_like()
    }
}

fn must_be(what: impl Into<String>) -> Refusal {
    Refusal::MustBe(what.into())
}
