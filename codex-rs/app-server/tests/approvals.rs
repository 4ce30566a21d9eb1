//! Approvals as a client sees them, message by message; background commands; questions of clients that leave.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};
use support::{Normal, Pipe, World, backend, methods};

const ASKED: &str = "item/commandExecution/requestApproval";

fn escalated(command: &str) -> Value {
    json!({
        "cmd": command, "login": false, "sandbox_permissions": "require_escalated",
        "justification": "May I write beside the project?",
    })
}

async fn started(replies: Vec<Reply>) -> (World, Pipe, String) {
    let world = World::new(backend().script(Script::conversation(replies)), "");
    let mut client = world.client(json!({})).await;
    let params = json!({"cwd": world.folder.path(), "approvalPolicy": "on-request", "sandbox": "read-only"});
    let answer = client.call("thread/start", params).await;
    client.until("thread/started").await;
    let thread = answer["result"]["thread"]["id"].as_str().unwrap().to_owned();
    (world, client, thread)
}

#[tokio::test]
async fn a_command_is_asked_about_and_runs() {
    let command = escalated("echo outside");
    let (world, mut client, thread) =
        started(vec![Reply::answer().call("exec_command", &command), Reply::text("Done.")]).await;
    client.turn(&thread, "Go.").await;
    let asked = client.until(ASKED).await.pop().unwrap();
    client.send(&json!({"id": asked["id"], "result": {"decision": "accept"}})).await;
    client.until("turn/completed").await;
    let mut normal = Normal::new(&world);
    let shown = ["waitingOnApproval", ASKED, "serverRequest/resolved", "commandExecution"];
    let lines: Vec<String> = client
        .transcript
        .iter()
        .map(|line| normal.line(line))
        .filter(|line| shown.iter().any(|part| line.contains(part)))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"method":"item/started","params":{"item":{"aggregatedOutput":null,"command":"/bin/sh -c 'echo outside'","commandActions":[{"command":"echo outside","type":"unknown"}],"cwd":"<folder>","durationMs":null,"exitCode":null,"id":"call_1_0","processId":"<session>","source":"agent","status":"inProgress","type":"commandExecution"},"startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"thread/status/changed","params":{"status":{"activeFlags":["waitingOnApproval"],"type":"active"},"threadId":"<uuid 1>"}}
    {"id":0,"method":"item/commandExecution/requestApproval","params":{"availableDecisions":["accept","acceptForSession","decline","cancel"],"command":"/bin/sh -c 'echo outside'","commandActions":[{"command":"echo outside","type":"unknown"}],"cwd":"<folder>","environmentId":null,"itemId":"call_1_0","kind":"command","proposedExecpolicyAmendment":null,"reason":"Outside of the sandbox.\nThe agent says: May I write beside the project?","startedAtMs":1780272000000,"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"serverRequest/resolved","params":{"requestId":0,"threadId":"<uuid 1>"}}
    {"method":"item/commandExecution/outputDelta","params":{"delta":"outside\n","itemId":"call_1_0","threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    {"method":"item/completed","params":{"completedAtMs":1780272000000,"item":{"aggregatedOutput":"outside\n","command":"/bin/sh -c 'echo outside'","commandActions":[{"command":"echo outside","type":"unknown"}],"cwd":"<folder>","durationMs":0,"exitCode":0,"id":"call_1_0","processId":"<session>","source":"agent","status":"completed","type":"commandExecution"},"threadId":"<uuid 1>","turnId":"<uuid 2>"}}
    "#);
    client.close().await;
}

#[tokio::test]
async fn an_interrupt_withdraws_the_question() {
    let command = escalated("echo never > ../made");
    let (_world, mut client, thread) =
        started(vec![Reply::answer().call("exec_command", &command), Reply::text("Done.")]).await;
    let turn = client.turn(&thread, "Go.").await;
    let asked = client.until(ASKED).await.pop().unwrap();
    client.request("turn/interrupt", json!({"threadId": thread, "turnId": turn})).await;
    let rest = client.until("turn/completed").await;
    let resolved = rest.iter().find(|message| message["method"] == "serverRequest/resolved").unwrap();
    assert_eq!(resolved["params"]["requestId"], asked["id"]);
    assert_eq!(rest.last().unwrap()["params"]["turn"]["status"], "interrupted");
    // Too late: nothing waits for it, and nothing runs.
    client.send(&json!({"id": asked["id"], "result": {"decision": "accept"}})).await;
    assert!(client.call("account/read", json!({})).await["result"].is_object());
    client.close().await;
}

#[tokio::test]
async fn a_client_that_leaves_or_refuses_has_not_agreed() {
    for answer in [
        None,
        Some(json!({"error": {"code": -32600, "message": "no"}})),
        Some(json!({"result": {"decision": 7}})),
    ] {
        let command = escalated("echo never > made");
        let (world, mut client, thread) =
            started(vec![Reply::answer().call("exec_command", &command), Reply::text("Done.")]).await;
        client.turn(&thread, "Go.").await;
        let asked = client.until(ASKED).await.pop().unwrap();
        match answer {
            None => client.vanish().await,
            Some(mut answer) => {
                answer["id"] = asked["id"].clone();
                client.send(&answer).await;
                let rest = client.until("turn/completed").await;
                assert_eq!(rest.last().unwrap()["params"]["turn"]["status"], "completed");
                client.close().await;
            }
        }
        assert!(!world.folder.path().join("made").exists());
    }
}

#[tokio::test]
async fn a_command_that_outlives_its_turn_is_listed_and_can_be_ended() {
    let command = json!({"cmd": "echo up; exec sleep 1000", "login": false, "yield_time_ms": 250});
    let (_world, mut client, thread) =
        started(vec![Reply::answer().call("exec_command", &command), Reply::text("It runs.")]).await;
    client.turn(&thread, "Go.").await;
    client.until("turn/completed").await;
    let listed = client.call("thread/backgroundTerminals/list", json!({"threadId": thread})).await;
    let running = &listed["result"]["data"][0];
    assert_eq!(running["command"], command["cmd"], "without the shell: {listed}");
    let end = json!({"threadId": thread, "processId": running["processId"]});
    let ended = client.call("thread/backgroundTerminals/terminate", end.clone()).await;
    assert_eq!(ended["result"]["terminated"], true, "{ended}");
    let again = client.call("thread/backgroundTerminals/terminate", end).await;
    assert_eq!(again["result"]["terminated"], false);
    let listed = client.call("thread/backgroundTerminals/list", json!({"threadId": thread})).await;
    assert_eq!(listed["result"]["data"], json!([]));
    let unknown = client.call("thread/backgroundTerminals/clean", json!({"threadId": "nobody"})).await;
    assert_eq!(unknown["error"]["code"], -32600);
    let ends: Vec<String> =
        client.transcript.iter().filter(|line| line.contains("commandExecution")).cloned().collect();
    assert_eq!(methods(&[serde_json::from_str(ends.last().unwrap()).unwrap()]), ["item/completed"]);
    client.close().await;
}
