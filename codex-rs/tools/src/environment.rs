//! The environment of commands: the person's own as far as the settings let it, without our secrets, with what tells
//! programs that an agent reads.

use std::collections::BTreeMap;
use std::fmt;

use codex_protocol::ThreadId;
use codex_redact::{Secret, key_shape};

/// Variables that hold credentials of ours whatever their value looks like (wire-facts §1.5).
const OUR_SECRETS: [&str; 3] = ["CODEX_API_KEY", "OPENAI_API_KEY", "CODEX_ACCESS_TOKEN"];
/// A shorter value of such a variable is no credential; to look for it elsewhere would take harmless variables out.
const SHORTEST_SECRET: usize = 8;

/// Set for every command (wire-facts §10.4): no colours, no pagers, one language. `set` of the settings is stronger.
const FIXED: [(&str, &str); 9] = [
    ("CODEX_CI", "1"),
    ("NO_COLOR", "1"),
    ("TERM", "dumb"),
    ("PAGER", "cat"),
    ("GIT_PAGER", "cat"),
    ("GH_PAGER", "cat"),
    ("LANG", "C.UTF-8"),
    ("LC_CTYPE", "C.UTF-8"),
    ("LC_ALL", "C.UTF-8"),
];

/// What a shell runs, or takes for its own functions, before the command that was judged, and what leads its `cd` elsewhere.
const RUN_BY_SHELLS: [&str; 8] =
    ["BASH_ENV", "ENV", "BASH_FUNC_*", "PROMPT_COMMAND", "SHELLOPTS", "BASHOPTS", "PS4", "CDPATH"];
/// Ways to daemons outside of the walls, which would act for whoever asks. The walls stop the sockets; without the
/// variables programs do not try.
const WAYS_OUT: [&str; 3] = ["SSH_AUTH_SOCK", "DBUS_SESSION_BUS_ADDRESS", "GPG_AGENT_INFO"];

/// `inherit = "core"`: what a program needs to find its files.
const CORE: [&str; 9] = ["HOME", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "USER", "USERNAME"];
/// What `ignore_default_excludes = false` leaves out.
const DEFAULT_EXCLUDES: [&str; 3] = ["*KEY*", "*SECRET*", "*TOKEN*"];

/// What the settings say of commands' environment (`shell_environment_policy`). Patterns know `*` and `?`, and no
/// difference between upper and lower case.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EnvironmentPolicy {
    /// Where it starts.
    pub inherit: Inherit,
    /// Whether variables that sound like credentials are left out.
    pub default_excludes: DefaultExcludes,
    /// Left out as well.
    pub exclude: Vec<String>,
    /// Added then. People put tokens here: not to be shown.
    pub set: BTreeMap<String, String>,
    /// In the end only these stay; empty keeps all.
    pub include_only: Vec<String>,
}

/// Which variables of the person's environment come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Inherit {
    /// All.
    #[default]
    All,
    /// Those without which hardly a program works.
    Core,
    /// None.
    None,
}

/// Whether variables that sound like credentials are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DefaultExcludes {
    /// They stay (the default of the official program, wire-facts §10.4).
    #[default]
    Ignored,
    /// They are left out.
    Applied,
}

/// Where a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Behind walls.
    Walled,
    /// Wherever the person may go.
    Free,
}

/// What the environment of one command is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inherited<'a> {
    /// The person's environment.
    pub variables: &'a [(String, String)],
    /// What the settings say.
    pub policy: &'a EnvironmentPolicy,
    /// Where the command runs.
    pub reach: Reach,
    /// Credentials in our stores; a variable that holds one is left out.
    pub stored: &'a [Secret],
    /// The thread the command belongs to.
    pub thread_id: &'a ThreadId,
    /// The call that started it.
    pub call_id: &'a str,
    /// This program's version.
    pub version: &'a str,
}

