//! The settings table: each setting is one item with its key, default, description, scope and reader.
//!
//! Parsing, warnings about unknown keys and the documentation are all made from it.

mod access;
mod account;
mod elsewhere;
mod fallback;
mod mcp;
mod model;
mod terminal;
mod tools;

use crate::config::Config;
use crate::value::{Field, Refusal};

pub use elsewhere::{ELSEWHERE, Elsewhere, GONE, Heed};
pub(crate) use elsewhere::{advice, elsewhere};

/// Settings that belong together.
pub struct Group {
    /// The heading in the documentation.
    pub title: &'static str,
    /// In the order of the documentation.
    pub settings: &'static [Setting],
}

/// Every setting that this program reads, in the order of the documentation.
pub const GROUPS: &[Group] = &[
    Group { title: "Model", settings: model::SETTINGS },
    Group { title: "Commands: what they may touch, when you are asked", settings: access::SETTINGS },
    Group { title: "Instructions and tools", settings: tools::SETTINGS },
    Group { title: "MCP servers", settings: mcp::SETTINGS },
    Group { title: "Terminal, history, notifications", settings: terminal::SETTINGS },
    Group { title: "Sign-in", settings: account::SETTINGS },
    Group { title: "Fallback key", settings: fallback::SETTINGS },
];

/// One setting of `config.toml`.
pub struct Setting {
    /// The dotted key; a `*` stands for a name of the person's choice, such as a model or a path.
    pub key: &'static str,
    /// What its values are, for the documentation.
    pub kind: Kind,
    /// The value in force where none is set, as it would be written; empty: none.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Who may set it.
    pub scope: Scope,
    pub(crate) set: Set,
}

/// Puts a value into the settings, with the names at the key's `*`s.
type Set = fn(&mut Config, Names<'_>, &Field<'_>) -> Result<(), Refusal>;

/// The type of a setting's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is never shown: it may be a token.
    Hidden,
    /// An address (see [`crate::BaseUrl`]).
    Address,
    /// An address with or without a query (see [`crate::ServerUrl`]).
    ServerAddress,
    /// A path.
    Path,
    /// A list of paths.
    Paths,
    /// A whole number, 0 or more.
    WholeNumber,
    /// A number of seconds above 0.
    Seconds,
    /// `true` or `false`.
    Truth,
    /// An amount of money in US dollars, 0 or more.
    Dollars,
    /// A list of texts.
    Texts,
    /// A list of names of variables.
    Names,
    /// A list of names of files, without folders.
    FileNames,
    /// Text or a list of texts.
    TextOrTexts,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A word, or `{ granular = { … } }` (see [`crate::ApprovalPolicy`]).
    Approval,
    /// `true`, `false` or a list of what is told (see [`crate::Notifications`]).
    Notifications,
}

/// Which layers may set a setting.
#[derive(Debug, Clone, Copy)]
pub enum Scope {
    /// All, a trusted project's and a thread's too.
    Anyone,
    /// All, but a project or thread may not loosen what the person allows.
    NoLooser(Bound),
    /// The system's, the person's and the command line's only: it decides who pays, where credentials go or
    /// whom to trust.
    Person,
}

/// How far a project or a thread may go.
#[derive(Debug, Clone, Copy)]
pub struct Bound {
    /// The values from the tightest to the loosest.
    pub order: &'static [&'static str],
    /// The loosest that a project may choose at all.
    pub most: &'static str,
    /// What the person has set, which a project cannot loosen either.
    pub(crate) set: fn(&Config) -> Option<&'static str>,
}

/// The names that stand at the `*`s of a key; empty where it has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Names<'a> {
    first: &'a str,
    second: &'a str,
}

const fn setting(
    key: &'static str,
    kind: Kind,
    default: &'static str,
    doc: &'static str,
    scope: Scope,
    set: Set,
) -> Setting {
    Setting { key, kind, default, doc, scope, set }
}

/// Every setting, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    GROUPS.iter().flat_map(|group| group.settings)
}

impl Names<'_> {
    pub(crate) fn first(&self) -> String {
        self.first.to_owned()
    }

    pub(crate) fn second(&self) -> String {
        self.second.to_owned()
    }
}

impl Bound {
    /// Whether a project may set `value`, in words of `order`, where the settings so far are `config`.
    pub(crate) fn allows(&self, value: &str, config: &Config) -> bool {
        let rank = |word: &str| self.order.iter().position(|known| *known == word);
        let most = rank(self.most).min((self.set)(config).and_then(rank).or(rank(self.most)));
        // A value that is no value is told as such by its reader.
        rank(value).is_none_or(|rank| Some(rank) <= most)
    }
}

/// Whether the top-level key `name` is closed to projects and threads, with all that is below it.
pub(crate) fn is_for_the_person_only(name: &str) -> bool {
    let mut settings = all().filter(|setting| setting.key.split('.').next() == Some(name)).peekable();
    let is_ours = settings.peek().is_some();
    is_ours && settings.all(|setting| matches!(setting.scope, Scope::Person))
}

/// Whether a person is to hear of this key in a project's file, though it does nothing.
pub(crate) fn is_far_reaching(path: &[&str]) -> bool {
    path.first().is_some_and(|name| elsewhere::FAR_REACHING.contains(name))
}

/// What a path of key names leads to.
pub(crate) enum Found<'a> {
    /// A setting, with the names at its `*`s.
    Setting(&'static Setting, Names<'a>),
    /// A table with settings below it.
    Table(Header),
    /// Nothing that this program reads.
    Unknown,
}

/// Whose name a table bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// One that the table of settings gives it, such as `fallback`.
    Ours,
    /// One of the person's choice, such as that of an MCP server.
    Theirs,
}

/// Looks a path up, such as `["fallback", "mode"]`.
pub(crate) fn find<'a>(path: &[&'a str]) -> Found<'a> {
    let mut found = Found::Unknown;
    for setting in all() {
        let mut names: Vec<&'a str> = Vec::new();
        let mut header = Header::Ours;
        let mut parts = setting.key.split('.');
        let fits = path.iter().all(|step| match parts.next() {
            Some("*") => {
                names.push(step);
                header = Header::Theirs;
                true
            }
            part => {
                header = Header::Ours;
                part == Some(*step)
            }
        });
        match (fits, parts.next()) {
            (true, None) => {
                let mut names = names.into_iter();
                let (first, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
                return Found::Setting(setting, Names { first, second });
            }
            (true, Some(_)) => found = Found::Table(header),
            (false, _) => {}
        }
    }
    found
}
