//! What the system orders: to end, to stop, to go on.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// What the system orders.
pub(super) enum Order {
    /// As Ctrl+C and Ctrl+\\ do where the terminal is not raw.
    Break,
    End,
    Stop,
    Continue,
}

pub(super) struct Signals {
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
    hang_up: Signal,
    stop: Signal,
    go_on: Signal,
}

impl Signals {
    /// From now on.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
            go_on: signal(SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()))?,
        })
    }

    /// Waits for the next one.
    pub(super) async fn next(&mut self) -> Order {
        tokio::select! {
            _ = self.interrupt.recv() => Order::Break,
            _ = self.quit.recv() => Order::Break,
            _ = self.terminate.recv() => Order::End,
            _ = self.hang_up.recv() => Order::End,
            _ = self.stop.recv() => Order::Stop,
            _ = self.go_on.recv() => Order::Continue,
        }
    }
}
