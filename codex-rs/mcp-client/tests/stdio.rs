//! Servers that are programs: side by side, slow, broken, noisy, and gone when they should be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_config::McpServer;
use codex_mcp_client::{Answer, CallError, Launcher, Part, Servers, SignIn, State, Stored};
use codex_redact::Secret;
use serde_json::{Value, json};
use support::{PATIENCE, Witness, content, launcher, named, program, started, status, why};

#[tokio::test]
async fn servers_start_side_by_side_and_the_caller_waits_for_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display();
    // Each waits for the other: one after the other, neither would ever be ready.
    let left = program(&["--banner", &format!("--meet={path}:left:right")]);
    let right = program(&[&format!("--meet={path}:right:left")]);
    let broken = McpServer { command: Some("/no/such/program".to_owned()), ..program(&[]) };
    let off = McpServer { enabled: false, ..program(&[]) };
    let host = Witness::new();
    let servers = Servers::start(
        named([("left", left), ("right", right), ("broken", broken), ("off", off)]),
        launcher(folder.path(), &[], &[]),
        host.clone(),
    );
    assert_eq!(status(&servers, "left").state, State::Starting);
    assert!(servers.tools().is_empty());
    assert!(matches!(servers.call("left", "echo", json!({})).await, Err(CallError::NotReady(_))));
    servers.wait_started(PATIENCE).await;
    let mut heard = host.heard();
    heard.sort();
    insta::assert_snapshot!(heard.join("\n"), @r"
    broken failed: The program `/no/such/program` cannot be started: No such file or directory (os error 2)
    broken starting
    left ready with 14
    left starting
    off disabled
    right ready with 14
    right starting
    ");
    let State::Ready(ready) = status(&servers, "left").state else { panic!("left is not ready") };
    assert_eq!(ready.server_info.unwrap()["name"], "test-server");
    assert_eq!(ready.capabilities["tools"]["listChanged"], true);
    assert_eq!(status(&servers, "left").sign_in, SignIn::Unsupported);
    let names: Vec<_> = servers.tools().iter().map(|tool| tool.model_name.clone()).collect();
    assert_eq!(names.len(), 28);
    assert!(names.is_sorted());
    let echo = servers.find("mcp__right__echo").unwrap();
    assert_eq!((echo.server.as_str(), echo.name.as_str(), echo.needs_approval()), ("right", "echo", false));
    assert!(servers.find("mcp__right__env").unwrap().needs_approval());
    assert!(servers.find("mcp__right__where").unwrap().needs_approval());
    servers.shutdown().await;
}

