//! Anchors: the words by which a patch names a place in a tree, their parser and their spelling.
//!
//! An anchor is `CRATES: PLACE`. CRATES is a folder below `codex-rs`, several with `|` between them, or `*`. The places
//! are a closed list, [`Place`]; the finder has one function for each.

use std::fmt;
use std::iter::Peekable;
use std::slice::Iter;

/// A place in a tree, by names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Where to look.
    pub scope: Scope,
    /// What to look for there.
    pub place: Place,
}

/// Something that some trees hold and others do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Where to look.
    pub scope: Scope,
    /// What has to be there at least once, outside of tests.
    pub item: NamedItem,
}

/// Folders of crates below `codex-rs`; none means all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(Vec<String>);

/// Where an insertion goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `after field S.f`
    AfterField(Member),
    /// `in every literal of S`: expressions, also as `Self` and inside macros; those with `..rest` are left.
    EveryLiteral(String),
    /// `in the literal of S in fn F`: this one has a text of its own, and `in every literal` leaves it.
    LiteralIn(String, FunctionName),
    /// `after variant E::V`
    AfterVariant(Member),
    /// `before arm V in fn F`
    BeforeArm(PatternName, FunctionName),
    /// `before the last statement of arm V in fn F`
    BeforeLastOfArm(PatternName, FunctionName),
    /// `at the start of arm V in fn F`
    StartOfArm(PatternName, FunctionName),
    /// `at the start of fn F`
    StartOfFunction(FunctionName),
    /// `before the tail of fn F`
    BeforeTail(FunctionName),
    /// `before fn F`
    BeforeFunction(FunctionName),
    /// `after struct S`
    AfterStruct(String),
    /// `after mod m`, where it is a file of its own.
    AfterModule(String),
    /// `beside entry N in macro M`: `{serialization}` in the insertion becomes the entry's own such line.
    BesideEntry(String, String),
    /// `in the matches of fn F after E::V`
    InMatches(FunctionName, PatternName),
}

/// What a [`Condition`] asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedItem {
    /// `struct S`
    Struct(String),
    /// `enum E`
    Enum(String),
    /// `fn F`
    Function(FunctionName),
    /// `field S.f`
    Field(Member),
    /// `variant E::V`
    Variant(Member),
}

/// A field of a struct or a variant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The struct or enum.
    pub owner: String,
    /// The field or variant.
    pub name: String,
}

/// `name` or `Type::name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName {
    /// The type of the `impl` (its last segment), or the trait; without it, any function of that name.
    pub owner: Option<String>,
    /// The function.
    pub name: String,
}

/// The last segments of a path in a pattern, and what it has to hold in parentheses: `Ok(Event::Done)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternName {
    /// Last segments of the path, at least one.
    pub path: Vec<String>,
    /// A pattern inside of it.
    pub inside: Option<Box<PatternName>>,
}

/// An anchor or condition that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}: {problem}")]
pub struct AnchorError {
    text: String,
    what: &'static str,
    problem: String,
}

impl Anchor {
    /// Reads `CRATES: PLACE`.
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        read(text, "anchor", |words| Ok(Anchor { scope: words.scope()?, place: words.place()? }))
    }
}

impl Condition {
    /// Reads `CRATES: struct S` and its like.
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        read(text, "condition", |words| Ok(Condition { scope: words.scope()?, item: words.item()? }))
    }
}

impl Scope {
    /// Reads one folder, or several with `|` between them.
    pub fn parse(text: &str) -> Result<Self, AnchorError> {
        read(text, "list of folders", |words| words.folders())
    }

    /// The named folders; empty for all.
    pub fn folders(&self) -> &[String] {
        &self.0
    }

    /// Whether the file with this path below `codex-rs` is one to look into.
    pub fn holds(&self, path: &str) -> bool {
        let inside =
            |folder: &String| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/'));
        self.0.is_empty() || self.0.iter().any(inside)
    }
}

impl FunctionName {
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.owner.as_deref().into_iter().chain([self.name.as_str()])
    }
}

impl PatternName {
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.path.iter().map(String::as_str).collect();
        names.extend(self.inside.iter().flat_map(|inside| inside.names()));
        names
    }
}

fn read<T>(
    text: &str,
    what: &'static str,
    parse: impl FnOnce(&mut Words<'_>) -> Result<T, String>,
) -> Result<T, AnchorError> {
    let outcome = split(text).and_then(|list| {
        let mut words = Words { list: list.iter().peekable() };
        let parsed = parse(&mut words)?;
        match words.list.next() {
            None => Ok(parsed),
            Some(word) => Err(format!("nothing is expected after the place, and there is `{}`", word.0)),
        }
    });
    outcome.map_err(|problem| AnchorError { text: text.to_owned(), what, problem })
}

/// A name, a folder, or a sign.
#[derive(Debug, PartialEq, Eq)]
struct Word<'a>(&'a str);

