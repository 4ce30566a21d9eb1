//! The dialogs: what keys do to them, what a sheet leaves out where rows are short, and that no key typed into one is
//! ever drawn. How they look on a whole screen is in `app/tests/panels.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::time::Duration;

use codex_app_server_protocol::{FallbackApprovalParams, Model, ModelListResponse, RequestId, RpcError};
use codex_render::Tone;
use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::json;

use super::sheet::{Choice, Sheet};
use super::{
    Dialog, Dialogs, approve_change, approve_command, approve_permissions, ask, background, elicitation,
    fallback_panel, key_box, logout, mcp_call, model_picker, permissions_picker, send_guard, sign_in, trust,
};
use crate::app_event::Message;
use crate::effect::Answer;
use crate::now::Now;
use crate::test_facts::{KEY, NOON, World, drawn, in_words, scene};

/// Half a second after the start: the question no longer takes keys for a draft's.
const LATER: Now = Now { since_start: Duration::from_millis(500), unix: NOON };

fn press(dialog: &mut dyn Dialog, world: &World, keys: &[KeyCode]) -> String {
    let mut events = Vec::new();
    for key in keys {
        events.extend(dialog.key(KeyEvent::from(*key), world.facts(), LATER));
    }
    format!("{events:?}")
}

fn question() -> ask::Ask {
    let id = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    let question: FallbackApprovalParams = serde_json::from_value(json!({
        "threadId": id, "turnId": id, "reason": "The limit is reached.", "resetsAt": NOON + 8_400, "model": "gpt-5.5",
        "keyLast4": "d3m0", "contextTokens": 11_174,
    }))
    .unwrap();
    ask::Ask::new(RequestId::Number(7), question, Now::default())
}

fn picker() -> model_picker::ModelPicker {
    let model = |name: &str, hidden: bool, efforts: &[&str]| -> Model {
        let option = |effort: &&str| json!({ "reasoningEffort": effort, "description": "thinks" });
        let efforts: Vec<_> = efforts.iter().map(option).collect();
        serde_json::from_value(json!({
            "id": name, "model": name, "displayName": name, "description": "For everyday work", "hidden": hidden,
            "supportedReasoningEfforts": efforts, "defaultReasoningEffort": "low", "inputModalities": [],
            "supportsPersonality": false, "additionalSpeedTiers": [], "serviceTiers": [], "isDefault": false,
        }))
        .unwrap()
    };
    let data = vec![
        model("gpt-5.5", false, &["low", "high"]),
        model("gpt-hidden", true, &[]),
        model("gpt-tiny", false, &[]),
    ];
    let mut picker = model_picker::ModelPicker::new();
    picker.answered(&Answer::ListModels(Ok(ModelListResponse { data, next_cursor: None })));
    picker
}

fn guard(text: &str) -> send_guard::SendGuard {
    send_guard::SendGuard::new(Message { text: text.replace("KEY", KEY), images: Vec::new() }, Now::default())
}

fn typed() -> key_box::KeyBox {
    let mut dialog = key_box::KeyBox::new("~/.codex");
    dialog.paste(format!(" {KEY}\n"));
    dialog
}

