//! `codex demo`, help, and the program alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::Script;
use support::{World, files, finish};

#[test]
fn the_demo_survives_the_limit_and_says_so() {
    let world = World::new(Script::new());
    let temporary = world.root.path().join("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut command = world.command(&["demo", "--headless"]);
    // Nothing around it counts: no sign-in, no settings, no credentials of the environment.
    command
        .env("TMPDIR", &temporary)
        .env("CODEX_API_KEY", "sk-not-this-one-0123456789")
        .env("OPENAI_API_KEY", "x");
    std::fs::write(world.file("config.toml"), "not toml").unwrap();
    let outcome = finish(command, b"").success();
    let last = outcome.stdout.lines().last().unwrap();
    assert!(
        last.starts_with("Nothing was lost, repeated or leaked: the plan paid 4 requests"),
        "{outcome:#?}"
    );
    let place =
        |words: &str| outcome.stdout.find(words).unwrap_or_else(|| panic!("no {words:?} in {outcome:#?}"));
    let order = [
        "[plan paid",
        "the service answered 429",
        "⇄ ",
        "now pays per token",
        "[key paid",
        "All three checks pass",
    ];
    assert!(order.map(place).is_sorted(), "{outcome:#?}");
    assert_eq!(outcome.stdout.matches("⇄ ").count(), 1);
    assert!(outcome.stdout.contains("run unasked, with full access"), "it says so");
    assert_eq!(outcome.stderr, "");
    assert!(files(&temporary).is_empty(), "it cleans up");
    assert!(world.backend.requests().is_empty());
}

#[test]
fn the_demo_without_a_reader_is_no_panic() {
    let world = World::new(Script::new());
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(&["demo"]);
    command.stdout(std::process::Stdio::from(writer));
    assert!(!finish(command, b"").stderr.contains("panicked"));
}

#[test]
fn help_and_version() {
    let world = World::new(Script::new());
    let version = world.run(&["--version"]).success().stdout;
    assert_eq!(version, format!("codex {}\n", env!("CARGO_PKG_VERSION")));
    let help = world.run(&["--help"]).success().stdout;
    for command in ["exec", "login", "logout", "fallback", "mcp", "sandbox", "app-server", "demo"] {
        assert!(help.contains(&format!("\n  {command} ")), "{help}");
    }
    assert!(help.lines().count() < 58, "short: {help}");
    for unbuilt in ["resume", "apply", "completion"] {
        assert!(!help.contains(&format!("\n  {unbuilt} ")), "{unbuilt} is not built: {help}");
    }
    for command in ["", "exec", "login", "logout", "fallback", "mcp", "sandbox", "app-server", "demo"] {
        let arguments: Vec<&str> = [command, "--help"].into_iter().filter(|part| !part.is_empty()).collect();
        let help = world.run(&arguments).success().stdout;
        assert!(help.lines().count() < 60, "short: {help}");
        let wide: Vec<&str> = help.lines().filter(|line| line.chars().count() > 80).collect();
        assert!(wide.is_empty(), "fits a terminal of 80 columns: {wide:?}");
    }
    let alone = world.run(&[]);
    assert_eq!((alone.code, alone.stdout.as_str()), (Some(2), ""));
    assert!(alone.stderr.contains("the terminal UI needs a terminal"), "{alone:#?}");
    assert!(alone.stderr.contains("codex exec"), "it says what works without one: {alone:#?}");
}
