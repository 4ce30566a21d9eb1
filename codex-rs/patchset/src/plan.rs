//! What a series would do to a tree: each place found or not, and the texts that files would have.

use std::collections::BTreeMap;

use crate::anchor::{Anchor, Condition, Place, Scope};
use crate::bundle::Bundle;
use crate::error::Error;
use crate::find::Sought;
use crate::layout::{Insertion, Side, Spot};
use crate::manifest;
use crate::nearest;
use crate::patch::{Conditions, Dependency, Edit, Patch, Series};
use crate::search::{self, Findings, Query};
use crate::source;
use crate::tree::Tree;
use crate::walk;

/// A step of a patch and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The patch's name.
    pub patch: String,
    /// The anchor, or what else the patch asks for.
    pub step: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// These places take the text.
    Found(Vec<Location>),
    /// The text is there already, so often.
    Applied(usize),
    /// This tree does not need it: a condition says so.
    NotForThisTree,
    /// There is no such place; what was looked for, and what comes nearest.
    Missing(String),
    /// There are several such places.
    Ambiguous(Vec<Location>),
}

/// A line of a file of the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// Path below `codex-rs`.
    pub file: String,
    /// From 1.
    pub line: usize,
}

/// What a series would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// One row for each step, in order.
    pub rows: Vec<Row>,
    /// Patches that go in.
    pub patches: Vec<String>,
    /// Patches of `full` that this tree does not take.
    pub skipped: Vec<String>,
    /// Files with their new text, by path; new ones among them.
    pub texts: BTreeMap<String, String>,
    /// Lines that go in, by patch.
    pub lines: BTreeMap<String, usize>,
    /// Files that could not be read any more.
    pub spoilt: Vec<Spoilt>,
}

/// A file of which the new text is no Rust, or no TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoilt {
    /// Path below `codex-rs`.
    pub path: String,
    /// From 1, in the new text.
    pub line: usize,
    /// What the parser says.
    pub problem: String,
}

impl Outcome {
    /// Whether the patch cannot go in for it.
    pub fn is_miss(&self) -> bool {
        match self {
            Outcome::Missing(_) | Outcome::Ambiguous(_) => true,
            Outcome::Found(_) | Outcome::Applied(_) | Outcome::NotForThisTree => false,
        }
    }
}

impl Plan {
    /// Steps of patches that have to go in and cannot.
    pub fn misses(&self) -> usize {
        let counts = |row: &&Row| row.outcome.is_miss() && !self.skipped.contains(&row.patch);
        self.rows.iter().filter(counts).count()
    }

    /// Patches of which one part is in the tree and another is not.
    pub fn partly(&self) -> Vec<&str> {
        let has = |patch: &str, wanted: fn(&Outcome) -> bool| {
            self.rows.iter().any(|row| row.patch == patch && wanted(&row.outcome))
        };
        let is_there = |outcome: &Outcome| matches!(outcome, Outcome::Applied(_));
        let is_not = |outcome: &Outcome| matches!(outcome, Outcome::Found(_)) || outcome.is_miss();
        let mut names: Vec<&str> = self.rows.iter().map(|row| row.patch.as_str()).collect();
        names.dedup();
        names.into_iter().filter(|patch| has(patch, is_there) && has(patch, is_not)).collect()
    }
}

/// Plans a series for a tree. Nothing is written.
pub(crate) fn plan(tree: &Tree, bundle: &Bundle, series: Series) -> Result<Plan, Error> {
    // Texts of patches that are not asked for may be in the tree, between a place and what is asked for.
    let all = bundle.patches(Series::Full);
    let files = tree.rust_files()?;
    let queries = queries(&all);
    let findings = search::search(tree, &files, &queries)?;
    let searched = Searched { queries, findings };
    let mut planner = Planner {
        tree,
        bundle,
        files: &files,
        searched: &searched,
        plan: Plan::default(),
        insertions: BTreeMap::new(),
        lengths: lengths(&searched, &all),
        missing: Vec::new(),
    };
    for patch in all.into_iter().filter(|patch| patch.series <= series) {
        planner.patch(patch)?;
    }
    planner.finish()
}