/// Cuts a text into names (with `-` and `/`, for folders) and signs.
fn split(text: &str) -> Result<Vec<Word<'_>>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(' ');
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ':' if rest.starts_with("::") => 2,
            ':' | '|' | '*' | '.' | '(' | ')' => 1,
            _ if is_of_name(first) => rest.find(|sign| !is_of_name(sign)).unwrap_or(rest.len()),
            _ => return Err(format!("it has the sign {first:?}, which no name has")),
        };
        let (word, behind) = rest.split_at(length);
        words.push(Word(word));
        rest = behind.trim_start_matches(' ');
    }
    Ok(words)
}

fn is_of_name(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || matches!(sign, '_' | '-' | '/')
}

struct Words<'a> {
    list: Peekable<Iter<'a, Word<'a>>>,
}

impl<'a> Words<'a> {
    fn scope(&mut self) -> Result<Scope, String> {
        let scope = if self.take("*") { Scope(Vec::new()) } else { self.folders()? };
        self.expect(":", "after the folders of the crates")?;
        Ok(scope)
    }

    fn folders(&mut self) -> Result<Scope, String> {
        let mut folders = vec![self.folder()?];
        while self.take("|") {
            folders.push(self.folder()?);
        }
        Ok(Scope(folders))
    }

    fn place(&mut self) -> Result<Place, String> {
        match self.word("a place")? {
            "after" => self.after(),
            "in" => self.within(),
            "before" => self.before(),
            "at" => {
                self.phrase(&["the", "start", "of"])?;
                match self.word("`arm` or `fn`")? {
                    "arm" => self.arm().map(|(arm, function)| Place::StartOfArm(arm, function)),
                    "fn" => self.function().map(Place::StartOfFunction),
                    other => Err(format!("`at the start of` goes on with `arm` or `fn`, not with `{other}`")),
                }
            }
            "beside" => {
                self.phrase(&["entry"])?;
                let entry = self.name("of the entry")?;
                self.phrase(&["in", "macro"])?;
                Ok(Place::BesideEntry(entry, self.name("of the macro")?))
            }
            other => Err(format!("a place starts with after, in, before, at or beside, not with `{other}`")),
        }
    }

    fn after(&mut self) -> Result<Place, String> {
        match self.word("`field`, `variant`, `struct` or `mod`")? {
            "field" => self.member(".").map(Place::AfterField),
            "variant" => self.member("::").map(Place::AfterVariant),
            "struct" => self.name("of the struct").map(Place::AfterStruct),
            "mod" => self.name("of the module").map(Place::AfterModule),
            other => {
                Err(format!("`after` goes on with `field`, `variant`, `struct` or `mod`, not with `{other}`"))
            }
        }
    }

    fn within(&mut self) -> Result<Place, String> {
        if self.take("every") {
            self.phrase(&["literal", "of"])?;
            return self.name("of the struct").map(Place::EveryLiteral);
        }
        self.phrase(&["the"])?;
        match self.word("`literal` or `matches`")? {
            "literal" => {
                self.phrase(&["of"])?;
                let of = self.name("of the struct")?;
                self.phrase(&["in", "fn"])?;
                Ok(Place::LiteralIn(of, self.function()?))
            }
            "matches" => {
                self.phrase(&["of", "fn"])?;
                let function = self.function()?;
                self.phrase(&["after"])?;
                Ok(Place::InMatches(function, self.pattern(DEEPEST)?))
            }
            other => Err(format!("`in the` goes on with `literal` or `matches`, not with `{other}`")),
        }
    }

    fn before(&mut self) -> Result<Place, String> {
        match self.word("`arm`, `fn` or `the`")? {
            "arm" => self.arm().map(|(arm, function)| Place::BeforeArm(arm, function)),
            "fn" => self.function().map(Place::BeforeFunction),
            "the" => match self.word("`tail` or `last`")? {
                "tail" => {
                    self.phrase(&["of", "fn"])?;
                    self.function().map(Place::BeforeTail)
                }
                "last" => {
                    self.phrase(&["statement", "of", "arm"])?;
                    self.arm().map(|(arm, function)| Place::BeforeLastOfArm(arm, function))
                }
                other => Err(format!("`before the` goes on with `tail` or `last`, not with `{other}`")),
            },
            other => Err(format!("`before` goes on with `arm`, `fn` or `the`, not with `{other}`")),
        }
    }

    fn item(&mut self) -> Result<NamedItem, String> {
        match self.word("an item")? {
            "struct" => self.name("of the struct").map(NamedItem::Struct),
            "enum" => self.name("of the enum").map(NamedItem::Enum),
            "fn" => self.function().map(NamedItem::Function),
            "field" => self.member(".").map(NamedItem::Field),
            "variant" => self.member("::").map(NamedItem::Variant),
            other => Err(format!("an item is a struct, enum, fn, field or variant, not `{other}`")),
        }
    }

    /// `V in fn F`
    fn arm(&mut self) -> Result<(PatternName, FunctionName), String> {
        let arm = self.pattern(DEEPEST)?;
        self.phrase(&["in", "fn"])?;
        Ok((arm, self.function()?))
    }

