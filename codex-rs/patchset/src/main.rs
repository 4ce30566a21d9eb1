//! The program `codex-patch`: arguments in, rows and exit code out.
#![allow(
    clippy::disallowed_methods,
    reason = "git is asked which files have changes; nothing else is started"
)]

use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::{Args, Parser, Subcommand, ValueEnum};
use codex_patchset::{Bundle, Change, Error, Guard, Outcome, Plan, Run, Series, Status, Tree};
use similar::TextDiff;

/// Puts the fallback key into a source tree of the official Codex.
#[derive(Debug, Parser)]
#[command(name = "codex-patch", version, max_term_width = 100)]
struct Arguments {
    /// Take patches, new files and manifests from DIR in place of those built in
    #[arg(long, value_name = "DIR", global = true)]
    patches: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Say for each place whether it is found once, missing, ambiguous or patched
    Check(Choice),
    /// Put a series in: all or nothing
    Apply {
        #[command(flatten)]
        choice: Choice,
        /// Write nothing, only say what would be written
        #[arg(long)]
        dry_run: bool,
        /// Also where files have changes that are not committed
        #[arg(long)]
        force: bool,
    },
    /// Give back every byte that was there before
    Revert(Place),
    /// Say how the tree stands
    Status(Place),
    /// Show what the patches change, as a unified diff
    Diff(Choice),
}

#[derive(Debug, Args)]
struct Place {
    /// The repository, or its folder codex-rs
    tree: PathBuf,
}

#[derive(Debug, Args)]
struct Choice {
    #[command(flatten)]
    place: Place,
    /// core: what the feature needs; full: also what not every version takes
    #[arg(long, value_enum, default_value_t = Which::Core)]
    series: Which,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    Core,
    Full,
}

impl From<Which> for Series {
    fn from(which: Which) -> Self {
        match which {
            Which::Core => Series::Core,
            Which::Full => Series::Full,
        }
    }
}

/// Places of an ambiguous anchor that are named.
const SHOWN: usize = 6;

/// What goes to the terminal, and whether all is well.
struct Told {
    text: String,
    is_well: bool,
}

