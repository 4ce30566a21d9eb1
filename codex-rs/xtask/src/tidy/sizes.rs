//! The largest files and functions: shown, not enforced.

use super::Tree;
use super::source::{self, Source};

const SHOWN: usize = 10;

/// The ten largest files and the ten largest functions outside tests, with their lines.
pub fn largest(tree: &Tree) -> [(&'static str, Vec<(usize, String)>); 2] {
    let mut files = Vec::new();
    let mut functions = Vec::new();
    for (path, text) in tree.shipped_files() {
        files.push((text.lines().count(), path.to_owned()));
        for (name, first, last) in source::functions(&Source::read(text).code) {
            functions.push((last - first + 1, format!("{path}:{first} {name}")));
        }
    }
    [("largest files (lines)", top(files)), ("largest functions (lines)", top(functions))]
}

fn top(mut entries: Vec<(usize, String)>) -> Vec<(usize, String)> {
    entries.sort_by(|one, other| other.cmp(one));
    entries.truncate(SHOWN);
    entries
}