fn queries<'a>(patches: &[&'a Patch]) -> Vec<Query<'a>> {
    let mut queries = Vec::new();
    for patch in patches {
        let content = &patch.content;
        queries.extend(
            content
                .edits
                .iter()
                .map(|edit| Query { scope: &edit.at.scope, sought: Sought::Place(&edit.at.place) }),
        );
        let edits = content.edits.iter().flat_map(|edit| [&edit.when, &edit.unless]);
        let files = content.files.iter().flat_map(|file| [&file.when, &file.unless]);
        let dependencies =
            content.dependencies.iter().flat_map(|dependency| [&dependency.when, &dependency.unless]);
        for condition in edits.chain(files).chain(dependencies).flat_map(Conditions::all) {
            queries.push(Query { scope: &condition.scope, sought: Sought::Item(&condition.item) });
        }
    }
    queries
}

struct Searched<'a> {
    queries: Vec<Query<'a>>,
    findings: Findings,
}

/// A spot, with the index of its file among the findings.
type Site = (usize, Spot);

impl Searched<'_> {
    fn sites(&self, sought: Sought<'_>, scope: &Scope) -> Vec<Site> {
        let is_it = |query: &Query<'_>| query.sought == sought && query.scope == scope;
        let Some(index) = self.queries.iter().position(is_it) else { return Vec::new() };
        let mut sites: Vec<(bool, Site)> = Vec::new();
        for (file, found) in self.findings.files.iter().enumerate() {
            let hits = found.hits.iter().filter(|hit| hit.sought == index);
            sites.extend(hits.map(|hit| (hit.of_trait, (file, hit.spot.clone()))));
        }
        // A type's own function goes before one of the same name that a trait asks for.
        let is_every = matches!(sought, Sought::Place(Place::EveryLiteral(_)));
        if !is_every && sites.iter().any(|(of_trait, _)| !of_trait) {
            sites.retain(|(of_trait, _)| !of_trait);
        }
        sites.into_iter().map(|(_, site)| site).collect()
    }

    fn location(&self, site: &Site) -> Location {
        let found = &self.findings.files[site.0];
        Location { file: found.path.clone(), line: source::line_number(&found.text, site.1.offset()) }
    }

    fn holds(&self, when: &Conditions, unless: &Conditions) -> bool {
        let exists =
            |condition: &Condition| !self.sites(Sought::Item(&condition.item), &condition.scope).is_empty();
        when.all().iter().all(exists) && !unless.all().iter().any(exists)
    }
}

fn lengths(searched: &Searched<'_>, patches: &[&Patch]) -> BTreeMap<(usize, usize, u8), usize> {
    let mut lengths = BTreeMap::new();
    let edits = patches.iter().flat_map(|patch| &patch.content.edits);
    for edit in edits.filter(|edit| searched.holds(&edit.when, &edit.unless)) {
        for (file, spot) in searched.sites(Sought::Place(&edit.at.place), &edit.at.scope) {
            for insertion in spot.insertions(&searched.findings.files[file].text, &edit.insert) {
                let signs = insertion.text.chars().filter(|sign| !sign.is_whitespace()).count();
                *lengths.entry((file, insertion.offset, order(insertion.side))).or_default() += signs;
            }
        }
    }
    lengths
}

/// A text for a file, with the row that asks for it.
struct Asked {
    insertion: Insertion,
    row: usize,
}

struct Planner<'a> {
    tree: &'a Tree,
    bundle: &'a Bundle,
    files: &'a [String],
    searched: &'a Searched<'a>,
    plan: Plan,
    insertions: BTreeMap<usize, Vec<Asked>>,
    /// How many signs all patches together put at a spot: file, offset, side.
    lengths: BTreeMap<(usize, usize, u8), usize>,
    /// Rows whose place is missing; why is looked into for all of them at once.
    missing: Vec<(usize, &'a Anchor)>,
}

impl<'a> Planner<'a> {
    fn patch(&mut self, patch: &'a Patch) -> Result<(), Error> {
        let first = self.plan.rows.len();
        let mut asked: Vec<(usize, Asked)> = Vec::new();
        for edit in &patch.content.edits {
            self.edit(patch, edit, &mut asked);
        }
        let mut texts = BTreeMap::new();
        self.manifests(patch, &mut texts)?;
        self.files(patch, &mut texts)?;
        self.mark_applied(&mut asked);
        let rows = &self.plan.rows[first..];
        let misses = rows.iter().any(|row| row.outcome.is_miss());
        if misses && patch.series == Series::Full {
            self.plan.skipped.push(patch.name.clone());
            return Ok(());
        }
        let new: usize = texts.iter().map(|(path, text)| self.new_lines(path, text)).sum();
        let inserted: usize = asked.iter().map(|(_, asked)| lines_of(&asked.insertion)).sum();
        self.plan.lines.insert(patch.name.clone(), new + inserted);
        self.plan.patches.push(patch.name.clone());
        for (file, asked) in asked {
            self.insertions.entry(file).or_default().push(asked);
        }
        self.plan.texts.append(&mut texts);
        Ok(())
    }

