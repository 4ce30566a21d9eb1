//! The door for files that tools read and write: the only place that does either on the model's behalf.
//!
//! A path is resolved, judged by where it really is, and then walked from `/` without following a link: whoever swaps a
//! folder for a link in between gets a refusal. Files are replaced by renaming, so another name of an old file keeps the
//! old text. All calls block.

mod change;
mod guard;
mod leftovers;
mod place;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use change::FileChange;

use self::guard::Guard;
use self::place::{Missing, Place, Way};
use crate::Policy;

/// Reads and changes files within a policy. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Files {
    policy: Arc<Policy>,
}

/// Whether files may be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judged {
    /// The policy lets it through.
    Allowed,
    /// Only with the person's consent.
    Outside {
        /// What they have to consent to: where the files really are, without links.
        paths: Vec<PathBuf>,
        /// Why they are asked, of the first of the files: a clause that begins with its path, without a full stop.
        why: String,
    },
    /// Nobody's consent helps.
    Never {
        /// The file.
        path: PathBuf,
        /// Why: a clause that begins with the path, without a full stop.
        why: String,
    },
}

/// Why a file was not read or no file was changed.
#[derive(Debug, thiserror::Error)]
#[error("`{}` {problem}.", .path.display())]
pub struct FileError {
    /// The file, as it was named.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a file. The texts are clauses that go behind its path.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing says where it starts from.
    #[error("is not an absolute path")]
    NotAbsolute,
    /// Credentials are kept around it.
    #[error("is in a folder with credentials, which no tool reads or writes")]
    Hidden,
    /// It is in `/proc`, `/sys` or `/dev`.
    #[error("is a part of the running system, which no tool reads or writes")]
    System,
    /// The policy does not let it be written, and the person did not consent.
    #[error("{0}")]
    Outside(Outside),
    /// It is a folder, a pipe, a device…
    #[error("is not a plain file")]
    NotAFile,
    /// What should be a folder on the way to it is a file.
    #[error("is below a file, which is no folder")]
    BelowFile,
    /// It is a link to what does not exist.
    #[error("is a link that leads nowhere")]
    DeadLink,
    /// It is more than the caller wants to hold.
    #[error("is larger than {limit} bytes")]
    TooLarge {
        /// The most that was wanted.
        limit: u64,
    },
    /// Its mode says that nobody writes it.
    #[error("is write-protected")]
    WriteProtected,
    /// It is not what the change was made for.
    #[error("changed after it was read")]
    Changed,
    /// A folder on the way to it is gone, or a link now.
    #[error("was moved or replaced by a link meanwhile")]
    Swapped,
    /// Two changes mean one file.
    #[error("is changed twice, under two names")]
    Twice,
    /// The policy does not fit the files any more.
    #[error("cannot be judged: {0}")]
    Walls(String),
    /// The system refused.
    #[error("cannot be read or written ({0})")]
    Io(#[from] std::io::Error),
    /// A change was taken back, and this did not succeed.
    #[error("could not be put back; its old text is in {}", .kept.display())]
    NotPutBack {
        /// Where the old text is.
        kept: PathBuf,
    },
}

/// Why a file is written only with the person's consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Outside {
    /// Nothing is written.
    #[error("cannot be written: the sandbox is read-only")]
    ReadOnly,
    /// It is in no root.
    #[error("is outside of the folders that may be written")]
    NoRoot,
    /// It is one of the protected names, or in one.
    #[error("is protected, because git or this program would later believe or run what it says")]
    Protected,
}

impl Files {
    /// `hidden`: folders with credentials. Unlike for commands, these stay closed under full access too.
    pub fn new(policy: Arc<Policy>, hidden: &[PathBuf]) -> Self {
        let mut policy = Policy::clone(&policy);
        let more = Policy::read_only(policy.network, hidden).hidden;
        let new: Vec<PathBuf> = more.into_iter().filter(|folder| !policy.hidden.contains(folder)).collect();
        policy.hidden.extend(new);
        Files { policy: Arc::new(policy) }
    }

    /// A file's bytes, links followed; `None` where there is none.
    ///
    /// # Errors
    /// When it may not or cannot be read, is no plain file, or is larger than `limit` bytes.
    pub fn read(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, FileError> {
        self.read_real(path, limit).map_err(|problem| FileError { path: path.to_path_buf(), problem })
    }

    fn read_real(&self, path: &Path, limit: u64) -> Result<Option<Vec<u8>>, Problem> {
        let guard = Guard::of(&self.policy)?;
        let Place { entry: _, target } = Place::of(path)?;
        guard.readable(&target)?;
        let (parent, name) = place::split(&target)?;
        let Some(folder) = Way::new(&guard).folder(parent, Missing::Leave)? else { return Ok(None) };
        let Some((file, status)) = place::open_file(&folder, name)? else { return Ok(None) };
        let size = u64::try_from(status.st_size).unwrap_or_default();
        if size > limit {
            return Err(Problem::TooLarge { limit });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default() + 1);
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(Problem::TooLarge { limit });
        }
        Ok(Some(bytes))
    }

    /// Whether these files may be changed, each by its place and, where it is a link, by what it leads to.
    pub fn judge(&self, paths: &[PathBuf]) -> Judged {
        let never = |path: &Path, problem: Problem| Judged::Never {
            path: path.to_path_buf(),
            why: format!("`{}` {problem}", path.display()),
        };
        let guard = match (Guard::of(&self.policy), paths) {
            (Ok(guard), _) => guard,
            (Err(problem), [path, ..]) => return never(path, problem),
            (Err(_), []) => return Judged::Allowed,
        };
        let (mut outside, mut why) = (Vec::new(), None);
        for path in paths {
            let place = match Place::of(path) {
                Ok(place) => place,
                Err(problem) => return never(path, problem),
            };
            for real in [place.entry, place.target] {
                if let Err(problem) = guard.readable(&real) {
                    return never(path, problem);
                }
                if let Err(reason) = guard.writable(&real)
                    && !outside.contains(&real)
                {
                    why.get_or_insert_with(|| format!("`{}` {reason}", real.display()));
                    outside.push(real);
                }
            }
        }
        why.map_or(Judged::Allowed, |why| Judged::Outside { paths: outside, why })
    }

    /// Makes all changes or none. Everything is checked and written beside the files first, then renamed; what was renamed
    /// is put back when a later file fails. `consent`: what the person agreed to, as [`Judged::Outside`] named it; a link
    /// that leads elsewhere since then is refused.
    ///
    /// # Errors
    /// When a file may not be changed, is not as `before` says, or the system refuses. Then nothing was changed, unless
    /// the error says [`Problem::NotPutBack`].
    pub fn apply(&self, changes: &[FileChange<'_>], consent: &[PathBuf]) -> Result<(), FileError> {
        let Some(first) = changes.first() else { return Ok(()) };
        let guard = Guard::of(&self.policy)
            .map_err(|problem| FileError { path: first.path.to_path_buf(), problem })?;
        change::apply(&guard, changes, consent)
    }
}

#[cfg(test)]
mod tests;
