//! A Codex workspace on disk: its root, its version, its files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use toml_edit::{Document, Item};

use crate::error::Error;

/// Crates without which a tree is none of Codex.
const NEEDED: [&str; 4] = ["login", "core", "tui", "app-server"];

/// A tree that the patches may be for.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    version: String,
    /// Texts that stand in for those on disk: files as they were before the patches.
    instead: BTreeMap<String, Option<String>>,
}

impl Tree {
    /// Opens the tree at `path`: the folder of the whole repository, or `codex-rs` in it.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let not_a_tree =
            |problem: &str| Error::NotATree { path: path.to_path_buf(), problem: problem.to_owned() };
        if !path.is_dir() {
            return Err(not_a_tree("it is no folder"));
        }
        let inner = path.join("codex-rs");
        let root = if inner.join("Cargo.toml").is_file() { inner } else { path.to_path_buf() };
        let text = match fs::read_to_string(root.join("Cargo.toml")) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(not_a_tree("neither it nor codex-rs in it has a Cargo.toml"));
            }
            Err(source) => return Err(Error::Read { path: root.join("Cargo.toml"), source }),
        };
        let manifest =
            Document::parse(text.as_str()).map_err(|_| not_a_tree("its Cargo.toml is not TOML"))?;
        let workspace = manifest.get("workspace");
        let members: Vec<&str> = workspace
            .and_then(|workspace| workspace.get("members"))
            .and_then(Item::as_array)
            .map(|members| members.iter().filter_map(|member| member.as_str()).collect())
            .unwrap_or_default();
        for folder in NEEDED {
            if !members.contains(&folder) {
                return Err(not_a_tree(&format!("its workspace has no member {folder}")));
            }
            if !root.join(folder).is_dir() {
                return Err(not_a_tree(&format!("it has no folder {folder}")));
            }
        }
        let version = workspace
            .and_then(|workspace| workspace.get("package"))
            .and_then(|package| package.get("version"))
            .and_then(Item::as_str);
        let version = version.unwrap_or("unknown").to_owned();
        Ok(Tree { root, version, instead: BTreeMap::new() })
    }

    /// The folder `codex-rs`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The version that the workspace gives itself; commits of `main` say 0.0.0.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The same tree with other texts in place of some files; `None` takes a file away.
    pub(crate) fn with(&self, instead: BTreeMap<String, Option<String>>) -> Self {
        Tree { instead, ..self.clone() }
    }

    /// Where a file is on disk.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.root.join(file)
    }

    /// The text of a file; `None` if there is no such file.
    pub(crate) fn text(&self, file: &str) -> Result<Option<String>, Error> {
        if let Some(instead) = self.instead.get(file) {
            return Ok(instead.clone());
        }
        self.text_on_disk(file)
    }

    pub(crate) fn text_on_disk(&self, file: &str) -> Result<Option<String>, Error> {
        let path = self.path(file);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(None)
            }
            Err(source) => Err(Error::Read { path, source }),
        }
    }

    /// The folders directly below the root: crates, most of them.
    pub(crate) fn folders(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.root).into_iter().flatten().flatten();
        let folders = entries.filter(|entry| entry.path().is_dir());
        let mut names: Vec<String> =
            folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// The paths of all Rust files, sorted. Links are not followed.
    pub(crate) fn rust_files(&self) -> Result<Vec<String>, Error> {
        let mut files = Vec::new();
        let mut waiting = vec![String::new()];
        while let Some(folder) = waiting.pop() {
            let path = self.root.join(&folder);
            let error = |source| Error::Read { path: path.clone(), source };
            for entry in fs::read_dir(&path).map_err(error)? {
                let entry = entry.map_err(error)?;
                let Ok(name) = entry.file_name().into_string() else { continue };
                let kind = entry.file_type().map_err(error)?;
                let below = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
                if kind.is_dir() && name != "target" && name != "node_modules" && !name.starts_with('.') {
                    waiting.push(below);
                } else if kind.is_file() && name.ends_with(".rs") && self.instead.get(&below) != Some(&None) {
                    files.push(below);
                }
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Whether a path is one of test code, as far as its name tells.
pub(crate) fn is_test_file(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let file = parts.next().unwrap_or_default();
    let name = file.strip_suffix(".rs").unwrap_or(file);
    let is_test = |name: &str| matches!(name, "tests" | "benches" | "examples" | "test_support");
    is_test(name)
        || name == "test"
        || name.ends_with("_tests")
        || name.ends_with("_test")
        || parts.any(is_test)
}
