//! The door, tried with everything that a repository and a running command can put in its way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]
#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use super::*;
use crate::{Network, Workspace};

/// A workspace `w`, a folder `o` outside of it, credentials in `h`; all in a folder without links.
struct Ground {
    _folder: tempfile::TempDir,
    base: PathBuf,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        for name in ["w", "o", "h"] {
            fs::create_dir(base.join(name)).unwrap();
        }
        fs::write(base.join("h/auth.json"), "secret").unwrap();
        fs::write(base.join("o/outside.txt"), "outside").unwrap();
        Ground { _folder: folder, base }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    fn hidden(&self) -> Vec<PathBuf> {
        vec![self.path("h")]
    }

    fn files(&self) -> Files {
        let workspace = Workspace::default();
        let policy = Policy::workspace_write(&self.path("w"), &workspace, Network::Closed, &self.hidden());
        Files::new(Arc::new(policy), &self.hidden())
    }

    fn full(&self) -> Files {
        Files::new(Arc::new(Policy::full()), &self.hidden())
    }

    fn read_only(&self) -> Files {
        Files::new(Arc::new(Policy::read_only(Network::Closed, &[])), &self.hidden())
    }

    fn write(&self, name: &str, text: &str) -> &Self {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
        self
    }

    fn link(&self, name: &str, to: &Path) -> &Self {
        symlink(to, self.path(name)).unwrap();
        self
    }

    /// Every file below with its text, folders with a slash: to see that nothing changed or was left.
    fn all(&self) -> BTreeMap<String, String> {
        fn walk(base: &Path, folder: &Path, all: &mut BTreeMap<String, String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
                let kind = path.symlink_metadata().unwrap().file_type();
                if kind.is_dir() {
                    all.insert(format!("{name}/"), String::new());
                    walk(base, &path, all);
                } else if kind.is_symlink() {
                    all.insert(format!("{name}@"), String::new());
                } else if kind.is_file() {
                    all.insert(name, String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
                } else {
                    all.insert(format!("{name}?"), String::new());
                }
            }
        }
        let mut all = BTreeMap::new();
        walk(&self.base, &self.base, &mut all);
        all
    }

    /// The error as a text without the folder's own name.
    fn told(&self, outcome: Result<(), FileError>) -> String {
        let text = outcome.map_or_else(|error| error.to_string(), |()| "done".to_owned());
        text.replace(&format!("{}/", self.base.display()), "")
    }
}

fn change<'a>(path: &'a Path, before: Option<&'a str>, after: Option<&'a str>) -> FileChange<'a> {
    FileChange {
        path,
        before: before.map(str::as_bytes),
        after: after.map(str::as_bytes),
        mode_of: before.map(|_| path),
    }
}

