//! `cargo xtask <task>`: chooses the task.
#![allow(clippy::disallowed_methods, reason = "chores ship with nobody")]

mod bench;

use std::error::Error;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use codex_xtask::{config_docs, pictures, tidy};

const USAGE: &str = "usage: cargo xtask tidy | bench [RUNS [commands|patch|terminal-ui|walls]] | pictures [PROFILE] | config-docs | property [CASES] | fuzz patch|anchors [MINUTES] | escapes [COPIES]";
/// Samples behind each median where none are asked for.
const RUNS: usize = 30;
/// Generated histories of the payer where no number is asked for; the suite runs 20,000.
const CASES: usize = 1_000_000;
/// How long generated scripts are given to bash where no time is asked for; the suite compares 20,000.
const JUDGE_MINUTES: usize = 60;
/// How long strange texts are tried where no time is given.
const MINUTES: usize = 10;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let task = arguments.next().unwrap_or_default();
    match task.to_str() {
        Some("tidy") => run_tidy(),
        Some("escapes") => match number(arguments.next(), 1) {
            Some(copies) => finish(escapes(copies)),
            None => usage(),
        },
        Some("bench") => match (number(arguments.next(), RUNS), bench::Part::named(arguments.next())) {
            (Some(runs), Some(part)) => finish(bench::run(runs, part)),
            (None, _) | (_, None) => usage(),
        },
        Some("property") => match number(arguments.next(), CASES) {
            Some(cases) => finish(property(cases)),
            None => usage(),
        },
        Some("fuzz") => match (
            arguments.next().as_deref().and_then(|what| what.to_str()),
            number(arguments.next(), MINUTES),
        ) {
            (Some("patch"), Some(minutes)) => finish(fuzz(&PATCHES, minutes)),
            (Some("anchors"), Some(minutes)) => finish(fuzz(&ANCHORS, minutes)),
            (_, _) => usage(),
        },
        Some("judge") => match number(arguments.next(), JUDGE_MINUTES) {
            Some(minutes) => finish(judge(minutes)),
            None => usage(),
        },
        Some("pictures") => finish(take_pictures(arguments.next())),
        Some("config-docs") => finish(write_config_docs()),
        Some("peak-of") => finish(bench::peak_of(arguments)),
        Some(_) | None => usage(),
    }
}

/// A positive number, or the default where none is given; `None` for anything else.
fn number(given: Option<OsString>, default: usize) -> Option<usize> {
    let Some(given) = given else { return Some(default) };
    given.to_str()?.parse().ok().filter(|number| *number > 0)
}

/// The property of `fallback-spec` §2 over many more histories than the suite has time for.
fn property(cases: usize) -> Result<(), Box<dyn Error>> {
    let tested = Command::new(env!("CARGO"))
        .args(["test", "--release", "--package", "codex-fallback", "--test", "property"])
        .env("FALLBACK_CASES", cases.to_string())
        .status()?;
    if tested.success() {
        Ok(())
    } else {
        Err(format!("the property does not hold over {cases} histories").into())
    }
}

/// A test that makes random texts, as many as a variable says.
struct Fuzzed {
    package: &'static str,
    test: &'static str,
    cases: (&'static str, &'static str),
    failure: &'static str,
}

const PATCHES: Fuzzed = Fuzzed {
    package: "codex-apply-patch",
    test: "round_trip",
    cases: ("PATCH_CASES", "200000"),
    failure: "a patch was found that does not hold",
};

const ANCHORS: Fuzzed = Fuzzed {
    package: "codex-patchset",
    test: "anchors",
    cases: ("ANCHOR_CASES", "1000000"),
    failure: "an anchor was found that is not read as it is spelt",
};

/// Properties over new random texts until the time is over.
fn fuzz(what: &Fuzzed, minutes: usize) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + Duration::from_secs(60 * u64::try_from(minutes)?);
    while Instant::now() < end {
        let tested = Command::new(env!("CARGO"))
            .args(["test", "--release", "--package", what.package, "--test", what.test])
            .env(what.cases.0, what.cases.1)
            .status()?;
        if !tested.success() {
            return Err(what.failure.into());
        }
    }
    Ok(())
}

/// The table of the escape suite: case, mechanism, outcome; as another user, and as root where we are root. More copies
/// run side by side, so that races show, and only their sums are printed.
fn escapes(copies: usize) -> Result<(), Box<dyn Error>> {
    let suite = |users: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO"));
        command.args([
            "test",
            "--quiet",
            "--package",
            "codex-sandbox",
            "--test",
            "escape",
            "--",
            "--nocapture",
        ]);
        command.envs(users.iter().copied());
        command
    };
    let other: &[(&str, &str)] = &[];
    let users = match std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self")?) == 0 {
        true => vec![other, &[("ESCAPE_AS_ROOT", "1")]],
        false => vec![other],
    };
    let mut failed = 0;
    for user in users {
        if copies == 1 {
            failed += usize::from(!suite(user).status()?.success());
            continue;
        }
        let started: Result<Vec<_>, _> =
            (0..copies).map(|_| suite(user).stdout(Stdio::piped()).spawn()).collect();
        for copy in started? {
            let output = copy.wait_with_output()?;
            failed += usize::from(!output.status.success());
            let text = String::from_utf8_lossy(&output.stdout);
            let told = |line: &&str| !line.ends_with(" stopped") && !line.ends_with(" works");
            text.lines().filter(told).for_each(|line| println!("{line}"));
        }
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} runs of the escape suite failed").into()) }
}

/// What `exec-policy` reads of scripts against what real shells run, for much longer than the suite has time for.
fn judge(minutes: usize) -> Result<(), Box<dyn Error>> {
    let tested = Command::new(env!("CARGO"))
        .args([
            "test",
            "--release",
            "--package",
            "codex-exec-policy",
            "--lib",
            "--",
            "against_bash",
            "--nocapture",
        ])
        .env("JUDGE_MINUTES", minutes.to_string())
        .status()?;
    if tested.success() { Ok(()) } else { Err("a script runs something else than what is judged".into()) }
}

/// Writes `docs/img`, with the program of a profile.
fn take_pictures(profile: Option<OsString>) -> Result<(), Box<dyn Error>> {
    let profile = profile.unwrap_or_else(|| "release".into());
    let binary = bench::build(profile.to_str().ok_or("a profile has a plain name")?)?;
    let folder = root().join("docs/img");
    std::fs::create_dir_all(&folder)?;
    for picture in pictures::take(&binary)? {
        std::fs::write(folder.join(picture.name), &picture.svg)?;
        println!("docs/img/{}: {} bytes", picture.name, picture.svg.len());
    }
    Ok(())
}

/// Writes `docs/config.md`.
fn write_config_docs() -> Result<(), Box<dyn Error>> {
    Ok(std::fs::write(root().join("docs/config.md"), config_docs::page())?)
}

fn usage() -> ExitCode {
    eprintln!("{USAGE}");
    ExitCode::from(2)
}

fn finish(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_tidy() -> ExitCode {
    let tree = match tidy::Tree::read(&root()) {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("could not read the workspace: {error}");
            return ExitCode::FAILURE;
        }
    };
    for (title, entries) in tidy::largest(&tree) {
        println!("{title}:");
        for (lines, name) in entries {
            println!("{lines:6}  {name}");
        }
    }
    let problems = tidy::check(&tree);
    for problem in &problems {
        eprintln!("tidy: {problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn root() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
