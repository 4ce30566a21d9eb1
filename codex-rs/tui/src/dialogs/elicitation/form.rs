//! The fields of a form that an MCP server asks for: text, numbers, choices. Anything else cannot be shown.

use codex_redact::key_shape;
use serde_json::{Map, Value};

use super::question::shown;

/// Fields of a form at the most.
const MOST_FIELDS: usize = 12;
/// Rows of a choice at the most.
const MOST_CHOICES: usize = 50;

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) is_required: bool,
    pub(super) kind: Kind,
}

/// What goes into it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Text,
    Number,
    Integer,
    Choice(Vec<Row>),
}

/// A row of a choice.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) title: String,
    pub(super) value: Value,
}

/// The fields of a schema; none where one of them cannot be shown.
pub(super) fn fields(schema: &Value) -> Option<Vec<Field>> {
    let none = Map::new();
    let properties = match &schema["properties"] {
        Value::Null => &none,
        Value::Object(properties) => properties,
        _ => return None,
    };
    if properties.len() > MOST_FIELDS {
        return None;
    }
    let required =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|it| it == name));
    let field = |(name, property): (&String, &Value)| {
        Some(Field {
            name: name.clone(),
            title: property["title"].as_str().unwrap_or(name).to_owned(),
            description: property["description"].as_str().map(str::to_owned),
            is_required: required(name),
            kind: kind(property)?,
        })
    };
    properties.iter().map(field).collect()
}

/// What was filled in, one field on each line.
pub(super) fn told(fields: &[Field], filled: &Map<String, Value>) -> String {
    let line = |field: &Field| {
        let value = match filled.get(&field.name) {
            None => "(empty)".to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        format!("{}: {value}", shown(&field.title).replace('\n', " "))
    };
    fields.iter().map(line).collect::<Vec<_>>().join("\n")
}

impl Field {
    /// What was typed, as a value; `None` where it is left empty.
    pub(super) fn read(&self, typed: &str) -> Result<Option<Value>, &'static str> {
        let typed = typed.trim();
        if typed.is_empty() {
            return if self.is_required { Err("This is needed.") } else { Ok(None) };
        }
        if key_shape::contains_key_shape(typed) {
            return Err("That looks like an API key. It is not handed to a server.");
        }
        match self.kind {
            Kind::Text | Kind::Choice(_) => Ok(Some(typed.into())),
            Kind::Integer => {
                typed.parse::<i64>().map(|number| Some(number.into())).map_err(|_| "Type a whole number.")
            }
            Kind::Number => {
                let number = typed.parse::<f64>().ok().and_then(serde_json::Number::from_f64);
                number.map(|number| Some(Value::Number(number))).ok_or("Type a number.")
            }
        }
    }
}

fn kind(property: &Value) -> Option<Kind> {
    match property["type"].as_str()? {
        "boolean" => Some(Kind::Choice(vec![
            Row { title: "yes".to_owned(), value: true.into() },
            Row { title: "no".to_owned(), value: false.into() },
        ])),
        "number" => Some(Kind::Number),
        "integer" => Some(Kind::Integer),
        "string" => {
            let rows = if let Some(values) = property["enum"].as_array() {
                let title = |place: usize, value: &Value| {
                    let name = property["enumNames"][place].as_str().or(value.as_str())?;
                    Some(Row { title: name.to_owned(), value: value.clone() })
                };
                values
                    .iter()
                    .enumerate()
                    .map(|(place, value)| title(place, value))
                    .collect::<Option<Vec<_>>>()?
            } else if let Some(options) = property["oneOf"].as_array() {
                let row = |option: &Value| {
                    let value = option["const"].as_str()?;
                    let title = option["title"].as_str().unwrap_or(value);
                    Some(Row { title: title.to_owned(), value: value.into() })
                };
                options.iter().map(row).collect::<Option<Vec<_>>>()?
            } else {
                return Some(Kind::Text);
            };
            (1..=MOST_CHOICES).contains(&rows.len()).then_some(Kind::Choice(rows))
        }
        _ => None,
    }
}
