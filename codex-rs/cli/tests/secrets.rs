//! After a whole story the key stands in two files and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::process::Stdio;

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

/// With `CODEX_API_KEY` nobody is signed in by the stores, and yet what they hold is no business of a command's; nor are
/// the keys of other accounts, whoever is signed in.
#[test]
fn everything_stored_is_kept_from_commands_whatever_pays() {
    const STORED: &str = "stored-5c2e-of-no-known-shape";
    const OF_ANOTHER_ACCOUNT: &str = "mirrored-77aa-of-no-known-shape";
    let look = || says("Looking.").exec_command("env > seen");
    let script = [look(), says("Done."), look(), says("Done."), says("Again.")];
    let world = World::new(Script::conversation(script));
    let mut auth = world.auth();
    auth["fallback_openai_api_key"] = STORED.into();
    std::fs::write(world.file("auth.json"), auth.to_string()).unwrap();
    let mirror = world.file("fallback-keys.json");
    let other = json!({"acct-of-somebody-else": OF_ANOTHER_ACCOUNT}).to_string();
    codex_durable_fs::write_private(&mirror, other.as_bytes()).unwrap();
    let token = auth["tokens"]["refresh_token"].as_str().unwrap();
    let run = |paid_by: Option<&str>| {
        let mut command = world.command(&["exec", "--dangerously-bypass-approvals-and-sandbox", "look"]);
        command.envs(paid_by.map(|key| ("CODEX_API_KEY", key)));
        for (index, secret) in [STORED, OF_ANOTHER_ACCOUNT, token].iter().enumerate() {
            command.env(format!("HOLDS_{index}"), format!("user:{secret}@host"));
        }
        finish(command, b"").success();
        let seen = std::fs::read_to_string(world.work().join("seen")).unwrap();
        assert!(seen.contains("PATH="), "{seen}");
        assert!(!seen.contains("HOLDS_"), "{paid_by:?}: {seen}");
    };
    run(None);
    world.write_config(&format!("openai_base_url = {:?}\n", world.backend.platform_base_url()));
    run(Some(KEY));
    // A store that cannot be read stops nobody who is not signed in by it.
    std::fs::write(&mirror, "damaged").unwrap();
    std::fs::write(world.file("auth.json"), "damaged").unwrap();
    let mut command = world.command(&["exec", "again"]);
    command.env("CODEX_API_KEY", KEY);
    finish(command, b"").success();
}

/// A command without walls runs as the person, like this program: memory and environment of ours, where keys are, are
/// closed to it all the same.
#[cfg(target_os = "linux")]
#[test]
fn memory_and_environment_of_the_program_are_closed_to_commands_without_walls() {
    const HANDED_IN: &str = "handed-in-91b0-of-no-known-shape";
    let look = "cat /proc/$PPID/environ > environ; echo $? > codes; \
                head -c 1 /proc/$PPID/mem 2>&1 | grep -c denied >> codes; cat /proc/self/environ > own; \
                cat /proc/$$/maps > /dev/null; echo $? >> codes";
    let script = [says("Looking.").exec_command(look), says("Done.")];
    let world = World::new(Script::conversation(script));
    let command = world.command(&["exec", "--dangerously-bypass-approvals-and-sandbox", "look"]);
    // Root may look at every process, unless the powers for that are taken from it.
    let mut command = if rustix::process::geteuid().is_root() {
        let mut weaker = std::process::Command::new("setpriv");
        weaker
            .args(["--bounding-set", "-sys_ptrace,-perfmon,-sys_admin"])
            .arg(command.get_program())
            .args(command.get_args());
        weaker.env_clear().current_dir(world.work());
        weaker.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        weaker.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        weaker
    } else {
        command
    };
    command.env("OPENAI_API_KEY", HANDED_IN);
    finish(command, b"").success();
    let read = |name: &str| std::fs::read_to_string(world.work().join(name)).unwrap();
    assert!(!read("environ").contains(HANDED_IN), "the environment was read");
    assert!(read("own").contains("PATH="), "a command's own is not closed to it");
    assert_eq!(read("codes"), "1\n1\n0\n", "our environment and memory are closed, a command's own are not");
}
