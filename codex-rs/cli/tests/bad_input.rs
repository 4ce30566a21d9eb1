//! Everything that can be wrong before a turn: one clear sentence, the right exit code, files untouched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{Door, Reply, Script};
use support::{KEY, World, finish, says};

/// Runs `exec` and `login status` over a damaged file and asks for the same sentence and the same bytes.
#[track_caller]
fn damaged(world: &World, name: &str, bytes: &[u8], words: &str) {
    let path = world.file(name);
    std::fs::write(&path, bytes).unwrap();
    for arguments in [&["exec", "hello"][..], &["login", "status"], &["fallback", "status"], &["logout"]] {
        let outcome = world.run(arguments).failure(1, words);
        assert!(outcome.stderr.contains(name), "{name} is not named: {outcome:#?}");
        assert!(!outcome.stderr.contains("secret-content"), "{outcome:#?}");
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "{arguments:?} touched {name}");
    }
    world.run_with(&["login", "--with-fallback-api-key"], KEY).failure(1, words);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    assert!(world.backend.model_requests().is_empty());
}

#[test]
fn auth_json() {
    let huge = vec![b' '; 8 << 20];
    for (bytes, words) in [
        (&b""[..], "is empty"),
        (b"{\"tokens\": {\"id_token\": \"secret-content", "line 1"),
        (b"secret-content", "line 1"),
        (b"[1, 2]", "auth.json"),
        (b"{\"tokens\": 7}", "auth.json"),
        (b"{\"auth_mode\": \"secret-content\"}", "auth.json"),
        (b"\xff\xfe\x00", "auth.json"),
        (&huge, "auth.json"),
    ] {
        damaged(&World::new(Script::new()), "auth.json", bytes, words);
    }
}