#[test]
fn the_plain_case() {
    let ground = Ground::new();
    ground.write("w/a", "one\r\ntwo\n").write("w/gone", "x");
    let files = ground.files();
    let (a, new, gone) = (ground.path("w/a"), ground.path("w/deep/er/new"), ground.path("w/gone"));
    assert_eq!(files.read(&a, 100).unwrap().unwrap(), b"one\r\ntwo\n");
    assert_eq!(files.read(&new, 100).unwrap(), None);
    assert_eq!(files.judge(&[a.clone(), new.clone(), gone.clone()]), Judged::Allowed);
    let changes = [
        change(&a, Some("one\r\ntwo\n"), Some("one\r\n2\n")),
        change(&new, None, Some("new")),
        change(&gone, Some("x"), None),
    ];
    files.apply(&changes, &[]).unwrap();
    let names: Vec<(String, String)> =
        ground.all().into_iter().filter(|(name, _)| name.starts_with("w/")).collect();
    insta::assert_snapshot!(format!("{names:?}"), @r#"[("w/", ""), ("w/a", "one\r\n2\n"), ("w/deep/", ""), ("w/deep/er/", ""), ("w/deep/er/new", "new")]"#);
}

/// What the door says to a change of a path; `~` is the folder of the test.
#[cfg(target_os = "linux")]
fn judged(ground: &Ground, files: &Files, path: PathBuf) -> String {
    let text = match files.judge(&[path]) {
        Judged::Allowed => "yes".to_owned(),
        Judged::Outside { paths, why } => {
            let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            format!("ask for {}: {why}", paths.join(" and "))
        }
        Judged::Never { path: _, why } => format!("no: {why}"),
    };
    text.replace(&ground.base.display().to_string(), "~")
}

// `/proc` leads somewhere, and a name may be any bytes.
#[cfg(target_os = "linux")]
#[test]
fn who_may_be_changed() {
    use std::os::unix::ffi::OsStrExt;

    let ground = Ground::new();
    ground.write("w/.git/config", "").write("w/sub/.git/config", "").write("w/file", "");
    ground.link("w/secret", &ground.path("h/auth.json")).link("w/out", &ground.path("o"));
    ground.link("w/in", Path::new("file")).link("w/dead", Path::new("not/there"));
    ground.link("w/.agents", Path::new("sub"));
    let odd = PathBuf::from(std::ffi::OsStr::from_bytes(b"w/\xFF\xFE"));
    let mut table = String::new();
    let mut check = |path: PathBuf| {
        let name = path.display().to_string().replace(&ground.base.display().to_string(), "~");
        let told = [ground.files(), ground.read_only(), ground.full()]
            .map(|files| judged(&ground, &files, path.clone()));
        let [work, read, full] = told;
        // The other policies in a word.
        let [read, full] = [read, full].map(|told| told.split([' ', ':']).next().unwrap().to_owned());
        table.push_str(&format!("{name} ({read}, {full}) -> {work}\n"));
    };
    for name in ["w/file", "w/in", "w/new/new", "w/dead", "w/out/new", "w/secret", "w/../o/x", "h/new"] {
        check(ground.path(name));
    }
    for name in ["w/.git/config", "w/.GIT/config", "w/.codex/new", "w/.agents", "w/.agents/x", "w/sub/x"] {
        check(ground.path(name));
    }
    check(ground.path("w/file/under"));
    check(ground.base.join(odd));
    for path in ["relative", "/", "/proc/self/environ", "/proc/self/mem", "/dev/null", "/sys/kernel/x"] {
        check(PathBuf::from(path));
    }
    check(PathBuf::from(format!("/proc/self/root{}", ground.path("h/auth.json").display())));
    insta::assert_snapshot!(table, @r"
    ~/w/file (ask, yes) -> yes
    ~/w/in (ask, yes) -> yes
    ~/w/new/new (ask, yes) -> yes
    ~/w/dead (no, no) -> no: `~/w/dead` is a link that leads nowhere
    ~/w/out/new (ask, yes) -> ask for ~/o/new: `~/o/new` is outside of the folders that may be written
    ~/w/secret (no, no) -> no: `~/w/secret` is in a folder with credentials, which no tool reads or writes
    ~/w/../o/x (ask, yes) -> ask for ~/o/x: `~/o/x` is outside of the folders that may be written
    ~/h/new (no, no) -> no: `~/h/new` is in a folder with credentials, which no tool reads or writes
    ~/w/.git/config (ask, yes) -> ask for ~/w/.git/config: `~/w/.git/config` is protected, because git or this program would later believe or run what it says
    ~/w/.GIT/config (ask, yes) -> ask for ~/w/.GIT/config: `~/w/.GIT/config` is protected, because git or this program would later believe or run what it says
    ~/w/.codex/new (ask, yes) -> ask for ~/w/.codex/new: `~/w/.codex/new` is protected, because git or this program would later believe or run what it says
    ~/w/.agents (ask, yes) -> ask for ~/w/.agents and ~/w/sub: `~/w/.agents` is protected, because git or this program would later believe or run what it says
    ~/w/.agents/x (ask, yes) -> ask for ~/w/sub/x: `~/w/sub/x` is protected, because git or this program would later believe or run what it says
    ~/w/sub/x (ask, yes) -> ask for ~/w/sub/x: `~/w/sub/x` is protected, because git or this program would later believe or run what it says
    ~/w/file/under (no, no) -> no: `~/w/file/under` is below a file, which is no folder
    ~/w/�� (ask, yes) -> yes
    relative (no, no) -> no: `relative` is not an absolute path
    / (ask, yes) -> ask for /: `/` is outside of the folders that may be written
    /proc/self/environ (no, no) -> no: `/proc/self/environ` is a part of the running system, which no tool reads or writes
    /proc/self/mem (no, no) -> no: `/proc/self/mem` is a part of the running system, which no tool reads or writes
    /dev/null (no, no) -> no: `/dev/null` is a part of the running system, which no tool reads or writes
    /sys/kernel/x (no, no) -> no: `/sys/kernel/x` is a part of the running system, which no tool reads or writes
    /proc/self/root~/h/auth.json (no, no) -> no: `/proc/self/root~/h/auth.json` is in a folder with credentials, which no tool reads or writes
    ");
}

#[test]
fn credentials_and_the_system_are_not_read() {
    let ground = Ground::new();
    ground.link("w/secret", &ground.path("h/auth.json")).link("w/h", &ground.path("h"));
    let root = PathBuf::from(format!("/proc/self/root{}", ground.path("h/auth.json").display()));
    let paths = [
        ground.path("h/auth.json"),
        ground.path("w/secret"),
        ground.path("w/h/auth.json"),
        ground.path("w/../h/./auth.json"),
        root,
        PathBuf::from("/proc/self/environ"),
        PathBuf::from("/dev/zero"),
    ];
    for files in [ground.files(), ground.read_only(), ground.full()] {
        for path in &paths {
            let problem = files.read(path, 100).unwrap_err().problem;
            assert!(matches!(problem, Problem::Hidden | Problem::System), "{} {problem}", path.display());
            let change = FileChange { path, before: None, after: Some(b"x"), mode_of: None };
            let problem = files.apply(&[change], std::slice::from_ref(path)).unwrap_err().problem;
            assert!(matches!(problem, Problem::Hidden | Problem::System), "{} {problem}", path.display());
        }
    }
    assert_eq!(fs::read(ground.path("h/auth.json")).unwrap(), b"secret");
}

#[test]
fn a_workspace_inside_of_a_hidden_folder_stays_open() {
    let ground = Ground::new();
    ground.write("h/work/file", "old");
    let policy = Policy::workspace_write(
        &ground.path("h/work"),
        &Workspace::default(),
        Network::Closed,
        &ground.hidden(),
    );
    let files = Files::new(Arc::new(policy), &ground.hidden());
    let file = ground.path("h/work/file");
    files.apply(&[change(&file, Some("old"), Some("new"))], &[]).unwrap();
    assert_eq!(files.read(&file, 10).unwrap().unwrap(), b"new");
    assert!(files.read(&ground.path("h/auth.json"), 10).is_err());
}

#[test]
fn consent_is_for_the_files_that_were_named() {
    let ground = Ground::new();
    ground.write("o/a", "old").write("o/b", "old").link("w/link", &ground.path("o/a"));
    let files = ground.files();
    let link = ground.path("w/link");
    let Judged::Outside { paths: consent, why: _ } = files.judge(std::slice::from_ref(&link)) else {
        panic!()
    };
    assert_eq!(consent, [ground.path("o/a")]);
    // Somebody makes it lead elsewhere.
    fs::remove_file(&link).unwrap();
    ground.link("w/link", &ground.path("o/b"));
    let changes = [change(&link, Some("old"), Some("new"))];
    assert_eq!(
        ground.told(files.apply(&changes, &consent)),
        "`w/link` is outside of the folders that may be written."
    );
    fs::remove_file(&link).unwrap();
    ground.link("w/link", &ground.path("o/a"));
    assert_eq!(ground.told(files.apply(&changes, &consent)), "done");
    assert_eq!(ground.all()["o/a"], "new");
    assert!(link.is_symlink());
    // Also where the sandbox writes nothing.
    let a = ground.path("o/a");
    let outcome = ground.read_only().apply(&[change(&a, Some("new"), Some("newer"))], &consent);
    assert_eq!(ground.told(outcome), "done");
}

#[test]
fn a_folder_that_becomes_a_link_after_consent_is_not_followed() {
    let ground = Ground::new();
    ground.write("o/sub/a", "old");
    let files = ground.files();
    let a = ground.path("o/sub/a");
    let consent = [a.clone()];
    fs::rename(ground.path("o/sub"), ground.path("o/elsewhere")).unwrap();
    ground.link("o/sub", &ground.path("o/elsewhere"));
    let outcome = files.apply(&[change(&a, Some("old"), Some("new"))], &consent);
    assert_eq!(ground.told(outcome), "`o/sub/a` is outside of the folders that may be written.");
    assert_eq!(ground.all()["o/elsewhere/a"], "old");
}

#[test]
fn links_are_written_through_and_removed_themselves() {
    let ground = Ground::new();
    ground
        .write("w/file", "old")
        .link("w/link", Path::new("file"))
        .link("w/out", &ground.path("o/outside.txt"));
    let files = ground.files();
    let (file, link, out) = (ground.path("w/file"), ground.path("w/link"), ground.path("w/out"));
    let twice = [change(&file, Some("old"), Some("1")), change(&link, Some("old"), Some("2"))];
    assert_eq!(ground.told(files.apply(&twice, &[])), "`w/link` is changed twice, under two names.");
    files.apply(&[change(&link, Some("old"), Some("new"))], &[]).unwrap();
    assert_eq!((ground.all()["w/file"].as_str(), link.is_symlink()), ("new", true));
    files.apply(&[change(&out, Some("outside"), None), change(&link, Some("new"), None)], &[]).unwrap();
    let all = ground.all();
    assert!(!all.contains_key("w/link@") && !all.contains_key("w/out@"));
    assert_eq!((all["w/file"].as_str(), all["o/outside.txt"].as_str()), ("new", "outside"));
}

#[test]
fn another_name_of_the_file_keeps_the_old_text() {
    let ground = Ground::new();
    let hard = ground.path("w/hard");
    fs::hard_link(ground.path("o/outside.txt"), &hard).unwrap();
    ground.files().apply(&[change(&hard, Some("outside"), Some("mine"))], &[]).unwrap();
    let all = ground.all();
    assert_eq!((all["o/outside.txt"].as_str(), all["w/hard"].as_str()), ("outside", "mine"));
}

#[test]
fn modes_stay_and_new_files_have_the_usual_one() {
    let ground = Ground::new();
    ground.write("w/tool", "old").write("w/private", "old").write("w/moved", "old").write("w/usual", "");
    for (name, mode) in [("w/tool", 0o755), ("w/private", 0o600), ("w/moved", 0o640)] {
        fs::set_permissions(ground.path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let paths = ["w/tool", "w/private", "w/moved", "w/to", "w/new"].map(|name| ground.path(name));
    let [tool, private, moved, to, new] = &paths;
    let there = FileChange { path: to, before: None, after: Some(b"old"), mode_of: Some(moved) };
    let changes = [
        change(tool, Some("old"), Some("new")),
        change(private, Some("old"), Some("new")),
        // Its old place goes first.
        change(moved, Some("old"), None),
        there,
        change(new, None, Some("new")),
    ];
    ground.files().apply(&changes, &[]).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o7777;
    let modes = [tool, private, to].map(|path| mode(path));
    assert_eq!(modes, [0o755, 0o600, 0o640]);
    assert_eq!(mode(new), mode(&ground.path("w/usual")));
}

#[test]
fn only_plain_files() {
    let ground = Ground::new();
    ground.write("w/folder/x", "");
    let (socket, pipe, folder) = (ground.path("w/socket"), ground.path("w/pipe"), ground.path("w/folder"));
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let mut paths = vec![&socket, &folder];
    if cfg!(target_os = "linux") {
        make_pipe(&pipe);
        paths.push(&pipe);
    }
    let before = ground.all();
    let files = ground.files();
    for path in paths {
        assert!(matches!(files.read(path, 10).unwrap_err().problem, Problem::NotAFile));
        for (before, after) in [(None, Some("x")), (Some(""), None), (Some(""), Some("x"))] {
            let problem = files.apply(&[change(path, before, after)], &[]).unwrap_err().problem;
            assert!(matches!(problem, Problem::NotAFile), "{problem}");
        }
    }
    assert_eq!(ground.all(), before);
}

#[cfg(target_os = "linux")]
fn make_pipe(path: &Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

#[cfg(not(target_os = "linux"))]
fn make_pipe(_: &Path) {}

#[test]
fn all_or_nothing_when_one_does_not_fit() {
    let ground = Ground::new();
    ground.write("w/a", "a").write("w/b", "b").write("w/c", "c");
    let before = ground.all();
    let files = ground.files();
    let paths = ["w/a", "w/new/deep", "w/b", "w/c", "o/outside.txt", "w/c/below", "w/.git/hooks/x"];
    let [a, deep, b, c, outside, below, hook] = paths.map(|name| ground.path(name));
    let good = || {
        vec![change(&a, Some("a"), Some("A")), change(&deep, None, Some("deep")), change(&b, Some("b"), None)]
    };
    let bad = [
        change(&c, Some("not c"), Some("C")),
        change(&c, None, Some("C")),
        change(&outside, Some("outside"), Some("mine")),
        change(&below, None, Some("x")),
        change(&hook, None, Some("x")),
    ];
    for bad in bad {
        for place in 0..=3 {
            let mut changes = good();
            changes.insert(place, bad);
            assert!(files.apply(&changes, &[]).is_err(), "{bad:?}");
            assert_eq!(ground.all(), before, "{bad:?}");
        }
    }
    files.apply(&good(), &[]).unwrap();
    assert_ne!(ground.all(), before);
}

#[test]
fn files_change_places() {
    let ground = Ground::new();
    ground.write("w/a", "a").write("w/b", "b");
    let (a, b) = (ground.path("w/a"), ground.path("w/b"));
    let changes = [
        FileChange { path: &a, before: Some(b"a"), after: Some(b"b"), mode_of: Some(&b) },
        FileChange { path: &b, before: Some(b"b"), after: Some(b"a"), mode_of: Some(&a) },
    ];
    ground.files().apply(&changes, &[]).unwrap();
    let all = ground.all();
    assert_eq!((all["w/a"].as_str(), all["w/b"].as_str()), ("b", "a"));
}

#[test]
fn a_large_file_is_refused_and_a_limit_is_exact() {
    let ground = Ground::new();
    ground.write("w/a", "12345");
    let (files, a) = (ground.files(), ground.path("w/a"));
    assert_eq!(files.read(&a, 5).unwrap().unwrap(), b"12345");
    let error = files.read(&a, 4).unwrap_err();
    assert_eq!(ground.told(Err(error)), "`w/a` is larger than 4 bytes.");
}

#[test]
fn who_may_not_write_a_file_does_not_replace_it() {
    if rustix::process::geteuid().is_root() {
        // Root may.
        return;
    }
    let ground = Ground::new();
    ground.write("w/a", "a");
    let a = ground.path("w/a");
    fs::set_permissions(&a, fs::Permissions::from_mode(0o444)).unwrap();
    let outcome = ground.files().apply(&[change(&a, Some("a"), Some("b"))], &[]);
    assert_eq!(ground.told(outcome), "`w/a` is write-protected.");
}

/// Exchanges two names as fast as it can while `work` runs.
fn while_swapping(one: &Path, other: &Path, work: impl FnOnce()) {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE);
            }
        });
        work();
        stop.store(true, Ordering::Relaxed);
    });
}

