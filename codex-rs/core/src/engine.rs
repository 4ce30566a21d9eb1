//! The engine: settings and services that all threads share, and the start of a thread.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use codex_app_server_protocol::{
    ApprovalPolicy, Thread, ThreadStartParams, ThreadStartResponse, ThreadStatus, ThreadTokenUsage,
};
use codex_config::{Config, TrustLevel, WebSearch};
use codex_exec_policy::Repository;
use codex_login::AuthManager;
use codex_mcp_client::{Launcher, Servers, Stored};
use codex_model_client::{ModelClient, ThreadContext, ThreadIdentity};
use codex_protocol::{Clock, ResponseItem, ThreadId, TokenUsage};
use codex_sandbox::Sandbox;
use codex_tools::exec_command::Login;
use codex_tools::sessions::Sessions;
use codex_tools::web_search::Reach;
use codex_tools::{Offer, Offered};
use tokio::sync::watch;

use crate::allowed::Allowed;
use crate::context::{self, Docs};
use crate::granted::Granted;
use crate::history::History;
use crate::notify::Notify;
use crate::permissions::Access;
use crate::servers::ThreadHost;
use crate::settings::{PROVIDER, ThreadSettings};
use crate::teller::ItemIds;
use crate::thread::{ThreadState, doc_settings};
use crate::turn_diff::TurnDiff;
use crate::{Announcement, CoreError, EventSink, NoDiff, ThreadHandle, git, walls};

/// What an engine is made of. Environment, folders and clock are handed down from the program's edge.
#[derive(Clone)]
pub struct EngineOptions {
    /// The settings.
    pub config: Config,
    /// Who is signed in and who pays.
    pub auth: Arc<AuthManager>,
    /// Sends model requests.
    pub model_client: ModelClient,
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
    /// Starts the processes of all threads.
    pub sandbox: Sandbox,
    /// Folders with credentials, absolute: no sandboxed command and no tool reads or writes in them.
    pub hidden: Vec<PathBuf>,
    /// This program's version.
    pub version: String,
    /// `x-codex-installation-id` of model requests.
    pub installation_id: String,
}

/// The front end that a thread belongs to.
#[derive(Debug, Clone)]
pub struct Originator {
    /// `clientInfo.name`; header `originator` of model requests.
    pub name: String,
    /// Header `user-agent` of model requests.
    pub user_agent: String,
    /// `thread.source`: `vscode` for a client of the app-server, `exec`, `cli` (wire-facts §5.5).
    pub source: String,
}

/// Starts threads. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    options: Arc<EngineOptions>,
    threads: Arc<Mutex<Vec<ThreadHandle>>>,
}

/// A thread that has started. `thread/started` and the warnings are for the caller to tell, after its answer.
pub struct StartedThread {
    /// Talks to the thread.
    pub handle: ThreadHandle,
    /// The answer to `thread/start`.
    pub response: ThreadStartResponse,
    /// What could not be read or was ignored, for people.
    pub warnings: Vec<String>,
    /// Holds back what the thread tells by itself; drop it when its client knows the thread.
    pub announcement: Announcement,
}

impl Engine {
    /// An engine without threads.
    pub fn new(options: EngineOptions) -> Self {
        Engine { options: Arc::new(options), threads: Arc::default() }
    }

    /// Who is signed in and who pays.
    pub fn auth(&self) -> &Arc<AuthManager> {
        &self.options.auth
    }

    /// What the engine was made of.
    pub fn options(&self) -> &EngineOptions {
        &self.options
    }

