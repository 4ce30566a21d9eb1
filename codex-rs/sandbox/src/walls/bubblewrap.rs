//! Walls by bubblewrap: the file system read-only, the roots bound writable over it, protected paths bound read-only over
//! those, empty file systems over hidden folders; namespaces of its own; the system call filter.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use libc::sock_filter;
use rustix::fs::{MemfdFlags, OFlags};

use super::cover::Cover;
use super::inside::{self, Interrupts};
use super::mount_points::{Kind, MountPoints, Point};
use super::{Kept, Launch, Leader, Mechanism, filter};
use crate::{CommandSpec, Network, SandboxError, Stdio};

/// The program that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bubblewrap {
    program: PathBuf,
    binds: Binds,
    /// See [`Bubblewrap::resetter`]; looked for when it is needed.
    resetter: OnceLock<Option<PathBuf>>,
}

/// How a folder is named to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binds {
    /// By a descriptor: what is mounted is what was looked at, whatever is renamed meanwhile.
    ByDescriptor,
    /// By its path, as older releases do.
    ByPath,
}

/// What is mounted at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Writable,
    ReadOnly,
    Hidden,
}

impl Bubblewrap {
    /// Looks for the program where nobody but the person or the system can have put it.
    pub(crate) fn find(search_path: &[PathBuf]) -> Result<Self, String> {
        let trusted = |folder: &PathBuf| {
            let Ok(real) = folder.canonicalize() else { return false };
            folder.is_absolute() && real.metadata().is_ok_and(|found| is_ours(&found))
        };
        let programs = search_path.iter().filter(|folder| trusted(folder)).map(|folder| folder.join("bwrap"));
        let program = programs
            .filter_map(|program| program.canonicalize().ok())
            .find(|program| {
                program
                    .metadata()
                    .is_ok_and(|found| found.is_file() && is_ours(&found) && found.mode() & 0o111 != 0)
            })
            .ok_or("`bwrap` is not installed")?;
        let help = help(&program);
        let help = help.map_err(|error| format!("`{}` cannot be started: {error}", program.display()))?;
        let binds = if help.contains("--bind-fd") { Binds::ByDescriptor } else { Binds::ByPath };
        Ok(Bubblewrap { program, binds, resetter: OnceLock::new() })
    }

    /// What lets a command with a terminal hear the keys that interrupt, where bubblewrap has to ignore them: it shares the
    /// terminal with the command, and its end would be the command's. Ignoring is inherited, so somebody behind the walls
    /// has to reset it. `None`: there is no such program here, or the command would be read as one of its variables.
    fn resetter(&self, spec: &CommandSpec) -> Option<&PathBuf> {
        match spec.stdio {
            Stdio::Pipe(_) | Stdio::Streams => return None,
            Stdio::Terminal(_) | Stdio::Inherit => {}
        }
        if spec.argv.first().is_some_and(|program| program.contains('=')) {
            return None;
        }
        let resets = |env: &PathBuf| {
            env.metadata().is_ok_and(|found| is_ours(&found))
                && help(env).is_ok_and(|help| help.contains("--default-signal"))
        };
        let found = || ["/usr/bin/env", "/bin/env"].into_iter().map(PathBuf::from).find(resets);
        self.resetter.get_or_init(found).as_ref()
    }

