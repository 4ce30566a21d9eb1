//! Whether work in a folder can be undone: is it inside a git repository? Found by looking, without running git.

use std::path::Path;

use crate::ExecError;

/// Refuses a folder that neither is nor lies in a git work tree.
///
/// # Errors
/// When no parent holds a `.git`.
pub fn check(folder: &Path) -> Result<(), ExecError> {
    // `.git` is a folder in a clone and a file in a linked work tree or submodule.
    match folder.ancestors().any(|parent| parent.join(".git").exists()) {
        true => Ok(()),
        false => Err(ExecError::NotARepository(folder.to_path_buf())),
    }
}
