//! Our own calls of git: what has changed in a folder that the person trusts.
//!
//! A repository's configuration can name programs for nearly everything git does. So git runs only where the person
//! trusts the folder, behind read-only walls without a network, and even there every setting by which these few calls
//! would start another program is overruled.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use codex_config::{Config, TrustLevel};
use codex_sandbox::{
    CommandSpec, Event, Exit, Files, Network, Policy, Running, Sandbox, SandboxError, Stdio, Streams,
};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::EngineOptions;

mod untracked;

/// The longest diff, with the untracked files.
const LONGEST: usize = 1024 * 1024;
/// How long git may take, all calls together.
const TIME: Duration = Duration::from_secs(10);
/// What is kept of git's complaints.
const COMPLAINTS: usize = 4 * 1024;
/// More filters than anybody has; each costs three arguments.
const MOST_FILTERS: usize = 64;

/// Overrules what would start another program, reach out, or change how the diff reads.
const SETTINGS: [&str; 10] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.pager=cat",
    "core.quotePath=false",
    "core.safecrlf=false",
    "protocol.allow=never",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.helper=",
];
/// The same by the environment. The objects that a partial clone lacks are not fetched: that would run `ssh` and helpers.
const VARIABLES: [(&str, &str); 7] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PAGER", "cat"),
    ("LC_ALL", "C.UTF-8"),
];
/// Of the person's environment; `GIT_DIR` and the like would lead elsewhere.
const INHERITED: [&str; 2] = ["HOME", "XDG_CONFIG_HOME"];
/// A submodule's own working tree is not looked at: git would run itself in it, by its configuration.
const DIFF: [&str; 12] = [
    "diff",
    "--patch",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--no-relative",
    "--find-renames",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--ignore-submodules=dirty",
    "-O/dev/null",
];

/// Why there is no diff.
#[derive(Debug, thiserror::Error)]
pub enum NoDiff {
    /// The person has not said that they trust the folder.
    #[error("This folder is not trusted, so git is not run in it.")]
    NotTrusted,
    /// Neither it nor a folder around it is a repository.
    #[error("This folder is in no git repository.")]
    NoRepository,
    /// There is no git.
    #[error("There is no git in the folders of your PATH; install it to see what has changed.")]
    NoGit,
    /// The diff or the list of untracked files is too long.
    #[error(
        "What has changed is more than {} MiB; look at it with git itself, or let git ignore what does not belong to the \
         project.",
        LONGEST / (1024 * 1024)
    )]
    TooLong,
    /// It did not come in time.
    #[error("git took more than {} seconds to say what has changed and was ended.", TIME.as_secs())]
    TooSlow,
    /// A filter cannot be turned off.
    #[error(
        "This repository's configuration has filters that cannot be turned off (too many, or with odd names), and git \
         is not run with them."
    )]
    Filters,
    /// git says no.
    #[error("git cannot say what has changed: {0}")]
    Refused(String),
    /// git cannot be run.
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    /// Its output, or an untracked file's folder, cannot be read.
    #[error("What git says cannot be read: {0}.")]
    Unreadable(#[from] io::Error),
}

/// What has changed since the last commit in the repository around a folder, untracked files included: a unified diff.
///
/// # Errors
/// When there is none to show.
pub(crate) async fn diff(options: &EngineOptions, config: &Config, folder: &Path) -> Result<String, NoDiff> {
    let git = Git::new(options, config, folder)?;
    tokio::time::timeout(TIME, git.diff(&options.hidden)).await.unwrap_or(Err(NoDiff::TooSlow))
}

/// How git is run.
struct Git {
    sandbox: Sandbox,
    policy: Arc<Policy>,
    program: String,
    environment: Vec<(String, String)>,
    /// The top of the working tree.
    root: PathBuf,
}

/// What a call of git said.
struct Said {
    exit: Exit,
    output: Vec<u8>,
    errors: Vec<u8>,
}

