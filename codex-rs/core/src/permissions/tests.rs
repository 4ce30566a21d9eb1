//! Every policy with every judgement, as a table.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_mcp_client::Annotations;
use serde_json::Value;

use super::*;

fn granular(asks: bool) -> ApprovalPolicy {
    ApprovalPolicy::Granular(GranularApproval {
        sandbox_approval: asks,
        rules: asks,
        skill_approval: asks,
        request_permissions: asks,
        mcp_elicitations: asks,
    })
}

/// One word for a verdict.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go(Walls::Inside) => "in",
        Verdict::Go(Walls::Outside) => "out",
        Verdict::Ask { then: Walls::Inside, .. } => "ask,in",
        Verdict::Ask { then: Walls::Outside, .. } => "ask,out",
        Verdict::Refuse(why) => {
            assert!(why.ends_with('.'), "{why}");
            "no"
        }
    }
}

fn policies() -> [ApprovalPolicy; 5] {
    [
        ApprovalPolicy::Untrusted,
        ApprovalPolicy::OnRequest,
        granular(true),
        granular(false),
        ApprovalPolicy::Never,
    ]
}

#[test]
fn commands() {
    let why = || "It destroys.".to_owned();
    let judgements = [
        Judgement::Safe,
        Judgement::Allowed,
        Judgement::Unknown { prefix: None },
        Judgement::Dangerous { why: why() },
        Judgement::Forbidden { why: why() },
    ];
    let row = |access, escalation, judgement: &Judgement| {
        policies().map(|policy| word(command(&policy, access, judgement, escalation))).join(" ")
    };
    let table =
        |access, escalation| judgements.iter().map(|judgement| row(access, escalation, judgement)).collect();
    // Columns: untrusted, on-request, granular that asks, granular that does not, never.
    let inside = [
        "in in in in in",
        "in in in in in",
        "ask,in in in in in",
        "ask,in ask,in ask,in no in",
        "no no no no no",
    ];
    let checks: [(Access, Escalation, [&str; 5]); 4] = [
        (Access::Walled, Escalation::No, inside),
        (Access::Full, Escalation::No, inside),
        (Access::Full, Escalation::Wanted, inside),
        (
            Access::Walled,
            Escalation::Wanted,
            [
                "ask,out ask,out ask,out no no",
                "out out out out no",
                "ask,out ask,out ask,out no no",
                "ask,out ask,out ask,out no no",
                "no no no no no",
            ],
        ),
    ];
    for (access, escalation, expected) in checks {
        let seen: Vec<String> = table(access, escalation);
        assert_eq!(seen, expected, "{access:?} {escalation:?}");
    }
}

#[test]
fn what_is_typed_into_a_command() {
    let row =
        |access, place, start| policies().map(|policy| word(typing(&policy, access, place, start))).join(" ");
    for start in [Start::Safe, Start::Unasked, Start::Asked] {
        let outside = row(Access::Walled, Walls::Outside, start);
        assert_eq!(outside, "ask,out ask,out ask,out no no", "{start:?}");
    }
    for (start, expected) in [
        (Start::Safe, "in in in in in"),
        (Start::Unasked, "ask,in in in in in"),
        (Start::Asked, "ask,in ask,in ask,in no in"),
    ] {
        assert_eq!(row(Access::Walled, Walls::Inside, start), expected, "{start:?}");
        assert_eq!(row(Access::Full, Walls::Inside, start), expected, "{start:?}");
    }
}

#[test]
fn changes_of_files() {
    let row = |refused| policies().map(|policy| word(change(&policy, refused))).join(" ");
    assert_eq!(row(None), "ask,in in in in in");
    assert_eq!(row(Some("it lies outside of the workspace")), "ask,out ask,out ask,out no no");
}

#[test]
fn mcp_tools_that_say_nothing_are_asked_about() {
    let tool = |read_only, destructive| Tool {
        server: "s".to_owned(),
        name: "t".to_owned(),
        model_name: "mcp__s__t".to_owned(),
        title: None,
        description: None,
        input_schema: Value::Null,
        annotations: Annotations { read_only, destructive, open_world: None },
        raw: Value::Null,
    };
    let row = |access, tool: Tool| policies().map(|policy| word(mcp_call(&policy, access, &tool))).join(" ");
    let asked = "ask,out ask,out ask,out no no";
    assert_eq!(row(Access::Walled, tool(None, None)), asked);
    assert_eq!(row(Access::Walled, tool(Some(false), None)), asked);
    assert_eq!(row(Access::Walled, tool(Some(true), Some(true))), asked);
    assert_eq!(row(Access::Walled, tool(Some(true), None)), "ask,out out out out out");
    assert_eq!(row(Access::Full, tool(None, None)), "ask,out ask,out ask,out no out");
}
