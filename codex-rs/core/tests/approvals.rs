//! What runs inside the walls, what is asked about, and what the answers do: through the engine, with real commands.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_app_server_protocol::{
    ApprovalPolicy, CommandApprovalKind, CommandStatus, SandboxMode, ServerNotification, ServerRequest,
    ThreadItem, ThreadStartParams, TurnStartParams, TurnStatus,
};
use codex_core::ThreadHandle;
use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};
use support::{Lab, backend};

/// A lab whose model runs these calls, one by one, and then says so.
async fn lab(calls: &[Value], sandbox: SandboxMode, approval: ApprovalPolicy) -> (Lab, ThreadHandle) {
    let replies = calls.iter().map(|call| Reply::answer().call("exec_command", call));
    let lab = Lab::new(backend(replies.chain([Reply::text("Done.")])));
    outside(&lab);
    let params = ThreadStartParams {
        sandbox: Some(sandbox),
        approval_policy: Some(approval),
        ..ThreadStartParams::default()
    };
    let thread = lab.start(params).await.handle;
    (lab, thread)
}

fn plain(command: &str) -> Value {
    json!({"cmd": command, "login": false})
}

fn escalated(command: &str) -> Value {
    json!({
        "cmd": command, "login": false, "sandbox_permissions": "require_escalated",
        "justification": "May I write beside the project?",
    })
}

/// A folder that no walls let commands write in.
fn outside(lab: &Lab) -> String {
    // Under Landlock nothing new can be made directly in a root, only deeper.
    std::fs::create_dir_all(lab.project.join("in")).unwrap();
    let folder = lab.project.parent().unwrap().join("outside/in");
    std::fs::create_dir_all(&folder).unwrap();
    folder.display().to_string()
}

fn statuses(lab: &Lab) -> Vec<CommandStatus> {
    let ended = lab.sink.all().into_iter().filter_map(|notification| match notification {
        ServerNotification::ItemCompleted(completed) => Some(completed.item),
        _ => None,
    });
    ended
        .filter_map(|item| match item {
            ThreadItem::CommandExecution { status, .. } => Some(status),
            _ => None,
        })
        .collect()
}

fn asked(lab: &Lab) -> usize {
    lab.sink.asked.lock().unwrap().len()
}

/// What the model was told of its last call.
fn told(lab: &Lab) -> String {
    let requests = lab.backend.model_requests();
    let input = requests.last().unwrap().body["input"].as_array().unwrap().clone();
    let output = input.iter().rev().find(|item| item["type"] == "function_call_output").unwrap();
    output["output"].as_str().unwrap().to_owned()
}

fn answer(lab: &Lab, decision: Value) {
    lab.sink.answers.lock().unwrap().push_back(json!({"decision": decision}));
}

#[tokio::test]
async fn inside_the_walls_commands_run_unasked_and_reach_only_the_project() {
    let calls = [plain(
        "echo in > in/made; cat ../home/auth.json; echo out > /var/tmp/codex-approvals-test; cat in/made",
    )];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest).await;
    lab.turn(&thread, "Go.").await;
    assert_eq!(asked(&lab), 0);
    let told = told(&lab);
    assert!(told.contains("\nin\n"), "{told}");
    assert!(!told.contains("access_token"), "{told}");
    assert!(!std::path::Path::new("/var/tmp/codex-approvals-test").exists());
    assert_eq!(std::fs::read_to_string(lab.project.join("in/made")).unwrap(), "in\n");
}

#[tokio::test]
async fn nothing_is_written_under_read_only() {
    let (lab, thread) =
        lab(&[plain("echo no > in/made")], SandboxMode::ReadOnly, ApprovalPolicy::Never).await;
    lab.turn(&thread, "Go.").await;
    assert!(!lab.project.join("in/made").exists());
    assert_eq!(statuses(&lab), [CommandStatus::Failed]);
}

