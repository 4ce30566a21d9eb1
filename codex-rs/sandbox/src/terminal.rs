//! A terminal of our own for a command: a pseudo-terminal that is nobody else's.

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::OFlags;
use rustix::io::FdFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The size of a terminal's window, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
}

/// Both ends of a new terminal.
pub(crate) struct Terminal {
    /// Ours: what is written here is typed, what is read here was printed. Does not block.
    pub(crate) ours: OwnedFd,
    /// The command's.
    pub(crate) theirs: OwnedFd,
}

impl Terminal {
    pub(crate) fn open(size: Size) -> io::Result<Self> {
        // Not ours to control: without NOCTTY a program without a terminal would get this one.
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        rustix::io::fcntl_setfd(&ours, FdFlags::CLOEXEC)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let theirs = other_end(&ours)?;
        resize(&ours, size)?;
        let flags = rustix::fs::fcntl_getfl(&ours)?;
        rustix::fs::fcntl_setfl(&ours, flags | OFlags::NONBLOCK)?;
        Ok(Terminal { ours, theirs })
    }
}

/// Changes the size; the programs in the terminal are told by the system.
pub(crate) fn resize(ours: &OwnedFd, size: Size) -> io::Result<()> {
    let window = Winsize { ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0 };
    Ok(tcsetwinsize(ours, window)?)
}

/// Asked of the terminal itself: the path under `/dev/pts` may be another mount's by now.
#[cfg(target_os = "linux")]
fn other_end(ours: &OwnedFd) -> io::Result<OwnedFd> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    Ok(rustix::pty::ioctl_tiocgptpeer(ours, flags)?)
}

#[cfg(not(target_os = "linux"))]
fn other_end(ours: &OwnedFd) -> io::Result<OwnedFd> {
    use rustix::fs::{Mode, open};
    let path = rustix::pty::ptsname(ours, Vec::new())?;
    Ok(open(path, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty())?)
}
