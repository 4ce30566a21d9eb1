//! A hostile repository is opened, by every door: before the person trusts it nothing in it runs, afterwards no trap of git's.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

#[path = "../support/fragments.rs"]
mod fragments;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/terminal.rs"]
mod terminal;
mod traps;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Command;

use codex_fake_backend::Script;
use serde_json::{Value, json};
use support::{KEY, World, finish, says};
use terminal::Terminal;
use traps::{Hostile, linked};

/// Also those that people ought not to have.
const PATHS: [&str; 2] = ["/usr/local/bin:/usr/bin:/bin", ".::/usr/local/bin:/usr/bin:/bin"];
/// What plain git springs. Not all: what needs a terminal, or another command of git's, is set for those that would.
const SPRUNG: [&str; 13] = [
    "alias",
    "bare-fsmonitor",
    "clean",
    "editor",
    "external-diff",
    "fsmonitor",
    "hook-post-index-change",
    "hook-pre-commit",
    "hook-reference-transaction",
    "lazy-fetch",
    "ssh",
    "submodule-fsmonitor",
    "text-conversion",
];

fn world(replies: &[&str]) -> (World, Hostile) {
    let replies: Vec<_> = replies.iter().map(|text| says(text)).collect();
    let world = World::new(Script::conversation(replies));
    let hostile = Hostile::new(world.root.path());
    (world, hostile)
}

/// The binary, in this folder.
fn command(world: &World, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = world.command(arguments);
    let temporary = world.root.path().join("tmp");
    std::fs::create_dir_all(&temporary).unwrap();
    command.current_dir(folder).env("TERM", "xterm-256color").env("TMPDIR", temporary);
    command
}

fn trust(world: &World, folder: &Path) {
    world.write_config(&format!("[projects.\"{}\"]\ntrust_level = \"trusted\"\n", folder.display()));
}

/// One app-server: the calls after its handshake, and their answers.
fn app_server(world: &World, folder: &Path, path: &str, calls: &[(&str, Value)]) -> Vec<Value> {
    let mut child = command(world, folder, &["app-server"]).env("PATH", path).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut call = |id: usize, method: &str, params: &Value| -> Value {
        writeln!(input, "{}", json!({"id": id, "method": method, "params": params})).unwrap();
        loop {
            let message: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            if message["id"] == id && message.get("method").is_none() {
                return message.get("result").unwrap_or(&message["error"]).clone();
            }
        }
    };
    call(0, "initialize", &json!({"clientInfo": {"name": "pipe-test", "version": "1"}}));
    let answers =
        calls.iter().enumerate().map(|(id, (method, params))| call(id + 1, method, params)).collect();
    drop(input);
    assert!(child.wait().unwrap().success());
    answers
}