#[tokio::test]
async fn an_accepted_command_runs_outside_and_the_next_is_asked_about_again() {
    let calls = [escalated("echo yes > ../outside/in/a"), escalated("echo no > ../outside/in/b")];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest).await;
    outside(&lab);
    answer(&lab, json!("accept"));
    answer(&lab, json!("decline"));
    let turn = lab.turn(&thread, "Go.").await;
    assert_eq!(turn.status, TurnStatus::Completed);
    assert_eq!(statuses(&lab), [CommandStatus::Completed, CommandStatus::Declined]);
    let beside = lab.project.parent().unwrap().join("outside/in");
    assert!(beside.join("a").exists() && !beside.join("b").exists());
    assert!(told(&lab).contains("the person declined"), "{}", told(&lab));
    let questions = lab.sink.asked.lock().unwrap().clone();
    let [ServerRequest::CommandApproval(first), ServerRequest::CommandApproval(_)] = questions.as_slice()
    else {
        panic!("{questions:?}")
    };
    assert_eq!(
        first.reason.as_deref(),
        Some("Outside of the sandbox.\nThe agent says: May I write beside the project?")
    );
    assert!(first.command.as_deref().unwrap().contains("echo yes > ../outside/in/a"));
    let decisions = serde_json::to_value(&first.available_decisions).unwrap();
    assert_eq!(decisions[0], "accept");
    assert_eq!(decisions.as_array().unwrap().last().unwrap(), "cancel");
}

#[tokio::test]
async fn what_is_accepted_for_the_session_is_not_asked_about_again() {
    let calls = [escalated("echo more >> ../outside/in/a"), escalated("echo more >> ../outside/in/a")];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest).await;
    outside(&lab);
    answer(&lab, json!("acceptForSession"));
    lab.turn(&thread, "Go.").await;
    assert_eq!((asked(&lab), statuses(&lab)), (1, vec![CommandStatus::Completed; 2]));
}

#[tokio::test]
async fn cancel_ends_the_turn() {
    let calls = [escalated("echo no > ../outside/in/a"), plain("echo never > in/made")];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest).await;
    outside(&lab);
    answer(&lab, json!("cancel"));
    let turn = lab.turn(&thread, "Go.").await;
    assert_eq!(turn.status, TurnStatus::Interrupted);
    assert_eq!(statuses(&lab), [CommandStatus::Declined]);
    assert!(!lab.project.join("in/made").exists());
}

#[tokio::test]
async fn who_never_wants_to_be_asked_is_not() {
    let calls = [escalated("echo no > ../outside/in/a")];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::Never).await;
    outside(&lab);
    lab.turn(&thread, "Go.").await;
    assert_eq!((asked(&lab), statuses(&lab)), (0, vec![CommandStatus::Declined]));
    assert!(told(&lab).contains("approval policy is `never`"), "{}", told(&lab));
}

#[tokio::test]
async fn under_untrusted_all_but_reading_is_asked_about() {
    let calls = [plain("ls"), plain("mkdir in/made")];
    let (lab, thread) = lab(&calls, SandboxMode::WorkspaceWrite, ApprovalPolicy::Untrusted).await;
    answer(&lab, json!("accept"));
    lab.turn(&thread, "Go.").await;
    assert_eq!((asked(&lab), statuses(&lab)), (1, vec![CommandStatus::Completed; 2]));
    assert!(lab.project.join("in/made").exists());
}

