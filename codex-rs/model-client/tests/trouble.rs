//! Trouble that is no limit: retries and their end, garbage, silence, sign-ins, routing, a turn's state.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::time::Duration;

use codex_fake_backend::{
    At, Cut, Door, Limit, LimitVariant, PlatformKey, RefreshRefusal, Reply, Routing, Script,
};
use codex_model_client::{PaidBy, SampleEvent};
use codex_protocol::{CodexErr, ResponseItem};
use serde_json::json;

use support::{ACCOUNT, Desk, KEY, Setup, backend, hello, prompt, thread, turn};

fn always(reply: Reply) -> Script {
    Script::new().otherwise(reply)
}

#[tokio::test]
async fn answers_that_are_no_answers_are_retried_visibly_and_end() {
    let half = || Reply::answer().message(&["Half", " a sentence"]);
    let rows = [
        ("a web page", Reply::html_page(), "text/html"),
        ("bytes that are no HTTP", Reply::raw(&b"\x00\xffnonsense\r\n\r\n"[..]), "127.0.0.1"),
        (
            "an empty stream",
            Reply::answer().cut(At::Events(0), Cut::CleanEnd),
            "before the answer was complete",
        ),
        (
            "a stream that ends early",
            half().cut(At::Events(6), Cut::CleanEnd),
            "before the answer was complete",
        ),
        ("a stream that breaks", half().cut(At::Events(6), Cut::Disconnect), ""),
        ("JSON with status 200", Reply::status(200, "{}"), "application/json"),
        (
            "an unknown failure",
            half().cut(At::End, Cut::Failed(json!({"code": "odd", "message": "Odd."}))),
            "Odd.",
        ),
        ("a content filter", half().incomplete("content_filter"), "content_filter"),
    ];
    for (name, reply, words) in rows {
        let desk = Desk::new(backend().script(always(reply)));
        let mut of_turn = turn(&thread("thread-1"), "turn-1");
        let mut told = desk.sample(&mut of_turn, prompt(hello())).await;
        while told.error.is_none() {
            // Finished items came first: the turn samples again, and the retries still end.
            assert_eq!(told.events.last(), Some(&SampleEvent::CutOff), "{name}");
            told = desk.sample(&mut of_turn, prompt(hello())).await;
        }
        assert!(told.error_text().contains(words), "{name}: {}", told.error_text());
        assert_eq!(desk.counts(), (6, 0), "{name}");
        let waits = desk.waits.lock().unwrap().clone();
        assert_eq!(waits.len(), 5, "{name}");
        for (retry, wait) in waits.iter().enumerate() {
            let middle = 200.0 * f64::from(1 << retry);
            let millis = wait.as_secs_f64() * 1000.0;
            assert!((0.9 * middle..=1.1 * middle).contains(&millis), "{name}: wait {retry} is {millis} ms");
        }
    }
}

#[tokio::test]
async fn silence_ends_too() {
    let setup = || Setup { patience: Duration::from_millis(30), ..Setup::default() };
    let desk = Desk::with(backend().script(always(Reply::hang())), setup());
    let told = desk.ask(prompt(hello())).await;
    assert!(matches!(told.error, Some(CodexErr::StreamDisconnected { .. })), "{:?}", told.error);
    assert_eq!((desk.counts(), told.retries()), ((6, 0), 5));

    let mute = Reply::answer().message(&["Hm", "m"]).cut(At::Events(5), Cut::Hang);
    let desk = Desk::with(backend().script(always(mute)), setup());
    let told = desk.ask(prompt(hello())).await;
    assert!(told.error_text().contains("nothing came"), "{}", told.error_text());
    assert_eq!((desk.counts(), told.retries()), ((6, 0), 5));
    assert!(told.story().starts_with("plan started retrying discarded plan started"), "{}", told.story());
}

#[tokio::test]
async fn a_backend_that_is_down_is_an_error_in_the_end() {
    let setup = Setup {
        config: |config, _| {
            // Nothing listens on the discard port.
            config.chatgpt_base_url = codex_config::BaseUrl::parse("http://127.0.0.1:9/backend-api").unwrap();
        },
        ..Setup::default()
    };
    let desk = Desk::with(backend(), setup);
    let told = desk.ask(prompt(hello())).await;
    assert!(
        matches!(&told.error, Some(CodexErr::ConnectionFailed { host, .. }) if host == "127.0.0.1:9"),
        "{told:?}"
    );
    assert_eq!(told.retries(), 5);
}

