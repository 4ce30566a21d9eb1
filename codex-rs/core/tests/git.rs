//! What has changed in a folder, as our own calls of git tell it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "test code")]

mod support;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use codex_config::{Config, TrustLevel};
use insta::assert_snapshot;
use support::{Lab, backend};

/// Plain git, as a person runs it.
fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    let fixed = ["-c", "user.name=me", "-c", "user.email=me@example.org", "-c", "protocol.file.allow=always"];
    command.args(fixed).args(arguments).current_dir(folder).env("GIT_CONFIG_NOSYSTEM", "1");
    for (name, value) in [("HOME", "/nonexistent"), ("GIT_CONFIG_GLOBAL", "/dev/null")] {
        command.env(name, value);
    }
    let said = command.output().unwrap();
    assert!(said.status.success(), "git {arguments:?}: {said:?}");
}

fn repository(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    git(folder, &["init", "-q", "-b", "main"]);
}

fn commit(folder: &Path) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", "so far"]);
}

fn lab() -> Lab {
    let lab = Lab::new(backend([]));
    repository(&lab.project);
    lab
}

fn trusting(folders: &[&Path]) -> Config {
    let trusted = |folder: &&Path| (folder.display().to_string(), TrustLevel::Trusted);
    Config { projects: folders.iter().map(trusted).collect(), ..Config::default() }
}

/// The diff, or in brackets why there is none.
async fn diff_in(lab: &Lab, config: &Config, folder: &Path) -> String {
    match lab.engine.git_diff(config, folder).await {
        Ok(diff) => diff,
        Err(why) => format!("({why})"),
    }
}

