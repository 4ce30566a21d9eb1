//! Who pays, through `AuthManager`: the switch leaves no trace on disk, and the store is asked before money is spent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_config::{BaseUrl, LoginMethod};
use codex_fallback::{
    Block, Consent, Decision, Event, Force, Host, KeyState, Mode, Payer, Reason, Signal, WhyNot,
};
use codex_login::{CredentialKind, LoginError};
use codex_protocol::CodexErr;
use serde_json::json;
use support::{
    ACCOUNT, API_KEY, Home, KEY, OTHER_KEY, answered, hit_limit, issued, payer, secret, switch, turn,
};

#[test]
fn a_switch_changes_no_byte_and_no_other_process() {
    let home = Home::with_key();
    let before = (home.bytes("auth.json"), home.bytes("fallback-keys.json"));
    let (auth, other) = (home.open(), home.open());
    let plan = issued(&auth);
    let reported = switch(&auth, &home);
    let key = issued(&auth);
    assert!(
        matches!(&key.kind, CredentialKind::Key { key, last4 } if *key == secret(KEY) && last4 == "ghij")
    );
    assert_ne!(plan.minter, key.minter);
    assert_eq!((home.bytes("auth.json"), home.bytes("fallback-keys.json")), before);
    assert_eq!(payer(&issued(&other)), Some(Payer::Plan));

    let change = reported.change.unwrap();
    assert!(change.sentence().contains("…ghij"), "{}", change.sentence());
    assert_eq!(auth.last_change(), Some(change));
    let status = auth.status();
    assert_eq!((status.payer, status.epoch, status.resets_at), (Payer::Key, 1, Some(home.now() + 3600)));
    assert_eq!(std::fs::read_dir(home.folder.path()).unwrap().count(), 2, "no file beside the two");
}

#[test]
fn many_limits_of_one_epoch_make_one_switch() {
    let home = Home::with_key();
    let auth = home.open();
    let tickets: Vec<_> = (0..5).map(|_| issued(&auth).ticket.unwrap()).collect();
    let changes = tickets.into_iter().filter_map(|ticket| {
        let reported = answered(&auth, ticket, Signal::Limit { resets_at: None });
        assert_eq!(reported.decision, Decision::Resend);
        reported.change
    });
    assert_eq!(changes.count(), 1);
}

#[test]
fn before_each_paid_request_the_store_must_hold_this_key_for_this_account() {
    let check = |change: fn(&Home), expect: Payer, state: KeyState| {
        let home = Home::with_key();
        let auth = home.open();
        switch(&auth, &home);
        change(&home);
        let first = auth.credential(&turn("t")).unwrap();
        let credential = first.credential.unwrap();
        assert_eq!(payer(&credential), Some(expect));
        assert_eq!(auth.status().key_state, state);
        match expect {
            Payer::Key => assert_eq!(first.change, None),
            Payer::Plan => {
                let change = first.change.unwrap();
                assert_eq!((change.payer, change.reason, change.epoch), (Payer::Plan, Reason::KeyChanged, 2));
                assert_eq!(credential.ticket.unwrap().epoch, 2);
            }
        }
        assert_eq!(auth.credential(&turn("t")).unwrap().change, None, "told once");
    };
    check(|_| {}, Payer::Key, KeyState::Unchecked);
    check(Home::rewrite_as_another_program, Payer::Key, KeyState::Unchecked);
    check(
        |home| std::fs::remove_file(home.path("fallback-keys.json")).unwrap(),
        Payer::Key,
        KeyState::Unchecked,
    );
    check(
        |home| home.edit("auth.json", |auth| auth["fallback_openai_api_key"] = json!(OTHER_KEY)),
        Payer::Plan,
        KeyState::Unchecked,
    );
    let removed = |home: &Home| {
        home.rewrite_as_another_program();
        std::fs::remove_file(home.path("fallback-keys.json")).unwrap();
    };
    check(removed, Payer::Plan, KeyState::None);
    check(|home| std::fs::remove_file(home.path("auth.json")).unwrap(), Payer::Plan, KeyState::None);
    let other_account = |home: &Home| {
        let mut other = home.backend.auth_json("acct-2").unwrap();
        other["fallback_openai_api_key"] = json!(KEY);
        home.write("auth.json", &other);
    };
    check(other_account, Payer::Plan, KeyState::None);
    let api_key =
        |home: &Home| home.write("auth.json", &json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY}));
    check(api_key, Payer::Plan, KeyState::None);
    // The same account, signed in anew elsewhere: the switch stands.
    let again =
        |home: &Home| home.write("auth.json", &home.backend.auth_json_expiring(ACCOUNT, 9000).unwrap());
    check(again, Payer::Key, KeyState::Unchecked);
}