const ROUNDS: usize = 1_000;

#[test]
fn a_folder_swapped_for_a_link_is_never_followed() {
    let ground = Ground::new();
    ground.write("w/d/keep", "").write("h/file", "secret").write("w/d/file", "plain");
    ground.link("w/to-o", &ground.path("o")).link("w/to-h", &ground.path("h"));
    let outside = |all: BTreeMap<String, String>| -> Vec<(String, String)> {
        all.into_iter().filter(|(name, _)| name.starts_with("o/") || name.starts_with("h/")).collect()
    };
    let before = outside(ground.all());
    let (files, full) = (ground.files(), ground.full());
    let (d, file, new) = (ground.path("w/d"), ground.path("w/d/file"), ground.path("w/d/new"));
    while_swapping(&d, &ground.path("w/to-o"), || {
        for _ in 0..ROUNDS {
            let _ = files.apply(&[change(&new, None, Some("new"))], &[]);
            let _ = files.apply(&[change(&new, Some("new"), None)], &[]);
        }
    });
    assert_eq!(outside(ground.all()), before);
    while_swapping(&d, &ground.path("w/to-h"), || {
        for _ in 0..ROUNDS {
            for files in [&files, &full] {
                if let Ok(Some(bytes)) = files.read(&file, 100) {
                    assert_eq!(bytes, b"plain");
                }
                let _ =
                    files.apply(&[change(&file, Some("secret"), Some("mine"))], std::slice::from_ref(&file));
            }
        }
    });
    assert_eq!(outside(ground.all()), before);
}

