//! The door: every process is started here, behind the walls that its policy asks for.

use std::path::PathBuf;
use std::sync::Arc;

use crate::command::Running;
use crate::walls::{Launch, Mechanism};
use crate::{CommandSpec, SandboxError};

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
    #[expect(dead_code, reason = "the mechanisms come next")]
    options: SandboxOptions,
}

impl Sandbox {
    /// Nothing is looked at before the first sandboxed command.
    pub fn new(options: SandboxOptions) -> Self {
        Sandbox { inner: Arc::new(Inner { options }) }
    }

    /// Starts a command behind the walls of its policy. Needs a tokio runtime with IO and time.
    ///
    /// # Errors
    /// When no walls can be built, or the system refuses to start it.
    pub fn spawn(&self, spec: &CommandSpec) -> Result<Running, SandboxError> {
        Running::start(spec, self.launch(spec)?)
    }

    fn launch(&self, spec: &CommandSpec) -> Result<Launch, SandboxError> {
        let _ = &self.inner;
        if spec.policy.is_full() {
            return Launch::plain(spec);
        }
        Err(SandboxError::NoWalls { tried: "no mechanism is built yet".to_owned(), remedy: "" })
    }
}
