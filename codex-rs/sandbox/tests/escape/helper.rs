//! The attacker's system calls, for what a shell cannot do. Each prints `ESCAPED` when it got through.

use std::ffi::CString;
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};

use libc::{c_long, c_void};

/// What one attack needs.
struct Arguments(Vec<String>);

impl Arguments {
    fn text(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    fn number(&self, index: usize) -> c_long {
        self.text(index).parse().unwrap_or(0)
    }

    fn path(&self, index: usize) -> CString {
        CString::new(self.text(index)).unwrap()
    }
}

/// Runs one attack.
pub(crate) fn run(arguments: Vec<String>) {
    let arguments = Arguments(arguments);
    if attempt(&arguments) {
        println!("ESCAPED");
    }
}

fn attempt(given: &Arguments) -> bool {
    let null = std::ptr::null::<c_void>() as c_long;
    match given.text(0) {
        "socket" => call(libc::SYS_socket, [given.number(1), given.number(2), given.number(3), 0, 0]) >= 0,
        "tcp" => TcpStream::connect(given.text(1)).is_ok(),
        "udp" => {
            UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(b"x", given.text(1))).is_ok()
        }
        "listen" => std::net::TcpListener::bind("127.0.0.1:0").is_ok(),
        "unix" => UnixStream::connect(given.text(1)).is_ok(),
        "abstract" => SocketAddr::from_abstract_name(given.text(1))
            .and_then(|address| UnixStream::connect_addr(&address))
            .is_ok(),
        "pair" => datagram_pair(given.text(1)),
        "io_uring" => {
            let mut parameters = [0_u64; 32];
            call(libc::SYS_io_uring_setup, [8, parameters.as_mut_ptr() as c_long, 0, 0, 0]) >= 0
        }
        "ptrace" => call(libc::SYS_ptrace, [0x4206, given.number(1), 0, 0, 0]) == 0,
        "vm_read" => vm_read(given),
        "mem_read" => mem_read(given),
        "kill" => call(libc::SYS_kill, [given.number(1), given.number(2), 0, 0, 0]) == 0,
        "pidfd_signal" => {
            let process = call(libc::SYS_pidfd_open, [given.number(1), 0, 0, 0, 0]);
            process >= 0
                && call(libc::SYS_pidfd_send_signal, [process, c_long::from(libc::SIGTERM), null, 0, 0]) == 0
        }
        "pidfd_getfd" => {
            let process = call(libc::SYS_pidfd_open, [given.number(1), 0, 0, 0, 0]);
            process >= 0 && call(libc::SYS_pidfd_getfd, [process, 0, 0, 0, 0]) >= 0
        }
        "renice" => call(libc::SYS_setpriority, [0, given.number(1), 10, 0, 0]) == 0,
        "renice_all" => call(libc::SYS_setpriority, [2, 0, 1, 0, 0]) == 0,
        "prlimit" => {
            let limit = [1_u64, 1];
            let (target, files) = (given.number(1), c_long::from(libc::RLIMIT_NOFILE));
            call(libc::SYS_prlimit64, [target, files, limit.as_ptr() as c_long, 0, 0]) == 0
        }
        "affinity" => {
            let mask = [1_u64; 16];
            call(libc::SYS_sched_setaffinity, [given.number(1), 128, mask.as_ptr() as c_long, 0, 0]) == 0
        }
        "add_key" => {
            let (kind, name) = (CString::new("user").unwrap(), CString::new("codex-test").unwrap());
            let (kind, name) = (kind.as_ptr() as c_long, name.as_ptr() as c_long);
            call(libc::SYS_add_key, [kind, name, name, 3, -2]) >= 0
        }
        "keyctl" => call(libc::SYS_keyctl, [0, -3, 1, 0, 0]) >= 0,
        "unshare" => call(libc::SYS_unshare, [given.number(1), 0, 0, 0, 0]) == 0,
        "clone" => namespace_by_clone(given.number(1)),
        "clone3" => namespace_by_clone3(),
        "setns" => {
            let path = given.path(1);
            let opened = call(libc::SYS_openat, [-100, path.as_ptr() as c_long, 0, 0, 0]);
            opened >= 0 && call(libc::SYS_setns, [opened, 0, 0, 0, 0]) == 0
        }
        "userns_mount" => userns_mount(),
        "chroot" => {
            let path = given.path(1);
            call(libc::SYS_chroot, [path.as_ptr() as c_long, 0, 0, 0, 0]) == 0
        }
        // What answers with anything but EPERM was looked at by more than the filter.
        "ioctl" => call(libc::SYS_ioctl, [0, given.number(1), null, 0, 0]) < 0 && last_error() != libc::EPERM,
        "bpf" => call(libc::SYS_bpf, [0, 0, 0, 0, 0]) >= 0 || last_error() != libc::EPERM,
        "perf" => call(libc::SYS_perf_event_open, [0, 0, -1, -1, 0]) >= 0 || last_error() != libc::EPERM,
        "userfaultfd" => call(libc::SYS_userfaultfd, [1, 0, 0, 0, 0]) >= 0,
        "open_tree" => {
            let path = given.path(1);
            call(libc::SYS_open_tree, [-100, path.as_ptr() as c_long, 0, 0, 0]) >= 0
        }
        "fsopen" => {
            let name = given.path(1);
            call(libc::SYS_fsopen, [name.as_ptr() as c_long, 0, 0, 0, 0]) >= 0 || last_error() != libc::EPERM
        }
        "shm" => shared_memory(given.number(1)),
        "mqueue" => {
            let name = given.path(1);
            call(libc::SYS_mq_open, [name.as_ptr() as c_long, 0, 0, 0, 0]) >= 0
        }
        "mknod" => {
            let path = given.path(1);
            let device = given.number(2);
            call(libc::SYS_mknodat, [-100, path.as_ptr() as c_long, 0o20666, device, 0]) == 0
        }
        "tmpfile" => tmpfile(given),
        "exchange" => {
            let (one, other) = (given.path(1), given.path(2));
            let (one, other) = (one.as_ptr() as c_long, other.as_ptr() as c_long);
            call(libc::SYS_renameat2, [-100, one, -100, other, 2]) == 0
        }
        "reopen" => reopen(given.text(1)),
        "xattr" => {
            let (path, name) = (given.path(1), CString::new("user.codex").unwrap());
            let (path, name) = (path.as_ptr() as c_long, name.as_ptr() as c_long);
            call(libc::SYS_setxattr, [path, name, name, 4, 0]) == 0
        }
        "fd_chmod" => {
            let path = given.path(1);
            let opened = call(libc::SYS_openat, [-100, path.as_ptr() as c_long, 0, 0, 0]);
            opened >= 0 && call(libc::SYS_fchmod, [opened, 0o777, 0, 0, 0]) == 0
        }
        "handle" => by_handle(given),
        "x32" => call(0x4000_0000 + libc::SYS_getpid, [0; 5]) > 0,
        other => panic!("no such attack: {other}"),
    }
}

