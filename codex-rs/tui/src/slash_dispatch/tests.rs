//! Drafts and what they mean.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_redact::{Secret, key_shape};
use proptest::prelude::*;

use super::{Read, argument_start, dispatch, near_miss, read, unknown};
use crate::account::Account;
use crate::facts::Facts;
use crate::now::Now;
use crate::session::Session;
use crate::setup::Setup;
use crate::slash_command::SlashCommand;

const KEY: &str = "sk-proj-testkey-0123456789abcdefghijkl";

fn check(draft: &str, expect: Read) {
    assert_eq!(read(&draft.replace("KEY", KEY)), expect, "{draft:?}");
}

fn add(argument: Option<&str>) -> Read {
    Read::Command { command: SlashCommand::AddApiKey, argument: argument.map(Secret::new) }
}

fn status(argument: Option<&str>) -> Read {
    Read::Command { command: SlashCommand::Status, argument: argument.map(Secret::new) }
}

#[test]
fn messages_are_messages() {
    for draft in [
        "",
        "hello",
        "/",
        "/ status",
        " /status",
        "/usr/bin/env prints what?",
        "//",
        "add an API key to the settings",
        "a\n/status",
        // App asks before it sends these.
        "what is KEY doing in this log?",
        "remove KEY from .env",
        "/etc/app.conf holds KEY",
        "rotate KEY",
    ] {
        check(draft, Read::Message);
    }
}

#[test]
fn commands_are_commands() {
    check("/status", status(None));
    check("/status ", status(None));
    check("/status now", status(Some("now")));
    check("/exit", Read::Command { command: SlashCommand::Quit, argument: None });
    check("/add-api-key", add(None));
    check("/add-api-key  \n", add(None));
    check("/add-api-key KEY", add(Some(KEY)));
    check("/add-api-key\t KEY  \n", add(Some(KEY)));
    // No key shape: the engine knows what the key's host takes.
    check("/add-api-key other-form", add(Some("other-form")));
    check("/frobnicate now", Read::Unknown { name: "frobnicate".to_owned() });
    check("/Status", Read::Unknown { name: "Status".to_owned() });
}

#[test]
fn near_misses_go_nowhere() {
    for draft in [
        "/add-api-key KEY please",
        "/add-api-key two words",
        "/add-api-key\nKEY",
        "/add-api-key KEY\nand more",
        " /add-api-key KEY",
        "\n/add-api-key KEY",
        "/addapikey KEY",
        "/add-api-kye KEY",
        "/ADD-API-KEY KEY",
        "/add_api_key KEY",
        "/add-key KEY",
        "add-api-key KEY",
        "add api key KEY",
        "/add-api-keyKEY",
        "add-api-keyKEY",
        "/add-api-key:KEY",
        "please run /add-api-key KEY for me",
        "KEY /add-api-key",
        "/foo KEY",
        "/status KEY",
        "/model\nKEY",
        "/KEY",
        "KEY",
        "  KEY\n",
        "\"KEY\"",
        "API_TOKEN=KEY",
        // Shorter than any key of OpenAI, and still meant as one.
        "/add-apikey sk-demo-coffee",
        "/add-api-kye other-form",
        "/ADD-API-KEY sk-a",
    ] {
        check(draft, Read::NearMiss);
    }
}

#[test]
fn the_argument_to_mask_is_found() {
    for (draft, expect) in [
        ("/add-api-key sk-a", Some(12)),
        ("  /add-api-key x", Some(14)),
        ("/add-api-kye x", Some(12)),
        ("/ADDAPIKEY x", Some(10)),
        ("add-api-key x", Some(11)),
        ("/add-api-key", None),
        ("/model x", None),
        ("APIKey handling is broken", None),
        ("add a key to the map", None),
        ("", None),
    ] {
        assert_eq!(argument_start(draft), expect, "{draft:?}");
    }
}

#[test]
fn while_a_turn_runs_some_commands_wait() {
    let (account, setup) = (Account::default(), Setup::default());
    let mut busy = Session::default();
    busy.turn_runs(serde_json::from_str("\"0199a213-81c0-7800-8aa1-bbab2a035a53\"").unwrap(), Now::default());
    for command in SlashCommand::ALL.iter().copied() {
        let facts = Facts { account: &account, session: &busy, setup: &setup };
        let is_refused = format!("{:?}", dispatch(command, None, facts)).contains("when the turn has ended");
        assert_eq!(is_refused, !command.available_during_task(), "{command:?}");
        let idle = Session::default();
        let facts = Facts { account: &account, session: &idle, setup: &setup };
        assert_eq!(format!("{:?}", dispatch(command, None, facts)), format!("{:?}", command.action(None)));
    }
}

#[test]
fn nothing_is_left_out_in_silence() {
    let (account, session, setup) = (Account::default(), Session::default(), Setup::default());
    let facts = Facts { account: &account, session: &session, setup: &setup };
    let events = format!("{:?}", dispatch(SlashCommand::Status, Some(Secret::new("now")), facts));
    assert!(events.starts_with("[ShowStatus, Say("), "{events}");
    assert!(events.contains("/status takes nothing after it"), "{events}");
}

proptest! {
    /// Whatever surrounds a key: the answer never repeats it, and no command but `/add-api-key` gets it.
    #[test]
    fn a_key_is_never_repeated(before in "[ -~\\n]{0,16}", after in "[ -~\\n]{0,12}") {
        let draft = format!("{before}{KEY}{after}");
        match read(&draft) {
            Read::Message | Read::NearMiss => {}
            Read::Command { command, .. } => prop_assert_eq!(command, SlashCommand::AddApiKey),
            Read::Unknown { name } => {
                let told = format!("{:?}", unknown(&name));
                prop_assert!(!told.contains(&KEY[..12]), "{}", told);
                prop_assert!(!key_shape::contains_key_shape(&told));
            }
        }
        let told = format!("{:?}", near_miss());
        prop_assert!(!told.contains(KEY));
    }

    /// No draft makes it panic, and what begins with a blank is never a command.
    #[test]
    fn every_draft_is_read(draft in "\\PC{0,40}") {
        let _ = argument_start(&draft);
        let _ = read(&draft);
        let indented = read(&format!(" {draft}"));
        prop_assert!(matches!(indented, Read::Message | Read::NearMiss));
    }
}
