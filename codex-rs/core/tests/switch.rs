//! Turns that hit the plan's limit and go on with the key: nothing lost, nothing repeated, told once and in order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{At, Cut, Limit, LimitVariant, Payer, Reply};
use support::{Lab, backend};

fn two_calls() -> [Reply; 3] {
    [
        Reply::answer()
            .reasoning(&["Hm."])
            .message(&["I ", "look."])
            .exec_command("echo one >> ran; echo one"),
        Reply::answer().exec_command("echo two >> ran; echo two"),
        Reply::text("Both ran."),
    ]
}

/// Every model request was answered as the script says, none was refused by its own fault, nothing leaked.
fn clean(lab: &Lab) -> Vec<String> {
    let verdict = lab.backend.verdict();
    assert!(verdict.refused.is_empty() && verdict.leaked.is_empty(), "{verdict:#?}");
    assert!(verdict.lost.is_empty() && verdict.repeated.is_empty(), "{verdict:#?}");
    assert!(lab.backend.findings().is_empty(), "{:?}", lab.backend.findings());
    let requests = lab.backend.model_requests();
    requests
        .iter()
        .map(|request| match &request.payer {
            Payer::Plan(_) => format!("plan {}", request.status),
            Payer::Key(_) => format!("key {}", request.status),
            Payer::Nobody => "nobody".to_owned(),
        })
        .collect()
}