impl Git {
    /// Looks at folders only; nothing is run.
    fn new(options: &EngineOptions, config: &Config, folder: &Path) -> Result<Self, NoDiff> {
        let folder = folder.canonicalize()?;
        trusted(&folder, config)?;
        // Found by ourselves: git's own search takes a folder that only looks like a bare repository as well, obeys
        // `core.worktree`, and refuses what belongs to another user though the person trusts it.
        let holds_repository = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
        let root = folder.ancestors().find(holds_repository).ok_or(NoDiff::NoRepository)?;
        trusted(root, config)?;
        let (root, text) = (root.to_path_buf(), root.to_str().ok_or(NoDiff::NoRepository)?);
        let path = search_path(&options.environment, &root);
        let program = path.iter().map(|folder| folder.join("git")).find(|path| is_program(path, &root));
        let program = program.and_then(|path| path.to_str().map(str::to_owned)).ok_or(NoDiff::NoGit)?;
        let path: Vec<&str> = path.iter().filter_map(|folder| folder.to_str()).collect();
        let ours = [
            ("PATH", path.join(":")),
            ("GIT_DIR", format!("{}/.git", text.trim_end_matches('/'))),
            ("GIT_WORK_TREE", text.to_owned()),
        ];
        let inherited = options.environment.iter().filter(|(name, _)| INHERITED.contains(&name.as_str()));
        let fixed = VARIABLES.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let set = ours.into_iter().chain(fixed).map(|(name, value)| (name.to_owned(), value));
        Ok(Git {
            sandbox: options.sandbox.clone(),
            policy: Arc::new(Policy::read_only(Network::Closed, &options.hidden)),
            program,
            environment: inherited.cloned().chain(set).collect(),
            root,
        })
    }

    async fn diff(&self, hidden: &[PathBuf]) -> Result<String, NoDiff> {
        let since = self.last_commit().await?;
        let filters = self.filters_off().await?;
        let arguments: Vec<&str> = DIFF.into_iter().chain([since.as_str(), "--"]).collect();
        let tracked = self.run(&filters, &arguments).await?.well()?;
        let listed = ["ls-files", "--others", "--exclude-standard", "-z"];
        let names = self.run(&filters, &listed).await?.well()?;
        let files = Files::new(Arc::clone(&self.policy), hidden);
        let (root, hidden) = (self.root.clone(), codex_sandbox::credential_folders(hidden));
        let room = LONGEST - tracked.len();
        let untracked =
            tokio::task::spawn_blocking(move || untracked::diff(&root, &names, &files, &hidden, room)).await;
        let untracked = untracked.map_err(io::Error::other)?.ok_or(NoDiff::TooLong)?;
        Ok(String::from_utf8_lossy(&tracked).into_owned() + &untracked)
    }

    /// Settings that turn off every filter that is configured: comparing a changed file runs its filter. That no
    /// attribute names one is not to be had: `--attr-source` does not replace `.git/info/attributes`.
    async fn filters_off(&self) -> Result<Vec<String>, NoDiff> {
        let names = self.run(&[], &["config", "--list", "--name-only", "--includes", "-z"]).await?.well()?;
        let mut filters: Vec<&str> = Vec::new();
        for name in names.split(|byte| *byte == 0).filter(|name| name.starts_with(b"filter.")) {
            let name = std::str::from_utf8(name).map_err(|_| NoDiff::Filters)?;
            let Some((driver, _)) = name.rsplit_once('.') else { continue };
            // `filter.required` without a name between is no driver's.
            if driver != "filter" && !filters.contains(&driver) {
                filters.push(driver);
            }
        }
        if filters.len() > MOST_FILTERS || filters.iter().any(|driver| driver.contains(['=', '\n'])) {
            return Err(NoDiff::Filters);
        }
        let off = |driver: &&str| {
            [
                format!("{driver}.clean="),
                format!("{driver}.smudge="),
                format!("{driver}.process="),
                format!("{driver}.required=false"),
            ]
        };
        Ok(filters.iter().flat_map(off).collect())
    }

