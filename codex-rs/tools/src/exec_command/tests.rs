//! Arguments, as tables.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

fn place() -> Place {
    Place {
        cwd: PathBuf::from("/tmp"),
        shell: PathBuf::from("/bin/sh"),
        login: Login::Allowed,
        output_tokens: None,
    }
}

fn read(arguments: &str) -> Result<Invocation, BadCall> {
    Invocation::read(arguments, "call_1", &place())
}

#[test]
fn bad_arguments_are_told_to_the_model() {
    for (arguments, part) in [
        ("", "cannot be read (EOF"),
        ("{", "cannot be read (EOF"),
        ("[]", "cannot be read (invalid length 0"),
        ("{}", "cannot be read (missing field `cmd`"),
        (r#"{"cmd":7}"#, "cannot be read (invalid type: integer `7`, expected a string"),
        (r#"{"cmd":["ls"]}"#, "cannot be read (invalid type: sequence, expected a string"),
        (r#"{"cmd":"ls","login":"yes"}"#, "cannot be read (invalid type: string"),
        (r#"{"cmd":"ls","login":"sk-0123456789012345678901234"}"#, "[redacted]"),
        (r#"{"cmd":"ls","prefix_rule":"ls"}"#, "cannot be read (invalid type: string"),
        (r#"{"cmd":"  "}"#, "`cmd` is empty"),
        (r#"{"cmd":"ls \u0000"}"#, "`cmd` holds a NUL character"),
        (r#"{"cmd":"ls","shell":"a\u0000"}"#, "`shell` holds a NUL character"),
        (
            r#"{"cmd":"ls","workdir":"/nowhere/at/all"}"#,
            "`workdir` /nowhere/at/all is not an existing directory",
        ),
        (r#"{"cmd":"ls","workdir":"none"}"#, "`workdir` /tmp/none is not an existing directory"),
        (r#"{"cmd":"ls","workdir":"/etc/passwd"}"#, "`workdir` /etc/passwd is not an existing directory"),
        (
            r#"{"cmd":"ls","sandbox_permissions":"none_at_all"}"#,
            "`sandbox_permissions` is `use_default` or `require_escalated`.",
        ),
    ] {
        let text = read(arguments).unwrap_err().to_string();
        assert!(
            text.starts_with("exec_command was not done: ") && text.contains(part),
            "{arguments}: {text}"
        );
    }
}

#[test]
fn arguments_decide_the_command_line() {
    for (arguments, line, cwd) in [
        (r#"{"cmd":"ls"}"#, "/bin/sh -lc ls", "/tmp"),
        (r#"{"cmd":"ls","workdir":null,"shell":"","tty":true,"yield_time_ms":5}"#, "/bin/sh -lc ls", "/tmp"),
        (r#"{"cmd":"ls","workdir":""}"#, "/bin/sh -lc ls", "/tmp"),
        (r#"{"cmd":"echo 'a b'","login":false}"#, r"/bin/sh -c 'echo '\''a b'\'''", "/tmp"),
        (r#"{"cmd":"ls","shell":"bash","workdir":"/usr"}"#, "bash -lc ls", "/usr"),
        (r#"{"cmd":"ls","what":"is not known","timeout_ms":7}"#, "/bin/sh -lc ls", "/tmp"),
    ] {
        let invocation = read(arguments).unwrap();
        assert_eq!((invocation.command_line().as_str(), invocation.cwd()), (line, Path::new(cwd)));
    }
    let never = Place { login: Login::Never, ..place() };
    for arguments in [r#"{"cmd":"ls"}"#, r#"{"cmd":"ls","login":true}"#] {
        let invocation = Invocation::read(arguments, "call_1", &never).unwrap();
        assert_eq!(invocation.argv(), ["/bin/sh", "-c", "ls"]);
    }
}

#[test]
fn numbers_are_clamped() {
    for (arguments, time, tokens) in [
        (r#"{"cmd":"ls"}"#, DEFAULT_YIELD, DEFAULT_OUTPUT_TOKENS),
        (r#"{"cmd":"ls","yield_time_ms":5000,"max_output_tokens":7}"#, Duration::from_secs(5), 7),
        (r#"{"cmd":"ls","yield_time_ms":1,"max_output_tokens":-7}"#, SHORTEST_YIELD, 0),
        (r#"{"cmd":"ls","yield_time_ms":-1,"max_output_tokens":1e99}"#, SHORTEST_YIELD, 262_144),
        (r#"{"cmd":"ls","yield_time_ms":1e12}"#, LONGEST_YIELD, DEFAULT_OUTPUT_TOKENS),
        (r#"{"cmd":"ls","yield_time_ms":1e300,"max_output_tokens":2.9}"#, LONGEST_YIELD, 2),
    ] {
        let wait = read(arguments).unwrap().wait().clone();
        assert_eq!((wait.time, wait.output_tokens), (time, tokens), "{arguments}");
    }
}

#[test]
fn the_settings_cap_what_the_model_asks_for() {
    for (limit, asked, tokens) in
        [(Some(50), "100", 50), (Some(50), "20", 20), (Some(50), "null", 50), (None, "100", 100)]
    {
        let arguments = format!(r#"{{"cmd":"ls","max_output_tokens":{asked}}}"#);
        let place = Place { output_tokens: limit, ..place() };
        let invocation = Invocation::read(&arguments, "call_1", &place).unwrap();
        assert_eq!(invocation.wait().output_tokens, tokens, "{limit:?} {asked}");
    }
}

#[test]
fn a_wish_to_leave_the_sandbox_is_read_and_never_guessed() {
    let wish = |justification: Option<&str>, prefix: Option<&[&str]>| {
        Some(Escalation {
            justification: justification.map(str::to_owned),
            prefix_rule: prefix.map(|words| words.iter().map(|word| (*word).to_owned()).collect()),
        })
    };
    for (rest, expected) in [
        ("", None),
        (r#","sandbox_permissions":"use_default","justification":"why""#, None),
        (r#","sandbox_permissions":"""#, None),
        (r#","justification":"why","prefix_rule":["a"]"#, None),
        (r#","sandbox_permissions":"require_escalated""#, wish(None, None)),
        (
            r#","sandbox_permissions":"require_escalated","justification":" ","prefix_rule":[]"#,
            wish(None, None),
        ),
        (
            r#","sandbox_permissions":"require_escalated","justification":"May I?","prefix_rule":["npm","i"]"#,
            wish(Some("May I?"), Some(&["npm", "i"])),
        ),
    ] {
        let invocation = read(&format!(r#"{{"cmd":"ls"{rest}}}"#)).unwrap();
        assert_eq!(invocation.escalation(), expected.as_ref(), "{rest}");
    }
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
    let expected = [
        "cmd",
        "justification",
        "login",
        "max_output_tokens",
        "prefix_rule",
        "sandbox_permissions",
        "shell",
        "tty",
        "workdir",
        "yield_time_ms",
    ];
    assert_eq!(names, expected);
}
