//! Where the paths in a script lead: by their words, and by the links that are there now, which are looked up through the
//! context.

use std::path::{Component, Path, PathBuf};

use crate::judge::{Context, Found, FoundKind};
use crate::safe;

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
    pub(crate) fn is_private(&self, argument: &str, private: &Private<'_>) -> bool {
        // `--file=PATH`, `-fPATH` and `-f/path` hold a path too.
        let after_equals = argument.split_once('=').map(|(_, path)| path);
        let after_letter = argument.strip_prefix('-').and_then(|letters| letters.get(1..));
        let from_slash = argument.find('/').and_then(|at| argument.get(at..));
        [Some(argument), after_equals, after_letter, from_slash]
            .into_iter()
            .flatten()
            .any(|path| self.folders.iter().any(|folder| private.holds(folder, path)))
    }

    /// Whether the program, which takes the folder it is in where it is given none, would look at credentials.
    pub(crate) fn starts_in_private(&self, private: &Private<'_>) -> bool {
        self.folders.iter().any(|folder| private.holds_itself(folder))
    }
}

/// What one program must not be pointed at.
pub(crate) struct Private<'a> {
    program: &'a str,
    look_up: &'a dyn Fn(&Path) -> Option<Found>,
    /// Folders with credentials, as they are named and where they really are.
    hidden: Vec<PathBuf>,
}

impl<'a> Private<'a> {
    pub(crate) fn new(program: &'a str, context: &Context<'a>) -> Self {
        let named = context.hidden.iter().cloned();
        let real =
            context.hidden.iter().filter_map(|folder| (context.look_up)(folder)).map(|found| found.path);
        Self { program, look_up: context.look_up, hidden: named.chain(real).collect() }
    }

    fn holds(&self, folder: &Path, path: &str) -> bool {
        if self.has(&resolve(folder, path)) {
            return true;
        }
        // As the system goes: a link before a `..` counts.
        let Some(found) = (self.look_up)(&folder.join(path)) else { return false };
        let opens_all = match found.kind {
            FoundKind::Folder => !path.is_empty() && safe::follows_links(self.program),
            FoundKind::Other => false,
        };
        opens_all || self.has(&found.path)
    }

    fn holds_itself(&self, folder: &Path) -> bool {
        self.has(folder) || (self.look_up)(folder).is_some_and(|found| self.has(&found.path))
    }

    fn has(&self, path: &Path) -> bool {
        let machine = ["/proc", "/dev", "/sys"].iter().any(|folder| path.starts_with(folder))
            && path != Path::new("/dev/null");
        let above = safe::searches(self.program) && self.hidden.iter().any(|folder| folder.starts_with(path));
        machine || above || is_below_any(path, &self.hidden)
    }
}

/// Whether a path is one of the folders or below one.
pub(crate) fn is_below_any(path: &Path, folders: &[PathBuf]) -> bool {
    folders.iter().any(|folder| path.starts_with(folder))
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
