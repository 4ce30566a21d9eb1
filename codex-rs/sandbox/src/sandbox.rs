//! The door: every process is started here, behind the walls that its policy asks for.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::command::Running;
#[cfg(target_os = "linux")]
use crate::walls::bubblewrap::Bubblewrap;
use crate::walls::{Launch, Mechanism, seatbelt};
#[cfg(target_os = "linux")]
use crate::walls::{landlock, mount_points::MountPoints};
use crate::{CommandSpec, Network, SandboxError, self_test};

/// What the sandbox is made of. Environment and folders are handed down from the program's edge.
#[derive(Debug, Clone)]
pub struct SandboxOptions {
    /// The folders of the person's `PATH`, where mechanisms are looked for.
    pub search_path: Vec<PathBuf>,
    /// A folder for the self-test's own files, as `/tmp`.
    pub temporary: PathBuf,
    /// Which mechanism to use.
    pub mechanism: Choice,
}

/// Which mechanism to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// The first that passes its self-test.
    #[default]
    Automatic,
    /// This one, or none.
    Only(Mechanism),
}

/// Starts processes. One per program; cheap to clone.
#[derive(Debug, Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: SandboxOptions,
    /// Chosen at the first command that needs walls; how each mechanism failed where none works.
    chosen: OnceLock<Result<Walls, String>>,
    #[cfg(target_os = "linux")]
    points: Arc<MountPoints>,
}

/// A mechanism that passed its self-test.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Walls {
    #[cfg(target_os = "linux")]
    Bubblewrap(Bubblewrap),
    #[cfg(target_os = "linux")]
    Landlock,
    Seatbelt,
}

const MECHANISMS: [Mechanism; 3] = [Mechanism::Bubblewrap, Mechanism::Landlock, Mechanism::Seatbelt];

const REMEDY: &str = if cfg!(target_os = "linux") {
    "Install bubblewrap from your distribution (package `bubblewrap`) and let it make user namespaces, or use a kernel \
     with Landlock from Linux 6.12."
} else if cfg!(target_os = "macos") {
    "macOS brings `/usr/bin/sandbox-exec`; allow it to run."
} else {
    "There is no sandbox for this system yet; use Linux, WSL2 or macOS."
};

impl Sandbox {
    /// Nothing is looked at before the first sandboxed command.
    pub fn new(options: SandboxOptions) -> Self {
        Sandbox {
            inner: Arc::new(Inner {
                options,
                chosen: OnceLock::new(),
                #[cfg(target_os = "linux")]
                points: Arc::default(),
            }),
        }
    }

    /// Starts a command behind the walls of its policy. Needs a tokio runtime with IO and time, and a thread that lives
    /// as long as the command: under bubblewrap it is killed when the thread that started it ends.
    ///
    /// # Errors
    /// When no walls can be built, or the system refuses to start it.
    pub fn spawn(&self, spec: &CommandSpec) -> Result<Running, SandboxError> {
        Running::start(spec, self.launch(spec)?)
    }

    /// The mechanism in use, found by its self-test where that was not done yet.
    ///
    /// # Errors
    /// When none works.
    pub fn mechanism(&self) -> Result<Mechanism, SandboxError> {
        self.walls().map(Walls::mechanism)
    }

    pub(crate) fn launch(&self, spec: &CommandSpec) -> Result<Launch, SandboxError> {
        if spec.argv.is_empty() {
            return Err(SandboxError::Empty);
        }
        if spec.policy.is_full() {
            return Launch::plain(spec);
        }
        let walls = self.walls()?;
        is_there(spec)?;
        walls.launch(&marked(spec, walls.mechanism()), &self.inner)
    }

    fn walls(&self) -> Result<&Walls, SandboxError> {
        let chosen = self.inner.chosen.get_or_init(|| self.inner.choose());
        chosen.as_ref().map_err(|tried| SandboxError::NoWalls { tried: tried.clone(), remedy: REMEDY })
    }
}

