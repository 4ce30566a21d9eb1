//! `notify`: the person's own program, run when a turn has ended, with a word about the turn as its last argument
//! (wire-facts §8).
//!
//! It is run on the person's word only (no project can set it), so there are no walls around it; it gets none of our
//! credentials all the same. Nobody waits for it but the end of the thread, and that not for long.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use codex_app_server_protocol::{ThreadItem, UserInput};
use codex_protocol::{ThreadId, TurnId};
use codex_sandbox::{CommandSpec, Event, Exit, Policy, Running, SandboxError, Stdin, Stdio};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::EngineOptions;
use crate::teller::Teller;

/// How long it may run.
const LONGEST: Duration = Duration::from_secs(30);
/// How long the end of a thread waits for it: long enough for a message to be sent, short enough for who leaves.
const FAREWELL: Duration = Duration::from_secs(5);
/// Bytes of the person's words and of the agent's that it is told at the most, and fewer where those become too many as
/// JSON: the system takes no argument of 128 KiB.
const MOST_WORDS: [usize; 2] = [48 * 1024, 8 * 1024];
const MOST_ARGUMENT: usize = 120 * 1024;

/// Runs the program.
pub(crate) struct Notify {
    /// Empty: there is none.
    program: Vec<String>,
    /// The front end's name.
    client: String,
    running: JoinSet<()>,
    failure_is_told: Arc<AtomicBool>,
}

/// A turn that was completed.
pub(crate) struct Ended<'a> {
    pub(crate) thread: &'a ThreadId,
    pub(crate) turn: &'a TurnId,
    pub(crate) cwd: &'a Path,
    /// What the person said in it.
    pub(crate) said: &'a [String],
    pub(crate) last_message: Option<&'a ThreadItem>,
}

impl Notify {
    pub(crate) fn new(program: Vec<String>, client: String) -> Self {
        Notify { program, client, running: JoinSet::new(), failure_is_told: Arc::default() }
    }

    /// Starts the program, if there is one.
    pub(crate) async fn tell(&mut self, ended: &Ended<'_>, options: &EngineOptions, teller: &Teller) {
        while self.running.try_join_next().is_some() {}
        if self.program.is_empty() {
            return;
        }
        let mut argv = self.program.clone();
        argv.push(argument(ended, &self.client));
        let spec = CommandSpec {
            argv,
            cwd: ended.cwd.to_path_buf(),
            environment: codex_tools::environment::without_secrets(
                &options.environment,
                &options.auth.stored_secrets(),
            ),
            policy: Arc::new(Policy::full()),
            stdio: Stdio::Pipe(Stdin::Empty),
        };
        let (teller, is_told) = (teller.clone(), Arc::clone(&self.failure_is_told));
        match options.sandbox.spawn(&spec) {
            Ok(running) => drop(self.running.spawn(async move {
                if let Some(problem) = watch(running).await {
                    complain(&teller, &is_told, &problem).await;
                }
            })),
            Err(error) => complain(&teller, &is_told, &error.to_string()).await,
        }
    }

    /// The thread ends: what still runs gets a moment, then it is killed.
    pub(crate) async fn close(&mut self) {
        let ended = async { while self.running.join_next().await.is_some() {} };
        // Whatever outlives this is killed by being dropped.
        let _ = timeout(FAREWELL, ended).await;
        self.running.shutdown().await;
    }
}

/// What people say in a turn, as far as it is words.
pub(crate) fn words(input: &[UserInput]) -> String {
    let texts = input.iter().filter_map(|part| match part {
        UserInput::Text { text, .. } => Some(text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// Waits for its end; what went wrong, for people.
async fn watch(mut running: Running) -> Option<String> {
    let ended = async {
        loop {
            match running.next().await {
                Ok(Event::Output(_)) => {}
                Ok(Event::Ended(exit)) => return Ok::<Exit, SandboxError>(exit),
                Err(error) => return Err(error),
            }
        }
    };
    match timeout(LONGEST, ended).await {
        Ok(Ok(Exit::Code(0))) => None,
        Ok(Ok(Exit::Code(code))) => Some(format!("it ended with exit code {code}")),
        Ok(Ok(Exit::Signal(signal))) => Some(format!("it was ended by signal {signal}")),
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some(format!("it was stopped after {} seconds", LONGEST.as_secs())),
    }
}

/// Once in a thread: it would fail in the same way after every turn.
async fn complain(teller: &Teller, is_told: &AtomicBool, problem: &str) {
    if !is_told.swap(true, Ordering::Relaxed) {
        teller.warning(format!("The program of `notify` did not work: {problem}")).await;
    }
}

/// The JSON it gets. What has the shape of a key is taken out: other users may read a program's arguments.
fn argument(ended: &Ended<'_>, client: &str) -> String {
    let last = match ended.last_message {
        Some(ThreadItem::AgentMessage { text, .. }) => Some(codex_redact::redact(text)),
        _ => None,
    };
    let said: Vec<_> = ended.said.iter().map(|text| codex_redact::redact(text)).collect();
    let mut argument = String::new();
    for most in MOST_WORDS {
        let mut left = most;
        let said: Vec<&str> = said
            .iter()
            .map(|text| {
                let kept = shortened(text, left);
                left -= kept.len();
                kept
            })
            .collect();
        argument = json!({
            "type": "agent-turn-complete",
            "thread-id": ended.thread,
            "turn-id": ended.turn,
            "cwd": ended.cwd.display().to_string(),
            "client": client,
            "input-messages": said,
            "last-assistant-message": last.as_deref().map(|text| shortened(text, most)),
        })
        .to_string();
        if argument.len() <= MOST_ARGUMENT {
            break;
        }
    }
    argument
}

fn shortened(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use codex_protocol::{ThreadId, TurnId};

    use super::{Ended, MOST_ARGUMENT, argument};

    #[test]
    fn the_argument_is_never_more_than_the_system_takes_and_holds_no_key() {
        let (thread, turn) = (ThreadId::generate(), TurnId::generate());
        for said in ["\u{1}".repeat(1 << 20), "é".repeat(1 << 20), "word ".repeat(1 << 18)] {
            let said = [said.clone(), format!("sk-proj-abcdefghijklmnop0123456789 {said}"), said];
            let cwd = Path::new("/work");
            let ended = Ended { thread: &thread, turn: &turn, cwd, said: &said, last_message: None };
            let text = argument(&ended, "codex-tui");
            assert!(text.len() <= MOST_ARGUMENT && text.len() > 8 * 1024, "{}", text.len());
            assert!(!text.contains("abcdefghijklmnop"));
            assert!(text.contains("\"last-assistant-message\":null"));
        }
    }
}
