//! Files that change between being looked at and being renamed: all is put back, and nothing is left beside them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;

use super::*;
use crate::Policy;

fn all(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let text = |path: &Path| match std::fs::read_link(path) {
        Ok(link) => format!("link to {}", link.display()),
        Err(_) if path.is_dir() => "folder".to_owned(),
        Err(_) => std::fs::read_to_string(path).unwrap(),
    };
    entries.map(|path| (path.clone(), text(&path))).collect()
}

/// Two files that change, one that comes and one that goes; `meddle` does something between staging and renaming.
fn check(meddle: fn(&Path), expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    for name in ["first", "second", "gone"] {
        std::fs::write(base.join(name), name).unwrap();
    }
    let paths = ["first", "new", "gone", "sub/new", "second"].map(|name| base.join(name));
    let [first, new, gone, deep, second] = &paths;
    let change = |path, before: Option<&'static str>, after: Option<&'static str>| FileChange {
        path,
        before: before.map(str::as_bytes),
        after: after.map(str::as_bytes),
        mode_of: None,
    };
    let changes = [
        change(first, Some("first"), Some("1")),
        change(new, None, Some("new")),
        change(gone, Some("gone"), None),
        change(deep, None, Some("new")),
        change(second, Some("second"), Some("2")),
    ];
    let policy = Policy::full();
    let guard = Guard::of(&policy).unwrap();
    let mut transaction = Transaction::new(&guard);
    let judged = transaction.judge(&guard, &changes, &[]).unwrap();
    transaction.stage(&judged).unwrap();
    meddle(&base);
    let told = transaction.rename(&judged).unwrap_err().to_string();
    assert_eq!(told.replace(&format!("{}/", base.display()), ""), expect);
    assert!(transaction.take_back().is_none());
    let (now, should) = (all(&base), {
        let other = tempfile::tempdir().unwrap();
        for name in ["first", "second", "gone"] {
            std::fs::write(other.path().join(name), name).unwrap();
        }
        meddle(other.path());
        let all = all(other.path());
        all.into_iter().map(|(path, text)| (base.join(path.file_name().unwrap()), text)).collect()
    });
    assert_eq!(now, should);
}

#[test]
fn what_changes_meanwhile_refuses_all() {
    check(|base| std::fs::write(base.join("second"), "else").unwrap(), "`second` changed after it was read.");
    check(|base| std::fs::write(base.join("new"), "theirs").unwrap(), "`new` changed after it was read.");
    check(|base| std::fs::write(base.join("gone"), "other").unwrap(), "`gone` changed after it was read.");
    check(
        |base| std::fs::remove_file(base.join("second")).unwrap(),
        "`second` cannot be read or written (No such file or directory (os error 2)).",
    );
    check(
        |base| {
            std::fs::remove_file(base.join("second")).unwrap();
            symlink("/etc/passwd", base.join("second")).unwrap();
        },
        "`second` changed after it was read.",
    );
    check(
        |base| {
            std::fs::remove_file(base.join("second")).unwrap();
            std::fs::create_dir(base.join("second")).unwrap();
        },
        "`second` changed after it was read.",
    );
}

#[test]
fn one_that_is_dropped_is_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    std::fs::write(&path, "old").unwrap();
    let changes =
        [FileChange { path: &path, before: Some(b"old"), after: Some(b"new"), mode_of: Some(&path) }];
    let policy = Policy::full();
    let guard = Guard::of(&policy).unwrap();
    let mut transaction = Transaction::new(&guard);
    let judged = transaction.judge(&guard, &changes, &[]).unwrap();
    transaction.stage(&judged).unwrap();
    transaction.rename(&judged).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    drop(transaction);
    assert_eq!(all(folder.path()), BTreeMap::from([(path, "old".to_owned())]));
}
