//! `exec_command`: runs one shell command to its end (wire-facts §10.1).
//!
//! Sessions that outlive the call do not exist yet: a command that passes its time limit is ended and the model is
//! told. The official `yield_time_ms` (when to look at a command that goes on) therefore has nothing to act on here.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use codex_sandbox::{CommandSpec, Event, Exit, Policy, Running, Sandbox, SandboxError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::output::{BYTES_PER_TOKEN, Decoder, KEPT_EACH_END, KeptOutput, shorten};

/// The tool's name.
pub const NAME: &str = "exec_command";
/// How long a command may run when the model does not say.
pub const DEFAULT_TIME_LIMIT: Duration = Duration::from_secs(120);
/// The longest a command may run, whatever the model says.
pub const LONGEST_TIME_LIMIT: Duration = Duration::from_secs(60 * 60);
/// The shortest time limit that is obeyed; less is a slip.
const SHORTEST_TIME_LIMIT: Duration = Duration::from_secs(1);
/// Tokens of output the model gets when it does not say.
pub const DEFAULT_OUTPUT_TOKENS: usize = 10_000;
/// The most output told as it comes; the finished item holds the beginning and the end of more.
const LIVE_BYTES: usize = 2 * KEPT_EACH_END;

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Runs a shell command to its end and returns its output and exit code. Standard input is empty \
            and there is no terminal. Processes left in the background are ended with the command.",
        "strict": false,
        "parameters": {
            "type": "object",
            "properties": {
                "cmd": {"type": "string", "description": "The shell command."},
                "workdir": {
                    "type": "string",
                    "description": "Directory to run in; defaults to the working directory of this conversation.",
                },
                "shell": {"type": "string", "description": "Shell to use in place of the person's own."},
                "login": {"type": "boolean", "description": "Start the shell as a login shell. Default true."},
                "timeout_ms": {
                    "type": "number",
                    "description": format!(
                        "Time limit in milliseconds; the command is ended when it passes. Default {}, at most {}.",
                        DEFAULT_TIME_LIMIT.as_millis(),
                        LONGEST_TIME_LIMIT.as_millis(),
                    ),
                },
                "max_output_tokens": {
                    "type": "number",
                    "description": format!(
                        "The most output to return; longer output loses its middle. Default {DEFAULT_OUTPUT_TOKENS}."
                    ),
                },
            },
            "required": ["cmd"],
            "additionalProperties": false,
        },
    })
}

/// Where and how the thread's commands run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The thread's working directory, absolute.
    pub cwd: PathBuf,
    /// The person's shell.
    pub shell: PathBuf,
    /// The command's whole environment.
    pub environment: Vec<(String, String)>,
    /// What it may touch.
    pub policy: Arc<Policy>,
    /// `tool_output_token_limit`: the most output the model gets, whatever it asks for; `None` leaves it to the model.
    pub output_tokens: Option<usize>,
}

/// One call, understood but not started.
#[derive(Debug, Clone)]
pub struct Invocation {
    spec: CommandSpec,
    script: String,
    time_limit: Duration,
    output_tokens: usize,
    chunk_id: String,
    notes: Vec<&'static str>,
}

/// Why a call cannot be run. The text is for the model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCall {
    /// Not JSON, or not of the tool's shape.
    #[error(
        "exec_command was not run: its arguments cannot be read ({0}). Send a JSON object with the string `cmd`."
    )]
    Arguments(String),
    /// Nothing to run.
    #[error("exec_command was not run: `cmd` is empty.")]
    Empty,
    /// The directory to run in is none.
    #[error("exec_command was not run: `workdir` {0} is not an existing directory.")]
    Directory(String),
}

#[derive(Deserialize)]
struct Arguments {
    cmd: String,
    workdir: Option<String>,
    shell: Option<String>,
    login: Option<bool>,
    timeout_ms: Option<f64>,
    max_output_tokens: Option<f64>,
    tty: Option<bool>,
}