fn call(number: c_long, arguments: [c_long; 5]) -> c_long {
    let [first, second, third, fourth, fifth] = arguments;
    #[expect(unsafe_code, reason = "an attacker's call")]
    // SAFETY: pointers among the arguments are to values that live through the call, with the sizes the calls expect.
    unsafe {
        libc::syscall(number, first, second, third, fourth, fifth, 0 as c_long)
    }
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

/// A pair of sockets needs no `socket`, and one of datagrams can send to any address.
fn datagram_pair(path: &str) -> bool {
    let mut pair = [0_i32; 2];
    if call(libc::SYS_socketpair, [1, 2, 0, pair.as_mut_ptr() as c_long, 0]) != 0 {
        return false;
    }
    let mut address = vec![1_u8, 0];
    address.extend(path.as_bytes());
    address.push(0);
    let (text, length) = (address.as_ptr() as c_long, address.len() as c_long);
    #[expect(unsafe_code, reason = "an attacker's call")]
    // SAFETY: the buffer is one byte of the address, which lives through the call.
    let sent = unsafe { libc::syscall(libc::SYS_sendto, c_long::from(pair[0]), text, 1, 0, text, length) };
    sent == 1
}

/// The first readable region of the process.
fn region(process: &str) -> Option<u64> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let line = maps.lines().find(|line| line.contains(" r"))?;
    u64::from_str_radix(line.split('-').next()?, 16).ok()
}