#[tokio::test]
async fn one_bad_answer_costs_one_retry_and_the_next_budget_is_whole() {
    let broken = || Reply::answer().message(&["Half", " a"]).cut(At::Events(5), Cut::Disconnect);
    let script = Script::conversation([broken(), Reply::text("One."), broken(), Reply::text("Two.")]);
    let desk = Desk::new(backend().script(script));
    let mut of_turn = turn(&thread("thread-1"), "turn-1");
    for text in ["One.", "Two."] {
        let told = desk.sample(&mut of_turn, prompt(hello())).await;
        assert_eq!(told.story(), "plan started retrying discarded plan started done completed");
        let attempts = told.events.iter().find_map(|event| match event {
            SampleEvent::Retrying { attempt, of, .. } => Some((*attempt, *of)),
            _ => None,
        });
        assert_eq!((attempts, told.texts()), (Some((1, 5)), vec![text.to_owned()]));
    }
}

#[tokio::test]
async fn finished_items_outlive_a_broken_stream() {
    let script = Script::conversation([
        Reply::answer().exec_command("one").message(&["Half", " a"]).cut(At::Events(9), Cut::Disconnect),
        Reply::text("Done."),
    ]);
    let desk = Desk::new(backend().script(script));
    let mut history = hello();
    let told = desk.turn(&mut turn(&thread("thread-1"), "turn-1"), &mut history).await;
    assert_eq!(
        told.story(),
        "plan started done started retrying discarded cut-off plan started done completed"
    );
    assert_eq!(told.texts(), ["Done."]);
    let outputs =
        history.iter().filter(|entry| matches!(*entry.item, ResponseItem::FunctionCallOutput { .. }));
    assert_eq!(outputs.count(), 1);
}

#[tokio::test]
async fn a_key_is_billed_for_at_most_three_broken_answers() {
    for broken in [
        Reply::answer().message(&["Half", " a"]).cut(At::Events(5), Cut::Disconnect),
        // Also when each of them brings a finished item and the turn samples anew.
        Reply::answer().message(&["Whole."]).cut(At::End, Cut::Disconnect),
    ] {
        let desk = Desk::new(backend().script(always(broken)));
        desk.auth.force(codex_fallback::Force::Key);
        let mut of_turn = turn(&thread("thread-1"), "turn-1");
        let told = desk.turn(&mut of_turn, &mut hello()).await;
        assert!(matches!(told.error, Some(CodexErr::StreamDisconnected { .. })), "{:?}", told.error);
        assert_eq!((desk.counts(), told.retries()), ((0, 3), 2));
    }
}

#[tokio::test]
async fn special_resends_are_had_once_also_where_each_answer_breaks_off_after_an_item() {
    for code in ["invalid_encrypted_content", "model_not_found"] {
        let failure = Cut::Failed(json!({"code": code, "message": "No."}));
        let reply = Reply::answer().exec_command("one").cut(At::End, failure);
        let setup = Setup {
            config: |config, _| config.fallback.model = Some("gpt-5.4".to_owned()),
            ..Setup::default()
        };
        let desk = Desk::with(backend().script(always(reply)), setup);
        desk.auth.force(codex_fallback::Force::Key);
        let told = desk.turn(&mut turn(&thread("thread-1"), "turn-1"), &mut hello()).await;
        assert_eq!(told.story(), "changed key started done cut-off key started done error", "{code}");
        assert_eq!(desk.counts(), (0, 2), "{code}");
    }
}

#[tokio::test]
async fn a_service_that_echoes_the_credential_does_not_get_it_shown() {
    const TOKEN: &str = "gateway-token-of-no-known-shape";
    let error = json!({"code": "invalid_prompt", "message": format!("Not with {TOKEN}.")});
    let replies = [
        Reply::status(400, json!({"error": error}).to_string()),
        Reply::status(418, format!("a teapot for {TOKEN}")),
        Reply::answer().cut(At::Events(1), Cut::Failed(error)),
    ];
    for reply in replies {
        let backend =
            backend().key(PlatformKey::new(TOKEN)).script(Script::new().at(Door::KeyResponses, reply));
        let desk = Desk::with(backend, Setup { key: Some(TOKEN), ..Setup::default() });
        desk.auth.force(codex_fallback::Force::Key);
        let told = desk.ask(prompt(hello())).await;
        let text = format!("{} {told:?}", told.error_text());
        assert!(text.contains("[redacted]") && !text.contains(TOKEN), "{text}");
    }
}

