//! Servers of the test program, and a host that remembers what it heard.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code, reason = "test code")]

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use codex_config::McpServer;
use codex_login::{HttpClient, HttpOptions};
use codex_mcp_client::{Answer, Elicitation, Host, Launcher, ServerStatus, Servers, State, Stored};
use codex_redact::Secret;
use codex_sandbox::{Choice, Sandbox, SandboxOptions};
use tokio::sync::{Notify, watch};

/// The longest that anything of a test may take; reaching it is a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Remembers, and answers questions as it was told.
pub(crate) struct Witness {
    pub(crate) heard: watch::Sender<Vec<String>>,
    pub(crate) questions: Mutex<Vec<Elicitation>>,
    pub(crate) answer: Mutex<Option<Answer>>,
    pub(crate) asked: Notify,
}

impl Witness {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Witness {
            heard: watch::Sender::new(Vec::new()),
            questions: Mutex::default(),
            answer: Mutex::new(Some(Answer::Decline)),
            asked: Notify::new(),
        })
    }

    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.borrow().clone()
    }

    /// Waits until something was heard that begins like this.
    pub(crate) async fn hears(&self, beginning: &str) -> String {
        let mut heard = self.heard.subscribe();
        let is_it = |news: &String| news.starts_with(beginning);
        let found = tokio::time::timeout(PATIENCE, heard.wait_for(|news| news.iter().any(is_it))).await;
        let news = found.unwrap_or_else(|_| panic!("never heard {beginning}: {:?}", self.heard())).unwrap();
        news.iter().rev().find(|news| is_it(news)).unwrap().clone()
    }
}

impl Host for Witness {
    fn state_changed(&self, server: &str, state: &State) {
        let words = match state {
            State::Ready(ready) => format!("ready with {}", ready.tools.len()),
            State::Failed { why } => format!("failed: {why}"),
            State::Disabled | State::Starting | State::Cancelled => format!("{state:?}").to_lowercase(),
        };
        self.heard.send_modify(|heard| heard.push(format!("{server} {words}")));
    }

    fn ask(&self, question: Elicitation) -> Pin<Box<dyn Future<Output = Answer> + Send>> {
        self.questions.lock().unwrap().push(question);
        self.asked.notify_one();
        let answer = self.answer.lock().unwrap().clone();
        Box::pin(async move {
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        })
    }
}

/// A test server with these arguments.
pub(crate) fn program(arguments: &[&str]) -> McpServer {
    McpServer {
        command: Some(env!("CARGO_BIN_EXE_mcp-test-server").to_owned()),
        args: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        startup_timeout: PATIENCE,
        tool_timeout: PATIENCE,
        ..McpServer::default()
    }
}

pub(crate) fn named<const COUNT: usize>(servers: [(&str, McpServer); COUNT]) -> BTreeMap<String, McpServer> {
    servers.into_iter().map(|(name, server)| (name.to_owned(), server)).collect()
}

pub(crate) fn launcher(folder: &Path, variables: &[(&str, &str)], stored: &[&str]) -> Launcher {
    let stored: Vec<Secret> = stored.iter().map(|secret| Secret::new(*secret)).collect();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Launcher {
        folder: folder.to_path_buf(),
        variables: Arc::new(variables.iter().map(own).collect()),
        stored: Stored::new(move || stored.clone()),
        sandbox: Sandbox::new(SandboxOptions {
            search_path: Vec::new(),
            temporary: folder.to_path_buf(),
            mechanism: Choice::Automatic,
        }),
        http: HttpClient::new(HttpOptions::default()),
        version: "0".to_owned(),
    }
}

/// Starts servers in `/` with a `PATH` and waits until all are up or not.
pub(crate) async fn started<const COUNT: usize>(
    servers: [(&str, McpServer); COUNT],
) -> (Servers, Arc<Witness>) {
    let host = Witness::new();
    let launcher = launcher(Path::new("/"), &[("PATH", "/usr/bin:/bin")], &[]);
    let servers = Servers::start(named(servers), launcher, host.clone());
    servers.wait_started(PATIENCE).await;
    (servers, host)
}

pub(crate) fn status(servers: &Servers, name: &str) -> ServerStatus {
    servers.status().into_iter().find(|status| status.name == name).unwrap()
}

/// Why a server failed.
pub(crate) fn why(servers: &Servers, name: &str) -> String {
    match status(servers, name).state {
        State::Failed { why } => why,
        state => panic!("{name} has not failed: {state:?}"),
    }
}

/// Waits until a file is there, and gives its content.
pub(crate) async fn content(path: &Path) -> String {
    let there = async {
        loop {
            match std::fs::read_to_string(path) {
                Ok(text) => break text,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, there).await.unwrap_or_else(|_| panic!("{} never came", path.display()))
}
