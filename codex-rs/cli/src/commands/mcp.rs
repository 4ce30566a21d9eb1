//! `codex mcp`: the MCP servers of the settings, listed, shown, added and removed. None is started here.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use codex_config::{McpServer, McpTransport, PersistedValue, ServerUrl, is_written, set_persistent};
use codex_redact::{key_shape, redact};
use serde_json::{Value, json};

use super::say;
use crate::arguments::Globals;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::settings::{Project, Request, Settings};

/// Shown in place of a value that may be a secret.
const HIDDEN: &str = "*****";

const EXAMPLES: &str = "\
Examples:
  codex mcp add time -- npx -y some-time-server
  codex mcp add notes --env NOTES_DIR=/home/me/notes -- notes-server --stdio
  codex mcp add docs --url https://a.example/mcp --bearer-token-env-var TOKEN
  codex mcp list
  codex mcp remove time";

/// Of `codex mcp`.
#[derive(Debug, Args)]
#[command(arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct McpArguments {
    #[command(subcommand)]
    command: McpCommand,
}

#[derive(Debug, Subcommand)]
enum McpCommand {
    /// List the servers of the settings
    List {
        /// As a JSON list
        #[arg(long)]
        json: bool,
    },
    /// Show one server
    Get {
        /// Its name
        name: String,
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Add a server to config.toml, or replace it
    Add(AddArguments),
    /// Remove a server from config.toml
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Debug, Args)]
struct AddArguments {
    /// Its name: letters, digits, `-` and `_`
    name: String,
    /// Set a variable for its program
    #[arg(long, value_name = "KEY=VALUE")]
    env: Vec<String>,
    /// Address of a server over streamable HTTP
    #[arg(long, conflicts_with_all = ["env", "program"])]
    url: Option<String>,
    /// Variable that holds the token to sign in with
    #[arg(long, value_name = "VARIABLE", requires = "url")]
    bearer_token_env_var: Option<String>,
    /// The program to start, and its arguments
    #[arg(last = true, value_name = "PROGRAM", required_unless_present = "url")]
    program: Vec<String>,
}

pub(super) fn run(
    arguments: McpArguments,
    globals: &Globals,
    environment: &Environment,
) -> Result<ExitCode, CommandError> {
    let servers = || -> Result<_, CommandError> {
        let settings = Settings::load(globals, environment, Request::plain(Project::Ignored))?;
        settings.tell_warnings();
        Ok(settings.config.mcp_servers)
    };
    match arguments.command {
        McpCommand::List { json: true } => {
            let list: Vec<Value> = servers()?.iter().map(|(name, server)| as_json(name, server)).collect();
            say(&format!("{:#}", Value::from(list)));
        }
        McpCommand::List { json: false } => {
            let servers = servers()?;
            if servers.is_empty() {
                say("No MCP servers are set up. Add one: codex mcp add NAME -- PROGRAM");
            }
            let width = servers.keys().map(String::len).max().unwrap_or_default();
            for (name, server) in &servers {
                let off = if server.enabled { "" } else { "  (turned off)" };
                say(&format!("{name:width$}  {}{off}", way(server)));
            }
        }
        McpCommand::Get { name, json } => {
            let servers = servers()?;
            let server = servers.get(&name).ok_or_else(|| unknown(&name))?;
            if json {
                say(&format!("{:#}", as_json(&name, server)));
            } else {
                show(&name, server);
            }
        }
        McpCommand::Add(arguments) => add(&arguments, environment)?,
        McpCommand::Remove { name } => {
            check_name(&name)?;
            if !servers()?.contains_key(&name) {
                return Err(unknown(&name));
            }
            set_persistent(&environment.codex_home, &[(&key_of(&name), PersistedValue::Absent)])?;
            say(&format!("Removed the MCP server `{name}`."));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn add(arguments: &AddArguments, environment: &Environment) -> Result<(), CommandError> {
    let AddArguments { name, env, url, bearer_token_env_var, program } = arguments;
    let words = env.iter().chain(url).chain(bearer_token_env_var).chain(program);
    if std::iter::once(name).chain(words).any(|word| key_shape::contains_key_shape(word)) {
        return Err(CommandError::usage(
            "an argument holds a key, which other programs can read there; nothing was written",
        )
        .hint("put the key into an environment variable and name it: `env_vars` of the server in config.toml, or \
               --bearer-token-env-var"));
    }
    check_name(name)?;
    let text = |text: &str| PersistedValue::Text(text.to_owned());
    let mut table = Vec::new();
    let mut put = |key: &str, value: PersistedValue| table.push((key.to_owned(), value));
    match (url, program.split_first()) {
        (Some(url), _) => {
            ServerUrl::parse(url).map_err(|error| CommandError::usage(format!("`--url` needs {error}")))?;
            put("url", text(url));
            if let Some(variable) = bearer_token_env_var {
                put("bearer_token_env_var", text(variable));
            }
        }
        (None, Some((command, arguments))) => {
            put("command", text(command));
            if !arguments.is_empty() {
                put("args", PersistedValue::Texts(arguments.to_vec()));
            }
            let variables = env.iter().map(|pair| match pair.split_once('=') {
                Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), text(value))),
                Some(_) | None => Err(CommandError::usage("`--env` needs KEY=VALUE")),
            });
            let variables: Vec<_> = variables.collect::<Result<_, _>>()?;
            if !variables.is_empty() {
                put("env", PersistedValue::Table(variables));
            }
        }
        (None, None) => return Err(CommandError::usage("a server needs a program or `--url`")),
    }
    let done = match is_written(&environment.codex_home, &key_of(name))? {
        true => "Replaced",
        false => "Added",
    };
    set_persistent(&environment.codex_home, &[(&key_of(name), PersistedValue::Table(table))])?;
    say(&format!("{done} the MCP server `{name}`. It starts with the next thread."));
    Ok(())
}

