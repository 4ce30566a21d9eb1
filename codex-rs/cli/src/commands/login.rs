//! `codex login`: keys from standard input, and who is signed in.

use std::process::ExitCode;

use codex_login::{Added, Checked, LoginStatus, SignIn, fallback_key};

use super::{account_front_end, runtime, tell};
use crate::arguments::{Globals, LoginArguments, LoginCommand};
use crate::engine;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::key_input;
use crate::settings::{Project, Request, Settings};

pub(super) fn run(
    arguments: &LoginArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let settings = Settings::load(globals, environment, Request::plain(Project::Ignored))?;
    match (&arguments.command, arguments.with_api_key, arguments.with_fallback_api_key) {
        (Some(LoginCommand::Status), _, _) => status(&settings, environment),
        (None, true, _) => with_api_key(&settings, environment),
        (None, false, true) => with_fallback_api_key(&settings, environment),
        (None, false, false) => Err(CommandError::failed("signing in with ChatGPT is not built yet")
            .hint("use the official `codex login`; the session is shared through CODEX_HOME")
            .hint("or sign in with an API key: codex login --with-api-key < key.txt")),
    }
}

/// Two small files are read, nothing else: scripts and prompts ask this often.
fn status(settings: &Settings, environment: &Environment) -> Result<ExitCode, CommandError> {
    let LoginStatus { sign_in, fallback_key_last4 } =
        codex_login::auth::status(&environment.codex_home, settings.config.cli_auth_credentials_store)?;
    match &sign_in {
        SignIn::Nobody => tell("Not signed in."),
        SignIn::ApiKey { masked } => tell(&format!("Signed in with an API key: {masked}")),
        SignIn::ChatGpt(chatgpt) => {
            let email = chatgpt.email.as_deref().map(|email| format!(" as {email}")).unwrap_or_default();
            tell(&format!("Signed in with ChatGPT{email}, plan {}.", chatgpt.plan_type.as_str()));
            tell(&match fallback_key_last4 {
                Some(last4) => format!("A fallback API key is stored (…{last4})."),
                None => "No fallback API key is stored; `codex login --with-fallback-api-key` adds one."
                    .to_owned(),
            });
        }
    }
    Ok(match sign_in {
        SignIn::Nobody => ExitCode::FAILURE,
        SignIn::ApiKey { .. } | SignIn::ChatGpt(_) => ExitCode::SUCCESS,
    })
}

fn with_api_key(settings: &Settings, environment: &Environment) -> Result<ExitCode, CommandError> {
    let key = key_input::read("codex login --with-api-key", environment)?;
    let auth = engine::auth(environment, &settings.config, &account_front_end(environment))?;
    runtime()?.block_on(auth.login_with_api_key(key))?;
    tell("Signed in with the API key; it was stored unchecked and pays for everything from now on.");
    Ok(ExitCode::SUCCESS)
}

fn with_fallback_api_key(settings: &Settings, environment: &Environment) -> Result<ExitCode, CommandError> {
    let key = key_input::read("codex login --with-fallback-api-key", environment)?;
    let auth = engine::auth(environment, &settings.config, &account_front_end(environment))?;
    let model = settings.config.model.as_deref();
    let Added { last4, check, change: _ } = runtime()?.block_on(fallback_key::add(&auth, key, model))?;
    tell(&format!("Stored the fallback API key (…{last4}). It takes over when your ChatGPT plan runs out."));
    tell(&verdict(&check, model));
    if let Checked::Unchecked { reason: _ } = check {
        tell("It is kept; `codex fallback test` asks again.");
    }
    if let Some(block) = auth.status().blocked {
        tell(&format!("But not yet: {}", codex_fallback::WhyNot::Blocked(block)));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the platform said, as a sentence.
pub(super) fn verdict(check: &Checked, model: Option<&str>) -> String {
    match (check, model) {
        (Checked::Works { model_available: Some(true) }, Some(model)) => {
            format!("The API accepts the key and offers it {model}.")
        }
        (Checked::Works { model_available: Some(false) }, Some(model)) => format!(
            "The API accepts the key but does not offer it {model}; set `model` under [fallback] in config.toml to \
             one that it offers."
        ),
        (Checked::Works { .. }, _) => "The API accepts the key.".to_owned(),
        (Checked::Unchecked { reason }, _) => format!("The key could not be checked: {reason}."),
    }
}
