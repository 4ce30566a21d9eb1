//! Servers at an address: what is sent to them, and what hostile ones achieve.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_config::{McpServer, ServerUrl};
use codex_mcp_client::{Part, Servers, SignIn, State};
use serde_json::{Value, json};
use support::{PATIENCE, Witness, launcher, named, program, status, why};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const CANARY: &str = "canary-0123456789";

/// How an address answers.
#[derive(Clone, Copy)]
enum Manner {
    Well,
    Status(&'static str),
    /// Well, but for calls: those get this head, then this over and over again until nobody reads any more.
    Flood(&'static str, &'static [u8]),
}

/// More than any answer may be, with everything that buffers on the way.
const FLOOD: usize = 160 << 20;

#[tokio::test]
async fn a_server_at_an_address_is_signed_in_to_and_called() {
    let (url, seen) = serve(Manner::Well).await;
    let config = McpServer { bearer_token_env_var: Some("TOKEN".to_owned()), ..at(&url) };
    let servers = start(config, &[("TOKEN", "its-token"), ("OPENAI_API_KEY", "ours")]).await;
    assert_eq!(status(&servers, "s").sign_in, SignIn::BearerToken);
    assert_eq!(status(&servers, "s").http_origin.as_deref(), Some(url.trim_end_matches("/mcp")));
    let output = servers.call("s", "echo", json!({"text": "hello"})).await.unwrap();
    assert_eq!(output.parts(), [Part::Text("hello".to_owned())]);
    let requests = seen.lock().unwrap().clone();
    let signed = |head: &String| head.to_ascii_lowercase().contains("authorization: bearer its-token");
    assert!(!requests.is_empty() && requests.iter().all(signed), "{requests:?}");
    servers.shutdown().await;
}

#[tokio::test]
async fn bad_answers_are_told_in_a_sentence() {
    let table = [
        (
            Manner::Status("307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/"),
            "it sends us elsewhere (HTTP 307)",
        ),
        (Manner::Status("401 Unauthorized"), "it wants a sign-in"),
        (Manner::Status("500 Internal Server Error"), "it answered with HTTP 500"),
    ];
    for (manner, words) in table {
        let (url, seen) = serve(manner).await;
        let servers = start(at(&url), &[]).await;
        assert!(why(&servers, "s").starts_with(words), "{}", why(&servers, "s"));
        assert_eq!(seen.lock().unwrap().len(), 1);
        servers.shutdown().await;
    }
    let servers = start(at("http://127.0.0.1:1/mcp"), &[]).await;
    assert_eq!(why(&servers, "s"), "it cannot be reached");
}

/// What has no end, or no sense, costs one call, and no more memory than the largest answer that is allowed.
#[tokio::test]
async fn floods_cost_one_call() {
    const EVENTS: &str = "200 OK\r\ncontent-type: text/event-stream";
    const JSON: &str = "200 OK\r\ncontent-type: application/json";
    let table: [(&str, &[u8], &str); 7] = [
        (EVENTS, &[b'a'; 65536], BROKEN),
        (EVENTS, b"data: \"one line of an event that never ends\"\n", BROKEN),
        (EVENTS, b"data: \xff\xfe{\xc3\x28}\n\n", BROKEN),
        (EVENTS, b"id: 1\nevent: \xf0\x9f\ndata: {]\n\n", BROKEN),
        (JSON, &[b'['; 65536], BROKEN),
        ("400 Bad Request\r\ncontent-type: text/plain", &[b'x'; 65536], "it answered with HTTP 400"),
        ("500 Internal Server Error\r\ncontent-type: text/html", &[b'x'; 65536], "it answered with HTTP 500"),
    ];
    const BROKEN: &str = "its answer broke off, is broken, or is longer than 64 MiB";
    let (well, _) = serve(Manner::Well).await;
    for (index, (head, piece, words)) in table.into_iter().enumerate() {
        let sent = Arc::new(AtomicUsize::new(0));
        let (url, _) = serve_counting(Manner::Flood(head, piece), sent.clone()).await;
        let hostile = McpServer { tool_timeout: Duration::from_secs(10), ..at(&url) };
        let launcher = launcher(Path::new("/"), &[], &[]);
        let servers =
            Servers::start(named([("bad", hostile), ("good", at(&well))]), launcher, Witness::new());
        servers.wait_started(PATIENCE).await;
        let error = servers.call("bad", "echo", json!({})).await.unwrap_err().to_string();
        assert_eq!(error, format!("the MCP server `bad` refused the call: {words}"), "{index}");
        // The next call has its own chance.
        assert!(matches!(status(&servers, "bad").state, State::Ready(_)), "{index}");
        let output = servers.call("good", "echo", json!({"text": "hello"})).await.unwrap();
        assert_eq!(output.parts(), [Part::Text("hello".to_owned())]);
        servers.shutdown().await;
        assert!(
            sent.load(Ordering::SeqCst) < FLOOD,
            "{index}: {} bytes were read",
            sent.load(Ordering::SeqCst)
        );
    }
}

#[tokio::test]
async fn no_credential_of_ours_is_sent() {
    let (url, seen) = serve(Manner::Well).await;
    let with_token =
        |variable: &str| McpServer { bearer_token_env_var: Some(variable.to_owned()), ..at(&url) };
    let header = [("x-key".to_owned(), "HIDDEN".to_owned())];
    let table = [
        with_token("OPENAI_API_KEY"),
        with_token("HIDDEN"),
        McpServer { env_http_headers: header.into(), ..at(&url) },
        at(&format!("{url}?key={CANARY}")),
    ];
    for config in table {
        let servers = start(config, &[("OPENAI_API_KEY", "ours"), ("HIDDEN", CANARY)]).await;
        assert!(why(&servers, "s").contains("no MCP server gets that"), "{}", why(&servers, "s"));
    }
    let servers = start(with_token("ABSENT"), &[]).await;
    assert_eq!(why(&servers, "s"), "the variable ABSENT, which `bearer_token_env_var` names, is not set");
    assert!(seen.lock().unwrap().is_empty());
}

fn at(url: &str) -> McpServer {
    McpServer { command: None, url: Some(ServerUrl::parse(url).unwrap()), ..program(&[]) }
}

async fn start(config: McpServer, variables: &[(&str, &str)]) -> Servers {
    let launcher = launcher(Path::new("/"), variables, &[CANARY]);
    let servers = Servers::start(named([("s", config)]), launcher, Witness::new());
    servers.wait_started(PATIENCE).await;
    servers
}

/// An address, and the heads of all requests to it.
async fn serve(manner: Manner) -> (String, Arc<Mutex<Vec<String>>>) {
    serve_counting(manner, Arc::default()).await
}

/// The same, counting what of floods was taken.
async fn serve_counting(manner: Manner, sent: Arc<AtomicUsize>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let heads = seen.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, manner, heads.clone(), sent.clone()));
        }
    });
    (url, seen)
}

