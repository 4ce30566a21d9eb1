//! The program: what it prints, its exit codes, and what it refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

struct Stage {
    folder: tempfile::TempDir,
}

const MODEL: &str = "struct A {\n    one: u8,\n}\n";
const PATCH: &str = "title = 't'\nreason = 'r'\n[[edit]]\nat = 'login: after field A.one'\ninsert = 'two: u8,'\n\
    [[file]]\ncrate = 'tui'\npath = 'src/deep/er/new.rs'\nfrom = 'new.rs'\n";
const MORE: &str =
    "title = 't'\nreason = 'r'\n[[edit]]\nat = 'login: after field A.one'\ninsert = 'three: u8,'\n";
const AWAY: &str =
    "title = 't'\nreason = 'r'\n[[edit]]\nat = 'login: after field A.zero'\ninsert = 'three: u8,'\n";

impl Stage {
    fn new() -> Self {
        let stage = Stage { folder: tempfile::tempdir().unwrap() };
        for member in ["login", "core", "tui", "app-server"] {
            stage.write(&format!("tree/codex-rs/{member}/src/lib.rs"), MODEL);
        }
        let workspace =
            "[workspace]\nmembers = ['login', 'core', 'tui', 'app-server']\npackage.version = '0.122.0'\n";
        stage.write("tree/codex-rs/Cargo.toml", workspace);
        stage.write("patches/core/10-a.toml", PATCH);
        stage.write("patches/full/10-b.toml", MORE);
        stage.write("patches/full/20-c.toml", AWAY);
        stage.write("patches/files/new.rs", "//! New.\n");
        stage
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Exit code, and what is printed.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_codex-patch"))
            .arg("--patches")
            .arg(self.path("patches"))
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    #[track_caller]
    fn expect(&self, arguments: &[&str], code: i32, told: &str) {
        let (found, text) = self.run(arguments);
        assert!(found == code && text.contains(told), "{arguments:?}: {found}\n{text}");
    }

    fn git(&self, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command.args(identity).args(arguments).current_dir(self.path("tree"));
        assert!(command.output().unwrap().status.success());
    }
}

#[test]
fn from_check_to_revert() {
    let stage = Stage::new();
    stage.expect(
        &["check", "tree"],
        0,
        "2 steps: 2 found, 0 applied, 0 for other trees, 0 missing or ambiguous",
    );
    stage.expect(&["check", "tree/codex-rs"], 0, "version 0.122.0");
    stage.expect(&["status", "tree"], 0, "not applied");
    stage.expect(&["revert", "tree"], 1, "no patches are applied here");
    stage.expect(&["apply", "tree", "--dry-run"], 0, "1 patches would write these 2 files");
    stage.expect(
        &["diff", "tree"],
        0,
        "+++ b/codex-rs/login/src/lib.rs\n@@ -1,3 +1,4 @@\n struct A {\n     one: u8,\n+    two: u8,\n }\n",
    );
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), MODEL);

    stage.expect(&["apply", "tree"], 0, "1 patches applied, 2 files written");
    stage.expect(&["apply", "tree"], 0, "nothing to do: the patches are applied");
    stage.expect(&["status", "tree"], 0, "applied: series core, 1 patches, 2 files");
    stage.expect(&["check", "tree"], 0, "0 found, 2 applied");
    stage.expect(&["diff", "tree"], 0, "--- /dev/null\n+++ b/codex-rs/tui/src/deep/er/new.rs\n");

    // The larger series goes over the smaller one; what this tree does not take is skipped and told.
    stage.expect(&["check", "tree", "--series", "full"], 0, "nothing is like it; it has one");
    stage.expect(&["apply", "tree", "--series", "full"], 0, "full/20-c: skipped");
    assert_eq!(
        stage.read("tree/codex-rs/login/src/lib.rs"),
        "struct A {\n    one: u8,\n    two: u8,\n    three: u8,\n}\n"
    );
    stage.expect(&["status", "tree"], 0, "applied: series full, 2 patches, 2 files");

    stage.write("tree/codex-rs/login/src/lib.rs", MODEL);
    stage.expect(&["status", "tree"], 1, "partly applied");
    stage.expect(&["revert", "tree"], 0, "1 files are as they were");
    assert!(!stage.path("tree/codex-rs/tui/src/deep").exists());
    assert!(!stage.path("tree/codex-rs/.codex-patch").exists());
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), MODEL);
}

