//! The rules of the house that a program can check. Each check takes the workspace's texts and gives problems.

mod allowed;
mod architecture;
mod banned;
mod manifests;
mod secrets;
mod sizes;
mod source;

use std::fs;
use std::io;
use std::path::Path;

pub use self::sizes::largest;

/// The texts that the checks look at: `.rs` and `Cargo.toml` files under `codex-rs/`, and a few at the root.
#[derive(Debug, Default)]
pub struct Tree {
    /// Path from the root, with `/`, and content; sorted by path.
    pub files: Vec<(String, String)>,
}

impl Tree {
    /// Reads the workspace at `root`.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        for name in ["ARCHITECTURE.md", "Cargo.lock", "Cargo.toml"] {
            match fs::read_to_string(root.join(name)) {
                Ok(text) => tree.files.push((name.to_owned(), text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        tree.read_folder(root, "codex-rs")?;
        tree.files.sort();
        Ok(tree)
    }

    fn read_folder(&mut self, root: &Path, folder: &str) -> io::Result<()> {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{folder}/{name}");
            if entry.file_type()?.is_dir() {
                if name != "target" && !name.starts_with('.') {
                    self.read_folder(root, &path)?;
                }
            } else if name.ends_with(".rs") || name == "Cargo.toml" {
                self.files.push((path, fs::read_to_string(entry.path())?));
            }
        }
        Ok(())
    }

    fn text(&self, path: &str) -> &str {
        self.files.iter().find(|(name, _)| name == path).map_or("", |(_, text)| text)
    }

    fn rust_files(&self) -> impl Iterator<Item = (&str, &str)> {
        let files = self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(|(path, _)| path.ends_with(".rs"))
    }

    /// The `.rs` files that are part of a library or binary, not of its tests and benches.
    fn shipped_files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rust_files().filter(|(path, _)| !is_test_file(path))
    }
}

/// Runs every check; each problem is one sentence that names the file.
pub fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    problems.extend(architecture::check(tree));
    problems.extend(manifests::check(tree));
    problems.extend(banned::check(tree));
    problems.extend(secrets::check(tree));
    problems.extend(first_lines(tree));
    problems
}

fn first_lines(tree: &Tree) -> Vec<String> {
    let without = tree.rust_files().filter(|(_, text)| !text.starts_with("//! "));
    without
        .map(|(path, _)| format!("{path} does not start with a `//!` line that says what it owns"))
        .collect()
}

fn is_test_file(path: &str) -> bool {
    let in_folder = |folder: &str| path.contains(&format!("/{folder}/"));
    in_folder("tests") || in_folder("benches") || in_folder("examples") || path.ends_with("/tests.rs")
}

/// The crate's folder name: `login` for `codex-rs/login/src/http.rs`.
fn crate_of(path: &str) -> &str {
    path.strip_prefix("codex-rs/").and_then(|rest| rest.split('/').next()).unwrap_or_default()
}

#[cfg(test)]
fn tree_of(files: &[(&str, &str)]) -> Tree {
    Tree { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
}

#[cfg(test)]
mod tests;
