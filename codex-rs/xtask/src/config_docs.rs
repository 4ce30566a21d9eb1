//! `docs/config.md`, made from the settings table: what is documented is what is read.

use std::fmt::Write;

use codex_config::settings::{ELSEWHERE, GONE, GROUPS, Heed, Kind, Scope, Setting};

/// The whole file.
pub fn page() -> String {
    let mut page = OPENING.to_owned();
    for group in GROUPS {
        let title = group.title;
        let _ = write!(page, "\n## {title}\n\n{HEAD}");
        for setting in group.settings {
            let _ = writeln!(page, "{}", row(setting));
        }
    }
    page.push_str(PROJECTS);
    let _ = write!(page, "{VARIABLES}{MCP}{NOT_BUILT}");
    list(&mut page, ELSEWHERE.iter().filter(|key| key.heed == Heed::Told).map(|key| key.key));
    page.push_str(NOT_BUILT_IN_SILENCE);
    list(&mut page, ELSEWHERE.iter().filter(|key| key.heed == Heed::Silent).map(|key| key.key));
    page.push_str(GONE_HEAD);
    for (key, instead) in GONE {
        let _ = writeln!(page, "| `{key}` | {instead} |");
    }
    page
}

const OPENING: &str = "\
# Settings

<!-- Made by `cargo xtask config-docs` from the table in codex-rs/config/src/settings; do not edit. -->

Settings are TOML. They are read in this order; a later place wins, setting by setting:

