//! `apply_patch`: changes files by a patch (wire-facts §10.1, §10.2). The format is `codex_apply_patch`'s, the files are
//! touched through [`codex_sandbox::Files`] only.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codex_apply_patch::{GRAMMAR, Plan};
use codex_sandbox::{FileChange, FileError, Files, Problem};
use serde_json::{Value, json};

pub use codex_apply_patch::{Change, Kind};

/// The tool's name.
pub const NAME: &str = "apply_patch";
/// The largest file that is patched. Generated ones above are for commands.
const LARGEST: u64 = 32 * 1024 * 1024;

/// The tool as it is offered to the model.
pub fn spec() -> Value {
    json!({
        "type": "custom",
        "name": NAME,
        "description": "Adds, edits, moves and deletes text files. The input is the patch itself, no JSON around it. All of \
            a patch is done, or none of it. Paths start from the working directory of this conversation, or are absolute.",
        "format": {"type": "grammar", "syntax": "lark", "definition": GRAMMAR},
    })
}

/// One call, understood and laid over the files, but nothing changed yet.
#[derive(Debug, Clone)]
pub struct Invocation {
    cwd: PathBuf,
    paths: Vec<PathBuf>,
    plan: Plan,
}

/// What came of a patch, in words for the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// The files are changed.
    Done(String),
    /// They are not.
    Failed(String),
}

impl Invocation {
    /// Reads a patch and the files it names. `cwd` is where its relative paths start from, absolute. Blocks.
    ///
    /// # Errors
    /// When it is no patch, does not fit the files, or they may not be read; the text is for the model.
    pub fn read(patch: &str, cwd: &Path, files: &Files) -> Result<Self, String> {
        let patch = codex_apply_patch::parse(patch).map_err(|error| error.to_string())?;
        let read = |path: &Path| files.read(path, LARGEST).map_err(|error| format!("it {}", error.problem));
        let plan = codex_apply_patch::plan(&patch, cwd, read).map_err(|error| error.to_string())?;
        Ok(Invocation { cwd: cwd.to_path_buf(), paths: patch.paths(cwd), plan })
    }

    /// Every file it is about, to be judged by [`Files::judge`].
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// What becomes of each file, with a diff for people.
    pub fn changes(&self) -> &[Change] {
        &self.plan.changes
    }

    /// Changes the files, all or none. `consent`: what the person agreed to, as the judgement named it. Blocks.
    pub fn apply(&self, files: &Files, consent: &[PathBuf]) -> Applied {
        let started = Instant::now();
        match files.apply(&self.file_changes(), consent) {
            Ok(()) => Applied::Done(self.success(started.elapsed())),
            Err(error) => Applied::Failed(failure(&error)),
        }
    }

    fn success(&self, wall: Duration) -> String {
        let seconds = wall.as_secs_f64();
        let mut text = format!(
            "Exit code: 0\nWall time: {seconds:.3} seconds\nOutput:\nSuccess. Updated the following files:\n"
        );
        for (sign, path) in self.summary() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{sign} {}", path.display());
        }
        text
    }

    fn file_changes(&self) -> Vec<FileChange<'_>> {
        let before: HashMap<&Path, &[u8]> = self
            .plan
            .changes
            .iter()
            .filter_map(|change| Some((change.path.as_path(), change.before.as_deref()?)))
            .collect();
        let changes = self.plan.files().into_iter().map(|file| FileChange {
            path: file.path,
            before: before.get(file.path).copied(),
            after: file.bytes,
            mode_of: file.was,
        });
        // What is as it was need not be written again.
        let idle = |change: &FileChange<'_>| {
            change.before == change.after && change.mode_of.is_none_or(|was| was == change.path)
        };
        changes.filter(|change| !idle(change)).collect()
    }

    /// New ones, changed ones by the name that they have now, and those that went.
    fn summary(&self) -> Vec<(char, &Path)> {
        let signed = self.plan.changes.iter().map(|change| match &change.kind {
            Kind::Add => ('A', change.path.as_path()),
            Kind::Update { move_to } => ('M', move_to.as_deref().unwrap_or(&change.path)),
            Kind::Delete => ('D', change.path.as_path()),
        });
        let order = |sign: &char| "AMD".find(*sign);
        let mut signed: Vec<(char, &Path)> =
            signed.map(|(sign, path)| (sign, path.strip_prefix(&self.cwd).unwrap_or(path))).collect();
        signed.sort_by_key(|(sign, _)| order(sign));
        signed
    }
}

fn failure(error: &FileError) -> String {
    match &error.problem {
        Problem::NotPutBack { .. } => format!("The patch was not done, but {error} Tell the person."),
        Problem::Changed | Problem::Swapped => {
            format!("{error} Nothing was changed: look at the file again and make a new patch.")
        }
        Problem::NotAbsolute
        | Problem::Hidden
        | Problem::System
        | Problem::Outside(_)
        | Problem::NotAFile
        | Problem::BelowFile
        | Problem::DeadLink
        | Problem::TooLarge { .. }
        | Problem::WriteProtected
        | Problem::Twice
        | Problem::Walls(_)
        | Problem::Io(_) => format!("{error} Nothing was changed."),
    }
}
