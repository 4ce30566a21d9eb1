//! `codex login`, `codex logout` and `codex fallback` through the binary (wire-facts §1.6, fallback-spec §1).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Door, KeyState, Payer, Reply, Script};
use serde_json::{Value, json};
use support::{ACCOUNT, KEY, LAST4, World};

#[test]
fn login_status_says_who_and_whether_a_key_is_stored() {
    let world = World::new(Script::new());
    let outcome = world.run(&["login", "status"]).success();
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.starts_with("Signed in with ChatGPT"), "{outcome:#?}");
    assert!(outcome.stderr.contains("No fallback API key is stored"), "{outcome:#?}");
    world.store_key();
    let outcome = world.run(&["login", "status"]).success();
    assert!(outcome.stderr.contains("A fallback API key is stored (…WXYZ)."), "{outcome:#?}");
    std::fs::remove_file(world.file("auth.json")).unwrap();
    let outcome = world.run(&["login", "status"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), "Not signed in.\n"));
    assert!(world.backend.requests().is_empty(), "no network");
}

#[test]
fn an_api_key_signs_in_and_is_shown_masked() {
    let world = World::new(Script::new());
    std::fs::remove_file(world.file("auth.json")).unwrap();
    world.run_with(&["login", "--with-api-key"], format!("  {KEY}\n")).success();
    assert_eq!(world.auth(), json!({"auth_mode": "apikey", "OPENAI_API_KEY": KEY}));
    let outcome = world.run(&["login", "status"]).success();
    assert_eq!(outcome.stderr, "Signed in with an API key: sk-proj-***jWXYZ\n");
    assert!(world.backend.requests().is_empty(), "stored unchecked");
}

#[test]
fn a_fallback_key_is_checked_stored_in_two_places_and_touches_nothing_else() {
    let world = World::new(Script::new());
    let before = world.auth();
    let outcome = world.run_with(&["login", "--with-fallback-api-key"], format!("{KEY}\n")).success();
    assert!(outcome.stderr.contains("Stored the fallback API key (…WXYZ)."), "{outcome:#?}");
    assert!(outcome.stderr.contains("accepts the key and offers it gpt-5.5"), "{outcome:#?}");
    let mut after = world.auth();
    assert_eq!(after.as_object_mut().unwrap().remove("fallback_openai_api_key"), Some(json!(KEY)));
    assert_eq!(after, before);
    let mirror = std::fs::read_to_string(world.file("fallback-keys.json")).unwrap();
    assert!(mirror.contains(ACCOUNT) && mirror.contains(KEY));
    assert_eq!(world.backend.requests_at(Door::KeyModels).len(), 1);
}

#[test]
fn a_key_that_cannot_be_stored_is_refused_and_changes_no_byte() {
    let world = World::new(Script::new());
    let before = std::fs::read(world.file("auth.json")).unwrap();
    for (stdin, words) in [
        ("", "no key on standard input"),
        (" \n\n", "no key on standard input"),
        ("sk-one two", "contains spaces"),
        ("sk-one\nsk-two\n", "several lines"),
        ("hello-world-this-is-no-key", "starts with `sk-`"),
        ("sk-sch\u{fc}ssel", "printable characters"),
        ("sk-proj-unknown0123456789abcdef", "was refused"),
    ] {
        // The host of these tests is custom, where keys of any shape are taken: here it must be OpenAI's own.
        let official = "fallback.base_url=\"https://api.openai.com/v1\"";
        let shape_only = stdin.starts_with("hello");
        let arguments = match shape_only {
            true => vec!["login", "--with-fallback-api-key", "-c", official],
            false => vec!["login", "--with-fallback-api-key"],
        };
        let outcome = world.run_with(&arguments, stdin).failure(1, words);
        assert!(!outcome.stderr.contains("sk-proj-unknown"), "{outcome:#?}");
        assert_eq!(std::fs::read(world.file("auth.json")).unwrap(), before, "{stdin:?}");
        assert!(!world.file("fallback-keys.json").exists(), "{stdin:?}");
    }
}

#[test]
fn a_fallback_key_needs_a_chatgpt_sign_in() {
    let world = World::new(Script::new());
    std::fs::remove_file(world.file("auth.json")).unwrap();
    world.run_with(&["login", "--with-fallback-api-key"], KEY).failure(1, "nobody is signed in");
    assert!(!world.file("auth.json").exists());
    world.run_with(&["login", "--with-api-key"], KEY).success();
    let before = std::fs::read(world.file("auth.json")).unwrap();
    world.run_with(&["login", "--with-fallback-api-key"], KEY).failure(1, "signed in with an API key");
    assert_eq!(std::fs::read(world.file("auth.json")).unwrap(), before);
    world.sign_in();
    world.write_config("forced_login_method = \"chatgpt\"");
    world.run_with(&["login", "--with-fallback-api-key"], KEY).failure(1, "forced_login_method");
    world.run_with(&["login", "--with-api-key"], KEY).failure(1, "forced_login_method");
}

