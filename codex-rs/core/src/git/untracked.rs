//! Files that git does not know yet, as a diff. They are read here: git would run filters over them.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use codex_sandbox::Files;

/// A longer file is shown as git shows a binary one.
const LONGEST_FILE: u64 = 256 * 1024;
/// A file with a NUL among so many first bytes is binary, as git has it.
const BINARY_LOOK: usize = 8000;

/// The diff that adds them; nothing where it is longer than `room`. `names` are those of `git ls-files -z`.
pub(super) fn diff(
    root: &Path,
    names: &[u8],
    files: &Files,
    hidden: &[PathBuf],
    room: usize,
) -> Option<String> {
    let mut diff = String::new();
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty() && !name.ends_with(b"/")) {
        let path = root.join(OsStr::from_bytes(name));
        if let Some(content) = Content::read(&path, root, files, hidden) {
            content.add(&quoted(&String::from_utf8_lossy(name)), &mut diff);
        }
        if diff.len() > room {
            return None;
        }
    }
    Some(diff)
}

/// What an untracked path holds.
struct Content {
    mode: &'static str,
    /// Nothing where it is not text to show: binary, too long, unreadable.
    text: Option<String>,
}

impl Content {
    /// Nothing for what git would not add: pipes, sockets, what is gone, what lies outside by a link, credentials.
    fn read(path: &Path, root: &Path, files: &Files, hidden: &[PathBuf]) -> Option<Self> {
        let folder = path.parent()?.canonicalize().ok()?;
        let real = folder.join(path.file_name()?);
        if !folder.starts_with(root) || hidden.iter().any(|folder| real.starts_with(folder)) {
            return None;
        }
        let found = real.symlink_metadata().ok()?;
        if found.is_symlink() {
            let target = real.read_link().ok()?;
            return Some(Content { mode: "120000", text: Some(target.to_string_lossy().into_owned()) });
        }
        if !found.is_file() {
            return None;
        }
        let mode = if found.permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
        Some(Content { mode, text: text(&real, files) })
    }

    fn add(&self, name: &str, diff: &mut String) {
        // Writing to a string cannot fail.
        let _ = writeln!(diff, "diff --git {} {}", side("a/", name), side("b/", name));
        let _ = writeln!(diff, "new file mode {}", self.mode);
        let to = side("b/", name);
        match self.text.as_deref() {
            None => {
                let _ = writeln!(diff, "Binary files /dev/null and {to} differ");
            }
            Some("") => {}
            Some(text) => {
                let count = text.split_inclusive('\n').count();
                let lines = if count == 1 { "1".to_owned() } else { format!("1,{count}") };
                let _ = writeln!(diff, "--- /dev/null\n+++ {to}\n@@ -0,0 +{lines} @@");
                for line in text.split_inclusive('\n') {
                    diff.push('+');
                    diff.push_str(line);
                }
                if !text.ends_with('\n') {
                    diff.push_str("\n\\ No newline at end of file\n");
                }
            }
        }
    }
}

/// By the door, which neither waits for a pipe nor is led elsewhere by what is swapped meanwhile.
fn text(path: &Path, files: &Files) -> Option<String> {
    let bytes = files.read(path, LONGEST_FILE).ok()??;
    let is_binary = bytes.iter().take(BINARY_LOOK).any(|byte| *byte == 0);
    (!is_binary).then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// A name as git writes it: in quotes where it holds a quote, a backslash or a control character.
fn quoted(name: &str) -> String {
    if !name.contains(|letter: char| letter.is_control() || letter == '"' || letter == '\\') {
        return name.to_owned();
    }
    let mut quoted = String::from("\"");
    for letter in name.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            letter if letter.is_control() => {
                for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// The prefix goes inside the quotes.
fn side(prefix: &str, name: &str) -> String {
    match name.strip_prefix('"') {
        Some(rest) => format!("\"{prefix}{rest}"),
        None => format!("{prefix}{name}"),
    }
}
