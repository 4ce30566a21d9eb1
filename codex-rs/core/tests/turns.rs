//! Turns that are interrupted, steered, refused, retried or fail, and what the next turn finds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_app_server_protocol::{ServerNotification, ThreadItem, ThreadStartParams, TurnStatus, UserInput};
use codex_core::CoreError;
use codex_fake_backend::{At, Cut, LimitVariant, Reply};
use codex_protocol::TurnId;
use serde_json::{Value, json};
use support::{Lab, backend, says, unwalled};

/// The output that the model was given for its last call.
fn last_output(lab: &Lab) -> String {
    let request = lab.backend.model_requests().pop().unwrap();
    let mut outputs = request.input().iter().filter(|item| item["type"] == "function_call_output");
    outputs.next_back().unwrap()["output"].as_str().unwrap().to_owned()
}

fn nothing_was_refused(lab: &Lab) {
    let verdict = lab.backend.verdict();
    assert!(verdict.refused.is_empty() && verdict.leaked.is_empty(), "{verdict:#?}");
}

fn command_output(notification: &ServerNotification) -> Option<String> {
    match notification {
        ServerNotification::CommandOutputDelta(delta) => Some(delta.delta.clone()),
        _ => None,
    }
}

/// Whether the process runs; one that only waits to be reaped does not.
fn runs(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(')').next().unwrap().trim_start().chars().next();
    !matches!(state, Some('Z' | 'X'))
}

#[tokio::test]
async fn an_interrupt_ends_the_whole_group_and_the_next_turn_works() {
    let calls =
        Reply::answer().exec_command("sleep 1000 & echo $! $$; wait").exec_command("echo never >> ran");
    let lab = Lab::new(backend([calls, Reply::text("On we go.")]));
    let thread = lab.thread().await;
    let (turn, announcement) = thread.start_turn(says(&thread, "Wait.")).await.unwrap();
    drop(announcement);
    let pids = lab.sink.until(command_output).await;

    let wrong = thread.interrupt(TurnId::from("another")).await.unwrap_err();
    assert!(matches!(wrong, CoreError::WrongTurn { .. }), "{wrong}");
    drop(thread.interrupt(turn.id.clone()).await.unwrap());
    let ended = lab.sink.completed(&turn.id).await;
    assert_eq!((ended.status, ended.error), (TurnStatus::Interrupted, None));
    assert!(pids.split_whitespace().all(|pid| !runs(pid)), "{pids}");
    assert!(!lab.project.join("ran").exists());
    let story = lab.sink.story();
    assert!(story.ends_with("tokens\nlimits\nstatus idle\nturn interrupted []"), "{story}");

    assert_eq!(lab.turn(&thread, "Go on.").await.status, TurnStatus::Completed);
    assert_eq!(last_output(&lab), "aborted by the person");
    nothing_was_refused(&lab);
    assert!(matches!(thread.interrupt(turn.id).await.unwrap_err(), CoreError::NoActiveTurn));
}

