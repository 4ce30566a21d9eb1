//! Appends lines to files that only grow.

use std::fs::File;
use std::io;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::Mode;
use rustix::fs::OFlags;

use crate::error::Action;
use crate::error::FsError;
use crate::target;
use crate::target::Links;
use crate::target::Target;

/// Whether an append waits for the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Return when the line survives a power cut.
    Synced,
    /// Return when other processes see the line; the system writes it when it likes.
    Buffered,
}

/// Appends `line` and a line break in one write; the file is created, and kept, with mode 0600.
///
/// A line that an earlier writer could not finish is closed first, so that two never merge.
pub fn append_line(path: &Path, line: &[u8], durability: Durability) -> Result<(), FsError> {
    if line.contains(&b'\n') {
        return Err(FsError::LineBreak { path: path.to_path_buf() });
    }
    target::create_private_directory(target::parent(path))?;
    let target = Target::resolve(path, Links::OwnOnly, Action::Append)?.only_regular()?;
    append(&target, line, durability).map_err(FsError::io(Action::Append, path))
}

fn append(target: &Target, line: &[u8], durability: Durability) -> io::Result<()> {
    let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let private = Mode::RUSR | Mode::WUSR;
    let mut file = File::from(rustix::fs::openat(&target.folder, &target.name, flags, private)?);
    rustix::fs::fchmod(&file, private)?;
    let mut whole = Vec::with_capacity(line.len() + 2);
    if ends_inside_a_line(&file)? {
        whole.push(b'\n');
    }
    whole.extend_from_slice(line);
    whole.push(b'\n');
    match file.write(&whole)? {
        written if written == whole.len() => {}
        _ => return Err(io::ErrorKind::WriteZero.into()),
    }
    match durability {
        Durability::Buffered => Ok(()),
        Durability::Synced if target.existing.is_some() => file.sync_data(),
        Durability::Synced => file.sync_all().and_then(|()| target.folder.sync_all()),
    }
}

fn ends_inside_a_line(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.read_exact_at(&mut last, length - 1)?;
    }
    Ok(last != *b"\n")
}
