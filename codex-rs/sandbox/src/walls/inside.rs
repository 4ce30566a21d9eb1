//! What a child does between fork and exec. Everything is prepared before the fork: here are system calls only.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use libc::{c_int, c_long, c_ulong, sock_filter, sock_fprog};

use super::InChild;

/// The highest number of a capability that is dropped; the kernel refuses those it does not know.
const CAPABILITIES: c_ulong = 63;

/// What a program that builds the walls itself does when the person interrupts the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interrupts {
    /// It ends, and the command with it.
    Heard,
    /// Nothing: they are the command's.
    Ignored,
}

/// For a program that builds the walls itself: it inherits these descriptors and none else.
pub(super) fn with_descriptors(kept: Vec<OwnedFd>, interrupts: Interrupts) -> InChild {
    Box::new(move || {
        no_core_dumps()?;
        match interrupts {
            Interrupts::Heard => {}
            Interrupts::Ignored => ignore_interrupts()?,
        }
        close_at_exec()?;
        kept.iter().try_for_each(|descriptor| keep_open(descriptor.as_raw_fd()))
    })
}

/// For a command that goes behind the walls by itself.
pub(super) fn behind(ruleset: OwnedFd, filter: Vec<sock_filter>) -> InChild {
    Box::new(move || {
        no_core_dumps()?;
        close_at_exec()?;
        no_new_privileges()?;
        drop_capabilities()?;
        enter(&ruleset)?;
        install(&filter)?;
        filter_holds()
    })
}

/// What is inherited by mistake, as from an editor that started us, is not passed on.
fn close_at_exec() -> io::Result<()> {
    call(libc::SYS_close_range, [3, c_long::from(u32::MAX), 4, 0, 0]) // CLOSE_RANGE_CLOEXEC
}

fn keep_open(descriptor: RawFd) -> io::Result<()> {
    call(libc::SYS_fcntl, [c_long::from(descriptor), c_long::from(libc::F_SETFD), 0, 0, 0])
}

fn ignore_interrupts() -> io::Result<()> {
    use nix::sys::signal::{SigHandler, Signal, signal};
    for number in [Signal::SIGINT, Signal::SIGQUIT] {
        #[expect(unsafe_code, reason = "the standard library offers no way to set what a signal does")]
        // SAFETY: no handler is installed; `signal` is async-signal-safe.
        unsafe {
            signal(number, SigHandler::SigIgn)?;
        }
    }
    Ok(())
}

/// A dump would hold memory, and lie wherever the system puts dumps.
fn no_core_dumps() -> io::Result<()> {
    let none = rustix::process::Rlimit { current: Some(0), maximum: Some(0) };
    rustix::process::setrlimit(rustix::process::Resource::Core, none).map_err(io::Error::from)
}

fn no_new_privileges() -> io::Result<()> {
    control(libc::PR_SET_NO_NEW_PRIVS, 1)
}

/// Root's powers are not part of what the person lends: with them the rules below could be walked around.
fn drop_capabilities() -> io::Result<()> {
    for capability in 0..=CAPABILITIES {
        // Refused to whoever has none to drop, and for numbers that do not exist.
        let _ = control(libc::PR_CAPBSET_DROP, capability);
    }
    let header: [u32; 2] = [0x2008_0522, 0];
    let none = [0_u32; 6];
    call(libc::SYS_capset, [header.as_ptr() as c_long, none.as_ptr() as c_long, 0, 0, 0])
}

fn enter(ruleset: &OwnedFd) -> io::Result<()> {
    call(libc::SYS_landlock_restrict_self, [c_long::from(ruleset.as_raw_fd()), 0, 0, 0, 0])
}

fn install(filter: &[sock_filter]) -> io::Result<()> {
    let length = u16::try_from(filter.len()).map_err(|_| io::Error::from_raw_os_error(libc::E2BIG))?;
    let program = sock_fprog { len: length, filter: filter.as_ptr().cast_mut() };
    let mode = c_long::from(libc::SECCOMP_SET_MODE_FILTER);
    call(libc::SYS_seccomp, [mode, 0, std::ptr::from_ref(&program) as c_long, 0, 0])
}

/// The last look before the command runs: a socket of the local family must be refused.
fn filter_holds() -> io::Result<()> {
    let wanted = [c_long::from(libc::AF_UNIX), c_long::from(libc::SOCK_STREAM), 0, 0, 0];
    match call(libc::SYS_socket, wanted) {
        Err(error) if error.raw_os_error() == Some(libc::EPERM) => Ok(()),
        Ok(()) | Err(_) => Err(io::Error::from_raw_os_error(libc::ENOTRECOVERABLE)),
    }
}

fn control(option: c_int, value: c_ulong) -> io::Result<()> {
    call(libc::SYS_prctl, [c_long::from(option), value.cast_signed(), 0, 0, 0])
}

fn call(number: c_long, arguments: [c_long; 5]) -> io::Result<()> {
    let [first, second, third, fourth, fifth] = arguments;
    #[expect(unsafe_code, reason = "neither the standard library nor rustix has these calls")]
    // SAFETY: every caller in this file passes numbers, or pointers to values that live through the call and that the
    // kernel only reads; a system call is async-signal-safe.
    let result = unsafe { libc::syscall(number, first, second, third, fourth, fifth) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
