//! The record that `apply` leaves in the tree, so that `revert` gives back every byte.

use std::collections::BTreeMap;
use std::path::PathBuf;

use codex_durable_fs as durable_fs;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::patch::Series;
use crate::tree::Tree;

/// Folder of the record below `codex-rs`; git does not see it.
const FOLDER: &str = ".codex-patch";
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// What was applied, and what was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    pub(crate) series: Series,
    pub(crate) patches: Vec<String>,
    /// By path below `codex-rs`.
    pub(crate) files: BTreeMap<String, Kept>,
}

/// A file before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Kept {
    /// The text before; none for a new file.
    pub(crate) before: Option<String>,
    /// SHA-256 of the text after.
    pub(crate) after: String,
}

/// A file now, beside its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Now {
    Before,
    After,
    Other,
}

impl Record {
    pub(crate) fn read(tree: &Tree) -> Result<Option<Self>, Error> {
        let path = path(tree);
        let error = |problem: String| Error::Record { path: path.clone(), problem };
        let Some(file) =
            durable_fs::read_private(&path, MAX_BYTES).map_err(|problem| error(problem.to_string()))?
        else {
            return Ok(None);
        };
        let record: Record =
            serde_json::from_slice(&file.bytes).map_err(|problem| error(problem.to_string()))?;
        // A path of a record is written to, so it has to be one of the tree.
        let is_inside = |part: &str| !part.is_empty() && part != "." && part != "..";
        match record.files.keys().find(|path| !path.split('/').all(is_inside)) {
            Some(outside) => Err(error(format!("`{outside}` is no file of the tree"))),
            None => Ok(Some(record)),
        }
    }

    pub(crate) fn write(&self, tree: &Tree) -> Result<(), Error> {
        let path = path(tree);
        let text = serde_json::to_vec(self)
            .map_err(|problem| Error::Record { path: path.clone(), problem: problem.to_string() })?;
        let ignore = path.with_file_name(".gitignore");
        durable_fs::write_private(&ignore, b"*\n").map_err(Error::Write)?;
        durable_fs::write_private(&path, &text).map_err(Error::Write)
    }

    /// Takes the record away.
    pub(crate) fn remove(tree: &Tree) -> Result<(), Error> {
        let path = path(tree);
        durable_fs::remove(&path).map_err(Error::Write)?;
        durable_fs::remove(&path.with_file_name(".gitignore")).map_err(Error::Write)?;
        durable_fs::remove_empty_directory(&tree.path(FOLDER)).map_err(Error::Write)?;
        Ok(())
    }

    /// The part of the record that the tree still bears out.
    ///
    /// Somebody may have undone the patches with git, and moved on to another commit: then no file that they changed is
    /// as they left it, and at most new files are still there. Otherwise files that are neither as before nor as after
    /// are an error.
    pub(crate) fn borne_out(mut self, tree: &Tree) -> Result<Self, Error> {
        let states: BTreeMap<String, Now> =
            self.now(tree)?.into_iter().map(|(path, now)| (path.to_owned(), now)).collect();
        let is = |path: &String, wanted| states.get(path) == Some(&wanted);
        let others: Vec<&str> =
            states.iter().filter(|(_, now)| **now == Now::Other).map(|(path, _)| path.as_str()).collect();
        if others.is_empty() {
            return Ok(self);
        }
        if self.files.iter().any(|(path, kept)| kept.before.is_some() && is(path, Now::After)) {
            return Err(Error::Changed(shortened(&others)));
        }
        self.files.retain(|path, kept| kept.before.is_none() && is(path, Now::After));
        Ok(self)
    }

    /// The state of each file on disk.
    pub(crate) fn now(&self, tree: &Tree) -> Result<Vec<(&str, Now)>, Error> {
        let mut states = Vec::new();
        for (path, kept) in &self.files {
            let text = tree.text_on_disk(path)?;
            let now = match &text {
                now if *now == kept.before => Now::Before,
                Some(text) if hash(text) == kept.after => Now::After,
                Some(_) | None => Now::Other,
            };
            states.push((path.as_str(), now));
        }
        Ok(states)
    }

    /// The texts before.
    pub(crate) fn before(&self) -> BTreeMap<String, Option<String>> {
        self.files.iter().map(|(path, kept)| (path.clone(), kept.before.clone())).collect()
    }
}

/// The first few of a list of paths.
pub(crate) fn shortened(paths: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = paths[..paths.len().min(SHOWN)].join(", ");
    match paths.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        Some(0) | None => shown,
    }
}

/// SHA-256 of a text, in hexadecimal digits.
pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(tree: &Tree) -> PathBuf {
    tree.path(FOLDER).join("record.json")
}