async fn diff(lab: &Lab) -> String {
    diff_in(lab, &trusting(&[&lab.project]), &lab.project).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_the_last_commit_and_what_is_new() {
    let lab = lab();
    let write = |name: &str, text: &str| fs::write(lab.project.join(name), text).unwrap();
    write("kept.txt", "kept\n");
    write("edited.txt", "one\ntwo\n");
    write("staged.txt", "one\n");
    write("gone.txt", "gone\n");
    write(".gitignore", "*.log\n");
    // The settings of the person and of the project do not change how it reads.
    for (key, value) in [("diff.noprefix", "true"), ("color.ui", "always"), ("diff.orderFile", "absent")] {
        git(&lab.project, &["config", key, value]);
    }
    commit(&lab.project);
    assert_eq!(diff(&lab).await, "");
    write("edited.txt", "one\nzwei\n");
    write("staged.txt", "eins\n");
    git(&lab.project, &["add", "staged.txt"]);
    fs::remove_file(lab.project.join("gone.txt")).unwrap();
    write("new ä \"1\".txt", "new\nlast");
    write("run.sh", "#!/bin/sh\n");
    fs::set_permissions(lab.project.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    write("empty", "");
    write("ignored.log", "ignored\n");
    fs::write(lab.project.join("picture"), b"\x89PNG\0").unwrap();
    symlink("/etc/passwd", lab.project.join("link")).unwrap();
    make_pipe(&lab.project.join("pipe"));
    repository(&lab.project.join("another"));
    assert_snapshot!(diff(&lab).await, @r#"
    diff --git a/edited.txt b/edited.txt
    index 814f4a4..672c205 100644
    --- a/edited.txt
    +++ b/edited.txt
    @@ -1,2 +1,2 @@
     one
    -two
    +zwei
    diff --git a/gone.txt b/gone.txt
    deleted file mode 100644
    index 286c5f5..0000000
    --- a/gone.txt
    +++ /dev/null
    @@ -1 +0,0 @@
    -gone
    diff --git a/staged.txt b/staged.txt
    index 5626abf..5f51113 100644
    --- a/staged.txt
    +++ b/staged.txt
    @@ -1 +1 @@
    -one
    +eins
    diff --git a/empty b/empty
    new file mode 100644
    diff --git a/link b/link
    new file mode 120000
    --- /dev/null
    +++ b/link
    @@ -0,0 +1 @@
    +/etc/passwd
    \ No newline at end of file
    diff --git "a/new ä \"1\".txt" "b/new ä \"1\".txt"
    new file mode 100644
    --- /dev/null
    +++ "b/new ä \"1\".txt"
    @@ -0,0 +1,2 @@
    +new
    +last
    \ No newline at end of file
    diff --git a/picture b/picture
    new file mode 100644
    Binary files /dev/null and b/picture differ
    diff --git a/run.sh b/run.sh
    new file mode 100755
    --- /dev/null
    +++ b/run.sh
    @@ -0,0 +1 @@
    +#!/bin/sh
    "#);
    fs::create_dir(lab.project.join("below")).unwrap();
    let below = lab.project.join("below");
    let config = trusting(&[&lab.project]);
    assert_eq!(diff_in(&lab, &config, &below).await, diff(&lab).await, "of the whole repository");
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_without_a_commit_shows_everything() {
    let lab = lab();
    fs::write(lab.project.join("one.txt"), "one\n").unwrap();
    fs::write(lab.project.join("two.txt"), "two\n").unwrap();
    git(&lab.project, &["add", "one.txt"]);
    assert_snapshot!(diff(&lab).await, @"
    diff --git a/one.txt b/one.txt
    new file mode 100644
    index 0000000..5626abf
    --- /dev/null
    +++ b/one.txt
    @@ -0,0 +1 @@
    +one
    diff --git a/two.txt b/two.txt
    new file mode 100644
    --- /dev/null
    +++ b/two.txt
    @@ -0,0 +1 @@
    +two
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_trust_or_a_repository_there_is_a_sentence() {
    let lab = lab();
    let not_trusted = "(This folder is not trusted, so git is not run in it.)";
    assert_eq!(diff_in(&lab, &Config::default(), &lab.project).await, not_trusted);
    let mut config = trusting(&[&lab.project]);
    // Somebody else's repository in a folder that is trusted.
    let inner = lab.project.join("vendor/inner");
    repository(&inner);
    assert_eq!(diff_in(&lab, &config, &inner).await, not_trusted);
    // With other marks of a project's root, too: git would look further up or down than the trust goes.
    config.trust_markers = vec![".hg".to_owned()];
    assert_eq!(diff_in(&lab, &config, &inner).await, not_trusted);
    assert_eq!(diff_in(&lab, &trusting(&[&inner]), &inner).await, "");
    let plain = lab.project.parent().unwrap().join("plain");
    fs::create_dir(&plain).unwrap();
    let nowhere = "(This folder is in no git repository.)";
    assert_eq!(diff_in(&lab, &trusting(&[&plain]), &plain).await, nowhere);
    // What only looks like a repository is not taken for one.
    git(&plain, &["init", "-q", "--bare", "bare"]);
    let bare = plain.join("bare");
    assert_eq!(diff_in(&lab, &trusting(&[&bare]), &bare).await, nowhere);
    fs::create_dir(plain.join(".git")).unwrap();
    let said = diff_in(&lab, &trusting(&[&plain]), &plain).await;
    assert!(said.starts_with("(git cannot say what has changed: fatal: not a git repository"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_long_is_not_cut_in_silence() {
    let lab = lab();
    let long = "(What has changed is more than 1 MiB; look at it with git itself, or let git ignore what does not belong \
                to the project.)";
    let line = "a line of some length, again and again\n";
    fs::write(lab.project.join("long.txt"), line.repeat(10_000)).unwrap();
    assert_snapshot!(diff(&lab).await, @"
    diff --git a/long.txt b/long.txt
    new file mode 100644
    Binary files /dev/null and b/long.txt differ
    ");
    for number in 0..6 {
        fs::write(lab.project.join(format!("{number}.txt")), line.repeat(6_000)).unwrap();
    }
    assert_eq!(diff(&lab).await, long);
    commit(&lab.project);
    for number in 0..6 {
        fs::write(lab.project.join(format!("{number}.txt")), "short\n").unwrap();
    }
    assert_eq!(diff(&lab).await, long);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_do_not_run_and_odd_ones_are_refused() {
    let lab = lab();
    fs::write(lab.project.join("a.txt"), "a\n").unwrap();
    commit(&lab.project);
    let set = |key: &str, value: &str| git(&lab.project, &["config", key, value]);
    // The walls let nothing be written, so each is seen by what git makes of it: other text, or a failure.
    for driver in ["evil", "ä b.c", "", "odd'one"] {
        set(&format!("filter.{driver}.clean"), "echo ran; cat");
    }
    for driver in ["EVIL", "evil"] {
        set(&format!("filter.{driver}.process"), "echo ran");
        set(&format!("filter.{driver}.required"), "true");
    }
    for driver in ["evil", "\"ä b.c\"", "EVIL", "", "odd'one"] {
        // This file is not replaced by `--attr-source`.
        fs::write(lab.project.join(".git/info/attributes"), format!("*.txt filter={driver}\n")).unwrap();
        fs::write(lab.project.join("a.txt"), format!("by {driver}\n")).unwrap();
        let said = diff(&lab).await;
        assert!(said.ends_with(&format!("@@ -1 +1 @@\n-a\n+by {driver}\n")), "{driver}: {said}");
    }
    set("filter.odd=name.clean", "echo ran; cat");
    assert!(diff(&lab).await.starts_with("(This repository's configuration has filters"));
}

#[tokio::test(flavor = "multi_thread")]
async fn git_is_not_taken_from_the_repository() {
    let lab = lab();
    fs::write(lab.project.join("git"), "#!/bin/sh\necho mine\n").unwrap();
    fs::set_permissions(lab.project.join("git"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut options = lab.engine.options().clone();
    for path in [".", "", lab.project.to_str().unwrap()] {
        options.environment = vec![("PATH".to_owned(), path.to_owned())];
        let engine = codex_core::Engine::new(options.clone());
        let said = engine.git_diff(&trusting(&[&lab.project]), &lab.project).await.unwrap_err().to_string();
        assert!(said.starts_with("There is no git"), "{path:?}: {said}");
    }
}
