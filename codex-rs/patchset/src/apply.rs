//! Applies, takes back and tells: the only place that writes into a tree, all or nothing.

use std::collections::{BTreeMap, BTreeSet};

use codex_durable_fs as durable_fs;
use codex_durable_fs::FsError;

use crate::bundle::{self, Bundle};
use crate::error::Error;
use crate::patch::Series;
use crate::plan::{self, Outcome, Plan, Spoilt};
use crate::record::{self, Kept, Now, Record};
use crate::tree::Tree;

/// Whether files with changes that are not committed may be patched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guard {
    /// Not these, which have such changes: paths below `codex-rs`.
    Changed(Vec<String>),
    /// The person takes the risk, or nobody can tell.
    Off,
}

/// What `apply` did.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The plan that it followed.
    pub plan: Plan,
    /// Files that were written or, in a dry run, would be.
    pub written: Vec<String>,
}

/// Whether to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run {
    /// Write.
    Wet,
    /// Only say what would be written.
    Dry,
}

/// A file before and after the patches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Path below `codex-rs`.
    pub path: String,
    /// None for a new file.
    pub before: Option<String>,
    /// None if somebody took the file away.
    pub after: Option<String>,
}

/// How a tree stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// None of the patches is in it.
    NotApplied,
    /// All of a series, as it was written.
    Applied {
        /// The series.
        series: Series,
        /// How many patches.
        patches: usize,
        /// How many files they changed or added.
        files: usize,
    },
    /// All of `core` is in it, and it came with the tree.
    AppliedElsewhere,
    /// Some files are as the patches left them and others are not: these.
    Partly(Vec<String>),
}

/// Looks for each place of a series; rows of patches that are in the tree say so.
pub fn check(tree: &Tree, bundle: &Bundle, series: Series) -> Result<Plan, Error> {
    let Some(record) = Record::read(tree)? else { return plan::plan(tree, bundle, series) };
    let states = record.now(tree)?;
    if states.iter().any(|(_, now)| *now == Now::Other) {
        return plan::plan(tree, bundle, series);
    }
    let is_in = |path: &str| states.iter().any(|(known, now)| *known == path && *now == Now::After);
    let mut plan = plan::plan(&tree.with(record.before()), bundle, series)?;
    for row in &mut plan.rows {
        if let Outcome::Found(places) = &row.outcome
            && record.patches.contains(&row.patch)
            && places.iter().all(|place| is_in(&place.file))
        {
            row.outcome = Outcome::Applied(places.len());
        }
    }
    Ok(plan)
}

/// Puts a series into a tree, or nothing at all.
pub fn apply(
    tree: &Tree,
    bundle: &Bundle,
    series: Series,
    guard: &Guard,
    run: Run,
) -> Result<Applied, Error> {
    let record = Record::read(tree)?.map(|record| record.borne_out(tree)).transpose()?;
    let before = record.as_ref().map(Record::before).unwrap_or_default();
    let base = tree.with(before.clone());
    let plan = whole(plan::plan(&base, bundle, series)?, tree)?;
    let partly = plan.partly();
    if !partly.is_empty() {
        return Err(Error::Partly(partly.join(", ")));
    }
    let mut wanted = before;
    wanted.extend(plan.texts.iter().map(|(path, text)| (path.clone(), Some(text.clone()))));
    let mut changes = Vec::new();
    for (path, text) in &wanted {
        if tree.text_on_disk(path)? != *text {
            changes.push((path.clone(), text.clone()));
        }
    }
    let written: Vec<String> = changes.iter().map(|(path, _)| path.clone()).collect();
    if let Guard::Changed(dirty) = guard {
        let ours = |path: &String| record.as_ref().is_some_and(|record| record.files.contains_key(path));
        let dirty: Vec<&str> =
            dirty.iter().filter(|path| *path != "Cargo.lock" && !ours(path)).map(String::as_str).collect();
        if !dirty.is_empty() && !written.is_empty() {
            return Err(Error::Dirty(record::shortened(&dirty)));
        }
    }
    if run == Run::Wet && !changes.is_empty() {
        let mut files = BTreeMap::new();
        for (path, text) in &plan.texts {
            files.insert(path.clone(), Kept { before: base.text(path)?, after: record::hash(text) });
        }
        Record { series, patches: plan.patches.clone(), files }.write(tree)?;
        if let Err(error) = write_all(tree, &changes) {
            // The old record describes the tree again; its loss is the smaller evil.
            let _ = match &record {
                Some(record) => record.write(tree),
                None => Record::remove(tree),
            };
            return Err(error);
        }
    }
    Ok(Applied { plan, written })
}

/// Gives back every byte that was there before the patches, and tells which files.
pub fn revert(tree: &Tree) -> Result<Vec<String>, Error> {
    let Some(record) = Record::read(tree)? else { return Err(Error::NotApplied) };
    let record = record.borne_out(tree)?;
    let mut changes = Vec::new();
    for (path, text) in record.before() {
        if tree.text_on_disk(&path)? != text {
            changes.push((path, text));
        }
    }
    write_all(tree, &changes)?;
    Record::remove(tree)?;
    Ok(changes.into_iter().map(|(path, _)| path).collect())
}

