//! A miniature workspace with the item names of the official one, in several shapes: patched, read again, compiled,
//! tested, taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod builder;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use builder::{Calls, Files, Looks, Shape};
use codex_patchset::{Bundle, Guard, Outcome, Run, Series, Status, Tree};

const SHAPES: [Shape; 4] = [
    Shape { looks: Looks::Plain, files: Files::Still, calls: Calls::Sync, newline: "\n" },
    Shape { looks: Looks::Odd, files: Files::Moved, calls: Calls::Async, newline: "\r\n" },
    Shape { looks: Looks::Odd, files: Files::Still, calls: Calls::Sync, newline: "\n" },
    Shape { looks: Looks::Plain, files: Files::Moved, calls: Calls::Async, newline: "\r\n" },
];

fn bundle() -> Bundle {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The miniature's own patches, with the manifests of the crates that are copied in truth.
    let folder = tempfile::tempdir().unwrap();
    for (from, to) in [("tests/mini/patches", ""), ("../../patches/members", "members")] {
        copy(&here.join(from), &folder.path().join(to));
    }
    Bundle::from_folder(folder.path()).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

/// Every file and folder below `root`, with its bytes.
fn bytes(root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), None);
                waiting.push(path);
            } else {
                found.insert(path.clone(), Some(fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// `cargo test` in the miniature, without network: what it needs is what this workspace has.
fn test(root: &Path) -> Result<String, String> {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    if !root.join("Cargo.lock").exists() {
        fs::copy(lock, root.join("Cargo.lock")).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--offline", "--quiet", "--color", "never"])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("mini"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(text) } else { Err(text) }
}

#[test]
fn patched_it_compiles_and_works_and_taken_back_it_is_the_same() {
    let bundle = bundle();
    for shape in SHAPES {
        let folder = tempfile::tempdir().unwrap();
        let root = shape.build(folder.path());
        let before = bytes(&root);
        let tree = Tree::open(folder.path()).unwrap();
        let plan = codex_patchset::check(&tree, &bundle, Series::Core).unwrap();
        let misses: Vec<_> = plan.rows.iter().filter(|row| row.outcome.is_miss()).collect();
        assert!(misses.is_empty() && plan.spoilt.is_empty(), "{shape:?}: {misses:#?} {:?}", plan.spoilt);
        assert_eq!(bytes(&root), before, "{shape:?}: check writes nothing");

        codex_patchset::apply(&tree, &bundle, Series::Core, &Guard::Off, Run::Dry).unwrap();
        assert_eq!(bytes(&root), before, "{shape:?}: a dry run writes nothing");
        let done = codex_patchset::apply(&tree, &bundle, Series::Core, &Guard::Off, Run::Wet).unwrap();
        assert!(done.written.len() > 20, "{shape:?}: {:?}", done.written);
        let patched = bytes(&root);
        for (path, bytes) in patched.iter().filter(|(path, _)| before.contains_key(*path)) {
            let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default());
            let ends = (text.matches('\n').count(), text.matches("\r\n").count());
            let expected = if shape.newline == "\r\n" { (ends.0, ends.0) } else { (ends.0, 0) };
            assert_eq!(ends, expected, "{shape:?}: line ends of {path:?}");
        }

        // A second time there is nothing to do, and each step says so.
        let again = codex_patchset::apply(&tree, &bundle, Series::Core, &Guard::Off, Run::Wet).unwrap();
        assert_eq!(again.written, [""; 0], "{shape:?}");
        assert_eq!(bytes(&root), patched, "{shape:?}");
        let open = codex_patchset::check(&tree, &bundle, Series::Core).unwrap();
        let open: Vec<_> = open.rows.iter().filter(|row| matches!(row.outcome, Outcome::Found(_))).collect();
        assert!(open.is_empty(), "{shape:?}: {open:#?}");
        let status = codex_patchset::status(&tree, &bundle).unwrap();
        assert!(matches!(status, Status::Applied { series: Series::Core, patches: 2, .. }), "{status:?}");

        let tested = test(&root).unwrap_or_else(|text| panic!("{shape:?}: {text}\n{}", dump(&root)));
        assert!(tested.contains("6 passed"), "{shape:?}: the patch's own tests ran\n{tested}");

        fs::remove_file(root.join("Cargo.lock")).unwrap();
        codex_patchset::revert(&tree).unwrap();
        assert_eq!(bytes(&root), before, "{shape:?}: every byte is back");
        assert_eq!(codex_patchset::status(&tree, &bundle).unwrap(), Status::NotApplied);
    }
}

/// The patched files, for a failure.
fn dump(root: &Path) -> String {
    let texts = bytes(root).into_iter().filter_map(|(path, bytes)| Some((path, bytes?)));
    let rust = texts.filter(|(path, _)| path.extension().is_some_and(|extension| extension == "rs"));
    let ours = |path: &Path| !["redact", "fallback"].iter().any(|name| path.starts_with(root.join(name)));
    let wanted = rust.filter(|(path, _)| ours(path));
    wanted.map(|(path, bytes)| format!("--- {path:?}\n{}\n", String::from_utf8_lossy(&bytes))).collect()
}