#[tokio::test]
async fn what_is_granted_for_a_turn_ends_with_it() {
    let wish = json!({"reason": "May I also write beside the project?", "write": ["../outside"]});
    let write =
        |name: &str| Reply::answer().call("exec_command", &plain(&format!("echo x > ../outside/in/{name}")));
    let lab = Lab::new(backend([
        Reply::answer().call("request_permissions", &wish),
        write("a"),
        Reply::text("Done."),
        write("b"),
        Reply::text("Done."),
    ]));
    // Beside the project lies /tmp, so only read-only shows what a grant does.
    let beside = outside(&lab);
    let params = ThreadStartParams { sandbox: Some(SandboxMode::ReadOnly), ..ThreadStartParams::default() };
    let thread = lab.start(params).await.handle;
    let wished = std::path::Path::new(&beside).parent().unwrap();
    let granted = json!({"permissions": {"fileSystem": {"write": [wished]}}, "scope": "turn"});
    lab.sink.answers.lock().unwrap().push_back(granted);
    lab.turn(&thread, "Go.").await;
    lab.turn(&thread, "And again.").await;
    assert_eq!(statuses(&lab), [CommandStatus::Completed, CommandStatus::Failed]);
    let beside = std::path::Path::new(&beside);
    assert!(beside.join("a").exists() && !beside.join("b").exists());
}

#[tokio::test]
async fn a_folder_granted_above_the_project_leaves_its_git_folder_protected() {
    let wish = json!({"reason": "May I write beside the project?", "write": [".."]});
    let write = |path: &str| Reply::answer().call("exec_command", &plain(&format!("echo x > {path}")));
    let patch = "*** Begin Patch\n*** Add File: .git/hooks/post-commit\n+x\n*** End Patch\n";
    let lab = Lab::new(backend([
        Reply::answer().call("request_permissions", &wish),
        write(".git/hooks/pre-commit"),
        write(".codex/config.toml"),
        write("in/plain"),
        Reply::answer().custom_call("apply_patch", patch),
        Reply::text("Done."),
    ]));
    outside(&lab);
    for folder in [".git/hooks", ".codex"] {
        std::fs::create_dir_all(lab.project.join(folder)).unwrap();
    }
    let params = ThreadStartParams { sandbox: Some(SandboxMode::ReadOnly), ..ThreadStartParams::default() };
    let thread = lab.start(params).await.handle;
    let granted = json!({"permissions": {"fileSystem": {"write": [lab.project.parent().unwrap()]}}, "scope": "session"});
    lab.sink.answers.lock().unwrap().extend([granted, json!({"decision": "decline"})]);
    lab.turn(&thread, "Go.").await;
    assert_eq!(statuses(&lab), [CommandStatus::Failed, CommandStatus::Failed, CommandStatus::Completed]);
    assert!(std::fs::read_dir(lab.project.join(".git/hooks")).unwrap().next().is_none());
    assert_eq!(asked(&lab), 2, "the patch is asked about");
}

#[tokio::test]
async fn folders_with_credentials_are_never_granted() {
    let wish = json!({"reason": "May I?", "write": ["../home"], "network": true});
    let lab = Lab::new(backend([Reply::answer().call("request_permissions", &wish), Reply::text("Done.")]));
    let params =
        ThreadStartParams { sandbox: Some(SandboxMode::WorkspaceWrite), ..ThreadStartParams::default() };
    let thread = lab.start(params).await.handle;
    lab.turn(&thread, "Go.").await;
    assert_eq!(asked(&lab), 0);
    assert!(told(&lab).contains("holds credentials"), "{}", told(&lab));
}

const PATCH: &str = "*** Begin Patch\n*** Add File: in/made\n+one\n*** Update File: ../outside/in/a\n@@\n-old\n+new\n*** End Patch";

/// A thread whose model patches a file in the project and one beside it, and what was beside it before.
async fn patching(approval: ApprovalPolicy, patches: usize) -> (Lab, ThreadHandle) {
    let replies = (0..patches).map(|_| Reply::answer().custom_call("apply_patch", PATCH));
    let lab = Lab::new(backend(replies.chain([Reply::text("Done.")])));
    std::fs::write(format!("{}/a", outside(&lab)), "old\n").unwrap();
    let params = ThreadStartParams {
        sandbox: Some(SandboxMode::ReadOnly),
        approval_policy: Some(approval),
        ..ThreadStartParams::default()
    };
    let thread = lab.start(params).await.handle;
    (lab, thread)
}

fn beside(lab: &Lab) -> String {
    std::fs::read_to_string(format!("{}/a", outside(lab))).unwrap()
}

