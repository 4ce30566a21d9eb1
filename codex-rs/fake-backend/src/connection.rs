//! Owns the instants of a connection: when the first byte of each request was read, when the last of its answer left.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// One request and its answer on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// When its first byte was read.
    pub first_byte_read: Instant,
    /// When the last byte of its answer so far was written; `None` while nothing is.
    pub last_byte_written: Option<Instant>,
}

/// What is shared between a connection and the requests read from it.
#[derive(Debug, Default)]
pub(crate) struct ConnectionLog {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    exchanges: Vec<Exchange>,
    between: bool,
    raw: Option<Bytes>,
}

impl Default for State {
    fn default() -> Self {
        Self { exchanges: Vec::new(), between: true, raw: None }
    }
}

impl ConnectionLog {
    /// The place of the exchange that is being read.
    pub(crate) fn current(&self) -> usize {
        self.lock().exchanges.len().saturating_sub(1)
    }

    pub(crate) fn exchange(&self, place: usize) -> Option<Exchange> {
        self.lock().exchanges.get(place).copied()
    }

    /// Whatever the HTTP layer writes next, these bytes go out in its place.
    pub(crate) fn replace_answer(&self, raw: Bytes) {
        self.lock().raw = Some(raw);
    }

    fn read(&self) {
        let mut state = self.lock();
        if state.between {
            state.between = false;
            state.exchanges.push(Exchange { first_byte_read: Instant::now(), last_byte_written: None });
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn written(&mut self) {
        self.between = true;
        if let Some(exchange) = self.exchanges.last_mut() {
            exchange.last_byte_written = Some(Instant::now());
        }
    }
}

/// A stream that notes its instants, above TLS where there is TLS.
#[derive(Debug)]
pub(crate) struct TimedIo<T> {
    inner: T,
    log: Arc<ConnectionLog>,
    raw_sent: usize,
}

impl<T> TimedIo<T> {
    pub(crate) fn new(inner: T, log: Arc<ConnectionLog>) -> Self {
        Self { inner, log, raw_sent: 0 }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedIo<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.log.read();
        }
        polled
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for TimedIo<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        // Held over the write, so that a peer that has the bytes already finds their instant noted.
        let mut state = this.log.lock();
        let Some(raw) = state.raw.clone() else {
            let polled = Pin::new(&mut this.inner).poll_write(cx, buf);
            if let Poll::Ready(Ok(_)) = polled {
                state.written();
            }
            return polled;
        };
        while this.raw_sent < raw.len() {
            match Pin::new(&mut this.inner).poll_write(cx, &raw[this.raw_sent..]) {
                Poll::Ready(Ok(count)) => this.raw_sent += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        state.written();
        Poll::Ready(Ok(buf.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
