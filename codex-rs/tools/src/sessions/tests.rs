//! Sessions with real processes: what the model reads, typing, ends of every kind, floods, limits. Tests wait for what
//! commands say, never for time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::future::{pending, ready};
use std::sync::atomic::{AtomicUsize, Ordering};

use codex_sandbox::{Choice, SandboxOptions};
use tokio::sync::Notify;

use super::task::LIVE_BYTES;
use super::*;
use crate::exec_command::{DEFAULT_OUTPUT_TOKENS, Login, Place};
use crate::output::BYTES_PER_TOKEN;

/// A test that waits longer than this hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A thread's sessions, and what was told of them.
struct Stage {
    sessions: Sessions,
    told: Arc<Told>,
}

/// What watchers were told, of all commands.
#[derive(Default)]
struct Told {
    live: Mutex<String>,
    ended: Mutex<Vec<Outcome>>,
    changed: Notify,
    /// How many pieces of output a watcher takes before it takes no more until it is let go on; 0 takes all.
    takes: AtomicUsize,
    go_on: Notify,
}

struct Recording {
    told: Arc<Told>,
    pieces: usize,
}

impl Watcher for Recording {
    fn output(&mut self, text: String) -> Telling<'_> {
        self.pieces += 1;
        Box::pin(async move {
            self.told.live.lock().unwrap().push_str(&text);
            self.told.changed.notify_waiters();
            if self.pieces == self.told.takes.load(Ordering::SeqCst) {
                self.told.go_on.notified().await;
            }
        })
    }

    fn ended(&mut self, outcome: Outcome) -> Telling<'_> {
        self.told.ended.lock().unwrap().push(outcome);
        self.told.changed.notify_waiters();
        Box::pin(ready(()))
    }
}

impl Stage {
    fn new() -> Self {
        let sandbox = Sandbox::new(SandboxOptions {
            search_path: Vec::new(),
            temporary: PathBuf::from("/tmp"),
            mechanism: Choice::Automatic,
        });
        Stage { sessions: Sessions::new(sandbox), told: Arc::default() }
    }

    fn start(&self, script: &str, more: &str) -> Result<(SessionId, Wait), StartError> {
        self.start_in(script, more, &turn("turn-1"))
    }

    /// Starts a command with further arguments, written as `,"name":value`.
    fn start_in(&self, script: &str, more: &str, turn: &TurnId) -> Result<(SessionId, Wait), StartError> {
        let arguments = format!(r#"{{"cmd":{},"login":false{more}}}"#, serde_json::json!(script));
        let place = Place {
            cwd: PathBuf::from("/tmp"),
            shell: PathBuf::from("/bin/sh"),
            login: Login::Allowed,
            output_tokens: None,
        };
        let invocation = Invocation::read(&arguments, "call_1", &place).unwrap();
        let (id, wait) = (self.sessions.next_id(), invocation.wait().clone());
        self.sessions.start(Begin {
            id,
            invocation,
            environment: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())],
            policy: Arc::new(Policy::full()),
            turn: turn.clone(),
            item_id: format!("item-{id}"),
            watcher: Box::new(Recording { told: Arc::clone(&self.told), pieces: 0 }),
        })?;
        Ok((id, wait))
    }

    /// Starts a command and waits for its end: the model's text without what differs from run to run.
    async fn run(&self, script: &str, more: &str) -> String {
        let (id, wait) = self.start(script, more).unwrap();
        let wait = Wait { time: PATIENCE, ..wait };
        steady(&self.sessions.wait(id, &wait, &turn("turn-1"), pending()).await)
    }

    /// Waits until the live output holds this.
    async fn until(&self, marker: &str) {
        self.told.until(|told| told.live.lock().unwrap().contains(marker)).await;
    }

    async fn type_in(&self, id: SessionId, chars: &str, time: Duration) -> String {
        let typing = Typing { session: id, chars: chars.to_owned(), wait: wait(time) };
        steady(&self.sessions.write(&typing, &turn("turn-1"), pending()).await)
    }

    fn outcome(&self) -> Outcome {
        let ended = self.told.ended.lock().unwrap();
        assert_eq!(ended.len(), 1, "{ended:?}");
        ended[0].clone()
    }

    fn live(&self) -> String {
        self.told.live.lock().unwrap().clone()
    }
}

