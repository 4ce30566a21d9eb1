//! The words in which a command's state and output are given to the model (wire-facts §10.1).

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use codex_sandbox::Exit;

use crate::output::BYTES_PER_TOKEN;
use crate::sessions::SessionId;

/// What one call tells of a command.
pub(crate) struct Report {
    /// The call that asks.
    pub(crate) call_id: String,
    /// How long the call took.
    pub(crate) wall: Duration,
    pub(crate) state: State,
    /// Bytes of output since the call before.
    pub(crate) bytes: usize,
    /// As much of them as the model gets.
    pub(crate) output: String,
}

/// Where a command is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Running(SessionId),
    Ended(Exit, Cause),
    /// The system no longer told of it; it was killed.
    Lost,
}

/// Why a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// By itself.
    Itself,
    /// The person interrupted the turn.
    Interrupted,
    /// The person ended this command, or all.
    Stopped,
}

impl Report {
    pub(crate) fn text(&self) -> String {
        let Report { call_id, wall, state, bytes, output } = self;
        let state = match state {
            State::Running(id) => format!("Process running with session ID {id}"),
            State::Ended(_, Cause::Interrupted) => {
                "The person interrupted the command; it was ended.".to_owned()
            }
            State::Ended(_, Cause::Stopped) => "The person stopped the command; it was ended.".to_owned(),
            State::Ended(Exit::Code(code), Cause::Itself) => format!("Process exited with code {code}"),
            State::Ended(Exit::Signal(signal), Cause::Itself) => {
                format!("Process was ended by signal {signal}")
            }
            State::Lost => "The system no longer tells of the process; it was ended.".to_owned(),
        };
        let seconds = wall.as_secs_f64();
        let tokens = bytes.div_ceil(BYTES_PER_TOKEN);
        let chunk = chunk_id(call_id);
        format!(
            "Chunk ID: {chunk}\nWall time: {seconds:.3} seconds\n{state}\nOriginal token count: {tokens}\nOutput:\n\
             {output}"
        )
    }
}

/// A short name of a call's output, the same each time.
pub(crate) fn chunk_id(call_id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    call_id.hash(&mut hasher);
    format!("{:06x}", hasher.finish() & 0xFF_FFFF)
}