#[tokio::test]
async fn the_service_may_name_the_wait() {
    let throttled = |seconds: &str| {
        Reply::status(429, r#"{"error":{"code":"rate_limit_exceeded","message":"Slow."}}"#)
            .header("retry-after", seconds)
    };
    let rows = [
        // 1_775_000_000 is Tue, 31 Mar 2026 23:33:20 GMT.
        (throttled("7"), Some(Duration::from_secs(7))),
        (throttled("Tue, 31 Mar 2026 23:33:29 GMT"), Some(Duration::from_secs(9))),
        (throttled("Tue, 31 Mar 2026 23:33:00 GMT"), Some(Duration::ZERO)),
        (throttled("61"), None),
        (
            Reply::status(
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 1.5s."}}"#,
            ),
            Some(Duration::from_millis(1500)),
        ),
        (
            Reply::answer().cut(
                At::End,
                Cut::Failed(json!({"code": "rate_limit_exceeded", "message": "Please try again in 20ms."})),
            ),
            Some(Duration::from_millis(20)),
        ),
        (
            Reply::status(
                429,
                r#"{"error":{"code":"rate_limit_exceeded","message":"Please try again in 6m0s."}}"#,
            ),
            None,
        ),
    ];
    for (reply, wait) in rows {
        let desk = Desk::new(backend().script(Script::conversation([reply, Reply::text("Done.")])));
        let told = desk.ask(prompt(hello())).await;
        assert_eq!(desk.waits.lock().unwrap().first().copied(), wait);
        match wait {
            Some(_) => assert_eq!(told.story(), "plan retrying plan started done completed"),
            None => assert!(matches!(told.error, Some(CodexErr::RateLimited { .. })), "{:?}", told.error),
        }
    }
}

#[tokio::test]
async fn a_401_on_the_plan_refreshes_once() {
    let desk = Desk::new(backend());
    desk.backend.invalidate_access_tokens(ACCOUNT);
    let told = desk.ask(prompt(hello())).await;
    assert_eq!(told.story(), "plan plan started done completed");
    assert_eq!(desk.backend.requests_at(Door::OauthToken).len(), 1);

    let unauthorized = || Reply::status(401, r#"{"error":{"code":"token_expired","message":"No."}}"#);
    let desk = Desk::new(backend().script(always(unauthorized())));
    let told = desk.ask(prompt(hello())).await;
    assert!(matches!(told.error, Some(CodexErr::Unauthorized { .. })), "{:?}", told.error);
    assert_eq!((desk.counts(), desk.backend.requests_at(Door::OauthToken).len()), ((2, 0), 1));

    let desk = Desk::new(backend());
    desk.backend.invalidate_access_tokens(ACCOUNT);
    desk.backend.refuse_refresh(ACCOUNT, RefreshRefusal::Reused);
    let told = desk.ask(prompt(hello())).await;
    assert!(matches!(told.error, Some(CodexErr::Unauthorized { .. })), "{:?}", told.error);
    assert!(told.error_text().contains("sign in again"), "{}", told.error_text());
    assert_eq!(desk.counts(), (1, 0));
}

#[tokio::test]
async fn a_turns_state_stays_in_its_turn_and_with_its_issuer() {
    let script = Script::conversation([
        Reply::answer().turn_state("state-a").exec_command("one"),
        Reply::answer().exec_command("two"),
        Reply::text("On the key."),
        Reply::text("Next turn."),
    ]);
    let desk =
        Desk::new(backend().script(script).limit(Limit::after_requests(2, LimitVariant::UsageLimitReached)));
    let thread = thread("thread-1");
    let mut history = hello();
    desk.turn(&mut turn(&thread, "turn-1"), &mut history).await;
    desk.backend.lift_limits();
    desk.auth.force(codex_fallback::Force::Plan);
    desk.sample(&mut turn(&thread, "turn-2"), prompt(history)).await;
    let states = |door| {
        let requests = desk.backend.requests_at(door);
        let states = requests.iter().map(|request| request.header("x-codex-turn-state").map(str::to_owned));
        states.collect::<Vec<_>>()
    };
    let a = Some("state-a".to_owned());
    assert_eq!(states(Door::PlanResponses), [None, a.clone(), a, None]);
    assert_eq!(states(Door::KeyResponses), [None]);
    desk.assert_clean();
}

#[tokio::test]
async fn routing_is_asked_once_per_account_and_is_no_obstacle() {
    let asked = |desk: &Desk| desk.backend.requests_at(Door::AccountsCheck).len();
    for routing in [
        Routing::ThisServer,
        Routing::NoAccounts,
        // A backend on this machine does not route to the real one.
        Routing::Origin("https://chatgpt.com".to_owned()),
        Routing::Origin("https://example.com".to_owned()),
    ] {
        let desk = Desk::new(backend().routing(routing.clone()));
        for number in 1..=2 {
            let told = desk.ask(prompt(hello())).await;
            assert_eq!(told.paid_by(), Some(PaidBy::Plan), "{routing:?}");
            assert_eq!((desk.plan_requests().len(), asked(&desk)), (number, 1), "{routing:?}");
        }
    }
    // No answer: the configured address; asked again in the next turn only.
    let desk = Desk::new(backend().routing(Routing::NotFound));
    let thread = thread("thread-1");
    for (id, times) in [("turn-1", 1), ("turn-2", 2)] {
        let mut of_turn = turn(&thread, id);
        for _ in 0..2 {
            assert_eq!(desk.sample(&mut of_turn, prompt(hello())).await.paid_by(), Some(PaidBy::Plan));
            assert_eq!(asked(&desk), times);
        }
    }
    // The key's requests are not routed.
    let desk = Desk::new(backend());
    desk.auth.force(codex_fallback::Force::Key);
    desk.ask(prompt(hello())).await;
    assert_eq!((asked(&desk), desk.counts()), (0, (0, 1)));
}

#[tokio::test]
async fn an_answer_is_told_whole() {
    let reply = Reply::answer()
        .rate_limits(55.0, 66.0)
        .garbage(&b": a comment\n\ndata: not json\n\ndata: {\"type\":\"response.new\"}\n\n\xff\xfe\n\n"[..])
        .reasoning(&["Think ", "hard."])
        .event(
            "codex.rate_limits",
            &json!({"type": "codex.rate_limits", "plan_type": "plus",
            "rate_limits": {"primary": {"used_percent": 57.0, "window_minutes": 300, "reset_at": 1}}}),
        )
        .message(&["Hel", "lo ", "wörld"])
        .model("gpt-other")
        .drip(1, Duration::ZERO);
    let desk = Desk::new(backend().script(Script::conversation([reply])));
    let told = desk.ask(prompt(hello())).await;
    assert_eq!(told.story(), "plan model started done started done completed");
    assert_eq!(told.deltas(), "Hello wörld");
    assert_eq!(told.texts(), ["Hello wörld"]);
    let summary: String = told
        .events
        .iter()
        .filter_map(|event| match event {
            SampleEvent::ReasoningSummaryDelta { text, summary_index: 0, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(summary, "Think hard.");
    let used: Vec<_> = told
        .events
        .iter()
        .filter_map(|event| match event {
            SampleEvent::RateLimits(limits) => Some(limits.primary.map(|window| window.used_percent)),
            _ => None,
        })
        .collect();
    assert_eq!(used, [Some(55), Some(57)]);
    assert_eq!(desk.auth.status().limits.primary.map(|window| window.used_percent), Some(57));
    assert_eq!(desk.auth.status().limits.secondary.map(|window| window.used_percent), Some(66));
    assert!(told.items().iter().all(|item| item.minter.is_some()));
}

#[tokio::test]
async fn signed_in_with_an_api_key_there_is_no_second_payer() {
    let setup = Setup {
        api_key_sign_in: Some(KEY),
        config: |config, backend| {
            config.openai_base_url =
                Some(codex_config::BaseUrl::parse(&backend.platform_base_url()).unwrap());
        },
        ..Setup::default()
    };
    let desk = Desk::with(backend(), setup);
    let told = desk.ask(prompt(hello())).await;
    assert_eq!(told.story(), "api-key started done completed");
    assert_eq!(told.paid_by(), Some(PaidBy::ApiKeySignIn));
    desk.assert_clean();
}

#[tokio::test]
async fn a_dropped_sampling_leaves_the_client_usable() {
    let desk = Desk::new(backend().script(Script::conversation([Reply::hang(), Reply::text("Here.")])));
    let mut of_turn = turn(&thread("thread-1"), "turn-1");
    let mut sampling = desk.client.sample(&mut of_turn, prompt(hello()));
    assert_eq!(sampling.next().await.unwrap(), Some(SampleEvent::Request { payer: PaidBy::Plan }));
    tokio::select! {
        event = sampling.next() => panic!("a mute backend told {event:?}"),
        seen = desk.backend.wait_for(2) => assert_eq!(seen.unwrap().len(), 2),
    }
    drop(sampling);
    let told = desk.sample(&mut of_turn, prompt(hello())).await;
    assert_eq!(told.texts(), ["Here."]);
}

#[tokio::test]
async fn twenty_thousand_deltas_arrive() {
    let desk = Desk::new(backend().script(always(Reply::answer().bulk(20_000, "word "))));
    let told = desk.ask(prompt(hello())).await;
    assert_eq!(told.deltas().len(), 100_000);
    assert_eq!(told.paid_by(), Some(PaidBy::Plan));
}
