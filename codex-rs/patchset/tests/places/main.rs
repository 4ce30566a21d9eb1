//! Where a text goes: each kind of place in files that are laid out in every way, and the same place in the same file
//! however it is laid out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod moved;
mod table;

use std::fs;
use std::path::Path;

use codex_patchset::{Bundle, Error, Guard, Run, Series, Tree};

/// A tree with one file of the crate `login`, and a series of one patch.
pub(crate) struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("tree");
        let members = ["login", "core", "tui", "app-server"];
        for member in members {
            write(&root.join(member).join("src/lib.rs"), if member == "login" { text } else { "" });
        }
        write(&root.join("Cargo.toml"), &format!("[workspace]\nmembers = {members:?}\n"));
        Stage { folder }
    }

    pub(crate) fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("tree")
    }

    pub(crate) fn bundle(&self, edits: &[(&str, &str)]) -> Bundle {
        let mut patch = "title = 't'\nreason = 'r'\n".to_owned();
        for (at, insert) in edits {
            patch.push_str(&format!("[[edit]]\nat = \"login: {at}\"\ninsert = '''\n{insert}'''\n"));
        }
        write(&self.folder.path().join("patches/core/1.toml"), &patch);
        Bundle::from_folder(&self.folder.path().join("patches")).unwrap()
    }

    /// The file with the patch applied.
    pub(crate) fn apply(&self, edits: &[(&str, &str)]) -> Result<String, Error> {
        let tree = Tree::open(&self.root())?;
        codex_patchset::apply(&tree, &self.bundle(edits), Series::Core, &Guard::Off, Run::Wet)?;
        Ok(fs::read_to_string(self.root().join("login/src/lib.rs")).unwrap())
    }
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}