#[test]
fn a_store_that_cannot_be_read_stops_paid_requests() {
    let home = Home::with_key();
    let auth = home.open();
    switch(&auth, &home);
    home.write_text("auth.json", "{\"OPENAI_API_KEY\": \"sk-canary");
    let told = auth.credential(&turn("t")).unwrap_err();
    assert!(matches!(told, LoginError::Malformed { .. }), "{told}");
    home.write("auth.json", &home.backend.auth_json(ACCOUNT).unwrap());
    home.write_text("fallback-keys.json", "[");
    let told = auth.credential(&turn("t")).unwrap_err();
    assert!(told.to_string().contains("fallback-keys.json"), "{told}");
}

#[test]
fn a_key_added_elsewhere_is_found_when_it_is_needed() {
    let add = |home: &Home| home.write("fallback-keys.json", &json!({ACCOUNT: KEY}));
    let home = Home::signed_in();
    let auth = home.open();
    let missing = hit_limit(&auth, None);
    assert_eq!(missing.decision, Decision::StopBecause(WhyNot::NoKey));
    add(&home);
    auth.turn_started();
    assert_eq!(auth.status().key_state, KeyState::Unchecked);
    switch(&auth, &home);

    // Added while the request was on its way: the plan is asked once more, for nothing, then the key takes over.
    let home = Home::signed_in();
    let auth = home.open();
    let ticket = issued(&auth).ticket.unwrap();
    add(&home);
    assert_eq!(answered(&auth, ticket, Signal::Limit { resets_at: None }).decision, Decision::Resend);
    assert_eq!(payer(&issued(&auth)), Some(Payer::Plan));
    switch(&auth, &home);

    let home = Home::signed_in();
    let auth = home.open();
    add(&home);
    assert_eq!(auth.force(Force::Key).change.map(|change| change.payer), Some(Payer::Key));
}

#[test]
fn settings_that_forbid_the_key_are_told_once_and_obeyed() {
    let check = |change: fn(&mut Home), expect: Block, warnings: usize| {
        let mut home = Home::with_key();
        change(&mut home);
        let auth = home.open();
        let told = auth.take_warnings();
        assert_eq!(told.len(), warnings, "{told:?}");
        assert!(auth.take_warnings().is_empty());
        assert_eq!(hit_limit(&auth, None).decision, Decision::StopBecause(WhyNot::Blocked(expect)));
        let forced = auth.force(Force::Key);
        assert_eq!(forced.decision, Decision::StopBecause(WhyNot::Blocked(expect)));
        assert_eq!(payer(&issued(&auth)), Some(Payer::Plan));
        assert_eq!(auth.status().blocked, Some(expect));
    };
    check(|home| home.config.forced_login_method = Some(LoginMethod::ChatGpt), Block::ForcedLogin, 1);
    check(|home| home.config.forced_chatgpt_workspace_id = vec![ACCOUNT.into()], Block::ForcedWorkspace, 1);
    check(|home| home.config.fallback.max_tokens_per_day = 9, Block::CapNotBuilt("max_tokens_per_day"), 0);
    let custom = |home: &mut Home| {
        home.config.fallback.base_url = None;
        home.config.openai_base_url = BaseUrl::parse("https://gateway.example/v1").ok();
    };
    check(custom, Block::CustomBaseUrl, 0);
}

