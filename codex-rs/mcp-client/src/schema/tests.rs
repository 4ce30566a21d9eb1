//! Schemas as servers write them, and what the model gets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::clean;

#[test]
fn every_schema_becomes_one_that_the_api_takes() {
    let table = [
        (json!({}), json!({"type": "object", "properties": {}})),
        (json!(null), json!({"type": "object", "properties": {}})),
        (json!(true), json!({"type": "object", "properties": {}})),
        (json!({"type": "object"}), json!({"type": "object", "properties": {}})),
        (json!({"type": ["object", "null"]}), json!({"type": "object", "properties": {}})),
        (
            json!({"$schema": "x", "type": "object", "properties": {"a": {"type": "string", "$comment": "x"}},
                "required": ["a", "b", 3], "additionalProperties": false}),
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"],
                "additionalProperties": false}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": "array"}, "b": true, "c": {"type": ["array", "null"]},
                "d": {"type": "array", "items": [{"type": "string"}]}, "e": {"type": "array", "items": true}}}),
            json!({"type": "object", "properties": {"a": {"type": "array", "items": {}}, "b": {},
                "c": {"type": ["array", "null"], "items": {}}, "d": {"type": "array", "items": {}},
                "e": {"type": "array", "items": {}}}}),
        ),
        (
            json!({"oneOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]},
                {"properties": {"b": {"type": "integer"}}}], "enum": [1], "not": {}}),
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}),
        ),
        (
            json!({"type": "object", "properties": 5, "allOf": 3, "$defs": []}),
            json!({"type": "object", "properties": {}}),
        ),
        (
            json!({"type": "object", "properties": {"properties": {"type": "object", "properties": {"enum": {"enum": ["x"]}}}}}),
            json!({"type": "object", "properties": {"properties": {"type": "object", "properties": {"enum": {"enum": ["x"]}}}}}),
        ),
    ];
    for (schema, expected) in table {
        assert_eq!(clean(&schema), expected, "{schema}");
    }
}

#[test]
fn depth_has_an_end() {
    let mut schema = json!({"type": "string"});
    for _ in 0..100 {
        schema = json!({"type": "object", "properties": {"a": schema}});
    }
    assert!(depth(&clean(&schema)) < 80);
}

proptest! {
    #[test]
    fn nothing_breaks_it_and_twice_is_once(schema in any_json()) {
        let once = clean(&schema);
        prop_assert_eq!(&once["type"], &json!("object"));
        prop_assert!(once["properties"].is_object());
        prop_assert_eq!(clean(&once), once);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("anyOf"),
        Just("required"),
        Just("enum"),
        Just("additionalProperties"),
        Just("$defs"),
        Just("a"),
        Just("array"),
        Just("object"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..5).prop_map(|entries| entries
                .into_iter()
                .map(|(word, value)| (word.to_owned(), value))
                .collect()),
        ]
    })
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