impl Invocation {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str, call_id: &str, place: Place) -> Result<Self, BadCall> {
        // serde quotes offending values, and a model may have put a key into one.
        let unreadable = |error: serde_json::Error| {
            BadCall::Arguments(codex_redact::redact(&error.to_string()).into_owned())
        };
        let arguments: Arguments = serde_json::from_str(arguments).map_err(unreadable)?;
        if arguments.cmd.trim().is_empty() {
            return Err(BadCall::Empty);
        }
        let cwd = match arguments.workdir.filter(|folder| !folder.is_empty()) {
            Some(folder) => place.cwd.join(folder),
            None => place.cwd,
        };
        if !cwd.is_dir() {
            return Err(BadCall::Directory(cwd.display().to_string()));
        }
        let shell = match arguments.shell.filter(|shell| !shell.is_empty()) {
            Some(shell) => shell,
            None => place.shell.display().to_string(),
        };
        let flag = if arguments.login.unwrap_or(true) { "-lc" } else { "-c" };
        let argv = vec![shell, flag.to_owned(), arguments.cmd.clone()];
        let time_limit = arguments.timeout_ms.map_or(DEFAULT_TIME_LIMIT, |milliseconds| {
            Duration::try_from_secs_f64(milliseconds / 1000.0)
                .unwrap_or(DEFAULT_TIME_LIMIT)
                .clamp(SHORTEST_TIME_LIMIT, LONGEST_TIME_LIMIT)
        });
        let output_tokens = match arguments.max_output_tokens {
            // Float to integer saturates: a negative count is 0, a huge one the largest.
            Some(tokens) => (tokens as usize).min(LIVE_BYTES / BYTES_PER_TOKEN),
            None => DEFAULT_OUTPUT_TOKENS,
        };
        let output_tokens = place.output_tokens.map_or(output_tokens, |most| output_tokens.min(most));
        let notes = match arguments.tty {
            Some(true) => vec!["Note: there is no terminal here; the command ran without one."],
            Some(false) | None => Vec::new(),
        };
        Ok(Invocation {
            spec: CommandSpec {
                argv,
                cwd,
                environment: place.environment,
                policy: place.policy,
                stdio: codex_sandbox::Stdio::Pipe(codex_sandbox::Stdin::Empty),
            },
            script: arguments.cmd,
            time_limit,
            output_tokens,
            chunk_id: chunk_id(call_id),
            notes,
        })
    }

    /// The command line as a person would type it.
    pub fn command_line(&self) -> String {
        let words: Vec<String> = self.spec.argv.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }

    /// What the model asked to run, without the shell around it.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// The directory it runs in.
    pub fn cwd(&self) -> &Path {
        &self.spec.cwd
    }

    /// Starts the command.
    ///
    /// # Errors
    /// When it cannot be started; the text goes to the model.
    pub fn start(self, sandbox: &Sandbox) -> Result<Execution, SandboxError> {
        let running = sandbox.spawn(&self.spec)?;
        let started = Instant::now();
        Ok(Execution {
            running,
            started,
            deadline: started + self.time_limit,
            over_limit: false,
            interrupted: false,
            kept: KeptOutput::default(),
            decoder: Decoder::default(),
            live_bytes: 0,
            invocation: self,
        })
    }
}

/// A command that runs. Dropping it kills its whole process group.
#[derive(Debug)]
pub struct Execution {
    running: Running,
    started: Instant,
    deadline: Instant,
    over_limit: bool,
    interrupted: bool,
    kept: KeptOutput,
    decoder: Decoder,
    live_bytes: usize,
    invocation: Invocation,
}

/// What a running command brings next.
#[derive(Debug)]
pub enum Progress {
    /// Output as it comes.
    Output(String),
    /// It has ended.
    Ended(Outcome),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Both outputs, as far as kept.
    pub output: String,
    /// The exit code as a shell reports it.
    pub exit_code: i32,
    /// From start to end.
    pub duration: Duration,
    /// What the model is told.
    pub for_model: String,
}

impl Execution {
    /// What comes next. May be dropped and called again without losing anything; not to be called after `Ended`.
    ///
    /// # Errors
    /// When the system no longer lets us watch the command; its group is killed then.
    pub async fn next(&mut self) -> Result<Progress, SandboxError> {
        loop {
            let deadline = tokio::time::Instant::from_std(self.deadline);
            let event = tokio::select! {
                event = self.running.next() => event?,
                () = tokio::time::sleep_until(deadline), if !self.over_limit => {
                    self.over_limit = true;
                    self.running.terminate();
                    continue;
                }
            };
            let text = match event {
                Event::Output(piece) => {
                    self.kept.push(&piece);
                    self.decoder.push(&piece)
                }
                Event::Ended(exit) => match self.decoder.finish() {
                    unfinished if unfinished.is_empty() => return Ok(Progress::Ended(self.outcome(exit))),
                    unfinished => unfinished,
                },
            };
            if !text.is_empty() && self.live_bytes < LIVE_BYTES {
                self.live_bytes += text.len();
                return Ok(Progress::Output(text));
            }
        }
    }

    /// Ends the command for the person: the whole group is asked to leave, then killed. Go on calling `next`.
    pub fn interrupt(&mut self) {
        self.interrupted = true;
        self.running.terminate();
    }

    /// The id of the command's process and group.
    pub fn process_id(&self) -> i32 {
        self.running.process_id()
    }

    fn outcome(&self, exit: Exit) -> Outcome {
        let duration = self.started.elapsed();
        let output = self.kept.text();
        Outcome {
            exit_code: exit.shell_code(),
            for_model: self.for_model(&output, exit, duration),
            output,
            duration,
        }
    }

    fn for_model(&self, output: &str, exit: Exit, duration: Duration) -> String {
        let Invocation { chunk_id, time_limit, output_tokens, notes, .. } = &self.invocation;
        let limit = time_limit.as_secs_f64();
        let ended = match exit {
            _ if self.interrupted => "The person interrupted the command; it was ended.".to_owned(),
            _ if self.over_limit => {
                format!("The command passed its time limit of {limit} seconds and was ended.")
            }
            Exit::Code(code) => format!("Process exited with code {code}"),
            Exit::Signal(signal) => format!("Process was ended by signal {signal}"),
        };
        let mut lines = vec![
            format!("Chunk ID: {chunk_id}"),
            format!("Wall time: {:.3} seconds", duration.as_secs_f64()),
            ended,
            format!("Original token count: {}", self.kept.total().div_ceil(BYTES_PER_TOKEN)),
        ];
        lines.extend(notes.iter().map(|note| (*note).to_owned()));
        format!("{}\nOutput:\n{}", lines.join("\n"), shorten(output, *output_tokens))
    }
}

/// A short name of a call's output, the same each time.
fn chunk_id(call_id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    call_id.hash(&mut hasher);
    format!("{:06x}", hasher.finish() & 0xFF_FFFF)
}

/// One word of a POSIX shell's command line.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./:=@%+,".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