/// One request, one answer.
async fn answer(stream: TcpStream, manner: Manner, heads: Arc<Mutex<Vec<String>>>, sent: Arc<AtomicUsize>) {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    heads.lock().unwrap().push(head.clone());
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.unwrap();
    let message: Value = serde_json::from_slice(&body).unwrap_or_default();
    if let Manner::Flood(head, piece) = manner
        && (message["method"] == "tools/call" || lower.contains("last-event-id"))
    {
        let head = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(head.as_bytes()).await;
        let many = piece.repeat(1 + 65536 / piece.len());
        while sent.load(Ordering::SeqCst) < FLOOD && stream.write_all(&many).await.is_ok() {
            sent.fetch_add(many.len(), Ordering::SeqCst);
        }
        return;
    }
    let (status, body) = match manner {
        Manner::Status(status) => (status, String::new()),
        Manner::Well | Manner::Flood(..) if message["id"].is_null() => match head.starts_with("POST") {
            true => ("202 Accepted", String::new()),
            false => ("405 Method Not Allowed", String::new()),
        },
        Manner::Well | Manner::Flood(..) => {
            ("200 OK", json!({"jsonrpc": "2.0", "id": message["id"], "result": result(&message)}).to_string())
        }
    };
    let text = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(text.as_bytes()).await;
}

fn result(message: &Value) -> Value {
    match message["method"].as_str().unwrap() {
        "initialize" => json!({
            "protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": {"name": "x", "version": "1"},
        }),
        "tools/list" => json!({"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}),
        _ => json!({"content": [{"type": "text", "text": message["params"]["arguments"]["text"]}]}),
    }
}