impl Inner {
    fn choose(&self) -> Result<Walls, String> {
        let mut tried = Vec::new();
        for mechanism in MECHANISMS {
            match self.options.mechanism {
                Choice::Only(only) if only != mechanism => continue,
                Choice::Only(_) | Choice::Automatic => {}
            }
            match self.prove(mechanism) {
                Some(Ok(walls)) => return Ok(walls),
                Some(Err(why)) => tried.push(format!("{mechanism}: {why}")),
                None => {}
            }
        }
        Err(if tried.is_empty() {
            "this system has no mechanism for one".to_owned()
        } else {
            tried.join("; ")
        })
    }

    /// `None`: not of this system.
    fn prove(&self, mechanism: Mechanism) -> Option<Result<Walls, String>> {
        let found = self.find(mechanism)?;
        let proved = found.and_then(|walls| {
            let launch = |spec: &CommandSpec| walls.launch(spec, self);
            self_test::run(mechanism, &self.options.temporary, launch).map(|()| walls.clone())
        });
        Some(proved)
    }

    fn find(&self, mechanism: Mechanism) -> Option<Result<Walls, String>> {
        match mechanism {
            #[cfg(target_os = "linux")]
            Mechanism::Bubblewrap => {
                let program = Bubblewrap::find(&self.options.search_path);
                Some(program.map(Walls::Bubblewrap))
            }
            #[cfg(target_os = "linux")]
            Mechanism::Landlock => Some(landlock::available().map(|()| Walls::Landlock)),
            #[cfg(not(target_os = "linux"))]
            Mechanism::Bubblewrap | Mechanism::Landlock => None,
            Mechanism::Seatbelt => cfg!(target_os = "macos").then_some(Ok(Walls::Seatbelt)),
        }
    }
}

impl Walls {
    fn mechanism(&self) -> Mechanism {
        match self {
            #[cfg(target_os = "linux")]
            Walls::Bubblewrap(_) => Mechanism::Bubblewrap,
            #[cfg(target_os = "linux")]
            Walls::Landlock => Mechanism::Landlock,
            Walls::Seatbelt => Mechanism::Seatbelt,
        }
    }

    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "mount points are of Linux"))]
    fn launch(&self, spec: &CommandSpec, inner: &Inner) -> Result<Launch, SandboxError> {
        match self {
            #[cfg(target_os = "linux")]
            Walls::Bubblewrap(program) => program.launch(spec, &inner.points),
            #[cfg(target_os = "linux")]
            Walls::Landlock => landlock::launch(spec),
            Walls::Seatbelt => seatbelt::launch(spec),
        }
    }
}

/// A program that is nowhere is told of here: what starts it behind the walls would say so in words of its own.
fn is_there(spec: &CommandSpec) -> Result<(), SandboxError> {
    let Some(program) = spec.argv.first() else { return Err(SandboxError::Empty) };
    let is_there = |folder: &Path| folder.join(program).exists();
    let path = spec.environment.iter().find(|(name, _)| name == "PATH");
    let found = match path {
        _ if program.contains('/') => is_there(&spec.cwd),
        Some((_, path)) => path.split(':').any(|folder| is_there(&spec.cwd.join(folder))),
        // The system looks in folders of its own.
        None => true,
    };
    let missing = || std::io::ErrorKind::NotFound.into();
    if found { Ok(()) } else { Err(SandboxError::Start { program: program.clone(), cause: missing() }) }
}

/// Tells the command where it is, as the official program does.
fn marked(spec: &CommandSpec, mechanism: Mechanism) -> CommandSpec {
    const SANDBOX: &str = "CODEX_SANDBOX";
    const NETWORK: &str = "CODEX_SANDBOX_NETWORK_DISABLED";
    let mut spec = spec.clone();
    spec.environment.retain(|(name, _)| name != SANDBOX && name != NETWORK);
    let name = match mechanism {
        Mechanism::Bubblewrap => "bwrap",
        Mechanism::Landlock => "landlock",
        Mechanism::Seatbelt => "seatbelt",
    };
    spec.environment.push((SANDBOX.to_owned(), name.to_owned()));
    match spec.policy.network {
        Network::Closed => spec.environment.push((NETWORK.to_owned(), "1".to_owned())),
        Network::Open => {}
    }
    spec
}