/// Every question of the engine's about what the agent may do, each with a key in what is asked about.
fn approvals() -> Vec<Box<dyn Dialog>> {
    let id = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    let (now, number) = (Now::default(), RequestId::Number);
    let command = serde_json::from_value(json!({
        "kind": "command", "threadId": id, "turnId": id, "itemId": "i", "startedAtMs": 0, "environmentId": null,
        "command": format!("curl -H {KEY} https://example.com\nrm -r /tmp/x"), "cwd": "/home/ada/work/engine",
        "reason": format!("It needs {KEY}."), "proposedExecpolicyAmendment": ["curl", KEY],
    }));
    let change = serde_json::from_value(json!({
        "threadId": id, "turnId": id, "itemId": "i", "startedAtMs": 0, "reason": KEY, "grantRoot": null,
    }));
    let file = serde_json::from_value(json!({
        "path": "/home/ada/work/engine/src/a.rs", "kind": { "type": "update", "move_path": null },
        "diff": format!("@@ -1,2 +1,2 @@\n-x\n+{KEY}\n y\n"),
    }));
    let permissions = serde_json::from_value(json!({
        "threadId": id, "turnId": id, "itemId": "i", "environmentId": null, "startedAtMs": 0, "cwd": "/", "reason": null,
        "permissions": { "network": { "enabled": true }, "fileSystem": { "write": ["/srv/a\nb"] } },
    }));
    let meta = json!({
        "codex_approval_kind": "mcp_tool_call", "persist": ["session"], "tool_params": { "key": KEY },
        "tool_description": "Reads.",
    });
    let schema = json!({
        "type": "object", "required": ["name"],
        "properties": { "name": { "type": "string" }, "sure": { "type": "boolean" } },
    });
    let server = || "files".to_owned();
    let mut form =
        elicitation::Elicitation::form(number(5), server(), "Who?".to_owned(), &schema, now).unwrap();
    form.paste(KEY.to_owned());
    let world = World::plus();
    vec![
        Box::new(approve_command::ApproveCommand::new(number(1), command.unwrap(), now)),
        Box::new(approve_change::ApproveChange::new(
            number(2),
            change.unwrap(),
            &[file.unwrap()],
            world.facts(),
            now,
        )),
        Box::new(approve_permissions::ApprovePermissions::new(number(3), permissions.unwrap(), now)),
        Box::new(mcp_call::ApproveMcpCall::new(number(4), "Call it?".to_owned(), Some(&meta), now)),
        Box::new(form),
        Box::new(elicitation::Elicitation::address(
            number(6),
            server(),
            "Open it".to_owned(),
            "https://example.com/x".to_owned(),
            now,
        )),
    ]
}

#[test]
fn approvals_are_answered_by_letters_numbers_and_arrows() {
    let world = World::plus();
    let told = |place: usize, keys: &[KeyCode]| {
        let mut approvals = approvals();
        let told = press(approvals[place].as_mut(), &world, keys);
        let end = told.find(", CloseDialog").unwrap_or(told.len());
        told[..end].trim_start_matches("[Reply { id: Number(").to_owned()
    };
    let mut all = String::new();
    for place in [0, 1, 2, 3, 5] {
        for key in ['y', 'a', 'p', 'n', 'd', 'c', '1', '9'] {
            let told = told(place, &[KeyCode::Char(key)]);
            all.push_str(&format!("{place} {key} {}\n", told.replace(KEY, "KEY")));
        }
        assert_eq!(told(place, &[KeyCode::Esc]), told(place, &[KeyCode::Char('n')]), "Esc means no");
        // Nothing is chosen by accident.
        assert_eq!(told(place, &[KeyCode::Enter]), "[]");
        assert_eq!(told(place, &[KeyCode::Down, KeyCode::Enter]), told(place, &[KeyCode::Char('1')]));
        let mut early = approvals();
        let key = KeyEvent::from(KeyCode::Char('y'));
        assert!(early[place].key(key, world.facts(), Now::default()).is_empty(), "deaf at first");
    }
    assert_snapshot!(all, @r#"
    0 y 1), reply: Command(Accept) }
    0 a 1), reply: Command(AcceptForSession) }
    0 p 1), reply: Command(AcceptWithExecpolicyAmendment { execpolicy_amendment: ["curl", "KEY"] }) }
    0 n 1), reply: Command(Decline) }
    0 d 1), reply: Command(Decline) }
    0 c 1), reply: Command(Cancel) }
    0 1 1), reply: Command(Accept) }
    0 9 []
    1 y 2), reply: Change(Accept) }
    1 a 2), reply: Change(AcceptForSession) }
    1 p []
    1 n 2), reply: Change(Decline) }
    1 d 2), reply: Change(Decline) }
    1 c 2), reply: Change(Cancel) }
    1 1 2), reply: Change(Accept) }
    1 9 []
    2 y 3), reply: Permissions(PermissionsRequestApprovalResponse { permissions: Permissions { network: Some(NetworkPermissions { enabled: Some(true) }), file_system: Some(FileSystemPermissions { read: None, write: Some(["/srv/a\nb"]) }) }, scope: Turn }) }
    2 a 3), reply: Permissions(PermissionsRequestApprovalResponse { permissions: Permissions { network: Some(NetworkPermissions { enabled: Some(true) }), file_system: Some(FileSystemPermissions { read: None, write: Some(["/srv/a\nb"]) }) }, scope: Session }) }
    2 p []
    2 n 3), reply: Permissions(PermissionsRequestApprovalResponse { permissions: Permissions { network: None, file_system: None }, scope: Turn }) }
    2 d 3), reply: Permissions(PermissionsRequestApprovalResponse { permissions: Permissions { network: None, file_system: None }, scope: Turn }) }
    2 c []
    2 1 3), reply: Permissions(PermissionsRequestApprovalResponse { permissions: Permissions { network: Some(NetworkPermissions { enabled: Some(true) }), file_system: Some(FileSystemPermissions { read: None, write: Some(["/srv/a\nb"]) }) }, scope: Turn }) }
    2 9 []
    3 y 4), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: None, meta: None }) }
    3 a 4), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: None, meta: Some(Object {"persist": String("session")}) }) }
    3 p []
    3 n 4), reply: Mcp(McpServerElicitationRequestResponse { action: Decline, content: None, meta: None }) }
    3 d 4), reply: Mcp(McpServerElicitationRequestResponse { action: Decline, content: None, meta: None }) }
    3 c 4), reply: Mcp(McpServerElicitationRequestResponse { action: Cancel, content: None, meta: None }) }
    3 1 4), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: None, meta: None }) }
    3 9 []
    5 y 6), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: None, meta: None }) }
    5 a []
    5 p []
    5 n 6), reply: Mcp(McpServerElicitationRequestResponse { action: Decline, content: None, meta: None }) }
    5 d 6), reply: Mcp(McpServerElicitationRequestResponse { action: Decline, content: None, meta: None }) }
    5 c 6), reply: Mcp(McpServerElicitationRequestResponse { action: Cancel, content: None, meta: None }) }
    5 1 6), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: None, meta: None }) }
    5 9 []
    "#);
}

