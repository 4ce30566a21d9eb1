//! What is asked of the terminal while the program runs, and its return: at the end, on a signal, in a panic, and while
//! another program has the terminal. Only a SIGKILL cannot be answered; `reset` helps there, as with any program.

use std::io::{self, Write};
use std::panic;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::termios::{self, OptionalActions};
use tokio::sync::Notify;

/// Pastes in brackets; word of whether the window has the person's eye; keys told apart where the terminal can (kitty's flag 1; others ignore it); the window's title kept.
const TAKE: &str = "\x1b[?2004h\x1b[?1004h\x1b[>1u\x1b[22;0t";
/// The same for a terminal that is ours already; nothing is piled up twice.
const TAKE_AGAIN: &str = "\x1b[?2004h\x1b[?1004h\x1b[=1;1u";
/// All of it undone, the cursor shown, the pen plain.
const GIVE_BACK: &str = "\x1b[23;0t\x1b[<1u\x1b[?1004l\x1b[?2004l\x1b[?25h\x1b[?2026l\x1b[m";
/// Leaves the alternate screen; sent only while it is in use.
pub(super) const LEAVE_FULL_SCREEN: &str = "\x1b[?1049l";

/// Whether the terminal is ours now; the panic hook asks.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether the alternate screen is in use; the panic hook asks.
pub(super) static FULL_SCREEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();
/// Told when a panic has given the terminal back: one in a task ends that task only.
static LOST: Notify = Notify::const_new();

/// The terminal in our hands. Dropping it gives the terminal back.
#[derive(Debug)]
pub(crate) struct Guard(());

impl Guard {
    /// Takes the terminal on standard input and output.
    pub(crate) fn take() -> io::Result<Self> {
        HOOK.call_once(hook);
        let guard = Guard(());
        guard.take_again()?;
        Ok(guard)
    }

    /// Takes it back after [`Guard::give_back`], or after the program was stopped and continued without being asked: then
    /// a shell has changed the modes behind our back.
    pub(crate) fn take_again(&self) -> io::Result<()> {
        let was_taken = TAKEN.swap(true, Ordering::SeqCst);
        if was_taken {
            // crossterm takes the modes for raw, as they were left, and keeps those from before.
            let mut modes = termios::tcgetattr(io::stdin())?;
            modes.make_raw();
            termios::tcsetattr(io::stdin(), OptionalActions::Now, &modes)?;
        } else {
            enable_raw_mode()?;
        }
        let mut out = io::stdout().lock();
        out.write_all(if was_taken { TAKE_AGAIN } else { TAKE }.as_bytes())?;
        out.flush()
    }

    /// Whether it is ours now.
    pub(crate) fn is_taken(&self) -> bool {
        TAKEN.load(Ordering::SeqCst)
    }

    /// Waits until a panic, in whatever task, has given it back. The program must end then, as the person was told.
    pub(crate) async fn lost(&self) {
        LOST.notified().await;
    }

    /// Gives it to another program for a while.
    pub(crate) fn give_back(&self) -> io::Result<()> {
        give_back()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // The terminal is gone where this fails.
        let _ = give_back();
    }
}

fn give_back() -> io::Result<()> {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return Ok(());
    }
    let mut out = io::stdout().lock();
    if FULL_SCREEN.swap(false, Ordering::SeqCst) {
        out.write_all(LEAVE_FULL_SCREEN.as_bytes())?;
    }
    let written = out.write_all(GIVE_BACK.as_bytes()).and_then(|()| out.flush());
    // Raw mode must end even where nothing could be written.
    disable_raw_mode()?;
    written
}

/// A panic is told on a terminal that people can read, and without secrets.
fn hook() {
    panic::set_hook(Box::new(|info| {
        let taken = TAKEN.load(Ordering::SeqCst);
        let _ = give_back();
        let text = format!("{info}");
        let start = if taken { "\r\n\x1b[J" } else { "" };
        let sentence = "codex has met a mistake of its own and ends here. Please report this text:";
        let _ = writeln!(io::stderr(), "{start}{sentence}\n{}", codex_redact::redact(&text));
        if taken {
            LOST.notify_one();
        }
    }));
}

#[cfg(test)]
mod tests;