fn key_of(name: &str) -> String {
    format!("mcp_servers.{name}")
}

/// The name is a part of tools' names and of a dotted key.
fn check_name(name: &str) -> Result<(), CommandError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && name.bytes().all(fits) {
        return Ok(());
    }
    Err(CommandError::usage("the name of an MCP server consists of letters, digits, `-` and `_`"))
}

fn unknown(name: &str) -> CommandError {
    CommandError::failed(format!("there is no MCP server named `{}`", redact(name))).hint("codex mcp list")
}

/// How it is reached, in one line.
fn way(server: &McpServer) -> String {
    match server.transport() {
        Ok(McpTransport::Stdio { command, args, .. }) => {
            let words: Vec<&str> = std::iter::once(command).chain(args.iter().map(String::as_str)).collect();
            redact(&words.join(" ")).into_owned()
        }
        Ok(McpTransport::Http { url, .. }) => url.address().as_str().to_owned(),
        Err(problem) => problem.to_string(),
    }
}

fn show(name: &str, server: &McpServer) {
    let line = |label: &str, value: String| {
        if !value.is_empty() {
            say(&format!("  {label:<14} {value}"));
        }
    };
    let hidden = |names: &[&String]| {
        names.iter().map(|name| format!("{name}={HIDDEN}")).collect::<Vec<_>>().join(", ")
    };
    say(name);
    line("server", way(server));
    line("state", if server.enabled { "on" } else { "turned off" }.to_owned());
    line("variables", hidden(&server.env.keys().collect::<Vec<_>>()));
    line("inherits", server.env_vars.join(", "));
    line("folder", server.cwd.as_ref().map(|path| path.display().to_string()).unwrap_or_default());
    line("token from", server.bearer_token_env_var.clone().unwrap_or_default());
    line(
        "headers",
        hidden(&server.http_headers.keys().chain(server.env_http_headers.keys()).collect::<Vec<_>>()),
    );
    line("required", if server.required { "yes" } else { "" }.to_owned());
    line("start limit", format!("{} s", server.startup_timeout.as_secs_f64()));
    line("tool limit", format!("{} s", server.tool_timeout.as_secs_f64()));
    line("only tools", server.enabled_tools.clone().unwrap_or_default().join(", "));
    line("not tools", server.disabled_tools.join(", "));
}

fn as_json(name: &str, server: &McpServer) -> Value {
    let masked = |names: Vec<&String>| -> Value {
        names.into_iter().map(|name| (name.clone(), Value::from(HIDDEN))).collect()
    };
    let transport = match server.transport() {
        Ok(McpTransport::Stdio { command, args, env, env_vars, cwd }) => json!({
            "type": "stdio",
            "command": redact(command),
            "args": args.iter().map(|argument| redact(argument)).collect::<Vec<_>>(),
            "env": masked(env.keys().collect()),
            "env_vars": env_vars,
            "cwd": cwd,
        }),
        Ok(McpTransport::Http { url, bearer_token_env_var, http_headers, env_http_headers }) => json!({
            "type": "streamable_http",
            "url": url.address().as_str(),
            "bearer_token_env_var": bearer_token_env_var,
            "http_headers": masked(http_headers.keys().collect()),
            "env_http_headers": env_http_headers,
        }),
        Err(problem) => json!({"type": Value::Null, "problem": problem.to_string()}),
    };
    json!({
        "name": name,
        "enabled": server.enabled,
        "required": server.required,
        "transport": transport,
        "startup_timeout_sec": server.startup_timeout.as_secs_f64(),
        "tool_timeout_sec": server.tool_timeout.as_secs_f64(),
        "enabled_tools": server.enabled_tools,
        "disabled_tools": server.disabled_tools,
    })
}
