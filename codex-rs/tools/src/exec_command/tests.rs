//! Arguments, output text and limits.

use codex_sandbox::{Choice, SandboxOptions};

use super::*;

fn place() -> Place {
    Place {
        cwd: PathBuf::from("/tmp"),
        shell: PathBuf::from("/bin/sh"),
        environment: vec![("PATH".into(), "/usr/bin:/bin".into())],
        policy: Arc::new(Policy::full()),
        output_tokens: None,
    }
}

fn read(arguments: &str) -> Result<Invocation, BadCall> {
    Invocation::read(arguments, "call_1", place())
}

fn sandbox() -> Sandbox {
    Sandbox::new(SandboxOptions {
        search_path: Vec::new(),
        temporary: PathBuf::from("/tmp"),
        mechanism: Choice::Automatic,
    })
}

/// Runs to the end: what came live, and the outcome.
async fn run(arguments: &str) -> (String, Outcome) {
    let mut execution = read(arguments).unwrap().start(&sandbox()).unwrap();
    let mut live = String::new();
    loop {
        match execution.next().await.unwrap() {
            Progress::Output(text) => live.push_str(&text),
            Progress::Ended(outcome) => return (live, outcome),
        }
    }
}

/// The model's text with the wall time, which no two runs share, taken out.
fn steady(outcome: &Outcome) -> String {
    let lines = outcome.for_model.lines().filter(|line| !line.starts_with("Wall time: "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn bad_arguments_are_told_to_the_model() {
    for (arguments, part) in [
        ("", "cannot be read (EOF"),
        ("{", "cannot be read (EOF"),
        ("[]", "cannot be read (invalid length 0"),
        ("{}", "cannot be read (missing field `cmd`"),
        (r#"{"cmd":7}"#, "cannot be read (invalid type: integer `7`, expected a string"),
        (r#"{"cmd":"ls","login":"yes"}"#, "cannot be read (invalid type: string"),
        (r#"{"cmd":"ls","login":"sk-0123456789012345678901234"}"#, "[redacted]"),
        (r#"{"cmd":"  "}"#, "`cmd` is empty"),
        (
            r#"{"cmd":"ls","workdir":"/nowhere/at/all"}"#,
            "`workdir` /nowhere/at/all is not an existing directory",
        ),
        (r#"{"cmd":"ls","workdir":"none"}"#, "`workdir` /tmp/none is not an existing directory"),
    ] {
        let text = read(arguments).unwrap_err().to_string();
        assert!(text.starts_with("exec_command was not run: ") && text.contains(part), "{arguments}: {text}");
    }
}

#[test]
fn arguments_decide_the_command_line() {
    for (arguments, line, cwd) in [
        (r#"{"cmd":"ls"}"#, "/bin/sh -lc ls", "/tmp"),
        (r#"{"cmd":"ls","workdir":null,"shell":"","tty":true,"yield_time_ms":5}"#, "/bin/sh -lc ls", "/tmp"),
        (r#"{"cmd":"echo 'a b'","login":false}"#, r"/bin/sh -c 'echo '\''a b'\'''", "/tmp"),
        (r#"{"cmd":"ls","shell":"bash","workdir":"/usr"}"#, "bash -lc ls", "/usr"),
        (
            r#"{"cmd":"ls","justification":"why","sandbox_permissions":"use_default"}"#,
            "/bin/sh -lc ls",
            "/tmp",
        ),
    ] {
        let invocation = read(arguments).unwrap();
        assert_eq!((invocation.command_line().as_str(), invocation.cwd()), (line, Path::new(cwd)));
    }
}

#[test]
fn numbers_are_clamped() {
    for (arguments, limit, tokens) in [
        (r#"{"cmd":"ls"}"#, DEFAULT_TIME_LIMIT, DEFAULT_OUTPUT_TOKENS),
        (r#"{"cmd":"ls","timeout_ms":5000,"max_output_tokens":7}"#, Duration::from_secs(5), 7),
        (r#"{"cmd":"ls","timeout_ms":1,"max_output_tokens":-7}"#, SHORTEST_TIME_LIMIT, 0),
        (r#"{"cmd":"ls","timeout_ms":-1,"max_output_tokens":1e99}"#, DEFAULT_TIME_LIMIT, 262_144),
        (r#"{"cmd":"ls","timeout_ms":1e12}"#, LONGEST_TIME_LIMIT, DEFAULT_OUTPUT_TOKENS),
    ] {
        let invocation = read(arguments).unwrap();
        assert_eq!((invocation.time_limit, invocation.output_tokens), (limit, tokens), "{arguments}");
    }
}

#[test]
fn the_settings_cap_what_the_model_asks_for() {
    for (limit, asked, tokens) in
        [(Some(50), "100", 50), (Some(50), "20", 20), (Some(50), "null", 50), (None, "100", 100)]
    {
        let arguments = format!(r#"{{"cmd":"ls","max_output_tokens":{asked}}}"#);
        let place = Place { output_tokens: limit, ..place() };
        let invocation = Invocation::read(&arguments, "call_1", place).unwrap();
        assert_eq!(invocation.output_tokens, tokens, "{limit:?} {asked}");
    }
}

#[tokio::test]
async fn what_the_model_reads() {
    let chunk = chunk_id("call_1");
    for (arguments, text) in [
        (
            r#"{"cmd":"echo hi; echo oh >&2"}"#,
            "Process exited with code 0\nOriginal token count: 2\nOutput:\nhi\noh",
        ),
        (r#"{"cmd":"exit 4"}"#, "Process exited with code 4\nOriginal token count: 0\nOutput:"),
        (r#"{"cmd":"kill -9 $$"}"#, "Process was ended by signal 9\nOriginal token count: 0\nOutput:"),
        (
            r#"{"cmd":"echo 0123456789","max_output_tokens":1}"#,
            "Process exited with code 0\nOriginal token count: 3\nOutput:\n01\n\
             … about 2 tokens of output left out here …\n9",
        ),
        (
            r#"{"cmd":"true","tty":true}"#,
            "Process exited with code 0\nOriginal token count: 0\n\
             Note: there is no terminal here; the command ran without one.\nOutput:",
        ),
    ] {
        let (_, outcome) = run(arguments).await;
        assert_eq!(steady(&outcome), format!("Chunk ID: {chunk}\n{text}"), "{arguments}");
    }
}

#[tokio::test]
async fn a_command_over_its_limit_is_ended_and_the_model_told() {
    let (live, outcome) = run(r#"{"cmd":"echo early; sleep 1000","timeout_ms":1000}"#).await;
    assert_eq!((live.as_str(), outcome.exit_code), ("early\n", 143));
    assert!(outcome.for_model.contains("The command passed its time limit of 1 seconds and was ended."));
    assert!(outcome.for_model.ends_with("Output:\nearly\n"));
}

#[tokio::test]
async fn a_flood_is_capped_live_and_kept() {
    let (live, outcome) =
        run(r#"{"cmd":"echo start; head -c 5000000 /dev/zero | tr '\\0' x; echo end"}"#).await;
    assert!(live.len() <= LIVE_BYTES + 64 * 1024, "{}", live.len());
    assert_eq!((&outcome.output[..8], &outcome.output[outcome.output.len() - 6..]), ("start\nxx", "xxend\n"));
    assert!(outcome.output.contains("… 3951434 bytes of output left out here …"), "{}", outcome.output.len());
    assert!(outcome.for_model.contains("\nOriginal token count: 1250003\n"));
    assert!(outcome.for_model.len() < DEFAULT_OUTPUT_TOKENS * BYTES_PER_TOKEN + 400);
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_hurt() {
    let (live, outcome) = run(r#"{"cmd":"printf 'a\\377\\303'"}"#).await;
    assert_eq!((live.as_str(), outcome.output.as_str()), ("a\u{fffd}\u{fffd}", "a\u{fffd}\u{fffd}"));
}

#[test]
fn the_offer_names_what_is_read() {
    let spec = spec();
    assert_eq!(
        (spec["name"].as_str(), spec["parameters"]["required"][0].as_str()),
        (Some(NAME), Some("cmd"))
    );
    let names: Vec<&str> =
        spec["parameters"]["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["cmd", "login", "max_output_tokens", "shell", "timeout_ms", "workdir"]);
}