    /// The command as bubblewrap's.
    pub(crate) fn launch(
        &self,
        spec: &CommandSpec,
        points: &Arc<MountPoints>,
    ) -> Result<Launch, SandboxError> {
        let wall =
            |what: &str, cause: &dyn std::fmt::Display| SandboxError::Walls(format!("{what}: {cause}"));
        let cover = Cover::of(&spec.policy)?;
        if !cover.shows(&super::real(&spec.cwd)) {
            return Err(SandboxError::HiddenFolder(spec.cwd.clone()));
        }
        if cover.roots.iter().any(|root| self.program.starts_with(&root.path)) {
            let what = format!("`{}` lies in a folder that commands may change", self.program.display());
            return Err(SandboxError::Walls(what));
        }
        let held = points.hold(mount_points(&cover));
        let held = held.map_err(|error| wall("a protected folder cannot be held", &error))?;
        let mut options = Options::default();
        options.namespaces(spec.policy.network);
        options.mounts(&cover, self.binds).map_err(|error| wall("a folder cannot be opened", &error))?;
        let environment = options.environment(&spec.environment);
        options.words(["--chdir".as_ref(), spec.cwd.as_os_str()]);
        let filter = filter::program(spec.policy.network, Mechanism::Bubblewrap);
        let filter = memory(&bytes(&filter)).map_err(|error| wall("the filter cannot be passed", &error))?;
        options.words(["--seccomp".as_ref(), number(&filter).as_os_str()]);
        let Options { words, mut descriptors } = options;
        let list = memory(&words).map_err(|error| wall("the options cannot be passed", &error))?;
        let mut arguments: Vec<OsString> = vec!["--args".into(), number(&list), "--".into()];
        let resetter = self.resetter(spec);
        let interrupts = if resetter.is_some() { Interrupts::Ignored } else { Interrupts::Heard };
        if let Some(resetter) = resetter {
            arguments.extend([resetter.into(), "--default-signal=INT,QUIT".into(), "--".into()]);
        }
        arguments.extend(spec.argv.iter().map(OsString::from));
        descriptors.extend([filter, list]);
        Ok(Launch {
            program: self.program.clone().into(),
            arguments,
            cwd: PathBuf::from("/"),
            environment,
            in_child: Some(inside::with_descriptors(descriptors, interrupts)),
            leader: Leader::Wrapper,
            kept: Kept::of(held),
        })
    }
}

/// What a program says of itself.
fn help(program: &Path) -> std::io::Result<String> {
    let help = std::process::Command::new(program).arg("--help").env_clear().output()?;
    Ok(String::from_utf8_lossy(&[help.stdout, help.stderr].concat()).into_owned())
}

/// What goes to bubblewrap through a descriptor, where no process list shows it.
#[derive(Default)]
struct Options {
    words: Vec<u8>,
    descriptors: Vec<OwnedFd>,
}

impl Options {
    fn words<const COUNT: usize>(&mut self, words: [&OsStr; COUNT]) {
        for word in words {
            self.words.extend_from_slice(word.as_bytes());
            self.words.push(0);
        }
    }

    fn namespaces(&mut self, network: Network) {
        for option in [
            "--unshare-user",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--unshare-cgroup-try",
            "--die-with-parent",
        ] {
            self.words([option.as_ref()]);
        }
        match network {
            Network::Closed => self.words(["--unshare-net".as_ref()]),
            Network::Open => {}
        }
        self.words(["--cap-drop".as_ref(), "ALL".as_ref()]);
    }

    fn mounts(&mut self, cover: &Cover, binds: Binds) -> std::io::Result<()> {
        self.words(["--ro-bind".as_ref(), "/".as_ref(), "/".as_ref()]);
        self.words(["--dev".as_ref(), "/dev".as_ref(), "--proc".as_ref(), "/proc".as_ref()]);
        for settings in kernel_settings() {
            self.words(["--ro-bind-try".as_ref(), settings.as_os_str(), settings.as_os_str()]);
        }
        let layers = layers(cover);
        for (path, layer) in &layers {
            let path = path.as_os_str();
            match (layer, binds) {
                (Layer::Hidden, _) => self.words(["--tmpfs".as_ref(), path]),
                (Layer::Writable, Binds::ByPath) => self.words(["--bind".as_ref(), path, path]),
                (Layer::ReadOnly, Binds::ByPath) => self.words(["--ro-bind".as_ref(), path, path]),
                (Layer::Writable, Binds::ByDescriptor) => match self.bind("--bind-fd", path) {
                    // What vanished beside a link needs no mount.
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    bound => bound?,
                },
                (Layer::ReadOnly, Binds::ByDescriptor) => self.bind("--ro-bind-fd", path)?,
            }
        }
        // Last, because the mount points of what is bound back were made in them.
        for (path, _) in layers.iter().filter(|(_, layer)| **layer == Layer::Hidden) {
            self.words(["--remount-ro".as_ref(), path.as_os_str()]);
        }
        Ok(())
    }

    fn bind(&mut self, option: &str, path: &OsStr) -> std::io::Result<()> {
        let opened = super::open_without_links(Path::new(path), OFlags::PATH)?;
        self.words([option.as_ref(), number(&opened).as_os_str(), path]);
        self.descriptors.push(opened);
        Ok(())
    }

