//! One connection over a pair of byte streams: one JSON object per line (wire-facts §5.1).

use std::io;
use std::sync::Arc;
use std::time::Duration;

use codex_app_server_protocol::envelope::RawMessage;
use codex_app_server_protocol::{ClientMessage, ClientRequest, RequestId, RpcError, ServerMessage};
use codex_protocol::Clock;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;

use crate::lines::{Line, Lines};
use crate::outbox::{Inbox, Outbox};
use crate::refusal;
use crate::server::AppServer;

/// The longest line that is read, in bytes. Longer ones are skipped whole and, like everything unreadable, get no reply.
pub const LINE_CAP: usize = 16 * 1024 * 1024;
/// Places of messages that are taken out of the queue at once.
const BATCH: usize = 256;
/// Bytes that are handed to the output in one piece.
const WRITTEN_AT_ONCE: usize = 64 * 1024;
/// How long the end may take when the client has closed its side: interrupting turns, ending commands, writing what
/// is left to a client that may not read any more.
const END_LIMIT: Duration = Duration::from_secs(15);

/// Why serving ended before the client did.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The input broke.
    #[error("the requests could not be read: {0}")]
    Read(#[source] io::Error),
    /// The output broke.
    #[error("the answers could not be written: {0}")]
    Write(#[source] io::Error),
}

/// Serves one client until its input ends, it stops reading, or the server shuts down. Running turns are then
/// interrupted, and what they still say is written.
///
/// # Errors
/// When a stream breaks otherwise than by the client's leaving.
pub async fn serve(
    server: &Arc<AppServer>,
    reader: impl AsyncRead + Unpin,
    writer: impl AsyncWrite + Unpin + Send + 'static,
) -> Result<(), ServeError> {
    let (connection, outbox) = server.open();
    let mut tasks = JoinSet::new();
    tasks.spawn(write(connection.messages, writer, server.options.clock.clone()));
    let ingress = Ingress { requests: connection.requests, outbox };
    let read = tokio::select! {
        read = ingress.read(reader) => read,
        () = ingress.requests.closed() => Ok(()),
    };
    // The connection task sees that nobody asks any more; the writer ends when that task has let go of its outbox.
    drop(ingress);
    let written = match tokio::time::timeout(END_LIMIT, tasks.join_next()).await {
        Ok(Some(Ok(written))) => written,
        Ok(Some(Err(_)) | None) | Err(_) => Ok(()),
    };
    tasks.shutdown().await;
    read.map_err(ServeError::Read)?;
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(ServeError::Write(error)),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// The reading half.
struct Ingress {
    requests: mpsc::Sender<ClientMessage>,
    outbox: Outbox,
}

/// What a line turned out to be.
enum Parsed {
    Message(ClientMessage),
    Refused(RequestId, RpcError),
    /// Not a message, or a notification that means nothing here: ignored without a reply.
    Nothing,
}

impl Ingress {
    async fn read(&self, reader: impl AsyncRead + Unpin) -> io::Result<()> {
        let mut lines = Lines::new(BufReader::new(reader), LINE_CAP);
        while let Some(line) = lines.next().await? {
            let parsed = match line {
                Line::Whole(line) => parse(line),
                Line::TooLong => Parsed::Nothing,
            };
            match parsed {
                Parsed::Message(message) => self.forward(message).await,
                Parsed::Refused(id, refusal) => self.refuse(id, refusal).await,
                Parsed::Nothing => {}
            }
        }
        Ok(())
    }

    /// Requests beyond the queue are refused; answers and `initialized` are few and must arrive, so they wait.
    async fn forward(&self, message: ClientMessage) {
        match self.requests.try_send(message) {
            Ok(()) => {}
            Err(TrySendError::Full(ClientMessage::Request { id, .. })) => {
                self.refuse(id, refusal::overloaded()).await;
            }
            // Closed means that the connection has ended, which `serve` sees for itself.
            Err(TrySendError::Full(message)) => {
                let _ = self.requests.send(message).await;
            }
            Err(TrySendError::Closed(_)) => {}
        }
    }

    async fn refuse(&self, id: RequestId, refusal: RpcError) {
        self.outbox.send(ServerMessage::Answer { id, result: Err(refusal) }).await;
    }
}

fn parse(line: &[u8]) -> Parsed {
    let Ok(RawMessage { id, method, params, result, error }) = serde_json::from_slice(line) else {
        return Parsed::Nothing;
    };
    match (id, method) {
        (Some(id), Some(method)) => match ClientRequest::parse(&method, params) {
            Ok(request) => Parsed::Message(ClientMessage::Request { id, request }),
            Err(error) => Parsed::Refused(id, refusal::parse(error)),
        },
        (None, Some(method)) if method == "initialized" => Parsed::Message(ClientMessage::Initialized),
        (Some(id), None) => {
            let result = match (result, error) {
                (_, Some(error)) => Err(error),
                (Some(result), None) => Ok(result),
                (None, None) => Ok(serde_json::Value::Null),
            };
            Parsed::Message(ClientMessage::Answer { id, result })
        }
        (None, Some(_) | None) => Parsed::Nothing,
    }
}

/// The writing half: what is ready in as few writes as makes sense, a flush when nothing more waits.
async fn write(mut messages: Inbox, mut writer: impl AsyncWrite + Unpin, clock: Clock) -> io::Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut bytes = Vec::new();
    while messages.recv_batch(&mut batch, BATCH).await > 0 {
        let now = clock.millis();
        for message in batch.drain(..) {
            message.write_line(now, &mut bytes);
            if bytes.len() >= WRITTEN_AT_ONCE {
                write_pieces(&mut writer, &mut bytes).await?;
            }
        }
        write_pieces(&mut writer, &mut bytes).await?;
        if messages.is_empty() {
            writer.flush().await?;
        }
    }
    writer.flush().await
}

/// Writes and empties the buffer. Piece by piece, as the standard output of the runtime copies whatever it is handed.
async fn write_pieces(writer: &mut (impl AsyncWrite + Unpin), bytes: &mut Vec<u8>) -> io::Result<()> {
    for piece in bytes.chunks(WRITTEN_AT_ONCE) {
        writer.write_all(piece).await?;
    }
    bytes.clear();
    bytes.shrink_to(WRITTEN_AT_ONCE);
    Ok(())
}