#[test]
fn config_toml() {
    let huge = vec![b'#'; 8 << 20];
    for (bytes, words) in [
        (&b"model = \"secret-content"[..], "not valid TOML"),
        (b"model = 7", "`model` must be"),
        (b"[fallback]\nmode = \"secret-content\"", "`fallback.mode` must be"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (&huge, "config.toml"),
    ] {
        damaged(&World::new(Script::new()), "config.toml", bytes, words);
    }
}

#[test]
fn a_folder_in_the_place_of_a_file() {
    for name in ["auth.json", "config.toml"] {
        let world = World::new(Script::new());
        std::fs::remove_file(world.file(name)).unwrap();
        std::fs::create_dir(world.file(name)).unwrap();
        for arguments in [&["exec", "hello"][..], &["login", "status"]] {
            world.run(arguments).failure(1, name);
        }
    }
}

#[cfg(unix)]
#[test]
fn files_of_another_person() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    let world = World::new(Script::new());
    for folder in [world.root.path().to_path_buf(), world.codex_home(), world.work()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // Another person can start only a program that everybody can reach.
    let program = world.root.path().join("codex");
    // By a process of its own: a test that starts a child meanwhile would hand it a copy still open for writing
    // here, and the system starts no program that is being written ("text file busy").
    let copied = std::process::Command::new("cp").arg(env!("CARGO_BIN_EXE_codex")).arg(&program).status();
    assert!(copied.unwrap().success());
    for name in ["auth.json", "config.toml"] {
        let path = world.file(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        for arguments in [&["login", "status"][..], &["exec", "hello"]] {
            let ours = world.command(arguments);
            let mut command = std::process::Command::new(&program);
            command.args(arguments).env_clear().uid(65_534).gid(65_534).current_dir(world.work());
            command.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
            command.stdin(std::process::Stdio::piped());
            command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
            match command.spawn() {
                // Only root may become somebody else.
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => return,
                Err(error) => panic!("{error}"),
                Ok(mut child) => drop(child.kill().and_then(|()| child.wait())),
            }
            finish(command, b"").failure(1, name);
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
}

#[test]
fn instructions_that_cannot_be_read_are_a_warning() {
    for bytes in [&b"\xff\xfe\x00"[..], &vec![b'x'; 4 << 20]] {
        let world = World::new(Script::conversation([says("Fine.")]));
        std::fs::write(world.work().join("AGENTS.md"), bytes).unwrap();
        let outcome = world.run(&["exec", "hello"]).success();
        assert_eq!(outcome.stdout, "Fine.\n");
        assert!(outcome.stderr.contains("AGENTS.md"), "{outcome:#?}");
    }
    let world = World::new(Script::conversation([says("Fine.")]));
    std::fs::create_dir(world.work().join("AGENTS.md")).unwrap();
    world.run(&["exec", "hello"]).success();
}

#[test]
fn settings_that_are_ignored_are_told_and_stop_nothing() {
    let world = World::new(Script::conversation([says("Fine."), says("Fine.")]));
    world.write_config("no_such_setting = 1");
    let outcome = world.run(&["exec", "hello"]).success();
    assert!(outcome.stderr.contains("no_such_setting"), "{outcome:#?}");
    let events = world.run(&["exec", "--json", "hello"]).success().events();
    assert!(world.run(&["fallback", "status"]).success().stderr.contains("no_such_setting"));
    let warning = events.iter().find(|event| event["item"]["type"] == "error").unwrap();
    assert!(warning["item"]["message"].as_str().unwrap().contains("no_such_setting"));
}

#[test]
fn nobody_signed_in() {
    let world = World::new(Script::new());
    std::fs::remove_file(world.file("auth.json")).unwrap();
    let outcome = world.run(&["exec", "hello"]).failure(1, "not signed in");
    assert!(outcome.stderr.contains("hint: "), "{outcome:#?}");
    assert!(world.backend.requests().is_empty(), "nothing was sent");
    let nowhere = world.root.path().join("nowhere");
    let mut command = world.command(&["exec", "hello"]);
    command.env("CODEX_HOME", &nowhere);
    finish(command, b"").failure(1, "not signed in");
    assert!(!nowhere.exists(), "made only when something is written");
}

#[test]
fn the_folder() {
    let world = World::new(Script::new());
    std::fs::remove_dir(world.work().join(".git")).unwrap();
    world.run(&["exec", "hello"]).failure(1, "--skip-git-repo-check");
    world.run(&["exec", "-C", "nowhere", "hello"]).failure(1, "nowhere");
    world
        .run(&["exec", "--dangerously-bypass-approvals-and-sandbox", "hello"])
        .failure(1, "--skip-git-repo-check");
    world.run(&["exec", "--skip-git-repo-check", "hello"]).success();
    let trusted =
        format!("projects.\"{}\".trust_level=trusted", world.work().canonicalize().unwrap().display());
    world.run(&["exec", "-c", &trusted, "hello"]).success();
    let file = world.root.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let mut command = world.command(&["login", "status"]);
    command.env("CODEX_HOME", &file);
    finish(command, b"").failure(1, "is not a folder");
    let mut command = world.command(&["login", "status"]);
    command.env_remove("CODEX_HOME").env("HOME", world.root.path());
    let outcome = finish(command, b"");
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(1), "Not signed in.\n"));
    assert!(!world.root.path().join(".codex").exists(), "reading makes nothing");
}

#[test]
fn the_prompt() {
    let world = World::new(Script::new());
    world.run(&["exec"]).failure(1, "no prompt");
    world.run_with(&["exec", "-"], [0xff, 0xfe]).failure(1, "UTF-8");
    world.run_with(&["exec", "-"], "x".repeat((1 << 20) + 1)).failure(1, "larger than");
    world.run(&["exec", "-o", "nowhere/out.txt", "hello"]).failure(1, "does not exist");
    world.run(&["exec", "-o", ".", "hello"]).failure(1, "a folder is there");
    world.run(&["exec", "--output-schema", "nowhere.json", "hello"]).failure(1, "does not exist");
    std::fs::write(world.work().join("schema.json"), "{").unwrap();
    world.run(&["exec", "--output-schema", "schema.json", "hello"]).failure(1, "is not JSON");
    world.run(&["exec", "-c", "nonsense", "hello"]).failure(1, "key=value");
    assert_eq!(world.run(&["exec", "--no-such-flag"]).code, Some(2));
    assert!(world.backend.requests().is_empty());
}

#[test]
fn a_backend_that_is_down_or_talks_nonsense() {
    let world = World::new(Script::new());
    // Reserved and never listened to.
    let arguments = ["exec", "-c", "chatgpt_base_url=\"http://127.0.0.1:9/backend-api/\"", "hello"];
    world.run(&arguments).failure(1, "127.0.0.1:9");
    for reply in [
        Reply::html_page(),
        Reply::raw("\x00\x01 not http at all"),
        Reply::status(500, "<html>"),
        Reply::status(200, "data: {\"type\":\"resp"),
        Reply::status(418, "teapot"),
    ] {
        let world = World::new(Script::new().at(Door::PlanResponses, reply.clone()).otherwise(reply));
        let before = std::fs::read(world.file("auth.json")).unwrap();
        world.run(&["exec", "hello"]).failure(1, "");
        assert_eq!(std::fs::read(world.file("auth.json")).unwrap(), before);
    }
}

#[test]
fn a_key_among_the_arguments_is_not_repeated() {
    let world = World::new(Script::new());
    for arguments in [&["login", "--with-fallback-api-key", KEY][..], &["login", KEY], &[KEY]] {
        let outcome = world.run(arguments);
        assert_eq!(outcome.code, Some(2), "{outcome:#?}");
        assert!(outcome.stderr.contains("an argument holds a key"), "{outcome:#?}");
        assert!(!format!("{outcome:?}").contains(KEY));
    }
}

#[test]
fn a_refused_key_is_answered_with_the_command_that_was_typed() {
    let world = World::new(Script::new());
    for option in ["--with-api-key", "--with-fallback-api-key"] {
        let outcome = world.run_with(&["login", option], "two words").failure(1, "nothing was stored");
        assert!(outcome.stderr.contains(&format!("hint: codex login {option} < key.txt")), "{outcome:#?}");
    }
}

#[test]
fn a_key_that_cannot_be_checked_is_kept_but_its_test_is_no_success() {
    let world = World::new(Script::new());
    // Reserved and never listened to.
    let nowhere = ["-c", "fallback.base_url=\"http://127.0.0.1:9/v1\""];
    let outcome =
        world.run_with(&["login", "--with-fallback-api-key", nowhere[0], nowhere[1]], KEY).success();
    assert!(outcome.stderr.contains("could not be checked: the API cannot be reached."), "{outcome:#?}");
    assert!(outcome.stderr.contains("It is kept"), "{outcome:#?}");
    let outcome = world.run(&["fallback", "test", nowhere[0], nowhere[1]]).failure(1, "cannot be reached");
    assert!(outcome.stderr.contains("--paid"), "{outcome:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_cannot_be_written_to_its_file_is_still_printed() {
    let world = World::new(Script::conversation([says("Fine.")]));
    let outcome = world.run(&["exec", "-o", "/dev/full", "hello"]).failure(1, "/dev/full");
    assert_eq!(outcome.stdout, "Fine.\n");
}
