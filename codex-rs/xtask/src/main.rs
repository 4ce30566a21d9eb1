//! `cargo xtask <task>`: chooses the task.
#![allow(clippy::disallowed_methods, reason = "chores ship with nobody")]

use std::path::Path;
use std::process::ExitCode;

use codex_xtask::tidy;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => run_tidy(),
        Some(_) | None => {
            eprintln!("usage: cargo xtask tidy");
            ExitCode::from(2)
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