#[test]
fn ask_and_off_and_the_mode_set_at_run_time() {
    let mut home = Home::with_key();
    home.config.fallback.mode = Mode::Ask;
    let auth = home.open();
    let ticket = issued(&auth).ticket.unwrap();
    let limit = Signal::Limit { resets_at: Some(home.now() + 60) };
    assert_eq!(answered(&auth, ticket, limit).decision, Decision::Ask);
    let allowed = auth.report(Event::Consented { turn: "t", ticket, consent: Consent::Turn });
    assert_eq!(allowed.decision, Decision::Resend);
    assert_eq!(payer(&issued(&auth)), Some(Payer::Key));
    let elsewhere = auth.credential(&turn("u")).unwrap().credential.unwrap();
    assert_eq!(payer(&elsewhere), Some(Payer::Plan), "another turn asks for itself");
    auth.turn_ended(&turn("t"));
    assert_eq!(payer(&issued(&auth)), Some(Payer::Plan));

    auth.set_mode(Mode::Off);
    assert_eq!(hit_limit(&auth, None).decision, Decision::StopBecause(WhyNot::ModeOff));
    auth.set_mode(Mode::Auto);
    switch(&auth, &home);
    let change = auth.set_mode(Mode::Off).change.unwrap();
    assert_eq!((change.payer, change.reason), (Payer::Plan, Reason::Mode));
    assert_eq!(auth.status().mode, Mode::Off);
}

#[test]
fn a_server_returns_when_the_limit_resets_and_a_session_tells() {
    let mut home = Home::with_key();
    home.host = Host::Server;
    let server = home.open();
    switch(&server, &home);
    home.host = Host::Session;
    let session = home.open();
    switch(&session, &home);
    home.pass(3601);
    let change = server.turn_started().change.unwrap();
    assert_eq!((change.payer, change.reason), (Payer::Plan, Reason::Reset));
    assert_eq!(payer(&issued(&server)), Some(Payer::Plan));
    let told = session.turn_started();
    assert!(told.notice.is_some_and(|notice| notice.contains("reset")) && told.change.is_none());
    assert_eq!(payer(&issued(&session)), Some(Payer::Key));
}

#[test]
fn a_failing_key_tells_with_which_limit_it_all_began() {
    let home = Home::with_key();
    let auth = home.open();
    let ticket = issued(&auth).ticket.unwrap();
    auth.remember_limit(CodexErr::UsageNotIncluded);
    answered(&auth, ticket, Signal::Limit { resets_at: None });
    let ticket = issued(&auth).ticket.unwrap();
    let reported = answered(&auth, ticket, Signal::KeyRefused);
    assert_eq!(reported.change.map(|change| change.reason), Some(Reason::KeyRefused));
    assert_eq!(auth.limit_remembered(), Some(CodexErr::UsageNotIncluded));
    assert_eq!(auth.status().key_state, KeyState::Refused);
    assert_eq!(payer(&issued(&auth)), Some(Payer::Plan));
    assert_eq!(hit_limit(&auth, None).decision, Decision::StopBecause(WhyNot::KeyRefused));
}

#[test]
fn an_older_success_does_not_make_the_limit_forgotten_while_the_person_thinks() {
    let home = Home::with_key();
    let auth = home.open();
    auth.set_mode(Mode::Ask);
    let (older, asking) = (issued(&auth).ticket.unwrap(), issued(&auth).ticket.unwrap());
    auth.remember_limit(CodexErr::UsageNotIncluded);
    let reported = answered(&auth, asking, Signal::Limit { resets_at: None });
    assert_eq!(reported.decision, Decision::Ask);
    answered(&auth, older, Signal::Success);
    auth.report(Event::Consented { turn: turn("t").as_str(), ticket: asking, consent: Consent::Process });
    answered(&auth, issued(&auth).ticket.unwrap(), Signal::KeyRefused);
    assert_eq!(auth.limit_remembered(), Some(CodexErr::UsageNotIncluded));
}

#[test]
fn an_api_key_sign_in_has_no_fallback() {
    let home = Home::with_key();
    home.write(
        "auth.json",
        &json!({"auth_mode": "apikey", "OPENAI_API_KEY": API_KEY, "fallback_openai_api_key": KEY}),
    );
    let auth = home.open();
    let credential = issued(&auth);
    assert!(matches!(&credential.kind, CredentialKind::ApiKey { key } if *key == secret(API_KEY)));
    assert_eq!(credential.ticket, None);
    assert_eq!(auth.status().key_state, KeyState::None);
    assert_eq!(auth.force(Force::Key).decision, Decision::StopBecause(WhyNot::NoKey));
}

#[test]
fn the_environments_key_beats_the_store() {
    let home = Home::with_key();
    let mut options = home.options();
    options.api_key_override = Some(secret(API_KEY));
    let auth = codex_login::AuthManager::open(options).unwrap();
    assert_eq!(payer(&issued(&auth)), None);
    assert_eq!(*support::bearer(&issued(&auth)), secret(API_KEY));
    assert_eq!(auth.status().key_state, KeyState::None);
}
