//! Commands through the public door: order of output, exits, and that nothing of a group outlives it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::path::PathBuf;
use std::sync::Arc;

use codex_sandbox::{
    Choice, CommandSpec, Event, Exit, Mechanism, Network, Policy, Running, Sandbox, SandboxError,
    SandboxOptions,
};

fn shell(script: &str) -> CommandSpec {
    CommandSpec {
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        cwd: PathBuf::from("/"),
        environment: vec![("PATH".into(), "/usr/bin:/bin".into()), ("ONLY".into(), "this".into())],
        policy: Arc::new(Policy::full()),
    }
}

/// No mechanism of this choice exists anywhere where tests run.
fn spawn(spec: &CommandSpec) -> Result<Running, SandboxError> {
    let sandbox = Sandbox::new(SandboxOptions {
        search_path: Vec::new(),
        temporary: PathBuf::from("/tmp"),
        mechanism: Choice::Only(if cfg!(target_os = "macos") {
            Mechanism::Landlock
        } else {
            Mechanism::Seatbelt
        }),
    });
    sandbox.spawn(spec)
}

async fn to_the_end(running: &mut Running) -> (String, Exit) {
    let mut output = Vec::new();
    loop {
        match running.next().await.unwrap() {
            Event::Output(piece) => output.extend(piece),
            Event::Ended(exit) => return (String::from_utf8(output).unwrap(), exit),
        }
    }
}

/// Reads until the output holds `count` lines.
async fn lines(running: &mut Running, count: usize) -> Vec<String> {
    let mut output = String::new();
    while output.lines().count() < count || !output.ends_with('\n') {
        match running.next().await.unwrap() {
            Event::Output(piece) => output.push_str(&String::from_utf8(piece).unwrap()),
            Event::Ended(exit) => panic!("ended with {exit:?} after {output:?}"),
        }
    }
    output.lines().map(str::to_owned).collect()
}

/// Whether the process runs; one that only waits to be reaped does not.
fn runs(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return false };
    let state = stat.rsplit(')').next().unwrap().trim_start().chars().next();
    !matches!(state, Some('Z' | 'X'))
}

#[tokio::test]
async fn output_and_exit() {
    for (script, output, exit) in [
        ("echo one; echo two >&2; echo three; echo four >&2", "one\ntwo\nthree\nfour\n", Exit::Code(0)),
        ("exit 3", "", Exit::Code(3)),
        ("printf x; kill -9 $$", "x", Exit::Signal(9)),
        (
            "env | grep -v -e ^PWD -e ^SHLVL -e ^_= -e ^OLDPWD",
            "PATH=/usr/bin:/bin\nONLY=this\n",
            Exit::Code(0),
        ),
        ("cat; echo read", "read\n", Exit::Code(0)),
        ("ps -o sid= -p $$ | tr -d ' ' | grep -qx $$ && echo leads", "leads\n", Exit::Code(0)),
        ("(echo late) 2>&1 & wait; echo done", "late\ndone\n", Exit::Code(0)),
    ] {
        let mut running = spawn(&shell(script)).unwrap();
        assert_eq!(to_the_end(&mut running).await, (output.to_owned(), exit), "{script}");
        assert_eq!(running.next().await.unwrap(), Event::Ended(exit));
    }
}

#[tokio::test]
async fn a_flood_comes_whole() {
    let mut running = spawn(&shell("head -c 3000000 /dev/zero | tr '\\0' a")).unwrap();
    let (output, exit) = to_the_end(&mut running).await;
    assert_eq!((output.len(), exit), (3_000_000, Exit::Code(0)));
}

#[tokio::test]
async fn what_is_left_in_the_background_ends_with_the_command() {
    let mut running = spawn(&shell("sleep 1000 & echo $!")).unwrap();
    let (output, exit) = to_the_end(&mut running).await;
    assert_eq!(exit, Exit::Code(0));
    assert!(!runs(output.trim()), "{output}");
}

#[tokio::test]
async fn terminate_asks_first_and_output_still_comes() {
    let script = "trap 'echo bye; exit 7' TERM; echo ready; while :; do :; done";
    let mut running = spawn(&shell(script)).unwrap();
    assert_eq!(lines(&mut running, 1).await, ["ready"]);
    running.terminate();
    assert_eq!(to_the_end(&mut running).await, ("bye\n".to_owned(), Exit::Code(7)));
}

#[tokio::test]
async fn who_does_not_listen_is_killed_with_the_children() {
    let script = "trap '' TERM; sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.01; done' & \
                  while :; do sleep 0.01; done";
    let mut running = spawn(&shell(script)).unwrap();
    let child = lines(&mut running, 1).await.remove(0);
    running.terminate();
    let (_, exit) = to_the_end(&mut running).await;
    assert_eq!(exit, Exit::Signal(9));
    assert!(!runs(&child));
    assert!(!runs(&running.process_id().to_string()));
}

#[tokio::test]
async fn a_flood_does_not_save_who_does_not_listen() {
    for script in ["trap '' TERM; exec yes", "trap '' TERM; yes & sleep 0.05"] {
        let mut running = spawn(&shell(script)).unwrap();
        running.next().await.unwrap();
        running.terminate();
        let ended = async { while !matches!(running.next().await.unwrap(), Event::Ended(_)) {} };
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), ended).await;
        assert!(waited.is_ok(), "{script}: it was not killed");
    }
}

#[tokio::test]
async fn dropping_ends_the_group() {
    let mut running = spawn(&shell("sleep 1000 & echo $!; wait")).unwrap();
    let child = lines(&mut running, 1).await.remove(0);
    let leader = running.process_id().to_string();
    drop(running);
    while runs(&child) || runs(&leader) {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let missing = CommandSpec { argv: vec!["/nowhere/at-all".into()], ..shell("") };
    let empty = CommandSpec { argv: Vec::new(), ..shell("") };
    let policy = Arc::new(Policy::read_only(Network::Closed, &[]));
    let unwalled = CommandSpec { policy, ..shell("echo hi") };
    for (spec, text) in [
        (missing, "The program `/nowhere/at-all` cannot be started: No such file or directory (os error 2)."),
        (empty, "The command is empty; name a program."),
        (unwalled, "No sandbox works on this machine, so nothing was run ("),
    ] {
        let error: SandboxError = spawn(&spec).unwrap_err();
        assert!(error.to_string().starts_with(text), "{error}");
    }
}