    /// Gives what bubblewrap itself may see; what would change how it is loaded is for the command alone.
    fn environment(&mut self, wanted: &[(String, String)]) -> Vec<(String, String)> {
        let loader = |name: &str| name.starts_with("LD_") || name == "GLIBC_TUNABLES";
        for (name, value) in wanted.iter().filter(|(name, _)| loader(name)) {
            self.words(["--setenv".as_ref(), name.as_ref(), value.as_ref()]);
        }
        wanted.iter().filter(|(name, _)| !loader(name)).cloned().collect()
    }
}

/// What root could change the kernel with in `/proc`, whatever namespace it is in: for that it need not have any of its
/// powers, owning the files is enough. Bubblewrap itself looks at folders only, and finds them unwritable.
fn kernel_settings() -> Vec<PathBuf> {
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let is_process = |path: &Path| {
        let name = path.file_name().map(OsStr::as_bytes).unwrap_or_default();
        name.first().is_some_and(u8::is_ascii_digit)
    };
    let can_change = |path: &Path| {
        path.symlink_metadata()
            .is_ok_and(|found| found.is_dir() || (found.is_file() && found.mode() & 0o222 != 0))
    };
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    entries.filter(|path| !is_process(path) && can_change(path)).collect()
}

/// The folders that something is mounted on, whether they exist or have to be made for that.
fn mount_points(cover: &Cover) -> impl Iterator<Item = Point> {
    let protected = cover.protected.iter().filter(|protected| !protected.exists || protected.path.is_dir());
    let protected = protected.map(|protected| Point { path: protected.path.clone(), kind: Kind::Protected });
    let hidden = cover.hidden.iter().map(|path| Point { path: path.clone(), kind: Kind::Hidden });
    protected.chain(hidden)
}

/// What is mounted where, shallow before deep.
fn layers(cover: &Cover) -> BTreeMap<PathBuf, Layer> {
    let mut layers = BTreeMap::new();
    for root in &cover.roots {
        layers.insert(root.path.clone(), Layer::Writable);
    }
    for root in &cover.frozen {
        layers.insert(root.clone(), Layer::ReadOnly);
        let children = std::fs::read_dir(root).into_iter().flatten().flatten();
        for child in
            children.filter(|child| child.file_type().is_ok_and(|kind| kind.is_dir() || kind.is_file()))
        {
            layers.entry(child.path()).or_insert(Layer::Writable);
        }
    }
    for protected in cover.protected.iter().filter(|protected| protected.path.exists()) {
        layers.insert(protected.path.clone(), Layer::ReadOnly);
    }
    for hidden in cover.hidden.iter().filter(|hidden| hidden.is_dir()) {
        layers.insert(hidden.clone(), Layer::Hidden);
    }
    // A folder on the way to a mount could be renamed together with it, and the next command would find another in its
    // place. What is mounted itself cannot.
    let pins: Vec<PathBuf> = layers.keys().flat_map(|path| between(path, &layers)).collect();
    for pin in pins {
        layers.insert(pin, Layer::Writable);
    }
    layers
}

/// The folders between a mount and the writable one that it lies in.
fn between(path: &Path, layers: &BTreeMap<PathBuf, Layer>) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for ancestor in path.ancestors().skip(1) {
        match layers.get(ancestor) {
            Some(Layer::Writable) => return folders,
            Some(Layer::ReadOnly | Layer::Hidden) => return Vec::new(),
            None => folders.push(ancestor.to_path_buf()),
        }
    }
    Vec::new()
}

/// Whether only root or the person can change it.
fn is_ours(found: &std::fs::Metadata) -> bool {
    let owner = found.uid();
    let ours = owner == 0 || owner == rustix::process::geteuid().as_raw();
    ours && found.permissions().mode() & 0o002 == 0
}

fn memory(content: &[u8]) -> std::io::Result<OwnedFd> {
    let file = rustix::fs::memfd_create("codex", MemfdFlags::CLOEXEC)?;
    let mut file = std::fs::File::from(file);
    file.write_all(content)?;
    std::io::Seek::rewind(&mut file)?;
    Ok(file.into())
}

fn bytes(filter: &[sock_filter]) -> Vec<u8> {
    let statement = |one: &sock_filter| {
        let [low, high] = one.code.to_ne_bytes();
        let [first, second, third, fourth] = one.k.to_ne_bytes();
        [low, high, one.jt, one.jf, first, second, third, fourth]
    };
    filter.iter().flat_map(statement).collect()
}

fn number(descriptor: &OwnedFd) -> OsString {
    descriptor.as_raw_fd().to_string().into()
}
