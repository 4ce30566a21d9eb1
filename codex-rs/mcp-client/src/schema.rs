//! JSON Schemas of arguments, made fit for the Responses API: an object at the top, and nothing it rejects.
//!
//! The API refuses a whole request for one schema it does not like, so a single careless server could stop every turn.

use serde_json::{Map, Value, json};

/// Deeper is cut: no arguments need it, and requests have a limit of their own.
const DEPTH: usize = 32;

/// Words that the API does not take at the top of the parameters of a function.
const NOT_AT_THE_TOP: [&str; 6] = ["oneOf", "anyOf", "allOf", "enum", "not", "const"];
/// Words that mean something to validators only.
const NOT_FOR_MODELS: [&str; 4] = ["$schema", "$id", "$comment", "$vocabulary"];
/// Words whose value is a schema.
const ONE: [&str; 6] =
    ["items", "additionalProperties", "not", "contains", "propertyNames", "additionalItems"];
/// Words whose value is a list of schemas.
const LIST: [&str; 4] = ["oneOf", "anyOf", "allOf", "prefixItems"];
/// Words whose value is a table of schemas.
const TABLE: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];

/// The schema, cleaned.
pub(crate) fn clean(schema: &Value) -> Value {
    let mut top = match schema {
        Value::Object(map) => tidied(map, 0),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let branches: Vec<Value> =
        ["allOf", "anyOf", "oneOf"].iter().filter_map(|word| top.get(*word)).cloned().collect();
    NOT_AT_THE_TOP.iter().for_each(|word| drop(top.remove(*word)));
    let mut properties = match top.remove("properties") {
        Some(Value::Object(properties)) => properties,
        Some(_) | None => Map::new(),
    };
    // What the branches describe is kept as something that may be given: the server checks what must be.
    for branch in branches.iter().filter_map(Value::as_array).flatten() {
        for (name, property) in branch.get("properties").and_then(Value::as_object).into_iter().flatten() {
            properties.entry(name.clone()).or_insert_with(|| property.clone());
        }
    }
    if let Some(required) = top.get("required") {
        let is_known = |name: &&Value| name.as_str().is_some_and(|name| properties.contains_key(name));
        let known: Vec<Value> = required.as_array().into_iter().flatten().filter(is_known).cloned().collect();
        top.insert("required".to_owned(), Value::Array(known));
    }
    top.insert("type".to_owned(), json!("object"));
    top.insert("properties".to_owned(), Value::Object(properties));
    Value::Object(top)
}

fn tidy(schema: &Value, depth: usize) -> Value {
    match schema {
        Value::Object(map) if depth < DEPTH => Value::Object(tidied(map, depth)),
        // `true` allows everything, and so does what is too deep to be told or no schema at all; what `false` forbids,
        // the server refuses by itself.
        Value::Object(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_) => json!({}),
    }
}

fn tidied(map: &Map<String, Value>, depth: usize) -> Map<String, Value> {
    let mut clean = Map::new();
    for (word, value) in map.iter().filter(|(word, _)| !NOT_FOR_MODELS.contains(&word.as_str())) {
        let value = match (word.as_str(), value) {
            // Allowed as it is: it says that nothing else may be given.
            ("additionalProperties", Value::Bool(_)) => value.clone(),
            // The old form of a tuple.
            ("items", Value::Array(_)) => json!({}),
            (word, value) if ONE.contains(&word) => tidy(value, depth + 1),
            (word, Value::Array(list)) if LIST.contains(&word) => {
                list.iter().map(|schema| tidy(schema, depth + 1)).collect()
            }
            (word, Value::Object(table)) if TABLE.contains(&word) => Value::Object(
                table.iter().map(|(name, schema)| (name.clone(), tidy(schema, depth + 1))).collect(),
            ),
            (word, _) if LIST.contains(&word) || TABLE.contains(&word) => continue,
            (_, value) => value.clone(),
        };
        clean.insert(word.clone(), value);
    }
    let is_array = |kind: &Value| kind.as_str() == Some("array");
    let is_list = match clean.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is_array),
        Some(kind) => is_array(kind),
        None => false,
    };
    if is_list && !clean.contains_key("items") {
        clean.insert("items".to_owned(), json!({}));
    }
    clean
}

#[cfg(test)]
mod tests;
