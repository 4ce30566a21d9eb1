//! What manifests and the lock file may not hold.

use toml_edit::DocumentMut;

use super::Tree;

/// The most packages that `Cargo.lock` may name: each is somebody to trust.
const MOST_PACKAGES: usize = 500;

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in tree.files.iter().filter(|(path, _)| path.ends_with("Cargo.toml")) {
        match text.parse::<DocumentMut>() {
            Ok(manifest) => {
                for table in ["patch", "replace"] {
                    if manifest.contains_key(table) {
                        problems.push(format!("{path} has [{table}]: dependencies are used as published"));
                    }
                }
            }
            Err(_) => problems.push(format!("{path} is not TOML")),
        }
    }
    let packages = tree.text("Cargo.lock").lines().filter(|line| *line == "[[package]]").count();
    if packages > MOST_PACKAGES {
        problems.push(format!("Cargo.lock names {packages} packages, {MOST_PACKAGES} are the most"));
    }
    problems
}
