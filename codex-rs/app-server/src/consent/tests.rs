//! The question: who is asked, who joins, and everything that ends it. The time is tokio's, paused.

use std::collections::HashSet;

use codex_app_server_protocol::{FallbackCapability, ServerMessage, TurnId};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::advance;

use super::*;
use crate::outbox::{Inbox, outbox};
use crate::subscriber::Handshake;

struct Client {
    subscriber: Arc<Subscriber>,
    inbox: Inbox,
}

#[derive(Clone, Copy)]
enum Knows {
    Nothing,
    Updates,
    Asking,
}

fn client(desk: &ConsentDesk, id: u64, thread: &str, knows: Knows) -> Client {
    let (outbox, inbox) = outbox();
    let subscriber = Arc::new(Subscriber::new(ConnectionId(id), outbox));
    let fallback = match knows {
        Knows::Nothing => None,
        Knows::Updates => Some(FallbackCapability { ask: false }),
        Knows::Asking => Some(FallbackCapability { ask: true }),
    };
    let handshake = Handshake {
        originator: "test".into(),
        user_agent: "test/1".into(),
        fallback,
        opted_out: HashSet::new(),
    };
    subscriber.shake_hands(handshake).unwrap();
    desk.owns(ThreadId::from(thread), subscriber.clone());
    Client { subscriber, inbox }
}

impl Client {
    /// What it has been sent, in short words.
    fn heard(&mut self) -> Vec<String> {
        let mut heard = Vec::new();
        while !self.inbox.is_empty() {
            let message = futures_util::FutureExt::now_or_never(self.inbox.recv()).unwrap().unwrap();
            heard.push(match message {
                ServerMessage::Request { id, request: ServerRequest::FallbackApproval(asked) } => {
                    let id = serde_json::to_string(&id).unwrap();
                    format!("asked {id} for {}/{} …{}", asked.thread_id, asked.turn_id, asked.key_last4)
                }
                ServerMessage::Notification(ServerNotification::ThreadStatusChanged(changed)) => {
                    let status = match changed.status {
                        ThreadStatus::Active { active_flags } if active_flags.is_empty() => "active",
                        ThreadStatus::Active { .. } => "waiting",
                        ThreadStatus::Idle => "idle",
                    };
                    format!("{} {status}", changed.thread_id)
                }
                ServerMessage::Notification(ServerNotification::ServerRequestResolved(resolved)) => {
                    format!(
                        "resolved {} of {}",
                        serde_json::to_string(&resolved.request_id).unwrap(),
                        resolved.thread_id
                    )
                }
                ServerMessage::Notification(other) => other.method().to_owned(),
                other => panic!("unexpected: {other:?}"),
            });
        }
        heard
    }

    async fn answers(&self, desk: &ConsentDesk, id: i64, answer: Value) {
        desk.answered(&self.subscriber, RequestId::Number(id), Ok(answer)).await;
    }
}

/// A turn of `thread` that hits the limit and waits for the answer.
async fn waits(desk: &Arc<ConsentDesk>, thread: &str, turn: &str) -> JoinHandle<Option<Consent>> {
    let question = Question {
        thread_id: ThreadId::from(thread),
        turn_id: TurnId::from(turn),
        reason: "The usage limit is reached.".into(),
        resets_at: Some(7),
        model: "gpt-5.5".into(),
        key_last4: "abcd".into(),
        context_tokens: Some(1200),
    };
    let desk = desk.clone();
    let waiting = tokio::spawn(async move { desk.ask(question).await });
    settle().await;
    waiting
}

