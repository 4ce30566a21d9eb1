//! Where the paths in a script lead, as far as words tell: nothing is looked up.

use std::path::{Component, Path, PathBuf};

/// The folders a script may be in, in the course of it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    folders: Vec<PathBuf>,
    /// Whether it goes elsewhere at all.
    pub(crate) moves: bool,
}

impl Place {
    pub(crate) fn new(cwd: &Path) -> Self {
        Self { folders: vec![cwd.to_path_buf()], moves: false }
    }

    /// Takes in a step that may be a `cd`. It may fail, so the folder before it stays possible.
    pub(crate) fn follow(&mut self, argv: &[String]) {
        let [command, .., target] = argv else { return };
        if command != "cd" {
            return;
        }
        self.moves = true;
        let reached: Vec<PathBuf> = self.folders.iter().map(|folder| resolve(folder, target)).collect();
        for folder in reached {
            if !self.folders.contains(&folder) {
                self.folders.push(folder);
            }
        }
    }

    /// The folder it is in when every `cd` so far worked.
    pub(crate) fn likely(&self) -> &Path {
        self.folders.last().map_or(Path::new("/"), PathBuf::as_path)
    }

    /// Whether an argument may name credentials, a device, or another process.
    pub(crate) fn is_private(&self, argument: &str, program: &str, hidden: &[PathBuf]) -> bool {
        // `--file=PATH`, `-fPATH` and `-f/path` hold a path too.
        let after_equals = argument.split_once('=').map(|(_, path)| path);
        let after_letter = argument.strip_prefix('-').and_then(|letters| letters.get(1..));
        let from_slash = argument.find('/').and_then(|at| argument.get(at..));
        [Some(argument), after_equals, after_letter, from_slash]
            .into_iter()
            .flatten()
            .flat_map(|path| self.folders.iter().map(move |folder| resolve(folder, path)))
            .any(|path| is_private(&path, program, hidden))
    }

    /// Whether the program, which takes the folder it is in where it is given none, would look at credentials.
    pub(crate) fn starts_in_private(&self, program: &str, hidden: &[PathBuf]) -> bool {
        self.folders.iter().any(|folder| is_private(folder, program, hidden))
    }
}

/// Whether a path is one of the folders or below one.
pub(crate) fn is_below_any(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
}

fn is_private(path: &Path, program: &str, hidden: &[PathBuf]) -> bool {
    let machine = ["/proc", "/dev", "/sys"].iter().any(|folder| path.starts_with(folder))
        && path != Path::new("/dev/null");
    let above = crate::safe::searches(program) && hidden.iter().any(|folder| folder.starts_with(path));
    machine || above || is_below_any(path, hidden)
}

/// A path without `.` and `..`, from a folder.
pub(crate) fn resolve(folder: &Path, path: &str) -> PathBuf {
    let mut resolved = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::CurDir => {}
            other => resolved.push(other),
        }
    }
    resolved
}