    fn pattern(&mut self, deepest: usize) -> Result<PatternName, String> {
        let mut path = vec![self.name("of the pattern")?];
        while self.take("::") {
            path.push(self.name("of the pattern")?);
        }
        let mut inside = None;
        if self.take("(") {
            let deeper = deepest.checked_sub(1).ok_or("its pattern has too many parentheses")?;
            inside = Some(Box::new(self.pattern(deeper)?));
            self.expect(")", "after the pattern inside")?;
        }
        Ok(PatternName { path, inside })
    }

    fn function(&mut self) -> Result<FunctionName, String> {
        let first = self.name("of the function")?;
        if !self.take("::") {
            return Ok(FunctionName { owner: None, name: first });
        }
        Ok(FunctionName { owner: Some(first), name: self.name("of the function")? })
    }

    fn member(&mut self, between: &'static str) -> Result<Member, String> {
        let owner = self.name("of the type")?;
        self.expect(between, "after the type")?;
        Ok(Member { owner, name: self.name("after the type")? })
    }

    fn folder(&mut self) -> Result<String, String> {
        let folder = self.word("the folder of a crate")?;
        let is_plain = |part: &str| !part.is_empty() && part.chars().all(is_of_name);
        if !folder.split('/').all(is_plain) {
            return Err(format!("`{folder}` is no folder below codex-rs"));
        }
        Ok(folder.to_owned())
    }

    fn name(&mut self, whose: &str) -> Result<String, String> {
        let name = self.word(&format!("the name {whose}"))?;
        let plain = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        if !plain || name.starts_with(|first: char| first.is_ascii_digit()) {
            return Err(format!("the name {whose} is expected where `{name}` stands"));
        }
        Ok(name.to_owned())
    }

    fn word(&mut self, expected: &str) -> Result<&'a str, String> {
        self.list.next().map(|word| word.0).ok_or_else(|| format!("it ends where {expected} is expected"))
    }

    fn take(&mut self, sign: &str) -> bool {
        self.list.next_if(|word| word.0 == sign).is_some()
    }

    fn expect(&mut self, sign: &str, place: &str) -> Result<(), String> {
        match self.list.next() {
            Some(word) if word.0 == sign => Ok(()),
            Some(word) => Err(format!("`{sign}` is expected {place}, not `{}`", word.0)),
            None => Err(format!("`{sign}` is expected {place}")),
        }
    }

    fn phrase(&mut self, words: &[&str]) -> Result<(), String> {
        words.iter().try_for_each(|word| self.expect(word, "here"))
    }
}

/// More parentheses than any pattern needs; a bound, so that no text can exhaust the stack.
const DEEPEST: usize = 8;

impl fmt::Display for Anchor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.scope, self.place)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.scope, self.item)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { formatter.write_str("*") } else { formatter.write_str(&self.0.join("|")) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::AfterField(Member { owner, name }) => write!(formatter, "after field {owner}.{name}"),
            Place::EveryLiteral(of) => write!(formatter, "in every literal of {of}"),
            Place::LiteralIn(of, function) => write!(formatter, "in the literal of {of} in fn {function}"),
            Place::AfterVariant(Member { owner, name }) => write!(formatter, "after variant {owner}::{name}"),
            Place::BeforeArm(arm, function) => write!(formatter, "before arm {arm} in fn {function}"),
            Place::BeforeLastOfArm(arm, function) => {
                write!(formatter, "before the last statement of arm {arm} in fn {function}")
            }
            Place::StartOfArm(arm, function) => {
                write!(formatter, "at the start of arm {arm} in fn {function}")
            }
            Place::StartOfFunction(function) => write!(formatter, "at the start of fn {function}"),
            Place::BeforeTail(function) => write!(formatter, "before the tail of fn {function}"),
            Place::BeforeFunction(function) => write!(formatter, "before fn {function}"),
            Place::AfterStruct(name) => write!(formatter, "after struct {name}"),
            Place::AfterModule(name) => write!(formatter, "after mod {name}"),
            Place::BesideEntry(entry, name) => write!(formatter, "beside entry {entry} in macro {name}"),
            Place::InMatches(function, pattern) => {
                write!(formatter, "in the matches of fn {function} after {pattern}")
            }
        }
    }
}

impl fmt::Display for NamedItem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NamedItem::Struct(name) => write!(formatter, "struct {name}"),
            NamedItem::Enum(name) => write!(formatter, "enum {name}"),
            NamedItem::Function(function) => write!(formatter, "fn {function}"),
            NamedItem::Field(Member { owner, name }) => write!(formatter, "field {owner}.{name}"),
            NamedItem::Variant(Member { owner, name }) => write!(formatter, "variant {owner}::{name}"),
        }
    }
}

impl fmt::Display for FunctionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(formatter, "{owner}::{}", self.name),
            None => formatter.write_str(&self.name),
        }
    }
}

impl fmt::Display for PatternName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.path.join("::"))?;
        match &self.inside {
            Some(inside) => write!(formatter, "({inside})"),
            None => Ok(()),
        }
    }
}
