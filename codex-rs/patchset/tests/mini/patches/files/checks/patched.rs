//! What the miniature workspace does once it is patched.
use checks::run;
use codex_core::client::ModelClient;
use codex_core::session::turn::{Failure, ResponseEvent, map_response_events, run_sampling_request};
use codex_login::auth::{AuthDotJson, AuthManager};
use codex_login::server::persist_tokens_async;
use codex_redact::Secret;
use codex_tui::app::App;
use codex_tui::app_event::AppEvent;
use codex_tui::chatwidget::ChatWidget;
use codex_tui::slash_command::SlashCommand;

#[test]
fn the_key_is_kept_over_a_sign_in() {
    let mut auth = AuthDotJson::with_key("sign-in");
    auth.fallback_openai_api_key = Some("fallback".to_owned());
    let kept = run(persist_tokens_async(auth, None));
    assert_eq!(kept.fallback_openai_api_key.as_deref(), Some("fallback"));
    assert_eq!((kept.openai_api_key, kept.minted_by), (None, None));
}

#[test]
fn the_key_pays_after_the_switch() {
    let manager = AuthManager::from_auth_for_testing();
    let client = ModelClient::new(&manager);
    assert_eq!(run(client.current_client_setup()), "the plan pays");
    manager.switch_to_key(Secret::new("k"));
    assert_eq!(run(client.current_client_setup()), "the key pays");
    assert!(run(manager.logout()));
}

#[test]
fn the_turn_goes_on() {
    let limit = |left| Err(Failure::UsageLimitReached(left));
    assert_eq!(run(run_sampling_request(vec![Ok(1), limit(5)])), Ok(101));
    assert_eq!(run(run_sampling_request(vec![Ok(1), limit(0)])), limit(0));
    assert_eq!(run(run_sampling_request(vec![Ok(1), limit(150)])), Err(Failure::Gone));
}

#[test]
fn what_is_foreign_stays_behind() {
    let manager = AuthManager::from_auth_for_testing();
    let request = ModelClient::new(&manager).build_responses_request(&["a", "foreign", "b"]);
    assert_eq!(request.unwrap().input, ["a", "b"]);
    let done = |item: &str| Ok(ResponseEvent::OutputItemDone(item.to_owned()));
    assert_eq!(map_response_events(vec![done("a"), done("skip"), Ok(ResponseEvent::Completed)]), ["a"]);
}

#[test]
fn the_command_is_there_and_shows_no_key() {
    let add = SlashCommand::AddApiKey;
    assert_eq!((add.description(), SlashCommand::Logout.description()), ("add a key", "sign out"));
    assert!(add.available_during_task() && !SlashCommand::Logout.available_during_task());
    assert!(add.supports_inline_args() && SlashCommand::Rename.supports_inline_args());
    let key = format!("sk-{}", "proj-1234567890abcdefghijklmnopqrstuvwxyzABCD");
    let mut widget = ChatWidget::default();
    assert_eq!(widget.dispatch_prepared_command_with_args(add, &key), 2);
    widget.dispatch_command(add, &key);
    let mut app = App::default();
    for event in widget.sent {
        assert!(!format!("{event:?}").contains(&key));
        run(app.handle_event(event));
    }
    run(app.handle_event(AppEvent::Quit));
    assert_eq!(app.seen, ["Secret(****)", "quit"]);
    let mut lines = Vec::new();
    run(checks::append_entry(&format!("use {key}"), &mut lines));
    assert!(!lines[0].contains(&key), "{}", lines[0]);
}

#[test]
fn the_request_has_its_siblings_lane() {
    let request = |add: bool| match add {
        true => checks::ClientRequest::AddFallbackApiKey { params: "k".to_owned() },
        false => checks::ClientRequest::LogoutAccount { params: () },
    };
    assert_eq!(request(true).wire().0, "account/addFallbackApiKey");
    assert_eq!(request(true).wire().1, request(false).wire().1);
    let server = checks::Server::default();
    assert_eq!(run(server.process_request(request(true))), Some("added"));
    assert_eq!(run(server.process_request(request(false))), Some("out"));
}
