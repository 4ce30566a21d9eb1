//! The composition root: settings → sign-in → model client → engine → app-server.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_app_server::{AppServer, ConsentDesk, Program, ServerOptions};
use codex_app_server_protocol::ConfigWarning;
use codex_config::Config;
use codex_core::{Engine, EngineOptions};
use codex_fallback::Host;
use codex_login::{AuthManager, AuthOptions, Endpoints, HttpClient, PolicySettings};
use codex_model_client::{ClientSettings, ConsentPrompt, ModelClient};
use codex_redact::Secret;
use codex_sandbox::{Choice, Sandbox, SandboxOptions};

use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::Settings;

/// This program's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The official release whose interfaces are spoken here. The `version` header of model requests tells it, because the
/// service may offer models by it; user agents and `--version` tell our own.
const SPOKEN_RELEASE: &str = "0.169.0";

/// The largest `installation_id` file; it holds one UUID.
const INSTALLATION_ID_LIMIT: u64 = 256;

/// Which front end the engine is for.
#[derive(Debug, Clone)]
pub(crate) struct FrontEnd {
    /// What kind of process holds the engine.
    pub(crate) host: Host,
    /// The front end's name, for token refreshes.
    pub(crate) originator: String,
    /// `CODEX_API_KEY`, where the command honours it.
    pub(crate) api_key: Option<Secret>,
}

/// The sign-in and the payer, without an engine.
pub(crate) fn auth(
    environment: &Environment,
    config: &Config,
    front_end: &FrontEnd,
) -> Result<Arc<AuthManager>, CommandError> {
    let FrontEnd { host, originator, api_key } = front_end;
    Ok(AuthManager::open(AuthOptions {
        codex_home: environment.codex_home.clone(),
        store_mode: config.cli_auth_credentials_store,
        api_key_override: api_key.clone(),
        clock: environment.clock.clone(),
        http: HttpClient::new(environment.http()),
        endpoints: Endpoints::new(config, &environment.issuer())?,
        policy: PolicySettings::from(config),
        host: *host,
        originator: originator.clone(),
        user_agent: user_agent(environment, originator),
    })?)
}

/// What sends model requests. `consent`: who can be asked under `mode = "ask"`.
pub(crate) fn model_client(
    environment: &Environment,
    config: &Config,
    auth: &Arc<AuthManager>,
    consent: Option<Arc<dyn ConsentPrompt>>,
) -> ModelClient {
    let settings = ClientSettings {
        openai_organization: environment.variable("OPENAI_ORGANIZATION").map(str::to_owned),
        openai_project: environment.variable("OPENAI_PROJECT").map(str::to_owned),
        ..ClientSettings::of_config(SPOKEN_RELEASE, config)
    };
    let (http, endpoints) = (auth.http().clone(), auth.endpoints().clone());
    ModelClient::new(auth.clone(), http, endpoints, settings, environment.clock.clone(), consent)
}

/// The whole engine behind its one door. `folder`: where threads work that name no folder.
pub(crate) fn server(
    environment: &Environment,
    settings: Settings,
    front_end: &FrontEnd,
    folder: &Path,
) -> Result<Arc<AppServer>, CommandError> {
    let Settings { config, warnings, sources } = settings;
    let auth = auth(environment, &config, front_end)?;
    let consent = ConsentDesk::new();
    let model_client = model_client(environment, &config, &auth, Some(consent.clone()));
    let engine = Engine::new(EngineOptions {
        config,
        auth: auth.clone(),
        model_client,
        clock: environment.clock.clone(),
        codex_home: environment.codex_home.clone(),
        working_directory: folder.to_path_buf(),
        environment: environment.variables.clone().into_iter().collect(),
        shell: environment.shell(),
        sandbox: sandbox(environment, Choice::Automatic),
        hidden: environment.credential_folders(),
        version: VERSION.to_owned(),
        installation_id: installation_id(&environment.codex_home),
    });
    Ok(AppServer::new(ServerOptions {
        settings: sources,
        engine,
        auth,
        consent,
        clock: environment.clock.clone(),
        codex_home: environment.codex_home.clone(),
        program: Program {
            version: VERSION.to_owned(),
            system: environment.system(),
            terminal: environment.terminal(),
        },
        config_warnings: warnings.into_iter().map(config_warning).collect(),
    }))
}

/// What starts the processes of this program.
pub(crate) fn sandbox(environment: &Environment, mechanism: Choice) -> Sandbox {
    let path = environment.variable("PATH").unwrap_or_default();
    Sandbox::new(SandboxOptions {
        search_path: path.split(':').map(PathBuf::from).collect(),
        temporary: environment.temporary(),
        mechanism,
    })
}

fn config_warning(summary: String) -> ConfigWarning {
    ConfigWarning { summary, details: None, path: None }
}

/// `<originator>/<version> (<OS>; <arch>) <terminal>` (wire-facts §3.2).
pub(crate) fn user_agent(environment: &Environment, originator: &str) -> String {
    format!("{originator}/{VERSION} ({}) {}", environment.system(), environment.terminal())
}

/// The id that all Codex programs of this home send; made at first use, where the home exists.
pub(crate) fn installation_id(codex_home: &Path) -> String {
    let path: PathBuf = codex_home.join("installation_id");
    let known = codex_durable_fs::read_private(&path, INSTALLATION_ID_LIMIT).ok().flatten();
    let known = known.and_then(|file| String::from_utf8(file.bytes).ok());
    if let Some(id) = known.and_then(|text| uuid::Uuid::try_parse(text.trim()).ok()) {
        return id.to_string();
    }
    let id = uuid::Uuid::new_v4().to_string();
    if codex_home.is_dir() && !path.exists() {
        // Without it the next run takes another id, which harms nothing.
        let _ = codex_durable_fs::write_file(&path, id.as_bytes());
    }
    id
}
