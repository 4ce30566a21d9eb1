//! `exec_command`: starts a shell command (wire-facts §10.1). It is over within the yield time, or goes on as a session
//! of [`crate::sessions`].

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_sandbox::{CommandSpec, Policy, Size, Stdin, Stdio};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::arguments::{self, BadCall};
use crate::sessions::{Typed, Wait};

/// The tool's name.
pub const NAME: &str = "exec_command";
/// How long to wait for a command when the model does not say.
pub const DEFAULT_YIELD: Duration = Duration::from_secs(10);
/// The shortest wait; less is a slip.
pub const SHORTEST_YIELD: Duration = Duration::from_millis(250);
/// The longest wait, whatever the model says.
pub const LONGEST_YIELD: Duration = Duration::from_secs(30);
/// Tokens of output the model gets when it does not say.
pub const DEFAULT_OUTPUT_TOKENS: usize = 10_000;
/// What programs in a terminal are told of its size.
const TERMINAL: Size = Size { rows: 24, columns: 80 };

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "function",
        "name": NAME,
        "description": "Runs a shell command. Gives its output and exit code when it ends within yield_time_ms; else what \
            came so far and a session ID, with which write_stdin waits for more or types. When the command ends, what it \
            left in the background is ended too: keep a server in the foreground of a session of its own.",
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
                "tty": {
                    "type": "boolean",
                    "description": "Give the command a terminal, so that write_stdin can type into it. Without one its \
                        standard input is empty. Default false.",
                },
                "yield_time_ms": {
                    "type": "number",
                    "description": format!(
                        "How long to wait for the end, in milliseconds: {} to {}, default {}.",
                        SHORTEST_YIELD.as_millis(),
                        LONGEST_YIELD.as_millis(),
                        DEFAULT_YIELD.as_millis(),
                    ),
                },
                "max_output_tokens": {
                    "type": "number",
                    "description": format!(
                        "The most output to return; longer output loses its middle. Default {DEFAULT_OUTPUT_TOKENS}."
                    ),
                },
                "sandbox_permissions": {
                    "type": "string",
                    "enum": ["use_default", "require_escalated"],
                    "description": "require_escalated asks the person to run the command outside of the sandbox. Use it \
                        only for what the sandbox refused or surely will refuse. Default use_default.",
                },
                "justification": {
                    "type": "string",
                    "description": "With require_escalated: a short question to the person that says what for.",
                },
                "prefix_rule": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "With require_escalated: first words of commands like this one that the person might \
                        allow from now on, for example [\"npm\", \"install\"].",
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
    /// Whether it may be a login shell (`allow_login_shell`).
    pub login: Login,
    /// `tool_output_token_limit`: the most output the model gets, whatever it asks for; `None` leaves it to the model.
    pub output_tokens: Option<usize>,
}

/// Whether a shell may be a login shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// As the model says; it is one when it says nothing.
    Allowed,
    /// Never.
    Never,
}

/// One call, understood but not started.
#[derive(Debug, Clone)]
pub struct Invocation {
    argv: Vec<String>,
    cwd: PathBuf,
    script: String,
    stdio: Stdio,
    escalation: Option<Escalation>,
    wait: Wait,
}

/// The model's wish to run a command outside of the sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Escalation {
    /// What for, in the model's words.
    pub justification: Option<String>,
    /// First words of commands that might be allowed from now on; a proposal of the model, to be judged.
    pub prefix_rule: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Arguments {
    cmd: String,
    workdir: Option<String>,
    shell: Option<String>,
    login: Option<bool>,
    tty: Option<bool>,
    yield_time_ms: Option<f64>,
    max_output_tokens: Option<f64>,
    sandbox_permissions: Option<String>,
    justification: Option<String>,
    prefix_rule: Option<Vec<String>>,
}

impl Invocation {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// When they are not those of this tool; the text goes to the model.
    pub fn read(arguments: &str, call_id: &str, place: &Place) -> Result<Self, BadCall> {
        let bad = |problem: String| BadCall { tool: NAME, problem };
        let asked: Arguments = arguments::read(NAME, arguments, "a JSON object with the string `cmd`")?;
        if asked.cmd.trim().is_empty() {
            return Err(bad("`cmd` is empty.".to_owned()));
        }
        if asked.cmd.contains('\0') {
            return Err(bad("`cmd` holds a NUL character, which no command line can.".to_owned()));
        }
        let cwd = match asked.workdir.filter(|folder| !folder.is_empty()) {
            Some(folder) => place.cwd.join(folder),
            None => place.cwd.clone(),
        };
        if !cwd.is_dir() {
            return Err(bad(format!("`workdir` {} is not an existing directory.", cwd.display())));
        }
        let shell = match asked.shell.filter(|shell| !shell.is_empty()) {
            Some(shell) if shell.contains('\0') => {
                return Err(bad("`shell` holds a NUL character.".to_owned()));
            }
            Some(shell) => shell,
            None => place.shell.display().to_string(),
        };
        let login = place.login == Login::Allowed && asked.login.unwrap_or(true);
        let flag = if login { "-lc" } else { "-c" };
        let escalation = match asked.sandbox_permissions.as_deref() {
            None | Some("" | "use_default") => None,
            Some("require_escalated") => {
                let told = |text: &String| !text.trim().is_empty();
                Some(Escalation {
                    justification: asked.justification.filter(told),
                    prefix_rule: asked.prefix_rule.filter(|words| !words.is_empty()),
                })
            }
            Some(_) => {
                let problem = "`sandbox_permissions` is `use_default` or `require_escalated`.";
                return Err(bad(problem.to_owned()));
            }
        };
        let yield_time =
            arguments::milliseconds(asked.yield_time_ms, DEFAULT_YIELD, SHORTEST_YIELD, LONGEST_YIELD);
        Ok(Invocation {
            argv: vec![shell, flag.to_owned(), asked.cmd.clone()],
            cwd,
            script: asked.cmd,
            stdio: if asked.tty.unwrap_or(false) {
                Stdio::Terminal(TERMINAL)
            } else {
                Stdio::Pipe(Stdin::Empty)
            },
            escalation,
            wait: Wait {
                call_id: call_id.to_owned(),
                time: yield_time,
                output_tokens: arguments::output_tokens(asked.max_output_tokens, place.output_tokens),
            },
        })
    }

    /// The program and its arguments.
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// The command line as a person would type it.
    pub fn command_line(&self) -> String {
        let words: Vec<String> = self.argv.iter().map(|word| quoted(word)).collect();
        words.join(" ")
    }

    /// What the model asked to run, without the shell around it.
    pub fn script(&self) -> &str {
        &self.script
    }

    /// The directory it runs in.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Whether the model wants out of the sandbox.
    pub fn escalation(&self) -> Option<&Escalation> {
        self.escalation.as_ref()
    }

    /// How long this call waits, and how much output it gives.
    pub fn wait(&self) -> &Wait {
        &self.wait
    }

    pub(crate) fn input(&self) -> Typed {
        match self.stdio {
            Stdio::Terminal(_) => Typed::InTerminal,
            Stdio::Pipe(_) | Stdio::Streams | Stdio::Inherit => Typed::Never,
        }
    }

    /// What the sandbox is to start.
    pub(crate) fn command(&self, environment: Vec<(String, String)>, policy: Arc<Policy>) -> CommandSpec {
        CommandSpec { argv: self.argv.clone(), cwd: self.cwd.clone(), environment, policy, stdio: self.stdio }
    }
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
