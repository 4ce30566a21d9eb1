//! The engine: settings and services that all threads share, and the start of a thread.

use std::path::PathBuf;
use std::sync::Arc;

use codex_app_server_protocol::{ThreadStartParams, ThreadStartResponse};
use codex_protocol::Clock;

use crate::{CoreError, EventSink, ThreadHandle};

/// What an engine is made of. Environment, folders and clock are handed down from the program's edge.
#[derive(Clone)]
pub struct EngineOptions {
    /// The time.
    pub clock: Clock,
    /// `CODEX_HOME`, absolute.
    pub codex_home: PathBuf,
    /// Working directory of threads that name none, absolute.
    pub working_directory: PathBuf,
    /// The environment that commands inherit, before our secrets are taken out.
    pub environment: Vec<(String, String)>,
    /// The person's shell, absolute.
    pub shell: PathBuf,
    /// This program's version.
    pub version: String,
}

/// Starts threads. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    options: Arc<EngineOptions>,
}

/// A thread that has started. `thread/started` and the warnings are for the caller to tell, after its answer.
pub struct StartedThread {
    /// Talks to the thread.
    pub handle: ThreadHandle,
    /// The answer to `thread/start`.
    pub response: ThreadStartResponse,
    /// What could not be read or was ignored, for people.
    pub warnings: Vec<String>,
}

impl Engine {
    /// An engine without threads.
    pub fn new(options: EngineOptions) -> Self {
        Engine { options: Arc::new(options) }
    }

    /// Starts a thread for the client named `originator`.
    ///
    /// # Errors
    /// When a parameter cannot be used.
    pub async fn start_thread(
        &self,
        params: ThreadStartParams,
        originator: &str,
        sink: Arc<dyn EventSink>,
    ) -> Result<StartedThread, CoreError> {
        let _ = (params, originator, sink, &self.options);
        Err(CoreError::ThreadEnded)
    }

    /// Ends every thread: running turns are interrupted, their commands ended, their tasks joined.
    pub async fn shutdown(&self) {}
}
