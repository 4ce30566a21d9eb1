//! What a conversation begins with: our base instructions, the project's own (AGENTS.md, wire-facts §8) and the
//! environment. Read once per thread and working directory, so that the prompt cache is not broken by every turn.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use codex_protocol::{ContentItem, ResponseItem};

use crate::settings::ThreadSettings;

/// Our own base instructions; the first developer message of every request.
pub(crate) const BASE_INSTRUCTIONS: &str = include_str!("../prompts/base.md");
/// The file that holds a project's instructions for agents.
const PROJECT_DOC: &str = "AGENTS.md";
/// Stands between the person's own instructions and the project's (wire-facts §8).
const SEPARATOR: &str = "\n\n--- project-doc ---\n\n";

/// Where to look for instructions and how much to take.
#[derive(Debug, Clone)]
pub(crate) struct DocSettings {
    pub(crate) codex_home: PathBuf,
    /// Names tried where a folder has no AGENTS.md, in order.
    pub(crate) fallback_names: Vec<String>,
    /// A folder that holds one of these is a project's root.
    pub(crate) root_markers: Vec<String>,
    /// Bytes taken of all files together; 0 takes none.
    pub(crate) max_bytes: u64,
}

/// Instructions found for one working directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Docs {
    /// All of them, the person's own first.
    pub(crate) text: String,
    /// The files in use.
    pub(crate) sources: Vec<PathBuf>,
    /// What could not be read or was cut, for people. Never a failure.
    pub(crate) warnings: Vec<String>,
}

impl Docs {
    /// Looks in `$CODEX_HOME` and from the project's root down to `cwd`. Runs no other program.
    pub(crate) fn find(cwd: &Path, settings: &DocSettings) -> Docs {
        let mut docs = Docs::default();
        if settings.max_bytes == 0 {
            return docs;
        }
        let mut left = settings.max_bytes;
        let mut names = vec![PROJECT_DOC.to_owned()];
        let personal = docs.take(&settings.codex_home, &names, &mut left);
        names.extend(settings.fallback_names.iter().cloned());
        let folders = project_folders(cwd, &settings.root_markers);
        let projects: Vec<String> = folders
            .iter()
            // A project that is the Codex home itself has been read already.
            .filter(|folder| **folder != settings.codex_home)
            .filter_map(|folder| docs.take(folder, &names, &mut left))
            .collect();
        docs.text = personal.unwrap_or_default();
        if !projects.is_empty() {
            if !docs.text.is_empty() {
                docs.text.push_str(SEPARATOR);
            }
            docs.text.push_str(&projects.join("\n\n"));
        }
        docs
    }

    /// The text of the first of these files that the folder has.
    fn take(&mut self, folder: &Path, names: &[String], left: &mut u64) -> Option<String> {
        let path = names.iter().map(|name| folder.join(name)).find(|path| path.symlink_metadata().is_ok())?;
        let shown = path.display();
        match read(&path, *left) {
            Ok(Doc { text, .. }) if text.trim().is_empty() => None,
            Ok(Doc { text, whole }) => {
                if !whole {
                    self.warnings.push(format!(
                        "The instructions in {shown} were cut, because all such files together may have \
                         `project_doc_max_bytes`; raise it in config.toml to use all of them."
                    ));
                }
                *left = left.saturating_sub(text.len() as u64);
                self.sources.push(path);
                Some(text)
            }
            Err(problem) => {
                self.warnings.push(format!("The instructions in {shown} are not used: {problem}."));
                None
            }
        }
    }
}

struct Doc {
    text: String,
    whole: bool,
}

/// Why a file of instructions is not used.
#[derive(Debug, thiserror::Error)]
enum DocProblem {
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("`project_doc_max_bytes` is used up by the files before it")]
    NoRoom,
    #[error("it cannot be read ({0})")]
    Unreadable(#[from] io::Error),
}

fn read(path: &Path, most: u64) -> Result<Doc, DocProblem> {
    // Looked at before it is opened: opening a named pipe would wait for ever.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(DocProblem::NotAFile);
    }
    if most == 0 && metadata.len() > 0 {
        return Err(DocProblem::NoRoom);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let whole = bytes.len() as u64 <= most;
    if !whole {
        bytes.pop();
    }
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let (valid, torn) = (error.utf8_error().valid_up_to(), error.utf8_error().error_len().is_none());
            let mut bytes = error.into_bytes();
            if whole || !torn {
                return Err(DocProblem::NotText);
            }
            // Only the cut went through the last character.
            bytes.truncate(valid);
            String::from_utf8(bytes).map_err(|_| DocProblem::NotText)?
        }
    };
    Ok(Doc { text: text.trim_start_matches('\u{feff}').to_owned(), whole })
}

/// From the project's root down to `cwd`; without a root, `cwd` alone.
fn project_folders<'a>(cwd: &'a Path, markers: &[String]) -> Vec<&'a Path> {
    let is_root =
        |folder: &&Path| markers.iter().any(|marker| folder.join(marker).symlink_metadata().is_ok());
    let above = cwd.ancestors().position(|folder| is_root(&folder)).unwrap_or(0);
    let mut folders: Vec<&Path> = cwd.ancestors().take(above + 1).collect();
    folders.reverse();
    folders
}

/// The user message that tells the model where it works. Instructions come first (wire-facts §3.3).
pub(crate) fn message(docs: Option<&Docs>, settings: &ThreadSettings, shell: &Path) -> ResponseItem {
    let mut content = Vec::new();
    if let Some(docs) = docs.filter(|docs| !docs.text.is_empty()) {
        let text = format!(
            "# AGENTS.md instructions for {}\n\n<INSTRUCTIONS>\n{}\n</INSTRUCTIONS>",
            settings.cwd.display(),
            docs.text
        );
        content.push(ContentItem::InputText { text });
    }
    content.push(ContentItem::InputText { text: environment(settings, shell) });
    ResponseItem::Message { id: None, role: "user".to_owned(), content, extra: Default::default() }
}

/// No clock in here: a text that changes by itself would break the prompt cache.
fn environment(settings: &ThreadSettings, shell: &Path) -> String {
    let shell_name = shell.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    format!(
        "<environment_context>\n  <cwd>{}</cwd>\n  <shell>{shell_name}</shell>\n  <sandbox_mode>{}</sandbox_mode>\n  \
         <network_access>{}</network_access>\n  <approval_policy>{}</approval_policy>\n</environment_context>",
        settings.cwd.display(),
        settings.sandbox_name(),
        settings.network_name(),
        settings.approval_name(),
    )
}

#[cfg(test)]
mod tests;
