//! Files whose path resembles what was typed (`fuzzyFileSearch`; its members are in snake case, as the official ones are).

use serde::{Deserialize, Serialize};

/// `fuzzyFileSearch`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FuzzyFileSearchParams {
    /// What was typed; empty finds nothing.
    pub query: String,
    /// The folders to look in, absolute.
    pub roots: Vec<String>,
    /// A newer search with the same token ends the older one.
    #[serde(default)]
    pub cancellation_token: Option<String>,
}

/// The answer to `fuzzyFileSearch`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FuzzyFileSearchResponse {
    /// The best first, at most 50.
    pub files: Vec<FuzzyFileSearchResult>,
}

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FuzzyFileSearchResult {
    /// The folder that was searched.
    pub root: String,
    /// The path below it.
    pub path: String,
    /// `file` or `directory`.
    pub match_type: FileMatch,
    /// The path's last part.
    pub file_name: String,
    /// Higher is better.
    pub score: u32,
    /// The characters of `path` that match, counted from 0.
    pub indices: Option<Vec<u32>>,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileMatch {
    /// A file.
    File,
    /// A folder.
    Directory,
}