#[test]
fn only_what_the_engine_offers_is_offered_and_no_always_is() {
    let id = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    let params = serde_json::from_value(json!({
        "kind": "command", "threadId": id, "turnId": id, "itemId": "i", "startedAtMs": 0, "environmentId": null,
        "command": "ls", "availableDecisions": ["accept", "cancel"],
    }));
    let mut question =
        approve_command::ApproveCommand::new(RequestId::Number(1), params.unwrap(), Now::default());
    let world = World::plus();
    assert_eq!(press(&mut question, &world, &[KeyCode::Char('a')]), "[]");
    assert_eq!(press(&mut question, &world, &[KeyCode::Char('p')]), "[]");
    assert!(press(&mut question, &world, &[KeyCode::Char('2')]).contains("Decline"));
    assert!(press(&mut question, &world, &[KeyCode::Char('c')]).contains("Cancel"));
}

#[test]
fn a_reading_hides_nothing_of_the_command() {
    let id = "0199a213-81c0-7800-8aa1-bbab2a035a53";
    let shown = |line: &str, reading: &str| {
        let params = serde_json::from_value(json!({
            "kind": "command", "threadId": id, "turnId": id, "itemId": "i", "startedAtMs": 0, "environmentId": null,
            "command": line, "commandActions": [{ "type": "unknown", "command": reading }],
        }));
        let question =
            approve_command::ApproveCommand::new(RequestId::Number(1), params.unwrap(), Now::default());
        let scene = scene(80, 24);
        let picture = drawn(&question.view(&scene, World::plus().facts(), 20), &scene);
        picture.lines().nth(1).unwrap().trim().to_owned()
    };
    assert_eq!(shown("bash -lc 'ls src'", "ls src"), "ls src");
    assert_eq!(shown("bash -lc ls", "ls"), "ls");
    assert_eq!(shown("bash -lc 'rm -r x; ls'", "ls"), "bash -lc 'rm -r x; ls'");
    assert_eq!(shown("bash -lc 'ls; rm -r x'", "ls"), "bash -lc 'ls; rm -r x'");
}

