//! The task of one command.

use std::future::pending;
use std::sync::Arc;
use std::time::Instant;

use codex_sandbox::{Event, Input, Running, SandboxError};
use tokio::sync::{mpsc, watch};

use super::{Cause, End, Order, Outcome, Session, Watcher};
use crate::output::{Decoder, KEPT};

/// The most output told as it comes; the finished item holds the beginning and the end of more.
pub(super) const LIVE_BYTES: usize = KEPT;

/// Minds a command until all its processes have ended.
pub(super) async fn drain(
    mut running: Running,
    session: Arc<Session>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    mut watcher: Box<dyn Watcher>,
    ended: watch::Sender<bool>,
) {
    let started = Instant::now();
    let mut input = running.take_input();
    let mut typed = Vec::new();
    let mut live = Live::default();
    let mut cause = Cause::Itself;
    let mut listens = true;
    let end = loop {
        tokio::select! {
            order = orders.recv(), if listens => match order {
                Some(Order::Type(bytes)) => typed.extend(bytes),
                Some(Order::End(why)) => {
                    if cause == Cause::Itself {
                        cause = why;
                    }
                    running.terminate();
                }
                None => {
                    listens = false;
                    cause = Cause::Stopped;
                    running.kill();
                }
            },
            written = write(input.as_ref(), &typed) => match written {
                Ok(count) => drop(typed.drain(..count)),
                // It reads no more.
                Err(_) => {
                    input = None;
                    typed.clear();
                }
            },
            event = running.next() => match event {
                Ok(Event::Output(piece)) => {
                    session.progress().kept.push(&piece);
                    let text = live.text(&piece);
                    if !text.is_empty() {
                        watcher.output(text).await;
                    }
                }
                Ok(Event::Ended(exit)) => break End::Ended(exit, cause),
                Err(_) => break End::Lost,
            },
        }
    };
    let unfinished = live.decoder.finish();
    if !unfinished.is_empty() {
        watcher.output(unfinished).await;
    }
    let exit_code = match end {
        End::Ended(exit, _) => Some(exit.shell_code()),
        End::Lost => None,
    };
    let output = session.progress().kept.text();
    watcher.ended(Outcome { output, exit_code, cause, duration: started.elapsed() }).await;
    session.progress().end = Some(end);
    // Nobody may wait any more.
    ended.send_replace(true);
}

/// What is told as it comes.
#[derive(Default)]
struct Live {
    decoder: Decoder,
    bytes: usize,
}

impl Live {
    /// The text that is told of this piece; nothing once enough was told.
    fn text(&mut self, piece: &[u8]) -> String {
        if self.bytes >= LIVE_BYTES {
            return String::new();
        }
        self.bytes += piece.len();
        let text = self.decoder.push(piece);
        if self.bytes >= LIVE_BYTES {
            // What is in the middle of a character now is never finished.
            self.decoder = Decoder::default();
        }
        text
    }
}

/// Types what is waiting; for ever, where nothing is or nobody reads.
async fn write(input: Option<&Input>, typed: &[u8]) -> Result<usize, SandboxError> {
    match input {
        Some(input) if !typed.is_empty() => input.write(typed).await,
        Some(_) | None => pending().await,
    }
}
