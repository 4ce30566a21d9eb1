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
/// How long making a list may take; a folder on a slow network is listed as far as it goes.
const WALK_LIMIT: Duration = Duration::from_secs(5);
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
    /// One list per root. Its lock is held by the search that makes it: the others wait and do not walk as well.
    lists: HashMap<String, Arc<Mutex<Option<List>>>>,
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
            for found in self.list(root).iter() {
                if stop.load(Ordering::Relaxed) {
                    return Vec::new();
                }
                let text = letters(&found.path, &mut characters);
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
                pattern.indices(letters(&path, &mut characters), &mut matcher, &mut indices);
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

    /// A list that is begun is made to its end, also for a search that has been overtaken: the next one needs it.
    fn list(&self, root: &str) -> Arc<Vec<Found>> {
        let place = self.place_of(root);
        let mut list = held(&place);
        if let Some(list) = list.as_ref().filter(|list| list.made.elapsed() < LIST_LIFE) {
            return list.paths.clone();
        }
        let paths = Arc::new(walk(Path::new(root)));
        *list = Some(List { made: Instant::now(), paths: paths.clone() });
        paths
    }

    /// Forgets the old lists of other roots; one that is being made is not old.
    fn place_of(&self, root: &str) -> Arc<Mutex<Option<List>>> {
        let is_fresh = |place: &Mutex<Option<List>>| match place.try_lock() {
            Ok(list) => list.as_ref().is_some_and(|list| list.made.elapsed() < LIST_LIFE),
            Err(_) => true,
        };
        let mut inner = self.inner();
        inner.lists.retain(|other, place| other == root || Arc::strong_count(place) > 1 || is_fresh(place));
        inner.lists.entry(root.to_owned()).or_default().clone()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        held(&self.inner)
    }
}

/// What lies in here is put into its place whole, so it is good even if a holder panicked.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn walk(root: &Path) -> Vec<Found> {
    let Ok(real_root) = root.canonicalize() else { return Vec::new() };
    let started = Instant::now();
    let walk = WalkBuilder::new(root)
        // An ignore file counts outside a repository too: a folder that is not one yet has the same build products.
        .require_git(false)
        // The person's own ignore file is named by the environment, which is not read here.
        .git_global(false)
        .follow_links(false)
        .build();
    let mut found = Vec::new();
    for entry in walk {
        if found.len() >= MOST_PATHS || started.elapsed() > WALK_LIMIT {
            break;
        }
        // What cannot be read is not offered.
        let Ok(entry) = entry else { continue };
        let kind = match entry.file_type() {
            Some(kind) if kind.is_dir() => FileMatch::Directory,
            Some(kind) if kind.is_file() => FileMatch::File,
            Some(kind) if kind.is_symlink() && is_file_below(entry.path(), &real_root) => FileMatch::File,
            Some(_) | None => continue,
        };
        let below = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
        if let Some(path) = below.filter(|path| !path.is_empty()) {
            found.push(Found { path: path.to_owned(), kind });
        }
    }
    found
}

/// Whether a link ends at a file below the root; others lead out of what may be searched.
fn is_file_below(link: &Path, root: &Path) -> bool {
    link.canonicalize().is_ok_and(|target| target.starts_with(root) && target.is_file())
}

/// By characters, as the answer counts them; the library's own way counts what looks like one character.
fn letters<'a>(path: &'a str, characters: &'a mut Vec<char>) -> Utf32Str<'a> {
    if path.is_ascii() {
        return Utf32Str::Ascii(path.as_bytes());
    }
    characters.clear();
    characters.extend(path.chars());
    Utf32Str::Unicode(characters)
}
