//! The external editor (Ctrl+G): the one process that the terminal UI starts, on the person's own key and by the person's
//! own setting.
#![allow(
    clippy::disallowed_methods,
    reason = "the editor is started here and nowhere else; nothing of a project decides which"
)]

use std::path::Path;

use tokio::process::Command;

/// The largest text that is taken back.
const MOST_BYTES: u64 = 1 << 20;

/// How an editor is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// `$VISUAL`, else `$EDITOR`: a command of the shell, which may have arguments.
    pub command: Option<String>,
    /// Where the draft is put for as long as the editor runs; absolute.
    pub folder: std::path::PathBuf,
}

/// Lets the person edit `draft`, and gives what the file holds then. The terminal must have been given back.
///
/// # Errors
/// A sentence for people.
pub(crate) async fn edit(editor: Editor, draft: String) -> Result<String, String> {
    let command = editor.command.ok_or("No editor is set: set VISUAL or EDITOR, such as EDITOR=nano.")?;
    let path = editor.folder.join(format!("codex-draft-{}.md", std::process::id()));
    let failed =
        |error: codex_durable_fs::FsError| format!("The draft could not be handed to the editor: {error}");
    codex_durable_fs::write_private(&path, draft.as_bytes()).map_err(failed)?;
    let edited = run(&command, &path).await;
    // Gone in every case: a draft is nobody else's.
    let removed = codex_durable_fs::remove(&path).map_err(failed);
    let edited = edited?;
    removed?;
    Ok(edited)
}

async fn run(command: &str, path: &Path) -> Result<String, String> {
    // As git does: the setting is a piece of shell, the file its argument.
    let status = Command::new("/bin/sh")
        .args(["-c", &format!("{command} \"$1\""), "codex-editor"])
        .arg(path)
        .status()
        .await
        .map_err(|error| format!("The editor could not be started: {error}"))?;
    if !status.success() {
        return Err(format!("The editor ended with {status}; the draft is as it was."));
    }
    let file = codex_durable_fs::read_private(path, MOST_BYTES)
        .map_err(|error| format!("What was edited could not be read: {error}"))?
        .ok_or("The editor has deleted the draft's file; the draft is as it was.")?;
    let text = String::from_utf8(file.bytes)
        .map_err(|_| "The edited file is no UTF-8 text; the draft is as it was.".to_owned())?;
    Ok(text.trim_end_matches('\n').to_owned())
}
