//! Compares the arrows between crates with the table in `ARCHITECTURE.md`.

use std::collections::BTreeSet;

use toml_edit::{DocumentMut, Item, TableLike};

use super::{Tree, crate_of};

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    let rows = rows(tree.text("ARCHITECTURE.md"));
    let mut crates = BTreeSet::new();
    let manifests = tree.files.iter().filter(|(path, _)| path.matches('/').count() == 2);
    for (path, text) in manifests.filter(|(path, _)| path.ends_with("/Cargo.toml")) {
        let importer = crate_of(path);
        crates.insert(importer);
        if !rows.iter().any(|row| row.folder == importer) {
            problems.push(format!("the table in ARCHITECTURE.md has no row for the crate `{importer}`"));
            continue;
        }
        let allowed = allowed(&rows, importer);
        for imported in imports(text).difference(&allowed) {
            problems.push(format!(
                "{path}: `{importer}` imports `{imported}`, and the table in ARCHITECTURE.md has no such arrow"
            ));
        }
    }
    let extra = rows.iter().filter(|row| !crates.contains(row.folder.as_str()));
    problems
        .extend(extra.map(|row| {
            format!("ARCHITECTURE.md has a row for `{}`, and there is no such crate", row.folder)
        }));
    problems
}

struct Row {
    folder: String,
    imports: String,
}

/// The rows of the table whose heading starts with `folder` and ends with `imports`.
fn rows(markdown: &str) -> Vec<Row> {
    let cells = |line: &str| -> Vec<String> {
        let line = line.trim().trim_matches('|');
        line.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()
    };
    let is_heading = |line: &&str| {
        let cells = cells(line);
        cells.first().is_some_and(|cell| cell == "folder")
            && cells.last().is_some_and(|cell| cell == "imports")
    };
    let table = markdown.lines().skip_while(|line| !is_heading(line)).skip(2);
    table
        .take_while(|line| line.trim().starts_with('|'))
        .filter_map(|line| {
            let mut cells = cells(line);
            let imports = cells.pop()?;
            Some(Row { folder: cells.into_iter().next()?, imports })
        })
        .collect()
}

/// What `folder` may import: the names in its row, `X and below` (X and everything that X may import),
/// `all above` (every row before it), `all` and `any` (every row).
fn allowed(rows: &[Row], folder: &str) -> BTreeSet<String> {
    let every = |rows: &[Row]| rows.iter().map(|row| row.folder.clone()).collect::<BTreeSet<_>>();
    let Some(index) = rows.iter().position(|row| row.folder == folder) else { return BTreeSet::new() };
    let mut allowed = BTreeSet::new();
    for entry in rows[index].imports.split(',').map(str::trim) {
        match entry {
            "all" | "any" => allowed.extend(every(rows)),
            "all above" => allowed.extend(every(&rows[..index])),
            _ => match entry.strip_suffix(" and below") {
                // Only rows above are followed, so that a circle in the table cannot trap this.
                Some(name) => {
                    allowed.extend(below(&rows[..index], name));
                    allowed.insert(name.to_owned());
                }
                None => {
                    allowed.insert(entry.to_owned());
                }
            },
        }
    }
    allowed
}

fn below(rows: &[Row], name: &str) -> BTreeSet<String> {
    let mut found = allowed(rows, name);
    let mut waiting: Vec<String> = found.iter().cloned().collect();
    while let Some(next) = waiting.pop() {
        for imported in allowed(rows, &next) {
            if found.insert(imported.clone()) {
                waiting.push(imported);
            }
        }
    }
    found
}

/// The folders of the workspace's crates among the normal dependencies of a manifest.
fn imports(manifest: &str) -> BTreeSet<String> {
    let Ok(manifest) = manifest.parse::<DocumentMut>() else { return BTreeSet::new() };
    let targets = manifest.get("target").and_then(Item::as_table_like);
    let for_targets = targets.into_iter().flat_map(|targets| targets.iter().map(|(_, target)| target));
    let tables = std::iter::once(manifest.as_item())
        .chain(for_targets)
        .filter_map(|item| item.get("dependencies").and_then(Item::as_table_like));
    let mut names = BTreeSet::new();
    for table in tables {
        for (key, dependency) in TableLike::iter(table) {
            // `package = …` gives the true name of a renamed dependency.
            let renamed = dependency.get("package").and_then(Item::as_str);
            if let Some(folder) = renamed.unwrap_or(key).strip_prefix("codex-") {
                names.insert(folder.to_owned());
            }
        }
    }
    names
}
