//! A real server of other people's making: `@modelcontextprotocol/server-everything` from npm.
//!
//! Nothing is fetched here. It is found where `CODEX_TEST_MCP` says (a program that speaks MCP on its standard input and
//! output), or below `target/mcp-real`, where `npm install --prefix target/mcp-real @modelcontextprotocol/server-everything`
//! puts it. Where it is not, the test says so and is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::path::{Path, PathBuf};

use codex_config::McpServer;
use codex_mcp_client::{Part, Servers, State};
use serde_json::json;
use support::{PATIENCE, Witness, launcher, named, program, status};

#[tokio::test]
async fn server_everything() {
    let Some(path) = server() else {
        // Seen with `--nocapture`; a test that was skipped must not look like one that passed.
        eprintln!("SKIPPED: no real MCP server here; see the top of {}", file!());
        return;
    };
    let config = McpServer { command: Some(path.display().to_string()), ..program(&["stdio"]) };
    let variables = std::env::var("PATH").unwrap();
    let launcher = launcher(Path::new("/"), &[("PATH", &variables)], &[]);
    let began = std::time::Instant::now();
    let servers = Servers::start(named([("everything", config)]), launcher, Witness::new());
    servers.wait_started(PATIENCE).await;
    let state = status(&servers, "everything").state;
    let State::Ready(ready) = state else { panic!("{state:?}") };
    eprintln!("{path:?}: ready after {:?} with {} tools", began.elapsed(), ready.tools.len());
    assert!(ready.tools.iter().any(|tool| tool.name == "echo"), "{:?}", ready.tools);
    let output = servers.call("everything", "echo", json!({"message": "hello"})).await.unwrap();
    assert!(matches!(&output.parts()[..], [Part::Text(text)] if text.contains("hello")), "{output:?}");
    servers.shutdown().await;
}

fn server() -> Option<PathBuf> {
    let named = std::env::var_os("CODEX_TEST_MCP").map(PathBuf::from);
    let installed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/mcp-real/node_modules/.bin/mcp-server-everything");
    named.or(Some(installed)).filter(|path| path.exists())
}