fn calls(folder: &Path) -> [(&'static str, Value); 5] {
    [
        ("thread/start", json!({"cwd": folder})),
        ("config/read", json!({"cwd": folder})),
        ("fuzzyFileSearch", json!({"query": "a", "roots": [folder]})),
        ("gitDiff", json!({"cwd": folder})),
        ("gitDiff", json!({"cwd": folder.join("bare")})),
    ]
}

#[test]
fn the_traps_are_traps() {
    let (world, mut hostile) = world(&[]);
    assert_eq!(hostile.canaries.sprung(), [""; 0]);
    let sprung = hostile.plain_git();
    let asleep: Vec<&str> = SPRUNG.into_iter().filter(|name| !sprung.iter().any(|ran| ran == name)).collect();
    assert_eq!(asleep, [""; 0], "plain git sprang {sprung:?}");
    drop(world);
}

/// Otherwise the silence behind them would say nothing.
#[test]
fn canaries_are_heard_from_behind_the_walls() {
    let world = World::new(Script::new());
    let mut hostile = Hostile::new(world.root.path());
    let tell = hostile.canaries.tell("inside");
    let script = Script::conversation([
        says("Look.").exec_command(&format!("echo by $CODEX_SANDBOX; {tell}")),
        says("Done."),
    ]);
    let world = World::new(script);
    let outcome = world.run(&["exec", "-s", "read-only", "look around"]).success();
    let heard = hostile.canaries.sprung();
    if outcome.stderr.contains("by bwrap") {
        assert_eq!(heard, ["inside"], "{outcome:#?}");
    } else {
        // Landlock lets nobody write into the pipe. What filters say is seen in the diff itself, in core's tests.
        assert!(outcome.stderr.contains("by landlock"), "{outcome:#?}");
        eprintln!("not run: no canary can be heard from behind Landlock");
    }
}

#[test]
fn exec_opens_it_and_nothing_runs() {
    for path in PATHS {
        let (world, mut hostile) = world(&["Hello.", "Hello."]);
        for folder in [hostile.folder.clone(), hostile.folder.join("bare")] {
            let mut exec = command(&world, &folder, &["exec", "hello"]);
            exec.env("PATH", path);
            finish(exec, b"").success();
        }
        assert_eq!(hostile.canaries.sprung(), [""; 0], "{path}");
        assert!(!hostile.is_lured(), "{path}");
        assert_eq!(world.backend.model_requests().len(), 2);
    }
}

#[test]
fn the_app_server_opens_it_and_nothing_runs_before_trust() {
    for path in PATHS {
        let (world, mut hostile) = world(&[]);
        let answers = app_server(&world, &hostile.folder, path, &calls(&hostile.folder));
        assert_eq!(answers[0]["sandbox"]["type"], "readOnly", "{answers:#?}");
        for answer in &answers[3..] {
            assert_eq!(answer["diff"], "");
            assert_eq!(answer["unavailable"], "This folder is not trusted, so git is not run in it.");
        }
        assert_eq!(hostile.canaries.sprung(), [""; 0], "{path}");
        assert!(!hostile.is_lured(), "{path}");
    }
}

#[test]
fn after_trust_git_tells_what_changed_and_springs_no_trap() {
    for path in PATHS {
        let (world, mut hostile) = world(&[]);
        trust(&world, &hostile.folder);
        let answers = app_server(&world, &hostile.folder, path, &calls(&hostile.folder)[3..]);
        for answer in &answers {
            assert_eq!(answer["unavailable"], Value::Null, "{answers:#?}");
            let diff = answer["diff"].as_str().unwrap();
            for words in ["+changed", "+++ b/c.conv", "+++ b/new.txt"] {
                assert!(diff.contains(words), "no {words:?} in {diff}");
            }
        }
        assert_eq!(hostile.canaries.sprung(), [""; 0], "{path}");
        assert!(!hostile.is_lured(), "{path}");
    }
}

#[test]
fn an_object_that_is_not_there_is_not_fetched() {
    let (world, mut hostile) = world(&[]);
    let folder = hostile.partial();
    trust(&world, &folder);
    let answers = app_server(&world, &folder, PATHS[0], &[("gitDiff", json!({"cwd": folder}))]);
    let why = answers[0]["unavailable"].as_str().unwrap();
    assert!(why.starts_with("git cannot say what has changed: "), "{why}");
    assert_eq!(hostile.canaries.sprung(), [""; 0], "{why}");
    // The walls and the closed protocols would stop a fetch as well; that none was begun, git says itself.
    if knows_no_lazy_fetch() {
        assert!(why.contains("lazy fetching disabled"), "{why}");
    }
}

/// Whether this git can be told to fetch nothing by itself: since 2.45.
fn knows_no_lazy_fetch() -> bool {
    let told = Command::new("git").arg("version").output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    let mut numbers = told.split([' ', '.']).filter_map(|part| part.parse::<u32>().ok());
    (numbers.next().unwrap(), numbers.next().unwrap()) >= (2, 45)
}

/// The one thing of it that trust is asked for and that starts a program.
#[test]
fn after_trust_its_mcp_server_starts_and_nothing_else() {
    let (world, mut hostile) = world(&["Hello."]);
    trust(&world, &hostile.folder);
    finish(command(&world, &hostile.folder, &["exec", "hello"]), b"").success();
    assert_eq!(hostile.canaries.sprung(), ["mcp-server"]);
    assert!(!hostile.is_lured());
    assert_eq!(world.backend.model_requests().len(), 1);
}

#[test]
fn the_terminal_ui_opens_it_and_nothing_runs_before_trust() {
    for path in PATHS {
        let (world, mut hostile) = world(&["Hello."]);
        let mut tui = command(&world, &hostile.folder, &[]);
        let mut terminal = Terminal::open(tui.env("PATH", path), &[KEY]);
        terminal.wait_for("Do you trust this folder?");
        assert_eq!(hostile.canaries.sprung(), [""; 0], "before the answer");
        terminal.keys("2");
        terminal.wait_for("plan Plus pays");
        terminal.say("/diff");
        terminal.wait_for("This folder is not trusted, so git is not run in it.");
        terminal.say("hello");
        terminal.wait_for("Hello.");
        terminal.say("/mcp");
        terminal.wait_for("None.");
        terminal.say("/quit");
        assert_eq!(terminal.wait_for_shell(), 0, "{terminal:?}");
        assert_eq!(hostile.canaries.sprung(), [""; 0], "{path}");
        assert!(!hostile.is_lured(), "{path}");
    }
}

#[test]
fn the_terminal_ui_shows_what_changed_after_trust() {
    let (world, mut hostile) = world(&[]);
    let mut terminal = Terminal::sized(&command(&world, &hostile.folder, &[]), &[KEY], (80, 60));
    terminal.wait_for("Do you trust this folder?");
    terminal.keys("1");
    terminal.wait_for("plan Plus pays");
    terminal.say("/diff");
    terminal.wait_for("Added new.txt (+1 −0)");
    terminal.say("/quit");
    assert_eq!(terminal.wait_for_shell(), 0, "{terminal:?}");
    assert!(hostile.canaries.sprung().iter().all(|name| name == "mcp-server"));
    assert!(!hostile.is_lured());
}

#[test]
fn a_link_to_the_home_and_a_pipe_for_instructions_do_no_harm() {
    let world = World::new(Script::conversation([says("Hello."), says("Hello.")]));
    let folder = world.root.path().canonicalize().unwrap().join("linked");
    linked(&folder, &world.codex_home());
    let before = std::fs::read(world.file("config.toml")).unwrap();
    let outcome = finish(command(&world, &folder, &["exec", "hello"]), b"").success();
    assert!(outcome.stderr.contains("it is not a regular file"), "{outcome:#?}");
    assert_eq!(std::fs::read(world.file("config.toml")).unwrap(), before);
    trust(&world, &folder);
    let answers = app_server(&world, &folder, PATHS[0], &[("gitDiff", json!({"cwd": folder}))]);
    let diff = answers[0]["diff"].as_str().unwrap();
    assert!(diff.contains("new file mode 120000") && !diff.contains("AGENTS.md"), "{answers:#?}");
}
