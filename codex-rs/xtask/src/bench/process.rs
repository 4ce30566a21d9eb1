//! One command, many times: how long it takes from spawn to exit, and the most memory it ever held.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// A command with a home of its own.
pub(super) struct Run {
    binary: PathBuf,
    home: PathBuf,
    args: Vec<OsString>,
    stdin: Option<String>,
}

/// What was seen.
pub(super) struct Measured {
    pub(super) median: Duration,
    /// Peak resident memory in KiB.
    pub(super) peak_kib: u64,
}

impl Run {
    pub(super) fn new(binary: &Path, home: &Path) -> Self {
        Run { binary: binary.into(), home: home.into(), args: Vec::new(), stdin: None }
    }

    pub(super) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args.extend(args.map(OsString::from));
        self
    }

    pub(super) fn stdin(mut self, text: &str) -> Self {
        self.stdin = Some(text.to_owned());
        self
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(&self.args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("CODEX_HOME", &self.home)
            .current_dir(&self.home)
            .stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn once(&self) -> Result<Duration, Box<dyn Error>> {
        let started = Instant::now();
        let mut child = self.command().spawn()?;
        if let (Some(text), Some(mut stdin)) = (&self.stdin, child.stdin.take()) {
            stdin.write_all(text.as_bytes())?;
        }
        let status = child.wait()?;
        if !status.success() {
            return Err(format!("{:?} ended with {status}", self.args).into());
        }
        Ok(started.elapsed())
    }
}

pub(super) fn measure(run: &Run, runs: usize) -> Result<Measured, Box<dyn Error>> {
    run.once()?;
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        times.push(run.once()?);
    }
    Ok(Measured { median: super::median(&mut times), peak_kib: peak(run)? })
}

/// Peak memory of one run, in KiB. A small process of its own runs it, because the kernel only tells the
/// largest of all children a process has waited for, and the builder's compiler was one of ours.
fn peak(run: &Run) -> Result<u64, Box<dyn Error>> {
    let command = run.command();
    let mut witness = Command::new(std::env::current_exe()?);
    witness.arg("peak-of").arg(command.get_program()).args(command.get_args()).env_clear();
    for (name, value) in command.get_envs() {
        witness.env(name, value.unwrap_or_default());
    }
    witness.current_dir(&run.home).stdin(if run.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    let mut child = witness.stdout(Stdio::piped()).spawn()?;
    if let (Some(text), Some(mut stdin)) = (&run.stdin, child.stdin.take()) {
        stdin.write_all(text.as_bytes())?;
    }
    let told = child.wait_with_output()?;
    Ok(String::from_utf8(told.stdout)?.trim().parse()?)
}

/// `xtask peak-of COMMAND…`: runs it and prints its peak resident memory in KiB.
pub(crate) fn peak_of(mut command: impl Iterator<Item = OsString>) -> Result<(), Box<dyn Error>> {
    let program = command.next().ok_or("peak-of needs a command")?;
    let status = Command::new(program).args(command).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if !status.success() {
        return Err(format!("the command ended with {status}").into());
    }
    println!("{}", getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss());
    Ok(())
}
