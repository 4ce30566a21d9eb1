//! Words that may appear only in their home crates.

use super::allowed::BANS;
use super::source::{Source, lines_with};
use super::{Tree, crate_of};

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (path, text) in tree.shipped_files() {
        let source = Source::read(text);
        let below = path.strip_prefix("codex-rs/").unwrap_or(path);
        for ban in BANS.iter().filter(|ban| !ban.homes.iter().any(|home| below.starts_with(home))) {
            for word in ban.words {
                for line in lines_with(&source.code, word) {
                    let owner = crate_of(path);
                    problems.push(format!("{path}:{line} has `{word}` in crate {owner}: {}", ban.reason));
                }
            }
        }
    }
    problems
}
