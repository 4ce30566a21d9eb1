//! Patches as the model writes them, through the door for files; and that no tool knows another way to a file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use codex_sandbox::{Files, Judged, Network, Policy, Workspace};
use codex_tools::apply_patch::{Applied, Invocation, Kind};
use codex_tools::{Offer, Offered, web_search};

/// A workspace, with credentials in its folder `hidden`.
struct Ground {
    folder: tempfile::TempDir,
}

impl Ground {
    fn new(there: &[(&str, &str)]) -> Self {
        let ground = Ground { folder: tempfile::tempdir().unwrap() };
        for (name, text) in there.iter().chain(&[("hidden/auth.json", "secret")]) {
            let path = ground.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        ground
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn files(&self) -> Files {
        let hidden = [self.path("hidden")];
        let workspace = Workspace::default();
        let policy = Policy::workspace_write(&self.path(""), &workspace, Network::Closed, &hidden);
        Files::new(Arc::new(policy), &hidden)
    }

    fn read(&self, body: &str) -> Result<Invocation, String> {
        let patch = format!("*** Begin Patch\n{body}\n*** End Patch\n");
        Invocation::read(&patch, &self.path(""), &self.files())
    }

    /// What the model is told, without what differs from run to run.
    fn told(&self, body: &str) -> String {
        let text = match self.read(body).map(|invocation| invocation.apply(&self.files(), &[])) {
            Ok(Applied::Done(text)) => {
                let (before, after) = text.split_once("Wall time: ").unwrap();
                let (seconds, after) = after.split_once(' ').unwrap();
                assert!(seconds.parse::<f64>().unwrap() < 60.0);
                format!("{before}Wall time: N {after}")
            }
            Ok(Applied::Failed(text)) | Err(text) => text,
        };
        text.replace(&self.path("").display().to_string(), "~/")
    }

    fn all(&self) -> BTreeMap<String, String> {
        fn walk(base: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(base, &path, all);
                } else {
                    let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
                    all.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        let mut all = BTreeMap::new();
        walk(&self.path(""), &self.path(""), &mut all);
        all
    }
}

#[test]
fn what_is_done_and_told() {
    let ground = Ground::new(&[("a", "one\r\ntwo\r\n"), ("b", "x\n"), ("c", "y\n"), ("same", "z\n")]);
    let body = "*** Update File: a\n@@\n one\n-two\n+2\n*** Delete File: b\n*** Add File: new/file\n+text\n\
                *** Update File: c\n*** Move to: moved\n@@\n-y\n+Y\n*** Update File: same\n@@\n-z\n+z";
    insta::assert_snapshot!(ground.told(body), @r"
    Exit code: 0
    Wall time: N seconds
    Output:
    Success. Updated the following files:
    A new/file
    M a
    M moved
    M same
    D b
    ");
    let all = ground.all();
    let expect = [
        ("a", "one\r\n2\r\n"),
        ("hidden/auth.json", "secret"),
        ("moved", "Y\n"),
        ("new/file", "text\n"),
        ("same", "z\n"),
    ];
    assert_eq!(all, expect.map(|(name, text)| (name.to_owned(), text.to_owned())).into());
}

#[test]
fn what_is_not_done_and_why() {
    let ground = Ground::new(&[("a", "one\n"), (".git/config", "")]);
    let before = ground.all();
    let mut table = String::new();
    for body in [
        "no patch",
        "*** Update File: a\n@@\n-two\n+2",
        "*** Update File: none\n@@\n-two\n+2",
        "*** Update File: hidden/auth.json\n@@\n-secret\n+mine",
        "*** Add File: hidden/../hidden/new\n+x",
        "*** Add File: /etc/no-such-file\n+x",
        "*** Update File: a\n*** Move to: .git/hooks/post-commit",
        "*** Update File: a\n@@\n-one\n+1\n*** Add File: a/below\n+x",
        "*** Delete File: .git",
        "*** Add File: /proc/self/comm\n+x",
    ] {
        table.push_str(&format!("{}\n", ground.told(body).trim_end()));
    }
    insta::assert_snapshot!(table, @r"
    Line 2 of the patch: expected `*** Add File: PATH`, `*** Delete File: PATH`, `*** Update File: PATH` or `*** End Patch`, found `no patch`.
    `~/a` does not have these lines:
    two
    Nothing was changed.
    There is no file `~/none`. Nothing was changed.
    `~/hidden/auth.json` could not be read: it is in a folder with credentials, which no tool reads or writes. Nothing was changed.
    `~/hidden/new` could not be read: it is in a folder with credentials, which no tool reads or writes. Nothing was changed.
    `/etc/no-such-file` is outside of the folders that may be written. Nothing was changed.
    `~/.git/hooks/post-commit` is protected, because git or this program would later believe or run what it says. Nothing was changed.
    `~/a/below` could not be read: it is below a file, which is no folder. Nothing was changed.
    `~/.git` could not be read: it is not a plain file. Nothing was changed.
    `/proc/self/comm` could not be read: it is a part of the running system, which no tool reads or writes. Nothing was changed.
    ");
    assert_eq!(ground.all(), before);
}

#[test]
fn what_the_person_is_asked_and_shown() {
    let ground = Ground::new(&[("w/a", "one\n"), ("outside", "x\n")]);
    let hidden = [ground.path("hidden")];
    let policy = Policy::workspace_write(&ground.path("w"), &Workspace::default(), Network::Closed, &hidden);
    let files = Files::new(Arc::new(policy), &hidden);
    let patch = "*** Begin Patch\n*** Update File: a\n@@\n-one\n+1\n*** Update File: ../outside\n@@\n-x\n+y\n*** End Patch";
    let invocation = Invocation::read(patch, &ground.path("w"), &files).unwrap();
    assert_eq!(invocation.paths(), [ground.path("w/a"), ground.path("outside")]);
    let changes: Vec<(&Path, &Kind, &str)> = invocation
        .changes()
        .iter()
        .map(|change| (change.path.as_path(), &change.kind, change.diff.as_str()))
        .collect();
    let update = Kind::Update { move_to: None };
    let (a, outside) = (ground.path("w/a"), ground.path("outside"));
    let expect = [(&*a, &update, "@@ -1 +1 @@\n-one\n+1\n"), (&*outside, &update, "@@ -1 +1 @@\n-x\n+y\n")];
    assert_eq!(changes, expect);
    let Judged::Outside { paths, why: _ } = files.judge(invocation.paths()) else { panic!() };
    assert_eq!(paths, [ground.path("outside")]);
    let before = ground.all();
    assert!(matches!(invocation.apply(&files, &[]), Applied::Failed(_)));
    assert_eq!(ground.all(), before);
    assert!(matches!(invocation.apply(&files, &paths), Applied::Done(_)));
    // A second time it is no longer the file that the patch was made for.
    let Applied::Failed(text) = invocation.apply(&files, &paths) else { panic!() };
    assert!(text.contains("changed after it was read. Nothing was changed"), "{text}");
    assert_eq!((ground.all()["w/a"].as_str(), ground.all()["outside"].as_str()), ("1\n", "y\n"));
}

/// How a tool comes to the files of the person. Whoever adds one says it here, and keeps to it.
enum Reach {
    /// By a process behind the walls.
    Process,
    /// By [`Files`].
    Door,
    /// Not at all.
    Nothing,
}

fn reach(tool: &str) -> Option<Reach> {
    Some(match tool {
        "exec_command" | "write_stdin" => Reach::Process,
        "apply_patch" | "view_image" => Reach::Door,
        "request_permissions" | "update_plan" | "web_search" => Reach::Nothing,
        _ => return None,
    })
}

/// Bar 34 of the reliability bars. `cargo xtask tidy` bans the system's calls from this crate, and crates that have them.
#[test]
fn no_tool_knows_another_way_to_a_file() {
    let names: Vec<String> = offered()
        .iter()
        .map(|spec| spec.get("name").or(spec.get("type")).and_then(|name| name.as_str()).unwrap().to_owned())
        .collect();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for name in &names {
        let reach = reach(name).unwrap_or_else(|| panic!("say how {name} comes to files"));
        let source = fs::read_to_string(sources.join(format!("{name}.rs"))).unwrap();
        let has = |word: &str| source.contains(word);
        let (door, process) = (has("Files"), has("codex_sandbox::{CommandSpec") || has("crate::sessions"));
        match reach {
            Reach::Process => assert!(process && !door, "{name}"),
            Reach::Door => assert!(door && !process, "{name}"),
            Reach::Nothing => assert!(!door && !process, "{name}"),
        }
    }
    let mut folders = vec![sources];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            for word in
                ["std::fs", "tokio::fs", "fs::", "File::", "OpenOptions", "rustix", "libc::", "durable_fs"]
            {
                // Tests may look at what was done.
                let shipped = !path.ends_with("tests.rs");
                assert!(!shipped || !text.contains(word), "{} has `{word}`", path.display());
            }
        }
    }
}

fn offered() -> Vec<serde_json::Value> {
    codex_tools::offered(&Offer {
        update_plan: Offered::Yes,
        request_permissions: Offered::Yes,
        web_search: Some(web_search::Reach::Live),
    })
}
