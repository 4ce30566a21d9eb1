//! Counts the places where a secret leaves its type.

use super::Tree;
use super::allowed::{EXPOSURES, Exposure};
use super::source::{Source, lines_with};

pub(super) fn check(tree: &Tree) -> Vec<String> {
    check_against(tree, EXPOSURES)
}

pub(super) fn check_against(tree: &Tree, allowed: &[Exposure]) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in tree.shipped_files().filter(|(path, _)| !path.starts_with("codex-rs/xtask/")) {
        let source = Source::read(text);
        let count = |words: &[&str], text: &str| -> usize {
            words.iter().map(|word| lines_with(text, word).len()).sum()
        };
        let expose = count(&["expose"], &source.code);
        let stored = count(&["stored::serialize", "stored::serialize_option"], &source.with_strings);
        let place = allowed.iter().find(|place| place.path == path);
        let (may_expose, may_store) = place.map_or((0, 0), |place| (place.expose, place.stored));
        for (what, found, may) in [("expose", expose, may_expose), ("stored::serialize", stored, may_store)] {
            if found != may {
                problems.push(format!(
                    "{path} uses `{what}` {found} times, {may} are listed in xtask/src/tidy/allowed.rs"
                ));
            }
        }
    }
    let is_gone = |place: &&Exposure| tree.rust_files().all(|(path, _)| path != place.path);
    problems.extend(
        allowed
            .iter()
            .filter(is_gone)
            .map(|place| format!("{} is listed in xtask/src/tidy/allowed.rs and does not exist", place.path)),
    );
    problems
}
