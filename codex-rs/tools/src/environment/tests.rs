//! What commands inherit: settings as tables, and what no setting gives them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

const THREAD: &str = "thread-1";

fn pairs(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn lines(variables: &[(&str, &str)], policy: &EnvironmentPolicy, reach: Reach) -> Vec<String> {
    let inherited = Inherited {
        variables: &pairs(variables),
        policy,
        reach,
        stored: &[Secret::new("rt-stored"), Secret::new("")],
        thread_id: &ThreadId::from(THREAD),
        call_id: "call_1",
        version: "0.1.0",
    };
    inherited.for_command().iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// The names that reach a command, apart from what every command gets.
#[track_caller]
fn check(variables: &[&str], policy: &EnvironmentPolicy, expected: &[&str]) {
    let variables: Vec<(&str, &str)> = variables.iter().map(|name| (*name, "1")).collect();
    let always = |line: &&String| {
        FIXED.iter().any(|(name, _)| line.starts_with(&format!("{name}="))) || line.starts_with("CODEX_")
    };
    let names: Vec<String> = lines(&variables, policy, Reach::Walled)
        .iter()
        .filter(|line| !always(line))
        .map(|line| line.split('=').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, expected, "{policy:?}");
}

#[test]
fn secrets_stay_out_and_the_rest_goes_in() {
    let variables = [
        ("PATH", "/bin"),
        ("GITHUB_TOKEN", "ghp_theirs"),
        ("TERM", "xterm-256color"),
        ("EMPTY", ""),
        ("CODEX_API_KEY", "a-key-of-no-known-shape"),
        ("OPENAI_API_KEY", "short"),
        ("SHORT", "shortly"),
        ("CODEX_ACCESS_TOKEN", "at-1"),
        ("MY_KEY", "sk-proj-0123456789012345678901234567"),
        ("CONNECTION", "https://u:sk-0123456789012345678901234@host/"),
        ("COPY_OF_REFRESH", "rt-stored"),
        ("REFRESH_IN_A_HEADER", "X-Token: rt-stored"),
        ("COPY", "key=a-key-of-no-known-shape"),
        ("CODEX_THREAD_ID", "another"),
    ];
    assert_eq!(
        lines(&variables, &EnvironmentPolicy::default(), Reach::Free),
        [
            "CODEX_CI=1",
            "CODEX_SESSION_ID=thread-1",
            "CODEX_THREAD_ID=thread-1",
            "CODEX_TOOL_CALL_ID=call_1",
            "CODEX_VERSION=0.1.0",
            "EMPTY=",
            "GH_PAGER=cat",
            "GITHUB_TOKEN=ghp_theirs",
            "GIT_PAGER=cat",
            "LANG=C.UTF-8",
            "LC_ALL=C.UTF-8",
            "LC_CTYPE=C.UTF-8",
            "NO_COLOR=1",
            "PAGER=cat",
            "PATH=/bin",
            "SHORT=shortly",
            "TERM=dumb",
        ]
    );
}

#[test]
fn the_settings_say_what_is_inherited() {
    let policy = EnvironmentPolicy::default;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<String>>();
    let set = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let theirs = ["AWS_REGION", "AWS_SECRET_X", "HOME", "MY_TOKEN", "PATH", "Sort_Keys"];
    check(&theirs, &policy(), &theirs);
    check(&theirs, &EnvironmentPolicy { inherit: Inherit::Core, ..policy() }, &["HOME", "PATH"]);
    check(&theirs, &EnvironmentPolicy { inherit: Inherit::None, ..policy() }, &[]);
    let careful = EnvironmentPolicy { default_excludes: DefaultExcludes::Applied, ..policy() };
    check(&theirs, &careful, &["AWS_REGION", "HOME", "PATH"]);
    let excluding = EnvironmentPolicy { exclude: words(&["aws_*", "?ATH"]), ..policy() };
    check(&theirs, &excluding, &["HOME", "MY_TOKEN", "Sort_Keys"]);
    let only = EnvironmentPolicy { include_only: words(&["P*", "home"]), ..policy() };
    check(&theirs, &only, &["HOME", "PATH"]);
    // What is set comes after what is left out, and before what alone may stay.
    let setting = EnvironmentPolicy {
        exclude: words(&["NEW", "PATH"]),
        set: set(&[("NEW", "1"), ("ALSO", "1")]),
        include_only: words(&["NEW", "PATH"]),
        ..policy()
    };
    check(&theirs, &setting, &["NEW"]);
}

#[test]
fn what_is_set_is_stronger_than_what_every_command_gets_but_not_than_ours() {
    let set = [
        ("TERM", "xterm"),
        ("CODEX_THREAD_ID", "mine"),
        ("CODEX_API_KEY", "x"),
        ("HARMLESS", "sk-proj-0123456789012345678901234567"),
        ("TOKEN", "rt-stored"),
        ("BASH_ENV", "/tmp/x"),
        ("A=B", "1"),
        ("", "1"),
        ("NUL", "\0"),
    ];
    let set = pairs(&set).into_iter().collect();
    let policy = EnvironmentPolicy { set, inherit: Inherit::None, ..EnvironmentPolicy::default() };
    let shown = format!("{policy:?}");
    assert!(!shown.contains("rt-stored") && !shown.contains("sk-proj"), "{shown}");
    let lines = lines(&[], &policy, Reach::Free);
    assert!(
        lines.contains(&"TERM=xterm".to_owned()) && !lines.contains(&"TERM=dumb".to_owned()),
        "{lines:?}"
    );
    assert!(lines.contains(&format!("CODEX_THREAD_ID={THREAD}")), "{lines:?}");
    assert_eq!(lines.len(), FIXED.len() + 4, "{lines:?}");
}

#[test]
fn nothing_runs_before_the_command_and_no_way_leads_out_of_the_walls() {
    let variables = [
        ("BASH_ENV", "/tmp/x"),
        ("ENV", "/tmp/x"),
        ("BASH_FUNC_git%%", "() { touch /tmp/x; }"),
        ("CDPATH", "/home/me"),
        ("PROMPT_COMMAND", "touch /tmp/x"),
        ("SHELLOPTS", "xtrace"),
        ("PS4", "$(touch /tmp/x)"),
        ("MY_ENV", "stays"),
        ("SSH_AUTH_SOCK", "/run/x"),
        ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/run/x"),
        ("GPG_AGENT_INFO", "/run/x"),
    ];
    let names = |reach| {
        let lines = lines(&variables, &EnvironmentPolicy::default(), reach);
        let theirs = lines.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned());
        theirs.filter(|name| variables.iter().any(|(known, _)| known == name)).collect::<Vec<String>>()
    };
    assert_eq!(names(Reach::Walled), ["MY_ENV"]);
    assert_eq!(names(Reach::Free), ["DBUS_SESSION_BUS_ADDRESS", "GPG_AGENT_INFO", "MY_ENV", "SSH_AUTH_SOCK"]);
}

#[test]
fn patterns_are_whole_names() {
    for (pattern, name, expected) in [
        ("", "", true),
        ("", "A", false),
        ("*", "", true),
        ("*", "ANY", true),
        ("A", "a", true),
        ("A", "AB", false),
        ("A*", "AB", true),
        ("*B", "AB", true),
        ("*KEY*", "MONKEYS", true),
        ("*KEY*", "KE_Y", false),
        ("A?C", "ABC", true),
        ("A?C", "AC", false),
        ("A*C*E", "ABCCDE", true),
        ("A*C*E", "ABCCD", false),
        ("***", "X", true),
        ("a*a*a*a*a*a*a*a*b", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", false),
        ("Ä*", "äx", true),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
    }
}