#[test]
fn a_key_that_may_not_list_models_is_stored_unchecked() {
    let world = World::new(Script::new().at(Door::KeyModels, Reply::status(403, "{}")));
    let outcome = world.run_with(&["login", "--with-fallback-api-key"], KEY).success();
    assert!(
        outcome.stderr.contains("could not be checked") && outcome.stderr.contains("403"),
        "{outcome:#?}"
    );
    assert_eq!(world.auth()["fallback_openai_api_key"], KEY);
}

#[test]
fn fallback_status_tells_what_happens_at_the_limit() {
    let world = World::new(Script::new());
    let outcome = world.run(&["fallback", "status"]).success();
    assert!(outcome.stdout.contains("none; `codex login --with-fallback-api-key` adds one"), "{outcome:#?}");
    world.store_key();
    for (arguments, words) in [
        (vec!["fallback", "status"], "the key takes over"),
        (vec!["fallback", "status", "-c", "fallback.mode=off"], "mode = \"off\""),
        (vec!["-c", "fallback.mode=ask", "fallback", "status"], "you are asked first"),
        (vec!["fallback", "status", "-c", "fallback.max_usd_per_day=5.0"], "fallback.max_usd_per_day"),
    ] {
        let outcome = world.run(&arguments).success();
        assert!(outcome.stdout.contains(words) && outcome.stdout.contains(LAST4), "{outcome:#?}");
    }
    let json: Value =
        serde_json::from_str(&world.run(&["fallback", "status", "--json"]).success().stdout).unwrap();
    assert_eq!(
        (&json["payer"], &json["mode"], &json["keyLast4"]),
        (&json!("plan"), &json!("auto"), &json!(LAST4))
    );
    assert!(world.backend.requests().is_empty(), "no network");
}

#[test]
fn fallback_remove_deletes_both_places() {
    let world = World::new(Script::new());
    let before = world.auth();
    world.run_with(&["login", "--with-fallback-api-key"], KEY).success();
    let outcome = world.run(&["fallback", "remove"]).success();
    assert_eq!(outcome.stdout, "Removed the fallback API key (…WXYZ).\n");
    assert_eq!(world.auth(), before);
    let mirror = std::fs::read_to_string(world.file("fallback-keys.json")).unwrap_or_default();
    assert!(!mirror.contains(KEY));
    assert_eq!(world.run(&["fallback", "remove"]).success().stdout, "No fallback API key is stored.\n");
}

#[test]
fn fallback_test_is_free_unless_paid_is_asked_for() {
    let world = World::new(Script::new());
    world.run(&["fallback", "test"]).failure(1, "no fallback API key is stored");
    world.store_key();
    let outcome = world.run(&["fallback", "test"]).success();
    assert!(outcome.stdout.contains("accepts the key and offers it gpt-5.5"), "{outcome:#?}");
    assert!(world.backend.model_requests().is_empty(), "free");
    let outcome = world.run(&["fallback", "test", "--paid"]).success();
    let announced = outcome.stdout.find("Sending one request").unwrap();
    assert!(announced < outcome.stdout.find("It worked").unwrap(), "{outcome:#?}");
    let requests = world.backend.model_requests();
    assert_eq!(requests.len(), 1);
    assert!(matches!(requests[0].payer, Payer::Key(_)));
    assert_eq!(requests[0].body["max_output_tokens"], 16);
    world.backend.set_key_state(KEY, KeyState::Revoked);
    world.run(&["fallback", "test"]).failure(1, "refuses the stored fallback key");
}

#[test]
fn logout_says_what_went_and_can_keep_the_key() {
    let world = World::new(Script::new());
    world.run_with(&["login", "--with-fallback-api-key"], KEY).success();
    let outcome = world.run(&["logout", "--keep-fallback-key"]).success();
    assert!(outcome.stderr.contains("kept for this account's next sign-in"), "{outcome:#?}");
    assert!(!world.file("auth.json").exists());
    assert_eq!(world.backend.requests_at(Door::OauthRevoke).len(), 1);
    world.sign_in();
    let outcome = world.run(&["login", "status"]).success();
    assert!(outcome.stderr.contains("(…WXYZ)"), "the mirror counts: {outcome:#?}");
    let outcome = world.run(&["logout"]).success();
    assert!(outcome.stderr.contains("deleted as well"), "{outcome:#?}");
    assert!(!std::fs::read_to_string(world.file("fallback-keys.json")).unwrap_or_default().contains(KEY));
    let outcome = world.run(&["logout"]).success();
    assert_eq!(outcome.stderr, "Nobody was signed in.\n");
}

#[test]
fn what_is_not_built_is_refused_with_a_sentence() {
    let world = World::new(Script::new());
    world.run(&["login"]).failure(1, "not built yet");
    for store in ["keyring", "auto"] {
        let setting = format!("cli_auth_credentials_store={store}");
        world.run(&["login", "status", "-c", &setting]).failure(1, "not built yet");
        world.run(&["exec", "-c", &setting, "hello"]).failure(1, "not built yet");
    }
    world.run(&["app-server", "--listen", "ws://127.0.0.1:1"]).failure(2, "standard input and output");
}
