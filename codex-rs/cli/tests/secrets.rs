//! After a whole story the key stands in two files and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{KeyState, LimitVariant, Reply, Script};
use serde_json::json;
use support::{KEY, Outcome, World, files, finish, says};

#[test]
fn the_key_is_nowhere_but_in_its_two_places() {
    let script = [
        says("Looking around.")
            .exec_command("env; set; cat /proc/self/environ /proc/$PPID/cmdline | tr '\\0' '\\n'"),
        says("Done."),
        Reply::text("Again."),
    ];
    let world = World::limited(Script::conversation(script), 1, LimitVariant::UsageLimitPremium);
    let mut story: Vec<Outcome> = Vec::new();
    story.push(world.run_with(&["login", "--with-fallback-api-key"], KEY).success());
    let free = "--dangerously-bypass-approvals-and-sandbox";
    let mut exec = world.command(&["exec", free, "--json", "-o", "out.txt", "look"]);
    exec.env("OPENAI_API_KEY", KEY).env("MY_COPY", KEY);
    story.push(finish(exec, b"").success());
    assert!(story[1].stdout.contains("fallback.updated"), "{:#?}", story[1]);
    story.push(world.run(&["exec", "again"]).success());
    story.push(world.run(&["login", "status"]).success());
    story.push(world.run(&["fallback", "status"]).success());
    story.push(world.run(&["fallback", "test", "--paid"]).success());
    world.backend.set_key_state(KEY, KeyState::Revoked);
    story.push(world.run(&["exec", "refused"]).failure(1, "refused"));
    story.push(world.run(&["fallback", "test"]).failure(1, "refuses"));
    for outcome in &story {
        for text in [&outcome.stdout, &outcome.stderr] {
            assert!(!text.contains(KEY), "printed: {text}");
        }
    }
    let holders: Vec<_> = files(world.root.path())
        .into_iter()
        .filter(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(KEY))
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(holders, ["auth.json", "fallback-keys.json"]);
    let verdict = world.backend.verdict();
    assert!(verdict.leaked.is_empty(), "{verdict:#?}");
}

/// Bar 19: whatever the program starts, and whatever the settings say, no credential of ours is handed over.
#[test]
fn no_child_of_any_kind_is_given_a_credential() {
    // A key of no known shape, as a proxy's may be; and tokens of the sign-in under names of the person's own.
    const CANARY: &str = "canary-4b1f-of-no-known-shape";
    let look = "env; cat /proc/self/environ /proc/self/cmdline | tr '\\0' '\\n'";
    let spy = |name: &str| format!("{{ {look}; }} > ../seen-by-{name}");
    let script = [
        says("Behind walls.").exec_command(&format!("{look} > ./in/seen-by-walled")),
        says("In a terminal.").call(
            "exec_command",
            &json!({"cmd": format!("{look} | tee ./in/seen-by-terminal"), "tty": true}),
        ),
        says("Done."),
        says("Without walls.").exec_command(&spy("free")),
        says("Done."),
    ];
    let world = World::new(Script::conversation(script));
    // Under Landlock nothing new can be made directly in the working folder, only deeper.
    std::fs::create_dir(world.work().join("in")).unwrap();
    world.store_key();
    let auth = world.auth();
    let tokens: Vec<String> = ["access_token", "refresh_token", "id_token"]
        .iter()
        .map(|name| auth["tokens"][name].as_str().unwrap().to_owned())
        .collect();
    let mut settings = format!(
        "[shell_environment_policy.set]\nSET_BY_HAND = \"{KEY}\"\nOPENAI_API_KEY = \"{CANARY}\"\nHARMLESS = \"is-set\"\n\
         [mcp_servers.spy]\ncommand = \"/bin/sh\"\nargs = [\"-c\", {:?}]\nenv_vars = [\"OPENAI_API_KEY\", \"COPY\", \"ANY_NAME\", \"TOKEN_0\"]\n",
        spy("mcp")
    );
    settings.push_str("startup_timeout_sec = 5\n");
    world.write_config(&settings);
    for walls in [
        &["exec", "-s", "workspace-write", "look"][..],
        &["exec", "--dangerously-bypass-approvals-and-sandbox", "look"],
    ] {
        let mut command = world.command(walls);
        command.env("OPENAI_API_KEY", CANARY).env("COPY", format!("Bearer {CANARY}")).env("ANY_NAME", KEY);
        for (index, token) in tokens.iter().enumerate() {
            command.env(format!("TOKEN_{index}"), token);
        }
        finish(command, b"").success();
    }
    for (name, folder) in [
        ("walled", world.work().join("in")),
        ("terminal", world.work().join("in")),
        ("free", world.root.path().into()),
        ("mcp", world.root.path().into()),
    ] {
        let seen = std::fs::read_to_string(folder.join(format!("seen-by-{name}"))).unwrap();
        assert!(seen.contains("PATH="), "{name} saw nothing");
        assert_eq!(seen.contains("HARMLESS=is-set"), name != "mcp", "{name}: {seen}");
        for secret in tokens.iter().map(String::as_str).chain([KEY, CANARY]) {
            // A command line names what the model wrote, which holds none of them either.
            assert!(!seen.contains(secret), "{name} was given {secret}: {seen}");
        }
    }
    let verdict = world.backend.verdict();
    assert!(verdict.leaked.is_empty(), "{verdict:#?}");
}
