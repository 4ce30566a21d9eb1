//! How turns and connections end: interrupts, the end of the input, clients that vanish, a server that closes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_app_server_client::{Client, Incoming};
use codex_app_server_protocol::{
    ClientInfo, FallbackReadParams, InitializeParams, ServerNotification, ThreadStartParams,
    TurnInterruptParams, TurnStartParams, TurnStatus, UserInput,
};
use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};
use support::{Pipe, World, backend, methods};

/// A turn whose command tells its process id and then sleeps for long.
async fn sleeping(world: &World, client: &mut Pipe) -> (String, String, String) {
    let thread = client.thread(world).await;
    let turn = client.turn(&thread, "sleep").await;
    let told = client.until("item/commandExecution/outputDelta").await.pop().unwrap();
    let process = told["params"]["delta"].as_str().unwrap().trim().to_owned();
    assert!(runs(&process));
    (thread, turn, process)
}

fn world() -> World {
    let script = Script::new().otherwise(Reply::answer().exec_command("echo $$; exec sleep 1000"));
    World::new(backend().script(script), "")
}

fn runs(process: &str) -> bool {
    // A zombie that nobody has waited for yet has ended all the same.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

#[tokio::test]
async fn an_interrupt_is_answered_before_what_it_does() {
    let world = world();
    let mut client = world.client(json!({})).await;
    let (thread, turn, process) = sleeping(&world, &mut client).await;
    let wrong = client.call("turn/interrupt", json!({"threadId": thread, "turnId": "another"})).await;
    assert_eq!(wrong["error"]["code"], -32600, "{wrong}");
    let id = client.request("turn/interrupt", json!({"threadId": thread, "turnId": turn})).await;
    let mut seen = methods(&client.until("turn/completed").await);
    seen.retain(|method| ["answer", "thread/status", "turn/"].iter().any(|kind| method.starts_with(kind)));
    assert_eq!(seen, [format!("answer {id}"), "thread/status/changed".into(), "turn/completed".into()]);
    assert!(!runs(&process));
    client.close().await;
}

#[tokio::test]
async fn the_end_of_the_input_interrupts_and_says_so() {
    let world = world();
    let mut client = world.client(json!({})).await;
    let (.., process) = sleeping(&world, &mut client).await;
    let rest = client.close().await;
    let completed = rest.last().unwrap();
    assert_eq!(completed["method"], "turn/completed", "{rest:?}");
    assert_eq!(completed["params"]["turn"]["status"], "interrupted");
    assert!(!runs(&process));
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing_behind() {
    let world = world();
    let mut client = world.client(json!({})).await;
    let (.., process) = sleeping(&world, &mut client).await;
    let mut other = world.client(json!({})).await;
    client.vanish().await;
    assert!(!runs(&process));
    assert!(other.call("account/read", json!({})).await["result"].is_object(), "others go on");
    other.close().await;
}

#[tokio::test]
async fn a_second_turn_start_steers_the_running_turn() {
    let world = world();
    let mut client = world.client(json!({})).await;
    let (thread, turn, _) = sleeping(&world, &mut client).await;
    assert_eq!(client.turn(&thread, "hurry").await, turn);
    client.close().await;
}

#[tokio::test]
async fn a_closing_server_ends_every_connection() {
    let world = world();
    let mut client = world.client(json!({})).await;
    let idle = world.client(json!({})).await;
    let (.., process) = sleeping(&world, &mut client).await;
    let server = world.server.clone();
    let closing = tokio::spawn(async move { server.shutdown().await });
    assert_eq!(
        client.until("turn/completed").await.pop().unwrap()["params"]["turn"]["status"],
        "interrupted"
    );
    assert_eq!(client.close().await, Vec::<Value>::new());
    assert_eq!(idle.close().await, Vec::<Value>::new());
    closing.await.unwrap();
    assert!(!runs(&process));
}

#[tokio::test]
async fn many_deltas_arrive_in_order_through_narrow_pipes() {
    let script = Script::new().otherwise(Reply::answer().bulk(3000, "word "));
    let world = World::new(backend().script(script), "");
    let mut client = Pipe::open(&world.server, 512);
    client.handshake(json!({})).await;
    let thread = client.thread(&world).await;
    client.turn(&thread, "talk").await;
    let messages = client.until("turn/completed").await;
    let deltas: String = messages
        .iter()
        .filter(|message| message["method"] == "item/agentMessage/delta")
        .map(|message| message["params"]["delta"].as_str().unwrap())
        .collect();
    let said =
        messages.iter().rev().find(|message| message["params"]["item"]["type"] == "agentMessage").unwrap();
    assert_eq!(deltas, "word ".repeat(3000));
    assert_eq!(said["params"]["item"]["text"], json!(deltas));
    client.close().await;
}

#[tokio::test]
async fn in_one_process_the_same_conversation_travels_as_values() {
    let world = world();
    let mut client = Client::connect(&world.server);
    let refused = client.call(FallbackReadParams {}).await.unwrap_err();
    assert_eq!(refused.message, "Not initialized");
    let client_info = ClientInfo { name: "codex_exec".into(), title: None, version: "0.1.0".into() };
    let hello = client.initialize(InitializeParams { client_info, capabilities: None }).await.unwrap();
    assert!(hello.user_agent.starts_with("codex_exec/0.1.0 ("));
    let params: ThreadStartParams = serde_json::from_value(world.thread_start()).unwrap();
    let started = client.call(params).await.unwrap();
    assert_eq!(started.thread.source, "exec");
    let thread_id = started.thread.id;
    let input = vec![UserInput::Text { text: "sleep".into(), text_elements: Vec::new() }];
    let params: TurnStartParams =
        serde_json::from_value(json!({"threadId": thread_id, "input": input})).unwrap();
    let turn_id = client.call(params).await.unwrap().turn.id;
    loop {
        match client.next().await.unwrap() {
            Incoming::Notification(ServerNotification::CommandOutputDelta(_)) => break,
            Incoming::Notification(_) => {}
            Incoming::Request { request, .. } => panic!("{request:?}"),
        }
    }
    client.call(TurnInterruptParams { thread_id, turn_id }).await.unwrap();
    let status = loop {
        if let Incoming::Notification(ServerNotification::TurnCompleted(done)) = client.next().await.unwrap()
        {
            break done.turn.status;
        }
    };
    assert_eq!(status, TurnStatus::Interrupted);
    client.close().await;
}

#[tokio::test]
async fn dropping_a_client_ends_its_turns() {
    let world = world();
    let mut client = Client::connect(&world.server);
    let client_info = ClientInfo { name: "test".into(), title: None, version: "1".into() };
    client.initialize(InitializeParams { client_info, capabilities: None }).await.unwrap();
    let params: ThreadStartParams = serde_json::from_value(world.thread_start()).unwrap();
    let thread = client.call(params).await.unwrap().thread.id;
    let params = json!({"threadId": thread, "input": [{"type": "text", "text": "sleep"}]});
    client.call(serde_json::from_value::<TurnStartParams>(params).unwrap()).await.unwrap();
    let process = loop {
        if let Incoming::Notification(ServerNotification::CommandOutputDelta(told)) =
            client.next().await.unwrap()
        {
            break told.delta.trim().to_owned();
        }
    };
    drop(client);
    world.server.shutdown().await;
    assert!(!runs(&process));
}
