//! What the binary carries: the patches, the new files, and the crates of ours that go into a tree whole.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::error::Error;
use crate::patch::{Patch, Series};

/// Everything that may go into a tree.
#[derive(Debug, Clone)]
pub struct Bundle {
    patches: Vec<Patch>,
    /// By path under `patches/files`.
    files: BTreeMap<String, String>,
    /// By folder, then by path in it.
    members: BTreeMap<String, BTreeMap<String, String>>,
}

macro_rules! texts {
    ($folder:literal: $($path:literal)*) => { &[$(($path, include_str!(concat!($folder, "/", $path)))),*] };
}

type Texts = &'static [(&'static str, &'static str)];

const PATCHES: Texts = texts!("../../../patches":
    "core/00-members.toml"
    "core/10-credential-field.toml"
    "core/20-auth-manager.toml"
    "core/25-mirror.toml"
    "core/30-request-credential.toml"
    "core/40-connection-reset.toml"
    "core/50-switch.toml"
    "core/55-key-failed.toml"
    "core/60-foreign-ciphertext.toml"
    "core/70-app-server.toml"
    "core/80-slash-command.toml"
    "core/90-no-key-in-history.toml"
    "full/10-portable-compaction.toml"
    "full/20-remove-api-key.toml"
    "full/30-limit-codes.toml"
);

const FILES: Texts = texts!("../../../patches/files":
    "app-server/fallback_api_key.rs"
    "codex-api/fallback_limit.rs"
    "core/fallback_switch.rs"
    "login/fallback_key.rs"
    "login/fallback_key/adding.rs"
    "login/fallback_key/history.rs"
    "login/fallback_key/settings.rs"
    "login/fallback_key/tests.rs"
    "login/fallback_key/words.rs"
    "login/fallback_mirror.rs"
);

const MANIFESTS: Texts = texts!("../../../patches/members": "fallback.toml" "redact.toml");

const FALLBACK: Texts = texts!("../../fallback":
    "src/answer.rs"
    "src/answer/tests.rs"
    "src/event.rs"
    "src/lib.rs"
    "src/policy.rs"
    "src/step.rs"
    "src/step/tests.rs"
    "src/step/tests/return_and_force.rs"
);

const REDACT: Texts = texts!("../../redact":
    "src/key_shape.rs"
    "src/lib.rs"
    "src/scan.rs"
    "src/secret.rs"
    "src/stored.rs"
);

/// The versions of the official workspace on which the patches were tried; commits of `main` say 0.0.0.
const TRIED: [&str; 5] = ["0.122.0", "0.124.0", "0.125.0", "0.145.0", "0.0.0"];

impl Bundle {
    /// What this binary was built with.
    pub fn embedded() -> Result<Self, Error> {
        let owned = |texts: Texts| -> BTreeMap<String, String> {
            texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
        };
        Self::of(owned(PATCHES), owned(FILES), owned(MANIFESTS))
    }

    /// The patches, new files and manifests of a folder like `patches/`; the crates' sources are this binary's.
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        let mut patches = read_below(folder, "core")?;
        patches.append(&mut read_below(folder, "full")?);
        patches.retain(|path, _| path.ends_with(".toml"));
        let inside = |texts: BTreeMap<String, String>, prefix: &str| -> BTreeMap<String, String> {
            texts
                .into_iter()
                .filter_map(|(path, text)| Some((path.strip_prefix(prefix)?.to_owned(), text)))
                .collect()
        };
        let files = inside(read_below(folder, "files")?, "files/");
        let manifests = inside(read_below(folder, "members")?, "members/");
        Self::of(patches, files, manifests)
    }

    fn of(
        patches: BTreeMap<String, String>,
        files: BTreeMap<String, String>,
        mut manifests: BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let mut members = BTreeMap::new();
        for (name, texts) in [("fallback", FALLBACK), ("redact", REDACT)] {
            let Some(manifest) = manifests.remove(&format!("{name}.toml")) else { continue };
            let sources = texts.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
            let all = sources.chain([("Cargo.toml".to_owned(), manifest)]).collect();
            members.insert(name.to_owned(), all);
        }
        let mut read = Vec::new();
        for (path, text) in patches {
            let name = path.strip_suffix(".toml").unwrap_or(&path);
            read.push(Patch::parse(name, &text)?);
        }
        read.sort_by(|one, other| (one.series, &one.name).cmp(&(other.series, &other.name)));
        Ok(Bundle { patches: read, files, members })
    }

    /// The patches of a series, in the order in which they go in.
    pub fn patches(&self, series: Series) -> Vec<&Patch> {
        self.patches.iter().filter(|patch| patch.series <= series).collect()
    }

    /// A file of ours, by its path under `patches/files`.
    pub(crate) fn file(&self, from: &str) -> Option<&str> {
        self.files.get(from).map(String::as_str)
    }

    /// The files of a crate of ours.
    pub(crate) fn member(&self, name: &str) -> Option<&BTreeMap<String, String>> {
        self.members.get(name)
    }
}

/// Whether somebody tried the patches on a tree that gives itself this version.
pub fn is_tried(version: &str) -> bool {
    TRIED.contains(&version)
}

fn read_below(folder: &Path, below: &str) -> Result<BTreeMap<String, String>, Error> {
    let mut texts = BTreeMap::new();
    let mut waiting = vec![below.to_owned()];
    while let Some(current) = waiting.pop() {
        let path = folder.join(&current);
        let error = |source| Error::Read { path: path.clone(), source };
        let entries = match fs::read_dir(&path) {
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(error)?,
        };
        for entry in entries {
            let entry = entry.map_err(error)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let inner = format!("{current}/{name}");
            if entry.file_type().map_err(error)?.is_dir() {
                waiting.push(inner);
            } else {
                let path = entry.path();
                let text = fs::read_to_string(&path).map_err(|source| Error::Read { path, source })?;
                texts.insert(inner, text);
            }
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests;