fn vm_read(given: &Arguments) -> bool {
    let address = region(given.text(1)).unwrap_or(0x40_0000);
    let mut buffer = [0_u8; 8];
    let local = [buffer.as_mut_ptr() as u64, 8];
    let remote = [address, 8];
    let (local, remote) = (local.as_ptr() as c_long, remote.as_ptr() as c_long);
    call(libc::SYS_process_vm_readv, [given.number(1), local, 1, remote, 1]) > 0
}

fn mem_read(given: &Arguments) -> bool {
    use std::os::unix::fs::FileExt;
    let Some(address) = region(given.text(1)) else { return false };
    let Ok(memory) = std::fs::File::open(format!("/proc/{}/mem", given.text(1))) else { return false };
    memory.read_at(&mut [0; 8], address).is_ok()
}

fn namespace_by_clone(flags: c_long) -> bool {
    // SIGCHLD; without a stack of its own the child goes on like a fork.
    match call(libc::SYS_clone, [flags | 17, 0, 0, 0, 0]) {
        0 => std::process::exit(0),
        child => child > 0,
    }
}

fn namespace_by_clone3() -> bool {
    let arguments: [u64; 8] = [0x1000_0000, 0, 0, 0, 17, 0, 0, 0];
    match call(libc::SYS_clone3, [arguments.as_ptr() as c_long, 64, 0, 0, 0]) {
        0 => std::process::exit(0),
        child => child > 0,
    }
}

fn userns_mount() -> bool {
    // CLONE_NEWUSER | CLONE_NEWNS, then a file system of our own.
    let entered = call(libc::SYS_unshare, [0x1002_0000, 0, 0, 0, 0]) == 0;
    let (kind, place) = (CString::new("tmpfs").unwrap(), CString::new("/tmp").unwrap());
    let (kind, place) = (kind.as_ptr() as c_long, place.as_ptr() as c_long);
    let mounted = call(libc::SYS_mount, [kind, place, kind, 0, 0]) == 0;
    entered && mounted
}

fn shared_memory(id: c_long) -> bool {
    let address = call(libc::SYS_shmat, [id, 0, 0, 0, 0]);
    if address == -1 {
        return false;
    }
    #[expect(unsafe_code, reason = "an attacker's look")]
    // SAFETY: the segment is a page, and it was attached just now.
    let first = unsafe { *(address as *const u8) };
    first == b'C'
}

/// A file without a name, given one in a protected folder.
fn tmpfile(given: &Arguments) -> bool {
    let (folder, path) = (given.path(1), given.path(2));
    let opened = call(libc::SYS_openat, [-100, folder.as_ptr() as c_long, 0o20_200_001, 0o644, 0]);
    if opened < 0 {
        return false;
    }
    let link = CString::new(format!("/proc/self/fd/{opened}")).unwrap();
    call(libc::SYS_linkat, [-100, link.as_ptr() as c_long, -100, path.as_ptr() as c_long, 0x400]) == 0
}

/// A descriptor without rights, opened again for writing.
fn reopen(path: &str) -> bool {
    let name = CString::new(path).unwrap();
    let opened = call(libc::SYS_openat, [-100, name.as_ptr() as c_long, 0o10_000_000, 0, 0]);
    let file = std::fs::OpenOptions::new().write(true).open(format!("/proc/self/fd/{opened}"));
    file.is_ok_and(|mut file| file.write_all(b"wrong").is_ok())
}

/// By the number of the file in place of its path.
fn by_handle(given: &Arguments) -> bool {
    let path = given.path(1);
    let mut handle = [0_u32; 40];
    handle[0] = 128;
    let mut mount = 0_i32;
    let (buffer, mount) = (handle.as_mut_ptr() as c_long, std::ptr::from_mut(&mut mount) as c_long);
    let named = call(libc::SYS_name_to_handle_at, [-100, path.as_ptr() as c_long, buffer, mount, 0]);
    let root = CString::new("/").unwrap();
    let root = call(libc::SYS_openat, [-100, root.as_ptr() as c_long, 0, 0, 0]);
    let opened = call(libc::SYS_open_by_handle_at, [root, buffer, 0, 0, 0]);
    if named != 0 || opened < 0 {
        return false;
    }
    let mut text = String::new();
    let file = std::fs::File::open(format!("/proc/self/fd/{opened}"));
    file.is_ok_and(|mut file| file.read_to_string(&mut text).is_ok())
}
