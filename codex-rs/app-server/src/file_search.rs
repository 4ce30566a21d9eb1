//! `fuzzyFileSearch`: files whose path resembles what was typed. Ignored and hidden files are left out, links are not
//! followed, no process is started.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use codex_app_server_protocol::{
    ClientResponse, FileMatch, FuzzyFileSearchParams, FuzzyFileSearchResponse, FuzzyFileSearchResult,
    RpcError,
};
use ignore::WalkBuilder;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use tokio::time::Instant;

/// Results of one search.
const MOST_RESULTS: usize = 50;
/// Paths of one root that are looked at.
const MOST_PATHS: usize = 400_000;
/// Folders that one search may look in.
const MOST_ROOTS: usize = 16;
/// How long a list of paths serves the searches that follow, as every key press asks anew.
const LIST_LIFE: Duration = Duration::from_secs(10);

/// The searches under way and the newest lists of paths.
#[derive(Debug, Default)]
pub(crate) struct FileSearch {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// The newest search of each token; `true` ends it.
    running: HashMap<String, Arc<AtomicBool>>,
    lists: HashMap<String, List>,
}

#[derive(Debug, Clone)]
struct List {
    made: Instant,
    paths: Arc<Vec<Found>>,
}

/// A path below a root.
#[derive(Debug)]
struct Found {
    path: String,
    kind: FileMatch,
}

impl FileSearch {
    /// Searches on a thread of its own; an older search with the same token ends without results.
    pub(crate) async fn answer(
        self: Arc<Self>,
        params: FuzzyFileSearchParams,
    ) -> Result<ClientResponse, RpcError> {
        let FuzzyFileSearchParams { query, roots, cancellation_token } = params;
        if roots.len() > MOST_ROOTS || roots.iter().any(|root| !Path::new(root).is_absolute()) {
            let why = format!("`roots` must be absolute folders, at most {MOST_ROOTS}.");
            return Err(RpcError::invalid_request(why));
        }
        let stop = Arc::new(AtomicBool::new(false));
        if let Some(token) = cancellation_token.clone()
            && let Some(older) = self.inner().running.insert(token, stop.clone())
        {
            older.store(true, Ordering::Relaxed);
        }
        let (search, ends) = (self.clone(), stop.clone());
        let files = tokio::task::spawn_blocking(move || search.search(&query, &roots, &ends))
            .await
            .map_err(|_| RpcError::internal("The file search broke off; type on to search again."))?;
        if let Some(token) = cancellation_token {
            let mut inner = self.inner();
            if inner.running.get(&token).is_some_and(|newest| Arc::ptr_eq(newest, &stop)) {
                inner.running.remove(&token);
            }
        }
        Ok(ClientResponse::FuzzyFileSearch(FuzzyFileSearchResponse { files }))
    }

    fn search(&self, query: &str, roots: &[String], stop: &AtomicBool) -> Vec<FuzzyFileSearchResult> {
        if query.is_empty() {
            return Vec::new();
        }
        let mut matcher = Matcher::new(Config::DEFAULT.match_paths());
        let pattern = Pattern::parse(query, CaseMatching::Smart, Normalization::Smart);
        let mut results = Vec::new();
        let mut characters = Vec::new();
        for root in roots {
            for found in self.list(root, stop).iter() {
                if stop.load(Ordering::Relaxed) {
                    return Vec::new();
                }
                let text = Utf32Str::new(&found.path, &mut characters);
                if let Some(score) = pattern.score(text, &mut matcher) {
                    results.push((score, root, found.path.clone(), found.kind));
                }
            }
        }
        results.sort_by(|one, other| (other.0, one.2.len(), &one.2).cmp(&(one.0, other.2.len(), &other.2)));
        results.truncate(MOST_RESULTS);
        results
            .into_iter()
            .map(|(score, root, path, kind)| {
                let mut indices = Vec::new();
                pattern.indices(Utf32Str::new(&path, &mut characters), &mut matcher, &mut indices);
                indices.sort_unstable();
                indices.dedup();
                FuzzyFileSearchResult {
                    root: root.clone(),
                    match_type: kind,
                    file_name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
                    path,
                    score,
                    indices: Some(indices),
                }
            })
            .collect()
    }

    fn list(&self, root: &str, stop: &AtomicBool) -> Arc<Vec<Found>> {
        if let Some(list) = self.inner().lists.get(root).filter(|list| list.made.elapsed() < LIST_LIFE) {
            return list.paths.clone();
        }
        let paths = Arc::new(walk(Path::new(root), stop));
        if !stop.load(Ordering::Relaxed) {
            let mut inner = self.inner();
            inner.lists.retain(|_, list| list.made.elapsed() < LIST_LIFE);
            inner.lists.insert(root.to_owned(), List { made: Instant::now(), paths: paths.clone() });
        }
        paths
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn walk(root: &Path, stop: &AtomicBool) -> Vec<Found> {
    // An ignore file counts outside a repository too: a folder that is not one yet has the same build products.
    let walk = WalkBuilder::new(root).require_git(false).follow_links(false).build();
    let mut found = Vec::new();
    for entry in walk {
        if stop.load(Ordering::Relaxed) || found.len() >= MOST_PATHS {
            break;
        }
        // What cannot be read is not offered.
        let Ok(entry) = entry else { continue };
        let kind = match entry.file_type() {
            Some(kind) if kind.is_dir() => FileMatch::Directory,
            Some(_) | None => FileMatch::File,
        };
        let below = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
        if let Some(path) = below.filter(|path| !path.is_empty()) {
            found.push(Found { path: path.to_owned(), kind });
        }
    }
    found
}