#[tokio::test]
async fn a_patch_beyond_the_walls_is_asked_about() {
    let (lab, thread) = patching(ApprovalPolicy::OnRequest, 1).await;
    answer(&lab, json!("accept"));
    lab.turn(&thread, "Go.").await;
    assert_eq!((beside(&lab).as_str(), lab.project.join("in/made").exists()), ("new\n", true));
    let questions = lab.sink.asked.lock().unwrap().clone();
    let [ServerRequest::FileChangeApproval(question)] = questions.as_slice() else { panic!("{questions:?}") };
    assert!(question.reason.as_deref().unwrap().contains("the sandbox is read-only"), "{question:?}");
    let diffs: Vec<String> = lab
        .sink
        .all()
        .into_iter()
        .filter_map(|notification| match notification {
            ServerNotification::TurnDiffUpdated(updated) => Some(updated.diff),
            _ => None,
        })
        .collect();
    let [diff] = diffs.as_slice() else { panic!("{diffs:?}") };
    assert!(diff.contains("-old\n+new\n") && diff.contains("+++ b/in/made"), "{diff}");
}

#[tokio::test]
async fn a_patch_that_is_declined_changes_nothing() {
    for (approval, asks) in [(ApprovalPolicy::OnRequest, 1), (ApprovalPolicy::Never, 0)] {
        let (lab, thread) = patching(approval, 1).await;
        let turn = lab.turn(&thread, "Go.").await;
        assert_eq!(turn.status, TurnStatus::Completed);
        assert_eq!(
            (beside(&lab).as_str(), lab.project.join("in/made").exists(), asked(&lab)),
            ("old\n", false, asks)
        );
    }
}

#[tokio::test]
async fn no_patch_reaches_credentials_whatever_the_policy() {
    let patch = "*** Begin Patch\n*** Add File: ../home/auth.json.new\n+x\n*** End Patch";
    let lab = Lab::new(backend([Reply::answer().custom_call("apply_patch", patch), Reply::text("Done.")]));
    let thread = lab.thread().await;
    lab.turn(&thread, "Go.").await;
    assert!(!lab.home.join("auth.json.new").exists());
    let requests = lab.backend.model_requests();
    let told = requests.last().unwrap().body["input"].to_string();
    assert!(told.contains("folder with credentials"), "{told}");
}

#[tokio::test]
async fn a_file_allowed_for_the_session_is_not_asked_about_again() {
    let patch = |from: &str, to: &str| {
        let text = format!("*** Begin Patch\n*** Update File: note\n@@\n-{from}\n+{to}\n*** End Patch");
        Reply::answer().custom_call("apply_patch", &text)
    };
    let lab = Lab::new(backend([patch("one", "two"), patch("two", "three"), Reply::text("Done.")]));
    std::fs::write(lab.project.join("note"), "one\n").unwrap();
    let params = ThreadStartParams {
        sandbox: Some(SandboxMode::WorkspaceWrite),
        approval_policy: Some(ApprovalPolicy::Untrusted),
        ..ThreadStartParams::default()
    };
    let thread = lab.start(params).await.handle;
    answer(&lab, json!("acceptForSession"));
    lab.turn(&thread, "Go.").await;
    assert_eq!(
        (std::fs::read_to_string(lab.project.join("note")).unwrap().as_str(), asked(&lab)),
        ("three\n", 1)
    );
}

