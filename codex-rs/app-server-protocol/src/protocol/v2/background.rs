//! Commands that run on in the background of a thread (shapes of the official schema 0.169).

use codex_protocol::ThreadId;
use serde::{Deserialize, Serialize};

/// `thread/backgroundTerminals/list`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTerminalsListParams {
    /// The thread.
    pub thread_id: ThreadId,
}

/// The answer to `thread/backgroundTerminals/list`. All of them, at most 64: there is never a next page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTerminalsListResponse {
    /// The oldest first.
    pub data: Vec<BackgroundTerminal>,
    /// Always `null`.
    pub next_cursor: Option<String>,
}

/// A command that runs on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTerminal {
    /// The command's item.
    pub item_id: String,
    /// The command's session, as the model knows it.
    pub process_id: String,
    /// What the model asked to run, without the shell around it.
    pub command: String,
    /// Absolute.
    pub cwd: String,
    /// The process.
    pub os_pid: Option<i64>,
    /// Always `null`: not measured.
    pub cpu_percent: Option<f64>,
    /// Always `null`: not measured.
    pub rss_kb: Option<u64>,
}

/// `thread/backgroundTerminals/terminate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTerminalsTerminateParams {
    /// The thread.
    pub thread_id: ThreadId,
    /// The command's session.
    pub process_id: String,
}

/// The answer to `thread/backgroundTerminals/terminate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundTerminalsTerminateResponse {
    /// Whether there was one.
    pub terminated: bool,
}

/// `thread/backgroundTerminals/clean`: ends all of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackgroundTerminalsCleanParams {
    /// The thread.
    pub thread_id: ThreadId,
}

/// The answer to `thread/backgroundTerminals/clean`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackgroundTerminalsCleanResponse {}

/// `gitDiff`, ours: what has changed in the working tree of a folder, untracked files included. Runs git only in a
/// folder that the person trusts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitDiffParams {
    /// The folder, absolute.
    pub cwd: String,
}

/// The answer to `gitDiff`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GitDiffResponse {
    /// A unified diff against `HEAD`; empty where nothing has changed.
    pub diff: String,
    /// Why there is none, for people: no repository, no trust, too large.
    pub unavailable: Option<String>,
}