#[test]
fn a_file_swapped_for_a_link_is_never_followed() {
    let ground = Ground::new();
    ground.write("w/file", "outside").link("w/link", &ground.path("o/outside.txt"));
    let (files, file) = (ground.files(), ground.path("w/file"));
    while_swapping(&file, &ground.path("w/link"), || {
        for _ in 0..ROUNDS {
            let _ = files.apply(&[change(&file, Some("outside"), Some("mine"))], &[]);
            let _ = files.apply(&[change(&file, Some("mine"), Some("outside"))], &[]);
        }
    });
    let all = ground.all();
    assert_eq!(all["o/outside.txt"], "outside");
    let left: Vec<&String> = all.keys().filter(|name| name.contains(".codex-change")).collect();
    assert!(left.is_empty(), "{left:?}");
}

mod random {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 6] = ["w/a", "w/b", "w/d/a", "w/d/e/b", "w/new/c", "o/x"];

    /// What to do to a name: nothing, write, remove; and whether the caller knows what is there.
    fn wishes() -> impl Strategy<Value = Vec<(Option<Option<String>>, bool)>> {
        let after = prop_oneof![
            1 => Just(None),
            2 => Just(Some(None)),
            4 => "[a-c]{0,3}(\r\n)?".prop_map(|text| Some(Some(text))),
        ];
        proptest::collection::vec((after, proptest::bool::weighted(0.95)), NAMES.len())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn all_is_done_or_nothing(there in proptest::bits::u8::masked(0b11_1111), wishes in wishes(), consents: bool) {
            let ground = Ground::new();
            for (index, name) in NAMES.iter().enumerate().filter(|(index, _)| there & (1 << index) != 0) {
                ground.write(name, &format!("old {index}"));
            }
            let mut model: BTreeMap<String, String> = ground.all();
            let before = model.clone();
            let paths = NAMES.map(|name| ground.path(name));
            let olds = NAMES.map(|name| before.get(name).map(String::as_str));
            let mut changes = Vec::new();
            let mut fits = true;
            for (index, (wish, known)) in wishes.iter().enumerate() {
                let Some(after) = wish else { continue };
                if after.is_none() && olds[index].is_none() {
                    continue;
                }
                let said = if *known { olds[index] } else { Some("something else") };
                fits &= *known && (consents || index != 5);
                changes.push(change(&paths[index], said, after.as_deref()));
                match after {
                    Some(text) => model.insert(NAMES[index].to_owned(), text.clone()),
                    None => model.remove(NAMES[index]),
                };
            }
            let consent = if consents { vec![ground.path("o/x")] } else { Vec::new() };
            let done = ground.files().apply(&changes, &consent);
            prop_assert_eq!(done.is_ok(), fits, "{:?}", done);
            let files = |all: BTreeMap<String, String>| -> Vec<_> {
                all.into_iter().filter(|(name, _)| !name.ends_with('/')).collect()
            };
            if fits {
                prop_assert_eq!(files(ground.all()), files(model));
            } else {
                prop_assert_eq!(ground.all(), before);
            }
        }
    }
}