#[tokio::test]
async fn the_second_sampling_hits_the_limit() {
    let limit = Limit::after_requests(1, LimitVariant::UsageLimitPremium);
    let lab = Lab::new(backend(two_calls()).limit(limit));
    let before = std::fs::read(lab.home.join("auth.json")).unwrap();
    let thread = lab.thread().await;
    let turn = lab.turn(&thread, "Run both.").await;

    insta::assert_snapshot!(lab.sink.story(), @r#"
    status active
    turn started
    started userMessage "Run both."
    completed userMessage "Run both."
    started reasoning []
    completed reasoning []
    started agentMessage ""
    text+ I look.
    completed agentMessage "I look."
    started commandExecution /bin/sh -lc 'echo one >> ran; echo one' InProgress
    output+ one\n
    completed commandExecution /bin/sh -lc 'echo one >> ran; echo one' Completed 0 "one\n"
    tokens
    limits
    notice: Key pays
    started commandExecution /bin/sh -lc 'echo two >> ran; echo two' InProgress
    output+ two\n
    completed commandExecution /bin/sh -lc 'echo two >> ran; echo two' Completed 0 "two\n"
    tokens
    limits
    started agentMessage ""
    text+ Both ran.
    completed agentMessage "Both ran."
    tokens
    limits
    status idle
    turn completed [agentMessage "Both ran."]
    "#);
    assert_eq!(clean(&lab), ["plan 200", "plan 429", "key 200", "key 200"]);
    let turns: Vec<_> =
        lab.backend.model_requests().iter().map(|request| request.turn_id().unwrap()).collect();
    assert!(turns.iter().all(|id| id == turn.id.as_str()), "{turns:?}");
    assert_eq!(std::fs::read_to_string(lab.project.join("ran")).unwrap(), "one\ntwo\n");
    assert_eq!(std::fs::read(lab.home.join("auth.json")).unwrap(), before);
    assert_eq!(lab.sink.changes().len(), 1);
}

#[tokio::test]
async fn the_third_sampling_hits_the_limit() {
    let limit = Limit::after_requests(2, LimitVariant::UsageLimitReached);
    let lab = Lab::new(backend(two_calls()).limit(limit));
    let thread = lab.thread().await;
    let turn = lab.turn(&thread, "Run both.").await;

    insta::assert_snapshot!(lab.sink.story(), @r#"
    status active
    turn started
    started userMessage "Run both."
    completed userMessage "Run both."
    started reasoning []
    completed reasoning []
    started agentMessage ""
    text+ I look.
    completed agentMessage "I look."
    started commandExecution /bin/sh -lc 'echo one >> ran; echo one' InProgress
    output+ one\n
    completed commandExecution /bin/sh -lc 'echo one >> ran; echo one' Completed 0 "one\n"
    tokens
    limits
    started commandExecution /bin/sh -lc 'echo two >> ran; echo two' InProgress
    output+ two\n
    completed commandExecution /bin/sh -lc 'echo two >> ran; echo two' Completed 0 "two\n"
    tokens
    limits
    notice: Key pays
    started agentMessage ""
    text+ Both ran.
    completed agentMessage "Both ran."
    tokens
    limits
    status idle
    turn completed [agentMessage "Both ran."]
    "#);
    assert_eq!(clean(&lab), ["plan 200", "plan 200", "plan 429", "key 200"]);
    let turns: Vec<_> =
        lab.backend.model_requests().iter().map(|request| request.turn_id().unwrap()).collect();
    assert!(turns.iter().all(|id| id == turn.id.as_str()), "{turns:?}");
    assert_eq!(std::fs::read_to_string(lab.project.join("ran")).unwrap(), "one\ntwo\n");
    assert_eq!(lab.sink.changes().len(), 1);
}

#[tokio::test]
async fn a_limit_amid_text_cuts_the_message_off() {
    let cut = Reply::answer()
        .message(&["Half of ", "a sentence"])
        .cut(At::Events(5), Cut::Limit(LimitVariant::StreamFailedByCode));
    let lab = Lab::new(backend([cut, Reply::text("A whole sentence.")]));
    let thread = lab.thread().await;
    lab.turn(&thread, "Speak.").await;

    insta::assert_snapshot!(lab.sink.story(), @r#"
    status active
    turn started
    started userMessage "Speak."
    completed userMessage "Speak."
    started agentMessage ""
    text+ Half of 
    retry: The answer was cut off and is asked for again. (You’ve reached the usage limit of your ChatGPT plan. Upgrade to Pro, buy credits (chatgpt.com/settings/usage), or try again at (a time)M.)
    notice: Key pays
    started agentMessage ""
    text+ A whole sentence.
    completed agentMessage "A whole sentence."
    tokens
    limits
    status idle
    turn completed [agentMessage "A whole sentence."]
    "#);
    assert_eq!(clean(&lab), ["plan 200", "key 200"]);
    let paid = lab.backend.model_requests().pop().unwrap();
    assert!(!paid.text.contains("Half of"), "history keeps nothing of what was cut off");
}

#[tokio::test]
async fn a_limit_after_a_finished_call_runs_it_once() {
    let cut = Reply::answer()
        .message(&["Listing."])
        .exec_command("echo ran >> ran; cat ran")
        .then_limit(LimitVariant::StreamErrorFrame);
    let lab = Lab::new(backend([cut, Reply::text("It ran once.")]));
    let thread = lab.thread().await;
    lab.turn(&thread, "List.").await;

    insta::assert_snapshot!(lab.sink.story(), @r#"
    status active
    turn started
    started userMessage "List."
    completed userMessage "List."
    started agentMessage ""
    text+ Listing.
    completed agentMessage "Listing."
    started commandExecution /bin/sh -lc 'echo ran >> ran; cat ran' InProgress
    output+ ran\n
    completed commandExecution /bin/sh -lc 'echo ran >> ran; cat ran' Completed 0 "ran\n"
    limits
    notice: Key pays
    started agentMessage ""
    text+ It ran once.
    completed agentMessage "It ran once."
    tokens
    limits
    status idle
    turn completed [agentMessage "It ran once."]
    "#);
    assert_eq!(clean(&lab), ["plan 200", "key 200"]);
    assert_eq!(std::fs::read_to_string(lab.project.join("ran")).unwrap(), "ran\n");
}

#[tokio::test]
async fn history_crosses_over_and_back() {
    let thought = |text: &str| Reply::answer().reasoning(&["Thinking."]).message(&[text]);
    let replies = ["one", "two", "three", "four", "five"].map(thought);
    let lab = Lab::new(backend(replies).limit(Limit::after_requests(1, LimitVariant::UsageLimitReached)));
    let thread = lab.thread().await;
    for text in ["First.", "Second.", "Third."] {
        lab.turn(&thread, text).await;
    }
    lab.backend.lift_limits();
    lab.auth.force(codex_fallback::Force::Plan);
    for text in ["Fourth.", "Fifth."] {
        lab.turn(&thread, text).await;
    }
    assert_eq!(clean(&lab), ["plan 200", "plan 429", "key 200", "key 200", "plan 200", "plan 200"]);
    let changes: Vec<_> = lab.sink.changes().iter().map(|change| change.payer).collect();
    assert_eq!(changes, [codex_protocol::Payer::Key, codex_protocol::Payer::Plan]);
    let reasoning = |index: usize| {
        let request = lab.backend.model_requests().remove(index);
        request.input().iter().filter(|item| item["type"] == "reasoning").count()
    };
    // The key sees only what it minted; the plan again what it did.
    assert_eq!([reasoning(2), reasoning(3), reasoning(4), reasoning(5)], [0, 1, 1, 2]);
    let last = lab.backend.model_requests().pop().unwrap();
    let said: Vec<_> = last.user_texts().into_iter().skip(1).collect();
    assert_eq!(said, ["First.", "Second.", "Third.", "Fourth.", "Fifth."]);
}
