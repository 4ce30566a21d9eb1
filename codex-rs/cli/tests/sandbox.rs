//! `codex sandbox` through the binary: what gets through the walls, what does not, what is passed on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::Script;
use support::{KEY, Outcome, World, finish};

/// Under each mechanism that this machine has; one is asked for by its name.
fn each(world: &World, arguments: &[&str], check: impl Fn(&Outcome)) {
    let mut tried = 0;
    for mechanism in ["bwrap", "landlock", "seatbelt"] {
        let named = [&["sandbox", "--mechanism", mechanism], arguments].concat();
        let outcome = world.run(&named);
        if outcome.stderr.contains("No sandbox works") {
            outcome.failure(1, mechanism_words(mechanism));
            continue;
        }
        check(&outcome);
        tried += 1;
    }
    assert!(tried > 0, "no mechanism works here");
}

fn mechanism_words(mechanism: &str) -> &'static str {
    match mechanism {
        "bwrap" => "bubblewrap",
        "landlock" => "Landlock",
        _ => "",
    }
}

#[test]
fn files_are_read_and_credentials_are_not() {
    let world = World::new(Script::new());
    std::fs::write(world.work().join("file"), "here").unwrap();
    let auth = world.file("auth.json");
    each(&world, &["--", "cat", "file"], |outcome| assert_eq!(outcome.stdout, "here", "{outcome:?}"));
    each(&world, &["cat", auth.to_str().unwrap()], |outcome| {
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{outcome:?}");
    });
}

#[test]
fn credentials_that_a_link_leads_to_are_not_read_either() {
    let world = World::new(Script::new());
    let (auth, elsewhere) = (world.file("auth.json"), world.root.path().join("elsewhere"));
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::rename(&auth, elsewhere.join("auth.json")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("auth.json"), &auth).unwrap();
    for path in [auth, elsewhere.join("auth.json")] {
        each(&world, &["cat", path.to_str().unwrap()], |outcome| {
            assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(1), ""), "{outcome:?}");
        });
    }
}

#[test]
fn the_settings_and_the_arguments_say_what_is_writable() {
    let world = World::new(Script::new());
    // Under Landlock nothing new can be made directly in a root, only deeper.
    for folder in ["work/src", "other/in", "outside/in"] {
        std::fs::create_dir_all(world.root.path().join(folder)).unwrap();
    }
    let script = "for f in src ../other/in ../outside/in .git; do { echo x > $f/new; } 2>/dev/null && echo $f; done; true";
    let shell = ["--", "/bin/sh", "-c", script];
    // The world lies in the folder for temporary files, which is writable unless the settings say something else.
    let alone = ["-c", "sandbox_workspace_write={exclude_slash_tmp=true,exclude_tmpdir_env_var=true}"];
    let check = |arguments: &[&str], expected: &str| {
        let arguments = [&alone, arguments, &shell].concat();
        each(&world, &arguments, |outcome| assert_eq!(outcome.stdout, expected, "{arguments:?} {outcome:?}"));
    };
    check(&[], "");
    check(&["-s", "workspace-write"], "src\n");
    check(&["-s", "workspace-write", "--add-dir", "../other"], "src\n../other/in\n");
    world.write_config("sandbox_mode = \"workspace-write\"");
    check(&[], "src\n");
    check(&["-s", "read-only"], "");
    check(&["-s", "danger-full-access"], "src\n../other/in\n../outside/in\n.git\n");
}

#[test]
fn input_outputs_and_the_end_are_passed_on() {
    let world = World::new(Script::new());
    for (script, code) in [("cat; echo err >&2; exit 7", 7), ("cat; echo err >&2; kill -9 $$", 137)] {
        for mechanism in ["bwrap", "landlock"] {
            let outcome =
                world.run_with(&["sandbox", "--mechanism", mechanism, "sh", "-c", script], "typed\n");
            if !outcome.stderr.contains("No sandbox works") {
                let Outcome { stdout, stderr, .. } = &outcome;
                assert_eq!((stdout.as_str(), stderr.as_str()), ("typed\n", "err\n"), "{mechanism}");
                assert_eq!(outcome.code, Some(code), "{mechanism} {script}");
            }
        }
    }
}

#[test]
fn keys_are_taken_out_of_the_environment() {
    let world = World::new(Script::new());
    world.store_key();
    for mode in ["read-only", "danger-full-access"] {
        let mut command = world.command(&["sandbox", "-s", mode, "env"]);
        command.env("CODEX_API_KEY", "anything").env("MINE", format!("a{KEY}b")).env("KEPT", "as it is");
        let outcome = finish(command, b"").success();
        assert!(outcome.stdout.contains("KEPT=as it is"), "{outcome:?}");
        assert!(
            !outcome.stdout.contains("CODEX_API_KEY") && !outcome.stdout.contains("MINE="),
            "{outcome:?}"
        );
        let told = outcome.stdout.contains("CODEX_SANDBOX_NETWORK_DISABLED=1");
        assert_eq!(told, mode == "read-only", "{outcome:?}");
    }
}

#[test]
fn what_cannot_be_run_is_said() {
    let world = World::new(Script::new());
    world
        .run(&["sandbox", "-s", "danger-full-access", "no-such-program-here"])
        .failure(1, "no-such-program-here");
    for program in ["no-such-program-here", "./no-such-program", "/no/such/program"] {
        each(&world, &["--", program], |outcome| {
            assert_eq!(outcome.code, Some(1), "{outcome:?}");
            let words = format!("The program `{program}` cannot be started: ");
            assert!(outcome.stderr.contains(&words), "{outcome:?}");
        });
    }
    world.run(&["sandbox", "-C", "missing", "true"]).failure(1, "missing");
    let mut command = world.command(&["sandbox", "true"]);
    command.current_dir(world.codex_home());
    finish(command, b"").failure(1, "is hidden in the sandbox");
}