impl Told {
    async fn until(&self, done: impl Fn(&Self) -> bool) {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                if done(self) {
                    return;
                }
                changed.await;
            }
        };
        if tokio::time::timeout(PATIENCE, wait).await.is_err() {
            panic!("it never came; so far: {:?}", self.live.lock().unwrap());
        }
    }
}

fn turn(id: &str) -> TurnId {
    TurnId::from(id)
}

fn wait(time: Duration) -> Wait {
    Wait { call_id: "call_2".to_owned(), time, output_tokens: DEFAULT_OUTPUT_TOKENS }
}

/// Without the lines that hold a name and a time.
fn steady(text: &str) -> String {
    let (header, output) = text.split_once("\nOutput:\n").unwrap_or((text, ""));
    let lines: Vec<&str> = header
        .lines()
        .filter(|line| !line.starts_with("Wall time: ") && !line.starts_with("Chunk ID: "))
        .collect();
    format!("{}\n{output}", lines.join("\n"))
}

/// Whether a process of this id is there and not only a zombie.
fn lives(process: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", process.trim())).unwrap_or_default();
    status.lines().any(|line| line.starts_with("State:") && !line.contains('Z') && !line.contains('X'))
}

/// Waits until a process is gone: nobody tells.
async fn gone(process: &str) {
    let wait = async {
        while lives(process) {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "{process} lives on");
}

#[tokio::test]
async fn what_the_model_reads() {
    for (script, more, text) in [
        ("echo hi; echo oh >&2", "", "Process exited with code 0\nOriginal token count: 2\nhi\noh\n"),
        ("exit 4", "", "Process exited with code 4\nOriginal token count: 0\n"),
        ("kill -9 $$", "", "Process was ended by signal 9\nOriginal token count: 0\n"),
        ("no-such-program 2>/dev/null", "", "Process exited with code 127\nOriginal token count: 0\n"),
        (
            "echo 0123456789",
            r#","max_output_tokens":1"#,
            "Process exited with code 0\nOriginal token count: 3\n01\n\
             … about 2 tokens of output left out here …\n9\n",
        ),
        ("cat; echo end", "", "Process exited with code 0\nOriginal token count: 1\nend\n"),
        (
            "test -t 0 && test -t 1; echo $?",
            r#","tty":true"#,
            "Process exited with code 0\nOriginal token count: 1\n0\r\n",
        ),
        ("stty size", r#","tty":true"#, "Process exited with code 0\nOriginal token count: 2\n24 80\r\n"),
        ("test -t 1; echo $?", "", "Process exited with code 0\nOriginal token count: 1\n1\n"),
    ] {
        let stage = Stage::new();
        assert_eq!(stage.run(script, more).await, text, "{script}");
        assert!(stage.sessions.list().is_empty());
    }
}

#[tokio::test]
async fn the_header_names_the_call_and_the_time() {
    let stage = Stage::new();
    let (id, wait) = stage.start("true", "").unwrap();
    let text = stage.sessions.wait(id, &wait, &turn("turn-1"), pending()).await;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], format!("Chunk ID: {}", crate::report::chunk_id("call_1")));
    let seconds =
        lines[1].strip_prefix("Wall time: ").and_then(|rest| rest.strip_suffix(" seconds")).unwrap();
    assert!(
        seconds.parse::<f64>().unwrap() < 30.0 && seconds.split('.').nth(1).unwrap().len() == 3,
        "{text}"
    );
    assert_eq!(lines[2..], ["Process exited with code 0", "Original token count: 0", "Output:"]);
}