#[test]
fn what_is_refused() {
    let stage = Stage::new();
    stage.expect(&["check", "nowhere"], 1, "nowhere is no Codex tree: it is no folder");
    stage.expect(&["check", "patches"], 1, "neither it nor codex-rs in it has a Cargo.toml");
    stage.write("other/Cargo.toml", "[workspace]\nmembers = ['login']\n");
    stage.expect(&["apply", "other"], 1, "is no Codex tree: it has no folder login");
    stage.expect(&["apply"], 2, "Usage");
    stage.expect(&["apply", "tree", "--series", "all"], 2, "possible values: core, full");

    // In the way, and what comes from another copy of the tree.
    stage.write("tree/codex-rs/tui/src/deep/er/new.rs", "//! Other.\n");
    stage.expect(&["check", "tree"], 1, "tui/src/deep/er/new.rs is in the way");
    stage.expect(
        &["apply", "tree"],
        1,
        "this tree (version 0.122.0) does not have all places of the series, 1 are missing",
    );
    stage.write("tree/codex-rs/tui/src/deep/er/new.rs", "//! New.\n");
    stage.expect(
        &["apply", "tree"],
        1,
        "the tree holds a part of the patches, without a record of them: core/10-a",
    );
    stage.expect(&["status", "tree"], 1, "partly applied");
    stage.write("tree/codex-rs/login/src/lib.rs", "struct A {\n    one: u8,\n    two: u8,\n}\n");
    stage.expect(&["apply", "tree"], 0, "nothing to do");
    stage.expect(&["status", "tree"], 0, "applied, without a record");

    // A version that nobody tried is told; the anchors decide.
    let manifest = stage.read("tree/codex-rs/Cargo.toml");
    stage.write("tree/codex-rs/Cargo.toml", &manifest.replace("0.122.0", "9.9.9"));
    stage.expect(&["check", "tree"], 0, "version 9.9.9, on which nobody tried the patches");

    // A record is not believed if it leads out of the tree.
    let kept = r#"{"series":"core","patches":[],"files":{"../x":{"before":"","after":""}}}"#;
    stage.write("tree/codex-rs/.codex-patch/record.json", kept);
    stage.expect(&["revert", "tree"], 1, "`../x` is no file of the tree");
    assert!(!stage.path("tree/x").exists());
}

#[test]
fn changes_that_are_not_committed_are_safe() {
    let stage = Stage::new();
    stage.git(&["init", "-q"]);
    stage.git(&["add", "."]);
    stage.git(&["commit", "-qm", "one"]);
    stage.write("tree/codex-rs/core/src/lib.rs", "// work\n");
    stage.write("tree/codex-rs/Cargo.lock", "");
    stage.expect(
        &["apply", "tree"],
        1,
        "have changes that are not committed: core/src/lib.rs; commit them, or say --force",
    );
    stage.expect(&["apply", "tree", "--force"], 0, "2 files written");
    stage.expect(&["apply", "tree"], 0, "nothing to do");
    stage.expect(&["revert", "tree"], 0, "2 files are as they were");
    stage.git(&["checkout", "-q", "."]);
    stage.expect(&["apply", "tree"], 0, "2 files written");
    stage.expect(&["apply", "tree", "--series", "full"], 0, "1 files written");
    let output = Command::new("git").args(["status", "--porcelain"]).current_dir(stage.path("tree")).output();
    let told = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(!told.contains(".codex-patch"), "the record is none of git's: {told}");
}

