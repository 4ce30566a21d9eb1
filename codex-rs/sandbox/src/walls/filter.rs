//! The system call filter: what no walled process may ask of the kernel, under every mechanism.
//!
//! A list of refusals over a default of "allowed": programs go on working, and what the kernel learns after this list was
//! written is refused as unknown. Assembled here, in classic BPF; a test interprets it.

use libc::{c_long, sock_filter};

use super::Mechanism;
use crate::Network;

#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xC000_00B7;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the numbers of system calls are not known for this processor");

/// The x32 numbers of the same calls begin here; no program of ours needs them.
#[cfg(target_arch = "x86_64")]
const X32: u32 = 0x4000_0000;
/// The newest system call that was looked at when this list was written (`file_setattr`, Linux 6.17).
const NEWEST: u32 = 469;

// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCH: u32 = 4;
const ARGUMENTS: u32 = 16;

const NEW_NAMESPACES: u32 = 0x7E02_0000;
const CLONE_NEWTIME: u32 = 0x80;
/// Of the type of a socket: what is left of its flags.
const SOCKET_TYPE: u32 = 0xF;

/// When a call is refused.
enum When {
    Always,
    /// An argument has one of these bits.
    AnyBit(u32, u32),
    /// An argument is this.
    Is(u32, u32),
    /// An argument, or this part of it, is none of these.
    NoneOf(u32, u32, &'static [u32]),
    /// An argument is not null.
    Given(u32),
}

struct Rule {
    call: u32,
    when: When,
    error: i32,
}

/// The program for the kernel.
pub(super) fn program(network: Network, mechanism: Mechanism) -> Vec<sock_filter> {
    let mut rules = common();
    rules.extend(sockets(network));
    match mechanism {
        Mechanism::Bubblewrap | Mechanism::Seatbelt => {}
        Mechanism::Landlock => rules.extend(without_namespaces()),
    }
    assembled(&rules)
}

/// Calls that are refused in any case.
fn common() -> Vec<Rule> {
    let refused = [
        // Other processes' memory and descriptors.
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_process_madvise,
        libc::SYS_pidfd_getfd,
        libc::SYS_kcmp,
        // Mounts and namespaces.
        libc::SYS_mount,
        libc::SYS_umount2,
        libc::SYS_pivot_root,
        libc::SYS_chroot,
        libc::SYS_move_mount,
        libc::SYS_open_tree,
        libc::SYS_fsopen,
        libc::SYS_fsconfig,
        libc::SYS_fsmount,
        libc::SYS_fspick,
        libc::SYS_mount_setattr,
        OPEN_TREE_ATTR,
        libc::SYS_setns,
        // The kernel itself.
        libc::SYS_bpf,
        libc::SYS_perf_event_open,
        libc::SYS_userfaultfd,
        libc::SYS_kexec_load,
        libc::SYS_kexec_file_load,
        libc::SYS_init_module,
        libc::SYS_finit_module,
        libc::SYS_delete_module,
        libc::SYS_reboot,
        libc::SYS_swapon,
        libc::SYS_swapoff,
        libc::SYS_acct,
        libc::SYS_quotactl,
        libc::SYS_quotactl_fd,
        libc::SYS_settimeofday,
        libc::SYS_clock_settime,
        libc::SYS_sethostname,
        libc::SYS_setdomainname,
        libc::SYS_syslog,
        libc::SYS_vhangup,
        libc::SYS_fanotify_init,
        libc::SYS_open_by_handle_at,
        // The keys of the session.
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_iopl,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_ioperm,
    ];
    let mut rules: Vec<Rule> = refused.into_iter().map(|call| refuse(call, When::Always)).collect();
    // Programs that know these fall back on older calls when the kernel seems not to.
    for call in
        [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_clone3]
    {
        rules.push(Rule { error: libc::ENOSYS, ..refuse(call, When::Always) });
    }
    rules.push(refuse(libc::SYS_clone, When::AnyBit(0, NEW_NAMESPACES)));
    rules.push(refuse(libc::SYS_unshare, When::AnyBit(0, NEW_NAMESPACES | CLONE_NEWTIME)));
    // What types into a terminal, takes its console or changes its discipline.
    for request in [TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD] {
        rules.push(refuse(libc::SYS_ioctl, When::Is(1, request)));
    }
    rules
}

/// What may be connected to. A socket of the local family reaches every service of the person: never.
fn sockets(network: Network) -> Vec<Rule> {
    let pair = [
        refuse(libc::SYS_socketpair, When::NoneOf(0, u32::MAX, &[AF_UNIX])),
        // A pair of datagram sockets can send to any address.
        refuse(libc::SYS_socketpair, When::NoneOf(1, SOCKET_TYPE, &[SOCK_STREAM, SOCK_SEQPACKET])),
    ];
    let mut rules: Vec<Rule> = pair.into();
    match network {
        Network::Closed => {
            let calls = [
                libc::SYS_socket,
                libc::SYS_connect,
                libc::SYS_bind,
                libc::SYS_listen,
                libc::SYS_accept,
                libc::SYS_accept4,
            ];
            rules.extend(calls.into_iter().map(|call| refuse(call, When::Always)));
            rules.push(refuse(libc::SYS_sendto, When::Given(4)));
        }
        Network::Open => {
            rules.push(refuse(libc::SYS_socket, When::NoneOf(0, u32::MAX, &[AF_INET, AF_INET6])));
            rules.push(refuse(libc::SYS_socket, When::NoneOf(1, SOCKET_TYPE, &[SOCK_STREAM, SOCK_DGRAM])));
        }
    }
    rules
}

/// Landlock has no rules for these, and nothing else keeps them inside.
fn without_namespaces() -> Vec<Rule> {
    let calls = [
        // Modes, owners, times and attributes of files anywhere.
        libc::SYS_fchmod,
        libc::SYS_fchmodat,
        FCHMODAT2,
        libc::SYS_fchown,
        libc::SYS_fchownat,
        libc::SYS_setxattr,
        libc::SYS_lsetxattr,
        libc::SYS_fsetxattr,
        SETXATTRAT,
        libc::SYS_removexattr,
        libc::SYS_lremovexattr,
        libc::SYS_fremovexattr,
        REMOVEXATTRAT,
        libc::SYS_utimensat,
        FILE_SETATTR,
        // Memory, queues and semaphores shared with everybody of this user.
        libc::SYS_shmget,
        libc::SYS_shmat,
        libc::SYS_shmctl,
        libc::SYS_msgget,
        libc::SYS_msgsnd,
        libc::SYS_msgrcv,
        libc::SYS_msgctl,
        libc::SYS_semget,
        libc::SYS_semop,
        libc::SYS_semtimedop,
        libc::SYS_semctl,
        libc::SYS_mq_open,
        libc::SYS_mq_unlink,
        // Priorities and limits of other processes: signals are fenced in by Landlock, these are not.
        libc::SYS_prlimit64,
        libc::SYS_setpriority,
        libc::SYS_ioprio_set,
        libc::SYS_sched_setscheduler,
        libc::SYS_sched_setparam,
        libc::SYS_sched_setattr,
        libc::SYS_sched_setaffinity,
        libc::SYS_migrate_pages,
        libc::SYS_move_pages,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chmod,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_chown,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_lchown,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_utime,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_utimes,
        #[cfg(target_arch = "x86_64")]
        libc::SYS_futimesat,
    ];
    let mut rules: Vec<Rule> = calls.into_iter().map(refuse_for_others).collect();
    // Here 0 is the caller's user, and so every process of the person.
    rules.push(refuse(libc::SYS_setpriority, When::Is(0, PRIO_USER)));
    rules.push(refuse(libc::SYS_ioprio_set, When::Is(0, IOPRIO_WHO_USER)));
    for request in [FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR] {
        rules.push(refuse(libc::SYS_ioctl, When::Is(1, request)));
    }
    rules
}

/// Those that take a process take 0 for the caller itself, which is harmless.
fn refuse_for_others(call: c_long) -> Rule {
    let process = match call {
        libc::SYS_prlimit64
        | libc::SYS_sched_setscheduler
        | libc::SYS_sched_setparam
        | libc::SYS_sched_setattr
        | libc::SYS_sched_setaffinity
        | libc::SYS_migrate_pages
        | libc::SYS_move_pages => 0,
        libc::SYS_setpriority | libc::SYS_ioprio_set => 1,
        _ => return refuse(call, When::Always),
    };
    refuse(call, When::Given(process))
}

const AF_UNIX: u32 = libc::AF_UNIX as u32;
const AF_INET: u32 = libc::AF_INET as u32;
const AF_INET6: u32 = libc::AF_INET6 as u32;
const SOCK_STREAM: u32 = libc::SOCK_STREAM as u32;
const SOCK_DGRAM: u32 = libc::SOCK_DGRAM as u32;
const SOCK_SEQPACKET: u32 = libc::SOCK_SEQPACKET as u32;
const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541C;
const TIOCCONS: u32 = 0x541D;
const TIOCSETD: u32 = 0x5423;
const PRIO_USER: u32 = 2;
const IOPRIO_WHO_USER: u32 = 3;
const FS_IOC_SETFLAGS: u32 = 0x4008_6602;
const FS_IOC_FSSETXATTR: u32 = 0x401C_5820;
// Numbers that are the same on all processors.
const FCHMODAT2: c_long = 452;
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;
const OPEN_TREE_ATTR: c_long = 467;
const FILE_SETATTR: c_long = 469;

fn refuse(call: c_long, when: When) -> Rule {
    Rule { call: u32::try_from(call).unwrap_or(u32::MAX), when, error: libc::EPERM }
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const ANY_BIT: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

fn assembled(rules: &[Rule]) -> Vec<sock_filter> {
    let mut program = vec![
        statement(LOAD, ARCH),
        jump(EQUAL, ARCHITECTURE, 1, 0),
        statement(RETURN, libc::SECCOMP_RET_KILL_PROCESS),
        statement(LOAD, NUMBER),
    ];
    #[cfg(target_arch = "x86_64")]
    program.extend([jump(AT_LEAST, X32, 0, 1), statement(RETURN, failing(libc::ENOSYS))]);
    for rule in rules {
        let body = body(rule);
        // A body is a dozen statements at most.
        let past = u8::try_from(body.len()).unwrap_or(u8::MAX);
        program.push(jump(EQUAL, rule.call, 0, past));
        program.extend(body);
    }
    program.extend([
        jump(AT_LEAST, NEWEST + 1, 0, 1),
        statement(RETURN, failing(libc::ENOSYS)),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
    ]);
    program
}

/// What is done when the number is the rule's; at its end the number is loaded again for the rules that follow.
fn body(rule: &Rule) -> Vec<sock_filter> {
    let refused = statement(RETURN, failing(rule.error));
    let again = statement(LOAD, NUMBER);
    match rule.when {
        When::Always => vec![refused],
        When::AnyBit(argument, bits) => {
            vec![statement(LOAD, low(argument)), jump(ANY_BIT, bits, 0, 1), refused, again]
        }
        When::Is(argument, value) => {
            vec![statement(LOAD, low(argument)), jump(EQUAL, value, 0, 1), refused, again]
        }
        When::Given(argument) => vec![
            statement(LOAD, low(argument)),
            jump(EQUAL, 0, 0, 2),
            statement(LOAD, low(argument) + 4),
            jump(EQUAL, 0, 1, 0),
            refused,
            again,
        ],
        When::NoneOf(argument, mask, allowed) => {
            let mut body = vec![statement(LOAD, low(argument)), statement(AND, mask)];
            let mut left = u8::try_from(allowed.len()).unwrap_or(u8::MAX);
            for value in allowed {
                // Over the values that follow and the refusal.
                body.push(jump(EQUAL, *value, left, 0));
                left -= 1;
            }
            body.extend([refused, again]);
            body
        }
    }
}

/// Where the lower half of an argument is; both processors are little-endian.
fn low(argument: u32) -> u32 {
    ARGUMENTS + 8 * argument
}

fn failing(error: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | error.unsigned_abs()
}

fn statement(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

fn jump(code: u16, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests;
