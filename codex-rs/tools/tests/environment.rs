//! What commands inherit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use codex_protocol::ThreadId;
use codex_redact::Secret;
use codex_tools::environment::Inherited;

#[test]
fn secrets_stay_out_and_the_rest_goes_in() {
    let variables: Vec<(String, String)> = [
        ("PATH", "/bin"),
        ("GITHUB_TOKEN", "ghp_theirs"),
        ("TERM", "xterm-256color"),
        ("EMPTY", ""),
        ("CODEX_API_KEY", "anything"),
        ("OPENAI_API_KEY", ""),
        ("CODEX_ACCESS_TOKEN", "at-1"),
        ("MY_KEY", "sk-proj-0123456789012345678901234567"),
        ("CONNECTION", "https://u:sk-0123456789012345678901234@host/"),
        ("COPY_OF_REFRESH", "rt-stored"),
        ("REFRESH_IN_A_HEADER", "X-Token: rt-stored"),
        ("CODEX_THREAD_ID", "another"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let thread_id = ThreadId::from("thread-1");
    let stored = [Secret::new("rt-stored"), Secret::new("")];
    let inherited = Inherited {
        variables: &variables,
        stored: &stored,
        thread_id: &thread_id,
        call_id: "call_1",
        version: "0.1.0",
    };
    let lines: Vec<String> =
        inherited.for_command().iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        lines,
        [
            "PATH=/bin",
            "GITHUB_TOKEN=ghp_theirs",
            "EMPTY=",
            "CODEX_CI=1",
            "NO_COLOR=1",
            "TERM=dumb",
            "PAGER=cat",
            "GIT_PAGER=cat",
            "GH_PAGER=cat",
            "LANG=C.UTF-8",
            "LC_CTYPE=C.UTF-8",
            "LC_ALL=C.UTF-8",
            "CODEX_THREAD_ID=thread-1",
            "CODEX_SESSION_ID=thread-1",
            "CODEX_TOOL_CALL_ID=call_1",
            "CODEX_VERSION=0.1.0",
        ]
    );
}