/// Tells how a tree stands.
pub fn status(tree: &Tree, bundle: &Bundle) -> Result<Status, Error> {
    let Some(record) = Record::read(tree)? else { return status_by_sight(tree, bundle) };
    let borne_out = match record.clone().borne_out(tree) {
        Err(Error::Changed(_)) => record,
        borne_out => borne_out?,
    };
    if borne_out.files.is_empty() {
        return status_by_sight(tree, bundle);
    }
    status_by_record(&borne_out, tree)
}

/// Without a record: by what is in the files.
fn status_by_sight(tree: &Tree, bundle: &Bundle) -> Result<Status, Error> {
    let plan = plan::plan(tree, bundle, Series::Core)?;
    let is_there = |outcome: &Outcome| matches!(outcome, Outcome::Applied(_));
    let there = plan.rows.iter().filter(|row| is_there(&row.outcome)).count();
    let is_open = |outcome: &Outcome| !is_there(outcome) && *outcome != Outcome::NotForThisTree;
    let open: BTreeSet<&str> =
        plan.rows.iter().filter(|row| is_open(&row.outcome)).map(|row| row.patch.as_str()).collect();
    Ok(match (there, open.is_empty()) {
        (0, _) => Status::NotApplied,
        (_, true) => Status::AppliedElsewhere,
        (_, false) => Status::Partly(open.into_iter().map(str::to_owned).collect()),
    })
}

fn status_by_record(record: &Record, tree: &Tree) -> Result<Status, Error> {
    let states = record.now(tree)?;
    if states.iter().all(|(_, now)| *now == Now::Before) {
        return Ok(Status::NotApplied);
    }
    let others: Vec<String> =
        states.iter().filter(|(_, now)| *now != Now::After).map(|(path, _)| (*path).to_owned()).collect();
    if !others.is_empty() {
        return Ok(Status::Partly(others));
    }
    if record.files.values().all(|kept| kept.before.is_none()) {
        return Ok(Status::Partly(record.files.keys().cloned().collect()));
    }
    let (patches, files) = (record.patches.len(), record.files.len());
    Ok(Status::Applied { series: record.series, patches, files })
}

/// Each file that the patches change: as applied, or as `apply` would.
pub fn changes(tree: &Tree, bundle: &Bundle, series: Series) -> Result<Vec<Change>, Error> {
    let mut changes = Vec::new();
    if let Some(record) = Record::read(tree)? {
        for (path, before) in record.before() {
            let after = tree.text_on_disk(&path)?;
            changes.push(Change { path, before, after });
        }
        return Ok(changes);
    }
    for (path, after) in whole(plan::plan(tree, bundle, series)?, tree)?.texts {
        let before = tree.text(&path)?;
        changes.push(Change { path, before, after: Some(after) });
    }
    Ok(changes)
}

/// A plan in which nothing is missing.
fn whole(plan: Plan, tree: &Tree) -> Result<Plan, Error> {
    if plan.misses() > 0 {
        return Err(Error::Misses { count: plan.misses(), version: told_version(tree) });
    }
    match plan.spoilt.first() {
        Some(Spoilt { path, line, problem }) => {
            Err(Error::Spoilt { path: path.clone(), line: *line, problem: problem.clone() })
        }
        None => Ok(plan),
    }
}

/// What the tree says of its version.
pub fn told_version(tree: &Tree) -> String {
    match tree.version() {
        "0.0.0" => "a build of main".to_owned(),
        version if bundle::is_tried(version) => format!("version {version}"),
        version => format!("version {version}, on which nobody tried the patches"),
    }
}

/// Writes all files, or puts back those that were written.
fn write_all(tree: &Tree, changes: &[(String, Option<String>)]) -> Result<(), Error> {
    let mut done: Vec<(&str, Option<String>)> = Vec::new();
    for (path, text) in changes {
        let before = tree.text_on_disk(path)?;
        match write(tree, path, text.as_deref()) {
            Ok(()) => done.push((path, before)),
            Err(first) => {
                for (path, before) in done.iter().rev() {
                    if let Err(second) = write(tree, path, before.as_deref()) {
                        return Err(Error::Torn { first, second });
                    }
                }
                return Err(Error::Write(first));
            }
        }
    }
    Ok(())
}

/// Writes a file with the folders it needs, or removes it with the folders that held nothing else.
fn write(tree: &Tree, path: &str, text: Option<&str>) -> Result<(), FsError> {
    let file = tree.path(path);
    let folders = file.ancestors().skip(1).take_while(|folder| *folder != tree.root());
    match text {
        Some(text) => {
            let missing: Vec<_> = folders.take_while(|folder| !folder.is_dir()).collect();
            missing.into_iter().rev().try_for_each(durable_fs::create_directory)?;
            durable_fs::write_file(&file, text.as_bytes())
        }
        None => {
            durable_fs::remove(&file)?;
            for folder in folders {
                if !durable_fs::remove_empty_directory(folder)? {
                    break;
                }
            }
            Ok(())
        }
    }
}
