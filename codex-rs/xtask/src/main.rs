//! `cargo xtask <task>`: chooses the task.
#![allow(clippy::disallowed_methods, reason = "chores ship with nobody")]

mod bench;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use codex_xtask::tidy;

const USAGE: &str = "usage: cargo xtask tidy | bench [RUNS]";
/// Samples behind each median where none are asked for.
const RUNS: usize = 30;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let task = arguments.next().unwrap_or_default();
    match task.to_str() {
        Some("tidy") => run_tidy(),
        Some("bench") => {
            let runs = arguments.next().map_or(Some(RUNS), |runs| runs.to_str()?.parse().ok());
            match runs {
                Some(runs) if runs > 0 => finish(bench::run(runs)),
                Some(_) | None => usage(),
            }
        }
        Some("peak-of") => finish(bench::peak_of(arguments)),
        Some(_) | None => usage(),
    }
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