    fn new_lines(&self, path: &str, text: &str) -> usize {
        let before = self.text(path).ok().flatten();
        text.lines().count() - before.map_or(0, |before| before.lines().count()).min(text.lines().count())
    }

    fn row(&mut self, patch: &Patch, step: String, outcome: Outcome) -> usize {
        self.plan.rows.push(Row { patch: patch.name.clone(), step, outcome });
        self.plan.rows.len() - 1
    }

    fn edit(&mut self, patch: &Patch, edit: &'a Edit, asked: &mut Vec<(usize, Asked)>) {
        let step = edit.at.to_string();
        if !self.searched.holds(&edit.when, &edit.unless) {
            self.row(patch, step, Outcome::NotForThisTree);
            return;
        }
        let mut sites = self.searched.sites(Sought::Place(&edit.at.place), &edit.at.scope);
        let is_every = matches!(edit.at.place, Place::EveryLiteral(_));
        if is_every {
            let own = self.literals_of_their_own(patch, edit);
            sites.retain(|site| !own.contains(site));
        }
        let outcome = match sites.len() {
            0 => Outcome::Missing(String::new()),
            1 => Outcome::Found(self.locations(&sites)),
            _ if is_every => Outcome::Found(self.locations(&sites)),
            _ => Outcome::Ambiguous(self.locations(&sites)),
        };
        let (is_missing, is_found) = (sites.is_empty(), !outcome.is_miss());
        let row = self.row(patch, step, outcome);
        if is_missing {
            self.missing.push((row, &edit.at));
        }
        if is_found {
            for (file, spot) in sites {
                let insertions = spot.insertions(&self.searched.findings.files[file].text, &edit.insert);
                asked.extend(insertions.into_iter().map(|insertion| (file, Asked { insertion, row })));
            }
        }
    }

    /// Literals for which the same patch has another text.
    fn literals_of_their_own(&self, patch: &Patch, every: &Edit) -> Vec<Site> {
        let Place::EveryLiteral(of) = &every.at.place else { return Vec::new() };
        let is_own = |edit: &&Edit| matches!(&edit.at.place, Place::LiteralIn(own, _) if own == of);
        let own = patch.content.edits.iter().filter(is_own);
        own.filter(|edit| self.searched.holds(&edit.when, &edit.unless))
            .flat_map(|edit| self.searched.sites(Sought::Place(&edit.at.place), &edit.at.scope))
            .collect()
    }

    fn locations(&self, sites: &[Site]) -> Vec<Location> {
        sites.iter().map(|site| self.searched.location(site)).collect()
    }

    /// What is in the tree already is not asked for again.
    fn mark_applied(&mut self, asked: &mut Vec<(usize, Asked)>) {
        let mut there = BTreeMap::<usize, usize>::new();
        asked.retain(|(file, asked)| {
            let Asked { insertion, row } = asked;
            let spot = (*file, insertion.offset, order(insertion.side));
            let window = self.lengths.get(&spot).copied().unwrap_or_default();
            let is_there = is_there(&self.searched.findings.files[*file].text, insertion, window);
            *there.entry(*row).or_default() += usize::from(is_there);
            !is_there
        });
        for (row, count) in there.into_iter().filter(|(_, count)| *count > 0) {
            let rest = asked.iter().any(|(_, asked)| asked.row == row && asked.insertion.side != Side::Comma);
            if !rest {
                self.plan.rows[row].outcome = Outcome::Applied(count);
                asked.retain(|(_, asked)| asked.row != row);
            }
        }
    }

