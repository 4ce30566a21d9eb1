//! `codex logout`.

use std::process::ExitCode;

use codex_login::{FallbackKeyFate, KeyAtLogout, LoggedOut};

use super::{account_front_end, runtime, tell};
use crate::arguments::{Globals, LogoutArguments};
use crate::engine;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};

pub(super) fn run(
    arguments: &LogoutArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let settings = Settings::load(globals, environment, Request::plain(Project::Ignored))?;
    let key = if arguments.keep_fallback_key { KeyAtLogout::Keep } else { KeyAtLogout::Remove };
    let auth = engine::auth(environment, &settings.config, &account_front_end(environment))?;
    let LoggedOut { was_signed_in, fallback_key } = runtime()?.block_on(auth.logout(key))?;
    tell(if was_signed_in { "Signed out." } else { "Nobody was signed in." });
    match fallback_key {
        FallbackKeyFate::NoneStored => {}
        FallbackKeyFate::Removed => tell("The fallback API key was deleted as well."),
        FallbackKeyFate::Kept => tell("The fallback API key is kept for this account's next sign-in."),
    }
    Ok(ExitCode::SUCCESS)
}