/// A shell that is started, answered for, and typed into twice; and what that did.
async fn typed_into(approval: ApprovalPolicy, start: Value, answers: &[&str]) -> (Lab, [bool; 2]) {
    let (lab, thread) = lab(&[start], SandboxMode::WorkspaceWrite, approval).await;
    answers.iter().for_each(|decision| answer(&lab, json!(decision)));
    lab.turn(&thread, "Start it.").await;
    let id: u64 = thread.sessions().list()[0].id.to_string().parse().unwrap();
    let write = |chars: &str| {
        Reply::answer().call("write_stdin", &json!({"session_id": id, "chars": chars, "yield_time_ms": 250}))
    };
    let calls = [write("echo x > in/a\n"), write("echo x > in/b\nexit\n"), write("")];
    lab.backend.set_script(Script::conversation(calls.into_iter().chain([Reply::text("Done.")])));
    let turn = lab.turn(&thread, "Type.").await;
    assert_eq!(turn.status, TurnStatus::Completed);
    let made = ["a", "b"].map(|name| lab.project.join("in").join(name).exists());
    thread.sessions().clean().await;
    (lab, made)
}

fn shell(more: Value) -> Value {
    let mut start = json!({"cmd": "exec sh", "login": false, "tty": true, "yield_time_ms": 250});
    start.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    start
}

#[tokio::test]
async fn what_is_typed_beyond_the_walls_is_asked_about() {
    let outside = || shell(json!({"sandbox_permissions": "require_escalated", "justification": "Please."}));
    let on_request = || ApprovalPolicy::OnRequest;
    for (approval, start, answers, questions, made) in [
        (on_request(), outside(), &["accept", "accept", "accept"][..], 3, [true, true]),
        (on_request(), outside(), &["accept", "decline", "accept"], 3, [false, true]),
        (on_request(), outside(), &["accept", "acceptForSession"], 2, [true, true]),
        (on_request(), shell(json!({})), &[], 0, [true, true]),
        (ApprovalPolicy::Untrusted, shell(json!({})), &["accept", "accept", "decline"], 3, [true, false]),
    ] {
        let case = format!("{approval:?} {answers:?}");
        let (lab, seen) = typed_into(approval, start, answers).await;
        assert_eq!((asked(&lab), seen), (questions, made), "{case}");
    }
}

#[tokio::test]
async fn the_question_shows_what_is_typed_and_into_what() {
    let start = shell(json!({"sandbox_permissions": "require_escalated", "justification": "Please."}));
    let (lab, _) = typed_into(ApprovalPolicy::OnRequest, start, &["accept", "accept", "accept"]).await;
    let questions = lab.sink.asked.lock().unwrap().clone();
    let ServerRequest::CommandApproval(typed) = &questions[2] else { panic!("{questions:?}") };
    assert_eq!(typed.kind, CommandApprovalKind::WriteStdin);
    assert_eq!(typed.reason.as_deref(), Some("Outside of the sandbox.\nInto: exec sh"));
    assert_eq!(typed.command.as_deref(), Some("echo x > in/b⏎\nexit⏎"));
    assert_eq!(serde_json::to_value(&typed.available_decisions).unwrap()[1], "acceptForSession");
}

#[tokio::test]
async fn under_never_nothing_is_typed_beyond_the_walls() {
    let start = shell(json!({"sandbox_permissions": "require_escalated", "justification": "Please."}));
    let (lab, thread) = lab(&[start], SandboxMode::WorkspaceWrite, ApprovalPolicy::OnRequest).await;
    answer(&lab, json!("accept"));
    lab.turn(&thread, "Start it.").await;
    let id: u64 = thread.sessions().list()[0].id.to_string().parse().unwrap();
    let call = Reply::answer().call("write_stdin", &json!({"session_id": id, "chars": "echo x > in/a\n"}));
    lab.backend.set_script(Script::conversation([call, Reply::text("Done.")]));
    let params = TurnStartParams {
        approval_policy: Some(ApprovalPolicy::Never),
        ..TurnStartParams::text(thread.id().clone(), "Type.")
    };
    let (turn, announcement) = thread.start_turn(params).await.unwrap();
    drop(announcement);
    lab.sink.completed(&turn.id).await;
    assert_eq!((asked(&lab), lab.project.join("in/a").exists()), (1, false));
    let told = told(&lab);
    assert!(told.starts_with("Nothing was typed: the command runs outside of the sandbox"), "{told}");
    thread.sessions().clean().await;
}