    fn manifests(&mut self, patch: &Patch, texts: &mut BTreeMap<String, String>) -> Result<(), Error> {
        for member in &patch.content.members {
            let step = format!("member {}", member.name);
            let Some(files) = self.bundle.member(&member.name) else {
                let problem = format!("there is no crate {} to be copied", member.name);
                self.row(patch, step, Outcome::Missing(problem));
                continue;
            };
            let mut outcome = self.manifest(
                "Cargo.toml",
                texts,
                |text| manifest::member(text, &member.name),
                Outcome::Applied(1),
            )?;
            for (path, text) in files {
                let path = format!("{}/{path}", member.name);
                outcome = both(outcome, self.new_file(&path, text, texts)?);
            }
            self.row(patch, step, outcome);
        }
        for dependency in &patch.content.dependencies {
            let step = format!("{}: dependency on {}", dependency.folders, dependency.on);
            let outcome = match self.searched.holds(&dependency.when, &dependency.unless) {
                true => self.dependency(dependency, texts)?,
                false => Outcome::NotForThisTree,
            };
            self.row(patch, step, outcome);
        }
        Ok(())
    }

    fn dependency(
        &self,
        dependency: &Dependency,
        texts: &mut BTreeMap<String, String>,
    ) -> Result<Outcome, Error> {
        let Dependency { folders, on, workspace, .. } = dependency;
        let folders = folders.folders();
        let there: Vec<&String> = folders.iter().filter(|folder| self.tree.path(folder).is_dir()).collect();
        if there.is_empty() {
            return Ok(Outcome::Missing(nearest::folder(self.tree, &folders.join("|"))));
        }
        let mut outcome = Outcome::NotForThisTree;
        for folder in there {
            // A line of the tree's own serves as well, and says nothing about the patches.
            let (value, if_there) = match workspace {
                true => ("{ workspace = true }".to_owned(), Outcome::NotForThisTree),
                false => {
                    let up = "../".repeat(folder.split('/').count());
                    let name = on.strip_prefix("codex-").unwrap_or(on);
                    (format!("{{ path = \"{up}{name}\" }}"), Outcome::Applied(1))
                }
            };
            let file = format!("{folder}/Cargo.toml");
            let edit = |text: &str| manifest::dependency(text, on, &value);
            outcome = both(outcome, self.manifest(&file, texts, edit, if_there)?);
        }
        Ok(outcome)
    }

    fn files(&mut self, patch: &Patch, texts: &mut BTreeMap<String, String>) -> Result<(), Error> {
        for file in &patch.content.files {
            let path = format!("{}/{}", file.folder, file.path);
            let outcome = if !self.searched.holds(&file.when, &file.unless) {
                Outcome::NotForThisTree
            } else if !self.tree.path(&file.folder).is_dir() {
                Outcome::Missing(nearest::folder(self.tree, &file.folder))
            } else {
                match self.bundle.file(&file.from) {
                    Some(text) => self.new_file(&path, text, texts)?,
                    None => Outcome::Missing(format!("there is no patches/files/{}", file.from)),
                }
            };
            self.row(patch, format!("file {path}"), outcome);
        }
        Ok(())
    }

    /// The text of a file with what earlier patches did to it as a whole.
    fn text(&self, path: &str) -> Result<Option<String>, Error> {
        match self.plan.texts.get(path) {
            Some(text) => Ok(Some(text.clone())),
            None => self.tree.text(path),
        }
    }

    fn manifest(
        &self,
        path: &str,
        texts: &mut BTreeMap<String, String>,
        edit: impl Fn(&str) -> Result<Option<Insertion>, String>,
        if_there: Outcome,
    ) -> Result<Outcome, Error> {
        let Some(tree) = self.tree.text(path)? else {
            return Ok(Outcome::Missing(format!("there is no {path}")));
        };
        let mut text = match texts.get(path).or_else(|| self.plan.texts.get(path)) {
            Some(text) => text.clone(),
            None => tree.clone(),
        };
        Ok(match edit(&text) {
            Err(problem) => Outcome::Missing(format!("{path} {problem}")),
            // Another patch of the series brings it, or the tree has it.
            Ok(None) if edit(&tree) != Ok(None) => Outcome::NotForThisTree,
            Ok(None) => if_there,
            Ok(Some(insertion)) => {
                let line = source::line_number(&text, insertion.offset);
                text.insert_str(insertion.offset, &insertion.text);
                texts.insert(path.to_owned(), text);
                Outcome::Found(vec![Location { file: path.to_owned(), line }])
            }
        })
    }

    fn new_file(
        &self,
        path: &str,
        text: &str,
        texts: &mut BTreeMap<String, String>,
    ) -> Result<Outcome, Error> {
        let by_the_series = self.plan.texts.get(path);
        if by_the_series.is_some_and(|there| there == text) {
            return Ok(Outcome::NotForThisTree);
        }
        Ok(match self.text(path)? {
            Some(there) if there == text => Outcome::Applied(1),
            Some(_) => Outcome::Missing(format!("{path} is in the way: the tree has another file there")),
            None => {
                texts.insert(path.to_owned(), text.to_owned());
                Outcome::Found(vec![Location { file: path.to_owned(), line: 1 }])
            }
        })
    }

