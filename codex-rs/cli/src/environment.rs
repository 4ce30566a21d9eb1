//! The only reader of the environment, the home folder, the clock and the terminal's facts. All else is handed them.
#![allow(clippy::disallowed_methods, reason = "this is where the environment and the clock are read")]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use codex_exec::Reader;
use codex_exec::style::Colour;
use codex_login::{HttpOptions, IssuerOverrides};
use codex_protocol::Clock;
use codex_redact::Secret;

use crate::error::CommandError;

/// What surrounds the program.
pub(crate) struct Environment {
    /// Where credentials and settings are; absolute, need not exist.
    pub(crate) codex_home: PathBuf,
    /// The working folder.
    pub(crate) folder: PathBuf,
    /// What commands inherit. Variables that are not Unicode are left out.
    pub(crate) variables: BTreeMap<String, String>,
    /// The time.
    pub(crate) clock: Clock,
    /// Whether a person types into standard input.
    pub(crate) stdin_is_terminal: bool,
    /// Who reads standard output.
    pub(crate) reader: Reader,
    /// Standard output's.
    pub(crate) stdout: Colour,
    /// Standard error's.
    pub(crate) stderr: Colour,
}

impl Environment {
    /// Looks once.
    pub(crate) fn read() -> Result<Self, CommandError> {
        let folder = std::env::current_dir().map_err(|error| {
            CommandError::failed(format!("the working folder cannot be read ({error}); go to another one"))
        })?;
        let variables: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect();
        let codex_home = codex_home(&folder)?;
        let colour = |is_terminal: bool| colour(is_terminal, &variables);
        Ok(Environment {
            codex_home,
            clock: Clock::new(now),
            stdin_is_terminal: std::io::stdin().is_terminal(),
            reader: if std::io::stdout().is_terminal() { Reader::Terminal } else { Reader::Program },
            stdout: colour(std::io::stdout().is_terminal()),
            stderr: colour(std::io::stderr().is_terminal()),
            folder,
            variables,
        })
    }

    /// A variable that says something.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the terminal says that it knows no commands, as the one inside of an editor may.
    pub(crate) fn terminal_is_dumb(&self) -> bool {
        self.variable("TERM") == Some("dumb")
    }

    /// The person's shell.
    pub(crate) fn shell(&self) -> PathBuf {
        let named = self.variable("SHELL").map(Path::new).filter(|shell| shell.is_absolute());
        named.unwrap_or(Path::new("/bin/sh")).to_path_buf()
    }

    /// Where files that nobody keeps are made.
    pub(crate) fn temporary(&self) -> PathBuf {
        let named = self.variable("TMPDIR").map(Path::new).filter(|folder| folder.is_absolute());
        named.unwrap_or(Path::new("/tmp")).to_path_buf()
    }

    /// `CODEX_API_KEY`.
    pub(crate) fn api_key(&self) -> Option<Secret> {
        self.variable("CODEX_API_KEY").map(str::trim).filter(|key| !key.is_empty()).map(Secret::new)
    }

    /// Certificates to trust beside the platform's.
    pub(crate) fn http(&self) -> HttpOptions {
        let file = self.variable("CODEX_CA_CERTIFICATE").or_else(|| self.variable("SSL_CERT_FILE"));
        HttpOptions { extra_certificates: file.map(PathBuf::from) }
    }

    /// Where the token issuer is.
    pub(crate) fn issuer(&self) -> IssuerOverrides {
        IssuerOverrides {
            token_url: self.variable("CODEX_REFRESH_TOKEN_URL_OVERRIDE").map(str::to_owned),
            revoke_url: self.variable("CODEX_REVOKE_TOKEN_URL_OVERRIDE").map(str::to_owned),
        }
    }

    /// The name by which the services know the front end `usual`.
    pub(crate) fn originator(&self, usual: &str) -> String {
        self.variable("CODEX_INTERNAL_ORIGINATOR_OVERRIDE").unwrap_or(usual).to_owned()
    }

    /// Folders with credentials of ours: this home, the usual one, the one of the keyring's socket.
    pub(crate) fn credential_folders(&self) -> Vec<PathBuf> {
        let usual = self.variable("HOME").map(|home| Path::new(home).join(".codex"));
        let runtime = self.variable("XDG_RUNTIME_DIR").map(PathBuf::from);
        let more = [usual, runtime].into_iter().flatten().filter(|folder| folder.is_absolute());
        std::iter::once(self.codex_home.clone()).chain(more).collect()
    }

    /// `<OS>; <architecture>`, for user agents.
    pub(crate) fn system(&self) -> String {
        format!("{}; {}", std::env::consts::OS, std::env::consts::ARCH)
    }

    /// The terminal's name, for user agents: letters, digits and a few marks of what the variables say.
    pub(crate) fn terminal(&self) -> String {
        let named = self.variable("TERM_PROGRAM").or_else(|| self.variable("TERM")).unwrap_or("unknown");
        let fits = |character: &char| character.is_ascii_alphanumeric() || "._-".contains(*character);
        let name: String = named.chars().filter(fits).take(40).collect();
        if name.is_empty() { "unknown".to_owned() } else { name }
    }
}

fn codex_home(folder: &Path) -> Result<PathBuf, CommandError> {
    let named = std::env::var_os("CODEX_HOME").filter(|home| !home.is_empty());
    let home = match named {
        Some(home) => folder.join(home),
        None => {
            let home = std::env::home_dir().filter(|home| home.is_absolute()).ok_or_else(|| {
                CommandError::failed("there is no home folder to keep credentials and settings in")
                    .hint("set HOME, or set CODEX_HOME to a folder of your own")
            })?;
            home.join(".codex")
        }
    };
    match home.metadata() {
        Ok(found) if !found.is_dir() => Err(CommandError::failed(format!(
            "CODEX_HOME ({}) is not a folder; name a folder, or move that file away",
            home.display()
        ))),
        // A folder that is missing is made when something is first written.
        Ok(_) | Err(_) => Ok(home),
    }
}

fn colour(is_terminal: bool, variables: &BTreeMap<String, String>) -> Colour {
    let unwanted = variables.get("NO_COLOR").is_some_and(|value| !value.is_empty())
        || variables.get("TERM").is_some_and(|term| term == "dumb");
    if is_terminal && !unwanted { Colour::Ansi } else { Colour::Plain }
}

fn text(value: OsString) -> Option<String> {
    value.into_string().ok()
}

fn now() -> i64 {
    let since = |elapsed: std::time::Duration| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(after) => since(after),
        Err(before) => -since(before.duration()),
    }
}
