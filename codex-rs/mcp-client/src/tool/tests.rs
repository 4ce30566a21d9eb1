//! Names, approvals and what is left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Tool, catalog};

#[test]
fn names_for_the_model() {
    let check = |server: &str, name: &str, expected: &str| {
        assert_eq!(tool(server, json!({"name": name})).model_name, expected);
    };
    check("files", "read", "mcp__files__read");
    check("files", "read-all_2", "mcp__files__read-all_2");
    check("my.server", "read it", "mcp__my_server__read_it_24db060e");
    check("files", "größe", "mcp__files__gr__e_86a73bad");
    let long = tool("files", json!({"name": "x".repeat(200)})).model_name;
    assert_eq!(long.len(), 64);
    assert!(long.starts_with("mcp__files__xxxx"), "{long}");
}

#[test]
fn tools_that_would_share_a_name_both_get_a_hash() {
    let tools = || {
        [
            tool("a", json!({"name": "b__c"})),
            tool("a__b", json!({"name": "c"})),
            tool("z", json!({"name": "y"})),
        ]
    };
    let names: Vec<_> =
        catalog(tools().into_iter()).into_iter().map(|tool| (tool.model_name, tool.server)).collect();
    assert_eq!(names.len(), 3);
    assert!(names[0].0.starts_with("mcp__a__b__c_") && names[1].0.starts_with("mcp__a__b__c_"), "{names:?}");
    assert_ne!(names[0].0, names[1].0);
    assert_eq!(names[2], ("mcp__z__y".to_owned(), "z".to_owned()));
    let other_way: Vec<_> =
        catalog(tools().into_iter().rev()).into_iter().map(|tool| (tool.model_name, tool.server)).collect();
    assert_eq!(names, other_way);
}

#[test]
fn a_call_is_asked_about_unless_the_tool_only_reads() {
    let table = [
        (json!(null), true),
        (json!({}), true),
        (json!({"readOnlyHint": false}), true),
        (json!({"readOnlyHint": "true"}), true),
        (json!({"readOnlyHint": true}), false),
        (json!({"readOnlyHint": true, "destructiveHint": false}), false),
        (json!({"readOnlyHint": true, "destructiveHint": true}), true),
        (json!({"destructiveHint": false}), true),
        (json!({"idempotentHint": true, "openWorldHint": false}), true),
    ];
    for (annotations, expected) in table {
        let tool = tool("s", json!({"name": "t", "annotations": annotations}));
        assert_eq!(tool.needs_approval(), expected, "{annotations}");
    }
}

#[test]
fn the_entry_of_a_request() {
    let tool = tool("s", json!({"name": "t", "description": "Does it.", "inputSchema": {"type": "object"}}));
    insta::assert_snapshot!(tool.spec(), @r#"{"description":"Does it.","name":"mcp__s__t","parameters":{"properties":{},"type":"object"},"strict":false,"type":"function"}"#);
}

#[test]
fn what_cannot_be_offered_is_left_out_with_a_sentence() {
    assert_eq!(Tool::read("s", json!({})), Err("a tool without a name is left out".to_owned()));
    assert_eq!(Tool::read("s", json!({"name": ""})), Err("a tool without a name is left out".to_owned()));
    let huge =
        json!({"name": "t", "inputSchema": {"properties": {"a": {"description": "x".repeat(70_000)}}}});
    assert_eq!(
        Tool::read("s", huge),
        Err("the tool `t` is left out: its schema is longer than 65536 bytes".to_owned())
    );
    let wordy = tool("s", json!({"name": "t", "description": "ä".repeat(10_000)}));
    assert_eq!(wordy.description.unwrap().len(), 8192);
}

proptest! {
    #[test]
    fn every_name_is_one_the_api_takes(names in prop::collection::vec(("[a-z_]{1,3}|.{0,80}", "[a-z_]{1,3}|.{1,80}"), 0..20)) {
        let mut pairs = names;
        pairs.sort();
        pairs.dedup();
        let count = pairs.len();
        let tools = catalog(pairs.iter().map(|(server, name)| tool(server, json!({"name": name}))));
        prop_assert_eq!(tools.len(), count);
        for pair in tools.windows(2) {
            prop_assert!(pair[0].model_name < pair[1].model_name);
        }
        for tool in &tools {
            prop_assert!((1..=64).contains(&tool.model_name.len()));
            prop_assert!(tool.model_name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)));
        }
    }
}

fn tool(server: &str, raw: Value) -> Tool {
    Tool::read(server, raw).unwrap()
}
