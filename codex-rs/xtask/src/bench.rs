//! `cargo xtask bench`: whole-process figures of the `dist` build, medians, against the embedded backend.
//!
//! Prints the table that `docs/benchmarks.md` holds. Timings are benches and never tests: machines are noisy.

mod app_server;
mod commands;
mod patch;
mod process;
mod terminal_ui;
mod walls;

use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use codex_fake_backend::{Account, FakeBackend, Limit, LimitVariant, PlatformKey, Reply, Script};

pub(crate) use self::process::peak_of;
use self::process::{Run, measure};

const KEY: &str = "sk-bench-not-a-real-key-00000000000000000000";
const ACCOUNT: &str = "acct-bench";
/// The backend's clock; any time before the year 2100 would do.
const NOW: i64 = 1_795_430_000;

/// One line of the table.
struct Figure {
    what: &'static str,
    seen: String,
    bar: &'static str,
}

/// A signed-in home against a backend of its own.
struct Home {
    backend: FakeBackend,
    folder: tempfile::TempDir,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    All,
    Commands,
    Patch,
    TerminalUi,
    Walls,
}

impl Part {
    /// The part that an argument names; everything without one.
    pub(crate) fn named(argument: Option<OsString>) -> Option<Self> {
        let Some(argument) = argument else { return Some(Part::All) };
        match argument.to_str() {
            Some("commands") => Some(Part::Commands),
            Some("patch") => Some(Part::Patch),
            Some("terminal-ui") => Some(Part::TerminalUi),
            Some("walls") => Some(Part::Walls),
            Some(_) | None => None,
        }
    }
}

/// Builds `dist`, measures, prints the table. `runs` is the number of samples behind each median.
pub(crate) fn run(runs: usize, part: Part) -> Result<(), Box<dyn Error>> {
    if part == Part::Walls {
        print(walls::figures(runs)?);
        return Ok(());
    }
    let binary = build("dist")?;
    let mut figures = Vec::new();
    if part == Part::All {
        figures.extend(walls::figures(runs)?);
        let size = std::fs::metadata(&binary)?.len();
        figures.push(Figure { what: "binary", seen: format!("{:.1} MB", size as f64 / 1e6), bar: "25 MB" });
        figures.extend(offline_commands(&binary, runs)?);
        figures.extend(exec(&binary, runs)?);
        figures.push(switch(&binary, runs)?);
        figures.extend(app_server::figures(&binary, runs)?);
    }
    if part == Part::All || part == Part::Commands {
        figures.extend(commands::figures(&binary, runs)?);
    }
    if part == Part::All || part == Part::Patch {
        figures.push(patch::figure(&binary, runs)?);
    }
    if part == Part::All || part == Part::TerminalUi {
        figures.extend(terminal_ui::figures(&binary, runs)?);
    }
    print(figures);
    Ok(())
}

fn print(figures: Vec<Figure>) {
    println!("| what | seen | bar |\n|---|---|---|");
    for figure in figures {
        println!("| {} | {} | {} |", figure.what, figure.seen, figure.bar);
    }
}

/// The program, built with a profile.
pub(crate) fn build(profile: &str) -> Result<PathBuf, Box<dyn Error>> {
    let built = std::process::Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--profile", profile, "--package", "codex-cli"])
        .status()?;
    if !built.success() {
        return Err(format!("the {profile} build failed").into());
    }
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(std::fs::canonicalize(Path::new(&target).join(folder).join("codex"))?)
}

fn offline_commands(binary: &Path, runs: usize) -> Result<[Figure; 3], Box<dyn Error>> {
    let home = Home::new(Script::new(), None)?;
    let version = measure(&Run::new(binary, home.path()).args(["--version"]), runs)?;
    let status = measure(&Run::new(binary, home.path()).args(["login", "status"]), runs)?;
    Ok([
        Figure { what: "`--version`, spawn to exit", seen: millis(version.median), bar: "3 ms" },
        Figure { what: "`login status`, spawn to exit", seen: millis(status.median), bar: "4 ms" },
        Figure { what: "`login status`, peak memory", seen: mebibytes(status.peak_kib), bar: "8 MiB" },
    ])
}

fn exec(binary: &Path, runs: usize) -> Result<[Figure; 2], Box<dyn Error>> {
    let home = Home::new(Script::new().otherwise(Reply::text("Done.")), None)?;
    let run = Run::new(binary, home.path()).args(["exec", "--skip-git-repo-check", "say done"]);
    let measured = measure(&run, runs)?;
    Ok([
        Figure {
            what: "`exec`, one trivial turn, spawn to exit",
            seen: millis(measured.median),
            bar: "25 ms",
        },
        Figure {
            what: "`exec`, one trivial turn, peak memory",
            seen: mebibytes(measured.peak_kib),
            bar: "25 MiB",
        },
    ])
}

/// Last byte of the 429 written → first byte of the key's request read; a 100 kB body, a new connection each.
fn switch(binary: &Path, runs: usize) -> Result<Figure, Box<dyn Error>> {
    let limit = Limit::after_requests(0, LimitVariant::UsageLimitPremium);
    let home = Home::new(Script::new().otherwise(Reply::text("Done.")), Some(limit))?;
    let prompt = "lorem ipsum ".repeat(100_000 / 12);
    let run = Run::new(binary, home.path()).args(["exec", "--skip-git-repo-check", "-"]).stdin(&prompt);
    measure(&run, runs)?;
    let mut times = home.backend.switch_times();
    if times.len() < runs {
        return Err(format!("{} of {runs} runs switched", times.len()).into());
    }
    let seen = millis(median(&mut times));
    Ok(Figure { what: "switch: 429 written → key's request arrives, 100 kB body", seen, bar: "1 ms" })
}

impl Home {
    fn new(script: Script, limit: Option<Limit>) -> Result<Self, Box<dyn Error>> {
        let mut builder = FakeBackend::builder()
            .account(Account::new(ACCOUNT))
            .key(PlatformKey::new(KEY))
            .now(NOW)
            .script(script);
        if let Some(limit) = limit {
            builder = builder.limit(limit);
        }
        let backend = builder.start()?;
        let folder = tempfile::tempdir()?;
        let mut auth = backend.auth_json(ACCOUNT)?;
        auth["fallback_openai_api_key"] = KEY.into();
        // Private, or the program would begin with a warning about it.
        codex_durable_fs::write_private(&folder.path().join("auth.json"), format!("{auth:#}").as_bytes())?;
        let config = format!(
            "chatgpt_base_url = \"{}\"\n[fallback]\nbase_url = \"{}\"\n",
            backend.chatgpt_base_url(),
            backend.platform_base_url()
        );
        std::fs::write(folder.path().join("config.toml"), config)?;
        Ok(Home { backend, folder })
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kib as f64 / 1024.0)
}