#[tokio::test]
async fn a_tool_gives_its_result() {
    let (servers, _) = started([("s", program(&[]))]).await;
    let output = servers.call("s", "echo", json!({"text": "hello"})).await.unwrap();
    assert_eq!(output.content, [json!({"type": "text", "text": "hello"})]);
    assert_eq!(output.structured, Some(json!({"text": "hello"})));
    assert_eq!(output.meta, Some(json!({"from": "echo"})));
    assert_eq!((output.is_error, output.parts()), (false, vec![Part::Text("hello".to_owned())]));

    let failed = servers.call("s", "fail", Value::Null).await.unwrap();
    assert_eq!((failed.is_error, failed.parts()), (true, vec![Part::Text("no luck".to_owned())]));

    let parts = servers.call("s", "picture", json!({})).await.unwrap().parts();
    assert_eq!(parts[0], Part::Text("a dot".to_owned()));
    assert_eq!(parts[1], Part::Image { data: "iVBORw0KGgo=".to_owned() });
    insta::assert_debug_snapshot!(parts[2], @r#"
    Text(
        "{\"left_out\":\"it is neither text nor a picture\",\"mimeType\":\"audio/wav\",\"type\":\"audio\"}",
    )
    "#);
    assert_eq!(servers.call("s", "nothing", json!({})).await.unwrap().parts(), []);
    assert_eq!(servers.call("s", "where", json!({})).await.unwrap().parts(), [Part::Text("/".to_owned())]);

    let table = [
        (servers.call("t", "echo", json!({})).await, "there is no MCP server named `t`"),
        (servers.call("s", "bake", json!({})).await, "the MCP server `s` offers no tool named `bake`"),
        (servers.call("s", "echo", json!([1])).await, "the arguments of an MCP tool must be a JSON object"),
        (servers.call("s", "refuse", json!({})).await, "the MCP server `s` refused the call: wrong colour"),
        (
            servers.call("s", "nonsense", json!({})).await,
            "the MCP server `s` answered with something that is no result of a tool",
        ),
    ];
    for (outcome, expected) in table {
        assert_eq!(outcome.unwrap_err().to_string(), expected);
    }
    servers.shutdown().await;
}

#[tokio::test]
async fn settings_choose_the_tools() {
    let some = McpServer {
        enabled_tools: Some(vec!["echo".to_owned(), "env".to_owned(), "unheard of".to_owned()]),
        disabled_tools: vec!["env".to_owned()],
        ..program(&[])
    };
    let (servers, _) = started([("s", some)]).await;
    let names: Vec<_> = servers.tools().iter().map(|tool| tool.name.clone()).collect();
    assert_eq!(names, ["echo"]);
    assert!(matches!(servers.call("s", "env", json!({})).await, Err(CallError::UnknownTool { .. })));
    servers.shutdown().await;
}

#[tokio::test]
async fn broken_starts_say_why() {
    let brief = McpServer { startup_timeout: Duration::from_millis(300), ..program(&["--silent"]) };
    let (servers, host) = started([
        ("exits", program(&["--exit=3"])),
        ("silent", brief),
        ("garbage", program(&["--garbage"])),
        ("refuses", program(&["--refuse"])),
        ("endless", program(&["--endless-pages"])),
        ("no-program", McpServer { command: Some("no-such-program".to_owned()), ..program(&[]) }),
        ("no-folder", McpServer { cwd: Some("/no/such/folder".into()), ..program(&[]) }),
    ])
    .await;
    let told: Vec<_> = host.heard().into_iter().filter(|news| !news.ends_with("starting")).collect();
    let mut told = told;
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r"
    endless ready with 1
    exits failed: its program ended with exit code 3; it said: cannot go on: | no such database
    garbage failed: it writes to its standard output what is no MCP message, such as `this is no JSON`
    no-folder failed: its folder /no/such/folder does not exist
    no-program failed: The program `no-such-program` cannot be started: No such file or directory (os error 2)
    refuses failed: it refused our greeting: closed today
    silent failed: it was not ready within 0.3 s
    ");
    let State::Ready(ready) = status(&servers, "endless").state else { panic!("endless is not ready") };
    insta::assert_debug_snapshot!(ready.notes.first().unwrap(), @r#""it offers too many tools; the first 100 are taken""#);
    servers.shutdown().await;
}

#[tokio::test]
async fn required_servers_are_waited_for() {
    let required = |arguments: &[&str]| McpServer { required: true, ..program(arguments) };
    let (servers, _) = started([("good", required(&[])), ("bad", program(&["--exit=1"]))]).await;
    assert_eq!(servers.wait_required().await, Ok(()));
    servers.reload(named([("good", required(&[])), ("bad", required(&["--exit=1"]))]));
    let refusal = servers.wait_required().await.unwrap_err();
    insta::assert_snapshot!(refusal, @"the MCP server `bad` cannot be used: its program ended with exit code 1; it said: cannot go on: | no such database");
    servers.shutdown().await;
}

#[tokio::test]
async fn a_server_that_dies_in_a_call_is_told_of_and_comes_back_at_a_reload() {
    let (servers, host) = started([("s", program(&[])), ("t", program(&[]))]).await;
    let crash = servers.call("s", "crash", json!({})).await.unwrap_err();
    insta::assert_snapshot!(crash, @"the MCP server `s` ended while `crash` ran: its program ended with exit code 7; it said: thread panicked: key [redacted]");
    assert!(servers.tools().iter().all(|tool| tool.server == "t"));
    let later = servers.call("s", "echo", json!({})).await.unwrap_err();
    insta::assert_snapshot!(later, @"the MCP server `s` cannot be used: its program ended with exit code 7; it said: thread panicked: key [redacted]");
    let noise = servers.call("t", "garbage", json!({})).await.unwrap_err();
    insta::assert_snapshot!(noise, @"the MCP server `t` ended while `garbage` ran: it writes to its standard output what is no MCP message, such as `this is no JSON`");

    let before = host.heard().len();
    servers.reload(named([("s", program(&[])), ("t", program(&[])), ("u", program(&[]))]));
    servers.wait_started(PATIENCE).await;
    assert_eq!(servers.tools().len(), 42);
    assert_eq!(servers.call("s", "echo", json!({"text": "back"})).await.unwrap().parts().len(), 1);
    // What is well and has not changed is left alone.
    servers.reload(named([("s", program(&[])), ("u", program(&["--banner"]))]));
    servers.wait_started(PATIENCE).await;
    let mut heard = host.heard()[before..].to_vec();
    heard.sort();
    insta::assert_snapshot!(heard.join("\n"), @r"
    s ready with 14
    s starting
    t ready with 14
    t starting
    u ready with 14
    u ready with 14
    u starting
    u starting
    ");
    assert!(matches!(servers.call("t", "echo", json!({})).await, Err(CallError::UnknownServer { .. })));
    servers.shutdown().await;
}

#[tokio::test]
async fn calls_end_at_their_limit_or_when_dropped_and_the_server_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let arguments = |name: &str| json!({"marker": file(name), "started": file(&format!("{name}-started"))});
    let hasty = McpServer { tool_timeout: Duration::from_millis(200), ..program(&[]) };
    let (servers, _) = started([("hasty", hasty), ("s", program(&[]))]).await;

    let late = servers.call("hasty", "slow", arguments("late")).await.unwrap_err();
    insta::assert_snapshot!(late, @"`slow` of the MCP server `hasty` gave no result within 0.2 s");
    content(&file("late")).await;

    let call = servers.call("s", "slow", arguments("dropped"));
    let started = file("dropped-started");
    tokio::select! {
        outcome = call => panic!("{outcome:?}"),
        _ = content(&started) => {}
    }
    content(&file("dropped")).await;
    // The server is well and goes on.
    assert!(servers.call("s", "echo", json!({"text": "x"})).await.is_ok());
    servers.shutdown().await;
}

#[tokio::test]
async fn large_results_come_through() {
    let (servers, _) = started([("s", program(&[]))]).await;
    let output = servers.call("s", "huge", json!({"bytes": 20_000_000})).await.unwrap();
    let Part::Text(text) = &output.parts()[0] else { panic!("no text") };
    assert_eq!(text.len(), 20_000_000);
    let too_much = servers.call("s", "huge", json!({"bytes": 70_000_000})).await.unwrap_err();
    insta::assert_snapshot!(too_much, @"the MCP server `s` ended while `huge` ran: it wrote a message longer than 64 MiB");
    servers.shutdown().await;
}

#[tokio::test]
async fn a_list_that_changes_is_asked_for_again_once() {
    let (servers, host) = started([("s", program(&[]))]).await;
    assert!(servers.find("mcp__s__grown").is_none());
    servers.call("s", "grow", json!({})).await.unwrap();
    host.hears("s ready with 15").await;
    assert!(servers.find("mcp__s__grown").is_some());
    servers.shutdown().await;
    let refreshes = host.heard().iter().filter(|news| *news == "s ready with 15").count();
    assert!(refreshes <= 2, "{:?}", host.heard());
}

#[tokio::test]
async fn questions_reach_the_person_while_a_call_runs() {
    let hasty = McpServer { tool_timeout: Duration::from_secs(2), ..program(&[]) };
    let (servers, host) = started([("s", hasty)]).await;
    let table = [
        (
            Answer::Accept { content: json!({"colour": "blue"}) },
            r#"{"action":"accept","content":{"colour":"blue"}}"#,
        ),
        (Answer::Decline, r#"{"action":"decline"}"#),
        (Answer::Cancel, r#"{"action":"cancel"}"#),
    ];
    for (answer, expected) in table {
        *host.answer.lock().unwrap() = Some(answer);
        let output = servers.call("s", "ask", json!({})).await.unwrap();
        assert_eq!(output.parts(), [Part::Text(expected.to_owned())]);
    }
    let question = host.questions.lock().unwrap()[0].clone();
    assert_eq!((question.server.as_str(), question.message.as_str()), ("s", "Which colour?"));
    assert_eq!(question.requested_schema["properties"]["colour"]["type"], "string");

    // Nobody answers: dropping the call ends the wait, and the end of the servers does not wait for the person.
    *host.answer.lock().unwrap() = None;
    let call = servers.call("s", "ask", json!({}));
    tokio::select! {
        outcome = call => panic!("{outcome:?}"),
        () = async { while host.questions.lock().unwrap().len() < 4 { host.asked.notified().await } } => {}
    }
    tokio::time::timeout(PATIENCE, servers.shutdown()).await.unwrap();
}

#[tokio::test]
async fn no_server_sees_a_credential_of_ours() {
    const CANARY: &str = "canary-0123456789";
    const KEY: &str = "sk-proj-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCd";
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("PATH", "/usr/bin:/bin"),
        ("HOME", "/home/me"),
        ("LANG", "C.UTF-8"),
        ("OPENAI_API_KEY", "key-of-the-environment"),
        ("CODEX_ACCESS_TOKEN", "token-of-the-environment"),
        ("GITHUB_TOKEN", "for-the-server"),
        ("SOME_KEY", KEY),
        ("HIDDEN", "prefix canary-0123456789 suffix"),
        ("OTHER", "not asked for"),
        // A core variable is no hiding place either.
        ("TERM", "xterm-canary-0123456789"),
    ];
    let set = [
        ("MODE", "test"),
        ("COPIED", "Bearer key-of-the-environment"),
        ("STORED", CANARY),
        // A key of the server's own, which the person wrote into its settings.
        ("ITS_KEY", KEY),
    ];
    let names =
        ["GITHUB_TOKEN", "OPENAI_API_KEY", "CODEX_API_KEY", "SOME_KEY", "HIDDEN", "CODEX_ACCESS_TOKEN"];
    let server = McpServer {
        env: set.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect(),
        env_vars: names.iter().map(|name| (*name).to_owned()).collect(),
        ..program(&[])
    };
    let servers = Servers::start(
        named([("s", server)]),
        launcher(folder.path(), &variables, &[CANARY]),
        Witness::new(),
    );
    servers.wait_started(PATIENCE).await;
    let output = servers.call("s", "env", json!({})).await.unwrap();
    let Part::Text(text) = &output.parts()[0] else { panic!("no text") };
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n").replace(KEY, "(the key)"), @r"
    GITHUB_TOKEN=for-the-server
    HOME=/home/me
    ITS_KEY=(the key)
    LANG=C.UTF-8
    MODE=test
    PATH=/usr/bin:/bin
    ");
    let State::Ready(ready) = status(&servers, "s").state else { panic!("not ready") };
    insta::assert_snapshot!(ready.notes.join("\n"), @r"
    the variable OPENAI_API_KEY holds a credential that Codex pays or signs in with, so the server does not get it
    the variable CODEX_API_KEY is not set, so the server does not get it
    the variable SOME_KEY holds a credential that Codex pays or signs in with, so the server does not get it
    the variable HIDDEN holds a credential that Codex pays or signs in with, so the server does not get it
    the variable CODEX_ACCESS_TOKEN holds a credential that Codex pays or signs in with, so the server does not get it
    the variable COPIED holds a credential that Codex pays or signs in with, so the server does not get it
    the variable STORED holds a credential that Codex pays or signs in with, so the server does not get it
    ");
    servers.shutdown().await;
}

/// A key that is stored while the thread lives is kept from the servers that start after that.
#[tokio::test]
async fn what_is_stored_later_is_kept_from_later_starts() {
    const LATER: &str = "stored-later-0123456789";
    let stored = Arc::new(Mutex::new(Vec::new()));
    let asked = stored.clone();
    let launcher = Launcher {
        stored: Stored::new(move || asked.lock().unwrap().clone()),
        ..launcher(Path::new("/"), &[("PATH", "/usr/bin:/bin"), ("COPY", LATER)], &[])
    };
    let server = |mode: &str| McpServer {
        env: [("MODE".to_owned(), Secret::new(mode))].into(),
        env_vars: vec!["COPY".to_owned()],
        ..program(&[])
    };
    let servers = Servers::start(named([("s", server("first"))]), launcher, Witness::new());
    for (mode, sees) in [("first", true), ("second", false)] {
        servers.reload(named([("s", server(mode))]));
        servers.wait_started(PATIENCE).await;
        let output = servers.call("s", "env", json!({})).await.unwrap();
        let Part::Text(text) = &output.parts()[0] else { panic!("no text") };
        assert!(text.contains(mode) && text.contains(LATER) == sees, "{text}");
        stored.lock().unwrap().push(Secret::new(LATER));
    }
    servers.shutdown().await;
}

#[tokio::test]
async fn nothing_lives_on_after_a_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let child = |name: &str| format!("--child={}", file(name).display());
    let (servers, host) = started([
        ("polite", program(&[&child("polite")])),
        ("stubborn", program(&["--stubborn", &child("stubborn")])),
        (
            "starting",
            McpServer {
                startup_timeout: Duration::from_millis(1),
                ..program(&[&child("starting"), "--silent"])
            },
        ),
    ])
    .await;
    let began = std::time::Instant::now();
    servers.shutdown().await;
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    for name in ["polite", "stubborn"] {
        assert_gone(&content(&file(name)).await).await;
    }
    // It is not news that what we end ends.
    assert!(!host.heard().iter().any(|news| news.starts_with("polite failed")), "{:?}", host.heard());
    assert!(matches!(servers.call("polite", "echo", json!({})).await, Err(CallError::UnknownServer { .. })));
}

#[tokio::test]
async fn nothing_lives_on_after_the_last_handle() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let (servers, _) =
        started([("s", program(&["--stubborn", &format!("--child={}", file.display())]))]).await;
    let ids = content(&file).await;
    let other = servers.clone();
    drop(servers);
    assert!(other.call("s", "echo", json!({"text": "x"})).await.is_ok());
    drop(other);
    assert_gone(&ids).await;
}

#[test]
fn nothing_lives_on_after_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ids");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ids = runtime.block_on(async {
        let (servers, _) =
            started([("s", program(&["--stubborn", &format!("--child={}", file.display())]))]).await;
        let ids = content(&file).await;
        std::mem::forget(servers);
        ids
    });
    drop(runtime);
    let watcher = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    watcher.block_on(assert_gone(&ids));
}

/// Waits until none of the processes lives any more; a dead one that nobody reaps counts as gone.
async fn assert_gone(ids: &str) {
    let lives = |id: &str| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(id).join("stat")).unwrap_or_default();
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with(['Z', 'X']))
    };
    let gone = async {
        while ids.split(' ').any(lives) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, gone).await.is_ok(), "{ids} live on");
}

#[tokio::test]
async fn a_failure_is_seen_from_outside() {
    let (servers, _) = started([("s", program(&["--exit=9"]))]).await;
    assert!(why(&servers, "s").starts_with("its program ended with exit code 9"));
    servers.shutdown().await;
}