1. `/etc/codex/config.toml`, the administrator's;
2. `$CODEX_HOME/config.toml`, yours (`~/.codex/config.toml` by default; `--ignore-user-config` of `codex exec` skips it);
3. `$CODEX_HOME/NAME.config.toml`, with `-p NAME`;
4. `.codex/config.toml` of the project, from its root down to the working folder, if you trust the folder. Some settings do
   not count there, see [below](#what-a-project-cannot-set);
5. `-c KEY=VALUE` on the command line; what is no TOML is taken as text. `-s`, `-a`, `--add-dir` and `--search` are such settings
   too.

A client of the app-server can send settings with `thread/start.config`; they come last, and are bound like a project's.

A value of the wrong type is an error that names file, line and column. A key that nobody knows is a warning that names the
nearest known one; with `--strict-config` it is an error. Keys of the official program that are not built here are listed
[at the end](#known-but-not-built). Settings are read when the program starts, and again for each new conversation.
Whatever this program writes into `config.toml` leaves your comments and the rest as they are.

Examples:

```toml
# ~/.codex/config.toml
model = \"gpt-5.5\"
sandbox_mode = \"workspace-write\"
approval_policy = \"on-request\"
notify = [\"notify-send\", \"codex\"]

[sandbox_workspace_write]
network_access = true

[shell_environment_policy]
exclude = [\"AWS_*\", \"*_PASSWORD\"]

[fallback]
mode = \"ask\"
max_usd_per_day = 5.0
prices.\"gpt-5.5\" = { input = 1.25, cached_input = 0.125, output = 10.0 }

[projects.\"/home/ada/work/engine\"]
trust_level = \"trusted\"
```

```sh
codex -c fallback.mode=off -s read-only
codex exec -s workspace-write --add-dir ../shared \"update the copies in ../shared\"
```

In the tables below a `*` in a key stands for a name of your choice. \"Who\" says which places count: *all*, *you* (1, 2, 3 and 5),
or *not looser* (a project can tighten it, but not go beyond what is said).
";

const HEAD: &str = "| key | type | default | who | what it does |\n|---|---|---|---|---|\n";

const PROJECTS: &str = "
## What a project cannot set

A project's file counts only once you have said that you trust the folder. Even then it cannot decide who pays, where requests
and credentials go, whom to trust, what runs on your machine behind your back, or how far the sandbox reaches:

- Every setting marked *you* is ignored with a warning: all of `[fallback]`, `[projects]` and `[shell_environment_policy]`,
  `model_provider`, `openai_base_url`, `chatgpt_base_url`, `cli_auth_credentials_store`, `forced_login_method`,
  `forced_chatgpt_workspace_id`, `notify`, `history`, `tui`, `sandbox_workspace_write.writable_roots`. These keys of
  the official program do nothing in your own file either, and a warning says so: `model_providers`, `profile`, `profiles`,
  `otel`, `hooks`, `permissions`, `default_permissions`.
- A setting marked *not looser* can be tightened. `sandbox_mode = \"danger-full-access\"` and `network_access = true` are ignored
  always. `approval_policy = \"never\"` counts where you have set no stricter one and the sandbox holds: it asks less, and
  nothing more can be touched by it.
- An MCP server of yours can be switched off (`enabled = false`), and cannot be changed in any other way: half of a server,
  such as another address, would get the other half, such as your token. Servers of its own a trusted project can bring; they
  run as you, so look at them before you trust it.
- The same holds for `thread/start.config`. There nothing stops the conversation: what is wrong is a warning and ignored.
";

const VARIABLES: &str = "
## The environment of a command

`shell_environment_policy` says what of your environment a command gets. Whatever it says, and `set` included, no command gets
a variable that

- is `OPENAI_API_KEY`, `CODEX_API_KEY` or `CODEX_ACCESS_TOKEN`, or holds the value of one, a stored credential, or anything of
  the shape of an OpenAI key;
- a shell would run or heed before the command: `BASH_ENV`, `ENV`, `BASH_FUNC_*`, `PROMPT_COMMAND`, `SHELLOPTS`, `BASHOPTS`, `PS4`, `CDPATH`;
- leads out of the sandbox, for commands inside: `SSH_AUTH_SOCK`, `DBUS_SESSION_BUS_ADDRESS`, `GPG_AGENT_INFO`.

`LD_PRELOAD` and its like are inherited; `exclude = [\"LD_*\"]` leaves them out.

In place of yours every command gets `CODEX_CI=1`, `NO_COLOR=1`, `TERM=dumb`, `cat` as `PAGER`, `GIT_PAGER` and `GH_PAGER`, and
`C.UTF-8` as `LANG`, `LC_CTYPE` and `LC_ALL`. A value in `set` is stronger than these: `set = { TERM = \"xterm-256color\" }`.
`CODEX_THREAD_ID`, `CODEX_SESSION_ID`, `CODEX_TOOL_CALL_ID` and `CODEX_VERSION` are always told as they are.
";

const MCP: &str = "
## An MCP server

```toml
[mcp_servers.files]
command = \"npx\"
args = [\"-y\", \"@modelcontextprotocol/server-filesystem\", \"/home/ada/notes\"]
env = { LOG_LEVEL = \"warn\" }
env_vars = [\"NOTES_TOKEN\"]        # inherited from your environment
tool_timeout_sec = 20
disabled_tools = [\"write_file\"]

[mcp_servers.tracker]
url = \"https://tracker.example/mcp\"
bearer_token_env_var = \"TRACKER_TOKEN\"
```

A server has a `command` or a `url`. One that makes no sense is told and left out; the others and the work go on. `codex mcp add`,
`codex mcp list` and `codex mcp remove` write and read the same tables.
";

const NOT_BUILT: &str = "
## Known, but not built

These belong to the official program. They do nothing here. Who sets one of the following is told so:

";

const NOT_BUILT_IN_SILENCE: &str = "
The following are passed over in silence, so that one file serves both programs (all `experimental_…` keys too):

";

const GONE_HEAD: &str = "
## Gone

Neither program reads these any more; they are unknown keys.

| key | what to do |
|---|---|
";

fn row(setting: &Setting) -> String {
    let Setting { key, kind, default, doc, scope, .. } = setting;
    let default = if default.is_empty() { String::new() } else { format!("`{default}`") };
    let doc = doc.replace('|', "\\|");
    format!("| `{key}` | {} | {default} | {} | {doc} |", type_words(*kind), who(*scope))
}

fn type_words(kind: Kind) -> String {
    let words = match kind {
        Kind::Text => "text",
        Kind::Hidden => "text, never shown",
        Kind::Address | Kind::ServerAddress => "address",
        Kind::Path => "path",
        Kind::Paths => "list of paths",
        Kind::WholeNumber => "whole number",
        Kind::Seconds => "seconds",
        Kind::Truth => "`true`, `false`",
        Kind::Dollars => "US dollars",
        Kind::Texts => "list of texts",
        Kind::Names => "list of variables",
        Kind::FileNames => "list of file names",
        Kind::TextOrTexts => "text or list of texts",
        Kind::Word(words) => return alternatives(words),
        Kind::Approval => {
            return format!(
                "{}, or `{{ granular = {{ sandbox_approval, rules, mcp_elicitations, skill_approval, request_permissions }} }}` \
                 with `true` (asked) or `false` (refused) each; the last two can be left out and are `false` then",
                alternatives(codex_config::ApprovalPolicy::WORDS)
            );
        }
        Kind::Notifications => "`true`, `false` or list of texts",
    };
    words.to_owned()
}

fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`\"{word}\"`")).collect();
    quoted.join(", ")
}

/// Who may set it; where there is a bound, the loosest that a project may choose at all.
fn who(scope: Scope) -> String {
    match scope {
        Scope::Anyone => "all".to_owned(),
        Scope::Person => "you".to_owned(),
        Scope::NoLooser(bound) if bound.order.last() == Some(&bound.most) => "not looser".to_owned(),
        Scope::NoLooser(bound) => format!("not looser; a project at most `{}`", bound.most),
    }
}

/// A list, as lines of a bearable length.
fn list<'a>(page: &mut String, keys: impl Iterator<Item = &'a str>) {
    let mut width = 0;
    for (index, key) in keys.enumerate() {
        let word = format!("`{key}`");
        let between = match (index, width + word.len() + 2 > 120) {
            (0, _) => "",
            (_, true) => ",\n",
            (_, false) => ", ",
        };
        width = if between == ", " { width + word.len() + 2 } else { word.len() };
        let _ = write!(page, "{between}{word}");
    }
    page.push('\n');
}
