//! A server over the standard input and output of its program: one JSON message in a line.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;

/// The longest message of a server.
pub(crate) const MESSAGE_LIMIT: usize = 64 * 1024 * 1024;
/// How much that is no message is passed over before a server counts as broken.
const GARBAGE_LIMIT: usize = 1024 * 1024;
/// How much of such a line is shown.
const SHOWN: usize = 80;
/// How much is read at once.
const PIECE: usize = 64 * 1024;
/// How much of what a program complained about is kept.
const COMPLAINTS: usize = 4 * 1024;

/// What went wrong with the messages themselves, for the sentence about the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fault(Arc<Mutex<Option<String>>>);

impl Fault {
    pub(crate) fn get(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, why: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
    }
}

/// The last of what a program wrote to its standard error.
#[derive(Debug, Clone, Default)]
pub(crate) struct Complaints(Arc<Mutex<Vec<u8>>>);

impl Complaints {
    /// Reads until the end: a program must never wait because nobody listens.
    pub(crate) async fn listen(self, mut errors: pipe::Receiver) {
        let mut piece = vec![0; COMPLAINTS];
        while let Ok(length @ 1..) = errors.read(&mut piece).await {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend_from_slice(&piece[..length]);
            let excess = kept.len().saturating_sub(COMPLAINTS);
            kept.drain(..excess);
        }
    }

    /// In one line, without keys; empty where there is nothing.
    pub(crate) fn words(&self) -> String {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        codex_redact::redact(&lines.join(" | ")).into_owned()
    }
}

/// The messages of a program.
pub(crate) struct Messages {
    input: Arc<tokio::sync::Mutex<Option<pipe::Sender>>>,
    lines: Lines<pipe::Receiver>,
    fault: Fault,
}

impl Messages {
    pub(crate) fn new(input: pipe::Sender, output: pipe::Receiver, fault: Fault) -> Self {
        Messages {
            input: Arc::new(tokio::sync::Mutex::new(Some(input))),
            lines: Lines::new(output, MESSAGE_LIMIT),
            fault,
        }
    }
}

impl Transport<RoleClient> for Messages {
    type Error = std::io::Error;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = std::io::Result<()>> + Send + 'static {
        let input = self.input.clone();
        async move {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            match input.lock().await.as_mut() {
                Some(input) => input.write_all(&line).await,
                None => Err(std::io::ErrorKind::NotConnected.into()),
            }
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        match self.lines.message().await {
            Ok(message) => message,
            Err(why) => {
                self.fault.set(why);
                None
            }
        }
    }

    async fn close(&mut self) -> std::io::Result<()> {
        // A writer that is stuck holds the lock; its program is killed soon, which frees it.
        if let Ok(mut input) = self.input.try_lock() {
            input.take();
        }
        Ok(())
    }
}

/// Cuts what comes into messages.
struct Lines<R> {
    source: R,
    /// The longest message, and the most that is taken between two messages that mean something.
    limit: usize,
    buffer: Vec<u8>,
    /// Where the line that is being read begins.
    start: usize,
    /// How far the buffer was searched for the end of the line.
    searched: usize,
    /// Bytes passed over since the last message: of lines that are none …
    garbage: usize,
    /// … and of messages that nobody needs.
    idle: usize,
}

/// What a line holds.
enum Line {
    Message(Box<ServerJsonRpcMessage>),
    /// A message we have no use for.
    Idle,
    Garbage,
}

/// The parts of a message that tell what it is.
#[derive(Deserialize)]
struct Head {
    method: Option<String>,
    id: Option<RequestId>,
    result: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn new(source: R, limit: usize) -> Self {
        Lines { source, limit, buffer: Vec::new(), start: 0, searched: 0, garbage: 0, idle: 0 }
    }

    /// The next message that matters; `None` at the end. May be dropped and called again without losing anything.
    ///
    /// # Errors
    /// A sentence when what comes is no conversation; nothing can be read any more then.
    async fn message(&mut self) -> Result<Option<ServerJsonRpcMessage>, String> {
        loop {
            while let Some(end) = self.line_end() {
                let line = &self.buffer[self.start..end];
                let length = line.len();
                let read = read(line);
                if let Line::Garbage = read
                    && self.garbage + length > GARBAGE_LIMIT
                {
                    return Err(self.garbage_words(end));
                }
                self.start = end + 1;
                match read {
                    Line::Message(message) => {
                        (self.garbage, self.idle) = (0, 0);
                        return Ok(Some(*message));
                    }
                    Line::Garbage => self.garbage += length + 1,
                    Line::Idle => self.idle += length,
                }
                if self.idle > self.limit {
                    return Err("it floods its standard output with notifications".to_owned());
                }
            }
            self.make_room();
            if self.buffer.len() > self.limit {
                return Err(format!("it wrote a message longer than {} MiB", self.limit >> 20));
            }
            let read = (&mut self.source).take(PIECE as u64).read_buf(&mut self.buffer).await;
            if !matches!(read, Ok(1..)) {
                return Ok(None);
            }
        }
    }

    /// Where the line ends that begins at `start`, as far as it has come.
    fn line_end(&mut self) -> Option<usize> {
        let from = self.searched.max(self.start);
        let found = self.buffer[from..].iter().position(|byte| *byte == b'\n').map(|at| from + at);
        self.searched = found.map_or(self.buffer.len(), |end| end + 1);
        found
    }

    /// Forgets what was read, and gives memory back after a large message.
    fn make_room(&mut self) {
        self.buffer.drain(..self.start);
        self.searched -= self.start;
        self.start = 0;
        if self.buffer.is_empty() && self.buffer.capacity() > 4 * PIECE {
            self.buffer = Vec::new();
        }
        self.buffer.reserve(PIECE);
    }

    fn garbage_words(&self, end: usize) -> String {
        let line = String::from_utf8_lossy(&self.buffer[self.start..end]);
        let shown: String =
            line.trim().chars().filter(|character| !character.is_control()).take(SHOWN).collect();
        format!(
            "it writes to its standard output what is no MCP message, such as `{}`",
            codex_redact::redact(&shown)
        )
    }
}

fn read(line: &[u8]) -> Line {
    let line = line.trim_ascii();
    if line.is_empty() {
        return Line::Idle;
    }
    let Ok(head) = serde_json::from_slice::<Head>(line) else { return Line::Garbage };
    let is_answer = head.result.is_some() || head.error.is_some();
    match (head.method.as_deref(), head.id) {
        // Progress, logs and the like: there is nobody to show them to.
        (Some("notifications/tools/list_changed" | "notifications/cancelled"), None) => whole(line, None),
        (Some(_), None) => Line::Idle,
        (Some(_), Some(_)) => whole(line, None),
        (None, Some(id)) if is_answer => whole(line, Some(id)),
        (None, None) if is_answer => Line::Idle,
        (None, _) => Line::Garbage,
    }
}

/// The message itself. An answer that makes no sense becomes an error, so that whoever waits for it hears something.
fn whole(line: &[u8], answer_to: Option<RequestId>) -> Line {
    match (serde_json::from_slice(line), answer_to) {
        (Ok(message), _) => Line::Message(Box::new(message)),
        (Err(_), Some(id)) => {
            let error = ErrorData::internal_error("its answer is no MCP message", None);
            Line::Message(Box::new(ServerJsonRpcMessage::error(error, Some(id))))
        }
        (Err(_), None) => Line::Garbage,
    }
}

#[cfg(test)]
mod tests;
