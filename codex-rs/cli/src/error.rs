//! Every error of the program folded into one form: what kind, what is wrong, what to type next.

use std::io::Write;
use std::process::ExitCode;

use codex_app_server::stdio::ServeError;
use codex_config::ConfigError;
use codex_exec::ExecError;
use codex_fake_backend::FakeBackendError;
use codex_login::{AddError, LoginError};
use codex_sandbox::SandboxError;

/// What ends a command.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: Kind,
    message: String,
    hints: Vec<String>,
}

/// What kind of error it is; decides the exit code (wire-facts §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command itself makes no sense.
    Usage,
    /// It makes sense and could not be done.
    Failed,
}

impl CommandError {
    /// Something that could not be done.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        CommandError { kind: Kind::Failed, message: message.into(), hints: Vec::new() }
    }

    /// A command that makes no sense.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        CommandError { kind: Kind::Usage, message: message.into(), hints: Vec::new() }
    }

    /// A key on the command line.
    pub(crate) fn key_among_arguments() -> Self {
        CommandError::usage("an argument holds a key, which other programs can read there; it was not used")
            .hint("codex login --with-fallback-api-key < key.txt     (keys come from standard input only)")
    }

    /// The same with something to type next.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Tells the person and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        // The last net: no error text of any layer may carry a key or a token to the screen.
        let mut text = format!("error: {}\n", codex_redact::redact(&self.message));
        for hint in &self.hints {
            text.push_str(&format!("hint: {hint}\n"));
        }
        // With standard error closed there is nobody left to tell.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
        match self.kind {
            Kind::Usage => ExitCode::from(2),
            Kind::Failed => ExitCode::from(1),
        }
    }
}

impl From<ConfigError> for CommandError {
    fn from(error: ConfigError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<LoginError> for CommandError {
    fn from(error: LoginError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<AddError> for CommandError {
    fn from(error: AddError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<SandboxError> for CommandError {
    fn from(error: SandboxError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<ServeError> for CommandError {
    fn from(error: ServeError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<FakeBackendError> for CommandError {
    fn from(error: FakeBackendError) -> Self {
        CommandError::failed(error.to_string())
    }
}

impl From<ExecError> for CommandError {
    fn from(error: ExecError) -> Self {
        let message = error.to_string();
        match error {
            ExecError::NoPrompt => CommandError::failed(message).hint("codex exec \"explain this project\""),
            ExecError::NotSignedIn => CommandError::failed(message)
                .hint("sign in with the official `codex login`; the session is shared through CODEX_HOME")
                .hint("or with an API key: codex login --with-api-key < key.txt"),
            ExecError::NotARepository(_)
            | ExecError::PromptNotText
            | ExecError::PromptTooLarge { .. }
            | ExecError::Stdin(_)
            | ExecError::Folder { .. }
            | ExecError::Schema { .. }
            | ExecError::Refused(_)
            | ExecError::ServerGone
            | ExecError::Stdout(_)
            | ExecError::LastMessage(_)
            | ExecError::LastMessageFolder { .. } => CommandError::failed(message),
        }
    }
}
