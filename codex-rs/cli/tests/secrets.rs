//! After a whole story the key stands in two files and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use codex_fake_backend::{KeyState, LimitVariant, Reply, Script};
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
