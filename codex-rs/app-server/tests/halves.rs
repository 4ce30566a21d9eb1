//! A client in two halves: calls in their order, answers while others wait, and every way a connection ends.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::task::Poll;
use std::time::Duration;

use codex_app_server::INGRESS_CAPACITY;
use codex_app_server_client::{Client, Events, Incoming, Requests};
use codex_app_server_protocol::{
    AccountReadParams, ClientInfo, FallbackReadParams, InitializeParams, ModelListParams, RpcError,
    ServerNotification, ThreadStartParams, TurnStartParams,
};
use support::{World, backend};

/// A hang is told as one.
const PATIENCE: Duration = Duration::from_secs(20);

async fn halves(world: &World) -> (Requests, Events) {
    let mut client = Client::connect(&world.server);
    let info = ClientInfo { name: "test".to_owned(), title: None, version: "1".to_owned() };
    client.initialize(InitializeParams { client_info: info, capabilities: None }).await.unwrap();
    client.split()
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, work).await.expect("it hangs")
}

/// Reads until this is answered.
async fn answered<T>(events: &mut Events, call: impl Future<Output = T>) -> T {
    let mut call = std::pin::pin!(call);
    in_time(async {
        loop {
            tokio::select! {
                answer = &mut call => return answer,
                incoming = events.next() => assert!(incoming.is_some(), "the connection has ended"),
            }
        }
    })
    .await
}

#[tokio::test]
async fn requests_keep_the_order_of_their_calls_and_answers_find_theirs() {
    let world = World::new(backend(), "");
    let (requests, mut events) = halves(&world).await;
    // Polled in another order than they were called in; the second needs the first to be done.
    let thread = requests.call(ThreadStartParams::default());
    let others = (
        requests.clone().call(AccountReadParams::default()),
        requests.call(ModelListParams::default()),
        requests.call(FallbackReadParams {}),
    );
    let (account, models, fallback) =
        answered(&mut events, async { tokio::join!(others.0, others.1, others.2) }).await;
    assert!(account.unwrap().account.is_some() && !models.unwrap().data.is_empty());
    assert_eq!(fallback.unwrap().fallback.tokens, 0);
    let thread = answered(&mut events, thread).await.unwrap().thread;
    let turn = requests.call(TurnStartParams::text(thread.id, "hello"));
    let turn = answered(&mut events, turn).await.unwrap().turn;
    in_time(async {
        loop {
            match events.next().await.expect("an event") {
                Incoming::Notification(ServerNotification::TurnCompleted(ended)) => {
                    return assert_eq!(ended.turn.id, turn.id);
                }
                Incoming::Notification(_) | Incoming::Request { .. } => {}
            }
        }
    })
    .await;
    in_time(events.close()).await;
}

#[tokio::test]
async fn a_queue_that_is_full_refuses_and_loses_nothing() {
    let world = World::new(backend(), "");
    let (requests, mut events) = halves(&world).await;
    // The queue is empty once this is answered.
    assert!(answered(&mut events, requests.call(ModelListParams::default())).await.is_ok());
    // Nothing is awaited here, so the server cannot read meanwhile.
    let calls: Vec<_> =
        (0..INGRESS_CAPACITY + 3).map(|_| requests.call(ModelListParams::default())).collect();
    let mut refused = 0;
    for call in calls {
        match answered(&mut events, call).await {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error.code, RpcError::OVERLOADED);
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 3);
    assert!(answered(&mut events, requests.call(ModelListParams::default())).await.is_ok());
}

#[tokio::test]
async fn closing_answers_what_was_asked_and_refuses_what_comes_later() {
    let world = World::new(backend(), "");
    let (requests, events) = halves(&world).await;
    let asked = requests.call(AccountReadParams::default());
    // The other half is still held: closing does not wait for it.
    in_time(events.close()).await;
    assert!(in_time(asked).await.is_ok());
    assert_eq!(
        in_time(requests.call(AccountReadParams::default())).await.unwrap_err().code,
        RpcError::INTERNAL
    );
}

#[tokio::test]
async fn no_call_waits_for_ever() {
    let world = World::new(backend(), "");
    // The reading half is dropped.
    let (requests, events) = halves(&world).await;
    let asked = requests.call(AccountReadParams::default());
    drop(events);
    assert!(in_time(asked).await.is_err());
    assert!(in_time(requests.call(AccountReadParams::default())).await.is_err());
    // The server goes away.
    let (requests, mut events) = halves(&world).await;
    in_time(world.server.shutdown()).await;
    let asked = requests.call(AccountReadParams::default());
    in_time(async { while events.next().await.is_some() {} }).await;
    assert!(in_time(asked).await.is_err());
    assert!(in_time(requests.call(AccountReadParams::default())).await.is_err());
    assert!(
        requests.refuse(codex_app_server_protocol::RequestId::Number(0), RpcError::internal("no")).is_err()
    );
}

#[tokio::test]
async fn a_read_that_is_given_up_loses_nothing() {
    let world = World::new(backend(), "");
    let (requests, mut events) = halves(&world).await;
    let thread = answered(&mut events, requests.call(ThreadStartParams::default())).await.unwrap().thread;
    let turn = requests.call(TurnStartParams::text(thread.id, "hello"));
    let mut seen = Vec::new();
    in_time(async {
        while seen.last().map(String::as_str) != Some("turn/completed") {
            // A read that is looked at once and dropped where it would wait.
            let looked = {
                let mut read = std::pin::pin!(events.next());
                std::future::poll_fn(|context| Poll::Ready(read.as_mut().poll(context))).await
            };
            let incoming = match looked {
                Poll::Ready(incoming) => incoming,
                Poll::Pending => events.next().await,
            };
            if let Some(Incoming::Notification(notification)) = incoming {
                seen.push(notification.method().to_owned());
            }
        }
    })
    .await;
    assert!(in_time(turn).await.is_ok());
    let count = |method: &str| seen.iter().filter(|seen| *seen == method).count();
    assert_eq!((count("turn/started"), count("item/agentMessage/delta") >= 1), (1, true), "{seen:?}");
}