    /// Starts a thread for this front end, by these settings. Its notifications go to `sink`.
    ///
    /// # Errors
    /// When a parameter cannot be used.
    pub async fn start_thread(
        &self,
        mut config: Config,
        params: ThreadStartParams,
        originator: Originator,
        sink: Arc<dyn EventSink>,
    ) -> Result<StartedThread, CoreError> {
        let mut warnings: Vec<String> = match &params.config {
            Some(settings) => {
                let ignored = codex_config::apply_untrusted(&mut config, settings);
                ignored.iter().map(ToString::to_string).collect()
            }
            None => Vec::new(),
        };
        let settings = ThreadSettings::new(&config, &params, &self.options.working_directory, &originator)?;
        let doc_settings = doc_settings(self.options.codex_home.clone(), &config);
        let mut docs = Docs::find(&settings.cwd, &doc_settings);
        warnings.append(&mut docs.warnings);
        let id = ThreadId::generate();
        let response = self.response(&id, &settings, &docs, &params, &originator);
        let notify = Notify::new(config.notify.clone(), originator.name.clone());
        let identity = ThreadIdentity {
            thread_id: id.clone(),
            session_id: id.to_string(),
            installation_id: self.options.installation_id.clone(),
            originator: originator.name,
            user_agent: originator.user_agent,
        };
        let mut history = History::default();
        let added = params.developer_instructions.or_else(|| config.developer_instructions.clone());
        if let Some(instructions) = added.filter(|text| !text.trim().is_empty()) {
            history.push_ours(ResponseItem::message("developer", instructions));
        }
        history.push_ours(context::message(Some(&docs), &settings, &self.options.shell));
        let policy = Arc::new(walls::policy(&settings, &self.options));
        let repository = match codex_config::trust(&settings.cwd, &config) {
            Some(TrustLevel::Trusted) => Repository::Trusted,
            Some(TrustLevel::Untrusted) | None => Repository::Untrusted,
        };
        let offer = Offer {
            update_plan: if config.tools.update_plan { Offered::Yes } else { Offered::No },
            request_permissions: match (walls::access(&settings), &settings.approval) {
                (Access::Full, _) | (_, ApprovalPolicy::Never) => Offered::No,
                (Access::Walled, _) => Offered::Yes,
            },
            web_search: match config.web_search {
                WebSearch::Disabled => None,
                WebSearch::Cached | WebSearch::Indexed => Some(Reach::Stored),
                WebSearch::Live => Some(Reach::Live),
            },
        };
        let (announcement, announced) = Announcement::new();
        let approval = watch::Sender::new(settings.approval.clone());
        let (host, news) = ThreadHost::new(id.clone(), Arc::clone(&sink), approval.subscribe(), announced);
        let servers = Servers::start(config.mcp_servers.clone(), self.launcher(&settings), host);
        let base = params.base_instructions.filter(|text| !text.trim().is_empty());
        let handle = ThreadHandle::spawn(ThreadState {
            id,
            options: Arc::clone(&self.options),
            sink,
            context: ThreadContext::new(identity),
            settings,
            doc_settings,
            docs,
            instructions: base.map_or_else(|| context::BASE_INSTRUCTIONS.into(), Arc::from),
            tools: Arc::from(codex_tools::offered(&offer)),
            history,
            sessions: Sessions::new(self.options.sandbox.clone()),
            started: Default::default(),
            item_ids: ItemIds::default(),
            usage: ThreadTokenUsage {
                total: TokenUsage::default(),
                last: TokenUsage::default(),
                model_context_window: None,
            },
            output_tokens: config
                .tool_output_token_limit
                .map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
            other_model: None,
            allowed: Allowed::default(),
            servers: servers.clone(),
            approval,
            _news: news,
            policy,
            repository,
            granted: Granted::default(),
            remarked: false,
            turn_diff: TurnDiff::default(),
            login: if config.allow_login_shell { Login::Allowed } else { Login::Never },
            environment: walls::inherited(&config.shell_environment_policy),
            offer,
            notify,
        });
        if let Err(not_ready) = servers.wait_required().await {
            handle.shutdown().await;
            return Err(CoreError::McpServer(not_ready));
        }
        let mut threads = self.threads();
        threads.retain(|thread| !thread.has_ended());
        threads.push(handle.clone());
        Ok(StartedThread { handle, response, warnings, announcement })
    }

    /// What has changed since the last commit in the repository around a folder, untracked files included, as a unified
    /// diff. Runs git only where `config` trusts the folder.
    ///
    /// # Errors
    /// When there is none to show.
    pub async fn git_diff(&self, config: &Config, folder: &Path) -> Result<String, NoDiff> {
        git::diff(&self.options, config, folder).await
    }

    /// Ends every thread: running turns are interrupted, their commands ended, their tasks joined.
    pub async fn shutdown(&self) {
        let threads = std::mem::take(&mut *self.threads());
        // All at once: each may take its time to end its commands.
        let ending: Vec<_> =
            threads.into_iter().map(|thread| tokio::spawn(async move { thread.shutdown().await })).collect();
        for thread in ending {
            // A task that panicked has ended as well.
            let _ = thread.await;
        }
    }

    fn launcher(&self, settings: &ThreadSettings) -> Launcher {
        let auth = self.options.auth.clone();
        Launcher {
            folder: settings.cwd.clone(),
            variables: Arc::new(self.options.environment.clone()),
            stored: Stored::new(move || auth.stored_secrets()),
            sandbox: self.options.sandbox.clone(),
            http: self.options.auth.http().clone(),
            version: self.options.version.clone(),
        }
    }

    fn response(
        &self,
        id: &ThreadId,
        settings: &ThreadSettings,
        docs: &Docs,
        params: &ThreadStartParams,
        originator: &Originator,
    ) -> ThreadStartResponse {
        let now = self.options.clock.unix();
        let cwd = settings.cwd.display().to_string();
        let thread = Thread {
            id: id.clone(),
            session_id: id.clone(),
            forked_from_id: None,
            parent_thread_id: None,
            preview: String::new(),
            ephemeral: params.ephemeral.unwrap_or(false),
            section: None,
            section_entered_at: None,
            project_id: None,
            history_mode: "legacy".to_owned(),
            model_provider: PROVIDER.to_owned(),
            model: Some(settings.model.clone()),
            reasoning_effort: settings.effort.clone(),
            created_at: now,
            updated_at: now,
            recency_at: None,
            status: ThreadStatus::Idle,
            path: None,
            cwd: cwd.clone(),
            cli_version: self.options.version.clone(),
            originator: Some(originator.name.clone()),
            source: originator.source.clone(),
            thread_source: None,
            agent_nickname: None,
            agent_role: None,
            git_info: None,
            name: None,
            turns: Vec::new(),
        };
        ThreadStartResponse {
            thread,
            model: settings.model.clone(),
            model_provider: PROVIDER.to_owned(),
            service_tier: settings.service_tier.clone(),
            disabled_plugin_ids: Vec::new(),
            cwd,
            instruction_sources: docs.sources.iter().map(|path| path.display().to_string()).collect(),
            approval_policy: settings.approval.clone(),
            approvals_reviewer: "user".to_owned(),
            sandbox: settings.sandbox.clone(),
            reasoning_effort: settings.effort.clone(),
        }
    }

    fn threads(&self) -> MutexGuard<'_, Vec<ThreadHandle>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