/// Lets every task run until it waits for somebody.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_reaches_the_turn() {
    let table = [
        ("turn", Consent::Turn),
        ("untilReset", Consent::UntilReset),
        ("process", Consent::Process),
        ("no", Consent::No),
    ];
    for (word, expect) in table {
        let desk = ConsentDesk::new();
        let mut client = client(&desk, 1, "A", Knows::Asking);
        let turn = waits(&desk, "A", "t1").await;
        assert_eq!(client.heard(), ["A waiting", "asked 0 for A/t1 …abcd"]);
        client.answers(&desk, 0, json!({ "answer": word })).await;
        assert_eq!(turn.await.unwrap(), Some(expect));
        assert_eq!(client.heard(), ["resolved 0 of A", "A active"], "{word}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_cannot_be_asked_is_not() {
    for knows in [Knows::Nothing, Knows::Updates] {
        let desk = ConsentDesk::new();
        let mut client = client(&desk, 1, "A", knows);
        assert_eq!(waits(&desk, "A", "t1").await.await.unwrap(), None);
        assert_eq!(waits(&desk, "unknown", "t1").await.await.unwrap(), None);
        assert!(client.heard().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_for_ten_minutes() {
    let desk = ConsentDesk::new();
    let mut asked = client(&desk, 1, "A", Knows::Asking);
    let mut joined = client(&desk, 2, "B", Knows::Asking);
    let first = waits(&desk, "A", "t1").await;
    advance(ANSWER_LIMIT / 2).await;
    let second = waits(&desk, "B", "t2").await;
    advance(ANSWER_LIMIT / 2 - Duration::from_secs(1)).await;
    settle().await;
    assert!(!first.is_finished() && !second.is_finished(), "a second is left");
    advance(Duration::from_secs(1)).await;
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (Some(Consent::No), Some(Consent::No)));
    assert_eq!(asked.heard(), ["A waiting", "asked 0 for A/t1 …abcd", "resolved 0 of A", "A active"]);
    assert_eq!(joined.heard(), ["B waiting", "B active"]);

    asked.answers(&desk, 0, json!({"answer": "process"})).await;
    assert!(asked.heard().is_empty(), "a late answer changes nothing");
    let again = waits(&desk, "A", "t3").await;
    assert_eq!(asked.heard(), ["A waiting", "asked 1 for A/t3 …abcd"], "the next turn asks again");
    asked.answers(&desk, 0, json!({"answer": "process"})).await;
    settle().await;
    assert!(!again.is_finished(), "an answer to the old question is not one to the new");
    asked.answers(&desk, 1, json!({"answer": "turn"})).await;
    assert_eq!(again.await.unwrap(), Some(Consent::Turn));
}

#[tokio::test(start_paused = true)]
async fn others_join_the_open_question_and_cannot_answer_it() {
    let desk = ConsentDesk::new();
    let mut asked = client(&desk, 1, "A", Knows::Asking);
    let mut other = client(&desk, 2, "B", Knows::Asking);
    let _silent = client(&desk, 3, "C", Knows::Updates);
    let turns = [waits(&desk, "A", "t1").await, waits(&desk, "B", "t2").await];
    assert_eq!(
        waits(&desk, "C", "t3").await.await.unwrap(),
        None,
        "who cannot be asked does not join either"
    );
    assert_eq!(other.heard(), ["B waiting"], "one question per process");
    other.answers(&desk, 0, json!({"answer": "process"})).await;
    settle().await;
    assert!(turns.iter().all(|turn| !turn.is_finished()));
    asked.answers(&desk, 0, json!({"answer": "untilReset"})).await;
    for turn in turns {
        assert_eq!(turn.await.unwrap(), Some(Consent::UntilReset));
    }
    assert_eq!(asked.heard(), ["A waiting", "asked 0 for A/t1 …abcd", "resolved 0 of A", "A active"]);
    assert_eq!(other.heard(), ["B active"]);
}

#[tokio::test(start_paused = true)]
async fn the_asked_client_leaves() {
    let desk = ConsentDesk::new();
    let asked = client(&desk, 1, "A", Knows::Asking);
    let mut other = client(&desk, 2, "B", Knows::Asking);
    let turns = [waits(&desk, "A", "t1").await, waits(&desk, "B", "t2").await];
    desk.left(ConnectionId(2));
    settle().await;
    assert!(!turns[0].is_finished(), "only the asked client's leaving counts");
    desk.left(asked.subscriber.id);
    for turn in turns {
        assert_eq!(turn.await.unwrap(), Some(Consent::No));
    }
    assert_eq!(other.heard(), ["B waiting", "B active"]);
    assert_eq!(waits(&desk, "A", "t3").await.await.unwrap(), None, "its threads cannot ask any more");
}

#[tokio::test(start_paused = true)]
async fn interrupted_turns_stop_waiting() {
    let desk = ConsentDesk::new();
    let mut asked = client(&desk, 1, "A", Knows::Asking);
    let _other = client(&desk, 2, "B", Knows::Asking);
    let first = waits(&desk, "A", "t1").await;
    let second = waits(&desk, "B", "t2").await;
    first.abort();
    settle().await;
    assert_eq!(asked.heard(), ["A waiting", "asked 0 for A/t1 …abcd"], "somebody still waits");
    second.abort();
    settle().await;
    assert_eq!(asked.heard(), ["resolved 0 of A"], "withdrawn with the last one");
    asked.answers(&desk, 0, json!({"answer": "process"})).await;
    assert!(asked.heard().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_no_answer_means_no_with_a_warning() {
    let table = [
        Ok(json!({"answer": "yes please"})),
        Ok(json!("turn")),
        Ok(Value::Null),
        Err(RpcError { code: -32601, message: "method not found".into(), data: None }),
    ];
    for result in table {
        let desk = ConsentDesk::new();
        let mut client = client(&desk, 1, "A", Knows::Asking);
        let turn = waits(&desk, "A", "t1").await;
        client.heard();
        desk.answered(&client.subscriber, RequestId::Number(0), result).await;
        assert_eq!(turn.await.unwrap(), Some(Consent::No));
        assert_eq!(client.heard(), ["resolved 0 of A", "warning", "A active"]);
    }
}
