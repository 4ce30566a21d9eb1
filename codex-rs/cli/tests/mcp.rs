//! `codex mcp`: what it writes, what it shows, what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::Script;
use support::{KEY, World};

#[test]
fn servers_are_added_listed_shown_and_removed() {
    let world = World::new(Script::new());
    world.write_config("# mine\n");
    let before = std::fs::read_to_string(world.file("config.toml")).unwrap();
    assert!(world.run(&["mcp", "list"]).success().stdout.starts_with("No MCP servers"));
    world
        .run(&["mcp", "add", "notes", "--env", "TOKEN=hush-hush", "--", "notes-server", "--stdio"])
        .success();
    world
        .run(&["mcp", "add", "docs", "--url", "https://docs.example/mcp", "--bearer-token-env-var", "DOCS"])
        .success();
    let text = std::fs::read_to_string(world.file("config.toml")).unwrap();
    assert!(text.contains("# mine") && text.contains("[mcp_servers.notes]"), "{text}");
    let listed = world.run(&["mcp", "list"]).success();
    assert_eq!(listed.stdout, "docs   https://docs.example/mcp\nnotes  notes-server --stdio\n");
    let json: serde_json::Value =
        serde_json::from_str(&world.run(&["mcp", "list", "--json"]).success().stdout).unwrap();
    assert_eq!(json[0]["transport"]["bearer_token_env_var"], "DOCS");
    assert_eq!(json[1]["transport"]["env"]["TOKEN"], "*****");
    for arguments in [&["mcp", "get", "notes"][..], &["mcp", "get", "notes", "--json"]] {
        let shown = world.run(arguments).success();
        assert!(shown.stdout.contains("TOKEN") && !shown.stdout.contains("hush"), "{shown:#?}");
    }
    world.run(&["mcp", "remove", "notes"]).success();
    world.run(&["mcp", "remove", "notes"]).failure(1, "there is no MCP server named `notes`");
    world.run(&["mcp", "get", "notes"]).failure(1, "there is no MCP server named `notes`");
    world.run(&["mcp", "remove", "docs"]).success();
    assert_eq!(std::fs::read_to_string(world.file("config.toml")).unwrap().trim_end(), before.trim_end());
}

#[test]
fn adding_over_a_server_says_that_it_was_replaced() {
    let world = World::new(Script::new());
    // One of -c is not in the file; one written in a line is.
    world.write_config("mcp_servers = { inline = { command = \"old\" } }\n");
    let table: [(&[&str], &str); 4] = [
        (
            &["-c", "mcp_servers.notes.command=\"x\"", "mcp", "add", "notes", "--env", "A=1", "--", "one"],
            "Added",
        ),
        (&["mcp", "add", "notes", "--", "two"], "Replaced"),
        (&["mcp", "add", "other", "--", "three"], "Added"),
        (&["mcp", "add", "inline", "--", "new"], "Replaced"),
    ];
    for (arguments, done) in table {
        let said = world.run(arguments).success().stdout;
        assert!(said.starts_with(&format!("{done} the MCP server `")), "{arguments:?}: {said}");
    }
    let listed = world.run(&["mcp", "list"]).success();
    assert_eq!(listed.stdout, "inline  new\nnotes   two\nother   three\n");
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let world = World::new(Script::new());
    let before = std::fs::read(world.file("config.toml")).unwrap();
    let env = format!("API_KEY={KEY}");
    let url = format!("https://docs.example/mcp?key={KEY}");
    let table: [(&[&str], &str); 8] = [
        (&["mcp", "add", "a b", "--", "x"], "letters, digits"),
        (&["mcp", "add", "a.b", "--", "x"], "letters, digits"),
        (&["mcp", "add", "a", "--env", &env, "--", "x"], "holds a key"),
        (&["mcp", "add", "a", "--url", &url], "holds a key"),
        (&["mcp", "add", "a", "--", "x", KEY], "holds a key"),
        (&["mcp", "add", "a", "--env", "novalue", "--", "x"], "KEY=VALUE"),
        (&["mcp", "add", "a", "--url", "http://docs.example/mcp"], "https"),
        (&["mcp", "add", "a", "--url", "https://me:pass@docs.example/"], "without user name"),
    ];
    for (arguments, words) in table {
        let outcome = world.run(arguments).failure(2, words);
        assert!(!outcome.stderr.contains(KEY), "{outcome:#?}");
        assert_eq!(std::fs::read(world.file("config.toml")).unwrap(), before, "{arguments:?}");
    }
}

/// Nothing of ours can run after SIGKILL; the system ends the servers, also one that hears no end of its input.
#[cfg(target_os = "linux")]
#[test]
fn a_killed_program_takes_its_servers_along() {
    let world = World::new(Script::new());
    let folder = world.root.path().display();
    let deaf = format!(
        "trap '' TERM HUP INT PIPE; echo $$ > {folder}/new; mv {folder}/new {folder}/id; while :; do sleep 0.01; done"
    );
    world.write_config(&format!("[mcp_servers.deaf]\ncommand = \"/bin/sh\"\nargs = [\"-c\", {deaf:?}]\n"));
    let mut program = world.command(&["exec", "wait"]).spawn().unwrap();
    drop(program.stdin.take());
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    let until = |what: &str, happens: &dyn Fn() -> bool| {
        while !happens() {
            assert!(std::time::Instant::now() < patience, "waited for {what}");
            std::thread::yield_now();
        }
    };
    let id = world.root.path().join("id");
    until("the server", &|| id.exists());
    let id = std::fs::read_to_string(id).unwrap();
    program.kill().unwrap();
    program.wait().unwrap();
    until("the server's end", &|| {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
        stat.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X']) || stat.is_empty()
    });
}