    fn finish(mut self) -> Result<Plan, Error> {
        let anchors: Vec<&Anchor> = self.missing.iter().map(|(_, anchor)| *anchor).collect();
        let sentences = nearest::explain(self.tree, self.files, &anchors)?;
        for ((row, _), sentence) in self.missing.iter().zip(sentences) {
            self.plan.rows[*row].outcome = Outcome::Missing(sentence);
        }
        for (path, no_rust) in &self.searched.findings.unreadable {
            let step = format!("read {path}");
            let problem = format!("{path}:{} is no Rust that can be read: {}", no_rust.line, no_rust.problem);
            self.plan.rows.push(Row { patch: String::new(), step, outcome: Outcome::Missing(problem) });
        }
        for (file, mut asked) in std::mem::take(&mut self.insertions) {
            let found = &self.searched.findings.files[file];
            asked.sort_by_key(|asked| (asked.insertion.offset, order(asked.insertion.side)));
            let mut text = String::with_capacity(found.text.len() + 256);
            let (mut at, mut comma) = (0, None);
            for Asked { insertion, .. } in &asked {
                if insertion.side == Side::Comma && comma.replace(insertion.offset) == Some(insertion.offset)
                {
                    continue;
                }
                text.push_str(&found.text[at..insertion.offset]);
                text.push_str(&insertion.text);
                at = insertion.offset;
            }
            text.push_str(&found.text[at..]);
            self.plan.texts.insert(found.path.clone(), text);
        }
        self.plan.spoilt = self.plan.texts.iter().filter_map(|(path, text)| spoilt(path, text)).collect();
        Ok(self.plan)
    }
}

/// A comma belongs to what is before it, and what comes behind that goes before what comes ahead of the next.
fn order(side: Side) -> u8 {
    match side {
        Side::Comma => 0,
        Side::Behind => 1,
        Side::Before => 2,
    }
}

fn spoilt(path: &str, text: &str) -> Option<Spoilt> {
    let spoilt = |line, problem| Spoilt { path: path.to_owned(), line, problem };
    if path.ends_with(".rs") {
        let no_rust = walk::with_file(text, |_, _, _| ()).err()?;
        return Some(spoilt(no_rust.line, no_rust.problem));
    }
    let error = text.trim_start_matches('\u{feff}').parse::<toml_edit::DocumentMut>().err()?;
    let line = error.span().map_or(1, |span| source::line_number(text, span.start));
    Some(spoilt(line, error.message().to_owned()))
}

/// Of two steps that are told as one.
fn both(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Found(mut all), Outcome::Found(more)) => {
            all.extend(more);
            Outcome::Found(all)
        }
        (Outcome::Applied(one), Outcome::Applied(other)) => Outcome::Applied(one + other),
        (miss, _) if miss.is_miss() => miss,
        (_, miss) if miss.is_miss() => miss,
        (Outcome::Found(found), _) | (_, Outcome::Found(found)) => Outcome::Found(found),
        (other, Outcome::NotForThisTree) | (Outcome::NotForThisTree, other) => other,
        (applied, _) => applied,
    }
}

fn lines_of(insertion: &Insertion) -> usize {
    match insertion.side {
        Side::Comma => 0,
        Side::Behind | Side::Before => insertion.text.lines().filter(|line| !line.trim().is_empty()).count(),
    }
}

/// Whether a text stands at its spot, whatever its line ends and indentation, among the `window` signs that all
/// patches put there.
fn is_there(file: &str, insertion: &Insertion, window: usize) -> bool {
    let is_sign = |sign: &char| !sign.is_whitespace();
    let text: String = insertion.text.chars().filter(is_sign).collect();
    match insertion.side {
        Side::Comma => false,
        Side::Behind => {
            let there: String = file[insertion.offset..].chars().filter(is_sign).take(window).collect();
            there.contains(&text)
        }
        Side::Before => {
            let there: Vec<char> =
                file[..insertion.offset].chars().rev().filter(is_sign).take(window).collect();
            let there: String = there.into_iter().rev().collect();
            there.contains(&text)
        }
    }
}
