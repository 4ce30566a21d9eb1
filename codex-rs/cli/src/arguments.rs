//! The command line. What is not built is not listed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A coding agent that speaks Codex, with a fallback key for when the plan runs out.
#[derive(Debug, Parser)]
#[command(name = "codex", version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(flatten)]
    pub(crate) tui: TuiArguments,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Of the terminal UI, which `codex` alone opens.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct TuiArguments {
    /// What to do first; quote it
    pub(crate) prompt: Option<String>,
    /// Model to use
    #[arg(short, long)]
    pub(crate) model: Option<String>,
    /// Folder to work in
    #[arg(short = 'C', long = "cd", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// When you are asked first: untrusted, on-request, or never
    #[arg(short, long = "ask-for-approval", value_name = "POLICY", value_enum, conflicts_with = "bypass")]
    #[arg(hide_possible_values = true)]
    pub(crate) ask_for_approval: Option<Approval>,
    /// Let the model search the web live
    #[arg(long)]
    pub(crate) search: bool,
    /// Words for screen readers: no drawings, nothing moves
    #[arg(long)]
    pub(crate) plain: bool,
}

/// What commands may touch.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Reach {
    /// Sandbox: read-only, workspace-write, or danger-full-access
    #[arg(short, long, value_name = "MODE", value_enum, conflicts_with = "bypass")]
    #[arg(hide_possible_values = true)]
    pub(crate) sandbox: Option<Sandbox>,
    /// Also let commands write in DIR (with workspace-write)
    #[arg(long = "add-dir", value_name = "DIR", conflicts_with = "bypass")]
    pub(crate) add_dir: Vec<PathBuf>,
    /// Run commands unasked and unconfined; only in a throw-away machine
    #[arg(long = "dangerously-bypass-approvals-and-sandbox")]
    pub(crate) bypass: bool,
}

const EXAMPLES: &str = "\
Examples:
  codex                                           work in this folder
  codex demo                                      a turn survives the limit
  codex login --with-fallback-api-key < key.txt   store the key that takes over
  codex exec \"explain this project\"               one turn
  codex fallback status                           what happens at the limit";

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Globals {
    /// Override a setting, like -c fallback.mode=ask
    #[arg(short = 'c', long = "config", value_name = "KEY=VALUE", global = true)]
    pub(crate) overrides: Vec<String>,
    /// Also read NAME.config.toml beside config.toml
    #[arg(short, long, value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,
    /// Fail on an unknown setting in place of a warning
    #[arg(long, global = true)]
    pub(crate) strict_config: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run one turn without a terminal UI
    #[command(alias = "e", after_help = EXEC_EXAMPLES)]
    Exec(ExecArguments),
    /// Store an API key, or see who is signed in
    #[command(after_help = LOGIN_EXAMPLES, args_conflicts_with_subcommands = true)]
    Login(LoginArguments),
    /// Sign out; deletes the session and its fallback key
    Logout(LogoutArguments),
    /// See, test or remove the fallback API key
    Fallback(FallbackArguments),
    /// List, add and remove MCP servers
    Mcp(crate::commands::mcp::McpArguments),
    /// Run a command of yours in the sandbox
    Sandbox(crate::commands::sandbox::SandboxArguments),
    /// Serve the app-server protocol on standard input and output
    #[command(after_help = APP_SERVER_EXAMPLES)]
    AppServer(AppServerArguments),
    /// Watch a turn survive the usage limit; offline, made-up account
    Demo(DemoArguments),
}

const EXEC_EXAMPLES: &str = "\
Examples:
  codex exec \"what does this project do?\"
  git diff | codex exec \"review this change\" -o review.md
  codex exec --json --skip-git-repo-check - < prompt.txt

The final message goes to standard output, everything else to standard error.
Nobody is asked: what the sandbox does not allow is declined.";

#[derive(Debug, Args)]
pub(crate) struct ExecArguments {
    /// What to do; without it or as `-` it is read from standard input
    pub(crate) prompt: Option<String>,
    /// Print events as JSON, one per line
    #[arg(long, alias = "experimental-json")]
    pub(crate) json: bool,
    /// Also write the final message to FILE
    #[arg(short, long = "output-last-message", value_name = "FILE")]
    pub(crate) output_last_message: Option<PathBuf>,
    /// Make the final message fit the JSON Schema in FILE
    #[arg(long, value_name = "FILE")]
    pub(crate) output_schema: Option<PathBuf>,
    /// Model to use
    #[arg(short, long)]
    pub(crate) model: Option<String>,
    /// Folder to work in
    #[arg(short = 'C', long = "cd", value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reach: Reach,
    /// Work outside a git repository
    #[arg(long)]
    pub(crate) skip_git_repo_check: bool,
    /// Mark the folder as trusted, now and later
    #[arg(long)]
    pub(crate) trust: bool,
    /// Leave config.toml unread
    #[arg(long)]
    pub(crate) ignore_user_config: bool,
    /// Keep no session files; none are written yet in any case
    #[arg(long)]
    pub(crate) ephemeral: bool,
}

// Not documented one by one: clap would double the length of every help text.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Sandbox {
    ReadOnly,
    WorkspaceWrite,
    DangerFullAccess,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Approval {
    Untrusted,
    OnRequest,
    Never,
}

const LOGIN_EXAMPLES: &str = "\
Examples:
  codex login status
  codex login --with-fallback-api-key < key.txt   takes over when the plan ends
  codex login --with-api-key < key.txt            pays for everything

Signing in with ChatGPT is not built yet: use the official `codex login`; the
session is shared through CODEX_HOME.";

#[derive(Debug, Args)]
pub(crate) struct LoginArguments {
    #[command(subcommand)]
    pub(crate) command: Option<LoginCommand>,
    /// Sign in with the API key on standard input
    #[arg(long, conflicts_with = "with_fallback_api_key")]
    pub(crate) with_api_key: bool,
    /// Store the one that takes over when the plan ends
    #[arg(long)]
    pub(crate) with_fallback_api_key: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LoginCommand {
    /// Say who is signed in and whether a fallback key is stored
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct LogoutArguments {
    /// Keep the key for this account's next sign-in
    #[arg(long)]
    pub(crate) keep_fallback_key: bool,
}

#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct FallbackArguments {
    #[command(subcommand)]
    pub(crate) command: FallbackCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FallbackCommand {
    /// Say what is stored and what happens at the limit
    Status {
        /// As one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Delete the stored key
    Remove,
    /// Ask the API whether the key works; free
    Test {
        /// Also send one request of 16 tokens, which the key pays
        #[arg(long)]
        paid: bool,
    },
}

const APP_SERVER_EXAMPLES: &str = "\
Example:
  echo '{\"id\":0,\"method\":\"initialize\",\"params\":
    {\"clientInfo\":{\"name\":\"me\",\"version\":\"1\"}}}' | tr -d '\\n' | codex app-server

The methods are described in docs/app-server.md.";

#[derive(Debug, Args)]
pub(crate) struct AppServerArguments {
    /// Where; only this is built
    #[arg(long, value_name = "URL", default_value = "stdio://")]
    pub(crate) listen: String,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Print the story in place of the terminal UI
    #[arg(long)]
    pub(crate) headless: bool,
    /// Words for screen readers: no drawings, nothing moves
    #[arg(long)]
    pub(crate) plain: bool,
}
