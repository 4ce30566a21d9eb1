//! `notify`: when the person's program runs, with what, and what is told where it fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::sync::Arc;

use codex_app_server_protocol::{SandboxMode, ServerNotification, ThreadStartParams};
use codex_config::{Config, TrustLevel};
use codex_core::{EventSink, Originator, StartedThread};
use codex_fake_backend::{LimitVariant, Reply};
use serde_json::{Value, json};
use support::{KEY, Lab, backend, originator, unwalled};

async fn start(lab: &Lab, config: Config, params: ThreadStartParams, who: Originator) -> StartedThread {
    let sink: Arc<dyn EventSink> = lab.sink.clone();
    lab.engine.start_thread(config, params, who, sink).await.unwrap()
}

async fn with_program(lab: &Lab, program: &[&str]) -> StartedThread {
    let notify = program.iter().map(|word| (*word).to_owned()).collect();
    let config = Config { notify, ..lab.engine.options().config.clone() };
    start(lab, config, unwalled(), originator()).await
}

fn warnings(lab: &Lab) -> Vec<String> {
    let told = lab.sink.all();
    told.into_iter()
        .filter_map(|notification| match notification {
            ServerNotification::Warning(warning) => Some(warning.message),
            _ => None,
        })
        .collect()
}

#[tokio::test]
async fn the_program_hears_of_each_completed_turn_and_of_no_other() {
    let lab = Lab::new(backend([
        Reply::text("One."),
        Reply::limit(LimitVariant::OrganizationSpendLimit),
        Reply::text("Three."),
    ]));
    let heard = lab.project.join("heard");
    let script = format!("printf '%s\\n' \"$2\" >> {0}; env > {0}.env", heard.display());
    let thread = with_program(&lab, &["/bin/sh", "-c", &script, "name", "mine"]).await.handle;
    let first = lab.turn(&thread, &format!("Look at {KEY}.")).await;
    lab.turn(&thread, "Fails.").await;
    lab.turn(&thread, "And now?").await;
    // The end of the thread waits for it.
    lab.engine.shutdown().await;

    let heard: Vec<Value> = std::fs::read_to_string(&heard)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(heard.len(), 2, "{heard:#?}");
    assert_eq!(
        heard[0],
        json!({
            "type": "agent-turn-complete",
            "thread-id": thread.id(),
            "turn-id": first.id,
            "cwd": lab.project,
            "client": "test",
            "input-messages": [format!("Look at {}.", codex_redact::redact(KEY))],
            "last-assistant-message": "One.",
        })
    );
    assert_eq!(heard[1]["input-messages"], json!(["And now?"]));
    assert_eq!(heard[1]["last-assistant-message"], "Three.");
    let environment = std::fs::read_to_string(lab.project.join("heard.env")).unwrap();
    assert!(environment.contains("GREETING=hello\n"), "{environment}");
    for secret in ["STORED_", "CODEX_API_KEY", "OPENAI_API_KEY", "ANY_NAME", KEY] {
        assert!(!environment.contains(secret), "{secret} in {environment}");
    }
    assert_eq!(warnings(&lab).len(), 0, "{:?}", warnings(&lab));
}

#[tokio::test]
async fn a_failure_is_told_once() {
    for (program, words) in
        [("/nowhere/to/be/found", "/nowhere/to/be/found"), ("false", "it ended with exit code 1")]
    {
        let lab = Lab::new(backend([Reply::text("One."), Reply::text("Two.")]));
        let thread = with_program(&lab, &[program]).await.handle;
        lab.turn(&thread, "One?").await;
        lab.turn(&thread, "Two?").await;
        lab.engine.shutdown().await;
        let told = warnings(&lab);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("The program of `notify` did not work: "), "{told:?}");
        assert!(told[0].contains(words), "{told:?}");
    }
}

#[tokio::test]
async fn the_terminal_works_in_a_trusted_folder_unless_the_person_says_otherwise() {
    let lab = Lab::new(backend([]));
    let folder = lab.project.display().to_string();
    for (source, level, set, asked, expect) in [
        ("cli", Some(TrustLevel::Trusted), None, None, "workspaceWrite"),
        ("cli", Some(TrustLevel::Untrusted), None, None, "readOnly"),
        ("cli", None, None, None, "readOnly"),
        ("exec", Some(TrustLevel::Trusted), None, None, "readOnly"),
        ("vscode", Some(TrustLevel::Trusted), None, None, "readOnly"),
        ("cli", Some(TrustLevel::Trusted), Some(codex_config::SandboxMode::ReadOnly), None, "readOnly"),
        ("cli", Some(TrustLevel::Trusted), None, Some(SandboxMode::ReadOnly), "readOnly"),
        ("cli", None, Some(codex_config::SandboxMode::WorkspaceWrite), None, "workspaceWrite"),
    ] {
        let config = Config {
            projects: level.map(|level| (folder.clone(), level)).into_iter().collect(),
            sandbox_mode: set,
            ..lab.engine.options().config.clone()
        };
        let params = ThreadStartParams { sandbox: asked, ..ThreadStartParams::default() };
        let who = Originator { source: source.to_owned(), ..originator() };
        let started = start(&lab, config, params, who).await;
        let sandbox = serde_json::to_value(&started.response.sandbox).unwrap();
        assert_eq!(sandbox["type"], expect, "{source} {level:?} {set:?} {asked:?}");
    }
}
