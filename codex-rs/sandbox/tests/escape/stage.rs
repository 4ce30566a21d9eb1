//! What is attacked: folders, a process, listeners, a terminal, shared memory; made anew for every attempt.

use std::collections::BTreeMap;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use codex_sandbox::{Access, Network, Policy, Root, RootKind};

use crate::cases::Mode;

/// What must never be printed.
pub(crate) const CANARY: &str = "CANARY-4711";

/// Everything that one attempt may touch.
pub(crate) struct Stage {
    base: PathBuf,
    _folder: tempfile::TempDir,
    victim: Child,
    tcp: TcpListener,
    udp: UdpSocket,
    _socket: UnixListener,
    datagrams: UnixDatagram,
    _abstract: UnixListener,
    terminal: Option<(OwnedFd, String)>,
    segment: i64,
    shared: PathBuf,
    leaked: OwnedFd,
    before: BTreeMap<PathBuf, String>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("escape-").tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for made in [
            "ws/.git/hooks",
            "ws/src/nested/.git/hooks",
            "ws/inner/creds",
            "home/.codex",
            "home/.ssh",
            "outside",
            "scratch/sub",
            "scratch/creds",
            "scratch/lk/way",
            "linked/real",
            "scratch/deep/nest/ws2/.git",
            "scratch/deep/nest/ws2/src",
            "locked/home/tree/ws3/src",
        ] {
            fs::create_dir_all(base.join(made)).unwrap();
        }
        for (file, text) in [
            ("ws/.git/config", "before"),
            ("ws/file", "before"),
            ("ws/src/file", "before"),
            ("ws/inner/creds/auth.json", CANARY),
            ("home/.codex/auth.json", CANARY),
            ("home/.bashrc", "before"),
            ("home/.ssh/authorized_keys", "before"),
            ("outside/file", "before"),
            ("scratch/creds/auth.json", CANARY),
            ("linked/real/auth.json", CANARY),
            ("scratch/deep/nest/ws2/.git/config", "before"),
            ("locked/home/auth.json", CANARY),
            ("locked/home/tree/ws3/file", "before"),
        ] {
            fs::write(base.join(file), text).unwrap();
        }
        symlink("../../linked", base.join("scratch/lk/codex")).unwrap();
        let (pipe, read) = (base.join("outside/pipe"), rustix::fs::Mode::from_raw_mode(0o600));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, read, 0).unwrap();
        let victim = Command::new("/bin/cat")
            .env_clear()
            .env("SECRET", CANARY)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let datagrams = UnixDatagram::bind(base.join("outside/datagrams")).unwrap();
        datagrams.set_nonblocking(true).unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        udp.set_nonblocking(true).unwrap();
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let name = SocketAddr::from_abstract_name(base.to_str().unwrap()).unwrap();
        let shared = PathBuf::from(format!("/dev/shm/{}", base.file_name().unwrap().display()));
        fs::write(&shared, CANARY).unwrap();
        let mut stage = Stage {
            _socket: UnixListener::bind(base.join("outside/socket")).unwrap(),
            _abstract: UnixListener::bind_addr(&name).unwrap(),
            leaked: leaked(&base.join("home/.codex/auth.json")),
            base,
            _folder: folder,
            victim,
            tcp,
            udp,
            datagrams,
            terminal: terminal(),
            segment: segment(),
            shared,
            before: BTreeMap::new(),
        };
        stage.before = stage.look();
        stage
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    pub(crate) fn policy(&self, mode: Mode) -> Policy {
        let hidden =
            ["home/.codex", "ws/inner/creds", "scratch/creds", "scratch/lk/codex/real", "locked/home"];
        let hidden = hidden.map(|name| self.path(name)).into();
        let root = |name: &str, kind| Root { path: self.path(name), kind };
        let roots = vec![
            root("ws", RootKind::Workspace),
            root("scratch/deep/nest/ws2", RootKind::Workspace),
            root("locked/home/tree/ws3", RootKind::Workspace),
            root("scratch", RootKind::Scratch),
        ];
        match mode {
            Mode::ReadOnly => Policy { access: Access::ReadOnly, network: Network::Closed, hidden },
            Mode::Workspace => {
                Policy { access: Access::WorkspaceWrite { roots }, network: Network::Closed, hidden }
            }
            Mode::Networked => {
                Policy { access: Access::WorkspaceWrite { roots }, network: Network::Open, hidden }
            }
        }
    }

    /// What the script is told.
    pub(crate) fn environment(&self, helper: &Path) -> Vec<(String, String)> {
        let path = |name: &str| self.path(name).display().to_string();
        let terminal = self.terminal.as_ref().map_or(String::new(), |(_, name)| name.clone());
        [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("H", format!("{} helper", helper.display())),
            ("WS", path("ws")),
            ("WS2", path("scratch/deep/nest/ws2")),
            ("HOME", path("home")),
            ("HIDDEN", path("home/.codex")),
            ("OUT", path("outside")),
            ("SCRATCH", path("scratch")),
            ("LOCKED", path("locked/home")),
            ("BASE", path("")),
            ("ABSTRACT", self.base.display().to_string()),
            ("PORT", self.tcp.local_addr().unwrap().port().to_string()),
            ("UDP", self.udp.local_addr().unwrap().port().to_string()),
            ("SUITE", std::process::id().to_string()),
            ("VICTIM", self.victim.id().to_string()),
            ("TTY", terminal),
            ("SEGMENT", self.segment.to_string()),
            ("SHARED", self.shared.display().to_string()),
            ("FD", self.leaked.as_raw_fd().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What the attempt changed that it must not, if anything.
    pub(crate) fn damage(&mut self) -> Option<String> {
        if !matches!(self.victim.try_wait(), Ok(None)) {
            return Some("a process outside was ended".to_owned());
        }
        let mut buffer = [0; 16];
        if self.udp.recv(&mut buffer).is_ok() || self.datagrams.recv(&mut buffer).is_ok() {
            return Some("a datagram arrived".to_owned());
        }
        if let Some((master, _)) = &self.terminal
            && rustix::io::read(master, &mut buffer).is_ok_and(|read| read > 0)
        {
            return Some("another terminal was written to".to_owned());
        }
        let now = self.look();
        let changed = now.iter().find(|(path, state)| self.before.get(*path) != Some(*state));
        let changed = changed.map(|(path, _)| path);
        let gone = self.before.keys().find(|path| !now.contains_key(*path));
        changed
            .or(gone)
            .map(|path| format!("{} was changed", path.strip_prefix(&self.base).unwrap_or(path).display()))
    }

    /// Everything that must stay as it is.
    fn look(&self) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        for name in
            ["outside", "home", "ws/.git", "ws/.codex", "ws/.agents", "ws/inner", "scratch/creds", "linked"]
        {
            self.note(&self.path(name), &mut found);
        }
        for name in [".git", ".codex", ".agents"] {
            self.note(&self.path("scratch/deep/nest/ws2").join(name), &mut found);
        }
        self.note(&self.path("scratch/lk/codex"), &mut found);
        self.note(&self.path("locked/home/auth.json"), &mut found);
        self.note(&self.shared, &mut found);
        found
    }

    fn note(&self, path: &Path, found: &mut BTreeMap<PathBuf, String>) {
        let Ok(metadata) = path.symlink_metadata() else { return };
        // Times alone would not do: a link can be replaced within one tick of the file system's clock.
        let text = if metadata.is_file() {
            fs::read(path).unwrap_or_default()
        } else {
            fs::read_link(path).map(|target| target.into_os_string().into_encoded_bytes()).unwrap_or_default()
        };
        let times = (metadata.mtime(), metadata.mtime_nsec());
        let mode = metadata.permissions().mode();
        let attributes = rustix::fs::listxattr(path, &mut [0_u8; 256]).unwrap_or(0);
        let state =
            format!("{mode:o} {} {attributes} {times:?} {}", metadata.uid(), String::from_utf8_lossy(&text));
        found.insert(path.to_path_buf(), state);
        if metadata.is_dir() {
            for entry in fs::read_dir(path).into_iter().flatten().flatten() {
                self.note(&entry.path(), found);
            }
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.victim.kill();
        let _ = self.victim.wait();
        let _ = fs::remove_file(&self.shared);
        #[expect(unsafe_code, reason = "the standard library has no System V memory")]
        // SAFETY: removes a segment by its number; no pointer is passed that is read.
        unsafe {
            libc::syscall(libc::SYS_shmctl, self.segment, 0, 0);
        }
        // A script may have taken its rights.
        let _ = fs::set_permissions(&self.base, fs::Permissions::from_mode(0o700));
    }
}

/// A descriptor that is inherited by mistake.
fn leaked(path: &Path) -> OwnedFd {
    let opened = fs::File::open(path).unwrap();
    let opened = rustix::io::dup(&opened).unwrap();
    rustix::io::fcntl_setfd(&opened, rustix::io::FdFlags::empty()).unwrap();
    opened
}

/// A terminal of the person; keys were typed that nobody has read yet.
fn terminal() -> Option<(OwnedFd, String)> {
    let mut master = fs::OpenOptions::new().read(true).write(true).open("/dev/ptmx").ok()?;
    let unlock = 0_i32;
    let mut number = 0_u32;
    #[expect(unsafe_code, reason = "the standard library has no pseudo terminals")]
    // SAFETY: both calls take a pointer to an integer, which lives through them.
    unsafe {
        libc::ioctl(master.as_raw_fd(), 0x4004_5431, std::ptr::from_ref(&unlock));
        libc::ioctl(master.as_raw_fd(), 0x8004_5430, std::ptr::from_mut(&mut number));
    }
    let name = format!("/dev/pts/{number}");
    let slave = rustix::fs::open(
        &name,
        rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY | rustix::fs::OFlags::CLOEXEC,
        rustix::fs::Mode::empty(),
    )
    .ok()?;
    let mut mode = rustix::termios::tcgetattr(&slave).ok()?;
    mode.make_raw();
    rustix::termios::tcsetattr(&slave, rustix::termios::OptionalActions::Now, &mode).ok()?;
    std::io::Write::write_all(&mut master, CANARY.as_bytes()).ok()?;
    let flags = rustix::fs::fcntl_getfl(&master).ok()?;
    rustix::fs::fcntl_setfl(&master, flags | rustix::fs::OFlags::NONBLOCK).ok()?;
    // The slave stays open, or what was typed is lost.
    std::mem::forget(slave);
    Some((master.into(), name))
}

/// Memory that is shared by number.
fn segment() -> i64 {
    #[expect(unsafe_code, reason = "the standard library has no System V memory")]
    // SAFETY: a new segment of a page is attached, written within its bounds and let go.
    unsafe {
        let id = libc::syscall(libc::SYS_shmget, 0_i64, 4096_i64, 0o1600_i64);
        let address = libc::syscall(libc::SYS_shmat, id, 0_i64, 0_i64);
        if address != -1 {
            *(address as *mut u8) = b'C';
            libc::syscall(libc::SYS_shmdt, address);
        }
        id
    }
}
