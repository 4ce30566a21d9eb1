//! A patch file: its title and reason, its insertions, and the files, dependencies and crates that come with it.

use serde::Deserialize;

use crate::anchor::{Anchor, Condition, Scope};
use crate::source;

/// One patch of a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// `core/10-credential-field`.
    pub name: String,
    /// The series that holds it.
    pub series: Series,
    /// What it says and does.
    pub content: Content,
}

/// Which patches are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Series {
    /// What the feature needs; all or nothing.
    Core,
    /// `core`, and what goes on top of it where the tree allows.
    Full,
}

/// The keys of a patch file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// What it adds.
    pub title: String,
    /// Why there.
    pub reason: String,
    /// Insertions into Rust files.
    #[serde(default, rename = "edit")]
    pub edits: Vec<Edit>,
    /// New files.
    #[serde(default, rename = "file")]
    pub files: Vec<NewFile>,
    /// Lines for manifests.
    #[serde(default, rename = "dependency")]
    pub dependencies: Vec<Dependency>,
    /// Crates of ours that go into the tree whole.
    #[serde(default, rename = "member")]
    pub members: Vec<NewMember>,
}

/// A text and its place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The place.
    pub at: Anchor,
    /// The text, without the tree's indentation.
    pub insert: String,
    /// All of these have to hold …
    #[serde(default)]
    pub when: Conditions,
    /// … and none of these.
    #[serde(default)]
    pub unless: Conditions,
}

/// A whole file of ours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFile {
    /// The crate's folder in the tree.
    #[serde(rename = "crate")]
    pub folder: String,
    /// Its path in that folder.
    pub path: String,
    /// Its path under `patches/files`.
    pub from: String,
    /// All of these have to hold …
    #[serde(default)]
    pub when: Conditions,
    /// … and none of these.
    #[serde(default)]
    pub unless: Conditions,
}

/// A dependency of crates in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dependency {
    /// The crate's folder in the tree, or several with `|` between them: those that exist get the line.
    #[serde(rename = "crate")]
    pub folders: Scope,
    /// The package it needs: `codex-X` is the crate of ours in the folder X.
    pub on: String,
    /// The package is no crate of ours: it is among the dependencies of the tree's workspace.
    #[serde(default)]
    pub workspace: bool,
    /// All of these have to hold …
    #[serde(default)]
    pub when: Conditions,
    /// … and none of these.
    #[serde(default)]
    pub unless: Conditions,
}

/// A crate of ours as a new member of the tree's workspace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// Its folder, here and there.
    pub name: String,
}

/// One condition, or several.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Conditions {
    /// None.
    #[default]
    None,
    /// A single one.
    One(Condition),
    /// All of a list.
    Many(Vec<Condition>),
}

impl Conditions {
    /// The conditions as a list.
    pub fn all(&self) -> &[Condition] {
        match self {
            Conditions::None => &[],
            Conditions::One(one) => std::slice::from_ref(one),
            Conditions::Many(many) => many,
        }
    }
}

/// A patch file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the patch {name} cannot be used: {problem}")]
pub struct PatchError {
    name: String,
    problem: String,
}

impl Patch {
    /// Reads the text of a patch file. `name` is its path in `patches/` without `.toml`.
    pub fn parse(name: &str, text: &str) -> Result<Self, PatchError> {
        let error = |problem: String| PatchError { name: name.to_owned(), problem };
        let series = match name.split('/').next() {
            Some("core") => Series::Core,
            Some("full") => Series::Full,
            _ => return Err(error("it is neither in core nor in full".to_owned())),
        };
        let content: Content = toml_edit::de::from_str(text).map_err(|problem| error(problem.to_string()))?;
        for edit in &content.edits {
            source::check_insertion(&edit.insert)
                .map_err(|problem| error(format!("the text for `{}` {problem}", edit.at)))?;
        }
        for path in content.files.iter().flat_map(|file| [&file.folder, &file.path, &file.from]) {
            let is_inside = |part: &str| !part.is_empty() && part != "." && part != "..";
            if !path.split('/').all(is_inside) {
                return Err(error(format!("`{path}` is no path inside of a folder")));
            }
        }
        Ok(Patch { name: name.to_owned(), series, content })
    }
}

impl<'de> Deserialize<'de> for Anchor {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Anchor::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Scope::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Condition::parse(&text).map_err(serde::de::Error::custom)
    }
}