#[tokio::test]
async fn a_command_goes_on_as_a_session_is_typed_into_and_ends() {
    let stage = Stage::new();
    let script = "stty -echo; echo ready; read one; echo got $one; read two; echo and $two; exit 3";
    let (id, _) = stage.start(script, r#","tty":true"#).unwrap();
    stage.until("ready").await;
    let text = steady(&stage.sessions.wait(id, &wait(Duration::ZERO), &turn("turn-1"), pending()).await);
    assert_eq!(text, format!("Process running with session ID {id}\nOriginal token count: 2\nready\r\n"));
    let listed = stage.sessions.list();
    assert_eq!((listed.len(), listed[0].id, listed[0].item_id.clone()), (1, id, format!("item-{id}")));
    assert!(lives(&listed[0].process.to_string()));

    stage.type_in(id, "first\n", Duration::ZERO).await;
    stage.until("got first").await;
    let text = stage.type_in(id, "", Duration::ZERO).await;
    // What an earlier call told is not told again; here it was between the two.
    assert!(text.starts_with(&format!("Process running with session ID {id}\n")), "{text}");
    assert!(!text.contains("ready"), "{text}");
    let text = stage.type_in(id, "second\n", PATIENCE).await;
    assert_eq!(text, "Process exited with code 3\nOriginal token count: 3\nand second\r\n");
    assert_eq!(stage.outcome().exit_code, Some(3));
    assert_eq!(stage.outcome().output, "ready\r\ngot first\r\nand second\r\n");
    // Its end was told, so it is nobody's number any more.
    let text = stage.type_in(id, "more", Duration::ZERO).await;
    assert!(text.starts_with(&format!("There is no session {id}:")), "{text}");
}

#[tokio::test]
async fn control_characters_reach_the_terminal() {
    let stage = Stage::new();
    let script = "trap 'echo caught; exit 5' INT; echo ready; while :; do read line; done";
    let (id, _) = stage.start(script, r#","tty":true"#).unwrap();
    stage.until("ready").await;
    let text = stage.type_in(id, "\u{3}", PATIENCE).await;
    assert!(text.starts_with("Process exited with code 5\n") && text.contains("caught"), "{text}");

    let (id, _) = stage.start("echo again; cat; echo over", r#","tty":true"#).unwrap();
    stage.until("again").await;
    let text = stage.type_in(id, "\u{4}", PATIENCE).await;
    assert!(text.starts_with("Process exited with code 0\n") && text.ends_with("over\r\n"), "{text}");
}

#[tokio::test]
async fn typing_is_refused_with_a_reason_where_nobody_reads() {
    let stage = Stage::new();
    let (id, _) = stage.start("echo ready; exec tail -f /dev/null", "").unwrap();
    stage.until("ready").await;
    let text = stage.type_in(id, "x", Duration::ZERO).await;
    assert!(
        text.starts_with(&format!("Nothing was typed: the command of session {id} has no terminal.")),
        "{text}"
    );
    let unknown = SessionId(999_999);
    let text = stage.type_in(unknown, "x", Duration::ZERO).await;
    assert!(text.starts_with("There is no session 999999:"), "{text}");
    let (id, _) = stage.start("echo open; exec tail -f /dev/null", r#","tty":true"#).unwrap();
    stage.until("open").await;
    let text = stage.type_in(id, &"x".repeat(MOST_TYPED + 1), Duration::ZERO).await;
    assert!(text.starts_with("Nothing was typed: at most 1 MiB"), "{text}");
    stage.sessions.clean().await;
}

#[tokio::test]
async fn much_that_is_typed_arrives_whole() {
    let stage = Stage::new();
    let script = "stty -echo -icanon; echo ready; head -c 300000 | wc -c";
    let (id, _) = stage.start(script, r#","tty":true"#).unwrap();
    stage.until("ready").await;
    let text = stage.type_in(id, &"y".repeat(300_000), PATIENCE).await;
    assert!(text.ends_with("300000\r\n"), "{text}");
}

#[tokio::test]
async fn an_interrupt_ends_the_tree_of_its_turn_and_no_other() {
    let stage = Stage::new();
    let (earlier, _) = stage.start_in("echo earlier; exec tail -f /dev/null", "", &turn("turn-0")).unwrap();
    let (id, wait) =
        stage.start("trap '' TERM; tail -f /dev/null & echo child $! end; wait; wait", "").unwrap();
    stage.until("earlier").await;
    stage.until(" end").await;
    let live = stage.live();
    let child = live.split("child ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(lives(&child));
    let text = steady(&stage.sessions.wait(id, &wait, &turn("turn-1"), ready(())).await);
    assert!(text.starts_with("The person interrupted the command; it was ended.\n"), "{text}");
    gone(&child).await;
    assert_eq!(stage.outcome().cause, Cause::Interrupted);
    // A wait of this turn for a command of an earlier one only ends the wait.
    let text = steady(&stage.sessions.wait(earlier, &wait, &turn("turn-1"), ready(())).await);
    assert!(text.starts_with("Process running with session ID "), "{text}");
    stage.sessions.interrupt(&turn("turn-1")).await;
    assert_eq!(stage.sessions.list().len(), 1);
    stage.sessions.interrupt(&turn("turn-0")).await;
    assert!(stage.sessions.list().is_empty());
}

#[tokio::test]
async fn the_person_ends_one_or_all() {
    let stage = Stage::new();
    let (one, _) = stage.start("echo one; exec tail -f /dev/null", "").unwrap();
    let (two, _) = stage.start("echo two; exec tail -f /dev/null", "").unwrap();
    stage.until("one\n").await;
    stage.until("two\n").await;
    assert_eq!(stage.sessions.terminate(one).await, Ended::Now);
    assert_eq!(stage.sessions.terminate(one).await, Ended::NotThere);
    assert_eq!(stage.sessions.terminate(SessionId(999_999)).await, Ended::NotThere);
    assert!(stage.sessions.find_running(one).is_none() && stage.sessions.find_running(two).is_some());
    // The model is told at its next call.
    let text = stage.type_in(one, "ignored", Duration::ZERO).await;
    assert_eq!(text, "The person stopped the command; it was ended.\nOriginal token count: 1\none\n");
    stage.sessions.clean().await;
    assert!(stage.sessions.list().is_empty());
    let causes: Vec<Cause> = stage.told.ended.lock().unwrap().iter().map(|outcome| outcome.cause).collect();
    assert_eq!(causes, [Cause::Stopped, Cause::Stopped]);
}

#[tokio::test]
async fn the_end_of_the_thread_kills_what_runs() {
    let stage = Stage::new();
    let (id, _) = stage.start("tail -f /dev/null & echo child $! end; exec tail -f /dev/null", "").unwrap();
    stage.until(" end").await;
    let leader = stage.sessions.find_running(id).unwrap().process.to_string();
    let live = stage.live();
    let child = live.split("child ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let Stage { sessions, told } = stage;
    drop(sessions);
    gone(&leader).await;
    gone(&child).await;
    told.until(|told| !told.ended.lock().unwrap().is_empty()).await;
    assert_eq!(told.ended.lock().unwrap()[0].cause, Cause::Stopped);
}

#[tokio::test]
async fn what_a_command_leaves_in_the_background_ends_with_it() {
    let stage = Stage::new();
    let text = stage.run("tail -f /dev/null & echo $!", "").await;
    let child = text.lines().last().unwrap().to_owned();
    assert!(text.starts_with("Process exited with code 0\n"), "{text}");
    assert!(!lives(&child), "{child}");
}

#[tokio::test]
async fn there_are_so_many_sessions_and_no_more() {
    let stage = Stage::new();
    let mut ids = Vec::new();
    for _ in 0..MOST_SESSIONS {
        ids.push(stage.start("exec tail -f /dev/null", "").unwrap().0);
    }
    let error = stage.start("true", "").unwrap_err();
    assert!(matches!(error, StartError::TooMany), "{error}");
    assert!(error.to_string().starts_with("The command was not started: 64 commands"), "{error}");
    // One that has ended makes room, though the model was not told of its end.
    assert_eq!(stage.sessions.terminate(ids[5]).await, Ended::Now);
    let (id, _) = stage.start("exec tail -f /dev/null", "").unwrap();
    assert!(id > ids[MOST_SESSIONS - 1]);
    let listed: Vec<SessionId> = stage.sessions.list().into_iter().map(|background| background.id).collect();
    assert_eq!(listed.len(), MOST_SESSIONS);
    assert!(listed.is_sorted() && !listed.contains(&ids[5]));
    stage.sessions.clean().await;
}

#[test]
fn numbers_begin_somewhere_below_a_hundred_thousand() {
    let firsts: Vec<u32> = (0..20).map(|_| Stage::new().sessions.next_id().0).collect();
    assert!(firsts.iter().all(|first| (1..100_000).contains(first)), "{firsts:?}");
    assert!(firsts.iter().any(|first| first != &firsts[0]), "{firsts:?}");
}

#[test]
fn session_numbers_are_whole_and_positive() {
    for (number, expected) in [
        (1.0, Some(SessionId(1))),
        (4_294_967_295.0, Some(SessionId(u32::MAX))),
        (4_294_967_296.0, None),
        (0.0, None),
        (-1.0, None),
        (1.5, None),
        (f64::NAN, None),
        (f64::INFINITY, None),
    ] {
        assert_eq!(SessionId::of(number), expected, "{number}");
    }
    for (text, expected) in [("7", Some(SessionId(7))), ("", None), ("x", None), ("-7", None)] {
        assert_eq!(SessionId::parse(text), expected, "{text}");
    }
}

#[tokio::test]
async fn a_flood_is_capped_live_kept_and_told() {
    let stage = Stage::new();
    let script = "echo start; head -c 5000000 /dev/zero | tr '\\0' x; echo end";
    let text = stage.run(script, "").await;
    let (live, outcome) = (stage.live(), stage.outcome());
    assert!((LIVE_BYTES..=LIVE_BYTES + 64 * 1024).contains(&live.len()), "{}", live.len());
    assert_eq!((&outcome.output[..8], &outcome.output[outcome.output.len() - 6..]), ("start\nxx", "xxend\n"));
    assert!(outcome.output.contains("… 3951434 bytes of output left out here …"), "{}", outcome.output.len());
    assert!(text.contains("\nOriginal token count: 1250003\n"));
    assert!(text.len() < DEFAULT_OUTPUT_TOKENS * BYTES_PER_TOKEN + 400);
    assert!(text.contains("\nstart\nxxx") && text.ends_with("xxxend\n"));
}

#[tokio::test]
async fn a_slow_watcher_holds_the_command_up_and_loses_nothing() {
    let stage = Stage::new();
    stage.told.takes.store(1, Ordering::SeqCst);
    let script = "echo first; i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; echo last";
    let (id, _) = stage.start(script, "").unwrap();
    stage.until("first").await;
    // The watcher takes nothing now; a call does not wait for it.
    let text = stage.type_in(id, "", Duration::ZERO).await;
    assert!(text.starts_with("Process running with session ID "), "{text}");
    stage.told.go_on.notify_one();
    let text = stage.type_in(id, "", PATIENCE).await;
    assert!(text.starts_with("Process exited with code 0\n"), "{text}");
    assert_eq!(stage.live(), stage.outcome().output);
    assert!(stage.live().ends_with("line 2999\nlast\n"));
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_hurt() {
    let stage = Stage::new();
    let text = stage.run("printf 'a\\377\\303'", "").await;
    assert!(text.ends_with("\na\u{fffd}\u{fffd}"), "{text:?}");
    assert_eq!(
        (stage.live(), stage.outcome().output),
        ("a\u{fffd}\u{fffd}".into(), "a\u{fffd}\u{fffd}".into())
    );
}

#[tokio::test]
async fn a_command_that_cannot_start_tells_nobody_but_the_model() {
    let stage = Stage::new();
    let error = stage.start("true", r#","shell":"/nowhere/sh""#).unwrap_err().to_string();
    assert!(error.contains("/nowhere/sh"), "{error}");
    assert!(stage.sessions.list().is_empty() && stage.told.ended.lock().unwrap().is_empty());
}
