//! MCP servers of a thread as a client sees them: their start, calls that are asked about, lists, reloading.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};
use support::{Pipe, World, backend};

const ASKED: &str = "mcpServer/elicitation/request";

/// A server with a tool that says that it only reads, and one that says nothing.
const SERVER: &str = r#"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
  case "$line" in
    *'"initialize"'*) answer '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"notes","version":"1"}}' ;;
    *'"tools/list"'*) answer '{"tools":[{"name":"look","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},{"name":"picture","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},{"name":"write","inputSchema":{"type":"object"}}]}' ;;
    *'"tools/call"'*'"look"'*) answer '{"content":[{"type":"text","text":"seen"}]}' ;;
    *'"tools/call"'*'"picture"'*) answer '{"content":[{"type":"image","data":"iVBORw0KGgo=","mimeType":"image/png"},{"type":"text","text":"a dot"},{"type":"image","data":"DOT","mimeType":"image/jpeg"}]}' ;;
    *'"tools/call"'*) answer '{"content":[{"type":"text","text":"written"}]}' ;;
  esac
done
"#;

/// A PNG of one dot.
const DOT: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOoBwAAgQCA05RTSgAAAABJRU5ErkJggg==";

fn settings(name: &str) -> String {
    format!(
        "[mcp_servers.{name}]\ncommand = \"/bin/sh\"\nargs = [\"-c\", '''{}''']\n",
        SERVER.replace("DOT", DOT)
    )
}

async fn started(replies: Vec<Reply>) -> (World, Pipe, String) {
    let world = World::new(backend().script(Script::conversation(replies)), &settings("notes"));
    let mut client = world.client(json!({})).await;
    let params = json!({"cwd": world.folder.path(), "approvalPolicy": "on-request", "sandbox": "read-only"});
    let answer = client.call("thread/start", params).await;
    let thread = answer["result"]["thread"]["id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    (world, client, thread)
}

fn call(tool: &str) -> Reply {
    Reply::answer().call(&format!("mcp__notes__{tool}"), &json!({"page": 1}))
}

/// What the model was told of its last call.
fn told(world: &World) -> Value {
    let requests = world.backend.model_requests();
    let input = requests.last().unwrap().body["input"].as_array().unwrap().clone();
    input.iter().rev().find(|item| item["type"] == "function_call_output").unwrap()["output"].clone()
}

#[tokio::test]
async fn a_tool_that_says_nothing_is_asked_about() {
    let replies = vec![call("look"), call("write"), call("write"), call("write"), Reply::text("Done.")];
    let (world, mut client, thread) = started(replies).await;
    client.turn(&thread, "Go.").await;
    let mut seen = client.until(ASKED).await;
    let asked = seen.pop().unwrap();
    let looked = seen.iter().find(|message| {
        message["method"] == "item/completed" && message["params"]["item"]["type"] == "mcpToolCall"
    });
    assert_eq!(looked.unwrap()["params"]["item"]["result"]["content"][0]["text"], "seen");
    assert_eq!(asked["params"]["serverName"], "notes");
    assert_eq!(asked["params"]["_meta"]["codex_approval_kind"], "mcp_tool_call");
    assert_eq!(asked["params"]["_meta"]["tool_params"], json!({"page": 1}));
    client.send(&json!({"id": asked["id"], "result": {"action": "decline"}})).await;
    let again = client.until(ASKED).await.pop().unwrap();
    assert!(told(&world).as_str().unwrap().contains("the person declined"));
    let answer = json!({"action": "accept", "_meta": {"persist": "session"}});
    client.send(&json!({"id": again["id"], "result": answer})).await;
    let rest = client.until("turn/completed").await;
    assert!(rest.iter().all(|message| message["method"] != ASKED), "allowed for the thread");
    assert_eq!(told(&world), "written");
    client.close().await;
}

#[tokio::test]
async fn a_broken_image_of_a_tool_stays_out_of_history() {
    let (world, mut client, thread) = started(vec![call("picture"), Reply::text("A dot.")]).await;
    client.turn(&thread, "Look.").await;
    client.until("turn/completed").await;
    let words =
        "[An image of the tool's was left out: it is cut off or broken: it holds no whole image.]\na dot";
    let image = format!("data:image/png;base64,{DOT}");
    let expected =
        json!([{"type": "input_text", "text": words}, {"type": "input_image", "image_url": image}]);
    assert_eq!(told(&world), expected);
    client.close().await;
}

#[tokio::test]
async fn servers_are_told_listed_and_reloaded() {
    let (world, mut client, thread) = started(vec![Reply::text("Hi.")]).await;
    client.turn(&thread, "Hi.").await;
    client.until("turn/completed").await;
    let updates: Vec<Value> =
        client.transcript.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let places: Vec<&str> = updates.iter().filter_map(|message| message["method"].as_str()).collect();
    let place = |method: &str| places.iter().position(|name| *name == method).unwrap();
    assert!(place("thread/started") < place("mcpServer/startupStatus/updated"));
    let states: Vec<&Value> = updates
        .iter()
        .filter(|message| message["method"] == "mcpServer/startupStatus/updated")
        .map(|message| &message["params"]["status"])
        .collect();
    assert_eq!(states, ["starting", "ready"]);
    let offered = world.backend.model_requests()[0].body["tools"].clone();
    let names: Vec<&str> =
        offered.as_array().unwrap().iter().filter_map(|tool| tool["name"].as_str()).collect();
    assert!(names.ends_with(&["mcp__notes__look", "mcp__notes__picture", "mcp__notes__write"]), "{names:?}");

    let listed = client.call("mcpServerStatus/list", json!({"threadId": thread})).await;
    let server = &listed["result"]["data"][0];
    assert_eq!((&server["name"], &server["runtimeStatus"]), (&json!("notes"), &json!("connected")));
    assert_eq!(server["tools"].as_object().unwrap().len(), 3);

    let config = world.config().replace("[mcp_servers.notes]", "[mcp_servers.others]");
    std::fs::write(world.home.path().join("config.toml"), config).unwrap();
    client.call("config/mcpServer/reload", json!({})).await;
    client.until("mcpServer/startupStatus/updated").await;
    let listed = client.call("mcpServerStatus/list", json!({"threadId": thread})).await;
    assert_eq!(listed["result"]["data"][0]["name"], "others", "{listed}");
    client.close().await;
}

#[tokio::test]
async fn a_thread_does_not_start_without_a_server_that_is_required() {
    let settings = "[mcp_servers.gone]\ncommand = \"/nowhere/at/all\"\nrequired = true\n";
    let world = World::new(backend(), settings);
    let mut client = world.client(json!({})).await;
    let answer = client.call("thread/start", json!({"cwd": world.folder.path()})).await;
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("`gone`") && message.contains("`required`"), "{message}");
    client.close().await;
}