impl Inherited<'_> {
    /// The command's whole environment. Left out whatever the settings say: our own credential variables, what holds the
    /// shape of an OpenAI key or a credential of ours, and what a shell would run before the command.
    pub fn for_command(&self) -> Vec<(String, String)> {
        let policy = self.policy;
        let mut variables: BTreeMap<String, String> = self
            .variables
            .iter()
            .filter(|(name, _)| policy.inherits(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut put = |(name, value): (&str, &str)| variables.insert(name.to_owned(), value.to_owned());
        for fixed in FIXED {
            put(fixed);
        }
        for (name, value) in policy.set.iter().filter(|(name, value)| can_be_set(name, value)) {
            put((name, value));
        }
        let fixed = |name: &String| FIXED.iter().any(|(fixed, _)| fixed == name);
        let only = &policy.include_only;
        variables.retain(|name, value| {
            (only.is_empty() || any(only, name) || fixed(name)) && !self.is_barred(name, value)
        });
        let ours = [
            ("CODEX_THREAD_ID", self.thread_id.as_str()),
            ("CODEX_SESSION_ID", self.thread_id.as_str()),
            ("CODEX_TOOL_CALL_ID", self.call_id),
            ("CODEX_VERSION", self.version),
        ];
        variables.extend(ours.map(|(name, value)| (name.to_owned(), value.to_owned())));
        variables.into_iter().collect()
    }

    /// Whether a variable never reaches a command of this kind.
    fn is_barred(&self, name: &str, value: &str) -> bool {
        let way_out = match self.reach {
            Reach::Walled => WAYS_OUT.contains(&name),
            Reach::Free => false,
        };
        way_out || any(&RUN_BY_SHELLS, name) || is_secret(self.variables, self.stored, name, value)
    }
}

/// Variables for a command that no thread runs, without what [`Inherited::for_command`] leaves out of every one.
pub fn without_secrets(variables: &[(String, String)], stored: &[Secret]) -> Vec<(String, String)> {
    let stays =
        |name: &str, value: &str| !any(&RUN_BY_SHELLS, name) && !is_secret(variables, stored, name, value);
    variables.iter().filter(|(name, value)| stays(name, value)).cloned().collect()
}

/// Whether a variable is or holds a credential of ours: stored, handed to us among the person's variables, or of the
/// shape of a key.
fn is_secret(variables: &[(String, String)], stored: &[Secret], name: &str, value: &str) -> bool {
    let mut given = variables
        .iter()
        .filter(|(name, value)| OUR_SECRETS.contains(&name.as_str()) && value.len() >= SHORTEST_SECRET);
    OUR_SECRETS.contains(&name)
        || key_shape::contains_key_shape(value)
        || stored.iter().any(|secret| secret.is_in(value))
        || given.any(|(_, secret)| value.contains(secret))
}

impl EnvironmentPolicy {
    /// Whether a variable of the person's is one of those that commands start from.
    fn inherits(&self, name: &str) -> bool {
        let inherited = match self.inherit {
            Inherit::All => true,
            Inherit::Core => any(&CORE, name),
            Inherit::None => false,
        };
        let sounds_secret = match self.default_excludes {
            DefaultExcludes::Ignored => false,
            DefaultExcludes::Applied => any(&DEFAULT_EXCLUDES, name),
        };
        inherited && !sounds_secret && !any(&self.exclude, name)
    }
}

impl fmt::Debug for EnvironmentPolicy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EnvironmentPolicy { inherit, default_excludes, exclude, set, include_only } = self;
        formatter
            .debug_struct("EnvironmentPolicy")
            .field("inherit", inherit)
            .field("default_excludes", default_excludes)
            .field("exclude", exclude)
            .field("set", &set.keys().collect::<Vec<_>>())
            .field("include_only", include_only)
            .finish()
    }
}

/// Whether the system takes such a variable; with another no command would start.
fn can_be_set(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !value.contains('\0')
}

fn any<P: AsRef<str>>(patterns: &[P], name: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern.as_ref(), name))
}

/// Whether a pattern with `*` and `?` is the whole name. Upper and lower case are the same.
fn matches(pattern: &str, name: &str) -> bool {
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<char>>();
    let (pattern, name) = (letters(pattern), letters(name));
    let (mut at, mut seen) = (0, 0);
    // The last star, and how much of the name it stands for so far.
    let mut star: Option<(usize, usize)> = None;
    while seen < name.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, seen));
                at += 1;
            }
            (Some(letter), _) if *letter == '?' || *letter == name[seen] => {
                at += 1;
                seen += 1;
            }
            (_, Some((place, until))) => {
                star = Some((place, until + 1));
                at = place + 1;
                seen = until + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests;
