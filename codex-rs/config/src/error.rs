//! What is wrong with the settings: errors that stop the program, warnings that do not. Values are never quoted.

use std::fmt;
use std::path::PathBuf;

use codex_durable_fs::FsError;

use crate::mcp_servers::McpServerProblem;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file could not be read or written, or is too large.
    #[error(transparent)]
    File(#[from] FsError),
    /// A file is not UTF-8 text.
    #[error("{path}, line {line}, column {column}: this is not UTF-8 text; save the file as UTF-8",
        path = path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in bytes.
        column: usize,
    },
    /// A file is not TOML.
    #[error("{path}, line {line}, column {column}: this is not valid TOML ({problem}); mend or remove it",
        path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// From 1, in characters.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// A setting has a value of the wrong type or form.
    #[error("{origin}{}: `{key}` must be {expected}", Position(*position))]
    Invalid {
        /// Where it was set.
        origin: Origin,
        /// Line and column from 1, in a file.
        position: Option<(usize, usize)>,
        /// The dotted key.
        key: String,
        /// What the value has to be.
        expected: String,
    },
    /// Under `--strict-config`: neither this nor the official program knows a key.
    #[error("{0}")]
    UnknownKey(UnknownKey),
    /// What is set for an MCP server makes no sense.
    #[error("the MCP server `{name}` cannot be used: {problem}")]
    McpServer {
        /// The server's.
        name: String,
        /// Why.
        problem: McpServerProblem,
    },
    /// A `-c` argument is not `key=value`.
    #[error("`-c` takes key=value with a dotted key, such as `-c model=gpt-5.5`")]
    Override,
    /// A provider that is not built.
    #[error(
        "`model_provider` names a custom provider, and custom providers are not built yet; remove it or set it to \
         \"openai\""
    )]
    CustomProvider,
    /// A profile's name would lead out of the settings folder.
    #[error("a profile's name consists of letters, digits, `-`, `_` and `.`, and does not start with a dot")]
    ProfileName,
    /// A key to be written is not a key of a setting.
    #[error("`{key}` cannot be written: it is not a setting of this program")]
    NotASetting {
        /// The dotted key.
        key: String,
    },
    /// A value to be written holds what looks like an OpenAI API key.
    #[error(
        "`{key}` was not written: the value holds what looks like an API key, and settings are no place for one"
    )]
    HoldsAKey {
        /// The key in the settings table.
        key: String,
    },
    /// The file is not as the writer last saw it.
    #[error("{path} was changed meanwhile; read it again, then try again", path = path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}

/// Something about the settings that a person should know and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Neither this nor the official program knows the key.
    UnknownKey(UnknownKey),
    /// A project or thread tried to set what only the person may.
    NotForProjects {
        /// Where it was set.
        origin: Origin,
        /// Line and column from 1, in a file.
        position: Option<(usize, usize)>,
        /// The dotted key.
        key: String,
    },
    /// A setting, or a form of one, that the official program knows and this one does not yet.
    NotBuilt {
        /// Where it was set.
        origin: Origin,
        /// Line and column from 1, in a file.
        position: Option<(usize, usize)>,
        /// The dotted key.
        key: String,
    },
    /// An MCP server that makes no sense is left out.
    McpServer {
        /// The server's.
        name: String,
        /// Why.
        problem: McpServerProblem,
    },
    /// A thread's setting has a value of the wrong type or form.
    Ignored {
        /// The error's sentence.
        problem: String,
    },
    /// The settings of a project were not read.
    UntrustedProject {
        /// The file.
        path: PathBuf,
    },
}

/// A key that is no setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownKey {
    /// Where it was set.
    pub origin: Origin,
    /// Line and column from 1, in a file.
    pub position: Option<(usize, usize)>,
    /// The dotted key.
    pub key: String,
    /// What it may have meant.
    pub advice: Option<String>,
}

/// Where a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// This file.
    File(PathBuf),
    /// `-c` on the command line.
    CommandLine,
    /// `config` of `thread/start`.
    Thread,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(formatter, "{}", path.display()),
            Origin::CommandLine => formatter.write_str("the option -c"),
            Origin::Thread => formatter.write_str("the thread's config"),
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownKey(unknown) => unknown.tell(formatter, " and was ignored"),
            Warning::NotForProjects { origin, position, key } => write!(
                formatter,
                "{origin}{}: `{key}` was ignored, because only your own config.toml or -c may set it so",
                Position(*position)
            ),
            Warning::NotBuilt { origin, position, key } => write!(
                formatter,
                "{origin}{}: `{key}`, or this form of it, is not built yet and was ignored",
                Position(*position)
            ),
            Warning::McpServer { name, problem } => {
                write!(formatter, "the MCP server `{name}` is left out: {problem}")
            }
            Warning::Ignored { problem } => write!(formatter, "{problem}; it was ignored"),
            Warning::UntrustedProject { path } => write!(
                formatter,
                "{} was not read, because you have not marked this project as trusted",
                path.display()
            ),
        }
    }
}

impl fmt::Display for UnknownKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(formatter, "")
    }
}

impl UnknownKey {
    fn tell(&self, formatter: &mut fmt::Formatter<'_>, outcome: &str) -> fmt::Result {
        let UnknownKey { origin, position, key, advice } = self;
        write!(formatter, "{origin}{}: `{key}` is not a known setting{outcome}", Position(*position))?;
        match advice {
            Some(advice) => write!(formatter, "; {advice}"),
            None => Ok(()),
        }
    }
}

struct Position(Option<(usize, usize)>);

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((line, column)) => write!(formatter, ", line {line}, column {column}"),
            None => Ok(()),
        }
    }
}
