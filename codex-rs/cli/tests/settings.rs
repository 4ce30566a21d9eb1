//! Settings on the command line: strict reading, options that are settings, trust that is written down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::Script;
use support::{World, says};

fn world() -> World {
    World::new(Script::new())
}

#[test]
fn strict_reading_names_file_line_column_and_the_nearest_key() {
    let world = world();
    std::fs::write(world.file("config.toml"), "# mine\n  aproval_policy = \"never\"\n").unwrap();
    for arguments in [
        &["exec", "--strict-config", "hello"][..],
        &["--strict-config", "exec", "hello"],
        &["login", "status", "--strict-config"],
        &["app-server", "--strict-config"],
    ] {
        let outcome = world.run(arguments).failure(1, "config.toml, line 2, column 3: `aproval_policy`");
        assert!(outcome.stderr.contains("did you mean `approval_policy`?"), "{outcome:#?}");
    }
    assert!(world.backend.model_requests().is_empty());
    let outcome = world.run(&["exec", "--strict-config", "-c", "modle=x", "--ignore-user-config", "hello"]);
    outcome.failure(1, "the option -c: `modle` is not a known setting; did you mean `model`?");
}

#[test]
fn options_that_cannot_be_are_refused() {
    let world = world();
    for (arguments, code, words) in [
        (&["exec", "--add-dir", "absent", "hello"][..], 1, "--add-dir absent cannot be used"),
        (&["exec", "--add-dir", "../codex-home/config.toml", "hello"], 1, "it is not a folder"),
        (&["exec", "-s", "loose", "hello"], 2, "invalid value 'loose'"),
        (
            &["exec", "-s", "read-only", "--dangerously-bypass-approvals-and-sandbox", "x"],
            2,
            "cannot be used with",
        ),
        (&["exec", "-a", "never", "hello"], 2, "unexpected argument '-a'"),
        (&["-a", "sometimes"], 2, "invalid value 'sometimes'"),
        (&["-a", "never", "--dangerously-bypass-approvals-and-sandbox"], 2, "cannot be used with"),
    ] {
        world.run(arguments).failure(code, words);
    }
    assert!(world.backend.model_requests().is_empty());
}

#[test]
fn trust_is_written_down_unless_the_person_said_otherwise() {
    let world = world();
    let plain = world.root.path().join("plain");
    std::fs::create_dir_all(plain.join(".codex")).unwrap();
    std::fs::write(plain.join(".codex/config.toml"), "model_verbosity = 'canary'").unwrap();
    let folder = plain.canonicalize().unwrap().display().to_string();
    let exec = |more: &[&str]| {
        let arguments: Vec<&str> = ["exec", "-C", &folder].iter().chain(more).copied().collect();
        world.run(&arguments)
    };
    exec(&["hello"]).failure(1, "is not inside a git repository");
    // The project's settings are read now, and what is wrong in them is told.
    exec(&["--trust", "hello"]).failure(1, "`model_verbosity` must be one of");
    let written = std::fs::read_to_string(world.file("config.toml")).unwrap();
    assert!(written.contains(&format!("[projects.\"{folder}\"]\ntrust_level = \"trusted\"\n")), "{written}");
    exec(&["hello"]).failure(1, "`model_verbosity` must be one of");

    let untrusted = written.replace("\"trusted\"", "\"untrusted\"");
    std::fs::write(world.file("config.toml"), &untrusted).unwrap();
    exec(&["--trust", "hello"]).failure(1, "as untrusted");
    assert_eq!(std::fs::read_to_string(world.file("config.toml")).unwrap(), untrusted);
}

#[test]
fn options_about_commands_reach_the_model_and_the_walls() {
    let world = world();
    let extra = world.root.path().join("extra");
    std::fs::create_dir(&extra).unwrap();
    let extra = extra.canonicalize().unwrap().display().to_string();
    for (arguments, sandbox) in [
        (&[][..], "read-only"),
        (&["-s", "read-only"], "read-only"),
        (&["-s", "workspace-write", "--add-dir", &extra], "workspace-write"),
        (&["-s", "danger-full-access"], "danger-full-access"),
        (&["-c", "sandbox_mode=workspace-write"], "workspace-write"),
        (&["--dangerously-bypass-approvals-and-sandbox"], "danger-full-access"),
    ] {
        let all: Vec<&str> = ["exec"].iter().chain(arguments).chain(&["hello"]).copied().collect();
        let outcome = world.run(&all).success();
        let request = world.backend.model_requests().pop().unwrap();
        let context = request.user_texts().remove(0);
        let wanted = format!("<sandbox_mode>{sandbox}</sandbox_mode>");
        assert!(context.contains(&wanted), "{arguments:?}: {context}");
        assert!(context.contains("<approval_policy>never</approval_policy>"), "{arguments:?}: {context}");
        let introduced = match sandbox {
            "read-only" => "commands may read, and write nothing",
            "workspace-write" if arguments.contains(&"--add-dir") => {
                "commands may write in this folder and one more"
            }
            "workspace-write" => "commands may write in this folder",
            _ => "commands run with full access",
        };
        assert!(outcome.stderr.contains(introduced), "{arguments:?}: {outcome:#?}");
    }
}

#[test]
fn a_folder_of_add_dir_is_writable_and_its_neighbour_is_not() {
    let line = "echo a > ../extra/in/a; echo b > ../other/in/b; echo c > in/c";
    let script = [says("Writing.").exec_command(line), says("Done.")];
    let world = World::new(Script::conversation(script));
    // Under Landlock nothing new can be made directly in a root, only deeper.
    for name in ["extra/in", "other/in", "work/in"] {
        std::fs::create_dir_all(world.root.path().join(name)).unwrap();
    }
    // The world lies in /tmp.
    let narrow = ["-c", "sandbox_workspace_write.exclude_slash_tmp=true"];
    let options = ["exec", "-s", "workspace-write", "--add-dir", "../extra", "write"];
    let arguments: Vec<&str> = options[..5].iter().chain(&narrow).chain(&options[5..]).copied().collect();
    world.run(&arguments).success();
    let is_there = |path: &str| world.root.path().join(path).exists();
    assert_eq!(
        [is_there("extra/in/a"), is_there("work/in/c"), is_there("other/in/b")],
        [true, true, false],
        "{:?}",
        world.backend.model_requests().pop().map(|request| request.input().last().cloned())
    );
}
