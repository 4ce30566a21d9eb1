//! Looks for many places in all files at once: by folder and words first, and parses what is left, on all cores.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::anchor::Scope;
use crate::error::Error;
use crate::find::Sought;
use crate::tree::{self, Tree};
use crate::walk::{self, Hit, NoRust};

/// A place to look for, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) sought: Sought<'a>,
}

/// A file that was parsed, and what is in it.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) hits: Vec<Hit>,
}

/// What a search brought.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Files with hits, by path.
    pub(crate) files: Vec<Found>,
    /// Files that may have some and are no Rust.
    pub(crate) unreadable: Vec<(String, NoRust)>,
}

/// Looks for all queries; hits refer to them by index.
pub(crate) fn search(tree: &Tree, files: &[String], queries: &[Query<'_>]) -> Result<Findings, Error> {
    let words: Vec<Vec<&str>> = queries.iter().map(|query| query.sought.words()).collect();
    let next = AtomicUsize::new(0);
    let findings = Mutex::new(Ok(Findings::default()));
    let work = || {
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let outcome = look_into(tree, path, queries, &words);
            let mut findings = findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let Ok(so_far) = findings.as_mut() else { return };
            match outcome {
                Ok(Looked::Nothing) => {}
                Ok(Looked::Found(found)) => so_far.files.push(found),
                Ok(Looked::NoRust(no_rust)) => so_far.unreadable.push((path.clone(), no_rust)),
                Err(error) => *findings = Err(error),
            }
        }
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        for _ in 1..cores.min(files.len().max(1)) {
            // One thread fewer is slower, and nothing else.
            let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        }
        work();
    });
    let mut findings = findings.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())?;
    findings.files.sort_by(|one, other| one.path.cmp(&other.path));
    findings.unreadable.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(findings)
}

/// As much as the first thread has: expressions nest deeply in some trees.
const STACK: usize = 8 * 1024 * 1024;

enum Looked {
    Nothing,
    Found(Found),
    NoRust(NoRust),
}

fn look_into(tree: &Tree, path: &str, queries: &[Query<'_>], words: &[Vec<&str>]) -> Result<Looked, Error> {
    let is_test = tree::is_test_file(path);
    let wanted = |query: &Query<'_>| query.scope.holds(path) && (!is_test || query.sought.in_tests());
    if !queries.iter().any(wanted) {
        return Ok(Looked::Nothing);
    }
    let Some(text) = tree.text(path)? else { return Ok(Looked::Nothing) };
    let mut known = Known { text: &text, words: Vec::new() };
    let mut sought: Vec<(usize, Sought<'_>)> = Vec::new();
    for (index, query) in queries.iter().enumerate().filter(|(_, query)| wanted(query)) {
        if words[index].iter().all(|word| known.has(word)) {
            sought.push((index, query.sought));
        }
    }
    if sought.is_empty() {
        return Ok(Looked::Nothing);
    }
    match walk::hits(&text, is_test, &sought) {
        Ok(hits) if hits.is_empty() => Ok(Looked::Nothing),
        Ok(hits) => Ok(Looked::Found(Found { path: path.to_owned(), text, hits })),
        Err(no_rust) => Ok(Looked::NoRust(no_rust)),
    }
}

/// Which words a text holds; each is looked for once.
struct Known<'a> {
    text: &'a str,
    words: Vec<(&'a str, bool)>,
}

impl<'a> Known<'a> {
    fn has(&mut self, word: &'a str) -> bool {
        if let Some((_, is_there)) = self.words.iter().find(|(known, _)| *known == word) {
            return *is_there;
        }
        let is_there = self.text.contains(word);
        self.words.push((word, is_there));
        is_there
    }
}