    /// `HEAD`, or the empty tree where nothing was committed yet.
    async fn last_commit(&self) -> Result<String, NoDiff> {
        let head = self.run(&[], &["rev-parse", "--verify", "--quiet", "HEAD"]).await?;
        if head.exit == Exit::Code(0) {
            return Ok("HEAD".to_owned());
        }
        // Without a repository git would go on all the same, comparing files.
        self.run(&[], &["rev-parse", "--git-dir"]).await?.well()?;
        // Its name depends on the repository's hash. Standard input is empty, so nothing is read.
        let empty = self.run(&[], &["hash-object", "-t", "tree", "--stdin"]).await?.well()?;
        Ok(String::from_utf8_lossy(&empty).trim().to_owned())
    }

    async fn run(&self, settings: &[String], arguments: &[&str]) -> Result<Said, NoDiff> {
        let mut argv = vec![self.program.clone(), "--no-pager".to_owned()];
        let settings = SETTINGS.into_iter().chain(settings.iter().map(String::as_str));
        argv.extend(settings.flat_map(|setting| ["-c".to_owned(), setting.to_owned()]));
        argv.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        let running = self.sandbox.spawn(&CommandSpec {
            argv,
            cwd: self.root.clone(),
            environment: self.environment.clone(),
            policy: Arc::clone(&self.policy),
            stdio: Stdio::Streams,
        })?;
        listen(running).await
    }
}

impl Said {
    /// What it said, if it ended well.
    fn well(self) -> Result<Vec<u8>, NoDiff> {
        if self.exit == Exit::Code(0) {
            return Ok(self.output);
        }
        let errors = String::from_utf8_lossy(&self.errors);
        let first = errors.lines().map(str::trim).find(|line| !line.is_empty());
        Err(NoDiff::Refused(match first {
            Some(line) => line.to_owned(),
            None => format!("it ended with {}.", self.exit.shell_code()),
        }))
    }
}

/// Hears a call to its end. One that says too much is dropped, which ends it.
async fn listen(mut running: Running) -> Result<Said, NoDiff> {
    let Some(Streams { input, output, errors }) = running.take_streams() else {
        return Err(NoDiff::Unreadable(io::ErrorKind::BrokenPipe.into()));
    };
    drop(input);
    let (output, errors) = tokio::try_join!(up_to(output, LONGEST), up_to(errors, COMPLAINTS))?;
    if output.len() > LONGEST {
        return Err(NoDiff::TooLong);
    }
    loop {
        match running.next().await? {
            Event::Ended(exit) => return Ok(Said { exit, output, errors }),
            Event::Output(_) => {}
        }
    }
}

/// At most one byte more than `most`.
async fn up_to(from: impl AsyncRead + Unpin, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes).await?;
    Ok(bytes)
}

fn trusted(folder: &Path, config: &Config) -> Result<(), NoDiff> {
    match codex_config::trust(folder, config) {
        Some(TrustLevel::Trusted) => Ok(()),
        Some(TrustLevel::Untrusted) | None => Err(NoDiff::NotTrusted),
    }
}

/// The folders of the person's `PATH` that the repository has no part in.
fn search_path(environment: &[(String, String)], root: &Path) -> Vec<PathBuf> {
    let path = environment.iter().find(|(name, _)| name == "PATH").map_or("", |(_, path)| path);
    let folders = path.split(':').map(PathBuf::from).filter(|folder| folder.is_absolute());
    folders.filter(|folder| folder.canonicalize().is_ok_and(|folder| !folder.starts_with(root))).collect()
}

fn is_program(path: &Path, root: &Path) -> bool {
    let runs = |path: &Path| {
        path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    path.canonicalize().is_ok_and(|real| !real.starts_with(root) && runs(&real))
}
