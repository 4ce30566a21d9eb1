//! Commands through the public door: order of output, exits, and that nothing of a group outlives it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::path::PathBuf;
use std::sync::Arc;

use codex_sandbox::{
    Choice, CommandSpec, Event, Exit, Mechanism, Network, Policy, Running, Sandbox, SandboxError,
    SandboxOptions, Size, Stdin, Stdio,
};

fn shell(script: &str) -> CommandSpec {
    CommandSpec {
        argv: vec!["/bin/sh".into(), "-c".into(), script.into()],
        cwd: PathBuf::from("/"),
        environment: vec![("PATH".into(), "/usr/bin:/bin".into()), ("ONLY".into(), "this".into())],
        policy: Arc::new(Policy::full()),
        stdio: Stdio::Pipe(Stdin::Empty),
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

fn terminal(script: &str) -> CommandSpec {
    CommandSpec { stdio: Stdio::Terminal(Size { rows: 24, columns: 80 }), ..shell(script) }
}

#[tokio::test]
async fn a_terminal_of_its_own() {
    for (script, output) in [
        ("test -t 0 -a -t 1 -a -t 2 && echo all", "all\r\n"),
        ("stty size", "24 80\r\n"),
        ("echo to the terminal > /dev/tty", "to the terminal\r\n"),
        (
            "ps -o sid=,tpgid= -p $$ | tr -s ' ' | sed 's/^ //' | grep -qx \"$$ $$\" && echo leads",
            "leads\r\n",
        ),
    ] {
        let mut running = spawn(&terminal(script)).unwrap();
        assert_eq!(to_the_end(&mut running).await, (output.to_owned(), Exit::Code(0)), "{script}");
    }
}

#[tokio::test]
async fn what_is_typed_in_a_terminal_arrives() {
    let mut running =
        spawn(&terminal("stty -echo; echo ready; read line; echo \"<$line>\"; stty size; cat")).unwrap();
    let input = running.take_input().unwrap();
    assert!(running.take_input().is_none());
    assert_eq!(lines(&mut running, 1).await, ["ready"]);
    running.resize(Size { rows: 10, columns: 33 }).unwrap();
    assert_eq!(input.write(b"some words\n").await.unwrap(), 11);
    assert_eq!(lines(&mut running, 2).await, ["<some words>", "10 33"]);
    input.write(b"cat runs\n").await.unwrap();
    assert_eq!(lines(&mut running, 1).await, ["cat runs"]);
    // The key that interrupts.
    input.write(b"\x03").await.unwrap();
    assert_eq!(to_the_end(&mut running).await, (String::new(), Exit::Signal(2)));
}

/// The key that interrupts is for the command, not for what holds its walls: an interpreter goes on at its prompt.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_interrupt_behind_walls_is_the_commands() {
    for mechanism in [Mechanism::Bubblewrap, Mechanism::Landlock] {
        let sandbox = Sandbox::new(SandboxOptions {
            search_path: ["/usr/local/bin", "/usr/bin", "/bin"].map(PathBuf::from).into(),
            temporary: PathBuf::from("/tmp"),
            mechanism: Choice::Only(mechanism),
        });
        if sandbox.mechanism().is_err() {
            continue;
        }
        let script = "stty -echo; trap 'trap - INT; echo heard; echo again' INT; echo ready; \
                      while :; do sleep 0.01; done";
        let policy = Arc::new(Policy::read_only(Network::Closed, &[]));
        let mut running = sandbox.spawn(&CommandSpec { policy, ..terminal(script) }).unwrap();
        let input = running.take_input().unwrap();
        assert_eq!(lines(&mut running, 1).await, ["ready"], "{mechanism}");
        input.write(b"\x03").await.unwrap();
        assert_eq!(lines(&mut running, 2).await, ["heard", "again"], "{mechanism}");
        // Who does not catch it ends by it, as anywhere.
        input.write(b"\x03").await.unwrap();
        let (_, exit) = to_the_end(&mut running).await;
        assert_eq!(exit.shell_code(), 130, "{mechanism}");
    }
}

#[tokio::test]
async fn groups_that_job_control_made_end_too() {
    for spec in [shell("set -m; sleep 1000 & echo $!; wait"), terminal("set -m; sleep 1000 & echo $!; wait")]
    {
        let mut running = spawn(&spec).unwrap();
        let child = lines(&mut running, 1).await.remove(0);
        running.terminate();
        to_the_end(&mut running).await;
        assert!(!runs(&child), "{:?}", spec.stdio);
    }
}

#[tokio::test]
async fn an_open_pipe_is_read_until_it_is_closed() {
    let spec = CommandSpec { stdio: Stdio::Pipe(Stdin::Open), ..shell("cat; echo end") };
    let mut running = spawn(&spec).unwrap();
    let input = running.take_input().unwrap();
    input.write(b"first\n").await.unwrap();
    assert_eq!(lines(&mut running, 1).await, ["first"]);
    drop(input);
    assert_eq!(to_the_end(&mut running).await, ("end\n".to_owned(), Exit::Code(0)));
}

#[tokio::test]
async fn streams_are_apart() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let spec = CommandSpec { stdio: Stdio::Streams, ..shell("read line; echo \"said $line\"; echo no >&2") };
    let mut running = spawn(&spec).unwrap();
    let mut streams = running.take_streams().unwrap();
    streams.input.write_all(b"hello\n").await.unwrap();
    let (mut output, mut errors) = (String::new(), String::new());
    streams.output.read_to_string(&mut output).await.unwrap();
    streams.errors.read_to_string(&mut errors).await.unwrap();
    assert_eq!((output.as_str(), errors.as_str()), ("said hello\n", "no\n"));
    assert_eq!(running.next().await.unwrap(), Event::Ended(Exit::Code(0)));
}

#[tokio::test]
async fn inherited_streams_are_ours() {
    let spec = CommandSpec {
        stdio: Stdio::Inherit,
        ..shell("test $(ps -o pgid= -p $$) = $(ps -o pgid= -p $PPID); exit $?")
    };
    let mut running = spawn(&spec).unwrap();
    assert_eq!(to_the_end(&mut running).await, (String::new(), Exit::Code(0)));
}

/// The thread that called `spawn` ends before the command does: that alone must not end the command.
#[test]
fn a_command_outlives_the_thread_that_asked_for_it() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let handle = runtime.handle().clone();
    let spec = CommandSpec { stdio: Stdio::Pipe(Stdin::Open), ..shell("read line; echo \"<$line>\"") };
    let asking = std::thread::spawn(move || {
        let _inside = handle.enter();
        spawn(&spec).unwrap()
    });
    let mut running = asking.join().unwrap();
    runtime.block_on(async {
        running.take_input().unwrap().write(b"still here\n").await.unwrap();
        assert_eq!(to_the_end(&mut running).await, ("<still here>\n".to_owned(), Exit::Code(0)));
    });
}
