//! The switch from plan to key: before output, inside a stream, with two threads at once; what crosses over.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{At, Cut, Door, Limit, LimitVariant, Reply, Script};
use codex_fallback::{Consent, KeyState, Mode, Payer, WhyNot};
use codex_model_client::{PaidBy, SampleEvent};
use codex_protocol::{CodexErr, HistoryItem, ResponseItem};
use serde_json::json;

use support::{ACCOUNT, Answering, Desk, KEY, Setup, backend, hello, prompt, thread, turn};

const LIMIT: LimitVariant = LimitVariant::UsageLimitReached;

fn used_up_after(requests: u64) -> Limit {
    Limit::after_requests(requests, LIMIT)
}

#[tokio::test]
async fn before_any_output_the_same_request_goes_to_the_key_at_once() {
    let desk = Desk::new(backend().limit(used_up_after(0)));
    let told = desk.ask(prompt(hello())).await;
    assert_eq!(told.story(), "plan changed key started done completed");
    assert_eq!(told.paid_by(), Some(PaidBy::FallbackKey));
    assert_eq!(desk.waits.lock().unwrap().len(), 0, "no retry is spent, nothing waits");

    let (plan, key) = (desk.plan_requests().remove(0), desk.key_requests().remove(0));
    assert_eq!(plan.body, key.body, "the same model, input, tools and ids");
    assert_eq!(plan.path, "/backend-api/codex/responses");
    assert_eq!(key.path, "/v1/responses");
    for (name, on_plan, on_key) in [
        ("chatgpt-account-id", Some(ACCOUNT), None),
        ("content-encoding", Some("zstd"), None),
        ("x-codex-routing-hint", Some("model=gpt-5.5"), None),
        ("accept", Some("text/event-stream"), Some("text/event-stream")),
        ("content-type", Some("application/json"), Some("application/json")),
        ("originator", Some("codex_exec"), Some("codex_exec")),
        ("user-agent", Some("codex_exec/0.0.0 (test)"), Some("codex_exec/0.0.0 (test)")),
        ("version", Some("0.0.0"), Some("0.0.0")),
        ("session-id", Some("thread-1"), Some("thread-1")),
        ("thread-id", Some("thread-1"), Some("thread-1")),
        ("x-client-request-id", Some("thread-1"), Some("thread-1")),
        ("x-codex-window-id", Some("thread-1:0"), Some("thread-1:0")),
    ] {
        assert_eq!((plan.header(name), key.header(name)), (on_plan, on_key), "{name}");
    }
    assert_eq!(key.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    desk.assert_clean();

    let status = desk.auth.status();
    assert_eq!((status.payer, status.key_state), (Payer::Key, KeyState::Ready));
    assert!(status.tokens > 0, "what the key was billed for is booked");
}

#[tokio::test]
async fn a_turn_with_tools_loses_and_repeats_nothing_wherever_the_limit_strikes() {
    for served in 0..=3 {
        let script = Script::conversation([
            Reply::answer().reasoning(&["first"]).exec_command("one"),
            Reply::answer().reasoning(&["second"]).exec_command("two").exec_command("three"),
            Reply::answer().reasoning(&["third"]).message(&["All ", "done."]),
        ]);
        let desk = Desk::new(backend().script(script).limit(used_up_after(served)));
        let mut history = hello();
        let told = desk.turn(&mut turn(&thread("thread-1"), "turn-1"), &mut history).await;
        assert_eq!(told.error, None);
        assert_eq!(told.texts(), ["All done."]);
        assert_eq!(told.changes().len(), usize::from(served < 3), "after {served}");
        let verdict = desk.backend.verdict();
        assert!(verdict.is_clean(), "after {served}: {verdict:?}");
        let calls = history.iter().filter(|entry| matches!(*entry.item, ResponseItem::FunctionCall { .. }));
        assert_eq!(calls.count(), 3);
        let turns: Vec<_> = desk.backend.model_requests().iter().map(|request| request.turn_id()).collect();
        assert!(turns.iter().all(|turn| turn.as_deref() == Some("turn-1")), "{turns:?}");
    }
}

#[tokio::test]
async fn a_limit_inside_the_stream_keeps_what_is_finished_and_voids_the_rest() {
    // Finished before the limit, the story of the whole turn.
    let rows: [(Reply, &str); 5] = [
        (Reply::answer(), "plan changed key started done completed"),
        (
            Reply::answer().message(&["Half a sen", "tence"]).cut(At::Events(5), Cut::Limit(LIMIT)),
            "plan started discarded changed key started done completed",
        ),
        (Reply::answer().reasoning(&["Hm."]), "plan started done cut-off changed key started done completed"),
        (Reply::answer().exec_command("one"), "plan started done cut-off changed key started done completed"),
        (
            Reply::answer()
                .exec_command("one")
                .message(&["Half a ", "sentence"])
                .cut(At::Events(9), Cut::Limit(LIMIT)),
            "plan started done started discarded cut-off changed key started done completed",
        ),
    ];
    for (index, (reply, story)) in rows.into_iter().enumerate() {
        let reply = if matches!(index, 1 | 4) { reply } else { reply.then_limit(LIMIT) };
        let script = Script::conversation([reply, Reply::text("Done.")]);
        let desk = Desk::new(backend().script(script));
        let mut history = hello();
        let told = desk.turn(&mut turn(&thread("thread-1"), "turn-1"), &mut history).await;
        assert_eq!(told.story(), story, "row {index}");
        assert_eq!(told.texts(), ["Done."], "row {index}: history keeps nothing of the unfinished item");
        assert_eq!(desk.counts(), (1, 1), "row {index}");
        let runs =
            history.iter().filter(|entry| matches!(*entry.item, ResponseItem::FunctionCallOutput { .. }));
        assert_eq!(runs.count(), usize::from(index >= 3), "row {index}: tools run once");
        desk.assert_clean();
    }
}

#[tokio::test]
async fn every_in_stream_form_of_the_limit_switches_after_output() {
    use LimitVariant as V;
    for variant in [
        V::StreamFailedByCode,
        V::StreamFailedByType,
        V::StreamErrorByCode,
        V::StreamErrorByType,
        V::StreamErrorStatus,
        V::StreamErrorFrame,
        V::StreamErrorNested,
        V::StreamErrorFlat,
    ] {
        let reply = Reply::answer().message(&["Half"]).cut(At::Events(5), Cut::Limit(variant));
        let desk = Desk::new(backend().script(Script::conversation([reply, Reply::text("Whole.")])));
        let told = desk.ask(prompt(hello())).await;
        assert_eq!(
            told.story(),
            "plan started discarded changed key started done completed",
            "{}",
            variant.name()
        );
        desk.assert_clean();
    }
}

#[tokio::test]
async fn two_threads_that_hit_the_limit_together_switch_once_and_are_told_once_each() {
    let desk = Desk::new(backend().limit(used_up_after(0)));
    let (first, second) = (thread("thread-1"), thread("thread-2"));
    let (mut first_turn, mut second_turn) = (turn(&first, "turn-1"), turn(&second, "turn-2"));
    let mut one = desk.client.sample(&mut first_turn, prompt(hello()));
    let mut two = desk.client.sample(&mut second_turn, prompt(hello()));
    // Both have the plan's ticket before either is answered.
    assert_eq!(one.next().await.unwrap(), Some(SampleEvent::Request { payer: PaidBy::Plan }));
    assert_eq!(two.next().await.unwrap(), Some(SampleEvent::Request { payer: PaidBy::Plan }));
    for sampling in [&mut one, &mut two] {
        let mut changes = 0;
        let mut paid_by = None;
        while let Some(event) = sampling.next().await.unwrap() {
            match event {
                SampleEvent::PayerChanged(change) => {
                    assert_eq!((change.payer, change.epoch), (Payer::Key, 1));
                    changes += 1;
                }
                SampleEvent::Completed { payer, .. } => paid_by = Some(payer),
                _ => {}
            }
        }
        assert_eq!((changes, paid_by), (1, Some(PaidBy::FallbackKey)));
    }
    drop((one, two));
    assert_eq!((desk.counts(), desk.auth.status().epoch), ((2, 2), 1));

    // A thread that was silent meanwhile is told before its first request, and nobody is told twice.
    let quiet = thread("thread-3");
    let mut third_turn = turn(&quiet, "turn-3");
    assert_eq!(
        desk.sample(&mut third_turn, prompt(hello())).await.story(),
        "changed key started done completed"
    );
    for known in [&first, &second, &quiet] {
        let told = desk.sample(&mut turn(known, "turn-4"), prompt(hello())).await;
        assert_eq!(told.story(), "key started done completed");
    }
}

#[tokio::test]
async fn history_crosses_over_without_what_only_the_plan_can_read() {
    let script = Script::conversation([
        Reply::answer().reasoning(&["On the plan."]).exec_command("one"),
        Reply::answer().reasoning(&["On the key."]).message(&["Done."]),
    ]);
    let desk = Desk::new(backend().script(script).limit(used_up_after(1)));
    let mut history = hello();
    desk.turn(&mut turn(&thread("thread-1"), "turn-1"), &mut history).await;
    let kinds = |request: &codex_fake_backend::Recorded| {
        let kinds = request.input().iter().map(|item| item["type"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    let plan_second = &desk.plan_requests()[1];
    assert_eq!(
        kinds(plan_second),
        ["message", "message", "reasoning", "function_call", "function_call_output"]
    );
    let key_first = &desk.key_requests()[0];
    assert_eq!(kinds(key_first), ["message", "message", "function_call", "function_call_output"]);
    assert!(key_first.input().iter().all(|item| item.get("id").is_none()), "no id of the plan's items");

    // Back on the plan its own reasoning is there again and the key's is not.
    desk.backend.lift_limits();
    desk.auth.force(codex_fallback::Force::Plan);
    let told = desk.sample(&mut turn(&thread("thread-1"), "turn-2"), prompt(history)).await;
    assert_eq!(told.paid_by(), Some(PaidBy::Plan));
    let last = desk.plan_requests().pop().unwrap();
    let own = last.input().iter().filter(|item| item["type"] == "reasoning").count();
    assert_eq!(own, 1);
    desk.assert_clean();
}

#[tokio::test]
async fn history_of_unknown_origin_is_mended_once_and_for_the_thread() {
    let desk = Desk::new(backend());
    let reasoning: ResponseItem = serde_json::from_value(json!({
        "type": "reasoning", "id": "rs_1", "summary": [],
        "encrypted_content": codex_fake_backend::mint_ciphertext("org-of-somebody-else", 7),
    }))
    .unwrap();
    let mut history = hello();
    history.push(HistoryItem::ours(reasoning));
    history.push(HistoryItem::ours(ResponseItem::message("assistant", "Hi.")));
    history.push(HistoryItem::ours(ResponseItem::message("user", "Go on.")));
    let thread = thread("thread-1");
    let told = desk.sample(&mut turn(&thread, "turn-1"), prompt(history.clone())).await;
    assert_eq!(told.story(), "plan plan started done completed");
    let told = desk.sample(&mut turn(&thread, "turn-2"), prompt(history.clone())).await;
    assert_eq!(told.story(), "plan started done completed", "the refusal is remembered");

    // The key is never sent it in the first place.
    desk.auth.force(codex_fallback::Force::Key);
    let told = desk.sample(&mut turn(&thread, "turn-3"), prompt(history)).await;
    assert_eq!(told.story(), "changed key started done completed");
    desk.assert_clean();
}

#[tokio::test]
async fn a_compacted_history_of_the_plan_stops_the_key_with_a_sentence_or_gives_its_summary() {
    let compaction: ResponseItem =
        serde_json::from_value(json!({"type": "compaction", "encrypted_content": "opaque"})).unwrap();
    let desk = Desk::new(backend().limit(used_up_after(0)));
    desk.auth.force(codex_fallback::Force::Key);
    let mut history = vec![HistoryItem::ours(compaction)];
    history.extend(hello());
    let told = desk.ask(prompt(history.clone())).await;
    assert_eq!(told.error, Some(CodexErr::ForeignCompaction));
    assert_eq!(desk.counts(), (0, 0), "nothing is sent without the history");
    history[0].readable_summary = Some("Earlier: they said hello.".into());
    let told = desk.ask(prompt(history)).await;
    assert_eq!(told.paid_by(), Some(PaidBy::FallbackKey));
    assert!(desk.key_requests()[0].user_texts().contains(&"Earlier: they said hello.".to_owned()));
}

#[tokio::test]
async fn asking_obeys_each_answer() {
    let rows = [
        // The answer; what became of the request; who carries the next turn's first request.
        (Some(Consent::Turn), "plan changed key started done completed", "changed plan"),
        (Some(Consent::UntilReset), "plan changed key started done completed", "key"),
        (Some(Consent::Process), "plan changed key started done completed", "key"),
        (Some(Consent::No), "plan error", "plan"),
        (None, "plan error", "plan"),
    ];
    for (answer, story, next) in rows {
        let answering = Answering::with(answer);
        let setup = Setup { mode: Mode::Ask, consent: Some(answering.clone()), ..Setup::default() };
        let desk = Desk::with(backend().limit(used_up_after(0)), setup);
        let thread = thread("thread-1");
        let mut first = turn(&thread, "turn-1");
        let told = desk.sample(&mut first, prompt(hello())).await;
        assert_eq!(told.story(), story, "{answer:?}");
        let why = match &told.error {
            Some(CodexErr::NotTakenOver { error, why }) => {
                assert!(matches!(**error, CodexErr::UsageLimitReached(_)), "{error:?}");
                Some(*why)
            }
            other => {
                assert_eq!(*other, None);
                None
            }
        };
        let expected = match answer {
            Some(Consent::No) => Some(WhyNot::Declined),
            None => Some(WhyNot::CannotAsk),
            Some(_) => None,
        };
        assert_eq!(why, expected);
        let question = answering.asked.lock().unwrap().remove(0);
        assert_eq!(question.thread_id.as_str(), "thread-1");
        assert_eq!(question.turn_id.as_str(), "turn-1");
        assert_eq!((question.model.as_str(), question.context_tokens), ("gpt-5.5", Some(1234)));
        assert_eq!(question.key_last4, "ghij");
        assert_eq!(question.resets_at, Some(support::NOW + 602_705));

        desk.auth.turn_ended(first.turn_id());
        desk.backend.lift_limits();
        let told = desk.sample(&mut turn(&thread, "turn-2"), prompt(hello())).await;
        assert_eq!(told.story(), format!("{next} started done completed"), "{answer:?}");
        desk.assert_clean();
    }
}

#[tokio::test]
async fn nobody_to_ask_stops_with_the_limit_and_the_reason() {
    let setup = Setup { mode: Mode::Ask, ..Setup::default() };
    let desk = Desk::with(backend().limit(used_up_after(0)), setup);
    let told = desk.ask(prompt(hello())).await;
    let text = told.error_text();
    assert!(text.contains("usage limit") && text.contains("nobody can be asked"), "{text}");
    assert_eq!(desk.counts(), (1, 0));
}

#[tokio::test]
async fn a_dead_key_tells_both_causes_and_the_plan_pays_again() {
    use codex_fake_backend::KeyState as Fake;
    for (state, words) in [(Fake::Revoked, "refused"), (Fake::NoCredit, "out of credit")] {
        let desk = Desk::new(backend().limit(used_up_after(0)));
        desk.backend.set_key_state(KEY, state);
        let thread = thread("thread-1");
        let told = desk.sample(&mut turn(&thread, "turn-1"), prompt(hello())).await;
        assert_eq!(told.story(), "plan changed key changed error");
        let text = told.error_text();
        let (limit, key) = (text.find("usage limit"), text.find(words));
        assert!(limit.is_some() && limit < key, "the limit first: {text}");
        assert!(!text.contains(KEY) && text.contains("…ghij"), "{text}");
        assert_eq!(desk.auth.status().payer, Payer::Plan);

        let told = desk.sample(&mut turn(&thread, "turn-2"), prompt(hello())).await;
        assert_eq!(
            (told.story().as_str(), desk.counts()),
            ("plan error", (2, 1)),
            "no second try with a dead key"
        );
    }
}

#[tokio::test]
async fn the_key_learns_once_what_it_does_not_offer() {
    // The organisation may not have summaries.
    let desk = Desk::new(backend());
    desk.auth.force(codex_fallback::Force::Key);
    desk.backend.set_key_state(KEY, codex_fake_backend::KeyState::UnverifiedSummaries);
    let thread_1 = thread("thread-1");
    for requests in [2, 3] {
        let told = desk.sample(&mut turn(&thread_1, "turn-1"), prompt(hello())).await;
        assert_eq!(told.paid_by(), Some(PaidBy::FallbackKey));
        assert_eq!(desk.key_requests().len(), requests, "the refusal is not asked for twice");
    }
    assert_eq!(desk.key_requests()[2].body["reasoning"], json!({"effort": "medium"}));

    // The thread's model is not offered, another is named.
    let key = codex_fake_backend::PlatformKey::new(KEY).with_models(&["gpt-5.1"]);
    let backend = codex_fake_backend::FakeBackend::builder()
        .account(codex_fake_backend::Account::new(ACCOUNT))
        .key(key)
        .now(support::NOW);
    let setup =
        Setup { config: |config, _| config.fallback.model = Some("gpt-5.1".to_owned()), ..Setup::default() };
    let desk = Desk::with(backend.limit(used_up_after(0)), setup);
    let mut of_turn = turn(&thread("thread-2"), "turn-1");
    desk.sample(&mut of_turn, prompt(hello())).await;
    desk.sample(&mut of_turn, prompt(hello())).await;
    let models: Vec<_> = desk.key_requests().iter().map(|request| request.body["model"].clone()).collect();
    assert_eq!(models, ["gpt-5.5", "gpt-5.1", "gpt-5.1"]);
    desk.assert_clean();
}

#[tokio::test]
async fn the_service_tier_is_the_plans_unless_the_key_has_one_of_its_own() {
    let in_a_hurry = || {
        let mut prompt = prompt(hello());
        prompt.service_tier = Some("priority".to_owned());
        prompt
    };
    let tiers = |desk: &Desk| {
        let tier = |door| desk.backend.requests_at(door)[0].body["service_tier"].clone();
        (tier(Door::PlanResponses), tier(Door::KeyResponses))
    };
    let desk = Desk::new(backend().limit(used_up_after(0)));
    desk.ask(in_a_hurry()).await;
    assert_eq!(tiers(&desk), (json!("priority"), json!(null)));
    desk.assert_clean();

    let setup = Setup {
        config: |config, _| config.fallback.service_tier = Some("flex".to_owned()),
        ..Setup::default()
    };
    let desk = Desk::with(backend().service_tier_allowed().limit(used_up_after(0)), setup);
    desk.ask(in_a_hurry()).await;
    assert_eq!(tiers(&desk), (json!("priority"), json!("flex")));
}

#[tokio::test]
async fn a_custom_base_url_gets_the_plan_and_never_the_key() {
    let setup = Setup {
        config: |config, backend| {
            let url = format!("{}/codex", backend.chatgpt_base_url().trim_end_matches('/'));
            config.openai_base_url = Some(codex_config::BaseUrl::parse(&url).unwrap());
            config.fallback.base_url = None;
        },
        ..Setup::default()
    };
    let desk = Desk::with(backend().limit(used_up_after(0)), setup);
    let told = desk.ask(prompt(hello())).await;
    assert!(told.error_text().contains("openai_base_url"), "{}", told.error_text());
    assert_eq!(desk.counts(), (1, 0));
    assert_eq!(desk.backend.requests_at(Door::AccountsCheck).len(), 0, "a custom address is not routed");
}