#[tokio::test]
async fn an_interrupt_in_a_stream_leaves_a_valid_history() {
    let hanging = Reply::answer()
        .reasoning(&["Hm."])
        .exec_command("echo never >> ran")
        .message(&["Half ", "of it"])
        .cut(At::End, Cut::Hang);
    let lab = Lab::new(backend([hanging, Reply::text("Fresh.")]));
    let thread = lab.thread().await;
    let (turn, announcement) = thread.start_turn(says(&thread, "Speak.")).await.unwrap();
    drop(announcement);
    lab.sink
        .until(|notification| match notification {
            ServerNotification::AgentMessageDelta(delta) => delta.delta.contains("of it").then_some(()),
            _ => None,
        })
        .await;
    drop(thread.interrupt(turn.id.clone()).await.unwrap());
    assert_eq!(lab.sink.completed(&turn.id).await.status, TurnStatus::Interrupted);
    assert!(!lab.project.join("ran").exists());

    assert_eq!(lab.turn(&thread, "Again.").await.status, TurnStatus::Completed);
    assert_eq!(last_output(&lab), "aborted by the person");
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn shutdown_ends_a_running_turn() {
    let lab = Lab::new(backend([Reply::answer().exec_command("echo $$; sleep 1000")]));
    let thread = lab.thread().await;
    let (turn, announcement) = thread.start_turn(says(&thread, "Wait.")).await.unwrap();
    drop(announcement);
    let pid = lab.sink.until(command_output).await;
    lab.engine.shutdown().await;
    assert_eq!(lab.sink.completed(&turn.id).await.status, TurnStatus::Interrupted);
    assert!(!runs(pid.trim()));
    assert!(matches!(thread.start_turn(says(&thread, "More?")).await, Err(CoreError::ThreadEnded)));
    thread.shutdown().await;
}

#[tokio::test]
async fn a_second_start_steers_the_running_turn() {
    let calls = Reply::answer().exec_command("echo up; until test -e go; do sleep 0.01; done");
    let lab = Lab::new(backend([calls, Reply::text("Both heard.")]));
    let thread = lab.thread().await;
    let (turn, announcement) = thread.start_turn(says(&thread, "First.")).await.unwrap();
    drop(announcement);
    lab.sink.until(command_output).await;
    let mut more = says(&thread, "And this.");
    more.client_user_message_id = Some("mine".to_owned());
    let (same, announcement) = thread.start_turn(more).await.unwrap();
    drop(announcement);
    assert_eq!(same.id, turn.id);
    std::fs::write(lab.project.join("go"), "").unwrap();
    lab.sink.completed(&turn.id).await;

    let users: Vec<_> = lab
        .sink
        .all()
        .into_iter()
        .filter_map(|notification| match notification {
            ServerNotification::ItemCompleted(completed) => match completed.item {
                ThreadItem::UserMessage { client_id, .. } => Some(client_id),
                _ => None,
            },
            _ => None,
        })
        .collect();
    assert_eq!(users, [None, Some("mine".to_owned())]);
    let last = lab.backend.model_requests().pop().unwrap();
    assert_eq!(last.user_texts()[1..], ["First.", "And this."]);
    assert_eq!(lab.backend.model_requests().len(), 2);
}

#[tokio::test]
async fn steering_during_the_last_answer_asks_once_more() {
    let hesitant = Reply::answer().message(&["One ", "moment."]).delay(std::time::Duration::from_millis(20));
    let lab = Lab::new(backend([hesitant, Reply::text("Heard.")]));
    let thread = lab.thread().await;
    let (turn, announcement) = thread.start_turn(says(&thread, "First.")).await.unwrap();
    drop(announcement);
    let begun = |notification: &ServerNotification| match notification {
        ServerNotification::AgentMessageDelta(_) => Some(()),
        _ => None,
    };
    lab.sink.until(begun).await;
    let (same, announcement) = thread.start_turn(says(&thread, "Second.")).await.unwrap();
    drop(announcement);
    assert_eq!(same.id, turn.id);
    let ended = lab.sink.completed(&turn.id).await;
    assert!(matches!(&ended.items[..], [ThreadItem::AgentMessage { text, .. }] if text == "Heard."));
    let last = lab.backend.model_requests().pop().unwrap();
    assert_eq!(last.user_texts()[1..], ["First.", "Second."]);
}

#[tokio::test]
async fn a_failed_turn_is_told_and_the_next_one_works() {
    let lab =
        Lab::new(backend([Reply::limit(LimitVariant::OrganizationSpendLimit), Reply::text("Fine now.")]));
    let thread = lab.thread().await;
    let failed = lab.turn(&thread, "Try.").await;
    insta::assert_snapshot!(lab.sink.story(), @r#"
    status active
    turn started
    started userMessage "Try."
    completed userMessage "Try."
    limits
    error: You’ve reached the usage limit of your ChatGPT plan. Try again later. This limit was set by your workspace's administrator, so the fallback key was not used; ask them to raise it.
    status idle
    turn failed []: You’ve reached the usage limit of your ChatGPT plan. Try again later. This limit was set by your workspace's administrator, so the fallback key was not used; ask them to raise it.
    "#);
    let told = lab.sink.until(|notification| match notification {
        ServerNotification::Error(error) => Some(error.error.clone()),
        _ => None,
    });
    assert_eq!(failed.error, Some(told.await));

    assert_eq!(lab.turn(&thread, "Again.").await.status, TurnStatus::Completed);
    let last = lab.backend.model_requests().pop().unwrap();
    assert_eq!(last.user_texts()[1..], ["Try.", "Again."]);
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn a_broken_stream_is_told_before_the_message_that_takes_its_place() {
    let broken = Reply::answer().message(&["Half a ", "word"]).cut(At::Events(5), Cut::Disconnect);
    let lab = Lab::new(backend([broken, Reply::text("Whole.")]));
    let thread = lab.thread().await;
    lab.turn(&thread, "Speak.").await;
    let story = lab.sink.story();
    let lines: Vec<&str> = story.lines().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        lines[4..],
        [
            "started agentMessage \"\"",
            "text+ Half a ",
            "retry: Reconnecting… 1/5",
            "started agentMessage \"\"",
            "text+ Whole.",
            "completed agentMessage \"Whole.\"",
            "tokens",
            "limits",
            "status idle",
            "turn completed [agentMessage \"Whole.\"]",
        ],
        "{story}"
    );
}

#[tokio::test]
async fn calls_that_cannot_run_are_answered_with_words() {
    let key = "sk-another-0123456789abcdefghij";
    let patch = format!("*** Begin Patch\n*** Update File: a\n@@ {key}\n-b\n+c\n*** End Patch");
    let calls = Reply::answer()
        .call("no_such_tool", &json!({}))
        .call_with("call_bad", "exec_command", "{not json")
        .call("exec_command", &json!({"command": "ls"}))
        .call("exec_command", &json!({"cmd": "ls", "workdir": "/nowhere/at/all"}))
        .custom_call("apply_patch", "*** Begin Patch")
        .custom_call("apply_patch", &patch);
    let lab = Lab::new(backend([calls, Reply::text("I see.")]));
    std::fs::write(lab.project.join("a"), "b\n").unwrap();
    let thread = lab.thread().await;
    assert_eq!(lab.turn(&thread, "Try these.").await.status, TurnStatus::Completed);
    let last = lab.backend.model_requests().pop().unwrap();
    let outputs: Vec<&str> = last
        .input()
        .iter()
        .filter(|item| item["type"].as_str().is_some_and(|kind| kind.ends_with("call_output")))
        .map(|item| item["output"].as_str().unwrap())
        .collect();
    for (output, part) in outputs.iter().zip([
        "unsupported call: no_such_tool",
        "its arguments cannot be read (key must be a string",
        "its arguments cannot be read (missing field `cmd`",
        "`workdir` /nowhere/at/all is not an existing directory",
        "does not end with the line `*** End Patch`",
        "has no line `sk-",
    ]) {
        assert!(output.contains(part), "{output}");
    }
    assert_eq!(outputs.len(), 6);
    let story = lab.sink.story();
    let warnings: Vec<&str> = story.lines().filter(|line| line.starts_with("warning: ")).collect();
    let warnings = warnings.join("\n").replace(&lab.project.display().to_string(), "<project>");
    insta::assert_snapshot!(warnings, @"
    warning: A tool was called that is not there, and the agent was told so: no_such_tool.
    warning: A call of exec_command was not done, and the agent was told so: its arguments cannot be read (key must be a string at line 1 column 2).
    warning: A call of exec_command was not done, and the agent was told so: its arguments cannot be read (missing field `cmd` at line 1 column 16).
    warning: A call of exec_command was not done, and the agent was told so: `workdir` /nowhere/at/all is not an existing directory.
    warning: A patch was not done, and the agent was told so: The patch does not end with the line `*** End Patch`; its last line is `*** Begin Patch`.
    warning: A patch was not done, and the agent was told so: `<project>/a` has no line `[redacted]`.
    ");
    nothing_was_refused(&lab);
}

#[tokio::test]
async fn commands_inherit_no_credential_of_ours() {
    let lab = Lab::new(backend([Reply::answer().exec_command("env | sort"), Reply::text("Seen.")]));
    let thread = lab.thread().await;
    lab.turn(&thread, "Show it.").await;
    let output = last_output(&lab);
    let names: Vec<&str> = output.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    for name in
        ["GREETING", "HOME", "PATH", "CODEX_CI", "CODEX_THREAD_ID", "CODEX_TOOL_CALL_ID", "NO_COLOR", "PAGER"]
    {
        assert!(names.contains(&name), "{name} is missing in {output}");
    }
    for name in names {
        assert!(!name.starts_with("STORED_"), "{name}");
        assert!(
            !["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN", "ANY_NAME"].contains(&name),
            "{name}"
        );
    }
    assert!(!output.contains("sk-test"), "{output}");
}

#[tokio::test]
async fn overrides_stay_and_a_schema_does_not() {
    let lab = Lab::new(backend([Reply::text("One."), Reply::text("Two.")]));
    let thread = lab.thread().await;
    let folder = lab.project.join("inner");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("AGENTS.md"), "Inner rules.").unwrap();
    let schema = json!({"type": "object", "properties": {}, "additionalProperties": false});
    let mut params = says(&thread, "Now.");
    params.model = Some("gpt-5.4".to_owned());
    params.effort = Some("high".to_owned());
    params.summary = Some("concise".to_owned());
    params.cwd = Some(folder.display().to_string());
    params.output_schema = Some(schema.clone());
    let (turn, announcement) = thread.start_turn(params).await.unwrap();
    drop(announcement);
    lab.sink.completed(&turn.id).await;
    lab.turn(&thread, "Later.").await;

    let requests = lab.backend.model_requests();
    for request in &requests {
        assert_eq!(request.body["model"], "gpt-5.4");
        assert_eq!(request.body["reasoning"], json!({"effort": "high", "summary": "concise"}));
    }
    assert_eq!(requests[0].body["text"]["format"]["schema"], schema);
    assert_eq!(requests[1].body["text"]["format"], Value::Null);
    let texts = requests[1].user_texts();
    assert_eq!(texts.len(), 4, "{texts:#?}");
    assert!(
        texts[1].contains("Inner rules.") && texts[1].contains(&format!("<cwd>{}</cwd>", folder.display()))
    );
    assert_eq!(texts[2..], ["Now.", "Later."]);
}

#[tokio::test]
async fn what_cannot_be_used_is_one_sentence() {
    let lab = Lab::new(backend([]));
    let thread = lab.thread().await;
    let file = lab.project.join("file");
    std::fs::write(&file, "not an image").unwrap();
    let text = |text: &str| vec![UserInput::Text { text: text.to_owned(), text_elements: Vec::new() }];
    let image = |path: &str| vec![UserInput::LocalImage { path: path.to_owned() }];
    let project = lab.project.display();
    for (cwd, input, sentence) in [
        (None, Vec::new(), "The input is empty; say something to start a turn.".to_owned()),
        (None, text(""), "The input is empty; say something to start a turn.".to_owned()),
        (
            None,
            text(&"ä".repeat((1 << 20) + 1)),
            "The input has 1048577 characters, more than the 1048576 that one turn takes; shorten it."
                .to_owned(),
        ),
        (
            Some("not/absolute".to_owned()),
            text("Hi."),
            "The working directory not/absolute is not an absolute path; give the full path.".to_owned(),
        ),
        (
            Some("/nowhere/at/all".to_owned()),
            text("Hi."),
            "The working directory /nowhere/at/all does not exist; create it or name another.".to_owned(),
        ),
        (
            Some(file.display().to_string()),
            text("Hi."),
            format!("The working directory {project}/file is not a directory; name a directory."),
        ),
        (
            None,
            image("none.png"),
            format!(
                "The image {project}/none.png cannot be read (No such file or directory (os error 2)); name another file."
            ),
        ),
        (
            None,
            image("file"),
            format!("The image {project}/file is no PNG, JPEG, GIF or WebP; convert it first."),
        ),
        (None, image("."), format!("The image {project}/. is not a file; name an image file.")),
    ] {
        let mut params = says(&thread, "");
        params.input = input;
        params.cwd = cwd;
        let error = thread.start_turn(params).await.unwrap_err();
        assert_eq!(error.to_string(), sentence);
    }
    let params = ThreadStartParams { model_provider: Some("mistral".to_owned()), ..unwalled() };
    let sink: std::sync::Arc<dyn codex_core::EventSink> = lab.sink.clone();
    let refused = lab
        .engine
        .start_thread(lab.engine.options().config.clone(), params, support::originator(), sink)
        .await
        .err()
        .unwrap();
    assert_eq!(refused.to_string(), "The model provider `mistral` is not supported yet; use `openai`.");
    assert!(lab.sink.all().is_empty() && lab.backend.requests().is_empty());
}

#[tokio::test]
async fn what_login_has_to_say_is_told_once() {
    let lab = Lab::with_file_mode(backend([Reply::text("One."), Reply::text("Two.")]), 0o644);
    let thread = lab.thread().await;
    lab.turn(&thread, "First.").await;
    lab.turn(&thread, "Second.").await;
    let story = lab.sink.story();
    let told: Vec<&str> = story.lines().filter(|line| line.starts_with("warning: ")).collect();
    assert!(matches!(told[..], [only] if only.contains("auth.json")), "{story}");
}

#[tokio::test]
async fn a_model_looks_at_an_image() {
    let look = |path: &str| Reply::answer().call("view_image", &json!({"path": path}));
    let lab = Lab::new(backend([look("picture.png"), look("../home/auth.json"), Reply::text("A dot.")]));
    std::fs::write(lab.project.join("picture.png"), support::DOT).unwrap();
    let thread = lab.thread().await;
    lab.turn(&thread, "What is in picture.png?").await;
    nothing_was_refused(&lab);
    let request = lab.backend.model_requests().pop().unwrap();
    let outputs: Vec<&Value> = request
        .input()
        .iter()
        .filter(|item| item["type"] == "function_call_output")
        .map(|item| &item["output"])
        .collect();
    let shown = json!([{"type": "input_image", "image_url": support::DOT_URL}]);
    assert_eq!(outputs[0], &shown);
    // Credentials are no image, and nothing of them is told; under full access neither.
    let told = outputs[1].as_str().unwrap();
    assert!(told.contains("is in a folder with credentials"), "{told}");
    let seen = lab.sink.all().into_iter().filter_map(|notification| match notification {
        ServerNotification::ItemCompleted(completed) => Some(completed.item),
        _ => None,
    });
    let images: Vec<String> = seen
        .filter_map(|item| match item {
            ThreadItem::ImageView { path, .. } => Some(path),
            _ => None,
        })
        .collect();
    assert_eq!(images, [lab.project.join("picture.png").display().to_string()]);
}

#[tokio::test]
async fn an_image_travels_as_data() {
    let lab = Lab::new(backend([Reply::text("Nice.")]));
    let thread = lab.thread().await;
    std::fs::write(lab.project.join("dot.png"), support::DOT).unwrap();
    let mut params = says(&thread, "What is it?");
    params.input.push(UserInput::LocalImage { path: "dot.png".to_owned() });
    let (turn, announcement) = thread.start_turn(params).await.unwrap();
    drop(announcement);
    lab.sink.completed(&turn.id).await;
    let request = lab.backend.model_requests().pop().unwrap();
    let said = request.input().last().unwrap();
    assert_eq!(said["content"][1], json!({"type": "input_image", "image_url": support::DOT_URL}));
}

#[tokio::test]
async fn a_conversation_begins_in_this_order() {
    let lab = Lab::new(backend([Reply::text("Hello.")]));
    std::fs::write(lab.home.join("AGENTS.md"), "Personal rules.").unwrap();
    std::fs::write(lab.project.join("AGENTS.md"), "Project rules.").unwrap();
    let config = json!({"fallback.mode": "off", "model_reasoning_effort": "low"});
    let started = lab
        .start(ThreadStartParams {
            developer_instructions: Some("Be brief.".to_owned()),
            config: config.as_object().cloned(),
            ..unwalled()
        })
        .await;
    assert_eq!(started.warnings.len(), 1, "{:?}", started.warnings);
    assert!(started.warnings[0].contains("`fallback` was ignored"), "{:?}", started.warnings);
    assert_eq!(started.response.reasoning_effort.as_deref(), Some("low"));
    let sources: Vec<String> =
        [&lab.home, &lab.project].map(|folder| folder.join("AGENTS.md").display().to_string()).into();
    assert_eq!(started.response.instruction_sources, sources);
    lab.turn(&started.handle, "Hi.").await;

    let request = lab.backend.model_requests().pop().unwrap();
    let roles: Vec<&str> = request.input().iter().map(|item| item["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["developer", "developer", "user", "user"]);
    let part = |item: usize, part: usize| request.input()[item]["content"][part]["text"].as_str().unwrap();
    assert!(part(0, 0).starts_with("You are a coding agent."));
    assert_eq!(part(1, 0), "Be brief.");
    let project = lab.project.display();
    assert_eq!(
        part(2, 0),
        format!(
            "# AGENTS.md instructions for {project}\n\n<INSTRUCTIONS>\nPersonal rules.\n\n--- project-doc ---\n\n\
             Project rules.\n</INSTRUCTIONS>"
        )
    );
    assert_eq!(
        part(2, 1),
        format!(
            "<environment_context>\n  <cwd>{project}</cwd>\n  <shell>sh</shell>\n  \
             <sandbox_mode>danger-full-access</sandbox_mode>\n  \
             <network_access>enabled</network_access>\n  <approval_policy>never</approval_policy>\n\
             </environment_context>"
        )
    );
    assert_eq!(part(3, 0), "Hi.");
    let tools = request.body["tools"].as_array().unwrap();
    assert_eq!(
        tools.iter().map(|tool| tool["name"].as_str().or(tool["type"].as_str()).unwrap()).collect::<Vec<_>>(),
        ["exec_command", "write_stdin", "apply_patch", "view_image", "web_search"]
    );
}