#[test]
fn a_form_is_filled_in_field_by_field() {
    let schema = json!({
        "type": "object", "required": ["name", "age"],
        "properties": {
            "age": { "type": "integer" }, "colour": { "type": "string", "enum": ["r", "g"], "enumNames": ["red", "green"] },
            "name": { "type": "string", "title": "Your name" }, "sure": { "type": "boolean" },
        },
    });
    let server = "files".to_owned();
    let new = |schema: &serde_json::Value| {
        let id = RequestId::Number(5);
        elicitation::Elicitation::form(id, server.clone(), "Who?".to_owned(), schema, Now::default())
    };
    let mut form = new(&schema).unwrap();
    let world = World::plus();
    let (enter, down) = (KeyCode::Enter, KeyCode::Down);
    let mut keys =
        vec![enter, KeyCode::Char('x'), enter, KeyCode::Backspace, KeyCode::Char('7'), enter, down, enter];
    keys.extend("Ada".chars().map(KeyCode::Char));
    keys.extend([enter, KeyCode::Char('2')]);
    assert_eq!(press(&mut form, &world, &keys), "[]");
    let later = Now { since_start: Duration::from_millis(2_000), unix: NOON };
    let told = form.key(KeyEvent::from(KeyCode::Char('y')), world.facts(), later);
    assert_snapshot!(format!("{told:?}"), @r#"[Reply { id: Number(5), reply: Mcp(McpServerElicitationRequestResponse { action: Accept, content: Some(Object {"age": Number(7), "colour": String("g"), "name": String("Ada"), "sure": Bool(false)}), meta: None }) }, CloseDialog]"#);
    for strange in [
        json!({ "properties": { "a": { "type": "object" } } }),
        json!({ "properties": { "a": {} } }),
        json!({ "properties": { "a": { "type": "string", "enum": [1] } } }),
        json!({ "properties": [] }),
    ] {
        assert!(new(&strange).is_none(), "{strange}");
    }
}

#[test]
fn questions_wait_for_each_other_in_their_order() {
    let mut dialogs = Dialogs::default();
    dialogs.open(picker());
    dialogs.ask(question());
    let world = World::plus();
    let schema = json!({});
    let form =
        elicitation::Elicitation::form(RequestId::Number(9), String::new(), String::new(), &schema, LATER);
    dialogs.ask(form.unwrap());
    assert_eq!(dialogs.waiting(), 1);
    assert!(format!("{:?}", dialogs.top()).contains("Ask"));
    dialogs.close(LATER);
    assert!(format!("{:?}", dialogs.top()).contains("Elicitation"));
    // A key that is pressed twice does not answer the next one as well.
    let key = KeyEvent::from(KeyCode::Char('y'));
    assert!(dialogs.top_mut().unwrap().key(key, world.facts(), LATER).is_empty());
    dialogs.close(LATER);
    assert!(format!("{:?}", dialogs.top()).contains("ModelPicker"));
}

/// Every dialog, with a key in it where one can be.
fn all() -> Vec<Box<dyn Dialog>> {
    let mut sign_in = sign_in::SignIn::default();
    sign_in.paste(KEY.to_owned());
    let mut checking = typed();
    press(&mut checking, &World::plus(), &[KeyCode::Enter]);
    let dialogs: Vec<Box<dyn Dialog>> = vec![
        Box::new(permissions_picker::PermissionsPicker::new(None)),
        Box::new(background::Background::default()),
        Box::new(typed()),
        Box::new(checking),
        Box::new(sign_in),
        Box::new(question()),
        Box::new(picker()),
        Box::new(model_picker::ModelPicker::new()),
        Box::new(guard("look at KEY")),
        Box::new(trust::TrustQuestion::new("/home/ada/work/engine".to_owned(), None)),
        Box::new(logout::LogoutQuestion::default()),
        Box::new(fallback_panel::FallbackPanel::default()),
    ];
    dialogs.into_iter().chain(approvals()).collect()
}

#[test]
fn letters_move_in_the_panel_and_enter_chooses() {
    let with_key = [
        ('a', "[SetPayer(Auto)]"),
        ('p', "[SetPayer(Plan)]"),
        ('k', "[SetPayer(Key)]"),
        ('s', "[SetFallbackMode { mode: Auto, keep: Process }]"),
        ('q', "[SetFallbackMode { mode: Ask, keep: Process }]"),
        ('o', "[SetFallbackMode { mode: Off, keep: Process }]"),
        ('w', "[SetFallbackMode { mode: Auto, keep: Written }]"),
        ('n', "[CloseDialog, OpenKeyBox]"),
        ('r', "[RemoveFallbackApiKey]"),
    ];
    let mut panel = fallback_panel::FallbackPanel::default();
    for (letter, events) in with_key {
        assert_eq!(
            press(&mut panel, &World::with_key(), &[KeyCode::Char(letter)]),
            "[]",
            "a letter only moves"
        );
        assert_eq!(press(&mut panel, &World::with_key(), &[KeyCode::Enter]), events);
    }
    // The key is gone: the cursor stood on what is no longer offered.
    assert_eq!(press(&mut panel, &World::plus(), &[KeyCode::Enter]), "[CloseDialog, OpenKeyBox]");
    for letter in ['a', 'p', 'k', 'r'] {
        let keys = [KeyCode::Char(letter), KeyCode::Enter];
        assert_eq!(press(&mut panel, &World::plus(), &keys), "[CloseDialog, OpenKeyBox]", "{letter}");
    }
    assert_eq!(press(&mut panel, &World::plus(), &[KeyCode::Esc]), "[CloseDialog]");
}

#[test]
fn a_message_with_a_key_goes_where_the_person_says() {
    let run = |text: &str, keys: &[KeyCode]| press(&mut guard(text), &World::plus(), keys);
    assert!(run("a KEY", &[KeyCode::Char('3')]).starts_with("[CloseDialog, SubmitAnyway("));
    let stored = run("a KEY b", &[KeyCode::Char('2')]);
    assert!(stored.starts_with("[CloseDialog, AddFallbackApiKey { key: Secret(****) }, "), "{stored}");
    assert!(stored.contains("\"a b\""), "{stored}");
    // Who goes on typing sends nothing away.
    let mut hasty = guard("a KEY");
    for milliseconds in [20, 200, 400] {
        let now = Now { since_start: Duration::from_millis(milliseconds), unix: NOON };
        let digit = KeyEvent::from(KeyCode::Char('3'));
        assert_eq!(format!("{:?}", hasty.key(digit, World::plus().facts(), now)), "[]");
    }
    // Of two keys none is known to be the right one.
    assert!(run("KEY KEY", &[KeyCode::Char('2')]).starts_with("[CloseDialog, SubmitAnyway("));
    for keys in [KeyCode::Esc, KeyCode::Enter] {
        assert!(!run("a KEY", &[keys]).contains("Submit"));
    }
}

#[test]
fn a_model_is_chosen_with_its_effort() {
    let world = World::plus();
    let down = [KeyCode::Down, KeyCode::Enter];
    for (keys, events) in [
        // The cursor stands on what is in use.
        (
            &[KeyCode::Enter, KeyCode::Enter][..],
            "[CloseDialog, SetModel { model: \"gpt-5.5\", effort: Some(\"high\") }]",
        ),
        (
            &[KeyCode::Char('1'), KeyCode::Char('1')],
            "[CloseDialog, SetModel { model: \"gpt-5.5\", effort: Some(\"low\") }]",
        ),
        (&down, "[CloseDialog, SetModel { model: \"gpt-tiny\", effort: None }]"),
        (&[KeyCode::Enter, KeyCode::Esc, KeyCode::Esc], "[CloseDialog]"),
    ] {
        assert_eq!(press(&mut picker(), &world, keys), events);
    }
    let mut refused = model_picker::ModelPicker::new();
    refused.answered(&Answer::ListModels(Err(RpcError::internal("No answer."))));
    assert!(drawn(&refused.view(&scene(80, 24), world.facts(), 20), &scene(80, 24)).contains("No answer."));
}

#[test]
fn what_becomes_of_the_key_is_asked_where_there_is_one() {
    let run = |world: World, letter| {
        press(&mut logout::LogoutQuestion::default(), &world, &[KeyCode::Char(letter)])
    };
    assert_eq!(run(World::with_key(), '1'), "[CloseDialog]");
    assert_eq!(run(World::with_key(), '2'), "[CloseDialog, Logout(Deleted)]");
    assert_eq!(run(World::with_key(), '3'), "[CloseDialog, Logout(Kept)]");
    assert_eq!(run(World::plus(), '3'), "[]");
}

#[test]
fn the_box_goes_when_the_engine_has_answered_wherever_it_lies() {
    let mut checking = typed();
    press(&mut checking, &World::plus(), &[KeyCode::Enter]);
    assert_eq!(press(&mut checking, &World::plus(), &[KeyCode::Char('x'), KeyCode::Enter]), "[]");
    let mut dialogs = Dialogs::default();
    dialogs.open(checking);
    dialogs.open(question());
    dialogs.answered(&Answer::AddKey(Err(RpcError::invalid_request("no"))));
    assert!(format!("{:?}", dialogs.top()).contains("Ask"));
    dialogs.close(LATER);
    assert!(dialogs.is_empty());
}

/// A sheet with some of everything, the choice at `selected` chosen.
fn sheet(room: usize, selected: usize) -> String {
    let scene = scene(30, 24);
    let mut sheet = Sheet::titled(&scene, "Title");
    sheet.text(Tone::Normal, "The first of two explanations");
    sheet.text(Tone::Normal, "and the second, which is longer");
    sheet.needed(Tone::Warning, "Not to be missed.");
    sheet.blank();
    for (place, text) in
        ["one", "two", "three, with words that wrap", "four", "five", "six"].iter().enumerate()
    {
        sheet.choice(&(place + 1).to_string(), text, Choice::at(place, selected));
    }
    sheet.blank();
    sheet.hint(&["Enter chooses", "Esc leaves"]);
    let picture = sheet.picture(room);
    assert!(picture.rows() <= room);
    drawn(&picture, &scene)
}

#[test]
fn what_a_sheet_leaves_out_where_rows_are_short() {
    assert_snapshot!(sheet(16, 0), @"
    ── Title ─────────────────────
      The first of two
      explanations
      and the second, which is
      longer
      Not to be missed.

    › 1  one
      2  two
      3  three, with words that
         wrap
      4  four
      5  five
      6  six

      Enter chooses · Esc leaves
    ");
    assert_snapshot!(sheet(13, 0), @"
    ── Title ─────────────────────
      The first of two
      explanations
      and the second, which is
      longer
      Not to be missed.
    › 1  one
      2  two
      3  three, with words that
         wrap
      4  four
      5  five
      6  six
    ");
    assert_snapshot!(sheet(10, 0), @"
    ── Title ─────────────────────
      The first of two
      explanations
      Not to be missed.
    › 1  one
      2  two
      3  three, with words that
         wrap
      4  four
    ↓ 5  five
    ");
    assert_snapshot!(sheet(7, 3), @"
    ── Title ─────────────────────
      Not to be missed.
      1  one
      2  two
      3  three, with words that
         wrap
    › 4  four
    ");
    assert_snapshot!(sheet(7, 5), @"
    ── Title ─────────────────────
      Not to be missed.
    ↑ 3  three, with words that
         wrap
      4  four
      5  five
    › 6  six
    ");
    assert_snapshot!(sheet(3, 2), @"
    ── Title ─────────────────────
    › 3  three, with words that
         wrap
    ");
    assert_snapshot!(sheet(1, 2), @"› 3  three, with words that");
}

#[test]
fn they_fit_everywhere_and_never_show_a_key() {
    for world in [World::plus(), World::with_key(), World::switched()] {
        for dialog in all() {
            for width in [1, 2, 5, 20, 40, 80, 200] {
                for room in [0, 1, 3, 6, 20] {
                    for scene in [scene(width, 24), in_words(scene(width, 24))] {
                        let picture = dialog.view(&scene, world.facts(), room);
                        assert!(picture.rows() <= room);
                        assert!(!drawn(&picture, &scene).contains("testkey"), "{dialog:?}");
                    }
                }
            }
        }
        // What is asked about is the engine's own and is not ours to hide from a debugger; a typed key is.
        for dialog in all().iter().take(12) {
            assert!(!format!("{dialog:?}").contains("testkey"));
        }
    }
}

proptest! {
    /// Whatever is typed or pasted, in whatever pieces: no three characters of it are drawn or printed together.
    #[test]
    fn no_field_shows_what_is_typed(pieces in prop::collection::vec("[A-Z0-9_]{3,12}", 1..5), width in 1_u16..100) {
        let world = World::plus();
        let mut sign_in = sign_in::SignIn::default();
        let mut key_box = key_box::KeyBox::new("/h");
        let fields: [&mut dyn Dialog; 2] = [&mut sign_in, &mut key_box];
        for dialog in fields {
            for (place, piece) in pieces.iter().enumerate() {
                if place % 2 == 0 {
                    dialog.paste(piece.clone());
                } else {
                    let keys: Vec<KeyCode> = piece.chars().map(KeyCode::Char).collect();
                    press(dialog, &world, &keys);
                }
            }
            let scene = scene(width, 24);
            let shown = drawn(&dialog.view(&scene, world.facts(), 20), &scene);
            let printed = format!("{dialog:?}");
            for piece in &pieces {
                prop_assert!(!shown.contains(piece.as_str()) || "API".contains(piece.as_str()), "{}", shown);
                prop_assert!(!printed.contains(piece.as_str()), "{}", printed);
            }
        }
    }
}
