//! The filter, run by an interpreter of the few instructions it is made of.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use super::*;

const ALLOWED: u32 = libc::SECCOMP_RET_ALLOW;

fn answer(program: &[sock_filter], architecture: u32, call: c_long, arguments: [u64; 6]) -> u32 {
    let mut data = vec![u32::try_from(call).unwrap(), architecture, 0, 0];
    data.extend(arguments.iter().flat_map(|argument| [*argument as u32, (*argument >> 32) as u32]));
    let (mut at, mut accumulator) = (0, 0);
    loop {
        let sock_filter { code, jt, jf, k } = program[at];
        at += 1;
        let skipped = |taken: bool| usize::from(if taken { jt } else { jf });
        match code {
            LOAD => accumulator = data[usize::try_from(k).unwrap() / 4],
            AND => accumulator &= k,
            EQUAL => at += skipped(accumulator == k),
            AT_LEAST => at += skipped(accumulator >= k),
            ANY_BIT => at += skipped(accumulator & k != 0),
            RETURN => return k,
            other => panic!("an instruction nobody wrote: {other}"),
        }
    }
}

fn asked(network: Network, mechanism: Mechanism, call: c_long, arguments: [u64; 6]) -> u32 {
    answer(&program(network, mechanism), ARCHITECTURE, call, arguments)
}

#[test]
fn calls_are_refused_by_number_and_argument() {
    let (closed, open) = (Network::Closed, Network::Open);
    let (bubblewrap, landlock) = (Mechanism::Bubblewrap, Mechanism::Landlock);
    let refused = failing(libc::EPERM);
    let unknown = failing(libc::ENOSYS);
    let nothing = [0; 6];
    let with = |arguments: &[u64]| {
        let mut all = [0; 6];
        all[..arguments.len()].copy_from_slice(arguments);
        all
    };
    let (unix, inet, netlink, vsock) = (1, 2, 16, 40);
    let (stream, datagram, raw, sequence) = (1, 2, 3, 5);
    let cloexec = 0o2_000_000;
    for (network, mechanism, call, arguments, expected) in [
        (closed, bubblewrap, libc::SYS_read, nothing, ALLOWED),
        (closed, landlock, libc::SYS_openat, nothing, ALLOWED),
        (closed, bubblewrap, libc::SYS_ptrace, nothing, refused),
        (closed, bubblewrap, libc::SYS_io_uring_setup, nothing, unknown),
        (closed, bubblewrap, libc::SYS_clone3, nothing, unknown),
        (closed, bubblewrap, libc::SYS_clone, with(&[17]), ALLOWED),
        (closed, bubblewrap, libc::SYS_clone, with(&[0x1000_0011]), refused),
        (closed, bubblewrap, libc::SYS_clone, with(&[0x0002_0011]), refused),
        (closed, bubblewrap, libc::SYS_unshare, with(&[0x400]), ALLOWED),
        (closed, bubblewrap, libc::SYS_unshare, with(&[0x80]), refused),
        (closed, bubblewrap, libc::SYS_ioctl, with(&[0, 0x5401]), ALLOWED),
        (closed, bubblewrap, libc::SYS_ioctl, with(&[0, 0x5412]), refused),
        (closed, bubblewrap, libc::SYS_ioctl, with(&[0, 0xFFFF_FFFF_0000_5412]), refused),
        (closed, bubblewrap, libc::SYS_ioctl, with(&[0, 0x4008_6602]), ALLOWED),
        (closed, landlock, libc::SYS_ioctl, with(&[0, 0x4008_6602]), refused),
        (closed, bubblewrap, libc::SYS_socket, with(&[inet, stream]), refused),
        (open, bubblewrap, libc::SYS_socket, with(&[inet, stream | cloexec]), ALLOWED),
        (open, bubblewrap, libc::SYS_socket, with(&[10, datagram]), ALLOWED),
        (open, bubblewrap, libc::SYS_socket, with(&[inet, raw]), refused),
        (open, bubblewrap, libc::SYS_socket, with(&[unix, stream]), refused),
        (open, bubblewrap, libc::SYS_socket, with(&[netlink, raw]), refused),
        (open, bubblewrap, libc::SYS_socket, with(&[vsock, stream]), refused),
        (open, bubblewrap, libc::SYS_connect, nothing, ALLOWED),
        (closed, bubblewrap, libc::SYS_connect, nothing, refused),
        (closed, bubblewrap, libc::SYS_socketpair, with(&[unix, stream | cloexec]), ALLOWED),
        (closed, bubblewrap, libc::SYS_socketpair, with(&[unix, sequence]), ALLOWED),
        (closed, bubblewrap, libc::SYS_socketpair, with(&[unix, datagram]), refused),
        (open, bubblewrap, libc::SYS_socketpair, with(&[unix, datagram]), refused),
        (closed, bubblewrap, libc::SYS_sendto, nothing, ALLOWED),
        (closed, bubblewrap, libc::SYS_sendto, with(&[0, 0, 0, 0, 64]), refused),
        (closed, bubblewrap, libc::SYS_sendto, with(&[0, 0, 0, 0, 1 << 40]), refused),
        (closed, bubblewrap, libc::SYS_fchmodat, nothing, ALLOWED),
        (closed, landlock, libc::SYS_fchmodat, nothing, refused),
        (closed, landlock, libc::SYS_prlimit64, nothing, ALLOWED),
        (closed, landlock, libc::SYS_prlimit64, with(&[7]), refused),
        (closed, landlock, libc::SYS_setpriority, nothing, ALLOWED),
        (closed, landlock, libc::SYS_setpriority, with(&[2]), refused),
        (closed, landlock, libc::SYS_ioprio_set, with(&[1]), ALLOWED),
        (closed, landlock, libc::SYS_ioprio_set, with(&[3]), refused),
        (closed, bubblewrap, c_long::from(NEWEST + 1), nothing, unknown),
    ] {
        let found = asked(network, mechanism, call, arguments);
        assert_eq!(found, expected, "{network:?} {mechanism}: call {call} with {arguments:x?}");
    }
}

#[test]
fn other_processors_calls_are_deadly_and_x32_is_unknown() {
    let filter = program(Network::Open, Mechanism::Bubblewrap);
    let i386 = 0x4000_0003;
    assert_eq!(answer(&filter, i386, libc::SYS_read, [0; 6]), libc::SECCOMP_RET_KILL_PROCESS);
    #[cfg(target_arch = "x86_64")]
    assert_eq!(
        answer(&filter, ARCHITECTURE, libc::SYS_read + c_long::from(X32), [0; 6]),
        failing(libc::ENOSYS)
    );
}
