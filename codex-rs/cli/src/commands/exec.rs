//! `codex exec`: checks what can be checked before anything starts, then runs one turn over the app-server.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use codex_app_server_client::Client;
use codex_config::{PersistedValue, TrustLevel, UserFile};
use codex_exec::prompt::{self, Stdin};
use codex_exec::{ExecError, ExecOptions, Finished, Format, Streams, repository};
use codex_fallback::Host;
use serde_json::Value;

use super::{runtime, tell};
use crate::arguments::{ExecArguments, Globals};
use crate::engine::{self, FrontEnd, VERSION};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};
use crate::signals::Signals;

/// The largest output schema that is read.
const SCHEMA_LIMIT: u64 = 1024 * 1024;

pub(super) fn run(
    arguments: ExecArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let folder = folder(arguments.folder.as_deref(), environment)?;
    let user_file = if arguments.ignore_user_config { UserFile::Ignored } else { UserFile::Read };
    let mut request = Request {
        user_file,
        overrides: arguments.reach.overrides(),
        writable_roots: arguments.reach.writable_roots(&environment.folder)?,
        ..Request::plain(Project::Around(&folder))
    };
    if arguments.trust {
        request.overrides.extend(trust(&folder, globals, environment)?);
    }
    let settings = Settings::load(globals, environment, request)?;
    if !arguments.skip_git_repo_check
        && codex_config::trust(&folder, &settings.config) != Some(TrustLevel::Trusted)
    {
        repository::check(&folder)?;
    }
    let options = options(arguments, &folder, environment)?;
    let front_end = FrontEnd {
        host: Host::Session,
        originator: options.originator.clone(),
        api_key: environment.api_key(),
    };
    let server = engine::server(environment, settings, &front_end, &folder)?;
    let finished = runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let client = Client::connect(&server);
        let (mut stdout, mut stderr) = (std::io::stdout(), std::io::stderr());
        let streams = Streams { stdout: &mut stdout, stderr: &mut stderr };
        let finished = codex_exec::run(options, client, streams, async || signals.next().await).await;
        // Commands that still run end here, not some time after the program.
        server.shutdown().await;
        finished.map_err(CommandError::from)
    })?;
    match finished {
        Finished::Completed => Ok(ExitCode::SUCCESS),
        Finished::Failed(message) => Err(CommandError::failed(message)),
        Finished::Interrupted => Err(CommandError::failed("interrupted")),
    }
}

/// `--trust`: writes it down, unless the person has said something else of the folder. Gives it also as an override,
/// for a run that leaves config.toml unread.
fn trust(
    folder: &Path,
    globals: &Globals,
    environment: &Environment,
) -> Result<Option<String>, CommandError> {
    let known = Settings::load(globals, environment, Request::plain(Project::Ignored))?;
    let refused = |why: &str| CommandError::failed(format!("--trust cannot be used: {why}"));
    let name = folder.to_str().ok_or_else(|| refused("the folder's name is not Unicode"))?;
    let key = format!("projects.{}.trust_level", codex_config::quoted(name));
    match codex_config::trust(folder, &known.config) {
        Some(TrustLevel::Untrusted) => {
            return Err(refused("the settings mark this folder, or one around it, as untrusted")
                .hint(format!("in config.toml: {key} = \"trusted\"")));
        }
        Some(TrustLevel::Trusted) => {}
        None => {
            let trusted = PersistedValue::Text(TrustLevel::Trusted.as_str().to_owned());
            codex_config::set_persistent(&environment.codex_home, &[(key.as_str(), trusted)])?;
        }
    }
    Ok(Some(format!("{key}=\"trusted\"")))
}

fn options(
    arguments: ExecArguments,
    folder: &Path,
    environment: &Environment,
) -> Result<ExecOptions, CommandError> {
    let last_message_file = arguments.output_last_message.map(|path| environment.folder.join(path));
    if let Some(path) = &last_message_file {
        writable_place(path)?;
    }
    let output_schema =
        arguments.output_schema.map(|path| schema(&environment.folder.join(path))).transpose()?;
    let format = match arguments.json {
        true => Format::Json,
        false => Format::Human { stdout: environment.reader, stderr: environment.stderr },
    };
    Ok(ExecOptions {
        prompt: prompt(arguments.prompt.as_deref(), environment)?,
        format,
        originator: environment.originator("codex_exec"),
        version: VERSION.to_owned(),
        folder: folder.to_path_buf(),
        model: arguments.model,
        output_schema,
        last_message_file,
    })
}

fn prompt(argument: Option<&str>, environment: &Environment) -> Result<String, ExecError> {
    let mut stdin = std::io::stdin().lock();
    if environment.stdin_is_terminal {
        if argument.is_none_or(|argument| argument == "-") {
            tell("Type the prompt, then press Ctrl-D:");
        }
        return prompt::resolve(argument, Stdin::Terminal(&mut stdin));
    }
    // Says what a program that left a pipe open is waiting for.
    tell("Reading standard input to its end…");
    prompt::resolve(argument, Stdin::Piped(&mut stdin))
}

fn folder(named: Option<&Path>, environment: &Environment) -> Result<PathBuf, ExecError> {
    let Some(named) = named else { return Ok(environment.folder.clone()) };
    let path = environment.folder.join(named);
    let refused = |problem: String| ExecError::Folder { path: named.to_path_buf(), problem };
    let path = path.canonicalize().map_err(|error| refused(error.to_string()))?;
    if path.is_dir() { Ok(path) } else { Err(refused("it is not a folder".to_owned())) }
}

/// Better said before the turn is paid for than after.
fn writable_place(path: &Path) -> Result<(), ExecError> {
    let refused = |problem| ExecError::LastMessageFolder { path: path.to_path_buf(), problem };
    if path.is_dir() {
        return Err(refused("a folder is there; name a file"));
    }
    match path.parent().is_some_and(Path::is_dir) {
        true => Ok(()),
        false => Err(refused("its folder does not exist; create it first")),
    }
}

fn schema(path: &Path) -> Result<Value, ExecError> {
    let refused = |problem: String| ExecError::Schema { path: path.to_path_buf(), problem };
    let file = codex_durable_fs::read_private(path, SCHEMA_LIMIT);
    let file = file.map_err(|error| refused(format!("cannot be read: {error}")))?;
    let file = file.ok_or_else(|| refused("does not exist; name a file with a JSON Schema".to_owned()))?;
    match serde_json::from_slice(&file.bytes) {
        Ok(schema @ Value::Object(_)) => Ok(schema),
        Ok(_) => Err(refused("is no JSON Schema: it must be an object".to_owned())),
        Err(error) => Err(refused(format!("is not JSON (line {}, column {})", error.line(), error.column()))),
    }
}
