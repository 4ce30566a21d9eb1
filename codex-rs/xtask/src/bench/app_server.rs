//! `codex app-server` over stdio: the handshake, the first delta, and a flood of them.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use codex_fake_backend::{Reply, Script};
use serde_json::{Value, json};

use super::process::Run;
use super::{Figure, Home, median, millis};

const DELTAS: usize = 20_000;

pub(super) fn figures(binary: &Path, runs: usize) -> Result<[Figure; 3], Box<dyn Error>> {
    let mut handshakes = Vec::new();
    let mut firsts = Vec::new();
    let home = Home::new(Script::new().otherwise(Reply::text("Done.")), None)?;
    for _ in 0..runs {
        let (mut session, handshake) = Session::open(binary, home.path(), &json!({"cwd": home.path()}))?;
        handshakes.push(handshake);
        session.turn(None)?;
        for _ in 0..3 {
            firsts.push(session.turn(None)?.first);
        }
        session.close()?;
    }
    let home = Home::new(Script::new().otherwise(Reply::answer().bulk(DELTAS, "word ")), None)?;
    let mut floods = Vec::new();
    for _ in 0..runs.div_ceil(3) {
        let (mut session, _) = Session::open(binary, home.path(), &json!({"cwd": home.path()}))?;
        floods.push(session.turn(Some(DELTAS))?.whole);
        session.close()?;
    }
    Ok([
        Figure {
            what: "app-server: spawn → `initialize` answered",
            seen: millis(median(&mut handshakes)),
            bar: "6 ms",
        },
        Figure {
            what: "app-server: `turn/start` → first delta",
            seen: millis(median(&mut firsts)),
            bar: "3 ms",
        },
        Figure {
            what: "app-server: 20,000 deltas, `turn/start` → `turn/completed`",
            seen: millis(median(&mut floods)),
            bar: "150 ms",
        },
    ])
}

/// A thread of an app-server over stdio.
pub(super) struct Session {
    child: Child,
    stdin: ChildStdin,
    lines: BufReader<ChildStdout>,
    thread: String,
    next_id: i64,
}

pub(super) struct TurnTimes {
    first: Duration,
    whole: Duration,
}

impl Session {
    /// `params`: those of `thread/start`.
    pub(super) fn open(
        binary: &Path,
        home: &Path,
        params: &Value,
    ) -> Result<(Self, Duration), Box<dyn Error>> {
        let started = Instant::now();
        let mut child = Run::new(binary, home)
            .args(["app-server"])
            .command()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdin = child.stdin.take().ok_or("no stdin")?;
        let lines = BufReader::with_capacity(1 << 20, child.stdout.take().ok_or("no stdout")?);
        let mut session = Session { child, stdin, lines, thread: String::new(), next_id: 0 };
        let client = json!({"clientInfo": {"name": "bench", "version": "0"}, "capabilities": {"fallback": {"ask": false}}});
        session.request("initialize", &client)?;
        let handshake = started.elapsed();
        writeln!(session.stdin, r#"{{"method":"initialized"}}"#)?;
        let answer = session.request("thread/start", params)?;
        session.thread = answer["thread"]["id"].as_str().ok_or("no thread id")?.to_owned();
        Ok((session, handshake))
    }

    /// The id of the app-server's process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    fn request(&mut self, method: &str, params: &Value) -> Result<Value, Box<dyn Error>> {
        let id = self.send(method, params)?;
        loop {
            let message: Value = serde_json::from_str(&self.line()?)?;
            if message["id"] == json!(id) && message.get("method").is_none() {
                return match message.get("result") {
                    Some(result) => Ok(result.clone()),
                    None => Err(format!("{method}: {}", message["error"]).into()),
                };
            }
        }
    }

    fn send(&mut self, method: &str, params: &Value) -> Result<i64, Box<dyn Error>> {
        self.next_id += 1;
        let mut line = serde_json::to_vec(&json!({"id": self.next_id, "method": method, "params": params}))?;
        line.push(b'\n');
        self.stdin.write_all(&line)?;
        Ok(self.next_id)
    }

    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err("the app-server closed its output".into());
        }
        Ok(line)
    }

    /// One turn. Lines are only searched, not parsed, so that the reader's own work does not count.
    pub(super) fn turn(&mut self, deltas: Option<usize>) -> Result<TurnTimes, Box<dyn Error>> {
        let input = json!({"threadId": self.thread, "input": [{"type": "text", "text": "go"}]});
        let started = Instant::now();
        self.send("turn/start", &input)?;
        let mut first = None;
        let mut seen = 0;
        loop {
            let line = self.line()?;
            if line.contains(r#""item/agentMessage/delta""#) {
                first.get_or_insert_with(|| started.elapsed());
                seen += 1;
            } else if line.contains(r#""turn/completed""#) {
                break;
            }
        }
        if deltas.is_some_and(|expected| expected != seen) {
            return Err(format!("{seen} deltas came").into());
        }
        Ok(TurnTimes { first: first.ok_or("no delta came")?, whole: started.elapsed() })
    }

    pub(super) fn close(mut self) -> Result<(), Box<dyn Error>> {
        drop(self.stdin);
        self.child.wait()?;
        Ok(())
    }
}