#[test]
fn a_record_does_not_outlive_what_git_undid() {
    let stage = Stage::new();
    stage.write("patches/core/20-d.toml", &MORE.replace("login", "core"));
    stage.git(&["init", "-q"]);
    stage.git(&["add", "."]);
    stage.git(&["commit", "-qm", "one"]);
    stage.expect(&["apply", "tree"], 0, "3 files written");

    // One of two is somebody's now: nothing is touched.
    stage.write("tree/codex-rs/core/src/lib.rs", "// work\n");
    let partly = "partly applied; these are not as the patches leave them:\n  core/src/lib.rs";
    stage.expect(&["status", "tree"], 1, partly);
    let changed = "these files changed after the patches were applied: core/src/lib.rs";
    stage.expect(&["revert", "tree"], 1, changed);
    stage.expect(&["apply", "tree"], 1, changed);
    assert_eq!(stage.read("tree/codex-rs/core/src/lib.rs"), "// work\n");

    // Git undid them, and the tree moved on; only our new file is still there.
    stage.git(&["checkout", "-q", "."]);
    let next = format!("// Next.\n{MODEL}");
    stage.write("tree/codex-rs/login/src/lib.rs", &next);
    stage.git(&["commit", "-qam", "two"]);
    stage.expect(
        &["status", "tree"],
        1,
        "partly applied; these are not as the patches leave them:\n  tui/src/deep/er/new.rs",
    );
    stage.expect(&["apply", "tree"], 0, "2 files written");
    stage.expect(&["status", "tree"], 0, "applied: series core, 2 patches, 3 files");
    stage.expect(&["revert", "tree"], 0, "3 files are as they were");
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), next);
    assert!(!stage.path("tree/codex-rs/tui/src/deep").exists());

    // The same, and nothing of ours is left.
    stage.expect(&["apply", "tree"], 0, "3 files written");
    stage.git(&["checkout", "-q", "."]);
    stage.git(&["clean", "-fdq"]);
    stage.write("tree/codex-rs/login/src/lib.rs", MODEL);
    stage.git(&["commit", "-qam", "three"]);
    stage.expect(&["status", "tree"], 0, "not applied");
    stage.expect(&["revert", "tree"], 0, "0 files are as they were");
    stage.expect(&["apply", "tree"], 0, "3 files written");
}

#[test]
fn without_a_record_the_texts_are_recognized() {
    let stage = Stage::new();
    stage.write("tree/codex-rs/login/src/lib.rs", &format!("{MODEL}\nfn f() {{}}\n"));
    for (name, text) in [("core/30-a", "fn a() {}"), ("full/30-b", "fn b() {}"), ("full/40-c", "fn c() {}")] {
        let patch = PATCH.split("[[file]]").next().unwrap().replace("after field A.one", "before fn f");
        stage.write(&format!("patches/{name}.toml"), &patch.replace("two: u8,", text));
    }
    stage.expect(&["apply", "tree", "--series", "full"], 0, "2 files written");
    let text = stage.read("tree/codex-rs/login/src/lib.rs");
    fs::remove_dir_all(stage.path("tree/codex-rs/.codex-patch")).unwrap();
    stage.expect(&["status", "tree"], 0, "applied, without a record");
    stage.expect(
        &["check", "tree", "--series", "full"],
        0,
        "0 found, 6 applied, 0 for other trees, 1 missing",
    );
    stage.expect(&["apply", "tree", "--series", "full"], 0, "nothing to do");
    stage.expect(&["apply", "tree"], 0, "nothing to do");
    stage.expect(&["revert", "tree"], 1, "no patches are applied here");
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), text);

    // One text of a patch is gone: it is told of, and put in by nobody.
    stage.write("tree/codex-rs/login/src/lib.rs", &text.replace("    two: u8,\n", ""));
    stage.expect(
        &["status", "tree"],
        1,
        "partly applied; these are not as the patches leave them:\n  core/10-a",
    );
    stage.expect(
        &["apply", "tree"],
        1,
        "the tree holds a part of the patches, without a record of them: core/10-a",
    );
}

#[test]
fn what_cannot_be_written_leaves_the_tree_as_it_was() {
    // Root may write everywhere.
    if fs::metadata("/proc/self").map(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata)).unwrap_or(0)
        == 0
    {
        return by_a_folder_in_the_way();
    }
    let stage = Stage::new();
    set_mode(&stage.path("tree/codex-rs/tui/src"), 0o555);
    stage.expect(&["apply", "tree"], 1, "the tree is as it was");
    set_mode(&stage.path("tree/codex-rs/tui/src"), 0o755);
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), MODEL);
    assert!(!stage.path("tree/codex-rs/.codex-patch").exists());
}

fn by_a_folder_in_the_way() {
    let stage = Stage::new();
    // A file where a folder is needed.
    stage.write("tree/codex-rs/tui/src/deep", "");
    stage.expect(&["apply", "tree"], 1, "the tree is as it was");
    assert_eq!(stage.read("tree/codex-rs/login/src/lib.rs"), MODEL);
    assert!(!stage.path("tree/codex-rs/.codex-patch").exists());
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