fn main() -> ExitCode {
    let told = match run(Arguments::parse()) {
        Ok(told) => told,
        Err(error) => {
            eprintln!("codex-patch: {error}");
            return ExitCode::FAILURE;
        }
    };
    // A reader that has seen enough closes the pipe; that is no failure of the work.
    let _ = std::io::stdout().write_all(told.text.as_bytes());
    if told.is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(arguments: Arguments) -> Result<Told, Error> {
    let bundle = match &arguments.patches {
        Some(folder) => Bundle::from_folder(folder)?,
        None => Bundle::embedded()?,
    };
    match arguments.task {
        Task::Check(choice) => {
            let tree = Tree::open(&choice.place.tree)?;
            Ok(rows(&tree, &codex_patchset::check(&tree, &bundle, choice.series.into())?))
        }
        Task::Apply { choice, dry_run, force } => {
            let tree = Tree::open(&choice.place.tree)?;
            let guard = if force { Guard::Off } else { guard(tree.root()) };
            let run = if dry_run { Run::Dry } else { Run::Wet };
            applied(&tree, &bundle, choice.series.into(), &guard, run)
        }
        Task::Revert(place) => {
            let files = codex_patchset::revert(&Tree::open(&place.tree)?)?;
            Ok(well(format!("{} files are as they were before the patches\n", files.len())))
        }
        Task::Status(place) => Ok(standing(&codex_patchset::status(&Tree::open(&place.tree)?, &bundle)?)),
        Task::Diff(choice) => {
            let tree = Tree::open(&choice.place.tree)?;
            diff(&tree, &bundle, choice.series.into())
        }
    }
}

fn well(text: String) -> Told {
    Told { text, is_well: true }
}

/// One line for each step.
fn rows(tree: &Tree, plan: &Plan) -> Told {
    let mut text = format!("{}: {}\n", tree.root().display(), codex_patchset::told_version(tree));
    let mut patch = "";
    let (mut found, mut there, mut other) = (0, 0, 0);
    for row in &plan.rows {
        if row.patch != patch {
            patch = &row.patch;
            let skipped =
                if plan.skipped.contains(&row.patch) { " (not for this tree: skipped)" } else { "" };
            let _ = writeln!(text, "{patch}{skipped}");
        }
        let outcome = match &row.outcome {
            Outcome::Found(places) => {
                found += 1;
                match places.as_slice() {
                    [place] => format!("found     {} ({}:{})", row.step, place.file, place.line),
                    places => format!("found {:<3} {}", places.len(), row.step),
                }
            }
            Outcome::Applied(_) => {
                there += 1;
                format!("applied   {}", row.step)
            }
            Outcome::NotForThisTree => {
                other += 1;
                format!("other     {}", row.step)
            }
            Outcome::Missing(nearest) => format!("MISSING   {}: {nearest}", row.step),
            Outcome::Ambiguous(places) => {
                let shown = places.iter().take(SHOWN).map(|place| format!("{}:{}", place.file, place.line));
                let shown: Vec<String> = shown.collect();
                let more = if places.len() > SHOWN { ", …" } else { "" };
                format!("AMBIGUOUS {}: {} places: {}{more}", row.step, places.len(), shown.join(", "))
            }
        };
        let _ = writeln!(text, "  {outcome}");
    }
    let missing = plan.rows.iter().filter(|row| row.outcome.is_miss()).count();
    let _ = writeln!(
        text,
        "{} steps: {found} found, {there} applied, {other} for other trees, {missing} missing or ambiguous",
        plan.rows.len()
    );
    for spoilt in &plan.spoilt {
        let _ = writeln!(
            text,
            "with the patches {}:{} is not read any more: {}",
            spoilt.path, spoilt.line, spoilt.problem
        );
    }
    Told { text, is_well: plan.misses() == 0 && plan.spoilt.is_empty() }
}

fn applied(tree: &Tree, bundle: &Bundle, series: Series, guard: &Guard, run: Run) -> Result<Told, Error> {
    let done = codex_patchset::apply(tree, bundle, series, guard, run)?;
    let mut text = String::new();
    for patch in &done.plan.skipped {
        let _ = writeln!(text, "{patch}: skipped, this tree does not have all of its places");
    }
    for (patch, lines) in &done.plan.lines {
        let _ = writeln!(text, "{patch}: {lines} lines");
    }
    let files = done.written.len();
    let _ = match (run, files) {
        (_, 0) => writeln!(text, "nothing to do: the patches are applied"),
        (Run::Wet, files) => {
            writeln!(text, "{} patches applied, {files} files written", done.plan.patches.len())
        }
        (Run::Dry, files) => {
            done.written.iter().for_each(|path| {
                let _ = writeln!(text, "  {path}");
            });
            writeln!(text, "{} patches would write these {files} files", done.plan.patches.len())
        }
    };
    Ok(well(text))
}

fn standing(status: &Status) -> Told {
    match status {
        Status::NotApplied => well("not applied\n".to_owned()),
        Status::Applied { series, patches, files } => {
            let series = match series {
                Series::Core => "core",
                Series::Full => "full",
            };
            well(format!("applied: series {series}, {patches} patches, {files} files\n"))
        }
        Status::AppliedElsewhere => {
            well("applied, without a record: revert cannot take it back\n".to_owned())
        }
        Status::Partly(names) => Told {
            text: format!(
                "partly applied; these are not as the patches leave them:\n  {}\n",
                names.join("\n  ")
            ),
            is_well: false,
        },
    }
}

fn diff(tree: &Tree, bundle: &Bundle, series: Series) -> Result<Told, Error> {
    let mut text = String::new();
    for Change { path, before, after } in codex_patchset::changes(tree, bundle, series)? {
        let name = |side: &str, text: &Option<String>| match text {
            Some(_) => format!("{side}/codex-rs/{path}"),
            None => "/dev/null".to_owned(),
        };
        let (old, new) = (name("a", &before), name("b", &after));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        if before != after {
            let diff = TextDiff::from_lines(&before, &after);
            let _ = write!(text, "{}", diff.unified_diff().header(&old, &new));
        }
    }
    Ok(well(text))
}

/// Asks git which files have changes that are not committed; where there is no git, nobody can tell.
///
/// A tree may bring settings of its own, so those that start programs are switched off.
fn guard(root: &Path) -> Guard {
    let output = Command::new("git")
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .args([
            "diff",
            "--no-ext-diff",
            "--no-textconv",
            "--name-only",
            "--relative",
            "-z",
            "HEAD",
            "--",
            ".",
        ])
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    match output {
        Ok(output) if output.status.success() => {
            let names = String::from_utf8_lossy(&output.stdout).into_owned();
            Guard::Changed(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
        }
        Ok(_) | Err(_) => Guard::Off,
    }
}
